/*
 * Takes partial tiles away that nobody needs any more (invariant 6 of writer_seal.c). C2SP
 * tlog-tiles lets a log delete them once the full tile is there: whoever asks for one takes the
 * first hashes of that.
 */
#include <errno.h>

#include "daemon/writer_core.h"
#include "daemon/writer_seal.h"

#define SWEEP_STEPS 64u /* names that are looked up or taken away in one turn */
#define SWEEP_BACK                                                                                 \
    1024u /* tiles of a level that are looked at again after a start: an end may have              \
             come before all of them were swept */

void writer_seal_sweep_open(struct writer_seal *seal)
{
    for (uint32_t level = 0; level < TILE_LEVELS_MAX; level++) {
        uint64_t full = tile_full_count(seal->synced_size, level);
        seal->swept[level] = full > SWEEP_BACK ? full - SWEEP_BACK : 0;
    }
}

bool writer_seal_sweep(struct writer_seal *seal)
{
    unsigned steps = SWEEP_STEPS;

    for (uint32_t level = 0; level < TILE_LEVELS_MAX; level++) {
        uint64_t end = tile_full_count(seal->synced_size, level);
        while (seal->swept[level] < end) {
            if (steps < 2)
                return true;
            steps--;
            struct tile_id id = {.level = level, .width = TILE_WIDTH, .index = seal->swept[level]};
            int dropped = tile_store_drop_partials(&seal->store, &id, steps);
            if (dropped == (int)steps)
                return true;
            if (dropped < 0) /* it is only in the way: the next start tries again */
                atomic_fetch_add_explicit(&seal->core->counts.state_errors, 1,
                                          memory_order_relaxed);
            steps -= dropped > 0 ? (unsigned)dropped : 0;
            seal->swept[level]++;
        }
    }
    return false;
}

/* The partial tile at the right edge of a level; width 0: there is none. */
static struct tile_id edge(uint64_t size, uint32_t level)
{
    struct tile_id id = {.level = level, .index = tile_full_count(size, level)};

    id.width = tile_width(size, level, id.index);
    return id;
}

static bool is_same(const struct tile_id *a, const struct tile_id *b)
{
    return a->index == b->index && a->width == b->width;
}

int writer_seal_drop_attempt(struct writer_seal *seal, uint64_t size)
{
    uint64_t before = seal->flight_size;
    int error = 0;

    if (before <= seal->signed_size)
        return 0;
    for (uint32_t level = 0; level < TILE_LEVELS_MAX && error == 0; level++) {
        struct tile_id old = edge(before, level), next = edge(size, level),
                       kept = edge(seal->signed_size, level);
        if (old.width > 0 && !is_same(&old, &next) && !is_same(&old, &kept))
            error = tile_store_drop(&seal->store, &old, seal->synced_size < before);
    }
    return error;
}
