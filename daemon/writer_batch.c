/*
 * From the queues to a batch, from a batch to the durable positions.
 */
#include <assert.h>
#include <errno.h>

#include "daemon/writer_core.h"

#define WRITER_REJECTS_SEGMENT (64u << 20)

/* Not before the caller knows of the writer at all. */
void writer_tell(const struct writer_core *core)
{
    if (core->opened && core->config->durable != NULL)
        core->config->durable(core->config->context);
}

void writer_fail(struct writer_core *core, int error)
{
    assert(error < 0);
    if (atomic_load_explicit(&core->counts.failed, memory_order_relaxed) != 0)
        return;
    atomic_store_explicit(&core->counts.failed, error, memory_order_release);
    writer_tell(core);
}

bool writer_has_failed(const struct writer_core *core)
{
    return atomic_load_explicit(&core->counts.failed, memory_order_relaxed) != 0;
}

/* Both journals are synced: what was in flight is durable, and only now anyone hears of it. */
static void publish(struct writer_core *core)
{
    uint64_t took_ns = clock_now(&core->clock).boot_ns - core->formed_ns;
    struct writer_atomics *counts = &core->counts;

    assert(!writer_has_failed(core));
    core->in_flight = false;
    if (core->flight_has_feed) {
        struct position position = {.seq = core->flight_next_seq - 1,
                                    .first = journal_first(core->feed),
                                    .end = journal_end(core->feed)};
        /* On an error the readers lag; nothing that was acknowledged is lost by it. */
        if (durable_store_put(&core->durable, &position) < 0)
            atomic_fetch_add_explicit(&counts->state_errors, 1, memory_order_relaxed);
        writer_seal_durable(core, core->flight_next_seq);
        atomic_store_explicit(&counts->durable_seq, position.seq, memory_order_relaxed);
    }
    /* Behind the position: whoever sees a mark finds the record that it names. */
    writer_erase_durable(core, core->flight_next_seq);
    for (unsigned i = 0; i < core->config->queues; i++) {
        struct writer_lane *lane = &core->lanes[i];
        atomic_store_explicit(&lane->durable_seq, lane->flight_seq, memory_order_relaxed);
        lane->done_position = lane->flight_position;
        if (!writer_erase_holds(core, i))
            queue_set_durable(lane->queue, lane->done_position);
    }
    atomic_fetch_add_explicit(&counts->batches, 1, memory_order_relaxed);
    atomic_store_explicit(&counts->commit_ns_last, took_ns, memory_order_relaxed);
    if (took_ns > atomic_load_explicit(&counts->commit_ns_max, memory_order_relaxed))
        atomic_store_explicit(&counts->commit_ns_max, took_ns, memory_order_relaxed);
    writer_tell(core);
}

/* The blobs of the batch are durable, if it had any: now the records that name them. */
static void commit_lines(struct writer_core *core)
{
    bool busy = core->flight_has_feed && journal_commit(core->feed);

    if (core->flight_has_rejects && !writer_has_failed(core))
        busy = journal_commit(core->rejects) || busy;
    if (!busy && !writer_has_failed(core))
        publish(core); /* only counted: there is nothing to wait for */
}

static void on_durable(void *context, uint64_t first, uint64_t end)
{
    struct writer_core *core = context;

    (void)first;
    (void)end; /* both are asked for in publish, when the other journal is done too */
    if (core->blobs.flight) {
        core->blobs.flight = false;
        writer_blobs_durable(core);
        if (!writer_has_failed(core))
            commit_lines(core);
        return;
    }
    if (core->in_flight && !journal_busy(core->feed) && !journal_busy(core->rejects) &&
        !writer_has_failed(core))
        publish(core);
}

static void on_failed(void *context, int error)
{
    writer_fail(context, error);
}

const struct journal_handler writer_journal_handler = {.durable = on_durable, .failed = on_failed};

/* Takes the positions of what is gathered. true when there is anything to make durable, or entries
   that were only counted. */
static bool take_positions(struct writer_core *core)
{
    bool moved = journal_gathered(core->feed) > 0 || journal_gathered(core->rejects) > 0 ||
                 journal_gathered(core->blobs.packs) > 0;

    for (unsigned i = 0; i < core->config->queues; i++) {
        struct writer_lane *lane = &core->lanes[i];
        uint64_t position = queue_pop_position(lane->queue);
        moved = moved || position != lane->flight_position;
        lane->flight_position = position;
        lane->flight_seq = lane->gathered_seq;
    }
    return moved;
}

void writer_commit(struct writer_core *core)
{
    if (core->in_flight || writer_has_failed(core) || !take_positions(core))
        return;
    core->flight_next_seq = core->next_seq;
    core->flight_has_feed = journal_gathered(core->feed) > 0;
    core->flight_has_rejects = journal_gathered(core->rejects) > 0;
    core->blobs.flight_next = core->blobs.next;
    core->formed_ns = clock_now(&core->clock).boot_ns;
    core->in_flight = true;
    journal_form(core->feed);
    if (core->flight_has_rejects)
        journal_form(core->rejects);
    core->blobs.flight = journal_gathered(core->blobs.packs) > 0;
    if (core->blobs.flight)
        (void)journal_commit(core->blobs.packs); /* its end is told */
    else
        commit_lines(core);
}

