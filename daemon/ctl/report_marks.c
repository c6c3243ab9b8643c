/*
 * Marks out of events, periods out of notices, spans out of coverage. Each row is read once.
 */
#include "daemon/ctl/report_marks.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/roads.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"
#include "daemon/time_text.h"

/* A family of event types: those that begin with this text. */
static const struct {
    const char *begin;
    enum report_lane lane;
    enum report_look look;
} families[] = {
    {"notice.draft", REPORT_NOTICES, REPORT_PALE}, {"notice.", REPORT_NOTICES, REPORT_FULL},
    {"counter.", REPORT_NOTICES, REPORT_HOLLOW},   {"sighting", REPORT_SIGHTINGS, REPORT_FULL},
    {"takedown", REPORT_REMOVALS, REPORT_FULL},    {"restore", REPORT_REMOVALS, REPORT_HOLLOW},
    {"support", REPORT_SUPPORT, REPORT_FULL},      {"order", REPORT_ORDERS, REPORT_FULL},
    {"strike", REPORT_STRIKES, REPORT_FULL},
};

static int add_mark(struct report_marks *marks, const struct report_mark *mark)
{
    struct report_mark *at = vector_room(marks->at, &marks->room, marks->count, 1, sizeof *at);
    if (at == NULL)
        return -ENOMEM;
    marks->at = at;
    at[marks->count++] = *mark;
    return 0;
}

/* What findings rest on is drawn full: live sightings (domain 2.1), and support of an affirmative
   kind (op. at 7: "advertising, preferred status, or other support"). */
static enum report_look look_of(const struct rows_line *line, enum report_look look)
{
    if (rows_is(line, "type", "sighting")) {
        if (rows_is(line, "via", "cache") || rows_is(line, "via", "search_index"))
            return REPORT_PALE;
        return rows_is(line, "state", "gone") ? REPORT_HOLLOW : look;
    }
    if (rows_is(line, "type", "support")) {
        const struct json_value *kind = sentence_member(line->members, line->count, "kind");
        struct knowledge_text text = {NULL, 0};
        if (kind != NULL && kind->type == JSON_STRING)
            text = (struct knowledge_text){kind->text, kind->len};
        return knowledge_is_affirmative(text) ? look : REPORT_PALE;
    }
    return look;
}

static int add_event(struct report_marks *marks, const struct rows_line *line)
{
    struct report_mark mark = {.lane = REPORT_WARNINGS,
                               .at_ns = line->at_ns,
                               .unc_ns = line->unc_ms * MOMENT_NS_PER_MS,
                               .seq = line->row->seq};
    if (line->row->warning)
        return add_mark(marks, &mark);
    const struct json_value *type = sentence_member(line->members, line->count, "type");
    for (size_t i = 0; i < sizeof families / sizeof *families && type != NULL; i++) {
        size_t len = strlen(families[i].begin);
        if (type->type != JSON_STRING || type->len < len ||
            memcmp(type->text, families[i].begin, len) != 0)
            continue;
        mark.lane = families[i].lane;
        mark.look = look_of(line, families[i].look);
        return add_mark(marks, &mark);
    }
    return 0;
}

/* The number of the platform that the line names; REPORT_PLATFORMS_MAX: none, or one too many. */
static size_t find_platform(struct report_marks *marks, const struct rows_line *line)
{
    const struct json_value *name = sentence_member(line->members, line->count, "platform");
    if (name == NULL || name->type != JSON_STRING)
        return REPORT_PLATFORMS_MAX;
    for (size_t i = 0; i < marks->platforms_count; i++)
        if (rows_is(line, "platform", marks->platforms[i]))
            return i;
    marks->more_platforms = marks->platforms_count == REPORT_PLATFORMS_MAX;
    if (marks->more_platforms)
        return REPORT_PLATFORMS_MAX;
    char *copy = strndup(name->text, name->len);
    if (copy == NULL)
        return SIZE_MAX;
    marks->platforms[marks->platforms_count] = copy;
    return marks->platforms_count++;
}

static bool read_time(const struct rows_line *line, const char *name, int64_t *ret_ns)
{
    const struct json_value *value = sentence_member(line->members, line->count, name);
    return value != NULL && value->type == JSON_STRING &&
           time_text_parse(value->text, value->len, ret_ns) == 0;
}

