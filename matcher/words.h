/*
 * Whether a word is an ordinary one: English words, names, and words of listings, so that a
 * misspelling of a mark is not looked for where it is a word of its own. Knows no mark. A table of
 * 32-bit hashes in the program (make_words.c writes it at build time; no file is read): a string
 * that is no word is taken for one with a chance of 1 in 28,000.
 */
#ifndef MATCHER_WORDS_H
#define MATCHER_WORDS_H

#include <stddef.h>
#include <stdint.h>

enum words_kind {
    WORDS_NONE = 0,
    WORDS_KNOWN = 1,  /* in a dictionary */
    WORDS_COMMON = 2, /* in every dictionary, or a word of listings */
};

/* Bit 0 of an entry: common. The other bits are those of words_hash. Sorted, no two of one hash. */
extern const uint32_t words_table[];
extern const size_t words_table_count;

/* What entries are made of: bit 0 is clear. */
static inline uint32_t words_hash(const char *word, size_t len)
{
    uint64_t hash = 14695981039346656037ull; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)word[i]) * 1099511628211ull;
    return (uint32_t)(hash ^ hash >> 32) & ~1u;
}

/* What kind of word it is; folded letters. Common words have at least 3 letters, known ones 4. Any
   thread. */
enum words_kind words_find(const char *word, size_t len);

#endif
