/*
 * The records of the events that concern a merchant or a listing, with their texts.
 */
#include "daemon/ctl/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"
#include "daemon/time_text.h"

#define SEQS_MAX 4096u /* records of one event: DESIGN 9.14 allows as many parts */

static int add_event(void *context, struct knowledge_text id, const struct knowledge_came *came)
{
    struct rows *rows = context;
    uint64_t *seqs = malloc(SEQS_MAX * sizeof *seqs);
    if (seqs == NULL)
        return -ENOMEM;
    size_t count = knowledge_seqs(rows->asking->knowledge, id, seqs, SEQS_MAX);
    count = count < SEQS_MAX ? count : SEQS_MAX;
    struct rows_row *more = vector_room(rows->at, &rows->room, rows->count, count, sizeof *more);
    if (more != NULL)
        rows->at = more;
    for (size_t i = 0; i < count && more != NULL; i++)
        more[rows->count++] =
            (struct rows_row){.event = rows->events, .seq = seqs[i], .came = *came};
    rows->events++;
    free(seqs);
    return more == NULL ? -ENOMEM : 0;
}

static int by_seq(const void *left, const void *right)
{
    uint64_t a = ((const struct rows_row *)left)->seq, b = ((const struct rows_row *)right)->seq;
    return (a > b) - (a < b);
}

/* Events are numbered in the order of time, and warnings behind them: a warning comes after what
   happened at the same instant. */
static int by_time(const void *left, const void *right)
{
    const struct rows_row *a = left, *b = right;
    if (a->at_ns != b->at_ns)
        return a->at_ns < b->at_ns ? -1 : 1;
    return a->event != b->event ? (a->event > b->event) - (a->event < b->event)
                                : by_seq(left, right);
}

bool rows_parse(const struct rows *rows, const struct rows_row *row, struct rows_line *line)
{
    struct json_value root;
    bool surrogate;
    line->row = row;
    if (json_parse(rows->parser, rows->text + row->raw, row->raw_len, &root, &surrogate) !=
            JSON_OK ||
        root.type != JSON_OBJECT)
        return false;
    line->count = json_members(&root, line->members, ROWS_MEMBERS_MAX);
    line->count = line->count < ROWS_MEMBERS_MAX ? line->count : ROWS_MEMBERS_MAX;
    const struct json_value *at =
        sentence_member(line->members, line->count, row->warning ? "t" : "at");
    const struct json_value *unc = sentence_member(line->members, line->count, "unc_ms");
    line->unc_ms = unc != NULL && unc->type == JSON_INTEGER ? (uint32_t)unc->integer : 0;
    return at != NULL && time_text_parse(at->text, at->len, &line->at_ns) == 0;
}

bool rows_is(const struct rows_line *line, const char *name, const char *wanted)
{
    const struct json_value *value = sentence_member(line->members, line->count, name);
    return value != NULL && value->type == JSON_STRING && value->len == strlen(wanted) &&
           memcmp(value->text, wanted, value->len) == 0;
}

static int keep_raw(void *context, const struct evidence_item *item)
{
    struct rows *rows = context;
    char *text = vector_room(rows->text, &rows->text_room, rows->text_len,
                             item->raw_len + JSON_SLACK_BYTES, 1);
    if (text == NULL)
        return -ENOMEM;
    rows->text = text;
    while (rows->at[rows->filled].seq < item->seq)
        rows->filled++;
    struct rows_row *row = &rows->at[rows->filled++];
    row->wall_ns = item->wall_ns;
    row->raw = rows->text_len;
    row->raw_len = item->raw_len;
    memcpy(text + row->raw, item->raw, item->raw_len);
    memset(text + row->raw + item->raw_len, 0, JSON_SLACK_BYTES);
    rows->text_len += item->raw_len + JSON_SLACK_BYTES;
    struct rows_line line;
    if (rows_parse(rows, row, &line))
        row->at_ns = line.at_ns;
    return 0;
}

