/*
 * The listings that a report is about, with the titles under which they were seen. Titles are texts
 * of sellers: they are shown as term_print shows them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/report.h"
#include "daemon/ctl/sentence.h"
#include "daemon/knowledge/vector.h"

#define LISTINGS_MAX 1000u /* of the table; then only how many more there are */
#define TITLES_MAX   5u    /* of a listing; likewise */

/* A title, or an address, that a record gives a listing. Texts are in words.text. */
struct word {
    size_t listing, listing_len; /* platform, a NUL, the listing's id */
    size_t at, len;
    bool address;
    int64_t when_ns;
    uint64_t seq;
};

struct words {
    struct word *at;
    size_t count, room;
    char *text;
    size_t text_len, text_room;
};

static int by_listing(const void *left, const void *right, void *context)
{
    const struct word *a = left, *b = right;
    const char *text = context;
    size_t len = a->listing_len < b->listing_len ? a->listing_len : b->listing_len;
    int order = memcmp(text + a->listing, text + b->listing, len);
    if (order != 0 || a->listing_len != b->listing_len)
        return order != 0 ? order : (a->listing_len > b->listing_len) ? 1 : -1;
    if (a->address != b->address)
        return a->address ? 1 : -1;
    if (a->when_ns != b->when_ns)
        return a->when_ns < b->when_ns ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Copies bytes behind the others. 0 or -ENOMEM. */
static int keep(struct words *words, const char *bytes, size_t len, size_t *ret_at)
{
    char *text = vector_room(words->text, &words->text_room, words->text_len, len + 1, 1);
    if (text == NULL)
        return -ENOMEM;
    words->text = text;
    *ret_at = words->text_len;
    memcpy(text + words->text_len, bytes, len);
    text[words->text_len + len] = '\0';
    words->text_len += len + 1;
    return 0;
}

static const struct json_value *text_of(const struct rows_line *line, const char *name)
{
    const struct json_value *value = sentence_member(line->members, line->count, name);
    return value != NULL && value->type == JSON_STRING && value->len > 0 ? value : NULL;
}

static int add_word(struct words *words, const struct rows_line *line, const char *name)
{
    const struct json_value *value = text_of(line, name), *listing = text_of(line, "listing");
    const struct json_value *platform = text_of(line, "platform");
    struct word word = {
        .address = strcmp(name, "url") == 0, .when_ns = line->at_ns, .seq = line->row->seq};
    size_t id;
    if (value == NULL || listing == NULL)
        return 0;
    struct word *at = vector_room(words->at, &words->room, words->count, 1, sizeof *at);
    if (at == NULL)
        return -ENOMEM;
    words->at = at;
    if (keep(words, platform != NULL ? platform->text : "", platform != NULL ? platform->len : 0,
             &word.listing) < 0 ||
        keep(words, listing->text, listing->len, &id) < 0 ||
        keep(words, value->text, value->len, &word.at) < 0)
        return -ENOMEM;
    word.listing_len = id + listing->len - word.listing;
    word.len = value->len;
    at[words->count++] = word;
    return 0;
}

/* Of sightings and of registrations: both say what the listing was called. */
static int gather(struct words *words, const struct rows *rows)
{
    int result = 0;
    for (size_t i = 0; i < rows->count && result == 0; i = rows_next_event(rows, i)) {
        struct rows_line line;
        if (!rows_parse(rows, &rows->at[i], &line) ||
            (!rows_is(&line, "type", "sighting") && !rows_is(&line, "type", "listing")))
            continue;
        result = add_word(words, &line, "title");
        if (result == 0)
            result = add_word(words, &line, "url");
    }
    return result;
}

static bool is_same(const struct words *words, const struct word *a, const struct word *b)
{
    return a->len == b->len && memcmp(words->text + a->at, words->text + b->at, a->len) == 0;
}

/* Each text once for each time that it is another than before. Returns the word behind the last. */
static size_t print_words(const struct words *words, const struct term *term, size_t at, size_t end,
                          bool address)
{
    size_t told = 0, more = 0;
    const struct word *last = NULL;
    (void)fputs("<td>", term->stream);
    for (; at < end && words->at[at].address == address; at++) {
        const struct word *word = &words->at[at];
        if (last != NULL && is_same(words, last, word))
            continue;
        last = word;
        if (told == TITLES_MAX) {
            more++;
            continue;
        }
        (void)fputs(told++ > 0 ? "<br>" : "", term->stream);
        term_print(term, words->text + word->at, word->len);
        (void)fputs(" <span class=\"quiet\">(since ", term->stream);
        sentence_time(term->stream, word->when_ns, 0);
        (void)fprintf(term->stream, ", record %llu)</span>", (unsigned long long)word->seq);
    }
    if (more > 0)
        (void)fprintf(term->stream, "<br>and %zu changes more", more);
    (void)fputs(told == 0 ? "none is recorded</td>" : "</td>", term->stream);
    return at;
}

static size_t behind_listing(const struct words *words, size_t at)
{
    const struct word *first = &words->at[at];
    while (at < words->count && words->at[at].listing_len == first->listing_len &&
           memcmp(words->text + words->at[at].listing, words->text + first->listing,
                  first->listing_len) == 0)
        at++;
    return at;
}

static void print_table(const struct words *words, const struct term *term)
{
    size_t told = 0, more = 0;
    (void)fputs(
        "<table><caption>Titles and addresses as they were recorded, each since when it was "
        "first seen so</caption><thead><tr><th scope=\"col\">Listing</th>"
        "<th scope=\"col\">Title</th><th scope=\"col\">Address</th></tr></thead><tbody>\n",
        term->stream);
    for (size_t at = 0, next; at < words->count; at = next) {
        const char *platform = words->text + words->at[at].listing;
        size_t platform_len = strlen(platform);
        next = behind_listing(words, at);
        if (told == LISTINGS_MAX) {
            more++;
            continue;
        }
        told++;
        (void)fputs("<tr><th scope=\"row\">", term->stream);
        term_print(term, platform + platform_len + 1, words->at[at].listing_len - platform_len - 1);
        (void)fputs(platform_len > 0 ? " on " : "", term->stream);
        if (platform_len > 0)
            term_print(term, platform, platform_len);
        (void)fputs("</th>", term->stream);
        size_t addresses = print_words(words, term, at, next, false);
        (void)print_words(words, term, addresses, next, true);
        (void)fputs("</tr>\n", term->stream);
    }
    (void)fputs("</tbody></table>\n", term->stream);
    if (more > 0)
        (void)fprintf(term->stream, "<p>%zu more listings are not in this table.</p>\n", more);
}

int report_listings(const struct asking *asking, const struct rows *rows)
{
    struct words words = {0};
    int result = gather(&words, rows);
    (void)fputs("<h2>The listings</h2>\n", asking->term.stream);
    if (result == 0 && words.count == 0)
        (void)fputs("<p>No title or address of a listing is recorded.</p>\n", asking->term.stream);
    if (result == 0 && words.count > 0) {
        qsort_r(words.at, words.count, sizeof *words.at, by_listing, words.text);
        print_table(&words, &asking->term);
    }
    free(words.at);
    free(words.text);
    return result;
}
