/*
 * Filters. Rests on one fact of the format: a string has one spelling in a record (ledger/text.h),
 * so that a line without the bytes of a word's spelling does not hold the word.
 */
#include "daemon/ctl/filter.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/named_listings.h"
#include "daemon/ledger/text.h"

#define SPELLING_BYTES_MAX (6u * FILTER_WORD_BYTES_MAX + 2u)

struct word {
    const char *word;
    size_t len;
    char spelling[SPELLING_BYTES_MAX]; /* in a line: with its quotes; of a seller the last alone */
};

struct words {
    size_t count;
    struct word *words; /* FILTER_WORDS_MAX of them */
};

struct filter {
    bool asks, asks_kinds, asks_text, asks_post_notice;
    bool kinds[RECORD_KINDS_COUNT];
    int64_t since_ns, until_ns;
    struct words fields[FILTER_FIELDS_COUNT];
    regex_t expression;
    FILE *stream; /* of the short form that the expression is looked for in */
    char *text;
    size_t text_len;
    struct named_listings named;
};

struct filter *filter_open(void)
{
    struct filter *filter = calloc(1, sizeof *filter);
    if (filter == NULL)
        return NULL;
    filter->since_ns = INT64_MIN;
    filter->until_ns = INT64_MAX;
    return filter;
}

static bool is_class(const char *word)
{
    return strcmp(word, "counterfeit") == 0 || strcmp(word, "mark") == 0 ||
           strcmp(word, "mention") == 0;
}

int filter_ask(struct filter *filter, enum filter_field field, const char *word)
{
    struct words *words = &filter->fields[field];
    size_t len = strlen(word);
    if (field == FILTER_CLASS && !is_class(word))
        return -EINVAL;
    if (len > FILTER_WORD_BYTES_MAX || words->count == FILTER_WORDS_MAX)
        return -E2BIG;
    if (words->words == NULL)
        words->words = calloc(FILTER_WORDS_MAX, sizeof words->words[0]);
    if (words->words == NULL)
        return -ENOMEM;
    struct word *asked = &words->words[words->count++];
    char spelling[SPELLING_BYTES_MAX];
    struct text text = text_into(spelling, sizeof spelling);
    text_string(&text, word, len);
    size_t skipped = field == FILTER_SELLER ? 1 : 0;
    asked->word = word;
    asked->len = text.len - skipped;
    memcpy(asked->spelling, spelling + skipped, asked->len);
    filter->asks = true;
    return 0;
}

int filter_ask_kind(struct filter *filter, const char *kind)
{
    size_t len = strlen(kind);
    bool family = len > 2 && strcmp(kind + len - 2, ".*") == 0, found = false;
    for (unsigned i = 0; i < RECORD_KINDS_COUNT; i++) {
        const char *name = record_kind_name((enum record_kind)i);
        if (family ? strncmp(name, kind, len - 1) != 0 : strcmp(name, kind) != 0)
            continue;
        filter->kinds[i] = found = true;
    }
    filter->asks = filter->asks_kinds = filter->asks_kinds || found;
    return found ? 0 : -EINVAL;
}

int filter_ask_text(struct filter *filter, const char *expression, char *reterr_text, size_t room)
{
    bool capital = false;
    for (const char *at = expression; *at != '\0'; at++)
        capital = capital || (*at >= 'A' && *at <= 'Z');
    if (filter->asks_text) {
        (void)snprintf(reterr_text, room, "only one can be asked for"); /* may be cut */
        return REG_BADPAT;
    }
    int error = regcomp(&filter->expression, expression,
                        REG_EXTENDED | REG_NOSUB | (capital ? 0 : REG_ICASE));
    if (error != 0) {
        (void)regerror(error, &filter->expression, reterr_text, room);
        return error;
    }
    filter->asks = filter->asks_text = true;
    filter->stream = open_memstream(&filter->text, &filter->text_len);
    if (filter->stream == NULL)
        (void)snprintf(reterr_text, room, "out of memory");
    return filter->stream == NULL ? REG_ESPACE : 0;
}

void filter_ask_since(struct filter *filter, int64_t wall_ns)
{
    filter->since_ns = wall_ns;
    filter->asks = true;
}

void filter_ask_until(struct filter *filter, int64_t wall_ns)
{
    filter->until_ns = wall_ns;
    filter->asks = true;
}

void filter_ask_post_notice(struct filter *filter)
{
    filter->asks = filter->asks_post_notice = true;
}

int64_t filter_until(const struct filter *filter)
{
    return filter->until_ns;
}

