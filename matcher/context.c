/*
 * Looks up the phrases of context_phrases.c and context_denials.c in the folded text around a name.
 */
#include "matcher/context.h"

#include <assert.h>
#include <string.h>

#define IDIOM_REACH_BYTES    32u /* before a name, where an idiom that holds it may begin */
#define DENIED_REACH_BYTES   8u  /* behind a cue, where a denial of it may begin */
#define GOODS_WORDS_AFTER    2u
#define GOODS_WORD_BYTES_MAX 32u

/* Whether a phrase may begin at at: at a word, or anywhere in scripts without word spaces. */
static bool may_begin(const char *text, size_t at)
{
    uint8_t byte = (uint8_t)text[at];
    return byte >= 0xE1 ||
           (byte != ' ' && (byte & 0xC0) != 0x80 && (at == 0 || text[at - 1] == ' '));
}

/* Whether the phrase that ends before at ends a word there, or is of a script without word spaces.
 */
static bool may_end(const char *text, size_t len, size_t at, const char *phrase)
{
    return at == len || text[at] == ' ' || (uint8_t)phrase[0] >= 0xE1;
}

/* The first two bytes as a number: no phrase has fewer. */
static unsigned key_of(const char *text)
{
    return (unsigned)(uint8_t)text[0] << 8 | (uint8_t)text[1];
}

/* Index of the first of count phrases whose first two bytes are key, or greater. */
static size_t first_of(const struct context_phrase *phrases, size_t count, unsigned key)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_of(phrases[middle].text) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The longest of a table's phrases at text[at]; NULL if none. */
static const struct context_phrase *longest_at(const struct context_phrase *phrases, size_t count,
                                               const char *text, size_t len, size_t at,
                                               size_t *ret_end)
{
    const struct context_phrase *best = NULL;
    unsigned key = key_of(text + at);
    for (size_t i = first_of(phrases, count, key); i < count; i++) {
        const struct context_phrase *phrase = &phrases[i];
        if (key_of(phrase->text) != key)
            break;
        size_t bytes = 2;
        while (bytes < len - at && phrase->text[bytes] == text[at + bytes] &&
               phrase->text[bytes] != '\0')
            bytes++;
        bool ends = phrase->text[bytes] == '\0';
        if (!ends &&
            (bytes == len - at || (uint8_t)phrase->text[bytes] > (uint8_t)text[at + bytes]))
            break; /* sorted: later ones are no beginning of the text either */
        if (!ends || !may_end(text, len, at + bytes, phrase->text))
            continue;
        /* Sorted: a longer phrase with this one as its beginning comes later. */
        best = phrase;
        *ret_end = at + bytes;
    }
    return best;
}

/* The longest phrase at text[at]; NULL if none. */
static const struct context_phrase *phrase_at(const char *text, size_t len, size_t at,
                                              size_t *ret_end)
{
    size_t end = 0, denial_end = 0;
    if (len - at < 2)
        return NULL;
    const struct context_phrase *phrase =
        longest_at(context_phrases, context_phrases_count, text, len, at, &end);
    const struct context_phrase *denial =
        longest_at(context_denials, context_denials_count, text, len, at, &denial_end);
    bool longer = denial != NULL && (phrase == NULL || denial_end > end);
    *ret_end = longer ? denial_end : end;
    return longer ? denial : phrase;
}

/* Where to go on behind a phrase at [at, to): it hides what begins inside it, unless it only denies
   cues ("is not" hides no "not affiliated with"). */
static size_t behind(const struct context_phrase *phrase, size_t at, size_t to)
{
    bool only_denies = phrase->place == CONTEXT_NOT || phrase->place == CONTEXT_NOT_BEHIND ||
                       phrase->place == CONTEXT_NOT_BESIDE;
    return only_denies ? at + 1 : to;
}

/* Whether the phrase at [from, to) speaks of the name at [begin, end); if so, from how far. */
static bool speaks(const struct context_phrase *phrase, size_t from, size_t to, size_t begin,
                   size_t end, size_t *ret_gap)
{
    bool before = to <= begin, after = from >= end;
    if (!before && !after)
        return false;
    *ret_gap = before ? begin - to : from - end;
    if (*ret_gap > phrase->gap_max)
        return false;
    switch (phrase->place) {
    case CONTEXT_BEFORE:
        return before;
    case CONTEXT_AFTER:
        return after;
    case CONTEXT_AROUND:
    case CONTEXT_DENIAL:
        return true;
    case CONTEXT_NOT:
    case CONTEXT_NOT_BEHIND:
    case CONTEXT_NOT_BESIDE:
    case CONTEXT_IDIOM:
    case CONTEXT_TERM:
        return false;
    }
    assert(false);
    return false;
}

