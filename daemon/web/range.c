/*
 * Ranges of records. Knows their spelling; knows no HTTP.
 */
#include "daemon/web/range.h"

#include <errno.h>
#include <string.h>

static const char unit[] = "entries=";

/* A decimal number of [at, end). 0, -EINVAL or -ERANGE. */
static int read_number(const char *at, const char *end, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (at == end)
        return -EINVAL;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9')
            return -EINVAL;
        number = 10 * number + (uint64_t)(*at - '0');
        if (number > RANGE_NUMBER_MAX)
            return -ERANGE;
    }
    *ret_number = number;
    return 0;
}

static int read_skip(const char *at, const char *end, struct range *range)
{
    bool negative = at < end && *at == '-';
    int result = read_number(at + (negative ? 1 : 0), end, negative ? &range->back : &range->skip);
    return result == 0 && negative && range->has_cursor ? -ERANGE : result;
}

int range_parse(const char *text, size_t len, struct range *ret_range)
{
    struct range range = {.count = UINT64_MAX};
    const char *at = text + sizeof unit - 1, *end = text + len;
    int result = 0;
    if (len < sizeof unit - 1 || memcmp(text, unit, sizeof unit - 1) != 0)
        return -ENOTSUP;
    const char *first = memchr(at, ':', (size_t)(end - at));
    const char *cursor_end = first == NULL ? end : first;
    range.has_cursor = cursor_end > at;
    if (range.has_cursor)
        result = cursor_parse(at, (size_t)(cursor_end - at), &range.cursor);
    if (result == 0 && !range.has_cursor && first == NULL)
        result = -EINVAL; /* nothing is asked */
    if (result < 0 || first == NULL) {
        if (result == 0)
            *ret_range = range;
        return result;
    }
    const char *second = memchr(first + 1, ':', (size_t)(end - first - 1));
    if (second != NULL)
        result = read_skip(first + 1, second, &range);
    if (result == 0)
        result = read_number((second == NULL ? first : second) + 1, end, &range.count);
    if (result == 0)
        *ret_range = range;
    return result;
}
