/*
 * The search for suspects: where in a raw text a mark may be written in disguise. Reads all of it,
 * so it is made for speed; knows no mark. Private to the squeeze.
 *
 * A chunk (a run of bytes that are no ASCII space) is suspect if it holds one of
 *  1. a letter next to a digit;
 *  2. $ @ ! or | next to a letter or digit;
 *  3. signs (ASCII or not) between two letters or digits that look like ASCII;
 *  4. a letter twice in a row;
 *  5. a capital behind a small letter;
 *  6. a run of SQUEEZE_LONG letters and digits or more;
 *  7. < % \ or & before something that is no space;
 *  8. a letter of another script that looks like ASCII: one that is in no everyday word, or any
 *     beside an ASCII letter, or where no letter is only roughly alike or not at all: ordinary
 *     Russian and Greek words are not.
 * A run is three or more short words one after another, whatever signs and spaces stand between
 * them: words of one code point, beside what shows as nothing (accents on it, invisible signs), or
 * of two bytes; with one of the signs of 2 that stands behind or
 * before a space beside them.
 */
#ifndef MATCHER_SQUEEZE_FIND_H
#define MATCHER_SQUEEZE_FIND_H

#include "matcher/fold.h"
#include "matcher/squeeze_index.h"

#define SQUEEZE_LONG         14u
#define SQUEEZE_SUSPECTS_MAX 256u /* handed over at once */

struct squeeze_suspect {
    uint32_t begin;    /* raw byte offsets of the chunk, or of the run */
    uint32_t end : 31; /* FOLD_TEXT_MAX at most; packed, so that paths write many at once */
    uint32_t run : 1;
};

/* Takes count suspects in the order of their ends. */
typedef void squeeze_take(void *context, const struct squeeze_suspect *suspects, size_t count);

/* Finds all suspects of a text (len <= FOLD_TEXT_MAX) by a path, which must be <=
   fold_path_best(). All paths find the same. room has SQUEEZE_SUSPECTS_MAX entries and is handed
   to take whenever it is nearly full. Reads nothing outside the text. Any thread. */
void squeeze_find(enum fold_path path, const struct squeeze_index *index, const char *text,
                  size_t len, struct squeeze_suspect *room, squeeze_take *take, void *context);

#endif
