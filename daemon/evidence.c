/*
 * From lines of the feed to events. What is dated ahead waits for the end, as a review may release
 * it that was recorded later.
 */
#include "daemon/evidence.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/vector.h"
#include "daemon/ledger/record.h"
#include "daemon/record_event.h"
#include "daemon/time_text.h"
#include "daemon/warning_record.h"

#define MEMBERS_MAX 64u

/* An event that is held back; its object is in `text`. */
struct held {
    uint64_t seq;
    int64_t wall_ns, at_ns;
    size_t raw, raw_len;
    bool released;
};

struct evidence {
    struct evidence_limits limits;
    evidence_take *take, *see;
    void *context;
    struct event_decoder *decoder;
    struct json_parser *parser;
    struct held *held;
    size_t held_count, held_room;
    char *text; /* objects of what is held, ids that are released, and messages */
    size_t text_len, text_room;
    size_t *released; /* pairs: begin and length in text */
    size_t released_count, released_room;
    struct evidence_left *left; /* without text.at until evidence_finish */
    size_t left_count, left_room;
    size_t *left_at; /* where in `text` the text of each stands */
    size_t left_at_room;
    struct evidence_gap *gaps;
    size_t gaps_count, gaps_room;
    size_t stopped; /* the gap, from 1, that the next start ends; 0: none */
    struct evidence_warning *warnings;
    size_t warnings_count, warnings_room;
    uint64_t lines, last_seq;
    int64_t last_ns; /* when that was written */
};

/* Copies bytes behind the others, with slack. Where they stand, or SIZE_MAX: out of memory. */
static size_t keep(struct evidence *evidence, const char *bytes, size_t len)
{
    char *text = vector_room(evidence->text, &evidence->text_room, evidence->text_len,
                             len + JSON_SLACK_BYTES, 1);
    if (text == NULL)
        return SIZE_MAX;
    evidence->text = text;
    size_t at = evidence->text_len;
    memcpy(text + at, bytes, len);
    memset(text + at + len, 0, JSON_SLACK_BYTES);
    evidence->text_len += len + JSON_SLACK_BYTES;
    return at;
}

static bool is(const struct json_member *member, const char *key)
{
    return member->key_len == strlen(key) && memcmp(member->key, key, member->key_len) == 0;
}

static bool says(const struct json_value *value, const char *word)
{
    return value->type == JSON_STRING && value->len == strlen(word) &&
           memcmp(value->text, word, value->len) == 0;
}

/* The members of an object among the bytes; 0 when it is none. */
static size_t parse(struct evidence *evidence, const char *bytes, size_t len,
                    struct json_member members[MEMBERS_MAX])
{
    struct json_value root;
    bool surrogate;
    if (json_parse(evidence->parser, bytes, len, &root, &surrogate) != JSON_OK ||
        root.type != JSON_OBJECT)
        return 0;
    size_t count = json_members(&root, members, MEMBERS_MAX);
    return count < MEMBERS_MAX ? count : MEMBERS_MAX;
}

static void set_time(const struct json_value *value, bool *ret_has, int64_t *ret_ns)
{
    *ret_has = value->type == JSON_STRING && time_text_parse(value->text, value->len, ret_ns) == 0;
}

static int add_gap(struct evidence *evidence, const struct evidence_gap *gap)
{
    struct evidence_gap *gaps =
        vector_room(evidence->gaps, &evidence->gaps_room, evidence->gaps_count, 1, sizeof *gaps);
    if (gaps == NULL)
        return -ENOMEM;
    evidence->gaps = gaps;
    gaps[evidence->gaps_count++] = *gap;
    return 0;
}

/* Until noticed starts again nothing is recorded. A crash has a gap's record of its own. */
static int take_stop(struct evidence *evidence, const struct record_head *head)
{
    const struct evidence_gap gap = {head->seq, true, false, head->wall_ns, 0, EVIDENCE_STOPPED};
    evidence->stopped = evidence->gaps_count + 1;
    return add_gap(evidence, &gap);
}

static int take_start(struct evidence *evidence, const struct record_head *head)
{
    if (evidence->stopped > 0) {
        evidence->gaps[evidence->stopped - 1].has_to = true;
        evidence->gaps[evidence->stopped - 1].to_ns = head->wall_ns;
    }
    evidence->stopped = 0;
    return 0;
}

static int take_gap(struct evidence *evidence, const char *line, size_t len, uint64_t seq)
{
    struct json_member members[MEMBERS_MAX];
    struct evidence_gap gap = {.seq = seq};
    size_t count = parse(evidence, line, len, members);
    for (size_t i = 0; i < count; i++) {
        const struct json_value *value = &members[i].value;
        if (is(&members[i], "from_t"))
            set_time(value, &gap.has_from, &gap.from_ns);
        if (is(&members[i], "to_t"))
            set_time(value, &gap.has_to, &gap.to_ns);
        if (is(&members[i], "cause") && value->type == JSON_STRING)
            (void)snprintf(gap.cause, sizeof gap.cause, "%.*s", (int)value->len, value->text);
    }
    return add_gap(evidence, &gap);
}

