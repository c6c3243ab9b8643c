/*
 * The search for suspects for processors with AVX-512: 64 bytes in one register.
 */
#include <immintrin.h>

#include "matcher/squeeze_find_step.h"

#define FIND_AVX512                                                                                \
    __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,bmi,bmi2,lzcnt,popcnt")))

FIND_AVX512 static inline uint64_t shorts_of(uint64_t shorts, uint64_t all)
{
    return _pext_u64(shorts, all);
}

FIND_AVX512 static inline __mmask64 has(__m512i bytes, unsigned bit)
{
    return _mm512_test_epi8_mask(bytes, _mm512_set1_epi8((char)bit));
}

/* What a table of 128 says of the ASCII bytes of a block, other of what is no ASCII. */
FIND_AVX512 static inline __m512i lookup(const uint8_t table[128], __m512i block, __m512i other)
{
    __m512i low = _mm512_loadu_si512(table), high = _mm512_loadu_si512(table + 64);
    __m512i found = _mm512_permutex2var_epi8(low, block, high);
    return _mm512_mask_mov_epi8(found, _mm512_movepi8_mask(block), other);
}

FIND_AVX512 static inline __attribute__((always_inline)) void
masks_of(const struct find_state *state, size_t base, struct find_masks *ret_masks)
{
    const __m512i spaces = _mm512_set1_epi8(' ');
    size_t left = state->len - base;
    const char *at = state->text + base;
    __m512i block, before;
    if (base > 0 && left >= FIND_BLOCK) {
        block = _mm512_loadu_si512(at);
        before = _mm512_loadu_si512(at - 1);
    } else {
        __mmask64 inside = _bzhi_u64(~0ull, left < FIND_BLOCK ? (unsigned)left : FIND_BLOCK);
        block = _mm512_mask_loadu_epi8(spaces, inside, at);
        before = _mm512_mask_loadu_epi8(spaces, base > 0 ? inside : inside & ~1ull, at - 1);
    }
    __m512i right = lookup(state->index->right, block, _mm512_set1_epi8(SQUEEZE_PAIR_OPENS));
    __m512i first = lookup(state->index->left, before, _mm512_setzero_si512());
    struct find_masks now = {
        .letter = _mm512_movepi8_mask(right),
        .alnum = has(right, SQUEEZE_PAIR_LOOSE_TO),
        .space = has(right, SQUEEZE_RIGHT_SPACE),
        .flagged = _mm512_test_epi8_mask(first, right),
        .other = _mm512_movepi8_mask(block),
    };
    now.flagged |= now.letter & _mm512_cmpeq_epi8_mask(_mm512_or_si512(block, spaces),
                                                       _mm512_or_si512(before, spaces));
    if (now.other != 0) {
        now.trail = now.other & ~_mm512_movepi8_mask(_mm512_add_epi8(block, block));
        now.three = _mm512_cmpge_epu8_mask(block, _mm512_set1_epi8((char)0xE0));
        now.four = _mm512_cmpge_epu8_mask(block, _mm512_set1_epi8((char)0xF0));
    }
    *ret_masks = now;
}

/* The bytes of a block and those behind each. */
struct rows {
    __m512i bytes, next, third;
};

FIND_AVX512 static inline __m512i row_at(const struct find_state *state, size_t at)
{
    size_t left = state->len > at ? state->len - at : 0;
    if (left >= FIND_BLOCK)
        return _mm512_loadu_si512(state->text + at);
    __mmask64 inside = _bzhi_u64(~0ull, left < FIND_BLOCK ? (unsigned)left : FIND_BLOCK);
    return _mm512_maskz_loadu_epi8(inside, state->text + at);
}

FIND_AVX512 static inline __mmask64 equal(__m512i row, uint8_t byte)
{
    return _mm512_cmpeq_epi8_mask(row, _mm512_set1_epi8((char)byte));
}

