/*
 * The fold for processors with AVX-512 VBMI2: 64 ASCII bytes at a time, spaces collapsed by
 * vpcompressb; everything else goes through the shared step.
 */
#include <immintrin.h>

#include "matcher/fold_step.h"

#define FOLD_AVX512                                                                                \
    __attribute__((                                                                                \
        target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

/* Folds the first count (1..64) bytes of block, all ASCII and none an ampersand. */
FOLD_AVX512 static inline void fold_block(struct fold_hot *hot, __m512i block, unsigned count)
{
    __mmask64 inside = _bzhi_u64(~0ull, count);
    __m512i lower = _mm512_or_si512(block, _mm512_set1_epi8(0x20));
    __m512i from_a = _mm512_sub_epi8(lower, _mm512_set1_epi8('a'));
    __m512i from_0 = _mm512_sub_epi8(block, _mm512_set1_epi8('0'));
    __mmask64 letter = _mm512_cmplt_epu8_mask(from_a, _mm512_set1_epi8(26));
    __mmask64 digit = _mm512_cmplt_epu8_mask(from_0, _mm512_set1_epi8(10));
    __mmask64 word = (letter | digit) & inside;
    __mmask64 space = ~word & (word << 1 | (hot->last != FOLD_SPACE)) & inside;
    *hot->out = ' ';
    hot->out += hot->last == FOLD_UNSPACED && (word & 1) != 0;
    __m512i folded = _mm512_mask_mov_epi8(_mm512_set1_epi8(' '), digit, block);
    folded = _mm512_mask_mov_epi8(folded, letter, lower);
    folded = _mm512_maskz_compress_epi8(word | space, folded);
    _mm512_storeu_si512(hot->out, folded);
    hot->out += __builtin_popcountll(word | space);
    hot->last = word >> (count - 1) & 1 ? FOLD_WORD : FOLD_SPACE;
    hot->at += count;
}

FOLD_AVX512 size_t fold_text_avx512(const struct fold_job *job)
{
    struct fold_hot hot = fold_begin(job);
    while (hot.at < job->end) {
        size_t left = (size_t)(job->end - hot.at);
        unsigned most = left < 64 ? (unsigned)left : 64;
        __m512i block = _mm512_maskz_loadu_epi8(_bzhi_u64(~0ull, most), hot.at);
        uint64_t stop =
            _mm512_movepi8_mask(block) | _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('&'));
        unsigned ascii = (unsigned)_tzcnt_u64(stop);
        if (ascii > most)
            ascii = most;
        if (ascii > 0)
            fold_block(&hot, block, ascii);
        if (ascii < most)
            fold_until_ascii(job, &hot);
    }
    return fold_finish(job, hot);
}