/* One of the journals, and where it stands in its segment. */
struct rotation {
    struct journal *journal;
    uint64_t next;  /* what the next segment begins with */
    bool *rotating; /* it is due, and there was no space or no descriptor */
    bool full;      /* the segment is */
};

static struct rotation feed_rotation(struct writer_core *core)
{
    uint64_t records = core->next_seq - journal_first(core->feed);
    uint64_t bytes = journal_end(core->feed) + journal_gathered(core->feed);

    return (struct rotation){.journal = core->feed,
                             .next = core->next_seq,
                             .rotating = &core->rotating_feed,
                             .full = records > 0 && (records >= core->config->segment_records ||
                                                     bytes >= core->config->segment_bytes)};
}

static struct rotation rejects_rotation(struct writer_core *core)
{
    uint64_t bytes = journal_end(core->rejects) + journal_gathered(core->rejects);

    return (struct rotation){.journal = core->rejects,
                             .next = core->next_reject,
                             .rotating = &core->rotating_rejects,
                             .full = bytes >= WRITER_REJECTS_SEGMENT};
}

static struct rotation blobs_rotation(struct writer_core *core)
{
    struct writer_blobs *blobs = &core->blobs;
    uint64_t bytes = journal_end(blobs->packs) + journal_gathered(blobs->packs);

    return (struct rotation){.journal = blobs->packs,
                             .next = blobs->next,
                             .rotating = &blobs->rotating,
                             .full = bytes >= core->config->blobs.pack_bytes};
}

static void rotate(struct writer_core *core, const struct rotation *rotation)
{
    int error = journal_rotate(rotation->journal, rotation->next);

    *rotation->rotating = error < 0 && !writer_has_failed(core);
    core->rotate_error = error < 0 ? error : core->rotate_error;
    if (rotation->journal == core->feed && error == 0)
        core->snapshot.rotated = true;
}

bool writer_retry_rotations(struct writer_core *core)
{
    const struct rotation all[] = {feed_rotation(core), rejects_rotation(core),
                                   blobs_rotation(core)};
    const size_t count = sizeof(all) / sizeof(all[0]);
    bool any = false, busy = core->in_flight;

    for (size_t i = 0; i < count; i++) {
        any = any || *all[i].rotating;
        busy = busy || (*all[i].rotating && journal_gathered(all[i].journal) > 0);
    }
    if (any && busy)
        return false;
    for (size_t i = 0; i < count; i++)
        if (*all[i].rotating && !writer_has_failed(core))
            rotate(core, &all[i]);
    return true;
}

/* The segment is full, and the next one was not tried yet: nothing waits for space or for it. */
static bool is_due(const struct rotation *rotation)
{
    return rotation->full && !*rotation->rotating &&
           !journal_waiting(rotation->journal, JOURNAL_COMMON);
}

void writer_rotate_between(struct writer_core *core)
{
    const struct rotation all[] = {rejects_rotation(core), blobs_rotation(core)};

    assert(!core->in_flight);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (is_due(&all[i]) && journal_gathered(all[i].journal) == 0 && !writer_has_failed(core))
            rotate(core, &all[i]);
}

/* Begins the next segment where that is due. false: nothing may be gathered now. Once a rotation
   was tried, retries are writer_retry's; meanwhile crawlers wait, and what may take the reserve
   goes on in the old segment, as it does when there is no space for another one. */
static bool turn_over(struct writer_core *core, const struct rotation *rotation,
                      enum journal_share share)
{
    if (writer_has_failed(core))
        return false;
    if (is_due(rotation)) {
        if (core->in_flight || journal_gathered(rotation->journal) > 0)
            return false;
        rotate(core, rotation);
    }
    if (writer_has_failed(core) || (*rotation->rotating && share == JOURNAL_COMMON))
        return false;
    /* Nothing more until it was tried again, or who never pauses would keep it from that. */
    return !*rotation->rotating || !writer_retry_is_due(core);
}

static bool has_room(struct journal *journal, size_t len, enum journal_share share)
{
    return journal_room(journal) >= len && journal_has_space(journal, len, share);
}

bool writer_feed_is_ready(struct writer_core *core, size_t len, enum journal_share share)
{
    const struct rotation rotation = feed_rotation(core);

    return turn_over(core, &rotation, share) &&
           writer_seal_has_room(&core->seal, share == JOURNAL_RESERVED) &&
           has_room(core->feed, len, share);
}

bool writer_rejects_are_ready(struct writer_core *core, size_t len, enum journal_share share)
{
    const struct rotation rotation = rejects_rotation(core);

    return turn_over(core, &rotation, share) && has_room(core->rejects, len, share);
}

bool writer_blobs_are_ready(struct writer_core *core, enum journal_share share)
{
    const struct rotation rotation = blobs_rotation(core);

    return turn_over(core, &rotation, share) &&
           has_room(core->blobs.packs, PACK_FRAME_BYTES_MAX, share);
}
