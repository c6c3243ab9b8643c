/*
 * The name that a mistyped word was probably meant to be, for "did you mean ...?". Pure.
 */
#ifndef DAEMON_NEAREST_H
#define DAEMON_NEAREST_H

#include <stddef.h>

#define NEAREST_BYTES_MAX  64u /* of a word or name; what is longer is near nothing */
#define NEAREST_TEXT_BYTES 96u

struct nearest {
    const char *word; /* borrowed, as are the names: as long as this is used */
    size_t word_len;
    const char *name; /* the nearest so far; NULL: none is near enough */
    size_t name_len;
    unsigned distance; /* of it, in slips */
};

/* Nothing is near this word yet. */
struct nearest nearest_begin(const char *word, size_t word_len);

/* Takes a name that is nearer than those before it. A slip is a letter too many, too few or another
   one, or two neighbours exchanged; one in three letters may be slips. */
void nearest_try(struct nearest *nearest, const char *name, size_t name_len);

/* "; did you mean NAME?", with `before` in front of the name, or "" when none is near. */
void nearest_text(const struct nearest *nearest, const char *before,
                  char ret_text[NEAREST_TEXT_BYTES]);

#endif
