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
    uint64_t loose;        /* $ @ ! | */
    uint64_t opens;        /* < % \ & */
    uint64_t small, capital_i;
    uint64_t twice; /* a letter equal to the byte before, whatever its case */
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

/* Reads the code points that begin in a block with other bytes. */
struct find_others find_read_others(struct find_state *state, uint32_t base,
                                    const struct find_masks *now);

/* Hands over the run around the short word that ends at text[at], unless it was before. */
void find_add_run(struct find_state *state, uint32_t at);

/* Hands over the suspects that stand in the room. */
void find_flush(struct find_state *state);

/* Bits k below, those of the block before coming in. */
FIND_INLINE uint64_t find_shift(uint64_t mask, uint64_t before, unsigned k)
{
    return mask << k | before >> (64 - k);
}

/* The bits just behind those runs of ones in runs that hold a bit of flags or into which *carry
   comes; *carry: whether such a run goes on in the next block. */
FIND_INLINE uint64_t find_ends(uint64_t runs, uint64_t flags, unsigned *carry)
{
    uint64_t sum = 0;
    bool over = __builtin_add_overflow(runs, flags, &sum);
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
    if (space != 0)
        state->chunk = base + 64 - (uint32_t)__builtin_clzll(space);
}

/* Where words end that are short, and where any do: the bit behind them. */
FIND_INLINE uint64_t find_short_ends(const struct find_state *state, uint64_t word, uint64_t trail,
                                     uint64_t *ret_ends)
{
    uint64_t word1 = find_shift(word, state->word, 1), word2 = find_shift(word, state->word, 2);
    uint64_t word3 = find_shift(word, state->word, 3);
    uint64_t ends = ~word & word1;
    uint64_t shorts = ~word2 | ~word3;
    if ((trail | state->before.trail) != 0) {
        uint64_t trail1 = find_shift(trail, state->before.trail, 1);
        uint64_t trail2 = find_shift(trail, state->before.trail, 2);
        uint64_t trail3 = find_shift(trail, state->before.trail, 3);
        uint64_t three = trail1 & trail2 & ~trail3 & ~find_shift(word, state->word, 4);
        uint64_t four = trail1 & trail2 & trail3 & ~find_shift(word, state->word, 5);
        shorts |= three | four;
    }
    *ret_ends = ends;
    return ends & shorts;
}

/* Flags of a block by its ASCII bytes; seen: bytes of letters that look like ASCII, sign: of signs.
 */
FIND_INLINE uint64_t find_flags(struct find_state *state, const struct find_masks *now,
                                uint64_t seen, uint64_t sign)
{
    const struct find_masks *before = &state->before;
    uint64_t letter1 = find_shift(now->letter, before->letter, 1);
    uint64_t digit1 = find_shift(now->digit, before->digit, 1);
    uint64_t alnum = now->letter | now->digit, alnum1 = letter1 | digit1;
    uint64_t flags = (now->digit & letter1) | (now->letter & digit1);
    flags |= (now->loose & alnum1) | (alnum & find_shift(now->loose, before->loose, 1));
    flags |= now->twice & letter1;
    flags |= now->capital_i & find_shift(now->small, before->small, 1);
    flags |= find_shift(now->opens, before->opens, 1) & ~now->space;
    flags |= find_ends(sign, sign & find_shift(seen, state->seen, 1), &state->signs) & seen;
    uint64_t long2 = alnum & alnum1;
    uint64_t long4 = long2 & find_shift(long2, state->long2, 2);
    uint64_t long8 = long4 & find_shift(long4, state->long4, 4);
    flags |= long8 & find_shift(long8, state->long8, 6);
    state->long2 = long2;
    state->long4 = long4;
    state->long8 = long8;
    return flags;
}

/* One block; shorts_of(short ends, ends) gives a bit for each end, whether it is a short one. */
FIND_INLINE void find_step(struct find_state *state, uint32_t base, const struct find_masks *now,
                           uint64_t (*shorts_of)(uint64_t, uint64_t))
{
    struct find_others others = {0};
    if (now->other != 0)
        others = find_read_others(state, base, now);
    uint64_t word = now->letter | now->digit | (now->other & ~others.sign);
    uint64_t seen = word & ~others.strange;
    uint64_t sign = ~(word | now->space);
    uint64_t flags = find_flags(state, now, seen, sign) | others.odd;
    uint64_t ends = find_ends(~now->space, flags, &state->flagged);
    uint64_t latin = find_ends(~now->space, now->letter, &state->latin);
    if ((others.alike | others.foreign | state->alike | state->foreign) != 0) {
        uint64_t alike = find_ends(~now->space, others.alike, &state->alike);
        uint64_t foreign = find_ends(~now->space, others.foreign, &state->foreign);
        ends |= alike & (latin | ~foreign);
    }
    find_add_chunks(state, base, now->space, ends);
    uint64_t all = 0, shorts = find_short_ends(state, word, now->trail, &all);
    uint64_t bits = shorts_of(shorts, all);
    unsigned count = (unsigned)__builtin_popcountll(all);
    uint64_t two = bits << 2 | state->shorts;
    /* Bit k: the words k, k + 1 and k + 2 are short, of the two before and those of this block. */
    uint64_t three = bits & two >> 1 & two;
    for (uint64_t left = all; three != 0; three >>= 1, left &= left - 1)
        if ((three & 1) != 0)
            find_add_run(state, base + (uint32_t)__builtin_ctzll(left));
    state->shorts = (unsigned)(two >> count) & 3;
    state->word = word;
    state->seen = seen;
    state->before = *now;
    if (state->count > SQUEEZE_SUSPECTS_MAX - FIND_BLOCK)
        find_flush(state);
}

/* The implementations for one kind of processor. */
void squeeze_find_avx2(struct find_state *state);
void squeeze_find_avx512(struct find_state *state);

#endif