/* Adds the warnings that one of the records gave rise to, which stand by seq. 0 or -ENOMEM. */
static int add_warnings(struct rows *rows)
{
    const struct evidence_warning *warning;
    size_t events_rows = rows->count;
    for (size_t i = 0; (warning = evidence_warning_at(rows->asking->evidence, i)) != NULL; i++) {
        struct rows_row wanted = {.seq = warning->on};
        if (bsearch(&wanted, rows->at, events_rows, sizeof wanted, by_seq) == NULL)
            continue;
        struct rows_row *more = vector_room(rows->at, &rows->room, rows->count, 1, sizeof *more);
        if (more == NULL)
            return -ENOMEM;
        rows->at = more;
        more[rows->count++] =
            (struct rows_row){.event = rows->events++, .seq = warning->seq, .warning = true};
    }
    return 0;
}

/* Of the set that was read: which records concern it, and their texts. */
static int collect(struct rows *rows)
{
    struct asking *asking = rows->asking;
    int result =
        knowledge_concerns(asking->knowledge, &asking->filter, asking->listing, add_event, rows);
    if (result < 0)
        return ctl_error("%s: %s", asking->command, ctl_errno(result));
    if (rows->count == 0)
        return CTL_OK;
    qsort(rows->at, rows->count, sizeof *rows->at, by_seq);
    if (add_warnings(rows) < 0)
        return ctl_error("%s: %s", asking->command, ctl_errno(ENOMEM));
    qsort(rows->at, rows->count, sizeof *rows->at, by_seq);
    uint64_t *seqs = malloc(rows->count * sizeof *seqs);
    if (seqs == NULL)
        return ctl_error("%s: %s", asking->command, ctl_errno(ENOMEM));
    for (size_t i = 0; i < rows->count; i++)
        seqs[i] = rows->at[i].seq;
    int exit_code = asking_again(asking, seqs, rows->count, keep_raw, rows);
    free(seqs);
    qsort(rows->at, rows->count, sizeof *rows->at, by_time);
    return exit_code;
}

/* Whether both are sightings of one listing that say the same, so that one tells of the other. */
static bool say_the_same(const struct rows *rows, const struct rows_row *left,
                         const struct rows_row *right)
{
    static const char *const names[] = {"type", "listing", "platform", "state", "via", "title"};
    struct rows_line line;
    char first[sizeof names / sizeof *names][512] = {0};
    for (unsigned turn = 0; turn < 2; turn++) {
        if (!rows_parse(rows, turn == 0 ? left : right, &line))
            return false;
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            char text[512] = "";
            const struct json_value *value = sentence_member(line.members, line.count, names[i]);
            if (value != NULL && value->type == JSON_STRING)
                (void)snprintf(text, sizeof text, "%.*s", (int)value->len, value->text);
            if (i == 0 && strcmp(text, "sighting") != 0)
                return false;
            if (turn == 1 && strcmp(text, first[i]) != 0)
                return false;
            memcpy(first[i], text, sizeof text);
        }
    }
    return true;
}

size_t rows_next_event(const struct rows *rows, size_t at)
{
    size_t next = at;
    while (next < rows->count && rows->at[next].event == rows->at[at].event)
        next++;
    return next;
}

size_t rows_run(const struct rows *rows, size_t at, size_t *ret_length, size_t *ret_next)
{
    size_t last = at, next = rows_next_event(rows, at);
    *ret_length = 1;
    while (next < rows->count && say_the_same(rows, &rows->at[at], &rows->at[next])) {
        last = next;
        *ret_length += 1;
        next = rows_next_event(rows, next);
    }
    *ret_next = next;
    return last;
}

int rows_read(struct rows *rows, struct asking *asking)
{
    *rows = (struct rows){.asking = asking, .parser = json_open()};
    if (rows->parser == NULL)
        return ctl_error("%s: %s", asking->command, ctl_errno(ENOMEM));
    int exit_code = asking_read(asking, NULL, NULL);
    return exit_code == CTL_OK ? collect(rows) : exit_code;
}

void rows_close(struct rows *rows)
{
    free(rows->at);
    free(rows->text);
    rows->parser = json_close(rows->parser);
    *rows = (struct rows){0};
}
