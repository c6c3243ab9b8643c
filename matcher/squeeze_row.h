/*
 * Rows of letters set apart: whether a short text is all that a row says, or cut out of something
 * longer. Private to the squeeze.
 *
 * A row is single letters (and digits) with gaps between them: as long as only signs part them if
 * only signs part the letters of the text, otherwise whatever parts them. It ends where a small
 * letter is followed by a capital, or capitals alone by a small one ("R o l e x X L", "N I K E
 * n o w"), and at a gap that is wider than all those in the text ("N I K E  S C H U H E"). A text
 * of n < SQUEEZE_ROW_LETTERS_MIN that is written as single letters counts only if what the row has
 * before and after it is
 *  1. nothing;
 *  2. ordinary or listed words of three letters and more, and words for goods of any language, one
 *     after another ("b u y n i k e", "N I K E S C H U H E");
 *  3. a number; before the text also letters of sizes (s m l x); behind it a number with its unit,
 *     a size (xl, xxs) or a plural s;
 *  4. so much that it is not looked at;
 * and the row as a whole is no ordinary word. In a path, whose signs are slashes and stand before
 * the first letter too, it never counts.
 */
#ifndef MATCHER_SQUEEZE_ROW_H
#define MATCHER_SQUEEZE_ROW_H

#include "matcher/squeeze_try.h"

#define SQUEEZE_ROW_LETTERS_MIN 8u

/* Whether letters [first, last] of a window are single ones that are cut out of something longer,
   by the rules above. */
bool squeeze_row_is_cut_out(const struct squeeze_search *search,
                            const struct squeeze_window *window, size_t first, size_t last);

#endif
