/*
 * The search for suspects for processors with AVX-512 VBMI2: the masks of 64 bytes in one register,
 * and the walk, eight blocks at a time.
 */
#include "matcher/pages_avx512.h"
#include "matcher/squeeze_find_eight.h"

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

/* The masks of a block that say nothing of other scripts; the others stay zero. */
FIND_AVX512 FIND_WIDE struct find_masks masks_of(const struct find_state *state, size_t base)
{
    const __m512i spaces = _mm512_set1_epi8(' ');
    size_t left = state->len - base;
    const char *at = state->text + base;
    __mmask64 inside = _bzhi_u64(~0ull, left < FIND_BLOCK ? (unsigned)left : FIND_BLOCK);
    __m512i block = _mm512_mask_loadu_epi8(spaces, inside, at);
    __m512i before = _mm512_mask_loadu_epi8(spaces, base > 0 ? inside : inside & ~1ull, at - 1);
    __m512i right = lookup(state->index->right, block, _mm512_set1_epi8(SQUEEZE_PAIR_OPENS));
    __m512i first = lookup(state->index->left, before, _mm512_setzero_si512());
    __mmask64 letter = _mm512_movepi8_mask(right);
    __mmask64 twice = _mm512_mask_cmpeq_epi8_mask(letter, _mm512_or_si512(block, spaces),
                                                  _mm512_or_si512(before, spaces));
    return (struct find_masks){
        .letter = letter,
        .alnum = has(right, SQUEEZE_PAIR_LOOSE_TO),
        .space = has(right, SQUEEZE_RIGHT_SPACE),
        .flagged = _mm512_test_epi8_mask(first, right) | twice,
        .other = _mm512_movepi8_mask(block),
    };
}

/* Puts them into a lane. */
FIND_AVX512 FIND_WIDE void put_masks(struct find_eight *eight, unsigned lane,
                                     const struct find_masks *masks)
{
    find_put(&eight->letter, lane, masks->letter);
    find_put(&eight->alnum, lane, masks->alnum);
    find_put(&eight->space, lane, masks->space);
    find_put(&eight->flagged, lane, masks->flagged);
    find_put(&eight->other, lane, masks->other);
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
                                              const struct rows *rows, uint64_t three)
{
    __m512i looks = pages_lookup(state->index->pages, rows->bytes, rows->next, three);
    for (__mmask64 mixed = _mm512_movepi8_mask(looks); mixed != 0;) {
        const uint8_t *at = (const uint8_t *)state->text + base + _tzcnt_u64(mixed);
        __mmask64 same = equal(rows->bytes, at[0]) & equal(rows->next, at[1]) & mixed;
        const uint8_t *page = state->index->looks + ((at[0] & 0xFu) << 12 | (at[1] & 0x3Fu) << 6);
        looks = _mm512_mask_permutexvar_epi8(looks, same, rows->third, _mm512_loadu_si512(page));
        mixed &= ~same;
    }
    return looks;
}

/* The looks of code points at their first bytes, 0 at other bytes. */
FIND_AVX512 static inline __m512i looks_of(const struct find_state *state, size_t base,
                                           const struct find_masks *now, uint64_t first,
                                           __m512i bytes)
{
    struct rows rows = {.bytes = bytes, .next = row_at(state, base + 1)};
    uint64_t two = first & ~now->three & trails(rows.next);
    two &= _mm512_cmpge_epu8_mask(rows.bytes, _mm512_set1_epi8((char)0xC2));
    __m512i looks = two_bytes(state, base, &rows, two, _mm512_setzero_si512());
    uint64_t three = 0;
    if (now->three != 0) {
        rows.third = row_at(state, base + 2);
        three = first & now->three & ~now->four & trails(rows.next) & trails(rows.third);
        three &= ~equal(rows.bytes, 0xE0) |
                 _mm512_cmpge_epu8_mask(rows.next, _mm512_set1_epi8((char)0xA0));
        looks = _mm512_or_si512(looks, three_bytes(state, base, &rows, three));
    }
    uint64_t left = first & ~(two | three);
    if (left != 0) {
        struct find_looks others;
        find_looks_scalar(state, base, now, left, &others);
        looks = _mm512_mask_add_epi8(looks, others.bit0, looks, _mm512_set1_epi8(1));
        looks = _mm512_mask_add_epi8(looks, others.bit1, looks, _mm512_set1_epi8(2));
        looks = _mm512_mask_add_epi8(looks, others.bit2, looks, _mm512_set1_epi8(4));
    }
    return looks;
}

/* Beside the look of a first byte: that it is one, of three bytes and more, of four. */
enum first_byte { FIRST_BYTE = 8, FIRST_OF_THREE = 16, FIRST_OF_FOUR = 32 };

/* Bits of what a code point is, by its look: those of struct find_others. */
enum kind {
    KIND_ALIKE = 1,
    KIND_ODD = 2,
    KIND_FOREIGN = 4,
    KIND_STRANGE = 8,
    KIND_SIGN = 16,
    KIND_NOTHING = 32
};

