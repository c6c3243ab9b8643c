/*
 * Looking up words by hash.
 */
#include "matcher/words.h"

enum words_kind words_find(const char *word, size_t len)
{
    uint32_t hash = words_hash(word, len);
    size_t low = 0, high = words_table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (words_table[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == words_table_count || (words_table[low] & ~1u) != hash)
        return WORDS_NONE;
    return (words_table[low] & 1) != 0 ? WORDS_COMMON : WORDS_KNOWN;
}
