/*
 * Notices, strikes, events, policies, and what the report rests on. Their words are those of
 * noticectl notices, strikes and timeline.
 */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/notices_print.h"
#include "daemon/ctl/report.h"
#include "daemon/ctl/sentence.h"
#include "daemon/ctl/strikes_print.h"
#include "daemon/time_text.h"

#define ROWS_MAX  5000u /* of the table of events; then only how many more there are */
#define RUN_SHOWN 3u    /* a longer run of equal sightings is told by its first and last */

/* Whether a notice of a listing counts. */
enum stand { STANDS = 0, IN_DOUBT, IS_NONE, STANDS_COUNT };

static enum stand stand_of(const struct knowledge_noticed *noticed)
{
    if (!noticed->effective || noticed->standing < KNOWLEDGE_INDETERMINATE)
        return IS_NONE;
    return noticed->standing == KNOWLEDGE_INDETERMINATE ? IN_DOUBT : STANDS;
}

struct notices {
    struct asking *asking;
    enum stand stand; /* those that are told */
    size_t count;
};

static void put_event(const struct asking *asking, const char *before, struct knowledge_text id)
{
    (void)fputs(before, asking->term.stream);
    term_print(&asking->term, id.at, id.len);
    report_seqs(asking, id);
}

/* The events that the words about the listing rest on. */
static void put_events(const struct asking *asking, const struct knowledge_noticed *noticed)
{
    FILE *stream = asking->term.stream;
    if (noticed->grace.policy.at != NULL) {
        put_event(asking, " Its grace time: policy, event ", noticed->grace.policy);
        (void)fputc('.', stream);
    }
    if (noticed->removed) {
        put_event(asking, " Its removal: event ", noticed->removed_id);
        (void)fputc('.', stream);
    }
    for (size_t i = 0; i < noticed->persisted_count && i < NOTICES_PRINT_PERIODS_MAX; i++)
        put_event(asking, i == 0 ? " Active all the same: event " : ", event ",
                  noticed->persisted[i].to_id);
    (void)fputs(noticed->persisted_count > 0 ? "." : "", stream);
    if (noticed->active) {
        put_event(asking, " Last seen live: event ", noticed->active_id);
        (void)fputc('.', stream);
    }
}

static int take_notice(void *context, const struct knowledge_notice *notice)
{
    struct notices *notices = context;
    const struct term *term = &notices->asking->term;
    size_t told = 0;
    for (size_t i = 0; i < notice->listings_count; i++) {
        const struct knowledge_noticed *noticed = &notice->listings[i];
        if (stand_of(noticed) != notices->stand)
            continue;
        if (told++ == 0) {
            (void)fputs(notices->count++ == 0 ? "<ul>\n<li>" : "<li>", term->stream);
            notices_print_head(term, notice);
            report_seqs(notices->asking, notice->id);
            (void)fputs("<ul>\n", term->stream);
        }
        (void)fputs("<li>", term->stream);
        notices_print_listing(term, noticed);
        put_events(notices->asking, noticed);
        (void)fputs("</li>\n", term->stream);
    }
    if (told > 0)
        (void)fputs("</ul></li>\n", term->stream);
    return 0;
}

int report_notices(struct asking *asking)
{
    static const char *const heads[STANDS_COUNT] = {
        [STANDS] = "Notices that count",
        [IN_DOUBT] = "Notices that are in doubt, and why",
        [IS_NONE] = "Notices that do not count, and why",
    };
    FILE *stream = asking->term.stream;
    for (unsigned i = 0; i < STANDS_COUNT; i++) {
        struct notices notices = {asking, (enum stand)i, 0};
        (void)fprintf(stream, "<h2>%s</h2>\n", heads[i]);
        int result = knowledge_notices(asking->knowledge, &asking->filter, asking_now(asking),
                                       take_notice, &notices);
        if (result < 0)
            return result;
        (void)fputs(notices.count > 0 ? "</ul>\n" : "<p>There is none.</p>\n", stream);
    }
    return 0;
}

