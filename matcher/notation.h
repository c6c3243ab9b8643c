/*
 * The ways to spell a code point in ASCII: HTML character references, percent-encoding, JSON and
 * JavaScript escapes. Private to the two readings of text, which both undo them.
 */
#ifndef MATCHER_NOTATION_H
#define MATCHER_NOTATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "matcher/fold.h"
#include "matcher/matcher.h"

/* The techniques that notation_read gives. */
#define NOTATION_TECHNIQUES (MATCHER_TECHNIQUE_ENTITY | MATCHER_TECHNIQUE_ESCAPED)

/* Reads the character reference, percent-encoding or JSON/JavaScript escape at at < end, each of
   them also if it was escaped a few times more. Returns its length, the code point (U+FFFD for an
   impossible one) and ENTITY or ESCAPED; or 0 if there is none:
    - percent-encoded bytes that are no code point in UTF-8 (50%De...);
    - an encoded ASCII character behind a number that stands alone: the sign says per cent there
      (100%20cm). Behind a letter, = / _ & ? or another escape a number is part of an address or of
      a word (q=10%20cm, gmt2%20).
   begin is that of the text, of which a few bytes before at are looked at. Reads nothing at or past
   end. */
size_t notation_read(const uint8_t *begin, const uint8_t *at, const uint8_t *end, uint32_t *ret_cp,
                     uint16_t *ret_technique);

/* Whether & % or \ at at < end may begin a notation, or < a tag, by the byte behind it: most do
   not. */
static inline bool notation_may_begin(const uint8_t *at, const uint8_t *end)
{
    uint8_t next = at + 1 < end ? at[1] : ' ', lower = next | 0x20;
    bool digit = (uint8_t)(next - '0') < 10;
    switch (*at) {
    case '&':
        return next == '#' || fold_is_alnum(next);
    case '%':
        return digit || lower == 'u' || (uint8_t)(lower - 'a') < 6;
    case '<':
        return next == '/' || (uint8_t)(lower - 'a') < 26;
    case '\\':
        return next == '\\' || lower == 'u' || next == 'x';
    default:
        return false;
    }
}

#endif
