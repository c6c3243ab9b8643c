/*
 * The search for suspects, 64 bytes at a time: what all paths share. A path only says which bytes
 * of a block are of which kind. Private to squeeze_find.
 */
#ifndef MATCHER_SQUEEZE_FIND_STEP_H
#define MATCHER_SQUEEZE_FIND_STEP_H

#include <assert.h>

#include "matcher/squeeze_find.h"

#define FIND_INLINE static inline __attribute__((always_inline))
#define FIND_BLOCK  64u

/* Bit i: of what kind byte i of a block is. Bytes behind the text are spaces. */
struct find_masks {
    uint64_t letter, alnum, space;
    uint64_t flagged;      /* with the byte before it a reason for suspicion: SQUEEZE_PAIR_* */
    uint64_t other, trail; /* not ASCII; UTF-8 continuation bytes */
    uint64_t three, four;  /* first bytes of code points of three bytes and more; of four */
};

/* Bits of enum squeeze_look at the first bytes of code points. */
struct find_looks {
    uint64_t bit0, bit1, bit2;
};

/* What a block with other bytes holds; bits at all bytes of the code points. */
struct find_others {
    uint64_t alike, odd; /* look like ASCII; odd: in no everyday word */
    uint64_t foreign;    /* belong to words of their own script */
    uint64_t strange;    /* of these look like nothing in ASCII */
    uint64_t sign;
    uint64_t nothing; /* show as nothing */
};

/* Bytes of a block that belong to a code point of the block before, and its look. */
struct find_rest {
    uint64_t claimed;
    struct find_looks looks;
};

/* What a block leaves to the next. */
struct find_state {
    const struct squeeze_index *index;
    const char *text;
    size_t len;
    squeeze_take *take;
    void *context;
    uint64_t trail;      /* of the block before */
    uint64_t word, seen; /* of the block before: bytes of words; that look like ASCII */
    uint64_t long1, long2, long4, long8; /* ends of 1, 2, 4 and 8 letters and digits in a row */
    struct find_rest rest;
    uint8_t looks[FIND_BLOCK];      /* of the block before, if rest.claimed; of AVX-512 alone */
    unsigned signs, flagged;        /* carries: a run of signs, a flagged chunk */
    unsigned alike, foreign, latin; /* carries of chunks with such letters */
    unsigned shown, more, bare; /* carries of words: something that shows, more, something bare */
    unsigned shorts;            /* whether the last two words were short, as bits */
    uint32_t chunk;             /* where the chunk at the end of the block began */
    uint32_t run_end;           /* end of the run that was handed over last */
    size_t count;
    struct squeeze_suspect *suspects; /* SQUEEZE_SUSPECTS_MAX */
};

/* What a path knows: the masks of a block, the looks of the code points that begin at bits of
   first, and for each end of a word, whether it is a short one. */
typedef void find_masks_of(const struct find_state *state, size_t base,
                           struct find_masks *ret_masks);
typedef void find_looks_of(const struct find_state *state, size_t base,
                           const struct find_masks *now, uint64_t first,
                           struct find_looks *ret_looks);
typedef void find_others_of(struct find_state *state, size_t base, const struct find_masks *now,
                            struct find_others *ret_others);
typedef uint64_t find_shorts_of(uint64_t shorts, uint64_t ends);

/* Hands over the run around the short word that ends at text[at], unless it was before. */
void find_add_run(struct find_state *state, uint32_t at);

/* Hands over the suspects that stand in the room. */
void find_flush(struct find_state *state);

/* Bits k places up; those of the block before come in. */
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
    size_t count = state->count;
    for (; ends != 0; ends &= ends - 1) {
        unsigned end = (unsigned)__builtin_ctzll(ends);
        uint64_t spaces = space & ((1ull << end) - 1);
        uint32_t begin = base + 64 - (uint32_t)__builtin_clzll(spaces | 1), open = state->chunk;
        /* One in two: a jump would be guessed wrong. */
        begin = __builtin_expect_with_probability(spaces == 0, 1, 0.5) ? open : begin;
        state->suspects[count++] = (struct squeeze_suspect){begin, (base + end) & INT32_MAX, false};
    }
    state->count = count;
}

/* All bytes of the code points that begin at bits of first, as far as they are continued; *rest:
   those of the next block, 0 before. */