static const uint8_t kinds_of[16] = {
    [FIRST_BYTE + SQUEEZE_LOOK_ALIKE] = KIND_ALIKE,
    [FIRST_BYTE + SQUEEZE_LOOK_FOREIGN] = KIND_FOREIGN + KIND_STRANGE,
    [FIRST_BYTE + SQUEEZE_LOOK_WEAK] = KIND_ALIKE + KIND_FOREIGN,
    [FIRST_BYTE + SQUEEZE_LOOK_ODD] = KIND_ALIKE + KIND_ODD,
    [FIRST_BYTE + SQUEEZE_LOOK_SIGN] = KIND_SIGN,
    [FIRST_BYTE + SQUEEZE_LOOK_NOTHING] = KIND_NOTHING,
    [FIRST_BYTE + SQUEEZE_LOOK_SPACE] = KIND_SIGN,
};

/* Each byte that stood k places before, in this block or at the end of the one before. */
FIND_AVX512 static inline __m512i behind(__m512i before, __m512i bytes, unsigned k)
{
    static const uint8_t places[FIND_BLOCK] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    __m512i from = _mm512_add_epi8(_mm512_loadu_si512(places), _mm512_set1_epi8((char)(64 - k)));
    return _mm512_permutex2var_epi8(before, from, bytes);
}

/* The same as find_read_others, of the block of a lane. Not inlined: most texts have few blocks
   with other letters. */
FIND_AVX512 static __attribute__((noinline)) void others_of(struct find_state *state, size_t base,
                                                            uint64_t other,
                                                            struct find_eight_others *others,
                                                            unsigned lane)
{
    if (!others->any)
        find_clear(others);
    __m512i block = row_at(state, base), before = _mm512_setzero_si512();
    struct find_masks now = {
        .other = other,
        .trail = trails(block),
        .three = _mm512_cmpge_epu8_mask(block, _mm512_set1_epi8((char)0xE0)),
        .four = _mm512_cmpge_epu8_mask(block, _mm512_set1_epi8((char)0xF0)),
    };
    uint64_t first = now.other & ~now.trail, trail = now.trail;
    uint64_t trail_before = lane > 0 ? others->trail[lane - 1] : state->trail;
    __m512i firsts = looks_of(state, base, &now, first, block);
    firsts = _mm512_mask_add_epi8(firsts, first, firsts, _mm512_set1_epi8(FIRST_BYTE));
    firsts = _mm512_mask_add_epi8(firsts, now.three, firsts, _mm512_set1_epi8(FIRST_OF_THREE));
    firsts = _mm512_mask_add_epi8(firsts, now.four, firsts, _mm512_set1_epi8(FIRST_OF_FOUR));
    if (state->rest.claimed != 0)
        before = _mm512_loadu_si512(state->looks);
    state->rest.claimed = first >> 61;
    _mm512_storeu_si512(state->looks, firsts);
    /* A byte belongs to the first byte before it, as far as that is continued. */
    uint64_t second = trail & find_shift(trail, trail_before, 1);
    uint64_t third = second & find_shift(trail, trail_before, 2);
    __m512i bytes = _mm512_mask_mov_epi8(firsts, trail, behind(before, firsts, 1));
    if (second != 0) {
        __m512i from = behind(before, firsts, 2);
        bytes = _mm512_mask_mov_epi8(bytes, second & has(from, FIRST_OF_THREE), from);
    }
    if (third != 0) {
        __m512i from = behind(before, firsts, 3);
        bytes = _mm512_mask_mov_epi8(bytes, third & has(from, FIRST_OF_FOUR), from);
    }
    __m512i table = _mm512_broadcast_i32x4(_mm_maskz_loadu_epi8(0xFFFF, kinds_of));
    __m512i kinds = _mm512_shuffle_epi8(table, bytes);
    others->trail[lane] = trail;
    others->alike[lane] = has(kinds, KIND_ALIKE);
    others->odd[lane] = has(kinds, KIND_ODD);
    others->foreign[lane] = has(kinds, KIND_FOREIGN);
    others->strange[lane] = has(kinds, KIND_STRANGE);
    others->nothing[lane] = has(kinds, KIND_NOTHING);
    /* Bytes that are not UTF-8 count as signs. */
    others->sign[lane] = has(kinds, KIND_SIGN) | (trail & ~has(bytes, FIRST_BYTE));
}

