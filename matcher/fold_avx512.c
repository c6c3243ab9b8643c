/*
 * The fold for processors with AVX-512 VBMI2: 64 bytes of ASCII, of code points of two bytes, and
 * of three that stay as they are, at a time, spaces collapsed by vpcompressb; everything else goes
 * through the shared step.
 */
#include <assert.h>
#include <immintrin.h>

#include "matcher/fold_step.h"
#include "matcher/pages_avx512.h"

#define FOLD_AVX512                                                                                \
    __attribute__((                                                                                \
        target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

/* What becomes of a block: its bytes folded, which of them are of words, which of these are of
   scripts without word spaces or vanish. */
struct block {
    __m512i folded;
    uint64_t word, unspaced, gone;
    uint64_t stop; /* what only the shared step can fold; of ASCII at first: & % \ and < */
    uint64_t next; /* where another block must begin: a code point that is not whole in this one, or
                      that a space is put before */
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
                _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\')) |
                _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('<')),
    };
}

/* Bytes k places up, zeros for those that are not among other: nothing else can be read. */
FOLD_AVX512 static inline __m512i ahead_of(const uint8_t *at, uint64_t other, unsigned k)
{
    return _mm512_maskz_loadu_epi8(~0ull >> k & other >> k, at + k);
}

FOLD_AVX512 static inline uint64_t are(__m512i bytes, uint8_t first, uint8_t end)
{
    return _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, _mm512_set1_epi8((char)first)),
                                  _mm512_set1_epi8((char)(end - first)));
}

/* Which are 0x80..0xBF. */
FOLD_AVX512 static inline uint64_t trails(__m512i bytes)
{
    return _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8((char)0xC0));
}

/* Code points of two bytes that become at most two: those with one first byte together. */
FOLD_AVX512 static inline void add_twos(struct block *block, const uint8_t *at, __m512i bytes,
                                        __m512i next, uint64_t two)
{
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
    uint64_t space = _mm512_cmpeq_epi8_mask(block->folded, _mm512_set1_epi8(' ')) & two;
    block->stop |= none & two;
    block->word |= (two & ~space) | (two & ~space) << 1;
    block->gone = none & two << 1;
}

/* What becomes of code points of three bytes: by pages, and then in those that are mixed. */
FOLD_AVX512 static inline __m512i threes_of(const uint8_t *at, __m512i bytes, __m512i next,
                                            __m512i third, uint64_t three)
{
    __m512i kinds = pages_lookup(fold_three_pages, bytes, next, three);
    for (uint64_t mixed = _mm512_movepi8_mask(kinds); mixed != 0;) {
        const uint8_t *first = at + _tzcnt_u64(mixed);
        uint64_t same = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8((char)first[0])) &
                        _mm512_cmpeq_epi8_mask(next, _mm512_set1_epi8((char)first[1])) & mixed;
        size_t page = (first[0] & 0xFu) << 12 | (first[1] & 0x3Fu) << 6;
        kinds = _mm512_mask_permutexvar_epi8(kinds, same, third,
                                             _mm512_loadu_si512(fold_threes + page));
        mixed &= ~same;
    }
    return kinds;
}

FOLD_AVX512 static inline uint64_t have(__m512i kinds, enum fold_three bit)
{
    return _mm512_test_epi8_mask(kinds, _mm512_set1_epi8((char)bit));
}

/* Those that become a space, or stay as they are. */
FOLD_AVX512 static inline void add_threes(struct block *block, const uint8_t *at, __m512i bytes,
                                          __m512i next, uint64_t other, uint64_t leads)
{
    __m512i third = ahead_of(at, other, 2);
    uint64_t three = leads & trails(next) & trails(third);
    __m512i kinds = threes_of(at, bytes, next, third, three);
    uint64_t word = have(kinds, FOLD_THREE_WORD), unspaced = have(kinds, FOLD_THREE_UNSPACED);
    uint64_t mark = have(kinds, FOLD_THREE_MARK);
    three &= word | have(kinds, FOLD_THREE_SPACE);
    word |= word << 1 | word << 2;
    block->stop &= ~(three | three << 1 | three << 2);
    /* Only the shared step puts marks into order; what stands before the block is not known. */
    block->stop |= mark & (mark << 3 | 1);
    block->folded = _mm512_mask_mov_epi8(block->folded, word, bytes);
    block->word |= word;
    block->unspaced = unspaced | unspaced << 1 | unspaced << 2;
    block->next |= (block->word & block->word << 1) & (block->unspaced ^ block->unspaced << 1);
    block->next |= leads & 3ull << 62;
}

