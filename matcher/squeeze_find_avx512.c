/*
 * The search for suspects for processors with AVX-512: 64 bytes in one register.
 */
#include <immintrin.h>

#include "matcher/squeeze_find_step.h"

#define FIND_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,bmi,bmi2,lzcnt,popcnt")))

FIND_AVX512 static inline uint64_t equal(__m512i block, char byte)
{
    return _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte));
}

FIND_AVX512 static inline uint64_t within(__m512i block, char first, unsigned char count)
{
    __m512i from = _mm512_sub_epi8(block, _mm512_set1_epi8(first));
    return _mm512_cmplt_epu8_mask(from, _mm512_set1_epi8((char)count));
}

FIND_AVX512 static inline uint64_t shorts_of(uint64_t shorts, uint64_t all)
{
    return _pext_u64(shorts, all);
}

FIND_AVX512 void squeeze_find_avx512(struct find_state *state)
{
    const __m512i spaces = _mm512_set1_epi8(' ');
    for (size_t base = 0; base <= state->len; base += FIND_BLOCK) {
        size_t left = state->len - base;
        unsigned most = left < FIND_BLOCK ? (unsigned)left : FIND_BLOCK;
        __mmask64 inside = _bzhi_u64(~0ull, most);
        const char *at = state->text + base;
        __m512i block = _mm512_mask_loadu_epi8(spaces, inside, at);
        __m512i before = _mm512_mask_loadu_epi8(spaces, base > 0 ? inside : inside & ~1ull, at - 1);
        __m512i lower = _mm512_or_si512(block, spaces);
        struct find_masks now = {
            .letter = within(lower, 'a', 26),
            .small = within(block, 'a', 26),
            .digit = within(block, '0', 10),
            .space = within(block, 0, ' ' + 1),
            .other = _mm512_movepi8_mask(block),
            .trail = within(block, (char)0x80, 0x40),
            .loose = equal(block, '$') | equal(block, '@') | equal(block, '!') | equal(block, '|'),
            .opens = equal(block, '<') | equal(block, '%') | equal(block, '\\') | equal(block, '&'),
            .capital_i = equal(block, 'I'),
        };
        now.twice = now.letter & _mm512_cmpeq_epi8_mask(lower, _mm512_or_si512(before, spaces));
        find_step(state, (uint32_t)base, &now, shorts_of);
    }
}