/* The platform of the line, and what the line says of how it was crawled. 0 or -ENOMEM. */
static int add_platform(struct report_marks *marks, const struct rows_line *line)
{
    struct report_span span = {.platform = find_platform(marks, line), .seq = line->row->seq};
    if (span.platform == SIZE_MAX)
        return -ENOMEM;
    if (span.platform == REPORT_PLATFORMS_MAX || !rows_is(line, "type", "coverage") ||
        !rows_is(line, "kind", "crawl") || !read_time(line, "from", &span.from_ns) ||
        !read_time(line, "to", &span.to_ns) || span.from_ns >= span.to_ns)
        return 0;
    struct report_span *spans =
        vector_room(marks->spans, &marks->spans_room, marks->spans_count, 1, sizeof *spans);
    if (spans == NULL)
        return -ENOMEM;
    marks->spans = spans;
    spans[marks->spans_count++] = span;
    return 0;
}

static int add_events(struct report_marks *marks)
{
    struct rows_line line;
    int result = 0;
    for (size_t i = 0; i < marks->rows->count && result == 0; i = rows_next_event(marks->rows, i)) {
        if (!rows_parse(marks->rows, &marks->rows->at[i], &line))
            continue;
        result = add_event(marks, &line);
        if (result == 0)
            result = add_platform(marks, &line);
    }
    return result;
}

static int take_notice(void *context, const struct knowledge_notice *notice)
{
    struct report_marks *marks = context;
    for (size_t i = 0; i < notice->listings_count; i++) {
        const struct knowledge_noticed *noticed = &notice->listings[i];
        /* A listing that is still the other merchant's shows nothing of this one. */
        if (noticed->standing != KNOWLEDGE_SHOWN || noticed->came.from.at != NULL)
            continue;
        struct report_red *reds = vector_room(marks->reds, &marks->reds_room, marks->reds_count,
                                              noticed->persisted_count, sizeof *reds);
        if (reds == NULL && noticed->persisted_count > 0)
            return -ENOMEM;
        marks->reds = reds;
        for (size_t j = 0; j < noticed->persisted_count; j++) {
            const struct knowledge_persisted *persisted = &noticed->persisted[j];
            struct report_red *red = &reds[marks->reds_count++];
            *red = (struct report_red){persisted->from_ns, persisted->to_ns, 0};
            (void)knowledge_seqs(marks->asking->knowledge, persisted->to_id, &red->seq, 1);
        }
    }
    return 0;
}

/* Counted, though perhaps expired since: the acts of then are asked about. */
static bool is_strike(enum knowledge_fate fate)
{
    return fate == KNOWLEDGE_FATE_COUNTED || fate == KNOWLEDGE_FATE_EXPIRED;
}

/* Notices that counted as strikes, when they were established. */
static int take_tally(void *context, const struct knowledge_tally *tally)
{
    struct report_marks *marks = context;
    for (size_t i = 0; i < tally->strikes_count; i++) {
        const struct knowledge_strike *strike = &tally->strikes[i];
        if (strike->issued || !strike->has_established || !is_strike(strike->possibly))
            continue;
        struct report_mark mark = {
            REPORT_STRIKES, is_strike(strike->surely) ? REPORT_FULL : REPORT_HOLLOW,
            strike->established_ns, strike->established_unc_ms * MOMENT_NS_PER_MS, UINT64_MAX};
        if (add_mark(marks, &mark) < 0)
            return -ENOMEM;
    }
    return 0;
}

int report_marks_gather(struct report_marks *ret_marks, struct asking *asking,
                        const struct rows *rows)
{
    *ret_marks = (struct report_marks){.asking = asking, .rows = rows};
    int result = add_events(ret_marks);
    if (result == 0)
        result = knowledge_notices(asking->knowledge, &asking->filter, asking_now(asking),
                                   take_notice, ret_marks);
    if (result == 0)
        result = knowledge_strikes(asking->knowledge, &asking->filter, asking_now(asking),
                                   take_tally, ret_marks);
    return result;
}

void report_marks_close(struct report_marks *marks)
{
    free(marks->at);
    free(marks->reds);
    free(marks->spans);
    for (size_t i = 0; i < marks->platforms_count; i++)
        free(marks->platforms[i]);
    *marks = (struct report_marks){0};
}
