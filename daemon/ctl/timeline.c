/*
 * noticectl timeline: all that is recorded about a merchant or a listing, in the order in which it
 * happened.
 */
#include <errno.h>
#include <stdio.h>

#include "daemon/ctl/asking.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/json_line.h"
#include "daemon/ctl/notices_print.h"
#include "daemon/ctl/rows.h"
#include "daemon/ctl/sentence.h"

#define RUN_SHOWN 3u /* a longer run of equal sightings is told by its first and last */

static const struct ctl_option options[] = {
    {"merchant", 0, "ID", "what concerns this merchant, by any name that verified links join"},
    {"listing", 0, "ID", "what concerns this listing"},
    {"platform", 0, "NAME", "of the listing, where several platforms have one of this name"},
    {"as-of", 0, "TIME", "leave out events after this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N"},
    {"output", 'o', "FORM", "text (for people) or json (one record a line)"},
    {"color", 0, "WHEN", "of text: auto, always or never"},
    {0},
};

/* The record's own side: its number, when it was written, and who said so. */
static void print_origin(const struct rows *rows, const struct rows_line *line, size_t more)
{
    const struct term *term = &rows->asking->term;
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

static void print_line(const struct rows *rows, const struct rows_line *line, size_t more)
{
    sentence_time(stdout, line->at_ns, line->unc_ms);
    (void)fputs("  ", stdout);
    sentence_print(&rows->asking->term, line->members, line->count);
    notices_print_came(&rows->asking->term, &line->row->came);
    (void)fputc('\n', stdout);
    print_origin(rows, line, more);
}

static void print_event(const struct rows *rows, size_t at)
{
    struct rows_line line;
    if (rows_parse(rows, &rows->at[at], &line))
        print_line(rows, &line, rows_next_event(rows, at) - at - 1);
}

static void print_text(const struct rows *rows)
{
    for (size_t at = 0, next; at < rows->count; at = next) {
        size_t length;
        size_t last = rows_run(rows, at, &length, &next);
        print_event(rows, at);
        if (length > RUN_SHOWN)
            printf("    ... %zu more sightings say the same, until:\n", length - 2);
        else if (length > 1)
            next = rows_next_event(rows, at); /* each is told */
        if (length > RUN_SHOWN)
            print_event(rows, last);
    }
}

static void write_row(struct text *text, const void *context)
{
    const struct rows *rows = context;
    const struct rows_row *row = &rows->at[rows->filled];
    struct rows_line line;
    if (!rows_parse(rows, row, &line))
        return;
    text_literal(text, "{\"seq\":");
    text_u64(text, row->seq);
    text_member_time(text, "t", row->wall_ns);
    text_member_time(text, "at", line.at_ns);
    text_member_u64(text, "unc_ms", line.unc_ms);
    if (row->came.from.at != NULL) {
        text_key(text, "from");
        text_string(text, row->came.from.at, row->came.from.len);
        text_member_bool(text, "from_sure", row->came.sure);
    }
    text_key(text, row->warning ? "warning" : "event");
    text_raw(text, rows->text + row->raw, row->raw_len);
    text_literal(text, "}");
}

static int tell(struct rows *rows)
{
    struct asking *asking = rows->asking;
    asking->until_ns = INT64_MAX;
    if (asking->text && rows->count == 0)
        printf("Nothing is recorded about it%s.\n", asking_hint(asking));
    if (asking->text)
        print_text(rows);
    else
        for (rows->filled = 0; rows->filled < rows->count; rows->filled++)
            if (json_line_print(write_row, rows) < 0)
                return ctl_error("timeline: %s", ctl_errno(ENOMEM));
    if (asking->text)
        (void)fputc('\n', stdout);
    asking_tell(asking);
    int exit_code = ctl_finish();
    return exit_code == CTL_OK ? asking_exit(asking) : exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct asking asking = {.text = true};
    struct rows rows = {0};
    int option = asking_arguments(&asking, command, argc, argv);
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    if ((asking.filter.merchant.at == NULL) == (asking.listing.at == NULL))
        return ctl_error("timeline: say of whom, with --merchant ID or --listing ID");
    int exit_code = rows_read(&rows, &asking);
    if (exit_code == CTL_OK)
        exit_code = tell(&rows);
    rows_close(&rows);
    asking_close(&asking);
    return exit_code;
}

const struct ctl_command ctl_timeline = {
    .name = "timeline",
    .arguments = "LEDGER",
    .summary = "tell all that is recorded about a merchant or a listing, by time",
    .details = "Each event with its time, how far the clock may be off, and the record that holds\n"
               "it; and the warnings that noticed gave when one of them came. A long run of\n"
               "sightings that say the same is told by its first and last; json tells each.\n"
               "\n" ASKING_STATEMENT "\n",
    .options = options,
    .run = run,
};
