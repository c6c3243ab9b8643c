/*
 * The search for suspects, 64 bytes at a time: what all paths share. A path only says which bytes
 * of a block are of which kind. Private to squeeze_find.
 */
#ifndef MATCHER_SQUEEZE_FIND_STEP_H
#define MATCHER_SQUEEZE_FIND_STEP_H

#include "matcher/squeeze_find.h"

#define FIND_INLINE static inline __attribute__((always_inline))
#define FIND_BLOCK  64u

/* Bit i: of what kind byte i of a block is. Bytes behind the text are spaces. */
struct find_masks {
    uint64_t letter, digit, space;
    uint64_t other, trail; /* not ASCII; UTF-8 continuation bytes */
    uint64_t three, four;  /* first bytes of code points of three bytes and more; of four */
    uint64_t loose;        /* $ @ ! | */
    uint64_t opens;        /* < % \ & */
    uint64_t small;        /* of the letters */
    uint64_t twice;        /* a letter equal to the byte before, whatever its case */
};

/* What a block with other bytes holds; bits at all bytes of the code points. */
struct find_others {
    uint64_t alike, odd; /* look like ASCII; odd: in no everyday word */
    uint64_t foreign;    /* belong to words of their own script */
    uint64_t strange;    /* of these look like nothing in ASCII */
    uint64_t sign;
    uint64_t claimed; /* of any code point */
};

/* What a block leaves to the next. */
struct find_state {
    const struct squeeze_index *index;
    const char *text;
    size_t len;
    squeeze_take *take;
    void *context;
    struct find_masks before;
    uint64_t word, seen; /* of the block before: bytes of words; that look like ASCII */
    uint64_t long2, long4, long8;
    struct find_others rest;        /* bytes of this block that belong to a code point before it */
    unsigned signs, flagged;        /* carries: a run of signs, a flagged chunk */
    unsigned alike, foreign, latin; /* carries of chunks with such letters */
    unsigned shorts;                /* whether the last two words were short, as bits */
    uint32_t chunk;                 /* where the chunk at the end of the block began */
    uint32_t run_end;               /* end of the run that was handed over last */
    size_t count;
    struct squeeze_suspect *suspects; /* SQUEEZE_SUSPECTS_MAX */
};

/* Reads the code points that begin at the bytes keep of a block. */
void find_read_others(struct find_state *state, uint32_t base, const struct find_masks *now,
                      uint64_t keep, struct find_others *ret_others);

/* Hands over the run around the short word that ends at text[at], unless it was before. */
void find_add_run(struct find_state *state, uint32_t at);

/* Hands over the suspects that stand in the room. */
void find_flush(struct find_state *state);

/* Bits k below; those of the block before come in unless the block is clean. */
FIND_INLINE uint64_t find_shift(uint64_t mask, uint64_t before, unsigned k, bool clean)
{
    return clean ? mask << k : mask << k | before >> (64 - k);
}

/* The bits just behind those runs of ones in runs that hold a bit of flags or, unless the block is
   clean, into which *carry comes; *carry: whether such a run goes on in the next block. */
FIND_INLINE uint64_t find_ends(uint64_t runs, uint64_t flags, unsigned *carry, bool clean)
{
    uint64_t sum = 0;
    bool over = __builtin_add_overflow(runs, flags, &sum);
    if (!clean)
        over |= __builtin_add_overflow(sum, (uint64_t)*carry, &sum);
    *carry = over;
    return sum & ~runs;
}

/* Adds the chunks that end where bits of ends are. */
FIND_INLINE void find_add_chunks(struct find_state *state, uint32_t base, uint64_t space,
                                 uint64_t ends)
{
    for (; ends != 0; ends &= ends - 1) {
        unsigned end = (unsigned)__builtin_ctzll(ends);
        uint64_t spaces = space & ((1ull << end) - 1);
        uint32_t begin = spaces == 0 ? state->chunk : base + 64 - (uint32_t)__builtin_clzll(spaces);
        state->suspects[state->count++] = (struct squeeze_suspect){begin, base + end, false};
    }
}

/* Where words end that are short, and where any do: the bit behind them. */
FIND_INLINE uint64_t find_short_ends(const struct find_state *state, uint64_t word, uint64_t trail,
                                     bool clean, uint64_t *ret_ends)
{
    uint64_t word2 = find_shift(word, state->word, 2, clean);
    uint64_t ends = ~word & find_shift(word, state->word, 1, clean);
    uint64_t shorts = ~word2 | ~find_shift(word, state->word, 3, clean);
    if ((trail | state->before.trail) != 0) {
        uint64_t trail1 = find_shift(trail, state->before.trail, 1, clean);
        uint64_t trail2 = find_shift(trail, state->before.trail, 2, clean);
        uint64_t trail3 = find_shift(trail, state->before.trail, 3, clean);
        shorts |= trail1 & trail2 & ~trail3 & ~find_shift(word, state->word, 4, clean);
        shorts |= trail1 & trail2 & trail3 & ~find_shift(word, state->word, 5, clean);
    }
    *ret_ends = ends;
    return ends & shorts;
}

