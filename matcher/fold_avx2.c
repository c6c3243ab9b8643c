/*
 * The fold for processors with AVX2: 32 ASCII bytes at a time, spaces collapsed by table-driven
 * shuffles of 8 bytes; everything else goes through the shared step.
 */
#include <assert.h>
#include <immintrin.h>

#include "matcher/fold_step.h"

#define FOLD_AVX2 __attribute__((target("avx2,bmi,popcnt")))

FOLD_AVX2 static inline __m256i below(__m256i value, char limit)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(value, _mm256_set1_epi8((char)(limit - 1))), value);
}

FOLD_AVX2 static inline void store_kept(struct fold_hot *hot, __m256i folded, uint32_t keep)
{
    if (keep == 0xFFFFFFFFu) {
        _mm256_storeu_si256((__m256i_u *)hot->out, folded);
        hot->out += 32;
        return;
    }
    uint64_t eight[4];
    _mm256_storeu_si256((__m256i_u *)eight, folded);
    for (unsigned i = 0; i < 4; i++) {
        unsigned mask = keep >> (8 * i) & 0xFF;
        __m128i shuffle = _mm_cvtsi64_si128((long long)fold_pack[mask]);
        __m128i packed = _mm_shuffle_epi8(_mm_cvtsi64_si128((long long)eight[i]), shuffle);
        _mm_storel_epi64((__m128i_u *)hot->out, packed);
        hot->out += __builtin_popcount(mask);
    }
}

/* Folds the first count (1..32) bytes of block, all ASCII and none the first of a notation. */
FOLD_AVX2 static inline void fold_block(struct fold_hot *hot, __m256i block, unsigned count)
{
    uint32_t inside = count == 32 ? 0xFFFFFFFFu : (1u << count) - 1;
    __m256i lower = _mm256_or_si256(block, _mm256_set1_epi8(0x20));
    __m256i letter = below(_mm256_sub_epi8(lower, _mm256_set1_epi8('a')), 26);
    __m256i digit = below(_mm256_sub_epi8(block, _mm256_set1_epi8('0')), 10);
    uint32_t word = (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(letter, digit)) & inside;
    uint32_t space = ~word & (word << 1 | (hot->last != FOLD_SPACE)) & inside;
    *hot->out = ' ';
    hot->out += hot->last == FOLD_UNSPACED && (word & 1) != 0;
    __m256i folded = _mm256_blendv_epi8(_mm256_set1_epi8(' '), block, digit);
    folded = _mm256_blendv_epi8(folded, lower, letter);
    store_kept(hot, folded, word | space);
    hot->last = word >> (count - 1) & 1 ? FOLD_WORD : FOLD_SPACE;
    hot->at += count;
}

FOLD_AVX2 size_t fold_text_avx2(const struct fold_job *job)
{
    struct fold_hot hot = fold_begin(job);
    while (job->end - hot.at >= 32) {
        __m256i block = _mm256_loadu_si256((const __m256i_u *)hot.at);
        static_assert('%' + 1 == '&', "found together");
        __m256i signs = _mm256_or_si256(below(_mm256_sub_epi8(block, _mm256_set1_epi8('%')), 2),
                                        _mm256_cmpeq_epi8(block, _mm256_set1_epi8('\\')));
        signs = _mm256_or_si256(signs, _mm256_cmpeq_epi8(block, _mm256_set1_epi8('<')));
        uint32_t stop = (uint32_t)_mm256_movemask_epi8(block);
        uint32_t spelled = (uint32_t)_mm256_movemask_epi8(signs);
        if (__builtin_expect(spelled != 0, 0))
            spelled = (uint32_t)fold_notations(job, hot.at, spelled);
        stop |= spelled;
        unsigned ascii = stop == 0 ? 32 : (unsigned)__builtin_ctz(stop);
        if (ascii > 0)
            fold_block(&hot, block, ascii);
        if (ascii < 32)
            fold_until_ascii(job, &hot);
    }
    while (hot.at < job->end)
        fold_next(job, &hot);
    return fold_finish(job, hot);
}
