/*
 * Which names are to be synced, and in what order: full tiles level by level, then the right edge.
 * A folder that got its last tile is synced behind it; those of the right edge are synced with it,
 * and the folders above them when one was made.
 */
#include "daemon/tile_sync.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>

#define TILES_A_FOLDER 1000u /* names of three digits */

static void finish(struct tile_sync *sync)
{
    sync->running = false;
    for (unsigned level = 0; level < TILE_LEVELS_MAX && sync->error < 0; level++)
        sync->store->made[level] = sync->store->made[level] || sync->made[level];
    sync->done(sync->context, sync->error);
}

/* Cuts a path after its last folder. */
static void cut_name(char *path)
{
    char *slash = strrchr(path, '/');

    assert(slash != NULL);
    *slash = '\0';
}

/* The next name to sync; false when there is none. */
static bool next_name(struct tile_sync *sync, char ret_path[TILE_PATH_BYTES])
{
    while (sync->level < TILE_LEVELS_MAX) {
        struct tile_id id = {.level = sync->level, .width = TILE_WIDTH, .index = sync->index};
        if (sync->folder) {
            sync->folder = false;
            id.index--;
            tile_path(&id, ret_path);
            cut_name(ret_path);
            return true;
        }
        if (sync->index < tile_full_count(sync->to, sync->level)) {
            tile_path(&id, ret_path);
            sync->index++;
            sync->folder = sync->index % TILES_A_FOLDER == 0;
            return true;
        }
        sync->level++;
        if (sync->level < TILE_LEVELS_MAX)
            sync->index = tile_full_count(sync->from, sync->level);
    }
    if (sync->edge_at == sync->edge_count)
        return false;
    memcpy(ret_path, sync->edge[sync->edge_at++], TILE_PATH_BYTES);
    return true;
}

/* Keeps `limit` syncs in flight until nothing is left or one failed; then waits for those. */
static void start_some(struct tile_sync *sync)
{
    char path[TILE_PATH_BYTES];

    for (unsigned i = 0; i < sync->limit && sync->error == 0; i++) {
        struct tile_sync_flight *flight = &sync->flights[i];
        if (flight->fd >= 0)
            continue;
        if (!next_name(sync, path))
            break;
        int fd = sync->store->backend->ops->open(sync->store->backend, sync->store->dir_fd, path,
                                                 O_RDONLY, 0);
        int error = fd;
        if (fd >= 0) {
            error = sync->store->backend->ops->sync(sync->store->backend, &flight->op, fd);
            if (error == 0) {
                flight->fd = fd;
                sync->in_flight++;
                continue;
            }
            (void)sync->store->backend->ops->close_fd(sync->store->backend, fd); /* not synced:
                                                                                    that is told */
        }
        sync->error = tile_store_failed(sync->store, path, error);
    }
    if (sync->in_flight == 0)
        finish(sync);
}

static void on_synced(struct backend_op *op, const struct backend_completion *completion)
{
    struct tile_sync_flight *flight =
        (struct tile_sync_flight *)(void *)((char *)op - offsetof(struct tile_sync_flight, op));
    struct tile_sync *sync = flight->sync;
    struct backend *backend = sync->store->backend;
    int result = completion->result;

    (void)backend->ops->close_fd(backend, flight->fd); /* it is synced, or the error is told */
    flight->fd = -1;
    sync->in_flight--;
    /* A full disk and a missing descriptor are waited out, a failed sync never: it must not look
       like one. */
    if (result == -EMFILE || result == -ENFILE || result == -ENOSPC || result == -EDQUOT)
        result = -EIO;
    if (result < 0)
        (void)tile_store_failed(sync->store, "tile", result); /* one of some */
    if (result < 0 && (sync->error == 0 || sync->error == -EMFILE || sync->error == -ENFILE))
        sync->error = result;
    start_some(sync);
}

static void add_edge(struct tile_sync *sync, const char *path)
{
    for (unsigned i = 0; i < sync->edge_count; i++) {
        if (strcmp(sync->edge[i], path) == 0)
            return;
    }
    assert(sync->edge_count < TILE_SYNC_EDGE_MAX);
    memcpy(sync->edge[sync->edge_count++], path, strlen(path) + 1);
}

/* The partial tile of a level and the folders that lead to it. */
static void add_level(struct tile_sync *sync, uint32_t level)
{
    uint64_t full = tile_full_count(sync->to, level);
    struct tile_id id = {.level = level, .width = tile_width(sync->to, level, full), .index = full};
    char path[TILE_PATH_BYTES];

    if (!sync->partials)
        id.width = 0;
    if (id.width == 0 && full == 0)
        return;
    if (id.width == 0) {
        id = (struct tile_id){.level = level, .width = TILE_WIDTH, .index = full - 1};
        tile_path(&id, path);
    } else {
        tile_path(&id, path);
        add_edge(sync, path);
        cut_name(path); /* N.p: a new folder for every N, whose name must be durable too */
        add_edge(sync, path);
    }
    do {
        cut_name(path);
        add_edge(sync, path);
    } while (sync->made[level] && strchr(path, '/') != NULL);
}

void tile_sync_open(struct tile_sync *sync, struct tile_store *store,
                    void (*done)(void *context, int error), void *context)
{
    sync->store = store;
    sync->done = done;
    sync->context = context;
    sync->running = false;
    sync->in_flight = 0;
    /* A backend that syncs within its turn makes the journal wait for each of them. */
    sync->limit = strcmp(store->backend->ops->name, "poll") == 0 ? 1 : TILE_SYNCS_MAX;
    for (unsigned i = 0; i < TILE_SYNCS_MAX; i++)
        sync->flights[i] = (struct tile_sync_flight){.op.done = on_synced, .sync = sync, .fd = -1};
}

void tile_sync_start(struct tile_sync *sync, uint64_t from, uint64_t to, bool partials)
{
    assert(!sync->running);
    assert(from < to);
    sync->running = true;
    sync->from = from;
    sync->to = to;
    sync->partials = partials;
    sync->level = 0;
    sync->index = tile_full_count(from, 0);
    sync->folder = false;
    sync->error = 0;
    sync->edge_count = 0;
    sync->edge_at = 0;
    /* What is made from here on is for the next one. */
    memcpy(sync->made, sync->store->made, sizeof(sync->made));
    memset(sync->store->made, 0, sizeof(sync->store->made));
    for (uint32_t level = 0; level < TILE_LEVELS_MAX; level++) {
        uint32_t shift = level * MERKLE_TILE_LEVELS;
        if (to >> shift == from >> shift)
            break;
        add_level(sync, level);
    }
    start_some(sync);
}

bool tile_sync_in_flight(const struct tile_sync *sync)
{
    return sync->in_flight > 0;
}