/* What is no ASCII, without or with code points of three bytes. Whether all such are added. */
FOLD_AVX512 static inline bool add_others(struct block *block, const uint8_t *at, __m512i bytes,
                                          uint64_t other, bool with_threes)
{
    __m512i next = ahead_of(at, other, 1);
    uint64_t leads = are(bytes, 0xC2, 0xE0), two = leads & trails(next);
    uint64_t three = are(bytes, 0xE0, 0xF0);
    block->stop |= other & ~(two | two << 1);
    block->next = leads & 1ull << 63;
    add_twos(block, at, bytes, next, two);
    if (with_threes && three != 0)
        add_threes(block, at, bytes, next, other, three);
    return with_threes || three == 0;
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
    unsigned first = (unsigned)(word & 1) << (block->unspaced & 1);
    /* A space that stands there itself (class 0) is none that is due. No jump: one in two. */
    hot->out += (FOLD_SPACE_DUE & ~0x111u) >> (hot->last << 2 | first) & 1;
    __m512i folded = _mm512_mask_mov_epi8(_mm512_set1_epi8(' '), word, block->folded);
    _mm512_storeu_si512(hot->out, _mm512_maskz_compress_epi8(kept, folded));
    hot->out += __builtin_popcountll(kept);
    uint64_t unspaced = block->unspaced >> (count - 1) & 1;
    hot->last = (unsigned)(word >> (count - 1) & 1) << unspaced;
    hot->at += count;
}

/* Whether a code point of three bytes is one for a block, whatever stands before it. */
static inline bool is_even(uint8_t kinds)
{
    return kinds != 0 && (kinds & FOLD_THREE_MARK) == 0;
}

/* Folds code points one by one until a block is worth while again: at least one. */
FOLD_AVX512 static __attribute__((noinline)) void fold_others(const struct fold_job *job,
                                                              struct fold_hot *hot)
{
    for (;;) {
        fold_next(job, hot);
        if (job->end - hot->at < FOLD_FAST_BYTES)
            return;
        uint32_t ahead = 0;
        memcpy(&ahead, hot->at, sizeof ahead);
        unsigned lead = ahead & 0xFF, second = ahead >> 8 & 0x3F, third = ahead >> 16 & 0x3F;
        bool two = lead >= 0xC2 && lead < 0xE0 && fold_first[(lead & 0x1F) << 6 | second] != 0;
        bool three =
            (lead & 0xF0) == 0xE0 && is_even(fold_threes[(lead & 0xF) << 12 | second << 6 | third]);
        if (two || three || (ahead & 0x80808080u) == 0)
            return;
    }
}

/* Has what is seldom done work on a copy, member by member: otherwise the compiler keeps hot itself
   in memory, on the way from block to block. */
FOLD_AVX512 static inline __attribute__((always_inline)) void
in_memory(void (*work)(const struct fold_job *job, struct fold_hot *hot),
          const struct fold_job *job, struct fold_hot *hot)
{
    struct fold_hot copy = {.at = hot->at, .out = hot->out, .last = hot->last};
    work(job, &copy);
    hot->at = copy.at;
    hot->out = copy.out;
    hot->last = copy.last;
}

/* Folds block after block, of all kinds of text or until a code point of three bytes comes. */
FOLD_AVX512 static inline __attribute__((always_inline)) void
fold_all(const struct fold_job *job, struct fold_hot *hot, bool with_threes)
{
    while (hot->at < job->end) {
        size_t left = (size_t)(job->end - hot->at);
        unsigned most = left < 64 ? (unsigned)left : 64;
        __m512i bytes = _mm512_maskz_loadu_epi8(_bzhi_u64(~0ull, most), hot->at);
        uint64_t other = _mm512_movepi8_mask(bytes);
        struct block block = ascii_of(bytes);
        if (__builtin_expect(block.stop != 0, 0))
            block.stop = fold_notations(job, hot->at, block.stop);
        if (with_threes && other == 0)
            return;
        if (other != 0 && !add_others(&block, hot->at, bytes, other, with_threes))
            return;
        if (__builtin_expect((block.stop | block.next) == 0, 1)) {
            fold_block(hot, &block, most); /* a jump is guessed: the next block need not wait */
            continue;
        }
        unsigned count = (unsigned)_tzcnt_u64(block.stop | block.next);
        if (count > most)
            count = most;
        if (count > 0)
            fold_block(hot, &block, count);
        if (count < most && (block.next >> count & 1) == 0)
            in_memory(fold_others, job, hot);
    }
}

/* Not inlined: most texts are of other letters, and need the registers. */
FOLD_AVX512 static __attribute__((noinline)) void fold_with_threes(const struct fold_job *job,
                                                                   struct fold_hot *hot)
{
    struct fold_hot here = {.at = hot->at, .out = hot->out, .last = hot->last};
    fold_all(job, &here, true);
    *hot = here;
}

FOLD_AVX512 size_t fold_text_avx512(const struct fold_job *job)
{
    struct fold_hot hot = fold_begin(job);
    for (;;) {
        fold_all(job, &hot, false);
        if (hot.at == job->end)
            return fold_finish(job, hot);
        in_memory(fold_with_threes, job, &hot);
    }
}
