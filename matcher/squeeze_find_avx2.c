/*
 * The search for suspects for processors with AVX2: 64 bytes in two registers.
 */
#include <immintrin.h>

#include "matcher/squeeze_find_step.h"

#define FIND_AVX2 __attribute__((target("avx2,bmi,popcnt")))

/* The two halves of a block. */
struct halves {
    __m256i low, high;
};

FIND_AVX2 static inline uint64_t joined(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high)
                                                     << 32;
}

FIND_AVX2 static inline uint64_t equal(struct halves block, char byte)
{
    __m256i all = _mm256_set1_epi8(byte);
    return joined(_mm256_cmpeq_epi8(block.low, all), _mm256_cmpeq_epi8(block.high, all));
}

FIND_AVX2 static inline __m256i half_within(__m256i half, char first, char last)
{
    __m256i from = _mm256_sub_epi8(half, _mm256_set1_epi8(first));
    __m256i most = _mm256_set1_epi8((char)(last - first));
    return _mm256_cmpeq_epi8(_mm256_min_epu8(from, most), from);
}

FIND_AVX2 static inline uint64_t within(struct halves block, char first, char last)
{
    return joined(half_within(block.low, first, last), half_within(block.high, first, last));
}

FIND_AVX2 static inline struct halves load(const char *at)
{
    return (struct halves){_mm256_loadu_si256((const __m256i_u *)at),
                           _mm256_loadu_si256((const __m256i_u *)(at + 32))};
}

/* The bytes behind those of a mask, and the first if one of them stands before the block. */
FIND_AVX2 static inline uint64_t behind(uint64_t mask, unsigned before)
{
    return mask << 1 | (before != 0);
}

FIND_AVX2 static inline uint64_t shorts_of(uint64_t shorts, uint64_t all)
{
    uint64_t bits = 0;
    for (unsigned i = 0; all != 0; all &= all - 1, i++)
        bits |= (uint64_t)((shorts & all & -all) != 0) << i;
    return bits;
}

FIND_AVX2 static inline void masks_of(const struct find_state *state, size_t base,
                                      struct find_masks *ret_masks)
{
    const __m256i spaces = _mm256_set1_epi8(' ');
    char edge[FIND_BLOCK + 1]; /* the first and the last block, with what stands around them */
    size_t left = state->len - base;
    const char *at = state->text + base;
    if (base == 0 || left < FIND_BLOCK) {
        memset(edge, ' ', sizeof edge);
        memcpy(edge + 1, at, left < FIND_BLOCK ? left : FIND_BLOCK);
        edge[0] = base == 0 ? ' ' : at[-1];
        at = edge + 1;
    }
    struct halves block = load(at), before = load(at - 1);
    struct halves lower = {_mm256_or_si256(block.low, spaces), _mm256_or_si256(block.high, spaces)};
    uint8_t last = (uint8_t)at[-1];
    unsigned pair = last < 0x80 ? state->index->left[last] : 0;
    uint64_t letter = within(lower, 'a', 'z'), digit = within(block, '0', '9');
    uint64_t space = within(block, 0, ' '), small = within(block, 'a', 'z');
    uint64_t loose = equal(block, '$') | equal(block, '@') | equal(block, '!') | equal(block, '|');
    uint64_t opens = equal(block, '<') | equal(block, '%') | equal(block, '\\') | equal(block, '&');
    struct find_masks now = {
        .letter = letter,
        .alnum = letter | digit,
        .space = space,
        .other = joined(block.low, block.high),
        .trail = within(block, (char)0x80, (char)0xBF),
        .three = within(block, (char)0xE0, (char)0xFF),
        .four = within(block, (char)0xF0, (char)0xFF),
    };
    now.flagged = behind(letter, pair & SQUEEZE_PAIR_LETTER_DIGIT) & digit;
    now.flagged |= behind(digit, pair & SQUEEZE_PAIR_DIGIT_LETTER) & letter;
    now.flagged |= behind(now.alnum, pair & SQUEEZE_PAIR_TO_LOOSE) & loose;
    now.flagged |= behind(loose, pair & SQUEEZE_PAIR_LOOSE_TO) & now.alnum;
    now.flagged |= behind(small, pair & SQUEEZE_PAIR_HUMP) & letter & ~small;
    now.flagged |= behind(opens, pair & SQUEEZE_PAIR_OPENS) & ~space;
    now.flagged |=
        letter & joined(_mm256_cmpeq_epi8(lower.low, _mm256_or_si256(before.low, spaces)),
                        _mm256_cmpeq_epi8(lower.high, _mm256_or_si256(before.high, spaces)));
    *ret_masks = now;
}

FIND_AVX2 static inline void others_of(struct find_state *state, size_t base,
                                       const struct find_masks *now, struct find_others *ret_others)
{
    find_read_others(state, base, now, find_looks_scalar, ret_others);
}

FIND_AVX2 void squeeze_find_avx2(struct find_state *state)
{
    find_walk(state, masks_of, others_of, shorts_of);
}
