/*
 * HTML character references. Private to the fold.
 */
#ifndef MATCHER_FOLD_ENTITY_H
#define MATCHER_FOLD_ENTITY_H

#include <stddef.h>
#include <stdint.h>

/* Reads the reference at at[0] == '&', as a browser shows it, even if it was escaped up to 3 times
   more (&amp;#97;). Returns its length and the code point (U+FFFD for an impossible number), or 0
   if it is none. A name without its semicolon counts only if HTML knows it so and neither a letter,
   a digit nor = follows, for these stand in addresses. Reads nothing at or past end. */
size_t fold_entity_read(const uint8_t *at, const uint8_t *end, uint32_t *ret_cp);

#endif
