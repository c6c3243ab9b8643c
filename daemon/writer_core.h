/*
 * The writer without its thread: for writer*.c and their tests alone. It runs on any backend, one
 * step at a time, so that a simulated disk can crash between any two calls.
 */
#ifndef DAEMON_WRITER_CORE_H
#define DAEMON_WRITER_CORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/clock.h"
#include "daemon/deadletter.h"
#include "daemon/durable.h"
#include "daemon/ledger/recover.h"
#include "daemon/queue.h"
#include "daemon/writer.h"
#include "daemon/writer_blobs.h"
#include "daemon/writer_custody.h"
#include "daemon/writer_owner.h"
#include "daemon/writer_seal.h"
#include "daemon/writer_snapshot.h"
#include "io/journal.h"

#define WRITER_RETRY_NS     250000000u /* between two looks for space */
#define WRITER_IDLE_NS      1000000000u
#define WRITER_TORN_DIR     "torn"
#define WRITER_REJECTS_PART 8u /* of the reserve: one of so many is for dead letters */

/*
 * Invariants:
 *   1. A queue's durable position is <= flight position <= gathered position; it moves only in
 *      publish(), when the feed and the dead letters of the batch are both synced;
 *      neither is written before the batch's blobs are synced.
 *   2. One batch is in flight. Its positions and its next seq are fixed when it starts.
 *   3. failed is sticky: after it, no position moves.
 */
struct writer_lane {
    struct queue *queue;
    uint64_t flight_position;          /* of the batch in flight */
    uint64_t done_position;            /* of the batch before, which is durable */
    uint64_t gathered_seq, flight_seq; /* latest record of this queue, or the older one that it
                                          would have repeated; RECORD_NO_SEQ */
    _Atomic uint64_t durable_seq;
    /* Written when an event is gathered, read by the queue's producer once it is durable. */
    struct writer_answer *answers; /* WRITER_ANSWERS_MAX */
};

struct writer_atomics {
    _Atomic uint64_t next_seq, durable_seq, run, clock_seq, records, batches, feed_bytes, rejects,
        rejects_bytes, commit_ns_max, commit_ns_last, turns, duplicates, watched, watched_named,
        watched_evicted, watched_refused, signed_size, signed_ns, state_errors, reserve_left;
    _Atomic int unsealed;
    _Atomic bool synced;
    _Atomic int wait_error, events_wait_error, failed;
};

/* A share waits: the common one is what crawlers wait for, and while the reserved one does all
   wait. Whoever takes part in it later is in the same gap record. */
struct writer_wait {
    bool on, gap_due; /* it waits; it did, and that is to be recorded */
    bool was_full;    /* for space, at some time of it; else for a descriptor */
    struct backend_time since;
    uint64_t seq, held;          /* first not durable then; records of a batch that waited */
    uint64_t count, connections; /* entries and senders that waited, as of its end */
};

struct writer_core {
    const struct writer_config *config;
    struct backend *backend;
    int dir_fd;
    struct journal *feed, *rejects;
    struct durable_store durable;
    struct writer_blobs blobs;
    struct clock clock;
    struct deadletter_budget budget;
    struct derived derived; /* of every record that was appended */
    struct writer_seal seal;
    struct writer_snapshot snapshot;
    struct writer_erase erase;
    struct writer_owner owner;

    struct writer_lane lanes[WRITER_QUEUES_MAX];
    unsigned turn; /* the queue that is drained first in the next round */

    bool opened;  /* the callback is wanted from here on */
    bool stopped; /* the stop record is gathered: it is to be the last, none of our own follows */
    uint64_t next_seq, run, clock_seq, next_reject;
    struct record_head last; /* of the latest record of this run */
    bool in_flight, flight_has_feed, flight_has_rejects;
    uint64_t flight_next_seq, formed_ns;

    bool rotating_feed, rotating_rejects; /* due, and there was no space or no descriptor */
    int rotate_error;                     /* which of the two, of the latest try: a -errno */
    struct writer_wait waits[JOURNAL_SHARES];
    uint64_t retry_due_ns;

    struct writer_atomics counts;
    char line[DEADLETTER_LINE_BYTES_MAX];
};

/* What recovery found. */
struct writer_found {
    bool any;  /* there are records */
    bool torn; /* a tail is to be set aside */
    struct record_head last;
    enum record_kind last_kind;
    uint64_t first, end; /* of the last segment, valid */
    uint64_t next_seq;
    uint64_t kept;     /* whole records past what state/durable says */
    bool rejects_torn; /* the end of the dead letters is copied to torn/, and not yet cut off */
    uint64_t rejects_first, rejects_end; /* then: of their last segment, valid */
    unsigned rejects_turn;               /* of the copy's name */
};

