/*
 * The ways to spell a code point in ASCII: HTML character references, percent-encoding, JSON and
 * JavaScript escapes. Knows no table and no tag.
 */
#include "matcher/notation.h"

#include <stdbool.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/fold_entity.h"
#include "matcher/matcher.h"

#define REPLACEMENT      0xFFFDu
#define ESCAPES_MAX      3u /* times more that a percent sign may be encoded itself */
#define BACKSLASHES_MAX  8u /* what three rounds of JSON make of one */
#define NUMBER_BYTES_MAX 16 /* of a number that may stand before a per cent sign */

static int hex_value(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Reads exactly count hexadecimal digits. */
static bool read_hex(const uint8_t *at, const uint8_t *end, unsigned count, uint32_t *ret_value)
{
    uint32_t value = 0;
    if ((size_t)(end - at) < count)
        return false;
    for (unsigned i = 0; i < count; i++) {
        int digit = hex_value(at[i]);
        if (digit < 0)
            return false;
        value = value << 4 | (uint32_t)digit;
    }
    *ret_value = value;
    return true;
}

/* Reads one encoded byte at at, whose digits stand first bytes behind it. Its length or 0. */
typedef size_t read_one(const uint8_t *at, const uint8_t *end, size_t first, uint8_t *ret_byte);

/* %XX, or %25XX, %2525XX, ... */
static size_t read_percent_byte(const uint8_t *at, const uint8_t *end, size_t first,
                                uint8_t *ret_byte)
{
    const uint8_t *digits = at + first;
    uint32_t value = 0, next = 0;
    if (at == end || *at != '%' || !read_hex(digits, end, 2, &value))
        return 0;
    for (unsigned i = 0; i < ESCAPES_MAX && value == '%' && read_hex(digits + 2, end, 2, &next);
         i++) {
        digits += 2;
        value = next;
    }
    *ret_byte = (uint8_t)value;
    return (size_t)(digits + 2 - at);
}

/* A UTF-16 unit after \u or %u, and its second half if that stands behind it in the same notation,
   whose first len bytes are at at. Returns the length of all or 0. */
static size_t read_utf16(const uint8_t *at, const uint8_t *end, size_t len, uint32_t *ret_cp)
{
    uint32_t high = 0, low = 0;
    if (!read_hex(at + len, end, 4, &high))
        return 0;
    const uint8_t *second = at + len + 4;
    *ret_cp = high;
    if (high < 0xD800 || high > 0xDFFF)
        return len + 4;
    *ret_cp = REPLACEMENT;
    if (high > 0xDBFF || (size_t)(end - second) < len + 4)
        return len + 4;
    for (size_t i = 0; i < len; i++)
        if (second[i] != at[i])
            return len + 4;
    if (!read_hex(second + len, end, 4, &low) || low < 0xDC00 || low > 0xDFFF)
        return len + 4;
    *ret_cp = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return 2 * (len + 4);
}

/* Bytes that are encoded one by one and make one code point in UTF-8; first: the length of what
   stands before the digits of each. What is no UTF-8 stays as it stands. */
static size_t read_utf8(const uint8_t *at, const uint8_t *end, read_one *read_byte, size_t first,
                        uint32_t *ret_cp)
{
    uint8_t bytes[4] = {0};
    size_t len = 0;
    for (unsigned count = 0; count < sizeof bytes;) {
        size_t step = read_byte(at + len, end, first, &bytes[count]);
        if (step == 0)
            return 0;
        len += step;
        count++;
        if (fold_decode(bytes, count, ret_cp) == count)
            return len;
    }
    return 0;
}

/* Whether a number that stands alone ends before the sign at at: it says so many per cent. */
static bool is_per_cent(const uint8_t *begin, const uint8_t *at)
{
    const uint8_t *first = at;
    while (first > begin && at - first < NUMBER_BYTES_MAX &&
           ((uint8_t)(first[-1] - '0') < 10 || first[-1] == '.' || first[-1] == ','))
        first--;
    if (first == at || (uint8_t)(at[-1] - '0') >= 10)
        return false;
    return first == begin || (!fold_is_alnum(first[-1]) && memchr("=/_&?%", first[-1], 6) == NULL);
}

static size_t read_percent(const uint8_t *begin, const uint8_t *at, const uint8_t *end,
                           uint32_t *ret_cp)
{
    if (end - at >= 2 && (at[1] | 0x20) == 'u')
        return read_utf16(at, end, 2, ret_cp);
    size_t len = read_utf8(at, end, read_percent_byte, 1, ret_cp);
    return len != 0 && *ret_cp < 0x80 && is_per_cent(begin, at) ? 0 : len;
}

/* \xXX behind one or more backslashes. */
static size_t read_hex_byte(const uint8_t *at, const uint8_t *end, size_t first, uint8_t *ret_byte)
{
    uint32_t value = 0;
    if ((size_t)(end - at) < first || at[first - 1] != 'x')
        return 0;
    for (size_t i = 0; i + 1 < first; i++)
        if (at[i] != '\\')
            return 0;
    if (!read_hex(at + first, end, 2, &value))
        return 0;
    *ret_byte = (uint8_t)value;
    return first + 2;
}

/* A byte, or the bytes of one code point. */
static size_t read_bytes(const uint8_t *at, const uint8_t *end, size_t first, uint32_t *ret_cp)
{
    uint8_t byte = 0;
    size_t len = read_utf8(at, end, read_hex_byte, first, ret_cp);
    if (len != 0)
        return len;
    len = read_hex_byte(at, end, first, &byte);
    *ret_cp = byte;
    return len;
}

/* \xXX, \uXXXX, \u{X...}, \UXXXXXXXX behind one or more backslashes. */
static size_t read_escape(const uint8_t *at, const uint8_t *end, uint32_t *ret_cp)
{
    size_t len = 0;
    while (at + len < end && at[len] == '\\' && len < BACKSLASHES_MAX)
        len++;
    if (at + len == end)
        return 0;
    uint8_t kind = at[len++];
    const uint8_t *digits = at + len;
    if (kind == 'x')
        return read_bytes(at, end, len, ret_cp);
    uint32_t value = 0;
    if (kind == 'U' && read_hex(digits, end, 8, &value)) {
        len += 8;
    } else if (kind == 'u' && digits < end && *digits == '{') {
        unsigned count = 0;
        while (count < 6 && digits + 1 + count < end && hex_value(digits[1 + count]) >= 0)
            count++;
        if (count == 0 || digits + 1 + count >= end || digits[1 + count] != '}')
            return 0;
        (void)read_hex(digits + 1, end, count, &value); /* they were looked at just now */
        len += count + 2;
    } else {
        return kind == 'u' ? read_utf16(at, end, len, ret_cp) : 0;
    }
    bool possible = value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    *ret_cp = possible ? value : REPLACEMENT;
    return len;
}

size_t notation_read(const uint8_t *begin, const uint8_t *at, const uint8_t *end, uint32_t *ret_cp,
                     uint16_t *ret_technique)
{
    *ret_technique = *at == '&' ? MATCHER_TECHNIQUE_ENTITY : MATCHER_TECHNIQUE_ESCAPED;
    switch (*at) {
    case '&':
        return fold_entity_read(at, end, ret_cp);
    case '%':
        return read_percent(begin, at, end, ret_cp);
    case '\\':
        return read_escape(at, end, ret_cp);
    default:
        return 0;
    }
}