static int take_tally(void *context, const struct knowledge_tally *tally)
{
    struct asking *asking = context;
    const struct term *term = &asking->term;
    (void)fputs("<h3>On ", term->stream);
    term_print(term, tally->platform.at, tally->platform.len);
    (void)fputs("</h3>\n<p>", term->stream);
    strikes_print_policy(term, tally);
    if (tally->policy.at != NULL)
        report_seqs(asking, tally->policy);
    (void)fputs("</p>\n", term->stream);
    if (tally->strikes_count == 0)
        (void)fputs("<p>No notice names a listing of this merchant, and the platform issued no "
                    "strike.</p>\n",
                    term->stream);
    else
        (void)fputs("<ul>\n", term->stream);
    for (size_t i = 0; i < tally->strikes_count; i++) {
        (void)fputs("<li>", term->stream);
        strikes_print_one(term, &tally->strikes[i]);
        if (tally->strikes[i].issued)
            report_seqs(asking, tally->strikes[i].name);
        (void)fputs("</li>\n", term->stream);
    }
    (void)fputs(tally->strikes_count > 0 ? "</ul>\n<p>" : "<p>", term->stream);
    strikes_print_count(term, tally);
    (void)fputs("Orders of a court are not counted: they do not generate strikes.</p>\n",
                term->stream);
    return 0;
}

int report_strikes(struct asking *asking)
{
    (void)fputs("<h2>Strikes under the platform's own policy</h2>\n", asking->term.stream);
    return knowledge_strikes(asking->knowledge, &asking->filter, asking_now(asking), take_tally,
                             asking);
}

static void print_event(const struct term *term, const struct rows_line *line, size_t alike,
                        size_t more)
{
    static const char *const names[] = {"id", "src", "actor"};
    static const char *const words[] = {"; event ", "; said by ", "; "};
    (void)fputs("<tr><th scope=\"row\">", term->stream);
    sentence_time(term->stream, line->at_ns, line->unc_ms);
    (void)fputs("</th><td>", term->stream);
    sentence_print(term, line->members, line->count);
    notices_print_came(term, &line->row->came);
    if (alike > 0)
        (void)fprintf(term->stream,
                      " (%zu more sightings before it, since the row above, say the "
                      "same.)",
                      alike);
    (void)fprintf(term->stream, "</td><td>record %llu, written ",
                  (unsigned long long)line->row->seq);
    sentence_time(term->stream, line->row->wall_ns, 0);
    if (more > 0)
        (void)fprintf(term->stream, " (and %zu more records of the same event)", more);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct json_value *value = sentence_member(line->members, line->count, names[i]);
        if (value == NULL || value->type != JSON_STRING || value->len == 0)
            continue;
        (void)fputs(words[i], term->stream);
        term_print(term, value->text, value->len);
    }
    (void)fputs("</td></tr>\n", term->stream);
}

static void print_row(const struct rows *rows, size_t at, size_t alike)
{
    struct rows_line line;
    if (rows_parse(rows, &rows->at[at], &line))
        print_event(&rows->asking->term, &line, alike, rows_next_event(rows, at) - at - 1);
}

void report_events(const struct asking *asking, const struct rows *rows)
{
    FILE *stream = asking->term.stream;
    size_t told = 0, at, next;
    (void)fputs("<h2>What is recorded, by time</h2>\n" REPORT_WIDE
                "<table class=\"events\"><caption>Events that concern the "
                "merchant</caption><thead><tr><th scope=\"col\">When</th><th scope=\"col\">What"
                "</th><th scope=\"col\">Recorded</th></tr></thead><tbody>\n",
                stream);
    for (at = 0; at < rows->count && told < ROWS_MAX; at = next, told++) {
        size_t length;
        size_t last = rows_run(rows, at, &length, &next);
        print_row(rows, at, 0);
        if (length > RUN_SHOWN)
            print_row(rows, last, length - 2);
        else if (length > 1)
            next = rows_next_event(rows, at); /* each is told */
    }
    (void)fputs("</tbody></table>\n" REPORT_WIDE_END, stream);
    if (at < rows->count)
        (void)fprintf(stream,
                      "<p><strong>%zu more records are not in this table;</strong> "
                      "<code>noticectl timeline</code> tells them. The findings rest on all.</p>\n",
                      rows->count - at);
}

static bool is_rule(const struct rows_line *line)
{
    return rows_is(line, "type", "policy") || rows_is(line, "type", "channel");
}