FIND_INLINE uint64_t find_spread(const struct find_masks *now, uint64_t first, uint64_t *rest)
{
    if (first == 0)
        return 0;
    uint64_t second = first << 1 & now->trail, one = first >> 63;
    if (now->three == 0) {
        *rest = one;
        return first | second;
    }
    uint64_t third = (second & now->three << 1) << 1 & now->trail;
    uint64_t fourth = (third & now->four << 2) << 1 & now->trail;
    one |= ((second & now->three << 1) | (third & now->four << 2)) >> 63;
    uint64_t two = ((first & now->three) | (second & now->four << 1)) >> 63;
    *rest = one | two << 1 | (first & now->four) >> 63 << 2;
    return first | second | third | fourth;
}

/* Reads the code points of a block. */
FIND_INLINE void find_read_others(struct find_state *state, size_t base,
                                  const struct find_masks *now, find_looks_of *looks_of,
                                  struct find_others *ret_others)
{
    uint64_t first = now->other & ~now->trail;
    struct find_looks looks;
    looks_of(state, base, now, first, &looks);
    struct find_rest before = state->rest;
    state->rest = (struct find_rest){0};
    uint64_t claimed = find_spread(now, first, &state->rest.claimed);
    looks.bit0 = find_spread(now, looks.bit0, &state->rest.looks.bit0);
    looks.bit1 = find_spread(now, looks.bit1, &state->rest.looks.bit1);
    looks.bit2 = find_spread(now, looks.bit2, &state->rest.looks.bit2);
    if (before.claimed != 0) {
        /* What the block before has begun goes on as far as it is continued. */
        uint64_t low = now->trail & ~(now->trail + 1);
        claimed |= before.claimed & low;
        looks.bit0 |= before.looks.bit0 & low;
        looks.bit1 |= before.looks.bit1 & low;
        looks.bit2 |= before.looks.bit2 & low;
    }
    static_assert(SQUEEZE_LOOK_PLAIN == 0 && SQUEEZE_LOOK_ALIKE == 1 && SQUEEZE_LOOK_FOREIGN == 2 &&
                      SQUEEZE_LOOK_WEAK == 3 && SQUEEZE_LOOK_ODD == 4 && SQUEEZE_LOOK_SIGN == 5 &&
                      SQUEEZE_LOOK_NOTHING == 6 && SQUEEZE_LOOK_SPACE == 7,
                  "the bits are read as these numbers");
    uint64_t odd = looks.bit2 & ~looks.bit1 & ~looks.bit0, foreign = looks.bit1 & ~looks.bit2;
    *ret_others = (struct find_others){
        .alike = (looks.bit0 & ~looks.bit2) | odd,
        .odd = odd,
        .foreign = foreign,
        .strange = foreign & ~looks.bit0,
        /* Bytes that are not UTF-8 count as signs. */
        .sign = (looks.bit2 & looks.bit0) | (now->trail & ~claimed),
        .nothing = looks.bit2 & looks.bit1 & ~looks.bit0,
    };
}

/* Where words of two bytes and of one code point end: the bit behind them. */
FIND_INLINE uint64_t find_brief_ends(const struct find_state *state, uint64_t word, uint64_t trail)
{
    uint64_t word2 = find_shift(word, state->word, 2);
    uint64_t shorts = ~word2 | ~find_shift(word, state->word, 3);
    if ((trail | state->trail) == 0)
        return shorts;
    uint64_t trail1 = find_shift(trail, state->trail, 1);
    uint64_t trail2 = find_shift(trail, state->trail, 2);
    uint64_t trail3 = find_shift(trail, state->trail, 3);
    shorts |= trail1 & trail2 & ~trail3 & ~find_shift(word, state->word, 4);
    return shorts | (trail1 & trail2 & trail3 & ~find_shift(word, state->word, 5));
}

/* Bits of the word that is open at the end of a block, as far as they are in it. */
FIND_INLINE uint64_t find_open_word(uint64_t word)
{
    return word == UINT64_MAX ? word : ~(UINT64_MAX >> __builtin_clzll(~word));
}

/* Carries of a block in which everything shows. */
FIND_INLINE void find_carry_shown(struct find_state *state, uint64_t word, uint64_t trail)
{
    uint64_t open = find_open_word(word), shown = open & ~trail;
    state->shown = open != 0;
    state->more = (shown & (shown - 1)) != 0;
    state->bare = 0;
}

/* Where words end of which at most one code point shows. */
FIND_INLINE uint64_t find_single_ends(struct find_state *state, uint64_t word, uint64_t trail,
                                      uint64_t nothing)
{
    uint64_t shown = word & ~trail & ~nothing, sum = 0;
    /* Within a word the sum has bits at all that are shown but for the first. */
    bool over = __builtin_add_overflow(word, shown, &sum);
    over |= __builtin_add_overflow(sum, (uint64_t)state->shown, &sum);
    state->shown = over;
    (void)find_ends(word, nothing, &state->bare); /* only what is carried */
    return ~find_ends(word, sum & shown, &state->more);
}

