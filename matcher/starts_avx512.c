/*
 * Where literals may begin, for processors with AVX-512 VBMI2: eight words in one register.
 */
#include <immintrin.h>

#include "matcher/starts_walk.h"

#define STARTS_AVX512                                                                              \
    __attribute__((target(                                                                         \
        "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

/* A block and the one behind it, zeros behind the text. */
struct window {
    __m512i block, next;
};

STARTS_AVX512 static inline __m512i block_at(const struct starts_walk *walk, size_t at)
{
    size_t left = walk->len > at ? walk->len - at : 0;
    __mmask64 inside = _bzhi_u64(~0ull, left < STARTS_BLOCK ? (unsigned)left : STARTS_BLOCK);
    return _mm512_maskz_loadu_epi8(inside, walk->text + at);
}

/* Eight bytes at each of eight places of the window, from the first of which places has. */
STARTS_AVX512 static inline __m512i bytes_at(const struct window *window, __m512i places)
{
    return _mm512_permutex2var_epi8(window->block, places, window->next);
}

/* The first places of a compressed row, each as eight in a row. */
STARTS_AVX512 static inline __m512i spread(__m512i row, unsigned first)
{
    const __m512i within = _mm512_set1_epi64(0x0706050403020100);
    const __m512i lanes = _mm512_set_epi64(
        0x0707070707070707, 0x0606060606060606, 0x0505050505050505, 0x0404040404040404,
        0x0303030303030303, 0x0202020202020202, 0x0101010101010101, 0);
    __m512i from = _mm512_add_epi8(lanes, _mm512_set1_epi8((char)first));
    return _mm512_add_epi8(_mm512_permutexvar_epi8(from, row), within);
}

/* Bytes of each lane up to its first space, and in *ret_spaces 0xFF where spaces are. */
STARTS_AVX512 static inline __m512i cut(__m512i bytes, __m512i *ret_spaces)
{
    __m512i spaces = _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(' ')));
    __m512i below = _mm512_add_epi64(spaces, _mm512_set1_epi64(-1));
    *ret_spaces = spaces;
    return _mm512_ternarylogic_epi64(bytes, spaces, below, 0x20); /* bytes & ~spaces & below */
}

STARTS_AVX512 static inline __m512i word_keys(const struct window *window, __m512i places)
{
    __m512i spaces, rest;
    __m512i low = cut(bytes_at(window, places), &spaces);
    __m512i high = cut(bytes_at(window, _mm512_add_epi8(places, _mm512_set1_epi8(8))), &rest);
    __mmask8 longer = _mm512_testn_epi64_mask(spaces, spaces);
    return _mm512_mask_xor_epi64(low, longer, low, _mm512_rol_epi64(high, 20));
}

/* Adds the places of a block (its bits of mask) to keys, whose keys of eight are still to be put.
   Returns the places in a row. */
STARTS_AVX512 static inline __m512i put_ats(struct starts_keys *keys, size_t base, uint64_t mask)
{
    const __m512i all = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    __m512i row = _mm512_maskz_compress_epi8(mask, all);
    unsigned count = (unsigned)__builtin_popcountll(mask);
    for (unsigned i = 0; i < count; i += 16) {
        __m512i from = _mm512_add_epi8(all, _mm512_set1_epi8((char)i));
        __m128i some = _mm512_castsi512_si128(_mm512_permutexvar_epi8(from, row));
        __m512i ats = _mm512_add_epi32(_mm512_cvtepu8_epi32(some), _mm512_set1_epi32((int)base));
        _mm512_storeu_si512(keys->ats + keys->count + i, ats);
    }
    return row;
}

STARTS_AVX512 void starts_list_avx512(struct starts_walk *walk, size_t base, size_t end)
{
    struct starts_keys *words = &walk->words, *letters = &walk->letters;
    const __m512i leads = _mm512_movm_epi8(walk->starts->leads);
    const __m512i kept = _mm512_set1_epi64((long long)walk->starts->letters);
    struct window window = {.next = block_at(walk, base)};
    for (; base < end; base += STARTS_BLOCK) {
        window.block = window.next;
        window.next = block_at(walk, base + STARTS_BLOCK);
        uint64_t spaces = _mm512_cmpeq_epi8_mask(window.block, _mm512_set1_epi8(' '));
        uint64_t begins = (spaces << 1 | walk->space) & ~spaces;
        walk->space = spaces >> 63;
        if (end - base < STARTS_BLOCK)
            begins = _bzhi_u64(begins, (unsigned)(end - base));
        __m512i row = put_ats(words, base, begins);
        unsigned count = (unsigned)__builtin_popcountll(begins);
        for (unsigned i = 0; i < count; i += 8)
            _mm512_storeu_si512(words->keys + words->count + i, word_keys(&window, spread(row, i)));
        words->count += count;
        uint64_t lead = _mm512_movepi8_mask(_mm512_permutexvar_epi8(window.block, leads)) &
                        _mm512_cmpge_epu8_mask(window.block, _mm512_set1_epi8((char)0xC0));
        if (lead == 0)
            continue;
        row = put_ats(letters, base, lead);
        count = (unsigned)__builtin_popcountll(lead);
        for (unsigned i = 0; i < count; i += 8)
            _mm512_storeu_si512(letters->keys + letters->count + i,
                                _mm512_and_si512(bytes_at(&window, spread(row, i)), kept));
        letters->count += count;
    }
}

STARTS_AVX512 static inline __m512i hashes_of(const uint64_t *keys)
{
    return _mm512_mullo_epi64(_mm512_loadu_si512(keys),
                              _mm512_set1_epi64((long long)STARTS_FACTOR));
}

STARTS_AVX512 static inline __m512i pair_hashes(__m512i first, __m512i second)
{
    __m512i mixed = _mm512_xor_si512(first, _mm512_srli_epi64(first, 32));
    mixed = _mm512_mullo_epi64(mixed, _mm512_set1_epi64((long long)STARTS_FACTOR));
    return _mm512_add_epi64(mixed, second);
}

/* The words of the filter that hashes choose. */
STARTS_AVX512 static inline __m512i words_of(const struct starts *starts, __m512i hashes)
{
    __m512i at = _mm512_srl_epi64(hashes, _mm_cvtsi32_si128((int)starts->filter_shift));
    return _mm512_i64gather_epi64(at, starts->filter, 8);
}

/* As starts_bits. */
STARTS_AVX512 static inline __m512i bits_of(__m512i hashes)
{
    const __m512i one = _mm512_set1_epi64(1);
    __m512i a = _mm512_rolv_epi64(one, _mm512_srli_epi64(hashes, STARTS_BIT_A));
    __m512i b = _mm512_rolv_epi64(one, _mm512_srli_epi64(hashes, STARTS_BIT_B));
    __m512i c = _mm512_rolv_epi64(one, _mm512_srli_epi64(hashes, STARTS_BIT_C));
    return _mm512_ternarylogic_epi64(a, b, c, 0xFE); /* a | b | c */
}

/* Which words of the filter have these bits. */
STARTS_AVX512 static inline unsigned have(__m512i words, __m512i bits)
{
    __m512i missing = _mm512_andnot_si512(words, bits);
    return _mm512_testn_epi64_mask(missing, missing);
}

STARTS_AVX512 void starts_look_avx512(struct starts_walk *walk)
{
    const struct starts *starts = walk->starts;
    const struct starts_keys *words = &walk->words, *letters = &walk->letters;
    uint64_t pair[8], single[8];
    __m512i hashes_before = _mm512_set1_epi64((long long)starts_hash(words->keys[0]));
    __m512i under_before = words_of(starts, hashes_before);
    for (size_t i = 1; i < words->count; i += 8) {
        unsigned inside = _bzhi_u32(0xFF, (unsigned)(words->count - i));
        __m512i hashes = hashes_of(words->keys + i), under = words_of(starts, hashes);
        __m512i pairs = pair_hashes(_mm512_alignr_epi64(hashes, hashes_before, 7), hashes);
        __m512i under_first = _mm512_alignr_epi64(under, under_before, 7), bits = bits_of(pairs);
        unsigned has_pair = (have(under, bits) | have(under_first, bits)) & inside;
        unsigned has = have(under, bits_of(hashes)) & inside;
        hashes_before = hashes;
        under_before = under;
        if ((has_pair | has) == 0)
            continue;
        _mm512_storeu_si512(single, hashes);
        _mm512_storeu_si512(pair, pairs);
        starts_put_words(walk, i - 1, has_pair, has, pair, single);
    }
    for (size_t i = 0; i < letters->count; i += 8) {
        unsigned inside = _bzhi_u32(0xFF, (unsigned)(letters->count - i));
        __m512i hashes = hashes_of(letters->keys + i);
        unsigned has = have(words_of(starts, hashes), bits_of(hashes)) & inside;
        if (has == 0)
            continue;
        _mm512_storeu_si512(single, hashes);
        for (unsigned lane = 0; lane < 8; lane++)
            if ((has >> lane & 1) != 0)
                starts_put(starts, &walk->by_letters, letters->ats[i + lane], single[lane]);
    }
}
