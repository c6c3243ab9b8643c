/*
 * Looking up words by hash.
 */
#include "matcher/words.h"

static enum words_kind kind_of(uint64_t hash)
{
    size_t low = 0, high = words_table_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (words_table[middle] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == words_table_count || (words_table[low] & ~1ull) != hash)
        return WORDS_NONE;
    return (words_table[low] & 1) != 0 ? WORDS_COMMON : WORDS_KNOWN;
}

enum words_kind words_find(const char *word, size_t len)
{
    return kind_of(words_hash(word, len));
}

static bool is_common(uint64_t hash)
{
    uint64_t end = words_end(hash);
    uint32_t bit = words_bit(end);
    return (words_bits[bit / 8] >> bit % 8 & 1) != 0 && kind_of(end) == WORDS_COMMON;
}

bool words_near_common(const char *word, size_t len)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    uint64_t before = HASH_BEGIN; /* of the letters before the place at hand */
    for (size_t i = 0; i <= len; i++) {
        const char *rest = word + i;
        size_t left = len - i;
        for (const char *letter = letters; *letter != '\0'; letter++) {
            uint64_t put = hash_feed_bytes(before, letter, 1);
            if (is_common(hash_feed_bytes(put, rest, left)) ||
                (left > 0 && *rest != *letter &&
                 is_common(hash_feed_bytes(put, rest + 1, left - 1))))
                return true;
        }
        if (left > 0 && is_common(hash_feed_bytes(before, rest + 1, left - 1)))
            return true;
        if (left > 1 && rest[0] != rest[1]) {
            uint64_t put = hash_feed_bytes(hash_feed_bytes(before, rest + 1, 1), rest, 1);
            if (is_common(hash_feed_bytes(put, rest + 2, left - 2)))
                return true;
        }
        if (left > 0)
            before = hash_feed_bytes(before, rest, 1);
    }
    return false;
}
