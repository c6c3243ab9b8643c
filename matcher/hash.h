/*
 * FNV-1a, in parts: begin with HASH_BEGIN, feed the bytes. For tables and for telling sets apart,
 * where nobody gains by making two of them equal. Private to the matcher.
 */
#ifndef MATCHER_HASH_H
#define MATCHER_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_BEGIN 14695981039346656037ull

/* Feeds one value, which may be more than a byte. */
static inline uint64_t hash_feed(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * 1099511628211ull;
}

static inline uint64_t hash_feed_bytes(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = hash_feed(hash, (uint8_t)bytes[i]);
    return hash;
}

#endif
