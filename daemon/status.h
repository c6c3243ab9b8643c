/*
 * What the daemon counts, summed over its lanes, as JSON: the status reply, the heartbeat and the
 * stop record. Pure but for reading the counters.
 */
#ifndef DAEMON_STATUS_H
#define DAEMON_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/lane.h"
#include "daemon/outbox.h"
#include "daemon/reload.h"
#include "daemon/spooler.h"
#include "daemon/warner.h"
#include "daemon/writer.h"

#define STATUS_BYTES_MAX 16384u

/* What status_encode looks at; all borrowed. */
struct status_view {
    struct lane *const *lanes;
    size_t lanes_count, crawl_lanes;
    struct writer *writer;
    const struct reload *reload;
    const struct outbox *outbox;
    const struct warner *warner;
    const struct spooler *spooler; /* NULL: none is configured */
    uint64_t uptime_ns;
    uint64_t now_ns; /* boot time */
};

/* Adds up the lanes' counters; turns are added too. */
struct lane_counts status_sum(struct lane *const *lanes, size_t lanes_count);

/* {"ok":true,"version":…} and a newline. Returns the length; room is at least STATUS_BYTES_MAX. */
size_t status_encode(const struct status_view *view, char *out, size_t room);

/* Members of a heartbeat: what was counted since `before`, over interval_ns. Returns the length. */
size_t status_heartbeat(const struct status_view *view, const struct lane_counts *now,
                        const struct lane_counts *before, uint64_t interval_ns, char *body,
                        size_t room);

/* Members of the stop record: why, and the counts of the whole run. */
size_t status_stop(const struct lane_counts *total, const char *reason, uint64_t uptime_ns,
                   char *body, size_t room);

#endif
