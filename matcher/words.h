/*
 * Whether a word is an ordinary one: English words, names, and words of listings, so that a
 * misspelling of a mark is not looked for where it is a word of its own; and Chinese words of two
 * and three characters, which tell where a short name is rather part of them. Knows no mark. A
 * table of 63-bit hashes in the program, 860 KiB, and a filter of 128 KiB (make_words.c writes them
 * at build time; no file is read): that a string is taken for a word that is none will not be seen.
 */
#ifndef MATCHER_WORDS_H
#define MATCHER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "matcher/hash.h"

enum words_kind {
    WORDS_NONE = 0,
    WORDS_KNOWN = 1,  /* in a dictionary */
    WORDS_COMMON = 2, /* in every dictionary, or a word of listings */
};

/* Bit 0 of an entry: common. The other bits are those of words_hash. Sorted, no two of one hash. */
extern const uint64_t words_table[];
extern const size_t words_table_count;

/* A bit for each common word, at words_bit of its hash: most others are ruled out at once. */
#define WORDS_BITS (1u << 20)
extern const uint8_t words_bits[WORDS_BITS / 8];

static inline uint32_t words_bit(uint64_t hash)
{
    return (uint32_t)(hash >> 44);
}

/* What entries are made of, from the hash of a word's letters: bit 0 is clear. */
static inline uint64_t words_end(uint64_t hash)
{
    return (hash ^ hash << 32) & ~1ull; /* the high bits sort and filter: they need the low ones */
}

static inline uint64_t words_hash(const char *word, size_t len)
{
    return words_end(hash_feed_bytes(HASH_BEGIN, word, len));
}

/* What kind of word it is; folded letters. Common words have at least 3 letters, known ones 4. Any
   thread. */
enum words_kind words_find(const char *word, size_t len);

/* Whether one letter a-z less, more or other, or two neighbours exchanged, make a common word of
   it. A few microseconds. Any thread. */
bool words_near_common(const char *word, size_t len);

#endif
