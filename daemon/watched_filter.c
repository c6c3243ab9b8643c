/*
 * The filter's table. Each hash stands in one of its two buckets, in the emptier one when it came:
 * at half load both are practically never full, so that a lookup ends after two cache lines
 * whatever came and went. Knows no listing.
 *
 * Invariants: (1) a hash that was added and not removed is in one of its buckets of the current
 * table; (2) a table is published whole, and from then on only slots change; (3) a reader that sees
 * an old table sees what was in it when it was replaced: what was added since reaches it with the
 * next look, as if the line had come a moment earlier.
 */
#include "daemon/watched_filter.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#define BUCKETS_MIN 64u /* 4 KiB: what few watched things cost */

static struct watched_table *make_table(uint64_t buckets)
{
    struct watched_table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return NULL;
    table->mask = buckets - 1;
    table->buckets =
        aligned_alloc(_Alignof(struct watched_bucket), buckets * sizeof *table->buckets);
    if (table->buckets == NULL) {
        free(table);
        return NULL;
    }
    for (uint64_t i = 0; i < buckets; i++)
        for (unsigned slot = 0; slot < WATCHED_BUCKET_SLOTS; slot++)
            atomic_init(&table->buckets[i].slots[slot], 0);
    return table;
}

static void free_table(struct watched_table *table)
{
    free(table->buckets);
    free(table);
}

int watched_filter_open(struct watched_filter *filter)
{
    struct watched_table *table = make_table(BUCKETS_MIN);
    if (table == NULL)
        return -ENOMEM;
    atomic_init(&filter->table, table);
    atomic_init(&filter->all, false);
    filter->count = 0;
    return 0;
}

static unsigned free_slots(const struct watched_bucket *bucket)
{
    unsigned count = 0;
    for (unsigned i = 0; i < WATCHED_BUCKET_SLOTS; i++)
        count += atomic_load_explicit(&bucket->slots[i], memory_order_relaxed) == 0 ? 1 : 0;
    return count;
}

/* Changes one slot of a bucket from one value to another. false: none has it. */
static bool change(struct watched_bucket *bucket, uint64_t from, uint64_t to)
{
    for (unsigned i = 0; i < WATCHED_BUCKET_SLOTS; i++)
        if (atomic_load_explicit(&bucket->slots[i], memory_order_relaxed) == from) {
            atomic_store_explicit(&bucket->slots[i], to, memory_order_relaxed);
            return true;
        }
    return false;
}

static bool put(struct watched_table *table, uint64_t hash)
{
    struct watched_bucket *first = &table->buckets[watched_bucket_first(hash, table->mask)];
    struct watched_bucket *second = &table->buckets[watched_bucket_second(hash, table->mask)];
    return change(free_slots(first) >= free_slots(second) ? first : second, 0, hash);
}

static bool put_all(struct watched_table *table, const struct watched_table *from)
{
    for (uint64_t i = 0; i <= from->mask; i++)
        for (unsigned slot = 0; slot < WATCHED_BUCKET_SLOTS; slot++) {
            uint64_t hash =
                atomic_load_explicit(&from->buckets[i].slots[slot], memory_order_relaxed);
            if (hash != 0 && !put(table, hash))
                return false;
        }
    return true;
}

/* Puts a table twice as large in place. false: no memory, and all that is watched is as before. */
static bool grow(struct watched_filter *filter)
{
    struct watched_table *old = atomic_load_explicit(&filter->table, memory_order_relaxed);
    const uint64_t buckets = 2 * (old->mask + 1);
    if (buckets > UINT32_MAX)
        return false;
    struct watched_table *table = make_table(buckets);
    if (table == NULL)
        return false;
    if (!put_all(table, old)) {
        free_table(table);
        return false;
    }
    table->older = old;
    atomic_store_explicit(&filter->table, table, memory_order_release);
    return true;
}

void watched_filter_add(struct watched_filter *filter, uint64_t hash)
{
    struct watched_table *table = atomic_load_explicit(&filter->table, memory_order_relaxed);
    assert(hash != 0);
    filter->count++;
    bool full = filter->count * 2 > (table->mask + 1) * WATCHED_BUCKET_SLOTS;
    if (full && grow(filter))
        table = atomic_load_explicit(&filter->table, memory_order_relaxed);
    while (!put(table, hash)) {
        if (!grow(filter)) {
            atomic_store_explicit(&filter->all, true, memory_order_relaxed);
            return;
        }
        table = atomic_load_explicit(&filter->table, memory_order_relaxed);
    }
}

void watched_filter_remove(struct watched_filter *filter, uint64_t hash)
{
    struct watched_table *table = atomic_load_explicit(&filter->table, memory_order_relaxed);
    assert(filter->count > 0);
    filter->count--;
    if (change(&table->buckets[watched_bucket_first(hash, table->mask)], hash, 0))
        return;
    if (change(&table->buckets[watched_bucket_second(hash, table->mask)], hash, 0))
        return;
    assert(atomic_load_explicit(&filter->all, memory_order_relaxed)); /* there was no room for it */
}

void watched_filter_close(struct watched_filter *filter)
{
    struct watched_table *table = atomic_load_explicit(&filter->table, memory_order_relaxed);
    while (table != NULL) {
        struct watched_table *older = table->older;
        free_table(table);
        table = older;
    }
    atomic_store_explicit(&filter->table, NULL, memory_order_relaxed);
}