/* It happened when it was written. */
static int take_warning(struct evidence *evidence, const struct record_head *head, const char *line,
                        size_t len)
{
    struct warning warning;
    if ((evidence->limits.has_as_of && head->wall_ns > evidence->limits.as_of_ns) ||
        warning_decode(evidence->parser, line, len, &warning) < 0)
        return 0;
    struct evidence_warning *warnings = vector_room(evidence->warnings, &evidence->warnings_room,
                                                    evidence->warnings_count, 1, sizeof *warnings);
    if (warnings == NULL)
        return -ENOMEM;
    evidence->warnings = warnings;
    warnings[evidence->warnings_count++] = (struct evidence_warning){head->seq, warning.on};
    return 0;
}

/* A review that confirms an event releases it, should it be held (domain 2.2). */
static int take_review(struct evidence *evidence, const char *raw, size_t len)
{
    struct json_member members[MEMBERS_MAX];
    const struct json_value *subject = NULL;
    bool review = false, confirmed = false;
    size_t count = parse(evidence, raw, len, members);
    for (size_t i = 0; i < count; i++) {
        review = review || (is(&members[i], "type") && says(&members[i].value, "review"));
        confirmed =
            confirmed || (is(&members[i], "outcome") && says(&members[i].value, "confirmed"));
        if (is(&members[i], "subject") && members[i].value.type == JSON_STRING)
            subject = &members[i].value;
    }
    if (!review || !confirmed || subject == NULL)
        return 0;
    size_t *released = vector_room(evidence->released, &evidence->released_room,
                                   evidence->released_count, 2, sizeof *released);
    if (released == NULL)
        return -ENOMEM;
    evidence->released = released;
    size_t at = keep(evidence, subject->text, subject->len);
    if (at == SIZE_MAX)
        return -ENOMEM;
    released[evidence->released_count++] = at;
    released[evidence->released_count++] = subject->len;
    return 0;
}

/* Remembers a record that is left out. */
static int leave(struct evidence *evidence, const struct evidence_left *what, const char *text,
                 size_t len)
{
    struct evidence_left *left =
        vector_room(evidence->left, &evidence->left_room, evidence->left_count, 1, sizeof *left);
    if (left == NULL)
        return -ENOMEM;
    evidence->left = left;
    size_t *left_at = vector_room(evidence->left_at, &evidence->left_at_room, evidence->left_count,
                                  1, sizeof *left_at);
    if (left_at == NULL)
        return -ENOMEM;
    evidence->left_at = left_at;
    size_t at = keep(evidence, text, len);
    if (at == SIZE_MAX)
        return -ENOMEM;
    left_at[evidence->left_count] = at;
    left[evidence->left_count] = *what;
    left[evidence->left_count++].text.len = len;
    return 0;
}

static int hold(struct evidence *evidence, const struct evidence_item *item)
{
    struct held *held =
        vector_room(evidence->held, &evidence->held_room, evidence->held_count, 1, sizeof *held);
    if (held == NULL)
        return -ENOMEM;
    evidence->held = held;
    size_t at = keep(evidence, item->raw, item->raw_len);
    if (at == SIZE_MAX)
        return -ENOMEM;
    held[evidence->held_count++] = (struct held){.seq = item->seq,
                                                 .wall_ns = item->wall_ns,
                                                 .at_ns = item->event->at_ns,
                                                 .raw = at,
                                                 .raw_len = item->raw_len};
    return 0;
}

/* Domain 2.2: an event is ahead when its own time is later than its record's by more than 5 s and
   what it says of its uncertainty. */
bool evidence_is_ahead(const struct knowledge_event *event, int64_t wall_ns)
{
    int64_t until = moment_sum(wall_ns, event->unc_ms * MOMENT_NS_PER_MS);
    return event->at_ns > moment_sum(until, EVIDENCE_AHEAD_NS);
}

static int take_event(struct evidence *evidence, const struct record_head *head, const char *raw,
                      size_t len)
{
    struct knowledge_event event;
    struct reject reject = {0};
    /* What intake would refuse today may stand in an older record: platforms are not asked for. */
    if (event_decode(evidence->decoder, raw, len, false, &event, &reject) != REJECT_NONE) {
        struct evidence_left what = {.seq = head->seq, .wall_ns = head->wall_ns};
        return leave(evidence, &what, reject.detail, strlen(reject.detail));
    }
    event.seq = head->seq;
    struct evidence_item item = {head->seq, head->wall_ns, &event, raw, len};
    int seen = evidence->see == NULL ? 0 : evidence->see(evidence->context, &item);
    if (seen != 0 || (evidence->limits.has_as_of && event.at_ns > evidence->limits.as_of_ns))
        return seen;
    if (evidence_is_ahead(&event, head->wall_ns))
        return hold(evidence, &item);
    if (memmem(raw, len, "\"review\"", 8) != NULL) {
        int result = take_review(evidence, raw, len);
        if (result < 0)
            return result;
    }
    return evidence->take(evidence->context, &item);
}

