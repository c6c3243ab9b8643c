/*
 * A ledger that the daemon's own writer keeps, signed by a noticed-sealer of its own, and fed with
 * records as lanes make them: sightings of some 600 bytes, each of another listing.
 */
#ifndef BENCH_SEALED_H
#define BENCH_SEALED_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sealer_door.h"
#include "daemon/sealer_start.h"
#include "daemon/writer.h"

#define SEALED_PATH_BYTES 512u

struct sealed_config {
    const char *folder; /* exists; the ledger is <folder>/ledger, the key <folder>/bench.key */
    enum backend_kind io;
    uint64_t interval_ns; /* between two checkpoints */
};

struct sealed {
    struct writer *writer;
    struct writer_config config;
    struct writer_seal_config seal;
    struct sealer_link link;
    struct sealer_door *door;
    char ledger[SEALED_PATH_BYTES];
    sem_t moved;
    uint64_t fed; /* records, since it was opened */
    char *body;   /* of the next record */
    size_t body_len, listing_at, line_at, blob_at;
    _Atomic uint64_t published; /* checkpoints */
    /* The writer's thread's, until it is closed: what was durable when, in records. */
    uint64_t *batches;
    size_t batches_count, batches_room;
    bool counting;
};

/* Starts a sealer (found in PATH) and the writer, which recovers what is there. 0; -errno, after
   saying on stderr what went wrong. */
int sealed_open(const struct sealed_config *config, struct sealed *ret_sealed);

/* Feeds `count` records numbered from *number on, which moves, and waits until all are durable.
   0 or -errno. */
int sealed_feed(struct sealed *sealed, uint64_t count, uint64_t *number);

/* The same of one record with a new blob, which is a listing of some 600 bytes. */
int sealed_feed_blob(struct sealed *sealed, uint64_t *number);

/* Feeds an act of support, over which a checkpoint follows at once. Not waited for: it is durable
   when a record that is fed later is. 0 or -errno. */
int sealed_urge(struct sealed *sealed);

/* Waits until more than so many checkpoints are published. 0 or -errno. */
int sealed_wait_published(struct sealed *sealed, uint64_t count);

/* Waits until what is durable is in the tree, and its full tiles are written. */
void sealed_settle(struct sealed *sealed);

/* Notes from here on after which records a batch was durable, in sealed->batches. */
void sealed_count_batches(struct sealed *sealed);

/* Stops in order, or, after whatever error, as far as it goes. 0 or -errno. */
int sealed_close(struct sealed *sealed);

/* What is read of a folder comes from the disk again. 0 or -errno. */
int sealed_forget(const char *folder);

/* Removes a folder with all that is in it. 0 or -errno. */
int sealed_remove(const char *folder);

#endif