void report_policies(const struct asking *asking, const struct rows *rows)
{
    FILE *stream = asking->term.stream;
    size_t count = 0;
    (void)fputs("<h2>Policies and channels that were used, as recorded</h2>\n", stream);
    for (size_t i = 0; i < rows->count; i++) {
        struct rows_line line;
        if (!rows_parse(rows, &rows->at[i], &line) || !is_rule(&line))
            continue;
        count++;
        (void)fprintf(stream, "<h3>Record %llu</h3>\n<p>", (unsigned long long)rows->at[i].seq);
        sentence_print(&asking->term, line.members, line.count);
        (void)fputs("</p>\n", stream);
        report_verbatim(&asking->term, rows->text + rows->at[i].raw, rows->at[i].raw_len);
    }
    if (count == 0)
        (void)fputs("<p>None is recorded: nothing about strikes is computed, and the grace time is "
                    "the default.</p>\n",
                    stream);
}

void report_basis(struct asking *asking)
{
    FILE *stream = asking->term.stream;
    asking->until_ns = INT64_MAX; /* every gap is told */
    (void)fputs("<h2>What this rests on, and what is missing</h2>\n<p>", stream);
    asking_basis(asking);
    (void)fputs("</p>\n<ul>\n", stream);
    asking_lacks(asking);
    /* A list must have a point (HTML, 4.4.6 allows none; readers of it do not). */
    (void)fputs("<li>Whatever was never recorded.</li>\n</ul>\n", stream);
}

/* A word of a shell's command line, quoted. */
static void print_word(const struct term *term, struct knowledge_text word)
{
    char unit[TERM_UNIT_BYTES];
    unsigned columns;
    term_put_unit(term, "'", 1);
    for (const char *at = word.at, *end = at + word.len; at < end;) {
        size_t len = term_unit(&at, end, unit, &columns);
        for (const char *c = "'\\'"; len == 1 && unit[0] == '\'' && *c != '\0'; c++)
            term_put_unit(term, c, 1);
        term_put_unit(term, unit, len);
    }
    term_put_unit(term, "'", 1);
}

static void print_command(const struct asking *asking)
{
    const struct term *term = &asking->term;
    (void)fputs("noticectl report ", term->stream);
    print_word(term, (struct knowledge_text){asking->ledger, strlen(asking->ledger)});
    (void)fputs(" --merchant ", term->stream);
    print_word(term, asking->filter.merchant);
    if (asking->order.at != NULL) {
        (void)fputs(" --order ", term->stream);
        print_word(term, asking->order);
    }
    if (asking->filter.platform.at != NULL) {
        (void)fputs(" --platform ", term->stream);
        print_word(term, asking->filter.platform);
    }
    if (asking->limits.has_as_of) {
        char time[TIME_TEXT_BYTES];
        time_text_format(asking->limits.as_of_ns, time);
        (void)fprintf(term->stream, " --as-of %s", time);
    }
    if (asking->end > 0)
        (void)fprintf(term->stream, " --seq-max %llu", (unsigned long long)asking->end - 1);
    (void)fputs(" --html again.html\n", term->stream);
}

void report_checking(const struct asking *asking)
{
    const struct term *term = &asking->term;
    char bytes[ASKING_CHECKPOINT_BYTES_MAX];
    size_t len = asking_checkpoint(asking->ledger, bytes);
    struct asking_signing signing = asking_read_signing(asking->ledger);
    struct knowledge_text ledger = {asking->ledger, strlen(asking->ledger)};
    (void)fputs("<h2>How to check this report</h2>\n", term->stream);
    if (len > 0) {
        (void)fputs("<p>The checkpoint of the ledger when this report was made. Whoever keeps it "
                    "can prove later that no record under it was changed:</p>\n",
                    term->stream);
        report_verbatim(term, bytes, len);
        (void)fputs("<p>Save those lines as <code>checkpoint.txt</code>, get the log's public key "
                    "(<code>noticed.vkey</code>) from somebody you trust, and run:</p>\n<pre>"
                    "noticectl verify ",
                    term->stream);
        print_word(term, ledger);
        (void)fprintf(term->stream,
                      " --vkey noticed.vkey --min-size %llu --compare checkpoint.txt</pre>\n",
                      (unsigned long long)signing.size);
    } else {
        (void)fputs("<p>The ledger has no checkpoint, so that no signature stands for it. This "
                    "recomputes its hashes:</p>\n<pre>noticectl verify ",
                    term->stream);
        print_word(term, ledger);
        (void)fputs("</pre>\n", term->stream);
    }
    (void)fputs("<p>This makes the same report again, also after later records:</p>\n<pre>",
                term->stream);
    print_command(asking);
    (void)fputs("</pre>\n", term->stream);
}