/* Adds chunks eight at a time: no jumps but for what is rare. */
FIND_AVX512 FIND_WIDE void add_chunks(struct find_state *state, uint32_t base, uint64_t space,
                                      uint64_t ends)
{
    const __m512i places = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41,
        40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18,
        17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    struct squeeze_suspect *to = state->suspects + state->count;
    state->count += (size_t)__builtin_popcountll(ends);
    if ((ends & 1) != 0) /* it begins in the block before */
        *to++ = (struct squeeze_suspect){state->chunk, base & INT32_MAX, false};
    ends &= ~1ull;
    /* Where chunks of this block end and begin: the same numbers of both, but for the last. */
    uint64_t all = space & ~(space << 1 | 1), begins = ~space & (space << 1 | 1);
    uint64_t chosen = _pext_u64(ends, all);
    __m512i from = _mm512_maskz_compress_epi8(chosen, _mm512_maskz_compress_epi8(begins, places));
    __m512i until = _mm512_maskz_compress_epi8(ends, places);
    struct squeeze_suspect *front = to;
    for (int left = __builtin_popcountll(ends);; left -= 8, to += 8) {
        __m512i begin = _mm512_cvtepu8_epi64(_mm512_castsi512_si128(from));
        __m512i end = _mm512_cvtepu8_epi64(_mm512_castsi512_si128(until));
        __m512i both = _mm512_or_si512(begin, _mm512_slli_epi64(end, 32));
        _mm512_storeu_si512(to, _mm512_add_epi32(both, _mm512_set1_epi32((int)base)));
        if (__builtin_expect(left <= 8, 1))
            break;
        from = _mm512_maskz_compress_epi8(~0xFFull, from);
        until = _mm512_maskz_compress_epi8(~0xFFull, until);
    }
    if ((chosen & begins & 1) != 0)
        front->begin = state->chunk;
}

FIND_AVX512 static inline uint64_t shorts_of(uint64_t shorts, uint64_t all)
{
    return _pext_u64(shorts, all);
}

/* Adds what ends in the block of a lane. */
FIND_AVX512 FIND_WIDE void add(struct find_state *state, uint32_t base,
                               const struct find_ends_of *ends, unsigned lane)
{
    uint64_t space = ends->spaces[lane], words = ends->words[lane];
    if (ends->chunks[lane] != 0)
        add_chunks(state, base, space, ends->chunks[lane]);
    find_add_runs(state, base, shorts_of(ends->shorts[lane], words), words);
    if (space != 0)
        state->chunk = base + 64 - (uint32_t)__builtin_clzll(space);
    if (state->count > SQUEEZE_SUSPECTS_MAX - FIND_BLOCK)
        find_flush(state);
}

/* The same as find_read_others, of one block. */
FIND_AVX512 FIND_WIDE void others_of_one(struct find_state *state, size_t base,
                                         const struct find_masks *now,
                                         struct find_others *ret_others)
{
    struct find_eight_others others __attribute__((uninitialized)); /* others_of sets the lane */
    others.any = true;
    others_of(state, base, now->other, &others, 0);
    *ret_others = (struct find_others){
        .alike = others.alike[0],
        .odd = others.odd[0],
        .foreign = others.foreign[0],
        .strange = others.strange[0],
        .sign = others.sign[0],
        .nothing = others.nothing[0],
    };
}

/* Up to this many blocks, titles and what is left at the end of a text, are done faster one by one:
   the sums of eight wait for one another. */
#define FIND_FEW 4u

FIND_AVX512 static void find_few(struct find_state *state, size_t front)
{
    for (size_t base = front; base <= state->len; base += FIND_BLOCK) {
        struct find_masks now = masks_of(state, base);
        if (now.other != 0)
            now.trail = trails(row_at(state, base));
        find_step(state, (uint32_t)base, &now, others_of_one, shorts_of);
    }
}

FIND_AVX512 static void find_eight(struct find_state *state, size_t front, unsigned lanes)
{
    /* Only what is used of it is cleared. */
    struct find_eight_others others __attribute__((uninitialized));
    struct find_eight eight = find_spaces();
    struct find_ends_of ends __attribute__((uninitialized)); /* find_judge sets it */
    others.any = false;
    for (unsigned lane = 0; lane < lanes; lane++) {
        size_t base = front + lane * FIND_BLOCK;
        struct find_masks now = masks_of(state, base);
        put_masks(&eight, lane, &now);
        if ((now.other | state->rest.claimed) != 0)
            others_of(state, base, now.other, &others, lane);
    }
    if (!others.any && (state->trail | state->alike | state->foreign | state->bare) != 0)
        find_clear(&others);
    if (others.any)
        find_judge(state, &eight, &others, true, &ends);
    else
        find_judge(state, &eight, &others, false, &ends);
    for (unsigned lane = 0; lane < lanes; lane++)
        add(state, (uint32_t)(front + lane * FIND_BLOCK), &ends, lane);
}

FIND_AVX512 void squeeze_find_avx512(struct find_state *state)
{
    for (size_t front = 0; front <= state->len; front += FIND_LANES * FIND_BLOCK) {
        size_t blocks = (state->len - front) / FIND_BLOCK + 1; /* a space ends the last chunk */
        if (blocks <= FIND_FEW)
            find_few(state, front);
        else
            find_eight(state, front, blocks < FIND_LANES ? (unsigned)blocks : FIND_LANES);
    }
}