/* Recovers the ledger and makes the records start, gap (if due) and clock durable. queues has
   config->queues queues; both are borrowed until writer_core_close. 0, or -errno with
   *reterr_error, and nothing is to be closed. */
int writer_core_open(struct writer_core *core, const struct writer_config *config,
                     struct backend *backend, struct queue *const *queues,
                     struct writer_error *reterr_error);

/* Takes what the queues hold as far as there is room. When no batch is in flight, what was gathered
   before is one, and is with the kernel before more is gathered; else what is gathered now is.
   Retries a full disk when that is due. Returns the number of entries taken. */
size_t writer_core_gather(struct writer_core *core);

/* Waits for at most wait_ns_max for completions. */
void writer_core_turn(struct writer_core *core, uint64_t wait_ns_max);

/* Nothing is gathered, in flight or in the queues. */
bool writer_core_idle(const struct writer_core *core);

/* Waits for what is being written, and closes. Not durable: gone. When the backend fails meanwhile
   the writer has failed, and core->backend is closed and NULL. */
void writer_core_close(struct writer_core *core);

/* The parts of the core, by file. writer_recover.c: */
int writer_recover_feed(struct writer_core *core, struct writer_found *ret_found,
                        struct writer_error *reterr_error);
int writer_recover_torn(struct writer_core *core, const struct writer_found *found,
                        struct writer_error *reterr_error);
int writer_recover_rejects(struct writer_core *core, struct writer_found *found,
                           struct writer_error *reterr_error);
int writer_start_rejects(struct writer_core *core, const struct writer_found *found,
                         struct writer_error *reterr_error);
int writer_error_set(struct writer_error *reterr_error, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* writer_records.c: */
void writer_append(struct writer_core *core, unsigned lane, const struct record_draft *draft,
                   const struct derived_about *about); /* NULL: it is read from the line */
void writer_append_start(struct writer_core *core, const struct writer_found *found);
void writer_append_gaps(struct writer_core *core, const struct writer_found *found);
void writer_append_clock(struct writer_core *core, enum clock_cause cause);
void writer_append_waits(struct writer_core *core); /* a gap for each that is due */

/* writer_event.c: */
bool writer_event_fits(struct writer_core *core, unsigned lane, const char *entry,
                       size_t len); /* into this batch */
void writer_append_event(struct writer_core *core, unsigned lane, const char *entry, size_t len);
/* writer_derived.c: */
int writer_open_derived(struct writer_core *core, const struct writer_found *found,
                        struct writer_error *reterr_error);

/* Appends a draft from a queue, unless it is judged not to be recorded. */
void writer_append_judged(struct writer_core *core, unsigned index,
                          const struct writer_record *head, const struct record_draft *draft);

/* Brings its counters up to date. */
void writer_show_derived(struct writer_core *core);

/* Takes the record whose line, of len bytes without its newline, was just made in core->line. */
void writer_derive(struct writer_core *core, const struct record_head *head, enum record_kind kind,
                   const struct derived_about *about, size_t len);

/* writer_batch.c: */
extern const struct journal_handler writer_journal_handler;

/* Whether writer_fail was called. */
bool writer_has_failed(const struct writer_core *core);

/* The first error stays, and is told; from then on no position moves. error is a -errno. */
void writer_fail(struct writer_core *core, int error);

/* Starts a batch of what is gathered, if none is in flight. */
void writer_commit(struct writer_core *core);
bool writer_feed_is_ready(struct writer_core *core, size_t len,
                          enum journal_share share); /* len more bytes may be appended */
bool writer_rejects_are_ready(struct writer_core *core, size_t len, enum journal_share share);
bool writer_blobs_are_ready(struct writer_core *core, enum journal_share share); /* for one more */

/* writer_wait.c: */
/* Which space a queue's entries may take. */
enum journal_share writer_share(const struct writer_core *core, unsigned lane);

/* Works out who waits, and tells when that changes; tries again for space when that is due; what
   waits now is due to be recorded, as nothing of the run follows. */
void writer_note_waits(struct writer_core *core);
bool writer_has_waited(const struct writer_core *core); /* and it is to be recorded */
void writer_retry(struct writer_core *core);
bool writer_retry_is_due(const struct writer_core *core);
void writer_end_waits(struct writer_core *core);

/* writer_batch.c: whoever waits for something is told. */
void writer_tell(const struct writer_core *core);

/* Begins the next segment of packs and of dead letters where that is due. For the moment between
   two batches: who sends without a pause leaves no other in which nothing is in flight. A full feed
   needs none, as all of them wait for it. */
void writer_rotate_between(struct writer_core *core);

/* Tries again for the segments that are due. false: something is in flight, or gathered for one
   of them, which has to be durable first. */
bool writer_retry_rotations(struct writer_core *core);

#endif
