/*
 * Lone surrogates and numbers out of range, rewritten in place. Knows no parser.
 */
#include "daemon/json_mend.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ESCAPE_BYTES   6u  /* \uXXXX */
#define SAFE_DIGITS    18u /* any integer of so many digits fits int64_t */
#define INTEGER_DIGITS 20u /* no integer of more digits fits uint64_t */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

size_t json_number_len(const char *at)
{
    const char *end = at;

    while (is_digit(*end) || *end == '.' || *end == '-' || *end == '+' || *end == 'e' ||
           *end == 'E')
        end++;
    return (size_t)(end - at);
}

/* The code unit of an escape \uXXXX at [at, end), or -1. */
static int32_t code_unit(const char *at, const char *end)
{
    int32_t unit = 0;

    if ((size_t)(end - at) < ESCAPE_BYTES || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (size_t i = 2; i < ESCAPE_BYTES; i++) {
        char c = at[i];
        if (is_digit(c))
            unit = unit * 16 + (c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            unit = unit * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return unit;
}

static bool is_high(int32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdbff;
}

static bool is_low(int32_t unit)
{
    return unit >= 0xdc00 && unit <= 0xdfff;
}

/* at is a backslash inside a string. Returns how many bytes it and what belongs to it are. */
static size_t mend_escape(char *at, const char *end, bool *surrogate)
{
    int32_t unit = code_unit(at, end);

    if (unit < 0) /* a short escape, or malformed: then the parser says so */
        return 2;
    if (is_high(unit) && is_low(code_unit(at + ESCAPE_BYTES, end)))
        return 2 * (size_t)ESCAPE_BYTES;
    if (is_high(unit) || is_low(unit)) {
        memcpy(at, "\\ufffd", ESCAPE_BYTES);
        *surrogate = true;
    }
    return ESCAPE_BYTES;
}

struct number {
    size_t integer_digits;
    bool negative, is_integer;
};

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? and nothing more. */
static bool well_formed(const char *at, size_t len, struct number *ret_number)
{
    const char *p = at, *end = at + len;
    struct number number = {.negative = *at == '-', .is_integer = true};

    p += number.negative;
    const char *digits = p;
    while (p < end && is_digit(*p))
        p++;
    number.integer_digits = (size_t)(p - digits);
    if (number.integer_digits == 0 || (*digits == '0' && number.integer_digits > 1))
        return false;
    if (p < end && *p == '.') {
        const char *point = p++;
        while (p < end && is_digit(*p))
            p++;
        if (p == point + 1)
            return false;
        number.is_integer = false;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        const char *exponent = p;
        while (p < end && is_digit(*p))
            p++;
        if (p == exponent)
            return false;
        number.is_integer = false;
    }
    *ret_number = number;
    return p == end;
}

static bool integer_fits(const char *at, const struct number *number)
{
    uint64_t value = 0;

    if (number->integer_digits <= SAFE_DIGITS)
        return true;
    if (number->integer_digits > INTEGER_DIGITS)
        return false;
    for (size_t i = 0; i < number->integer_digits; i++) {
        unsigned digit = (unsigned)(at[number->negative + i] - '0');
        if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    return !number->negative || value <= (uint64_t)INT64_MAX + 1;
}

/* at begins a number's token outside strings. Returns its length. */
static size_t mend_number(char *at, const char *end, size_t *changes)
{
    struct number number;
    size_t len = json_number_len(at);

    if (len > (size_t)(end - at))
        len = (size_t)(end - at);
    if (!well_formed(at, len, &number))
        return len;
    if (number.is_integer ? integer_fits(at, &number) : !isinf(strtod(at, NULL)))
        return len;
    /* The shortest numbers out of range, 1e309 and -1e309, are as long as what replaces them. */
    size_t sign = number.negative;
    assert(len >= sign + 5);
    memset(at + sign, ' ', len - sign);
    memcpy(at + sign, "9e307", 5);
    (*changes)++;
    return len;
}

size_t json_mend(char *bytes, size_t len, bool *ret_surrogate)
{
    const char *end = bytes + len;
    bool in_string = false, surrogate = false;
    size_t changes = 0;

    for (char *at = bytes; at < end;) {
        size_t step = 1;
        if (*at == '"') {
            in_string = !in_string;
        } else if (in_string && *at == '\\') {
            bool replaced = false;
            step = mend_escape(at, end, &replaced);
            changes += replaced;
            surrogate = surrogate || replaced;
        } else if (!in_string && (*at == '-' || is_digit(*at))) {
            step = mend_number(at, end, &changes);
        }
        if (step > (size_t)(end - at)) /* a backslash is the last byte */
            break;
        at += step;
    }
    *ret_surrogate = surrogate;
    return changes;
}