FIND_AVX512 static inline __mmask64 trails(__m512i row)
{
    __m512i top = _mm512_and_si512(row, _mm512_set1_epi8((char)0xC0));
    return equal(top, 0x80);
}

/* Looks of two bytes: those with one first byte together. */
FIND_AVX512 static inline __m512i two_bytes(const struct find_state *state, size_t base,
                                            const struct rows *rows, uint64_t left, __m512i looks)
{
    while (left != 0) {
        uint8_t lead = (uint8_t)state->text[base + _tzcnt_u64(left)];
        __mmask64 same = equal(rows->bytes, lead) & left;
        const uint8_t *page = state->index->looks + ((lead & 0x1Fu) << 6);
        looks = _mm512_mask_permutexvar_epi8(looks, same, rows->next, _mm512_loadu_si512(page));
        left &= ~same;
    }
    return looks;
}

/* Looks of three bytes: pages first, then those in pages that have more than one look. */
FIND_AVX512 static inline __m512i three_bytes(const struct find_state *state, size_t base,
                                              const struct rows *rows, uint64_t left, __m512i looks)
{
    __mmask64 mixed = 0;
    while (left != 0) {
        uint8_t lead = (uint8_t)state->text[base + _tzcnt_u64(left)];
        __mmask64 same = equal(rows->bytes, lead) & left;
        __m512i pages = _mm512_loadu_si512(state->index->pages + ((lead & 0xFu) << 6));
        looks = _mm512_mask_permutexvar_epi8(looks, same, rows->next, pages);
        left &= ~same;
        mixed |= same & _mm512_movepi8_mask(looks);
    }
    while (mixed != 0) {
        const uint8_t *at = (const uint8_t *)state->text + base + _tzcnt_u64(mixed);
        __mmask64 same = equal(rows->bytes, at[0]) & equal(rows->next, at[1]) & mixed;
        const uint8_t *page = state->index->looks + ((at[0] & 0xFu) << 12 | (at[1] & 0x3Fu) << 6);
        looks = _mm512_mask_permutexvar_epi8(looks, same, rows->third, _mm512_loadu_si512(page));
        mixed &= ~same;
    }
    return looks;
}

FIND_AVX512 static inline void looks_of(const struct find_state *state, size_t base,
                                        const struct find_masks *now, uint64_t first,
                                        struct find_looks *ret_looks)
{
    struct rows rows = {row_at(state, base), row_at(state, base + 1), row_at(state, base + 2)};
    uint64_t two = first & ~now->three & trails(rows.next);
    two &= _mm512_cmpge_epu8_mask(rows.bytes, _mm512_set1_epi8((char)0xC2));
    uint64_t three = first & now->three & ~now->four & trails(rows.next) & trails(rows.third);
    three &=
        ~equal(rows.bytes, 0xE0) | _mm512_cmpge_epu8_mask(rows.next, _mm512_set1_epi8((char)0xA0));
    __m512i looks = two_bytes(state, base, &rows, two, _mm512_setzero_si512());
    looks = three_bytes(state, base, &rows, three, looks);
    *ret_looks = (struct find_looks){has(looks, 1), has(looks, 2), has(looks, 4)};
    uint64_t left = first & ~(two | three);
    if (left != 0) {
        struct find_looks others;
        find_looks_scalar(state, base, now, left, &others);
        ret_looks->bit0 |= others.bit0;
        ret_looks->bit1 |= others.bit1;
        ret_looks->bit2 |= others.bit2;
    }
}

/* Not inlined: most texts have few blocks with other letters. */
FIND_AVX512 static __attribute__((noinline)) void others_of(struct find_state *state, size_t base,
                                                            const struct find_masks *now,
                                                            struct find_others *ret_others)
{
    find_read_others(state, base, now, looks_of, ret_others);
}

FIND_AVX512 void squeeze_find_avx512(struct find_state *state)
{
    find_walk(state, masks_of, others_of, shorts_of);
}
