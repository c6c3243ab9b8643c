/*
 * noticectl timeline: all that is recorded about a merchant or a listing, in the order in which it
 * happened.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/asking.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/json_line.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"
#include "daemon/time_text.h"

#define SEQS_MAX    4096u /* records of one event: DESIGN 9.14 allows as many parts */
#define MEMBERS_MAX 64u
#define RUN_SHOWN   3u /* a longer run of equal sightings is told by its first and last */

static const struct ctl_option options[] = {
    {"merchant", 0, "ID", "what concerns this merchant, by its own name alone"},
    {"listing", 0, "ID", "what concerns this listing"},
    {"platform", 0, "NAME", "of the listing, where several platforms have one of this name"},
    {"as-of", 0, "TIME", "leave out events after this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N"},
    {"output", 'o', "FORM", "text (for people) or json (one record a line)"},
    {"color", 0, "WHEN", "of text: auto, always or never"},
    {0},
};

/* One record of an event. */
struct row {
    size_t event; /* its place in the order of time */
    uint64_t seq;
    int64_t wall_ns;
    size_t raw, raw_len; /* in timeline.text */
};

struct timeline {
    struct asking asking;
    struct row *rows;
    size_t count, room, events;
    size_t filled; /* rows that have their text, by seq */
    char *text;
    size_t text_len, text_room;
    struct json_parser *parser;
};

/* One event as it is printed. */
struct line {
    const struct row *row;
    struct json_member members[MEMBERS_MAX];
    size_t count;
    int64_t at_ns;
    uint32_t unc_ms;
};

static int add_event(void *context, struct knowledge_text id)
{
    struct timeline *timeline = context;
    uint64_t *seqs = malloc(SEQS_MAX * sizeof *seqs);
    if (seqs == NULL)
        return -ENOMEM;
    size_t count = knowledge_seqs(timeline->asking.knowledge, id, seqs, SEQS_MAX);
    count = count < SEQS_MAX ? count : SEQS_MAX;
    struct row *rows =
        vector_room(timeline->rows, &timeline->room, timeline->count, count, sizeof *rows);
    if (rows != NULL)
        timeline->rows = rows;
    for (size_t i = 0; i < count && rows != NULL; i++)
        rows[timeline->count++] = (struct row){.event = timeline->events, .seq = seqs[i]};
    timeline->events++;
    free(seqs);
    return rows == NULL ? -ENOMEM : 0;
}

static int by_seq(const void *left, const void *right)
{
    uint64_t a = ((const struct row *)left)->seq, b = ((const struct row *)right)->seq;
    return (a > b) - (a < b);
}

static int by_event(const void *left, const void *right)
{
    size_t a = ((const struct row *)left)->event, b = ((const struct row *)right)->event;
    return a != b ? (a > b) - (a < b) : by_seq(left, right);
}

static int keep_raw(void *context, const struct evidence_item *item)
{
    struct timeline *timeline = context;
    char *text = vector_room(timeline->text, &timeline->text_room, timeline->text_len,
                             item->raw_len + JSON_SLACK_BYTES, 1);
    if (text == NULL)
        return -ENOMEM;
    timeline->text = text;
    while (timeline->rows[timeline->filled].seq < item->seq)
        timeline->filled++;
    struct row *row = &timeline->rows[timeline->filled++];
    row->wall_ns = item->wall_ns;
    row->raw = timeline->text_len;
    row->raw_len = item->raw_len;
    memcpy(text + row->raw, item->raw, item->raw_len);
    memset(text + row->raw + item->raw_len, 0, JSON_SLACK_BYTES);
    timeline->text_len += item->raw_len + JSON_SLACK_BYTES;
    return 0;
}

/* Finds the rows and their texts. CTL_OK, or an exit code after an error. */
static int collect(struct timeline *timeline)
{
    struct asking *asking = &timeline->asking;
    int result = knowledge_concerns(asking->knowledge, &asking->filter, asking->listing, add_event,
                                    timeline);
    if (result < 0)
        return ctl_error("timeline: %s", ctl_errno(result));
    if (timeline->count == 0)
        return CTL_OK;
    qsort(timeline->rows, timeline->count, sizeof *timeline->rows, by_seq);
    uint64_t *seqs = malloc(timeline->count * sizeof *seqs);
    if (seqs == NULL)
        return ctl_error("timeline: %s", ctl_errno(ENOMEM));
    for (size_t i = 0; i < timeline->count; i++)
        seqs[i] = timeline->rows[i].seq;
    int exit_code = asking_again(asking, seqs, timeline->count, keep_raw, timeline);
    free(seqs);
    qsort(timeline->rows, timeline->count, sizeof *timeline->rows, by_event);
    return exit_code;
}

/* Reads the row's event again; false: it is no object, and it was one before. */
static bool parse(const struct timeline *timeline, const struct row *row, struct line *line)
{
    struct json_value root;
    bool surrogate;
    line->row = row;
    if (json_parse(timeline->parser, timeline->text + row->raw, row->raw_len, &root, &surrogate) !=
            JSON_OK ||
        root.type != JSON_OBJECT)
        return false;
    line->count = json_members(&root, line->members, MEMBERS_MAX);
    line->count = line->count < MEMBERS_MAX ? line->count : MEMBERS_MAX;
    const struct json_value *at = sentence_member(line->members, line->count, "at");
    const struct json_value *unc = sentence_member(line->members, line->count, "unc_ms");
    line->unc_ms = unc != NULL && unc->type == JSON_INTEGER ? (uint32_t)unc->integer : 0;
    return at != NULL && time_text_parse(at->text, at->len, &line->at_ns) == 0;
}

