/*
 * What bench/ledger measures, and with what. For bench/ledger*.c.
 */
#ifndef BENCH_LEDGER_FIGURES_H
#define BENCH_LEDGER_FIGURES_H

#include <stddef.h>

#include "bench/measure.h"
#include "bench/sealed.h"

#define LEDGER_SECOND_NS     1000000000ull
#define LEDGER_CYCLE_RECORDS 200000u /* appended between two checkpoints */
#define LEDGER_FEED_PATH     "ledger/feed/00000000000000000000.jsonl" /* below the folder */

struct ledger_settings {
    const char *folder; /* of the ledger */
    enum backend_kind io;
    size_t count, runs, recover_mb;
};

struct ledger_figures {
    /* Of each cycle of slices: */
    struct sample rate, raw;             /* records/s, with a checkpoint in each cycle */
    struct sample ratio;                 /* of both: raw time over own, of all slices of a cycle */
    struct sample checkpoint;            /* rate with a checkpoint over that without */
    struct sample checkpoint_cpu;        /* ms of processor time of one, all threads */
    struct sample cpu, raw_cpu;          /* ns of processor time a record, likewise */
    struct sample batch;                 /* KB */
    struct sample ack, sync;             /* us */
    struct sample ack_blob, sync_by;     /* us: with a new blob, and the syncs between */
    struct sample verify, sha256;        /* GB/s */
    struct sample recover, recover_cold; /* s */
};

/* Below the folder. 0 or -ENAMETOOLONG. */
int ledger_path(const struct ledger_settings *settings, const char *name,
                char ret_path[SEALED_PATH_BYTES]);

/* The ledger in the folder. As sealed_open. */
int ledger_open(const struct ledger_settings *settings, uint64_t interval_ns,
                struct sealed *ret_sealed);

/* A file in memory of its own, malloc'ed. 0 or -errno. */
int ledger_read_whole(const char *path, char **ret_bytes, size_t *ret_len);

/* Each makes a ledger in the folder and adds to the figures. What it leaves is for the caller to
   remove, later: a file system that has just deleted makes files more slowly. 0 or -errno, after
   saying on stderr what is wrong with a ledger. */
int ledger_measure_append(const struct ledger_settings *settings, struct ledger_figures *figures);
int ledger_measure_ack(const struct ledger_settings *settings, struct ledger_figures *figures);
int ledger_measure_ack_blob(const struct ledger_settings *settings, struct ledger_figures *figures);
int ledger_measure_verify(const struct ledger_settings *settings, struct ledger_figures *figures);
int ledger_measure_recover(const struct ledger_settings *settings, struct ledger_figures *figures);

#endif
