/*
 * When the record must say something of the clock, and what: the one caller of the backend's time
 * for records. It never corrects a time.
 */
#ifndef DAEMON_CLOCK_H
#define DAEMON_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"

#define CLOCK_PERIOD_NS      60000000000u /* between two periodic clock records */
#define CLOCK_STATE_NS       1000000000u  /* between two looks at the sync state */
#define CLOCK_STEP_NS        500000000    /* a move against the boot clock that nobody told of */
#define CLOCK_BASE_NS        10000000u    /* a step that is seen is told of by then */
#define CLOCK_BODY_BYTES_MAX 1024u

enum clock_cause {
    CLOCK_NONE = 0,
    CLOCK_START,
    CLOCK_PERIODIC,
    CLOCK_SYNC_CHANGE,
    CLOCK_STEP,
    CLOCK_LEAP, /* the kernel begins, or ends, to announce or insert a leap second */
};

struct clock {
    struct backend *backend;
    int sets_fd; /* of the backend's clock_was_set; -1: not watched */
    /* What a step is measured from: a look since which no step was told of; and a newer one, which
       takes its place once it is CLOCK_BASE_NS old. */
    struct backend_time base, newer;
    int64_t now_wall_ns; /* as of the last look */
    int64_t step_ns;     /* of steps that no record tells of yet */
    uint64_t record_due_ns, state_due_ns;
    int leap; /* TIME_INS .. TIME_WAIT, 0: none; as synced, of the latest record */
    bool started, synced, stepped;
};

/* A clock that has said nothing yet. */
void clock_open(struct clock *ret_clock, struct backend *backend);

/* From now on the kernel tells of each time that the wall clock is set, however little: a step
   below CLOCK_STEP_NS is due too. 0; -errno: it cannot, and only larger ones are seen. End it with
   clock_close, before the backend is closed. */
int clock_watch(struct clock *clock);

/* Ends clock_watch. Safe on one that is not watched. */
void clock_close(struct clock *clock);

/* The time for a record. */
struct backend_time clock_now(const struct clock *clock);

/* Whether a clock record is due now, and why; it stays due until clock_body. Call it often: what a
   record says of steps is as sharp as the distance between two calls. */
enum clock_cause clock_due(struct clock *clock);

/* The body of the clock record that was due, for record_draft; the next one is due later. Returns
   its length, at most CLOCK_BODY_BYTES_MAX. */
size_t clock_body(struct clock *clock, enum clock_cause cause, char *body, size_t room);

/* Whether the kernel called its clock synchronised in the last clock record. */
bool clock_synced(const struct clock *clock);

#endif
