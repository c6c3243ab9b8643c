/*
 * Makes the tiles that a tree has gained durable: their files, and the folders that name them. Some
 * syncs are in flight at a time, through the backend's turns, so that a journal on the same backend
 * goes on meanwhile; a file system gathers syncs that come together into one commit.
 */
#ifndef DAEMON_TILE_SYNC_H
#define DAEMON_TILE_SYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/tile_store.h"

#define TILE_SYNCS_MAX     16u
#define TILE_SYNC_EDGE_MAX 64u /* names on the right edge: 8 levels, at most 8 names each */

struct tile_sync;

struct tile_sync_flight {
    struct backend_op op;
    struct tile_sync *sync;
    int fd; /* -1: free */
};

struct tile_sync {
    struct tile_store *store;
    void (*done)(void *context, int error);
    void *context;

    bool running;
    uint64_t from, to; /* sizes of the tree */
    bool partials;     /* its right edge was written */
    uint32_t level;    /* of the next full tile; TILE_LEVELS_MAX: none is left */
    uint64_t index;
    bool made[TILE_LEVELS_MAX]; /* as in the store, when it started */
    bool folder;                /* the folder of the tile before it is next: it is complete */
    char edge[TILE_SYNC_EDGE_MAX][TILE_PATH_BYTES];
    unsigned edge_count, edge_at;
    unsigned in_flight, limit;
    int error;
    struct tile_sync_flight flights[TILE_SYNCS_MAX];
};

/* done() comes from a turn of the store's backend, or from tile_sync_start when nothing could be
   started. store is borrowed. */
void tile_sync_open(struct tile_sync *sync, struct tile_store *store,
                    void (*done)(void *context, int error), void *context);

/* Starts with the tiles that the tree of `to` leaves has and that of `from` had not, with its
   partial ones when they were written; from < to, none is running. done() is called once: with 0
   when all is durable; -EMFILE or -ENFILE: no descriptor is free, and it may be started again; any
   other -errno is final. */
void tile_sync_start(struct tile_sync *sync, uint64_t from, uint64_t to, bool partials);

/* Something is in flight: its memory must stay. */
bool tile_sync_in_flight(const struct tile_sync *sync);

#endif
