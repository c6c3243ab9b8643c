/*
 * The inner step of the fold, shared by all its paths. Private to the fold.
 *
 * Every path keeps a struct fold_hot in registers and calls fold_fast for what the tables answer at
 * once; fold_step does everything, more slowly, and is the definition that the paths agree with.
 */
#ifndef MATCHER_FOLD_STEP_H
#define MATCHER_FOLD_STEP_H

#include <stdbool.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/fold_tables.h"
#include "matcher/notation.h"

#define FOLD_ALWAYS_INLINE static inline __attribute__((always_inline))
#define FOLD_FAST_BYTES    8 /* fold_fast reads at most these, and takes no more than 4 */

/* By state << 2 | class of the next: whether a space is due before it. */
#define FOLD_SPACE_DUE 0x350u

/* What stays the same during one fold. */
struct fold_job {
    const uint8_t *begin, *end;
    uint8_t *out;             /* begins with the space at the front */
    struct fold_trace *trace; /* NULL unless a map is wanted */
};

struct fold_hot {
    const uint8_t *at;
    uint8_t *out;
    unsigned last; /* enum fold_class of what was written last, never FOLD_IGNORE */
};

/* Folds the one code point, reference or bad byte at hot.at, which is before job->end. */
struct fold_hot fold_step(const struct fold_job *job, struct fold_hot hot);

/* The implementations for one kind of processor; see fold_text_by. */
size_t fold_text_avx2(const struct fold_job *job);
size_t fold_text_avx512(const struct fold_job *job);

/* The entry of any code point up to U+10FFFF. */
uint64_t fold_entry(uint32_t cp);

FOLD_ALWAYS_INLINE struct fold_hot fold_begin(const struct fold_job *job)
{
    job->out[0] = ' ';
    return (struct fold_hot){.at = job->begin, .out = job->out + 1, .last = FOLD_SPACE};
}

FOLD_ALWAYS_INLINE size_t fold_finish(const struct fold_job *job, struct fold_hot hot)
{
    *hot.out = ' ';
    hot.out += hot.last != FOLD_SPACE;
    return (size_t)(hot.out - job->out);
}

/* The entry of the code point at at, of which FOLD_FAST_BYTES can be read; a cold one for what is
   not UTF-8. *ret_len is set unless cold. */
FOLD_ALWAYS_INLINE uint64_t fold_lookup(const uint8_t *at, unsigned *ret_len)
{
    unsigned lead = at[0], second = at[1] & 0x3Fu;
    if (lead < 0x80) {
        *ret_len = 1;
        return fold_two[lead];
    }
    if ((at[1] & 0xC0) != 0x80 || lead < 0xC2)
        return FOLD_COLD;
    if (lead < 0xE0) {
        *ret_len = 2;
        return fold_two[(lead & 0x1F) << 6 | second];
    }
    if ((at[2] & 0xC0) != 0x80)
        return FOLD_COLD;
    unsigned page = (lead & 0xF) << 6 | second, last = at[2] & 0x3Fu, len = 3;
    if (lead >= 0xF0) {
        page = (lead & 7) << 12 | second << 6 | last;
        if (page >= 0x4400 || page < 0x400 || lead >= 0xF8 || (at[3] & 0xC0) != 0x80)
            return FOLD_COLD;
        last = at[3] & 0x3Fu;
        len = 4;
    } else if (page < 0x20) {
        return FOLD_COLD;
    }
    *ret_len = len;
    unsigned block = fold_stage1[page];
    if (block != FOLD_BLOCK_SAME)
        return fold_blocks[block][last];
    uint32_t same = 0;
    memcpy(&same, at, sizeof same);
    same &= len == 3 ? 0xFFFFFFu : 0xFFFFFFFFu;
    return same | (uint64_t)len << FOLD_LEN_SHIFT | (uint64_t)FOLD_UNSPACED << FOLD_CLASS_SHIFT;
}

/* Folds the code point at hot->at if its entry is simple; false (nothing done) if it is cold.
   FOLD_FAST_BYTES can be read there. */
FOLD_ALWAYS_INLINE bool fold_fast(struct fold_hot *hot)
{
    unsigned len = 0;
    uint64_t entry = fold_lookup(hot->at, &len);
    if ((int64_t)entry < 0)
        return false;
    unsigned class = (unsigned)(entry >> FOLD_CLASS_SHIFT);
    *hot->out = ' ';
    hot->out += FOLD_SPACE_DUE >> (hot->last << 2 | class) & 1;
    memcpy(hot->out, &entry, sizeof entry);
    hot->out += entry >> FOLD_LEN_SHIFT & 7;
    hot->last = class == FOLD_IGNORE ? hot->last : class;
    hot->at += len;
    return true;
}

/* Folds one code point by the faster of the two ways. */
FOLD_ALWAYS_INLINE void fold_next(const struct fold_job *job, struct fold_hot *hot)
{
    if (job->end - hot->at < FOLD_FAST_BYTES || !fold_fast(hot))
        *hot = fold_step(job, *hot);
}

/* Those bits of a block's mask of & % \ and < that may begin a notation or a tag: most signs do
   not. */
FOLD_ALWAYS_INLINE uint64_t fold_notations(const struct fold_job *job, const uint8_t *at,
                                           uint64_t signs)
{
    uint64_t kept = 0;
    for (; signs != 0; signs &= signs - 1)
        if (notation_may_begin(at + __builtin_ctzll(signs), job->end))
            kept |= signs & -signs;
    return kept;
}

/* Folds code points until at least 4 ASCII bytes lie ahead, of which the first is no reference, or
   the text ends: then a block path is worth while again. At least one is folded. */
FOLD_ALWAYS_INLINE void fold_until_ascii(const struct fold_job *job, struct fold_hot *hot)
{
    for (;;) {
        fold_next(job, hot);
        if (job->end - hot->at < FOLD_FAST_BYTES)
            return;
        uint32_t ahead = 0;
        memcpy(&ahead, hot->at, sizeof ahead);
        if ((ahead & 0x80808080u) == 0)
            return;
    }
}

#endif