/* Flags of a block by its ASCII bytes; seen: bytes of letters that look like ASCII, sign: of signs.
 */
FIND_INLINE uint64_t find_flags(struct find_state *state, const struct find_masks *now,
                                uint64_t seen, uint64_t sign, bool clean)
{
    const struct find_masks *before = &state->before;
    uint64_t letter1 = find_shift(now->letter, before->letter, 1, clean);
    uint64_t digit1 = find_shift(now->digit, before->digit, 1, clean);
    uint64_t alnum = now->letter | now->digit, alnum1 = letter1 | digit1;
    uint64_t flags = (now->digit & letter1) | (now->letter & digit1);
    flags |= (now->loose & alnum1) | (alnum & find_shift(now->loose, before->loose, 1, clean));
    flags |= now->twice & letter1;
    flags |= now->letter & ~now->small & find_shift(now->small, before->small, 1, clean);
    flags |= find_shift(now->opens, before->opens, 1, clean) & ~now->space;
    uint64_t first = sign & find_shift(seen, state->seen, 1, clean);
    flags |= find_ends(sign, first, &state->signs, clean) & seen;
    uint64_t long2 = alnum & alnum1;
    uint64_t long4 = long2 & find_shift(long2, state->long2, 2, clean);
    uint64_t long8 = long4 & find_shift(long4, state->long4, 4, clean);
    flags |= long8 & find_shift(long8, state->long8, 6, clean);
    state->long2 = long2;
    state->long4 = long4;
    state->long8 = long8;
    return flags;
}

/* Hands over the runs of which a third short word ends where bits of all are. */
FIND_INLINE void find_add_runs(struct find_state *state, uint32_t base, uint64_t shorts,
                               uint64_t all)
{
    uint64_t two = shorts << 2 | state->shorts;
    /* Bit k: the words k, k + 1 and k + 2 are short, of the two before and those of this block. */
    uint64_t three = shorts & two >> 1 & two;
    for (uint64_t left = all; three != 0; three >>= 1, left &= left - 1)
        if ((three & 1) != 0)
            find_add_run(state, base + (uint32_t)__builtin_ctzll(left));
    state->shorts = (unsigned)(two >> __builtin_popcountll(all)) & 3;
}

/* One block, up to its last space if it has one; clean: a space or nothing stands before it.
   shorts_of(short ends, ends) gives a bit for each end, whether it is a short one. Returns how many
   bytes are done: the next block is clean if not all 64. */
FIND_INLINE uint32_t find_step(struct find_state *state, uint32_t base,
                               const struct find_masks *now, bool clean,
                               uint64_t (*shorts_of)(uint64_t, uint64_t))
{
    unsigned done = now->space == 0 ? 64 : 64 - (unsigned)__builtin_clzll(now->space);
    uint64_t keep = ~0ull >> (64 - done);
    struct find_others others = {0};
    if ((now->other | state->rest.claimed) != 0)
        find_read_others(state, base, now, keep, &others);
    uint64_t word = now->letter | now->digit | (now->other & ~others.sign);
    uint64_t seen = word & ~others.strange, sign = ~(word | now->space);
    uint64_t flags = find_flags(state, now, seen, sign, clean) | others.odd;
    uint64_t ends = find_ends(~now->space, flags, &state->flagged, clean);
    uint64_t latin = find_ends(~now->space, now->letter, &state->latin, clean);
    if ((others.alike | others.foreign | state->alike | state->foreign) != 0) {
        uint64_t alike = find_ends(~now->space, others.alike, &state->alike, clean);
        uint64_t foreign = find_ends(~now->space, others.foreign, &state->foreign, clean);
        ends |= alike & (latin | ~foreign);
    }
    find_add_chunks(state, base, now->space, ends & keep);
    uint64_t all = 0, shorts = find_short_ends(state, word, now->trail, clean, &all);
    find_add_runs(state, base, shorts_of(shorts, all & keep), all & keep);
    if (now->space != 0) {
        state->chunk = base + done;
        state->alike = state->foreign = 0;
    }
    state->word = word;
    state->seen = seen;
    state->before = *now;
    if (state->count > SQUEEZE_SUSPECTS_MAX - FIND_BLOCK)
        find_flush(state);
    return done;
}

/* Goes over the text; masks_of(state, base) gives the masks of the block at base. */
FIND_INLINE void find_walk(struct find_state *state,
                           struct find_masks (*masks_of)(const struct find_state *, size_t),
                           uint64_t (*shorts_of)(uint64_t, uint64_t))
{
    bool clean = true;
    for (size_t base = 0; base < state->len || !clean;) {
        struct find_masks now = masks_of(state, base);
        base += clean ? find_step(state, (uint32_t)base, &now, true, shorts_of)
                      : find_step(state, (uint32_t)base, &now, false, shorts_of);
        clean = now.space != 0;
    }
}

/* The implementations for one kind of processor. */
void squeeze_find_avx2(struct find_state *state);
void squeeze_find_avx512(struct find_state *state);

#endif
