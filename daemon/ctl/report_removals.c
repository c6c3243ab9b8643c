/*
 * What was taken down of the merchant's that no notice asked for: it speaks for the platform. "The
 * Alibaba Defendants promptly removed infringing listings (and other listings from the infringing
 * storefronts)" (op. at 6).
 */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/report.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/roads.h"

#define REMOVALS_MAX 100u /* that are told; then only how many more there are */

static struct knowledge_text text_of(const struct rows_line *line, const char *name)
{
    const struct json_value *value = sentence_member(line->members, line->count, name);
    if (value == NULL || value->type != JSON_STRING)
        return (struct knowledge_text){NULL, 0};
    return (struct knowledge_text){value->text, value->len};
}

/* A takedown of a listing that no notice names, and that neither a seller nor a court is said to
   have made. */
static bool is_other_removal(const struct asking *asking, const struct rows_line *line)
{
    struct knowledge_text listing = text_of(line, "listing");
    return rows_is(line, "type", "takedown") && !rows_is(line, "actor", "seller") &&
           !rows_is(line, "actor", "court") && listing.at != NULL &&
           !knowledge_is_noticed(asking->knowledge, text_of(line, "platform"), listing);
}

static void print_removal(const struct term *term, const struct rows_line *line)
{
    struct knowledge_text listing = text_of(line, "listing"), id = text_of(line, "id");
    (void)fputs("<li>Listing ", term->stream);
    term_print(term, listing.at, listing.len);
    (void)fputs(rows_is(line, "actor", "platform") ? " was taken down by the platform "
                                                   : " was taken down, it is not said by whom, ",
                term->stream);
    sentence_time(term->stream, line->at_ns, line->unc_ms);
    (void)fputs(": event ", term->stream);
    term_print(term, id.at, id.len);
    (void)fprintf(term->stream, " (record %llu).</li>\n", (unsigned long long)line->row->seq);
}

void report_removals(const struct asking *asking, const struct rows *rows)
{
    FILE *stream = asking->term.stream;
    size_t told = 0, more = 0;
    (void)fputs("<h2>Other listings of the merchant that were removed</h2>\n", stream);
    for (size_t i = 0; i < rows->count; i = rows_next_event(rows, i)) {
        struct rows_line line;
        if (!rows_parse(rows, &rows->at[i], &line) || !is_other_removal(asking, &line))
            continue;
        if (told == REMOVALS_MAX) {
            more++;
            continue;
        }
        (void)fputs(told++ == 0 ? "<p>No notice names these:</p>\n<ul>\n" : "", stream);
        print_removal(&asking->term, &line);
    }
    if (more > 0)
        (void)fprintf(stream, "<li>%zu more, which the table of events tells.</li>\n", more);
    (void)fputs(told > 0 ? "</ul>\n"
                         : "<p>No removal is recorded of a listing that no notice names.</p>\n",
                stream);
}