struct context_found context_of(const char *text, size_t len, size_t begin, size_t end)
{
    assert(begin <= end);
    assert(end <= len);
    struct context_found found = {.kind = MATCHER_CONTEXT_NONE};
    size_t best_gap = SIZE_MAX, gap = 0, to = 0;
    size_t at = begin > CONTEXT_REACH_BYTES ? begin - CONTEXT_REACH_BYTES : 0;
    size_t stop = len - end > CONTEXT_REACH_BYTES ? end + CONTEXT_REACH_BYTES : len;
    while (at < stop) {
        const struct context_phrase *phrase =
            may_begin(text, at) ? phrase_at(text, len, at, &to) : NULL;
        if (phrase == NULL) {
            at++;
            continue;
        }
        if (phrase->kind != MATCHER_CONTEXT_NONE && speaks(phrase, at, to, begin, end, &gap) &&
            (phrase->kind > found.kind || (phrase->kind == found.kind && gap < best_gap))) {
            found = (struct context_found){phrase->kind, at, to};
            best_gap = gap;
        }
        at = behind(phrase, at, to);
    }
    return found;
}

/* Whether the cue is part of a phrase that says something else. */
static bool is_inside(const char *text, size_t len, size_t begin, size_t end,
                      struct context_found *ret_found)
{
    size_t to = 0;
    for (size_t at = begin > IDIOM_REACH_BYTES ? begin - IDIOM_REACH_BYTES : 0; at <= begin; at++) {
        const struct context_phrase *phrase =
            at < len && may_begin(text, at) ? phrase_at(text, len, at, &to) : NULL;
        if (phrase == NULL || to < end)
            continue;
        if (phrase->place != CONTEXT_TERM && phrase->kind != MATCHER_CONTEXT_ADVICE)
            continue;
        *ret_found = (struct context_found){phrase->kind, at, to};
        return true;
    }
    return false;
}

/* Whether the word at [begin, end) is one of words, which are separated by single spaces. */
static bool is_among(const char *words, const char *word, size_t len)
{
    char key[GOODS_WORD_BYTES_MAX + 3];
    if (len == 0 || len > GOODS_WORD_BYTES_MAX)
        return false;
    key[0] = key[len + 1] = ' ';
    memcpy(key + 1, word, len);
    key[len + 2] = '\0';
    return strstr(words, key) != NULL;
}

/* Words that may stand between what denies a cue and the cue, as the fold writes them. Copulas and
   "just" are none: "no. it is a REPLICA", "not just a REPLICA". */
static const char fillers[] =
    " a an any some such the one of these those that kind sort mere another at all selling "
    "sell sold stock carry offer deal trade in with our another "
    "un una uno unas unos de del se trata tratan ningun ninguna tipo vendo vendemos vendute "
    "venduta trabajamos "
    "trabajo con ofrecemos acepto aceptamos "
    "um uma uns umas tratam trabalhamos trabalho com nenhum nenhuma fazemos aceitamos "
    "une des du d s agit vendons faisons aucune di si tratta tratto vendiamo alcuna alcun l "
    "ein eine einen einer einem um sich bei billige billiges billiger irgendeine irgendein "
    "een enkele enkel goedkope om verkopen "
    "zadna zadne zadnych zadnej to tania nijaka en et ett nagon nogen noen "
    "вам это никакая никакои дешевая какая то o ein mia ενα μια η ο ";

/* Words for no, as the fold writes them. */
static const char no[] = " no nao non nie nein не нет nee nej nei ne nu nem ei οχι لا never nunca "
                         "jamais mai jamas nigdy никогда nope nada ";

/* Whether all that stands behind the cue that ends at end is one word for no. */
static bool ends_with_no(const char *text, size_t len, size_t end)
{
    size_t to = len > 0 && text[len - 1] == ' ' ? len - 1 : len; /* a folded field ends with one */
    return end + 1 < to && text[end] == ' ' && is_among(no, text + end + 1, to - end - 1);
}

