/*
 * The walk over folded text that finds where literals may begin: what its paths share. Chunk by
 * chunk a path first lists the words and letters (by their keys), then looks them up. Private to
 * starts.
 */
#ifndef MATCHER_STARTS_WALK_H
#define MATCHER_STARTS_WALK_H

#include <string.h>

#include "matcher/starts.h"

#define STARTS_INLINE static inline __attribute__((always_inline))
#define STARTS_BLOCK  64u
#define STARTS_CHUNK  (8u * STARTS_BLOCK)
#define STARTS_SPARE  16u /* a path may write so many behind those that it counts */

/* Words or letters of a chunk. */
struct starts_keys {
    uint64_t keys[STARTS_CHUNK + STARTS_SPARE];
    uint32_t ats[STARTS_CHUNK + STARTS_SPARE]; /* where they begin */
    size_t count;
};

/* Where literals may begin, in the order of the text. */
struct starts_places {
    uint64_t hashes[STARTS_CHUNK];
    uint32_t ats[STARTS_CHUNK];
    size_t count;
};

struct starts_walk {
    const struct starts *starts;
    const char *text;
    size_t len;
    uint64_t space; /* 1: a space stands before the chunk */
    /* The first word is the last one of the chunk before. */
    struct starts_keys words, letters;
    struct starts_places by_words, by_letters;
};

/* What a word is looked up by: its first 16 bytes, zeros behind its end. */
STARTS_INLINE uint64_t starts_word_key(uint64_t low, uint64_t high)
{
    return low ^ (high << 20 | high >> 44);
}

#define STARTS_FACTOR 0x9E3779B97F4A7C15ull

/* Of a word, or of letters. The high bits are the good ones. */
STARTS_INLINE uint64_t starts_hash(uint64_t key)
{
    return key * STARTS_FACTOR;
}

/* Of two words one after the other. */
STARTS_INLINE uint64_t starts_pair_hash(uint64_t first, uint64_t second)
{
    return (first ^ first >> 32) * STARTS_FACTOR + second;
}

/* The three bits of a hash in its word of the filter: as many places up, modulo 64. */
#define STARTS_BIT_A 40u
#define STARTS_BIT_B 34u
#define STARTS_BIT_C 28u

STARTS_INLINE uint64_t starts_bits(uint64_t hash)
{
    return 1ull << (hash >> STARTS_BIT_A & 63) | 1ull << (hash >> STARTS_BIT_B & 63) |
           1ull << (hash >> STARTS_BIT_C & 63);
}

STARTS_INLINE uint32_t starts_slot_at(const struct starts *starts, uint64_t hash)
{
    return (uint32_t)(hash ^ hash >> 32) & starts->slots_mask;
}

STARTS_INLINE void starts_put(const struct starts *starts, struct starts_places *places,
                              uint32_t at, uint64_t hash)
{
    __builtin_prefetch(&starts->slots[starts_slot_at(starts, hash)]);
    places->ats[places->count] = at;
    places->hashes[places->count++] = hash;
}

/* Puts the places of words [i, i + 8) of a chunk: those whose pair with the word before is in the
   filter, and those that are themselves. */
STARTS_INLINE void starts_put_words(struct starts_walk *walk, size_t i, unsigned pairs,
                                    unsigned singles, const uint64_t *pair, const uint64_t *single)
{
    const uint32_t *ats = walk->words.ats + i;
    for (unsigned lane = 0; lane < 8; lane++) {
        /* A longer word is none that is looked for; see join. */
        if ((pairs >> lane & 1) != 0 && ats[lane + 1] - ats[lane] <= walk->starts->word_max + 1)
            starts_put(walk->starts, &walk->by_words, ats[lane] - 1, pair[lane]);
        if ((singles >> lane & 1) != 0)
            starts_put(walk->starts, &walk->by_words, ats[lane + 1] - 1, single[lane]);
    }
}

/* Lists what begins in text[base, end), a chunk: words from number 1 on, and letters. Needs VBMI2.
 */
void starts_list_avx512(struct starts_walk *walk, size_t base, size_t end);

/* Adds the places of all that is listed; needs VBMI2. */
void starts_look_avx512(struct starts_walk *walk);

#endif
