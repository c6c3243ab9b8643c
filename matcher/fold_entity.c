/*
 * HTML character references: numbers and names to code points.
 */
#include "matcher/fold_entity.h"

#include <stdbool.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/fold_tables.h"

#define ESCAPES_MAX 3
#define REPLACEMENT 0xFFFDu

/* What browsers show for the numbers 128..159, which old pages take from Windows-1252. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

static int digit_value(uint8_t byte, unsigned base)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    uint8_t lower = byte | 0x20;
    return base == 16 && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* at points behind "&#". Returns the end of the number and its semicolon, NULL if there is none. */
static const uint8_t *read_number(const uint8_t *at, const uint8_t *end, uint32_t *ret_cp)
{
    unsigned base = 10;
    if (at < end && (*at | 0x20) == 'x') {
        base = 16;
        at++;
    }
    const uint8_t *first = at;
    uint32_t value = 0;
    for (int digit = 0; at < end && (digit = digit_value(*at, base)) >= 0; at++)
        value = value > 0x10FFFF ? value : value * base + (uint32_t)digit;
    if (at == first)
        return NULL;
    if (value >= 128 && value < 160)
        value = windows_1252[value - 128];
    bool possible = value != 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    *ret_cp = possible ? value : REPLACEMENT;
    return at + (at < end && *at == ';');
}

static const struct fold_entity *find_name(const uint8_t *name, size_t len)
{
    size_t low = 0, high = fold_entities_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct fold_entity *entity = &fold_entities[middle];
        int order = strncmp(entity->name, (const char *)name, len);
        if (order == 0 && entity->name[len] == '\0')
            return entity;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* at points behind the '&'. */
static const uint8_t *read_name(const uint8_t *at, const uint8_t *end, uint32_t *ret_cp)
{
    size_t len = 0;
    while (at + len < end && len < FOLD_ENTITY_BYTES_MAX && fold_is_alnum(at[len]))
        len++;
    if (len == 0 || len == FOLD_ENTITY_BYTES_MAX)
        return NULL;
    const struct fold_entity *entity = find_name(at, len);
    if (entity == NULL)
        return NULL;
    bool closed = at + len < end && at[len] == ';';
    bool address = at + len < end && at[len] == '=';
    if (!closed && (entity->bare == 0 || address))
        return NULL;
    *ret_cp = entity->code_point;
    return at + len + closed;
}

size_t fold_entity_read(const uint8_t *at, const uint8_t *end, uint32_t *ret_cp)
{
    const uint8_t *body = at + 1;
    const uint8_t *done = NULL;
    for (unsigned escapes = 0; escapes <= ESCAPES_MAX; escapes++) {
        const uint8_t *next = body < end && *body == '#' ? read_number(body + 1, end, ret_cp)
                                                         : read_name(body, end, ret_cp);
        if (next == NULL)
            break;
        done = next;
        if (*ret_cp != '&' || next[-1] != ';')
            break;
        body = next;
    }
    return done == NULL ? 0 : (size_t)(done - at);
}
