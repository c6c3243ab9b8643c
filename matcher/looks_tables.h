/*
 * The generated tables of the reading by looks (matcher/unicode/make_looks.c writes them at
 * build time) and how their entries are packed. Private to the reading.
 *
 * An entry says what one code point looks like:
 *   bits  0..2   enum looks_kind
 *   bits  3..6   techniques: MATCHER_TECHNIQUE_COMPAT, _WIDTH, _ACCENT, _CONFUSABLE, in place
 *   bits  7..15  LOOKS_LETTERS: index into looks_words; LOOKS_SIGN: index into looks_leets;
 *                LOOKS_NOTHING: enum looks_nothing
 */
#ifndef MATCHER_LOOKS_TABLES_H
#define MATCHER_LOOKS_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "matcher/looks.h"

#define LOOKS_KIND_MASK       7u
#define LOOKS_TECHNIQUES_MASK 0x78u
#define LOOKS_INDEX_SHIFT     7
#define LOOKS_INDEX_MAX       511u
#define LOOKS_BLOCK_SHIFT     5
#define LOOKS_BLOCK_COUNT     (1u << LOOKS_BLOCK_SHIFT)
#define LOOKS_LEET_BYTES      4u /* the letters of one digit or sign, and a NUL */

/* Code points from here on are looked up by looks_high. */
#define LOOKS_TABLE_END 0x20000u

enum looks_nothing {
    LOOKS_NOTHING_SOFT = 0, /* honest text has it inside words */
    LOOKS_NOTHING_ODD = 1,  /* no honest text has it between Latin letters */
    LOOKS_NOTHING_MARK = 2, /* a combining mark: see the letter before it */
};

struct looks_word {
    uint8_t letters[LOOKS_LETTERS_MAX];
    uint8_t count;
    uint8_t leet; /* of a single digit: index into looks_leets */
};

extern const struct looks_word looks_words[];
extern const char looks_leets[][LOOKS_LEET_BYTES]; /* 0 is the empty one */
extern const struct looks_unit looks_units[256];   /* of ASCII bytes; to == 0: must be read */
extern const uint16_t looks_stage1[LOOKS_TABLE_END >> LOOKS_BLOCK_SHIFT];
extern const uint16_t looks_blocks[][LOOKS_BLOCK_COUNT];

/* The entry of a code point behind the table: ideographs, tags and variation selectors, private
   use. */
static inline uint16_t looks_high(uint32_t cp)
{
    if (cp < 0x40000)
        return LOOKS_FOREIGN;
    bool selector = cp >= 0xE0100 && cp <= 0xE01EF;
    if (cp >= 0xE0000 && cp <= 0xE0FFF)
        return (uint16_t)(LOOKS_NOTHING | (selector ? LOOKS_NOTHING_SOFT : LOOKS_NOTHING_ODD)
                                              << LOOKS_INDEX_SHIFT);
    return LOOKS_SIGN;
}

#endif
