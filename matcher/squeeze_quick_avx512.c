/*
 * The quick look for processors with AVX-512 VBMI2: an ASCII suspect in one register.
 */
#include <assert.h>
#include <immintrin.h>

#include "matcher/squeeze_quick.h"

#define QUICK_AVX512                                                                               \
    __attribute__((                                                                                \
        target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

/* Which bytes of a suspect are what. */
struct masks {
    uint64_t word, digit, odd;
    uint64_t humps; /* capitals behind small letters */
    uint64_t kept;  /* of the letters in a row: not like the one before */
};

QUICK_AVX512 static inline uint64_t equal(__m512i block, char byte)
{
    return _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(byte));
}

/* Every byte one place up. */
QUICK_AVX512 static inline __m512i shifted(__m512i block)
{
    static const uint8_t places[64] = {
        63, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
        21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42,
        43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62};
    return _mm512_permutexvar_epi8(_mm512_loadu_si512(places), block);
}

/* Looks every byte up in a table of 128. */
QUICK_AVX512 static inline __m512i lookup(const uint8_t *table, __m512i block)
{
    return _mm512_permutex2var_epi8(_mm512_loadu_si512(table), block,
                                    _mm512_loadu_si512(table + 64));
}

QUICK_AVX512 static inline void put_pieces(struct squeeze_quick *quick, uint32_t from,
                                           const struct masks *masks)
{
    unsigned count = 0;
    for (uint64_t left = masks->word; left != 0; count++) {
        unsigned begin = (unsigned)_tzcnt_u64(left);
        uint64_t rest = ~(left >> begin);
        unsigned len = (unsigned)_tzcnt_u64(rest);
        uint64_t here = _bzhi_u64(~0ull, len) << begin;
        unsigned at = (unsigned)__builtin_popcountll(_bzhi_u64(masks->word, begin));
        unsigned end = (unsigned)__builtin_popcountll(_bzhi_u64(masks->kept, at + len));
        unsigned digits = (unsigned)__builtin_popcountll(masks->digit & here);
        struct squeeze_piece *piece = &quick->pieces[count];
        piece->begin = piece->inner_begin =
            (uint8_t)(__builtin_popcountll(_bzhi_u64(masks->kept, at + 1)) - 1);
        piece->end = piece->inner_end = (uint8_t)end;
        piece->letters = (uint8_t)(len - digits);
        piece->digits = (uint8_t)digits;
        piece->odd = (masks->odd & here) != 0;
        piece->humps = (masks->humps & here) != 0;
        piece->other = false;
        piece->latin = true;
        piece->from = from + begin;
        piece->to = from + begin + len;
        left &= ~here;
    }
    quick->count = count;
}

QUICK_AVX512 enum squeeze_answer squeeze_quick_avx512(struct squeeze_quick *quick,
                                                      const struct squeeze_suspect *suspect)
{
    unsigned len = suspect->end - suspect->begin;
    if (len > 64)
        return SQUEEZE_ANSWER_SLOWLY;
    uint64_t inside = _bzhi_u64(~0ull, len);
    __m512i block =
        _mm512_mask_loadu_epi8(_mm512_set1_epi8(' '), inside, quick->text + suspect->begin);
    uint64_t opens = equal(block, '<') | equal(block, '\\') | equal(block, '%') |
                     equal(block, '&') | equal(block, '*');
    if ((opens | _mm512_movepi8_mask(block)) != 0)
        return SQUEEZE_ANSWER_SLOWLY;
    __m512i keys = lookup(quick->index->keys, block),
            lower = _mm512_or_si512(block, _mm512_set1_epi8(' '));
    __m512i from_0 = _mm512_sub_epi8(block, _mm512_set1_epi8('0'));
    __m512i from_a = _mm512_sub_epi8(block, _mm512_set1_epi8('a'));
    struct masks masks = {.word = _mm512_test_epi8_mask(keys, keys) & inside};
    masks.digit = _mm512_cmplt_epu8_mask(from_0, _mm512_set1_epi8(10));
    uint64_t letter = masks.word & ~masks.digit;
    uint64_t small = _mm512_cmplt_epu8_mask(from_a, _mm512_set1_epi8(26));
    masks.odd = (letter & masks.digit << 1) | (masks.digit & letter << 1);
    masks.odd |= _mm512_cmpeq_epi8_mask(lower, shifted(lower)) & masks.word & masks.word << 1;
    masks.humps = letter & ~small & small << 1;
    masks.odd |= masks.humps;
    __m512i row = _mm512_maskz_compress_epi8(masks.word, keys);
    unsigned count = (unsigned)__builtin_popcountll(masks.word);
    uint64_t again = _mm512_cmpeq_epi8_mask(row, shifted(row)) & ~1ull;
    masks.kept = _bzhi_u64(~again, count);
    __m512i key = _mm512_maskz_compress_epi8(masks.kept, row);
    __m512i signs = lookup(quick->index->signs, block);
    bool has_signs = _mm512_test_epi8_mask(signs, signs) != 0;
    _mm512_storeu_si512(quick->key, key);
    memset(quick->key + 64, 0, SQUEEZE_KEY_BYTES);
    quick->key_len = (unsigned)__builtin_popcountll(masks.kept);
    quick->signs = false;
    put_pieces(quick, suspect->begin, &masks);
    return has_signs ? SQUEEZE_ANSWER_SIGNS : SQUEEZE_ANSWER_READ;
}

/* The same by squeeze_glance_scalar, for a suspect that it reads in one register. */
QUICK_AVX512 static inline uint64_t glance(const struct squeeze_quick *quick,
                                           const struct squeeze_suspect *suspect)
{
    unsigned len = suspect->end - suspect->begin;
    if (len > 64)
        return SQUEEZE_FRONT_CLOSER;
    uint64_t inside = _bzhi_u64(~0ull, len);
    __m512i block = _mm512_maskz_loadu_epi8(inside, quick->text + suspect->begin);
    __m512i keys = lookup(quick->index->glances, block);
    if (_mm512_movepi8_mask(block) != 0)
        return squeeze_glance_scalar(quick, suspect);
    if (_mm512_movepi8_mask(keys) != 0)
        return SQUEEZE_FRONT_CLOSER;
    uint64_t word = _mm512_test_epi8_mask(keys, keys);
    __m512i from_0 = _mm512_sub_epi8(block, _mm512_set1_epi8('0'));
    uint64_t digit = _mm512_cmplt_epu8_mask(from_0, _mm512_set1_epi8(10));
    /* Capitals behind small letters: names may be written as one. */
    __m512i from_a = _mm512_sub_epi8(block, _mm512_set1_epi8('a'));
    __m512i from_A = _mm512_sub_epi8(block, _mm512_set1_epi8('A'));
    uint64_t small = _mm512_cmplt_epu8_mask(from_a, _mm512_set1_epi8(26));
    if ((_mm512_cmplt_epu8_mask(from_A, _mm512_set1_epi8(26)) & small << 1) != 0)
        return SQUEEZE_FRONT_CLOSER;
    unsigned count = (unsigned)__builtin_popcountll(word);
    unsigned digits = (unsigned)__builtin_popcountll(digit);
    uint64_t low = word >> (_tzcnt_u64(word) & 63);
    bool one = (low & (low + 1)) == 0;
    if (count < SQUEEZE_LONG && (digits == count || (one && (digits * 3 > count * 2 || count < 3))))
        return SQUEEZE_FRONT_NOTHING;
    if (!one || count >= SQUEEZE_LONG)
        return SQUEEZE_FRONT_CLOSER;
    __m128i row = _mm512_castsi512_si128(keys);
    if ((word & 1) == 0)
        row = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(word, keys));
    __mmask16 again = _mm_cmpeq_epi8_mask(row, _mm_bslli_si128(row, 1));
    __mmask16 kept = (__mmask16)_bzhi_u32(~(uint32_t)again, count);
    row = _mm_maskz_compress_epi8(kept, row);
    uint64_t hash =
        squeeze_front_hash((uint64_t)_mm_cvtsi128_si64(row), (uint64_t)_mm_extract_epi64(row, 1));
    return hash <= SQUEEZE_FRONT_CLOSER ? SQUEEZE_FRONT_CLOSER : hash;
}

