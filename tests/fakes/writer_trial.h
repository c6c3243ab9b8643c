/*
 * A writer on a simulated disk, fed by lanes, and what must hold of its ledger whatever happened:
 * all that was ever durable is there, once and in order, and nothing that was not put.
 */
#ifndef TESTS_FAKES_WRITER_TRIAL_H
#define TESTS_FAKES_WRITER_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/writer_core.h"
#include "tests/fakes/crash_rig.h"
#include "tests/fakes/seal_fake.h"

#define TRIAL_QUEUES        2u
#define TRIAL_RUNS_MAX      8u
#define TRIAL_LANES_MAX     (TRIAL_QUEUES * TRIAL_RUNS_MAX)
#define TRIAL_LANE_RECORDS  24u
#define TRIAL_RESERVE_BYTES 65536u

/* What one lane put in: a queue in one run. */
struct trial_sent {
    unsigned records, rejects;                 /* put */
    unsigned durable_records, durable_rejects; /* of these, when the machine ended */
    uint64_t record_at[TRIAL_LANE_RECORDS], reject_at[TRIAL_LANE_RECORDS];
};

struct trial {
    struct crash_rig rig;
    struct queue *queues[TRIAL_QUEUES];
    struct trial_sent sent[TRIAL_LANES_MAX];
    struct seal_fake *sealer; /* NULL: nothing is sealed */
    bool fills; /* the disk is full at times; the second queue is urgent, and has events */
    unsigned run;
    uint64_t seed;
};

struct trial_seen {
    unsigned records[TRIAL_LANES_MAX], rejects[TRIAL_LANES_MAX];
    uint64_t lines, sum, clocks; /* of the feed; clock records in it */
    uint64_t torn_rejects;       /* gaps of dead letters */
    uint64_t full, all_full;     /* gaps of a full disk: crawlers waited, all did */
    uint64_t blobs, named;       /* in packs; records that name one */
};

/* The writer of the trial that lives, and what it was made with. */
extern struct writer_core trial_core;
extern const struct writer_config trial_config;

/* A new machine. chaos as backend_sim_chaos. */
struct trial trial_begin(uint64_t seed, unsigned chaos);

/* One life of the writer: until all is durable (and a stop record, if wanted), it failed, or the
   machine ended. 0 when it lived, 1 when the machine ended, else what it refused to start or failed
   with. The positions of its queues at that moment are noted. */
int trial_live(struct trial *trial, bool stop);

/* Notes what is durable now: for crash_rig.crashed. */
void trial_note_durable(void *trial);

/* Asserts what must hold of the ledger, after a life that ended well. */
struct trial_seen trial_check(struct trial *trial);

#endif