/* Whether a phrase behind the cue that ends at end denies it. */
static bool is_denied_behind(const char *text, size_t len, size_t end,
                             struct context_found *ret_found)
{
    size_t stop = len - end > DENIED_REACH_BYTES ? end + DENIED_REACH_BYTES : len, to = 0;
    if (ends_with_no(text, len, end)) {
        *ret_found = (struct context_found){MATCHER_CONTEXT_ADVICE, end + 1, len - 1};
        return true;
    }
    for (size_t at = end; at < stop; at++) {
        const struct context_phrase *phrase =
            may_begin(text, at) ? phrase_at(text, len, at, &to) : NULL;
        if (phrase == NULL || at - end > phrase->gap_max ||
            (phrase->place != CONTEXT_NOT_BEHIND && phrase->place != CONTEXT_NOT_BESIDE))
            continue;
        *ret_found = (struct context_found){MATCHER_CONTEXT_ADVICE, at, to};
        return true;
    }
    return false;
}

/* Whether a denial that ends at to speaks of the cue at begin. */
static bool denies_before(const struct context_phrase *phrase, const char *text, size_t to,
                          size_t begin)
{
    if (phrase->place != CONTEXT_DENIAL && phrase->place != CONTEXT_NOT &&
        phrase->place != CONTEXT_NOT_BESIDE)
        return false;
    if (begin - to <= phrase->gap_max)
        return true;
    while (phrase->place == CONTEXT_NOT && text[to] == ' ') {
        size_t word = to + 1;
        const char *space = memchr(text + word, ' ', begin - word);
        if (space == NULL)
            return word == begin;
        to = (size_t)(space - text);
        if (!is_among(fillers, text + word, to - word))
            return false;
    }
    return false;
}

bool context_denies(const char *text, size_t len, size_t begin, size_t end,
                    struct context_found *ret_found)
{
    assert(begin <= end);
    assert(end <= len);
    size_t to = 0;
    size_t at = begin > CONTEXT_REACH_BYTES ? begin - CONTEXT_REACH_BYTES : 0;
    if (is_inside(text, len, begin, end, ret_found) || is_denied_behind(text, len, end, ret_found))
        return true;
    while (at < begin) {
        const struct context_phrase *phrase =
            may_begin(text, at) ? phrase_at(text, begin, at, &to) : NULL;
        if (phrase == NULL) {
            at++;
            continue;
        }
        if (denies_before(phrase, text, to, begin)) {
            *ret_found = (struct context_found){MATCHER_CONTEXT_ADVICE, at, to};
            return true;
        }
        at = behind(phrase, at, to);
    }
    return false;
}

bool context_is_idiom(const char *text, size_t len, size_t begin, size_t end)
{
    assert(begin <= end);
    assert(end <= len);
    size_t to = 0;
    for (size_t at = begin > IDIOM_REACH_BYTES ? begin - IDIOM_REACH_BYTES : 0; at <= begin; at++) {
        const struct context_phrase *phrase =
            at < len && may_begin(text, at) ? phrase_at(text, len, at, &to) : NULL;
        if (phrase != NULL && phrase->place == CONTEXT_IDIOM && to >= end)
            return true;
    }
    return false;
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* Whether category holds name as one of its words, in any case. */
static bool has_word(const char *category, size_t len, const char *name)
{
    size_t name_len = strlen(name);
    for (size_t at = 0; at + name_len <= len; at++) {
        if ((at > 0 && is_letter(category[at - 1])) ||
            (at + name_len < len && is_letter(category[at + name_len])))
            continue;
        size_t same = 0;
        while (same < name_len && (category[at + same] | 0x20) == name[same])
            same++;
        if (same == name_len)
            return true;
    }
    return false;
}

bool context_is_goods(const char *word, size_t len)
{
    for (size_t i = 0; i < context_goods_count; i++)
        if (is_among(context_goods[i].words, word, len))
            return true;
    return false;
}

bool context_has_goods(const char *text, size_t len, size_t begin, size_t end, const char *category,
                       size_t category_len)
{
    assert(begin <= end);
    assert(end <= len);
    size_t from[GOODS_WORDS_AFTER + 1], to[GOODS_WORDS_AFTER + 1], words = 0;
    if (begin >= 2) {
        to[0] = from[0] = begin - 1;
        while (from[0] > 0 && text[from[0] - 1] != ' ')
            from[0]--;
        words = 1;
    }
    for (size_t at = end, i = 0; i < GOODS_WORDS_AFTER && at + 1 < len; i++) {
        from[words] = at + 1;
        const char *space = memchr(text + at + 1, ' ', len - at - 1);
        at = to[words++] = space != NULL ? (size_t)(space - text) : len;
    }
    for (size_t i = 0; i < context_goods_count; i++) {
        if (!has_word(category, category_len, context_goods[i].category))
            continue;
        for (size_t word = 0; word < words; word++)
            if (is_among(context_goods[i].words, text + from[word], to[word] - from[word]))
                return true;
    }
    return false;
}
