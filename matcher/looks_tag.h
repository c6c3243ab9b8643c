/*
 * Tags and comments. Private to the two readings of text.
 */
#ifndef MATCHER_LOOKS_TAG_H
#define MATCHER_LOOKS_TAG_H

#include <stddef.h>
#include <stdint.h>

#include "matcher/looks.h"

#define LOOKS_TAG_BYTES_MAX 512u

/* Reads the tag or comment at at < end, whose '<' may be spelled in any notation. Returns its
   length, at most LOOKS_TAG_BYTES_MAX, and what it is in the text: NOTHING, SPACE, or SIGN for a
   picture; or 0 if there is none. Reads nothing at or past end. */
size_t looks_tag_read(const uint8_t *at, const uint8_t *end, enum looks_kind *ret_kind);

/* The length of the tag there if it holds no text: it has a name of HTML, is no comment, hides
   nothing, and has no attribute, or only such as say how it is drawn (style, not alt) and its '<'
   is one; or 0. The same limits. */
size_t looks_tag_silent(const uint8_t *at, const uint8_t *end);

#endif
