/*
 * Whether bytes are one JSON object (RFC 8259), without reading what it says: recovery asks it of
 * the lines that a crash may have torn. Pure.
 */
#ifndef LEDGER_SHAPE_H
#define LEDGER_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#define SHAPE_DEPTH_MAX 64u /* of nested arrays and objects; deeper is refused */

/* True when the len bytes are one JSON object in ASCII with no space outside of strings, as our own
   encoder spells it. */
bool shape_is_object(const char *bytes, size_t len);

#endif