bool filter_asks(const struct filter *filter)
{
    return filter->asks;
}

bool filter_asks_post_notice(const struct filter *filter)
{
    return filter->asks_post_notice;
}

static bool holds_spelling(const struct words *words, const char *line, size_t len)
{
    for (size_t i = 0; i < words->count; i++)
        if (memmem(line, len, words->words[i].spelling, words->words[i].len) != NULL)
            return true;
    return words->count == 0;
}

bool filter_may_pass(const struct filter *filter, const struct record_head *head,
                     enum record_kind kind, const char *line, size_t len)
{
    if (head->wall_ns < filter->since_ns || head->wall_ns > filter->until_ns)
        return false;
    if (filter->asks_kinds && (kind == RECORD_KINDS_COUNT || !filter->kinds[kind]))
        return false;
    if (filter->asks_post_notice &&
        (filter->named.listings.count == 0 || (kind != RECORD_MATCH && kind != RECORD_SIGHTING)))
        return false;
    bool of_match = filter->fields[FILTER_CLASS].count > 0 ||
                    filter->fields[FILTER_MARK].count > 0 || filter->fields[FILTER_RULE].count > 0;
    if (of_match && kind != RECORD_MATCH)
        return false;
    for (size_t i = 0; i < FILTER_FIELDS_COUNT; i++)
        if (!holds_spelling(&filter->fields[i], line, len))
            return false;
    return true;
}

bool filter_learns(const struct filter *filter, enum record_kind kind)
{
    return filter->asks_post_notice && kind >= RECORD_NOTICE_DRAFT &&
           kind <= RECORD_NOTICE_WITHDRAW;
}

int filter_learn(struct filter *filter, const struct view *view)
{
    return filter->asks_post_notice ? named_listings_take(&filter->named, view) : 0;
}

/* merchant is <platform>/<seller_id> (DESIGN 9.3), and no platform holds a slash. */
static bool is_seller(struct view_text merchant, const char *seller)
{
    if (merchant.at == NULL)
        return false;
    if (view_is(merchant, seller))
        return true;
    const char *slash = memchr(merchant.at, '/', merchant.len);
    if (slash == NULL)
        return false;
    size_t platform_len = (size_t)(slash - merchant.at) + 1;
    struct view_text id = {.at = slash + 1, .len = merchant.len - platform_len};
    return view_is(id, seller);
}

static bool has_word(const struct view *view, enum filter_field field, const char *word)
{
    switch (field) {
    case FILTER_CLASS:
        return view_is(view->class, word);
    case FILTER_PLATFORM:
        return view_is(view->platform, word);
    case FILTER_SELLER:
        return is_seller(view->merchant, word);
    case FILTER_MARK:
    case FILTER_RULE:
        for (size_t i = 0; i < view->hits_count; i++) {
            const struct view_hit *hit = &view->hits[i];
            if (view_is(field == FILTER_MARK ? hit->mark : hit->rule, word))
                return true;
        }
        return false;
    case FILTER_FIELDS_COUNT:
        break;
    }
    return false;
}

static bool holds_text(struct filter *filter, const struct view *view)
{
    const struct term term = {.stream = filter->stream};
    rewind(filter->stream);
    view_print(&term, view, SIZE_MAX);
    (void)fputc('\0', filter->stream);
    if (fflush(filter->stream) != 0 || filter->text_len < 2)
        return false;
    filter->text[filter->text_len - 2] = '\0'; /* the newline */
    return regexec(&filter->expression, filter->text, 0, NULL, 0) == 0;
}

bool filter_passes(struct filter *filter, const struct view *view)
{
    for (size_t field = 0; field < FILTER_FIELDS_COUNT; field++) {
        const struct words *words = &filter->fields[field];
        bool found = words->count == 0;
        for (size_t i = 0; i < words->count && !found; i++)
            found = has_word(view, (enum filter_field)field, words->words[i].word);
        if (!found)
            return false;
    }
    if (filter->asks_post_notice && !named_listings_has(&filter->named, view))
        return false;
    return !filter->asks_text || holds_text(filter, view);
}

struct filter *filter_close(struct filter *filter)
{
    if (filter == NULL)
        return NULL;
    for (size_t i = 0; i < FILTER_FIELDS_COUNT; i++)
        free(filter->fields[i].words);
    if (filter->stream != NULL)
        (void)fclose(filter->stream); /* memory only */
    free(filter->text);
    if (filter->asks_text)
        regfree(&filter->expression);
    named_listings_close(&filter->named);
    free(filter);
    return NULL;
}
