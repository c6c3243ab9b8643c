/*
 * Whether a listing or merchant may be watched, asked by the lanes for every listing that matches
 * nothing: two cache lines of 64-bit hashes. Written by the ledger's writer alone, read by any
 * thread without a lock. It never misses what is in it; a false "may be" is one in 2^60, and the
 * writer settles it (watched.h).
 */
#ifndef DAEMON_WATCHED_FILTER_H
#define DAEMON_WATCHED_FILTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define WATCHED_BUCKET_SLOTS 8u /* 64 bytes */

struct watched_bucket {
    _Alignas(64) _Atomic uint64_t slots[WATCHED_BUCKET_SLOTS]; /* 0: free */
};

/* One size of the table. A larger one takes its place; readers may still be in the old one, so that
   it stays until the end. Together the old ones are no larger than the current one. */
struct watched_table {
    uint64_t mask; /* buckets less one */
    struct watched_table *older;
    struct watched_bucket *buckets;
};

struct watched_filter {
    _Atomic(struct watched_table *) table;
    atomic_bool all; /* no memory for a larger table: everything may be watched */
    size_t count;    /* the writer's */
};

/* An empty filter. 0 or -ENOMEM. */
int watched_filter_open(struct watched_filter *filter);

/* Writer: takes up a hash, or takes one out; one that was added twice is there twice. When memory
   for a larger table is missing, the filter says "may be" to everything from then on, which costs
   time and loses nothing. */
void watched_filter_add(struct watched_filter *filter, uint64_t hash);
void watched_filter_remove(struct watched_filter *filter, uint64_t hash);

/* Frees; readers are gone. */
void watched_filter_close(struct watched_filter *filter);

static inline bool watched_bucket_has(const struct watched_bucket *bucket, uint64_t hash)
{
    bool has = false;
    for (unsigned i = 0; i < WATCHED_BUCKET_SLOTS; i++)
        has |= atomic_load_explicit(&bucket->slots[i], memory_order_relaxed) == hash;
    return has;
}

static inline uint64_t watched_bucket_first(uint64_t hash, uint64_t mask)
{
    return hash & mask;
}

static inline uint64_t watched_bucket_second(uint64_t hash, uint64_t mask)
{
    return (hash >> 32) & mask;
}

/* Any thread. */
static inline bool watched_filter_has(const struct watched_filter *filter, uint64_t hash)
{
    const struct watched_table *table = atomic_load_explicit(&filter->table, memory_order_acquire);
    if (watched_bucket_has(&table->buckets[watched_bucket_first(hash, table->mask)], hash) ||
        watched_bucket_has(&table->buckets[watched_bucket_second(hash, table->mask)], hash))
        return true;
    return atomic_load_explicit(&filter->all, memory_order_relaxed);
}

/* Folds 128 bits of a product. */
static inline uint64_t watched_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t watched_hash_text(uint64_t hash, const char *at, size_t len)
{
    const uint64_t factor = 0x9e3779b97f4a7c15u;
    size_t left = len;
    uint64_t word;
    for (; left >= 8; left -= 8, at += 8) {
        memcpy(&word, at, 8);
        hash = watched_mix(hash ^ word, factor);
    }
    word = 0;
    memcpy(&word, at, left);
    return watched_mix(hash ^ word, factor ^ len);
}

/* The hash of a listing, or of a merchant by platform and seller_id; never 0. It need not be the
   same on another machine: a snapshot is checked against it. Whoever makes ids that collide makes
   the writer look twice, and nothing else. */
static inline uint64_t watched_hash(bool merchant, const char *platform, size_t platform_len,
                                    const char *id, size_t id_len)
{
    uint64_t hash = merchant ? 0xa0761d6478bd642fu : 0xe7037ed1a0b428dbu;
    hash = watched_hash_text(hash, platform, platform_len);
    hash = watched_hash_text(hash, id, id_len);
    return hash == 0 ? 1 : hash;
}

#endif
