/*
 * A lane: one thread with its own backend, connections, intake and queue; runs every line from
 * receive to record without handing it over (DESIGN 1). Knows the writer's queue, not the disk.
 */
#ifndef DAEMON_LANE_H
#define DAEMON_LANE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/config.h"
#include "daemon/emit.h"
#include "daemon/event_intake.h"
#include "daemon/hello.h"
#include "daemon/intake.h"
#include "daemon/maps.h"
#include "daemon/permissions.h"
#include "daemon/ruleset.h"
#include "daemon/writer.h"
#include "io/backend.h"
#include "io/stream.h"

#define LANES_MAX             (CONFIG_LANES_MAX + 1u) /* the one of events too */
#define LANE_SOURCE_BYTES_MAX 64u
#define LANE_BUFFERS          256u /* provided buffers: 16 MiB a lane, touched as needed */

/* A file whose giver waits until all its lines are decided and what became of them is durable. The
   giver sets the session, of the letters that a hello's is, and wake_fd; the lane that reads it the
   rest, `ended` last, and then writes to wake_fd, an eventfd. A lane that is stopped before leaves
   it as it is. */
struct lane_reading {
    char session[HELLO_SESSION_BYTES_MAX + 1];
    int wake_fd;
    uint64_t lines, rejected;
    int error; /* 0: read to its end; -errno */
    atomic_bool ended;
};

/* Where a descriptor given to a lane comes from. The array of them outlives the lanes;
   only one whose descriptors all have ended may change. */
struct lane_source {
    char name[LANE_SOURCE_BYTES_MAX + 1]; /* in records, until a hello says otherwise */
    bool is_file;                         /* read to its end; no replies */
    struct permissions *permissions;      /* what may be written there; sighting: listings too */
    const struct map *map;                /* of lines whose sender names none; NULL: none */
    struct lane_reading *reading;         /* of the file that is given; NULL: nobody waits for it */
};

struct lane_config {
    enum backend_kind io;
    unsigned index, lanes_count;
    struct stream_limits limits;
    struct writer *writer; /* queue number index is this lane's */
    const struct lane_source *sources;
    const struct maps *maps; /* that a hello may name */
    struct ruleset *ruleset; /* to begin with; stays the caller's */
    struct emit_keep keep;
};

/* Counters for heartbeats and status; any thread. Counts of lines and matches lag until the records
   are durable; acked counts lines that were acknowledged. */
struct lane_counts {
    uint64_t lines, blank, accepted, events, rejected, matched, failed_scans, cut_scans, surrogates,
        bytes;
    uint64_t by_class[4], by_reject[REJECT_CODES_COUNT], by_kind[RECORD_KINDS_COUNT];
    uint64_t acked, nacked, connections, peers, pauses, discarded_bytes, copied_lines, nobufs;
    uint64_t stuck;  /* ended: silent inside a line while others waited for their memory */
    uint64_t turns;  /* the thread's heart beat, for the watchdog */
    uint64_t parked; /* 1 while the lane waits for the writer */
    uint64_t files_open;
};

struct lane;

/* Allows this process as many open files as so many lanes may need; warns when it cannot. */
void lanes_raise_descriptors(size_t lanes);

/* Starts the thread; returns when its backend and memory are there. 0 or -errno. The config is
   copied; what it points to must outlive the lane. */
int lane_open(const struct lane_config *config, struct lane **ret_lane);

/* Gives a connected socket or an open file of sources[source] to the lane. 0; -EAGAIN when it has
   limits.peers_max of them, those on their way included (the fd stays the caller's). Control
   thread only. */
int lane_give(struct lane *lane, int fd, unsigned source);

/* How many connections and files it has, those on their way included; and the first count of an
   array of them. Any thread. */
size_t lane_load(const struct lane *lane);
size_t lanes_load(struct lane *const *lanes, size_t count);

/* From its next turn on the lane scans with this ruleset, which must stay until lane_ruleset names
   another. Control thread only. */
void lane_set_ruleset(struct lane *lane, struct ruleset *ruleset);
const struct ruleset *lane_ruleset(const struct lane *lane); /* in use now; any thread */

/* Wakes the thread: something became durable. Any thread. */
void lane_wake(struct lane *lane);

/* Stops reading, decides what was received, waits until it is durable and acknowledged, then ends.
   Any thread. */
void lane_stop(struct lane *lane);
bool lane_stopped(const struct lane *lane); /* any thread */

/* A copy of the counters; any thread. */
struct lane_counts lane_counts(const struct lane *lane);
const char *lane_io_name(const struct lane *lane); /* "uring" or "poll" */

/* Most bytes the lane may hold: buffers, carries, the intake with the ruleset it began with,
   replies. Any thread. */
size_t lane_bytes_max(const struct lane *lane);

/* Ends the thread, drained or not. What others may still call (lane_wake, counters, lane_load)
   stays valid until lane_close. The second time has no effect. */
void lane_end(struct lane *lane);

/* lane_end, and frees. NULL is fine. Returns NULL. */
struct lane *lane_close(struct lane *lane);

#endif
