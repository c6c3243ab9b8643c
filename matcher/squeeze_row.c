/*
 * Rows of letters set apart: what stands in them before and after a text.
 */
#include "matcher/squeeze_row.h"

#include <string.h>

#include "matcher/context.h"
#include "matcher/words.h"

#define REST_MAX      24u /* letters of a row that are looked at on one side */
#define WORD_MIN      3u
#define ROW_BYTES_MAX (2 * REST_MAX + SQUEEZE_WRITTEN_LETTERS_MAX)

/* What a row has before or after a text. */
struct rest {
    char letters[REST_MAX]; /* lower-case letters, digits, ? for others */
    size_t count;
    bool cut; /* it goes on */
};

static char shown(const struct squeeze_letter *letter)
{
    bool ascii = letter->kind == SQUEEZE_LETTER || letter->kind == SQUEEZE_DIGIT;
    return ascii ? (char)letter->cp : '?';
}

static bool is_small(const struct squeeze_letter *letter)
{
    return letter->kind == SQUEEZE_LETTER && !letter->capital;
}

/* Whether letters [first, last] are single ones. */
static bool is_row(const struct squeeze_letter *letters, size_t first, size_t last)
{
    for (size_t i = first; i <= last + 1; i++)
        if (letters[i].gap == SQUEEZE_GAP_NONE)
            return false;
    return last > first;
}

/* What is the same for both sides of a text. */
struct row {
    const struct squeeze_letter *letters;
    size_t count;
    size_t gap_bytes; /* the widest gap in the text */
    bool only_signs, capitals;
};

/* Whether the row goes on over the gap before letter i. */
static bool goes_on(const struct row *row, size_t i)
{
    const struct squeeze_letter *left = &row->letters[i - 1], *right = &row->letters[i];
    if (right->gap == SQUEEZE_GAP_NONE || (row->only_signs && right->gap != SQUEEZE_GAP_SIGN))
        return false;
    if (right->from - left->to > row->gap_bytes)
        return false;
    return !(is_small(left) && right->capital) && !(row->capitals && is_small(right));
}

static struct rest rest_before(const struct row *row, size_t first)
{
    struct rest rest = {.count = 0};
    size_t begin = first;
    while (begin > 0 && goes_on(row, begin) && row->letters[begin - 1].gap != SQUEEZE_GAP_NONE)
        begin--;
    rest.cut = first - begin > REST_MAX;
    if (rest.cut)
        begin = first - REST_MAX;
    for (; begin < first; begin++)
        rest.letters[rest.count++] = shown(&row->letters[begin]);
    return rest;
}

static struct rest rest_behind(const struct row *row, size_t last)
{
    struct rest rest = {.count = 0};
    size_t end = last + 1;
    while (end < row->count && goes_on(row, end) && row->letters[end + 1].gap != SQUEEZE_GAP_NONE) {
        if (rest.count == REST_MAX) {
            rest.cut = true;
            break;
        }
        rest.letters[rest.count++] = shown(&row->letters[end++]);
    }
    return rest;
}

static bool is_digit(char letter)
{
    return (uint8_t)(letter - '0') < 10;
}

/* A number, whatever stands behind it; a size; the end of a plural. */
static bool is_addition(const char *letters, size_t len)
{
    size_t x = 0;
    while (x < len && letters[x] == 'x')
        x++;
    if (is_digit(letters[0]) || (len == 1 && letters[0] == 's'))
        return true;
    return x > 0 && x + 1 == len && memchr("sml", letters[x], 3) != NULL;
}

/* Digits only, or sizes only ("M L E G O"). */
static bool is_number_or_sizes(const char *letters, size_t len)
{
    size_t digits = 0, sizes = 0;
    for (size_t i = 0; i < len; i++) {
        digits += is_digit(letters[i]);
        sizes += memchr("smlx", letters[i], 4) != NULL;
    }
    return digits == len || sizes == len;
}

static bool is_word(const struct squeeze_index *index, const char *letters, size_t len)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < len; i++)
        hash = squeeze_plain_add(hash, (uint8_t)letters[i]);
    return len >= WORD_MIN && (words_find(letters, len) != WORDS_NONE ||
                               squeeze_is_plain(index, hash) || context_is_goods(letters, len));
}

/* Whether what a row has on one side of a text stands for itself. */
static bool is_apart(const struct squeeze_index *index, const struct rest *rest, bool behind)
{
    const char *letters = rest->letters;
    size_t count = rest->count;
    uint32_t reached = 1; /* bit i: words end before letter i */
    if (rest->cut)
        return true;
    for (size_t i = 0; i < count; i++) {
        if ((reached >> i & 1) == 0)
            continue;
        if (behind ? is_addition(letters + i, count - i)
                   : is_number_or_sizes(letters + i, count - i))
            return true;
        for (size_t end = i + WORD_MIN; end <= count; end++)
            if (is_word(index, letters + i, end - i))
                reached |= 1u << end;
    }
    return (reached >> count & 1) != 0;
}

/* Whether the slashes between the letters stand before the first one too. */
static bool is_path(const struct squeeze_search *search, const struct squeeze_letter *first)
{
    char sign = first->from > 0 ? search->text[first->from - 1] : ' ';
    return (sign == '/' || sign == '\\') && search->text[first->to] == sign;
}

/* Whether all of a row is one ordinary word. */
static bool is_one_word(const struct row *row, size_t first, size_t last, const struct rest *before,
                        const struct rest *behind)
{
    char whole[ROW_BYTES_MAX];
    size_t len = before->count;
    if (before->cut || behind->cut)
        return false;
    memcpy(whole, before->letters, before->count);
    for (size_t i = first; i <= last; i++)
        whole[len++] = shown(&row->letters[i]);
    memcpy(whole + len, behind->letters, behind->count);
    return words_find(whole, len + behind->count) != WORDS_NONE;
}

bool squeeze_row_is_cut_out(const struct squeeze_search *search,
                            const struct squeeze_window *window, size_t first, size_t last)
{
    struct row row = {window->letters, window->count, 0, true, true};
    if (!is_row(row.letters, first, last))
        return false;
    if (is_path(search, &row.letters[first]))
        return true;
    for (size_t i = first; i <= last; i++) {
        row.only_signs &= i == first || row.letters[i].gap == SQUEEZE_GAP_SIGN;
        row.capitals &= !is_small(&row.letters[i]);
        size_t gap = i == first ? 0 : row.letters[i].from - row.letters[i - 1].to;
        row.gap_bytes = gap > row.gap_bytes ? gap : row.gap_bytes;
    }
    struct rest before = rest_before(&row, first), behind = rest_behind(&row, last);
    if (before.count + behind.count == 0)
        return false;
    return !is_apart(search->index, &before, false) || !is_apart(search->index, &behind, true) ||
           is_one_word(&row, first, last, &before, &behind);
}
