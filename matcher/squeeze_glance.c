/*
 * The first glance at suspects: most are one ordinary word, which is looked up by its key. Says
 * nothing of others.
 */
#include <assert.h>

#include "matcher/squeeze_quick.h"

static const uint8_t *byte_at(const struct squeeze_quick *quick, size_t at)
{
    return (const uint8_t *)quick->text + at;
}

/* The code point of two or three bytes at text[at]; its length, 0 if it is another. */
static inline unsigned decode(const struct squeeze_quick *quick, size_t at, uint32_t *ret_cp)
{
    const uint8_t *bytes = byte_at(quick, at);
    size_t left = quick->len - at;
    if (bytes[0] >= 0xC2 && bytes[0] < 0xE0 && left > 1 && (bytes[1] & 0xC0) == 0x80) {
        *ret_cp = (bytes[0] & 0x1Fu) << 6 | (bytes[1] & 0x3Fu);
        return 2;
    }
    if (bytes[0] > 0xE0 && bytes[0] < 0xED && left > 2 && (bytes[1] & 0xC0) == 0x80 &&
        (bytes[2] & 0xC0) == 0x80) {
        *ret_cp = (bytes[0] & 0xFu) << 12 | (bytes[1] & 0x3Fu) << 6 | (bytes[2] & 0x3Fu);
        return 3;
    }
    return 0;
}

/* What one code point is to a word. */
enum unit { UNIT_LETTER, UNIT_DIGIT, UNIT_SIGN, UNIT_NOTHING, UNIT_CLOSER };

static inline enum unit unit_at(const struct squeeze_quick *quick, size_t at, uint8_t *ret_key,
                                unsigned *ret_len)
{
    const struct squeeze_index *index = quick->index;
    uint8_t byte = *byte_at(quick, at);
    uint32_t cp = byte;
    *ret_len = 1;
    if (byte < 0x80) {
        *ret_key = index->glances[byte];
        bool digit = (uint8_t)(byte - '0') < 10;
        return *ret_key == SQUEEZE_GLANCE_CLOSER ? UNIT_CLOSER
               : *ret_key == 0                   ? UNIT_SIGN
               : digit                           ? UNIT_DIGIT
                                                 : UNIT_LETTER;
    }
    *ret_len = decode(quick, at, &cp);
    if (*ret_len == 0)
        return UNIT_CLOSER;
    enum squeeze_look look = (enum squeeze_look)index->looks[cp];
    if (look == SQUEEZE_LOOK_SIGN || look == SQUEEZE_LOOK_SPACE)
        return UNIT_SIGN;
    if (look == SQUEEZE_LOOK_NOTHING)
        return UNIT_NOTHING;
    *ret_key = index->keys[cp];
    return *ret_key == 0 ? UNIT_CLOSER : UNIT_LETTER;
}

/* Whether a capital stands behind a small letter: names may be written as one. */
static inline bool is_hump(const struct squeeze_quick *quick, const struct squeeze_suspect *suspect,
                           size_t at)
{
    return at > suspect->begin && (uint8_t)(*byte_at(quick, at) - 'A') < 26 &&
           (uint8_t)(*byte_at(quick, at - 1) - 'a') < 26;
}

uint64_t squeeze_glance_scalar(const struct squeeze_quick *quick,
                               const struct squeeze_suspect *suspect)
{
    uint64_t front[2] = {0, 0};
    unsigned count = 0, digits = 0, key_len = 0, len = 0;
    uint8_t key = 0, last = 0;
    bool ended = false;
    for (size_t at = suspect->begin; at < suspect->end; at += len) {
        enum unit unit = unit_at(quick, at, &key, &len);
        ended |= unit == UNIT_SIGN && count > 0;
        if (unit == UNIT_SIGN || unit == UNIT_NOTHING)
            continue;
        if (unit == UNIT_CLOSER || ended || ++count == SQUEEZE_LONG || is_hump(quick, suspect, at))
            return SQUEEZE_FRONT_CLOSER;
        digits += unit == UNIT_DIGIT;
        if (key == last)
            continue;
        last = key;
        front[key_len / 8] |= (uint64_t)key << (key_len % 8 * 8);
        key_len++;
    }
    static_assert(SQUEEZE_LONG <= SQUEEZE_KEY_BYTES, "such a word is its own front");
    if (digits * 3 > count * 2 || count == 0)
        return SQUEEZE_FRONT_NOTHING;
    uint64_t hash = squeeze_front_hash(front[0], front[1]);
    return hash <= SQUEEZE_FRONT_CLOSER ? SQUEEZE_FRONT_CLOSER : hash;
}

size_t squeeze_glance(struct squeeze_quick *quick, enum fold_path path,
                      const struct squeeze_suspect *suspects, size_t count)
{
    const struct squeeze_index *index = quick->index;
    size_t kept = 0;
    bool wide = path == FOLD_PATH_AVX512;
    if (wide)
        squeeze_glance_avx512(quick, suspects, count);
    else
        for (size_t i = 0; i < count; i++)
            quick->fronts[i] = squeeze_glance_scalar(quick, &suspects[i]);
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(&index->fronts[quick->fronts[i] & index->fronts_mask]);
    for (size_t i = 0; i < count; i++) {
        uint64_t front = quick->fronts[i];
        quick->kept[kept] = (uint8_t)i;
        kept += front == SQUEEZE_FRONT_CLOSER ||
                (front != SQUEEZE_FRONT_NOTHING && squeeze_fronts_has(index, front) &&
                 /* Nearly always a word that is listed so ("look"). */
                 !(wide && squeeze_is_listed_avx512(quick, &suspects[i])));
    }
    return kept;
}
