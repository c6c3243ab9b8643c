/*
 * When queries for time-stamps are written to outbox/ (anchor_query.h): each interval, and at once
 * when a checkpoint is the first over a notice, an order or an act of support. The ledger's writer
 * hands over each checkpoint that it published; another thread writes, as a write here waits for
 * the disk. Only the newest checkpoint counts: it covers the records of all before it.
 *
 * The first checkpoint of a run gets a query too: how long ago the last one was written is not
 * known, nor whether a run that was killed still owed one.
 */
#ifndef DAEMON_OUTBOX_H
#define DAEMON_OUTBOX_H

#include <stdint.h>

#include "daemon/writer.h"
#include "io/backend.h"

/* Between two attempts, however many notices come: the second one then covers them all. */
#define OUTBOX_GAP_NS 1000000000u

/* What status shows. */
struct outbox_state {
    uint64_t size;     /* of the latest checkpoint that this run saw to have a query; 0: none */
    uint64_t asked_ns; /* boot time of that */
    int error;         /* -errno of the latest attempt, or 0 */
};

struct outbox;

/* ledger, its folder, is borrowed for the life of the outbox. interval_ns 0: no query is written.
   0 or -ENOMEM. */
int outbox_open(const char *ledger, uint64_t interval_ns, struct outbox **ret_outbox);

/* Takes a copy of a checkpoint that was published. Any one thread; never waits for the disk. */
void outbox_put(struct outbox *outbox, const struct writer_checkpoint *checkpoint);

/* Writes a query if one is due at this boot time. A size that outbox/ or anchors/ has a query for
   gets none. What fails is logged once, and tried again with the next checkpoint. One thread. */
void outbox_step(struct outbox *outbox, struct backend *backend, uint64_t now_ns);

/* The stepping thread. */
struct outbox_state outbox_state(const struct outbox *outbox);

/* Frees; NULL is fine. Returns NULL. */
struct outbox *outbox_close(struct outbox *outbox);

#endif
