/*
 * The ways to spell a code point in ASCII: HTML character references, percent-encoding, JSON and
 * JavaScript escapes. Knows no table and no tag.
 */
#include "matcher/looks_notation.h"

#include <stdbool.h>

#include "matcher/fold.h"
#include "matcher/fold_entity.h"
#include "matcher/matcher.h"

#define REPLACEMENT     0xFFFDu
#define ESCAPES_MAX     3u /* times more that a percent sign may be encoded itself */
#define BACKSLASHES_MAX 8u /* what three rounds of JSON make of one */

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

/* One encoded byte at a percent sign: %XX, or %25XX, %2525XX, ... Returns its length or 0. */
static size_t read_byte(const uint8_t *at, const uint8_t *end, uint8_t *ret_byte)
{
    const uint8_t *digits = at + 1;
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

/* Encoded bytes that are one code point in UTF-8. What is no UTF-8 stays as it stands: behind a
   number and a percent sign stand honest words too. */
static size_t read_percent(const uint8_t *at, const uint8_t *end, uint32_t *ret_cp)
{
    if (end - at >= 2 && (at[1] | 0x20) == 'u')
        return read_utf16(at, end, 2, ret_cp);
    uint8_t bytes[4] = {0};
    size_t len = 0;
    for (unsigned count = 0; count < sizeof bytes;) {
        size_t step = read_byte(at + len, end, &bytes[count]);
        if (step == 0)
            return 0;
        len += step;
        count++;
        if (fold_decode(bytes, count, ret_cp) == count)
            return len;
    }
    return 0;
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
        return read_hex(digits, end, 2, ret_cp) ? len + 2 : 0;
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

size_t looks_notation_read(const uint8_t *at, const uint8_t *end, uint32_t *ret_cp,
                           uint16_t *ret_technique)
{
    *ret_technique = *at == '&' ? MATCHER_TECHNIQUE_ENTITY : MATCHER_TECHNIQUE_ESCAPED;
    switch (*at) {
    case '&':
        return fold_entity_read(at, end, ret_cp);
    case '%':
        return read_percent(at, end, ret_cp);
    case '\\':
        return read_escape(at, end, ret_cp);
    default:
        return 0;
    }
}
