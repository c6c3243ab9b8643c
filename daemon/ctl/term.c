/*
 * Text from outside, made safe to look at. Knows UTF-8 and what terminals obey; knows no record.
 */
#include "daemon/ctl/term.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "daemon/ctl/ctl.h"

#define COLUMNS_DEFAULT 80u

struct range {
    uint32_t first, last;
};

/* Unicode 15: Cc, Cf, Zl, Zp, Default_Ignorable_Code_Point without the variation selectors
   FE00..FE0F, and the noncharacters. Ascending. */
static const struct range unsafe[] = {
    {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
    {0x0600, 0x0605},   {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},
    {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x17b4, 0x17b5},
    {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},
    {0x3164, 0x3164},   {0xd800, 0xdfff},   {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},
    {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd},
    {0x110cd, 0x110cd}, {0x13430, 0x1343f}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
    {0x1fffe, 0x1ffff}, {0x2fffe, 0x2ffff}, {0x3fffe, 0x3ffff}, {0x4fffe, 0x4ffff},
    {0x5fffe, 0x5ffff}, {0x6fffe, 0x6ffff}, {0x7fffe, 0x7ffff}, {0x8fffe, 0x8ffff},
    {0x9fffe, 0x9ffff}, {0xafffe, 0xaffff}, {0xbfffe, 0xbffff}, {0xcfffe, 0xcffff},
    {0xdfffe, 0xe0fff}, {0xefffe, 0xeffff}, {0xffffe, 0xfffff}, {0x10fffe, 0x10ffff},
};

/* One code point of strict UTF-8 (no surrogate, no overlong form). Returns its length, 0 if it is
   none. */
static size_t decode(const unsigned char *at, size_t len, uint32_t *ret_code_point)
{
    if (at[0] < 0x80) {
        *ret_code_point = at[0];
        return 1;
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
    if (at[0] < 0xc2 || at[0] > 0xf4 || len < need)
        return 0;
    uint32_t code_point = at[0] & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        code_point = code_point << 6 | (at[i] & 0x3fu);
    }
    if (code_point < least[need] || code_point > 0x10ffff ||
        (code_point >= 0xd800 && code_point <= 0xdfff))
        return 0;
    *ret_code_point = code_point;
    return need;
}

/* Columns of a safe code point. The C library's table answers when the C.UTF-8 locale is there; an
   unknown code point counts as one column. */
static unsigned columns_of(uint32_t code_point)
{
    if (code_point < 0x7f)
        return 1;
    static locale_t utf8;
    if (utf8 == (locale_t)0)
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8 == (locale_t)0)
        return 1;
    locale_t before = uselocale(utf8);
    int columns = wcwidth((wchar_t)code_point);
    (void)uselocale(before); /* going back to what was valid cannot fail */
    return columns < 0 ? 1 : (unsigned)columns;
}

int term_colour_parse(const char *name, enum term_colour_choice *ret_choice)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) != 0)
            continue;
        *ret_choice = (enum term_colour_choice)i;
        return 0;
    }
    return -EINVAL;
}

bool term_is_dumb(void)
{
    return strcmp(ctl_environment("TERM", ""), "dumb") == 0;
}

struct term term_open(FILE *stream, enum term_colour_choice choice)
{
    struct term term = {.stream = stream, .tty = isatty(fileno(stream)) == 1};
    bool wanted = term.tty && !term_is_dumb() && ctl_environment("NO_COLOR", "")[0] == '\0';
    term.colour = choice == TERM_COLOUR_ALWAYS || (choice == TERM_COLOUR_AUTO && wanted);
    return term;
}

size_t term_columns(FILE *stream)
{
    struct winsize size = {0};
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) == -1 || size.ws_col < 2)
        return COLUMNS_DEFAULT;
    return size.ws_col;
}

bool term_is_unsafe(uint32_t code_point)
{
    if (code_point > 0x10ffff)
        return true;
    size_t low = 0, high = sizeof unsafe / sizeof unsafe[0];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_point > unsafe[middle].last)
            low = middle + 1;
        else if (code_point < unsafe[middle].first)
            high = middle;
        else
            return true;
    }
    return false;
}

size_t term_unit(const char **at, const char *end, char out[TERM_UNIT_BYTES], unsigned *ret_columns)
{
    assert(*at < end);
    const unsigned char *from = (const unsigned char *)*at;
    uint32_t code_point = 0;
    size_t len = decode(from, (size_t)(end - *at), &code_point);
    int written = 0;
    if (len == 0) {
        *at += 1;
        written = snprintf(out, TERM_UNIT_BYTES, "\\x{%02x}", from[0]);
    } else if (term_is_unsafe(code_point)) {
        *at += len;
        written = snprintf(out, TERM_UNIT_BYTES, "\\u{%02x}", code_point);
    } else {
        memcpy(out, *at, len);
        *at += len;
        *ret_columns = columns_of(code_point);
        return len;
    }
    assert(written > 0);
    assert((size_t)written < TERM_UNIT_BYTES);
    *ret_columns = (unsigned)written;
    return (size_t)written;
}

void term_put_unit(const struct term *term, const char *unit, size_t len)
{
    static const char *const references[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;",
    };
    const char *reference = len == 1 && term->html ? references[(unsigned char)unit[0]] : NULL;
    /* the stream's error is seen at its end */
    if (reference != NULL)
        (void)fputs(reference, term->stream);
    else
        (void)fwrite(unit, 1, len, term->stream);
}

void term_print(const struct term *term, const char *bytes, size_t len)
{
    char unit[TERM_UNIT_BYTES];
    unsigned columns = 0, units = 0;
    if (term->html)
        (void)fputs("<bdi>", term->stream);
    for (const char *at = bytes, *end = bytes + len; at < end; units++) {
        if (term->html && units == TERM_HTML_UNITS_MAX) {
            (void)fprintf(term->stream, "\u2026 (of %zu bytes)", len);
            break;
        }
        size_t unit_len = term_unit(&at, end, unit, &columns);
        term_put_unit(term, unit, unit_len);
    }
    if (term->html)
        (void)fputs("</bdi>", term->stream);
}

size_t term_print_cut(const struct term *term, const char *bytes, size_t len, size_t columns)
{
    char unit[TERM_UNIT_BYTES];
    unsigned unit_columns = 0;
    const char *end = bytes + len;
    /* First how much fits; a text that does not fit whole leaves a column for the ellipsis. */
    size_t used = 0, used_at_cut = 0;
    const char *at = bytes, *cut = bytes;
    while (at < end && used <= columns) {
        (void)term_unit(&at, end, unit, &unit_columns);
        used += unit_columns;
        if (used + 1 <= columns) {
            cut = at;
            used_at_cut = used;
        }
    }
    if (at == end && used <= columns) {
        term_print(term, bytes, len);
        return used;
    }
    term_print(term, bytes, (size_t)(cut - bytes));
    if (columns == 0)
        return 0;
    (void)fputs("\u2026", term->stream);
    return used_at_cut + 1;
}

void term_style(const struct term *term, enum term_style style)
{
    static const char *const codes[TERM_STYLES_COUNT] = {
        "\033[0m", "\033[1m", "\033[2m", "\033[1;31m", "\033[33m", "\033[32m", "\033[36m",
    };
    if (term->colour)
        (void)fputs(codes[style], term->stream);
}
