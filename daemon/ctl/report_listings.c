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
#define TITLES_SHOWN 100u  /* of a listing's, from either end; then how many are between */

/* A title, or an address, that a record gives a listing. Texts are in words.text. */
struct word {
    size_t listing, listing_len; /* platform, a NUL, the listing's id */
    size_t at, len;
    bool address;
    bool searched; /* seen in the index of a search engine, not on the page */
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
    struct word word = {.address = strcmp(name, "url") == 0,
                        .searched = rows_is(line, "via", "search_index"),
                        .when_ns = line->at_ns,
                        .seq = line->row->seq};
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

/* The same text, seen once or several times on end. */
struct run {
    const struct word *first;
    const struct word *page; /* the first that is not only of a search index; NULL: none */
    size_t next;             /* word */
};

/* at < end, of words of the listing; those of titles and of addresses stand together. */
static struct run read_run(const struct words *words, size_t at, size_t end)
{
    struct run run = {.first = &words->at[at]};
    for (; at < end && words->at[at].address == run.first->address &&
           is_same(words, run.first, &words->at[at]);
         at++)
        if (run.page == NULL && !words->at[at].searched)
            run.page = &words->at[at];
    run.next = at;
    return run;
}

static void print_since(const struct term *term, const struct word *word)
{
    (void)fputs("since ", term->stream);
    sentence_time(term->stream, word->when_ns, 0);
    (void)fprintf(term->stream, ", record %llu", (unsigned long long)word->seq);
}

static void print_run(const struct words *words, const struct term *term, const struct run *run)
{
    term_print(term, words->text + run->first->at, run->first->len);
    (void)fputs(" <span class=\"quiet\">(", term->stream);
    print_since(term, run->first);
    if (run->page == NULL)
        (void)fputs(", seen only through a search index", term->stream);
    else if (run->page != run->first) {
        (void)fputs(", seen through a search index; otherwise ", term->stream);
        print_since(term, run->page);
    }
    (void)fputs(")</span>", term->stream);
}

/* Each text once for each time that it is another than before, the first and the last of them.
   Returns the word behind the last. */
static size_t print_words(const struct words *words, const struct term *term, size_t at, size_t end,
                          bool address)
{
    size_t count = 0, i = 0;
    for (size_t next = at; next < end && words->at[next].address == address; count++)
        next = read_run(words, next, end).next;
    (void)fputs("<td>", term->stream);
    for (; i < count; i++) {
        struct run run = read_run(words, at, end);
        at = run.next;
        if (i >= TITLES_SHOWN && count - i > TITLES_SHOWN) {
            if (i == TITLES_SHOWN)
                (void)fprintf(term->stream,
                              "<br>%zu changes between are not told here; <code>noticectl "
                              "timeline --listing</code> tells each",
                              count - 2 * TITLES_SHOWN);
            continue;
        }
        (void)fputs(i > 0 ? "<br>" : "", term->stream);
        print_run(words, term, &run);
    }
    (void)fputs(count == 0 ? "none is recorded</td>" : "</td>", term->stream);
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
    (void)fputs(REPORT_WIDE
                "<table class=\"listings\"><caption>Titles and addresses as they were recorded, "
                "each since when it was "
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
    (void)fputs("</tbody></table>\n" REPORT_WIDE_END, term->stream);
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