int evidence_line(struct evidence *evidence, const char *line, size_t len)
{
    struct record_head head;
    enum record_kind kind;
    const char *raw;
    size_t raw_len;
    if (record_decode_head(line, len, &head, &kind) < 0)
        return -EBADMSG;
    if (evidence->limits.has_seq_max && head.seq > evidence->limits.seq_max)
        return 0;
    evidence->lines++;
    if (head.seq >= evidence->last_seq) {
        evidence->last_seq = head.seq;
        evidence->last_ns = head.wall_ns;
    }
    if (kind == RECORD_GAP)
        return take_gap(evidence, line, len, head.seq);
    if (kind == RECORD_STOP)
        return take_stop(evidence, &head);
    if (kind == RECORD_START)
        return take_start(evidence, &head);
    if (kind == RECORD_WARNING)
        return take_warning(evidence, &head, line, len);
    if (!record_event_find(line, len, &raw, &raw_len))
        return 0;
    return take_event(evidence, &head, raw, raw_len);
}

static bool is_released(const struct evidence *evidence, struct knowledge_text id)
{
    for (size_t i = 0; i < evidence->released_count; i += 2)
        if (evidence->released[i + 1] == id.len &&
            memcmp(evidence->text + evidence->released[i], id.at, id.len) == 0)
            return true;
    return false;
}

/* Hands over what is held, or says that it is left out. */
static int finish_held(struct evidence *evidence, const struct held *held)
{
    struct knowledge_event event;
    struct reject reject = {0};
    enum reject_code code = event_decode(evidence->decoder, evidence->text + held->raw,
                                         held->raw_len, false, &event, &reject);
    assert(code == REJECT_NONE); /* it was, when it came */
    (void)code;
    event.seq = held->seq;
    if (is_released(evidence, event.id)) {
        struct evidence_item item = {held->seq, held->wall_ns, &event, evidence->text + held->raw,
                                     held->raw_len};
        return evidence->take(evidence->context, &item);
    }
    struct evidence_left what = {
        .seq = held->seq, .ahead = true, .at_ns = held->at_ns, .wall_ns = held->wall_ns};
    return leave(evidence, &what, event.id.at, event.id.len);
}

int evidence_finish(struct evidence *evidence)
{
    int result = 0;
    for (size_t i = 0; i < evidence->held_count && result == 0; i++)
        result = finish_held(evidence, &evidence->held[i]);
    /* The text moves no more. */
    for (size_t i = 0; i < evidence->left_count; i++)
        evidence->left[i].text.at = evidence->text + evidence->left_at[i];
    return result;
}

const struct evidence_left *evidence_left_at(const struct evidence *evidence, size_t index)
{
    return index < evidence->left_count ? &evidence->left[index] : NULL;
}

const struct evidence_gap *evidence_gap_at(const struct evidence *evidence, size_t index)
{
    return index < evidence->gaps_count ? &evidence->gaps[index] : NULL;
}

const struct evidence_warning *evidence_warning_at(const struct evidence *evidence, size_t index)
{
    return index < evidence->warnings_count ? &evidence->warnings[index] : NULL;
}

uint64_t evidence_lines(const struct evidence *evidence)
{
    return evidence->lines;
}

int64_t evidence_last_ns(const struct evidence *evidence)
{
    return evidence->last_ns;
}

struct evidence *evidence_open(const struct evidence_limits *limits, evidence_take *take,
                               evidence_take *see, void *context)
{
    struct evidence *evidence = calloc(1, sizeof *evidence);
    if (evidence == NULL)
        return NULL;
    evidence->limits = *limits;
    evidence->take = take;
    evidence->see = see;
    evidence->context = context;
    evidence->last_ns = INT64_MIN;
    evidence->decoder = event_open();
    evidence->parser = json_open();
    return evidence->decoder == NULL || evidence->parser == NULL ? evidence_close(evidence)
                                                                 : evidence;
}

void evidence_begin(struct evidence *evidence)
{
    evidence->held_count = evidence->text_len = evidence->released_count = 0;
    evidence->left_count = evidence->gaps_count = evidence->warnings_count = 0;
    evidence->lines = evidence->last_seq = evidence->stopped = 0;
    evidence->last_ns = INT64_MIN;
}

struct evidence *evidence_close(struct evidence *evidence)
{
    if (evidence == NULL)
        return NULL;
    evidence->decoder = event_close(evidence->decoder);
    evidence->parser = json_close(evidence->parser);
    free(evidence->held);
    free(evidence->text);
    free(evidence->released);
    free(evidence->left);
    free(evidence->left_at);
    free(evidence->gaps);
    free(evidence->warnings);
    free(evidence);
    return NULL;
}
