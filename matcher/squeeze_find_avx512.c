/*
 * The search for suspects for processors with AVX-512: 64 bytes in one register.
 */
#include <immintrin.h>

#include "matcher/squeeze_find_step.h"

#define FIND_AVX512                                                                                \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi,bmi2,lzcnt,popcnt")))

/* The bytes with the highest bit, in the order of enum squeeze_byte. */
FIND_AVX512 static inline uint64_t take_bit(__m512i *bits)
{
    uint64_t mask = _mm512_movepi8_mask(*bits);
    *bits = _mm512_add_epi8(*bits, *bits);
    return mask;
}

FIND_AVX512 static inline uint64_t shorts_of(uint64_t shorts, uint64_t all)
{
    return _pext_u64(shorts, all);
}

FIND_AVX512 static inline __attribute__((always_inline)) struct find_masks
masks_of(const struct find_state *state, size_t base)
{
    const __m512i spaces = _mm512_set1_epi8(' ');
    const uint8_t *kinds = state->index->kinds;
    const __m512i low = _mm512_loadu_si512(kinds), high = _mm512_loadu_si512(kinds + 64);
    size_t left = state->len - base;
    unsigned most = left < FIND_BLOCK ? (unsigned)left : FIND_BLOCK;
    __mmask64 inside = _bzhi_u64(~0ull, most);
    const char *at = state->text + base;
    __m512i block = _mm512_mask_loadu_epi8(spaces, inside, at);
    __m512i before = _mm512_mask_loadu_epi8(spaces, base > 0 ? inside : inside & ~1ull, at - 1);
    struct find_masks now = {.other = _mm512_movepi8_mask(block)};
    __m512i bits = _mm512_maskz_mov_epi8(~now.other, _mm512_permutex2var_epi8(low, block, high));
    now.letter = take_bit(&bits);
    now.digit = take_bit(&bits);
    now.space = take_bit(&bits);
    now.loose = take_bit(&bits);
    now.opens = take_bit(&bits);
    now.small = take_bit(&bits);
    if (now.other != 0) {
        now.trail = now.other & ~_mm512_movepi8_mask(_mm512_add_epi8(block, block));
        now.three = _mm512_cmpge_epu8_mask(block, _mm512_set1_epi8((char)0xE0));
        now.four = _mm512_cmpge_epu8_mask(block, _mm512_set1_epi8((char)0xF0));
    }
    now.twice = now.letter & _mm512_cmpeq_epi8_mask(_mm512_or_si512(block, spaces),
                                                    _mm512_or_si512(before, spaces));
    return now;
}

FIND_AVX512 void squeeze_find_avx512(struct find_state *state)
{
    find_walk(state, masks_of, shorts_of);
}