/* The record's own side: its number, when it was written, and who said so. */
static void print_origin(const struct timeline *timeline, const struct line *line, size_t more)
{
    const struct term *term = &timeline->asking.term;
    static const char *const names[] = {"id", "src", "actor"};
    static const char *const words[] = {"; event ", "; said by ", "; "};
    term_style(term, TERM_DIM);
    printf("    record %llu, written ", (unsigned long long)line->row->seq);
    sentence_time(stdout, line->row->wall_ns, 0);
    if (more > 0)
        printf(" (and %zu more records of the same event)", more);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct json_value *value = sentence_member(line->members, line->count, names[i]);
        if (value == NULL || value->type != JSON_STRING || (i == 2 && value->len == 0))
            continue;
        (void)fputs(words[i], stdout);
        term_print(term, value->text, value->len);
    }
    term_style(term, TERM_PLAIN);
    (void)fputc('\n', stdout);
}

static void print_line(const struct timeline *timeline, const struct line *line, size_t more)
{
    sentence_time(stdout, line->at_ns, line->unc_ms);
    (void)fputs("  ", stdout);
    sentence_print(&timeline->asking.term, line->members, line->count);
    (void)fputc('\n', stdout);
    print_origin(timeline, line, more);
}

/* Whether both are sightings of one listing that say the same, so that one tells of the other. */
static bool says_the_same(const struct timeline *timeline, const struct row *left,
                          const struct row *right)
{
    static const char *const names[] = {"type", "listing", "platform", "state", "via"};
    struct line line;
    char first[sizeof names / sizeof *names][512] = {0};
    for (unsigned turn = 0; turn < 2; turn++) {
        if (!parse(timeline, turn == 0 ? left : right, &line))
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

/* The first row of the event after this one's. */
static size_t next_event(const struct timeline *timeline, size_t at)
{
    size_t next = at;
    while (next < timeline->count && timeline->rows[next].event == timeline->rows[at].event)
        next++;
    return next;
}

static void print_event(const struct timeline *timeline, size_t at)
{
    struct line line;
    if (parse(timeline, &timeline->rows[at], &line))
        print_line(timeline, &line, next_event(timeline, at) - at - 1);
}

static void print_text(const struct timeline *timeline)
{
    for (size_t at = 0, next; at < timeline->count; at = next) {
        /* The run of events that say the same as this one. */
        size_t last = at, length = 1;
        next = next_event(timeline, at);
        while (next < timeline->count &&
               says_the_same(timeline, &timeline->rows[at], &timeline->rows[next])) {
            last = next;
            length++;
            next = next_event(timeline, next);
        }
        print_event(timeline, at);
        if (length > RUN_SHOWN)
            printf("    ... %zu more sightings say the same, until:\n", length - 2);
        else if (length > 1)
            next = next_event(timeline, at); /* each is told */
        if (length > RUN_SHOWN)
            print_event(timeline, last);
    }
}

static void write_row(struct text *text, const void *context)
{
    const struct timeline *timeline = context;
    const struct row *row = &timeline->rows[timeline->filled];
    struct line line;
    if (!parse(timeline, row, &line))
        return;
    text_literal(text, "{\"seq\":");
    text_u64(text, row->seq);
    text_member_time(text, "t", row->wall_ns);
    text_member_time(text, "at", line.at_ns);
    text_member_u64(text, "unc_ms", line.unc_ms);
    text_key(text, "event");
    text_raw(text, timeline->text + row->raw, row->raw_len);
    text_literal(text, "}");
}

static int tell(struct timeline *timeline)
{
    struct asking *asking = &timeline->asking;
    asking->until_ns = INT64_MAX;
    if (asking->text && timeline->count == 0)
        printf("Nothing is recorded about it.\n");
    if (asking->text)
        print_text(timeline);
    else
        for (timeline->filled = 0; timeline->filled < timeline->count; timeline->filled++)
            if (json_line_print(write_row, timeline) < 0)
                return ctl_error("timeline: %s", ctl_errno(ENOMEM));
    if (asking->text)
        (void)fputc('\n', stdout);
    asking_tell(asking);
    int exit_code = ctl_finish();
    return exit_code == CTL_OK ? asking_exit(asking) : exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct timeline timeline = {.asking = {.text = true}};
    struct asking *asking = &timeline.asking;
    int option = asking_arguments(asking, command, argc, argv);
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if ((asking->filter.merchant.at == NULL) == (asking->listing.at == NULL))
        return ctl_error("timeline: say of whom, with --merchant ID or --listing ID");
    timeline.parser = json_open();
    int exit_code = timeline.parser == NULL ? ctl_error("timeline: %s", ctl_errno(ENOMEM))
                                            : asking_open(asking);
    if (exit_code == CTL_OK)
        exit_code = asking_read(asking, NULL, NULL);
    if (exit_code == CTL_OK)
        exit_code = collect(&timeline);
    if (exit_code == CTL_OK)
        exit_code = tell(&timeline);
    free(timeline.rows);
    free(timeline.text);
    timeline.parser = json_close(timeline.parser);
    asking_close(asking);
    return exit_code;
}

const struct ctl_command ctl_timeline = {
    .name = "timeline",
    .arguments = "LEDGER",
    .summary = "tell all that is recorded about a merchant or a listing, by time",
    .details = "Each event with its time, how far the clock may be off, and the record that holds\n"
               "it. A long run of sightings that say the same is told by its first and last; json\n"
               "tells each.\n\n" ASKING_STATEMENT "\n",
    .options = options,
    .run = run,
};
