/*
 * The fold for processors with AVX-512 VBMI2: 64 bytes of ASCII and of code points of two bytes at
 * a time, spaces collapsed by vpcompressb; everything else goes through the shared step.
 */
#include <assert.h>
#include <immintrin.h>

#include "matcher/fold_step.h"

#define FOLD_AVX512                                                                                \
    __attribute__((                                                                                \
        target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

/* What becomes of a block: its bytes folded, which of them are of words, which of these vanish. */
struct block {
    __m512i folded;
    uint64_t word, gone;
    uint64_t stop; /* what only the shared step can fold; of ASCII at first: & % and \ */
};

/* Bytes of ASCII. */
FOLD_AVX512 static inline struct block ascii_of(__m512i bytes)
{
    __m512i lower = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
    __m512i from_a = _mm512_sub_epi8(lower, _mm512_set1_epi8('a'));
    __m512i from_0 = _mm512_sub_epi8(bytes, _mm512_set1_epi8('0'));
    __mmask64 letter = _mm512_cmplt_epu8_mask(from_a, _mm512_set1_epi8(26));
    __mmask64 digit = _mm512_cmplt_epu8_mask(from_0, _mm512_set1_epi8(10));
    __m512i folded = _mm512_mask_mov_epi8(_mm512_set1_epi8(' '), digit, bytes);
    static_assert('%' + 1 == '&', "found together");
    __m512i from_percent = _mm512_sub_epi8(bytes, _mm512_set1_epi8('%'));
    return (struct block){
        .folded = _mm512_mask_mov_epi8(folded, letter, lower),
        .word = letter | digit,
        .stop = _mm512_cmplt_epu8_mask(from_percent, _mm512_set1_epi8(2)) |
                _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\')),
    };
}

/* Code points of two bytes that become at most two: those with one first byte together. The last
   byte of a block begins none. */
FOLD_AVX512 static inline void add_twos(struct block *block, const uint8_t *at, __m512i bytes,
                                        uint64_t other)
{
    __m512i next = _mm512_maskz_loadu_epi8(~0ull >> 1 & other >> 1, at + 1);
    __mmask64 leads = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8((char)0xC2)),
                                             _mm512_set1_epi8(0xE0 - 0xC2));
    __mmask64 trails = _mm512_cmplt_epi8_mask(next, _mm512_set1_epi8((char)0xC0));
    uint64_t two = leads & trails, space = 0;
    for (uint64_t left = two; left != 0;) {
        uint8_t lead = at[_tzcnt_u64(left)];
        uint64_t same = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8((char)lead)) & left;
        size_t page = (lead & 0x1Fu) << 6;
        __m512i first = _mm512_loadu_si512(fold_first + page);
        __m512i second = _mm512_loadu_si512(fold_second + page);
        block->folded = _mm512_mask_permutexvar_epi8(block->folded, same, next, first);
        block->folded = _mm512_mask_permutexvar_epi8(block->folded, same << 1, bytes, second);
        left &= ~same;
    }
    uint64_t none = ~(uint64_t)_mm512_test_epi8_mask(block->folded, block->folded);
    space = _mm512_cmpeq_epi8_mask(block->folded, _mm512_set1_epi8(' ')) & two;
    block->stop |= (other & ~(two | two << 1)) | (none & two);
    block->word |= (two & ~space) | (two & ~space) << 1;
    block->gone = none & two << 1;
}

/* Folds the first count (1..64) bytes of a block. */
FOLD_AVX512 static inline void fold_block(struct fold_hot *hot, const struct block *block,
                                          unsigned count)
{
    __mmask64 inside = _bzhi_u64(~0ull, count);
    uint64_t word = block->word & inside;
    uint64_t space = ~word & (word << 1 | (hot->last != FOLD_SPACE)) & inside;
    uint64_t kept = (word & ~block->gone) | space;
    *hot->out = ' ';
    hot->out += hot->last == FOLD_UNSPACED && (word & 1) != 0;
    __m512i folded = _mm512_mask_mov_epi8(_mm512_set1_epi8(' '), word, block->folded);
    _mm512_storeu_si512(hot->out, _mm512_maskz_compress_epi8(kept, folded));
    hot->out += __builtin_popcountll(kept);
    hot->last = word >> (count - 1) & 1 ? FOLD_WORD : FOLD_SPACE;
    hot->at += count;
}

/* Folds code points one by one until a block is worth while again: at least one. */
FOLD_AVX512 static inline void fold_others(const struct fold_job *job, struct fold_hot *hot)
{
    for (;;) {
        fold_next(job, hot);
        if (job->end - hot->at < FOLD_FAST_BYTES)
            return;
        uint32_t ahead = 0;
        memcpy(&ahead, hot->at, sizeof ahead);
        uint8_t lead = (uint8_t)ahead;
        bool two = lead >= 0xC2 && lead < 0xE0 &&
                   fold_first[(lead & 0x1Fu) << 6 | (ahead >> 8 & 0x3Fu)] != 0;
        if (two || (ahead & 0x80808080u) == 0)
            return;
    }
}

FOLD_AVX512 size_t fold_text_avx512(const struct fold_job *job)
{
    struct fold_hot hot = fold_begin(job);
    while (hot.at < job->end) {
        size_t left = (size_t)(job->end - hot.at);
        unsigned most = left < 64 ? (unsigned)left : 64;
        __m512i bytes = _mm512_maskz_loadu_epi8(_bzhi_u64(~0ull, most), hot.at);
        uint64_t other = _mm512_movepi8_mask(bytes);
        struct block block = ascii_of(bytes);
        if (__builtin_expect(block.stop != 0, 0))
            block.stop = fold_notations(job, hot.at, block.stop);
        if (other != 0)
            add_twos(&block, hot.at, bytes, other);
        unsigned count = (unsigned)_tzcnt_u64(block.stop);
        if (count > most)
            count = most;
        if (count > 0)
            fold_block(&hot, &block, count);
        if (count < most)
            fold_others(job, &hot);
    }
    return fold_finish(job, hot);
}