/* Where words end that are short, and where any do: the bit behind them. */
FIND_INLINE uint64_t find_short_ends(struct find_state *state, uint64_t word, uint64_t trail,
                                     uint64_t nothing, uint64_t *ret_ends)
{
    uint64_t ends = ~word & find_shift(word, state->word, 1);
    uint64_t shorts = find_brief_ends(state, word, trail);
    if ((nothing | state->bare) != 0)
        shorts |= find_single_ends(state, word, trail, nothing);
    else
        find_carry_shown(state, word, trail);
    *ret_ends = ends;
    return ends & shorts;
}

/* Where SQUEEZE_LONG letters and digits and more end. */
FIND_INLINE uint64_t find_long(struct find_state *state, uint64_t one)
{
    static_assert(SQUEEZE_LONG == 8 + 6, "as counted here");
    uint64_t two = one & find_shift(one, state->long1, 1);
    uint64_t four = two & find_shift(two, state->long2, 2);
    uint64_t eight = four & find_shift(four, state->long4, 4);
    uint64_t all = eight & find_shift(eight, state->long8, 6);
    state->long1 = one;
    state->long2 = two;
    state->long4 = four;
    state->long8 = eight;
    return all;
}

/* Flags of a block; seen: bytes of letters that look like ASCII, sign: of signs. */
FIND_INLINE uint64_t find_flags(struct find_state *state, const struct find_masks *now,
                                uint64_t seen, uint64_t sign)
{
    uint64_t first = sign & find_shift(seen, state->seen, 1);
    uint64_t between = find_ends(sign, first, &state->signs) & seen;
    return now->flagged | between | find_long(state, now->alnum);
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

/* Ends of chunks with letters of other scripts that look like ASCII; see squeeze_find.h, 8. */
FIND_INLINE uint64_t find_alike_ends(struct find_state *state, const struct find_masks *now,
                                     const struct find_others *others)
{
    uint64_t chunks = ~now->space;
    if ((others->alike | state->alike) == 0) {
        /* Only what the chunk at the end of the block holds matters, to the next. */
        uint64_t open = now->space == 0 ? ~0ull : ~0ull << (63 - __builtin_clzll(now->space));
        unsigned on = now->space == 0;
        state->foreign = (state->foreign & on) | ((others->foreign & open) != 0);
        state->latin = (state->latin & on) | ((now->letter & open) != 0);
        return 0;
    }
    uint64_t alike = find_ends(chunks, others->alike, &state->alike);
    uint64_t foreign = find_ends(chunks, others->foreign, &state->foreign);
    uint64_t latin = find_ends(chunks, now->letter, &state->latin);
    return alike & (latin | ~foreign);
}

/* One block. */
FIND_INLINE void find_step(struct find_state *state, uint32_t base, const struct find_masks *now,
                           find_others_of *others_of, find_shorts_of *shorts_of)
{
    struct find_others others = {0};
    if ((now->other | state->rest.claimed) != 0)
        others_of(state, base, now, &others);
    uint64_t word = now->alnum | (now->other & ~others.sign);
    uint64_t seen = word & ~others.strange, sign = ~(word | now->space);
    uint64_t flags = find_flags(state, now, seen, sign) | others.odd;
    uint64_t ends = find_ends(~now->space, flags, &state->flagged);
    ends |= find_alike_ends(state, now, &others);
    find_add_chunks(state, base, now->space, ends);
    uint64_t all = 0, shorts = find_short_ends(state, word, now->trail, others.nothing, &all);
    find_add_runs(state, base, shorts_of(shorts, all), all);
    if (now->space != 0)
        state->chunk = base + 64 - (uint32_t)__builtin_clzll(now->space);
    state->word = word;
    state->seen = seen;
    state->trail = now->trail;
    if (state->count > SQUEEZE_SUSPECTS_MAX - FIND_BLOCK)
        find_flush(state);
}

/* Goes over the text and the spaces behind it. */
FIND_INLINE void find_walk(struct find_state *state, find_masks_of *masks_of,
                           find_others_of *others_of, find_shorts_of *shorts_of)
{
    for (size_t base = 0; base <= state->len; base += FIND_BLOCK) {
        struct find_masks now;
        masks_of(state, base, &now);
        find_step(state, (uint32_t)base, &now, others_of, shorts_of);
    }
}

/* The looks one by one. */
void find_looks_scalar(const struct find_state *state, size_t base, const struct find_masks *now,
                       uint64_t first, struct find_looks *ret_looks);

/* The implementations for one kind of processor. */
void squeeze_find_avx2(struct find_state *state);
void squeeze_find_avx512(struct find_state *state);

#endif
