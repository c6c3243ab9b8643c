/*
 * What a lane shows of its counters to other threads, and when. Knows the lane's inside.
 */
#include <assert.h>
#include <string.h>

#include "daemon/lane_thread.h"

/* Counts as of now, of what the intake decided. */
static void take_counts(const struct lane *lane, struct lane_counts *counts)
{
    struct intake_counts in = intake_counts(lane->intake);
    counts->lines = in.lines;
    counts->blank = in.blank;
    counts->accepted = in.accepted;
    counts->events = in.events;
    counts->rejected = in.rejected;
    counts->matched = in.matched;
    counts->failed_scans = in.failed_scans;
    counts->cut_scans = in.cut_scans;
    counts->surrogates = in.surrogates;
    counts->bytes = in.bytes;
    memcpy(counts->by_class, in.by_class, sizeof counts->by_class);
    memcpy(counts->by_reject, in.by_reject, sizeof counts->by_reject);
}

/* What others may see: counts of decisions only once their records are durable, so that a heartbeat
   never claims a match that the feed does not hold; the state of the thread as it is. */
void lane_counts_publish(struct lane *lane)
{
    if (!lane->snapshot_waits && !intake_pending(lane->intake)) {
        lane->snapshot = lane->counts;
        take_counts(lane, &lane->snapshot);
        lane->snapshot_position = queue_put_position(lane->queue);
        lane->snapshot_waits = true;
    }
    if (lane->snapshot_waits && queue_durable(lane->queue) >= lane->snapshot_position) {
        lane->durable_counts = lane->snapshot;
        lane->snapshot_waits = false;
    }
    struct stream_counts io = stream_counts(lane->stream);
    struct lane_counts *counts = &lane->durable_counts;
    counts->acked = lane->counts.acked;
    counts->connections = lane->counts.connections;
    counts->discarded_bytes = lane->counts.discarded_bytes;
    counts->files_open = lane->counts.files_open;
    counts->peers = stream_peers_count(lane->stream);
    counts->pauses = io.pauses;
    counts->copied_lines = io.copied_lines;
    counts->nobufs = io.nobufs;
    counts->stuck = io.stuck;
    counts->parked = stream_parked(lane->stream) ? 1 : 0;
    counts->turns = ++lane->counts.turns;
    uint64_t words[LANE_COUNTS_WORDS];
    static_assert(sizeof words == sizeof *counts, "lane_counts is made of 64-bit words");
    memcpy(words, counts, sizeof words);
    for (size_t i = 0; i < LANE_COUNTS_WORDS; i++)
        atomic_store_explicit(&lane->published[i], words[i], memory_order_relaxed);
}
