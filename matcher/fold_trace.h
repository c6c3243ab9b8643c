/*
 * The offset map while it is being filled. Private to the fold.
 */
#ifndef MATCHER_FOLD_TRACE_H
#define MATCHER_FOLD_TRACE_H

#include <stdbool.h>

#include "matcher/fold.h"

#define FOLD_MARKS_MAX 4u /* marks on one letter that are looked at; more are odd in any case */

/* One source code point: where it stands and what is to be said about it. */
struct fold_source {
    uint32_t cp;
    uint32_t from, to;
    uint16_t bits;
};

struct fold_trace {
    const struct fold_map *map;
    const uint8_t *out; /* the result that the map describes */
    unsigned pending;   /* invisible things since the last letter of this word */
    uint16_t spelled;   /* how those of them are spelled that are */
    uint32_t base;      /* the source letter that combining marks now belong to, 0 = none */
    size_t base_at;     /* its first folded byte */
    uint32_t marks[FOLD_MARKS_MAX];
    unsigned marks_count;
    bool odd; /* too many marks */
};

/* The folded bytes [begin, end) of source stand in the result; class is what they are. */
void fold_trace_letters(struct fold_trace *trace, size_t begin, size_t end,
                        const struct fold_source *source);

/* source is one sign more of those that the space at byte at of the result stands for. */
void fold_trace_more(struct fold_trace *trace, size_t at, const struct fold_source *source);

/* A space stands at byte at of the result: in the place of source if that is a sign, or else
   between source and what stands before it. */
void fold_trace_space(struct fold_trace *trace, size_t at, const struct fold_source *source,
                      bool sign);

/* source vanished; the result ends at end. */
void fold_trace_ignored(struct fold_trace *trace, size_t end, const struct fold_source *source);

/* source joined the code point that begins at byte begin of the result and ends at end. */
void fold_trace_joined(struct fold_trace *trace, size_t begin, size_t end,
                       const struct fold_source *source);

/* The code points [begin, middle) and [middle, end) of the result have changed places; the bytes
   still stand as they were. */
void fold_trace_swap(struct fold_trace *trace, size_t begin, size_t middle, size_t end);

/* Where to look up what a code point is: combining class, or technique bits of a source. */
uint32_t fold_order_of(uint32_t cp);
uint16_t fold_bits_of(uint32_t cp);

/* ACCENT, and COMBINING if no honest text has it so, of mark on the letter base, both as in the
   source. marks are all on that letter up to it, in the order of the text; a count above
   FOLD_MARKS_MAX says that there are more than were kept. */
uint16_t fold_mark_bits(uint32_t base, uint32_t mark, const uint32_t *marks, unsigned count);

/* Whether cp shows nothing and is no mark. */
bool fold_is_invisible(uint32_t cp);

/* Whether cp is invisible and no honest text has it between two Latin letters. */
bool fold_is_odd_invisible(uint32_t cp);

/* What NFC makes of the pair, 0 if nothing. */
uint32_t fold_compose(uint32_t first, uint32_t second);

#endif
