/*
 * Looks up the pages (64 code points each) of many code points of three bytes at once, for
 * processors with AVX-512 VBMI. Private to the matcher.
 */
#ifndef MATCHER_PAGES_AVX512_H
#define MATCHER_PAGES_AVX512_H

#include <immintrin.h>
#include <stdint.h>

/* What pages, by code point >> 6, says of the code points of three bytes that begin at bits of
   three: there; 0 elsewhere. bytes holds their first bytes, next at the same places their second
   ones. All pages are read: a jump for each of those that a text has would be guessed wrong. */
__attribute__((target("avx512f,avx512bw,avx512vbmi"))) static inline __m512i
pages_lookup(const uint8_t pages[1024], __m512i bytes, __m512i next, uint64_t three)
{
    const __m512i low = _mm512_set1_epi8(0x3F);
    /* Two first bytes have 128 pages: one register pair. */
    __m512i odd = _mm512_and_si512(_mm512_slli_epi16(bytes, 6), _mm512_set1_epi8(0x40));
    __m512i index = _mm512_ternarylogic_epi64(next, low, odd, 0xEA); /* (next & low) | odd */
    __m512i pair = _mm512_and_si512(bytes, _mm512_set1_epi8(0x0E));
    __m512i found = _mm512_setzero_si512();
    for (unsigned i = 0; i < 8; i++) {
        __mmask64 here = _mm512_mask_cmpeq_epi8_mask(three, pair, _mm512_set1_epi8((char)(2 * i)));
        __m512i first = _mm512_loadu_si512(pages + 128 * i);
        __m512i second = _mm512_loadu_si512(pages + 128 * i + 64);
        found = _mm512_mask_mov_epi8(found, here, _mm512_permutex2var_epi8(first, index, second));
    }
    return found;
}

#endif
