/*
 * The search for suspects, eight blocks of 64 bytes at a time for processors with AVX-512 VBMI2: a
 * register holds one bit of each of 512 bytes. The same as find_step (squeeze_find_step.h), which
 * says why; only what a block has at most a few of is done block by block. Private to squeeze_find.
 */
#ifndef MATCHER_SQUEEZE_FIND_EIGHT_H
#define MATCHER_SQUEEZE_FIND_EIGHT_H

#include <immintrin.h>

#include "matcher/squeeze_find_step.h"

#define FIND_AVX512                                                                                \
    __attribute__((target(                                                                         \
        "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))
#define FIND_WIDE static inline __attribute__((always_inline))

#define FIND_LANES 8u

/* The masks of eight blocks, as in struct find_masks. Lanes behind the text are spaces. */
struct find_eight {
    __m512i letter, alnum, space, flagged, other;
};

/* Likewise, what is left of struct find_masks and of find_others: most texts have none of it. */
struct find_eight_others {
    bool any;
    _Alignas(64) uint64_t trail[FIND_LANES];
    _Alignas(64) uint64_t alike[FIND_LANES];
    _Alignas(64) uint64_t odd[FIND_LANES];
    _Alignas(64) uint64_t foreign[FIND_LANES];
    _Alignas(64) uint64_t strange[FIND_LANES];
    _Alignas(64) uint64_t sign[FIND_LANES];
    _Alignas(64) uint64_t nothing[FIND_LANES];
};

/* What comes of them: ends of suspect chunks, of short words, of all words. */
struct find_ends_of {
    _Alignas(64) uint64_t chunks[FIND_LANES];
    _Alignas(64) uint64_t shorts[FIND_LANES];
    _Alignas(64) uint64_t words[FIND_LANES];
    _Alignas(64) uint64_t spaces[FIND_LANES]; /* all of them */
};

/* Masks, and those of the block before each. */
struct find_row {
    __m512i now, before;
};

FIND_AVX512 FIND_WIDE __m512i find_lanes(const uint64_t lanes[FIND_LANES])
{
    return _mm512_load_si512(lanes);
}

/* last: what the block before the first has. */
FIND_AVX512 FIND_WIDE struct find_row find_row_of(__m512i now, uint64_t last)
{
    __m512i before = _mm512_alignr_epi64(now, _mm512_set1_epi64((long long)last), 7);
    return (struct find_row){now, before};
}

/* Bits k places up. */
FIND_AVX512 FIND_WIDE __m512i find_up(struct find_row row, unsigned k)
{
    return _mm512_shldv_epi64(row.now, row.before, _mm512_set1_epi64(k));
}

FIND_AVX512 FIND_WIDE uint64_t find_last(__m512i now)
{
    return (uint64_t)_mm_extract_epi64(_mm512_extracti64x2_epi64(now, 3), 1);
}

FIND_AVX512 FIND_WIDE __m512i find_and(__m512i a, __m512i b)
{
    return _mm512_and_si512(a, b);
}

FIND_AVX512 FIND_WIDE __m512i find_or(__m512i a, __m512i b)
{
    return _mm512_or_si512(a, b);
}

/* a without b. */
FIND_AVX512 FIND_WIDE __m512i find_but(__m512i a, __m512i b)
{
    return _mm512_andnot_si512(b, a);
}

FIND_AVX512 FIND_WIDE __m512i find_not(__m512i a)
{
    return _mm512_ternarylogic_epi64(a, a, a, 0x55);
}

/* Eight blocks of spaces. */
FIND_AVX512 FIND_WIDE struct find_eight find_spaces(void)
{
    __m512i none = _mm512_setzero_si512();
    return (struct find_eight){none, none, _mm512_set1_epi64(-1), none, none};
}

/* Puts the mask of a block into its lane. Not by way of memory: a register that is read there waits
   until all its parts are written. */
FIND_AVX512 FIND_WIDE void find_put(__m512i *lanes, unsigned lane, uint64_t mask)
{
    *lanes = _mm512_mask_set1_epi64(*lanes, (__mmask8)(1u << lane), (long long)mask);
}

FIND_AVX512 FIND_WIDE void find_clear(struct find_eight_others *others)
{
    uint64_t *const zeros[] = {others->trail,   others->alike, others->odd,    others->foreign,
                               others->strange, others->sign,  others->nothing};
    for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++)
        _mm512_store_si512(zeros[i], _mm512_setzero_si512());
    others->any = true;
}

/* runs + flags + *carry, of 512 bits in one sum; flags are bits of runs. */
FIND_AVX512 FIND_WIDE __m512i find_wide_sum(__m512i runs, __m512i flags, unsigned *carry)
{
    __m512i sum = _mm512_add_epi64(runs, flags);
    unsigned over = _mm512_cmplt_epu64_mask(sum, runs);
    unsigned full = _mm512_cmpeq_epi64_mask(sum, _mm512_set1_epi64(-1));
    /* What a lane gives to the next goes on through those that are full. */
    unsigned into = ((over << 1 | *carry) + full) ^ full;
    *carry = into >> 8 & 1;
    return _mm512_mask_add_epi64(sum, (__mmask8)into, sum, _mm512_set1_epi64(1));
}

/* As find_ends. */
FIND_AVX512 FIND_WIDE __m512i find_wide_ends(__m512i runs, __m512i flags, unsigned *carry)
{
    return find_but(find_wide_sum(runs, flags, carry), runs);
}

/* As find_long. */
FIND_AVX512 FIND_WIDE __m512i find_wide_long(struct find_state *state, __m512i one)
{
    static_assert(SQUEEZE_LONG == 8 + 6, "as counted here");
    __m512i two = find_and(one, find_up(find_row_of(one, state->long1), 1));
    __m512i four = find_and(two, find_up(find_row_of(two, state->long2), 2));
    __m512i eight = find_and(four, find_up(find_row_of(four, state->long4), 4));
    __m512i all = find_and(eight, find_up(find_row_of(eight, state->long8), 6));
    state->long1 = find_last(one);
    state->long2 = find_last(two);
    state->long4 = find_last(four);
    state->long8 = find_last(eight);
    return all;
}

/* As find_brief_ends. */
FIND_AVX512 FIND_WIDE __m512i find_wide_brief_ends(const struct find_state *state,
                                                   struct find_row words, __m512i trail)
{
    __m512i shorts = find_not(find_and(find_up(words, 2), find_up(words, 3)));
    if ((_mm512_test_epi64_mask(trail, trail) | (state->trail != 0)) == 0)
        return shorts;
    struct find_row trails = find_row_of(trail, state->trail);
    __m512i two = find_and(find_up(trails, 1), find_up(trails, 2)), third = find_up(trails, 3);
    shorts = find_or(shorts, find_but(find_but(two, third), find_up(words, 4)));
    return find_or(shorts, find_but(find_and(two, third), find_up(words, 5)));
}

/* As find_single_ends. */
FIND_AVX512 FIND_WIDE __m512i find_wide_single_ends(struct find_state *state, __m512i word,
                                                    __m512i trail, __m512i nothing)
{
    __m512i shown = find_but(find_but(word, trail), nothing);
    __m512i again = find_and(find_wide_sum(word, shown, &state->shown), shown);
    (void)find_wide_ends(word, nothing, &state->bare); /* only what is carried */
    return find_not(find_wide_ends(word, again, &state->more));
}

/* As find_short_ends. */
FIND_AVX512 FIND_WIDE __m512i find_wide_short_ends(struct find_state *state, __m512i word,
                                                   __m512i trail, __m512i nothing,
                                                   __m512i *ret_words)
{
    struct find_row words = find_row_of(word, state->word);
    __m512i ends = find_but(find_up(words, 1), word);
    __m512i shorts = find_wide_brief_ends(state, words, trail);
    if ((_mm512_test_epi64_mask(nothing, nothing) | (state->bare != 0)) != 0)
        shorts = find_or(shorts, find_wide_single_ends(state, word, trail, nothing));
    else
        find_carry_shown(state, find_last(word), find_last(trail));
    *ret_words = ends;
    return find_and(ends, shorts);
}

/* As find_alike_ends. */
FIND_AVX512 FIND_WIDE __m512i find_wide_alike_ends(struct find_state *state, __m512i chunks,
                                                   __m512i letter,
                                                   const struct find_eight_others *others)
{
    __m512i alike = find_wide_ends(chunks, find_lanes(others->alike), &state->alike);
    __m512i foreign = find_wide_ends(chunks, find_lanes(others->foreign), &state->foreign);
    __m512i latin = find_wide_ends(chunks, letter, &state->latin);
    return find_but(alike, find_but(foreign, latin));
}

/* As find_step, of eight blocks, up to what is added. with_others: there are some, or carries of
   some. */
FIND_AVX512 FIND_WIDE void find_judge(struct find_state *state, const struct find_eight *eight,
                                      const struct find_eight_others *others, bool with_others,
                                      struct find_ends_of *ret_ends)
{
    __m512i word = eight->alnum, seen = word, trail = _mm512_setzero_si512(), words;
    __m512i nothing = trail;
    if (with_others) {
        nothing = find_lanes(others->nothing);
        word = find_or(word, find_but(eight->other, find_lanes(others->sign)));
        seen = find_but(word, find_lanes(others->strange));
        trail = find_lanes(others->trail);
    }
    __m512i sign = find_not(find_or(word, eight->space)), chunks = find_not(eight->space);
    __m512i first = find_and(sign, find_up(find_row_of(seen, state->seen), 1));
    __m512i between = find_and(find_wide_ends(sign, first, &state->signs), seen);
    __m512i flags = find_or(find_or(eight->flagged, between), find_wide_long(state, eight->alnum));
    if (with_others)
        flags = find_or(flags, find_lanes(others->odd));
    __m512i ends = find_wide_ends(chunks, flags, &state->flagged);
    if (with_others)
        ends = find_or(ends, find_wide_alike_ends(state, chunks, eight->letter, others));
    else
        (void)find_wide_ends(chunks, eight->letter, &state->latin); /* only what is carried */
    __m512i shorts = find_wide_short_ends(state, word, trail, nothing, &words);
    _mm512_store_si512(ret_ends->chunks, ends);
    _mm512_store_si512(ret_ends->shorts, shorts);
    _mm512_store_si512(ret_ends->words, words);
    _mm512_store_si512(ret_ends->spaces, eight->space);
    state->word = find_last(word);
    state->seen = find_last(seen);
    state->trail = find_last(trail);
}

#endif