QUICK_AVX512 void squeeze_glance_avx512(struct squeeze_quick *quick,
                                        const struct squeeze_suspect *suspects, size_t count)
{
    for (size_t i = 0; i < count; i++)
        quick->fronts[i] = glance(quick, &suspects[i]);
}

QUICK_AVX512 bool squeeze_is_listed_avx512(const struct squeeze_quick *quick,
                                           const struct squeeze_suspect *suspect)
{
    unsigned len = suspect->end - suspect->begin;
    if (len > 64)
        return false;
    __m512i block = _mm512_maskz_loadu_epi8(_bzhi_u64(~0ull, len), quick->text + suspect->begin);
    if (_mm512_movepi8_mask(block) != 0)
        return false;
    __m512i lower = _mm512_or_si512(block, _mm512_set1_epi8(' '));
    __m512i from_0 = _mm512_sub_epi8(block, _mm512_set1_epi8('0'));
    __m512i from_a = _mm512_sub_epi8(lower, _mm512_set1_epi8('a'));
    uint64_t word = _mm512_cmplt_epu8_mask(from_0, _mm512_set1_epi8(10)) |
                    _mm512_cmplt_epu8_mask(from_a, _mm512_set1_epi8(26));
    __m128i row = _mm512_castsi512_si128(_mm512_maskz_compress_epi8(word, lower));
    static_assert(SQUEEZE_LONG <= sizeof row, "it is there whole");
    return squeeze_is_odd(quick->index, squeeze_odd_hash((uint64_t)_mm_cvtsi128_si64(row),
                                                         (uint64_t)_mm_extract_epi64(row, 1)));
}
