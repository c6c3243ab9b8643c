/*
 * Who waits for space or for a descriptor, since when, and the tries for it. Knows no record.
 */
#include <errno.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"

enum journal_share writer_share(const struct writer_core *core, unsigned lane)
{
    return lane < core->config->queues - core->config->urgent_queues ? JOURNAL_COMMON
                                                                     : JOURNAL_RESERVED;
}

/* What a share waits for now; 0: for nothing. */
static int wait_error(const struct writer_core *core, enum journal_share share)
{
    if (journal_waiting(core->feed, share) || journal_waiting(core->rejects, share) ||
        journal_waiting(core->blobs.packs, share))
        return -ENOSPC;
    /* Tiles that there was no space or descriptor for, for so long that the tree takes no more. */
    const struct writer_seal *seal = &core->seal;
    if (seal->owed_count > 0 && !writer_seal_has_room(seal, share == JOURNAL_RESERVED))
        return writer_seal_waits_for(seal->owed_error) == WRITER_UNSEALED_FULL ? -ENOSPC : -EMFILE;
    if (share == JOURNAL_RESERVED)
        return 0;
    if (!core->rotating_feed && !core->rotating_rejects && !core->blobs.rotating)
        return 0;
    bool full = core->rotate_error != -EMFILE && core->rotate_error != -ENFILE;
    return full ? -ENOSPC : -EMFILE;
}

static void begin(struct writer_core *core, enum journal_share share)
{
    struct writer_wait *wait = &core->waits[share];
    bool batch = journal_busy(core->feed) && !journal_in_flight(core->feed) &&
                 !journal_in_flight(core->blobs.packs);

    wait->on = true;
    if (wait->gap_due)
        return; /* it is still to be recorded, and this goes into the same record */
    *wait = (struct writer_wait){.on = true, .since = clock_now(&core->clock)};
    wait->seq = atomic_load_explicit(&core->counts.durable_seq, memory_order_relaxed) + 1;
    wait->held = batch ? core->next_seq - wait->seq : 0;
    if (share == JOURNAL_COMMON)
        core->retry_due_ns = wait->since.boot_ns + WRITER_RETRY_NS;
}

/* Counts what waited. */
static void end(struct writer_core *core, enum journal_share share)
{
    struct writer_wait *wait = &core->waits[share];

    wait->on = false;
    wait->gap_due = true;
    wait->count = wait->held;
    for (unsigned i = 0; i < core->config->queues; i++)
        if (share == JOURNAL_RESERVED || writer_share(core, i) == JOURNAL_COMMON)
            wait->count += queue_entries(core->lanes[i].queue);
    wait->connections =
        core->config->connections == NULL
            ? 0
            : core->config->connections(core->config->context, share == JOURNAL_RESERVED);
}

/* Returns what the share waits for. */
static int note(struct writer_core *core, enum journal_share share)
{
    struct writer_wait *wait = &core->waits[share];
    int error = wait_error(core, share);

    if (error < 0 && !wait->on)
        begin(core, share);
    wait->was_full = wait->was_full || error == -ENOSPC;
    if (error == 0 && wait->on)
        end(core, share);
    return error;
}

/* For people: what has changed. */
static void say(const struct writer_core *core, enum journal_share share, int error)
{
    const char *why = error == -ENOSPC ? "the disk is full" : "no file descriptor is free";

    if (error == 0)
        log_write(LOG_LEVEL_INFO, "%s is recorded again",
                  share == JOURNAL_COMMON ? "what crawlers send" : "what comes over notice.socket");
    else if (share == JOURNAL_RESERVED)
        log_write(LOG_LEVEL_ERROR, "%s, the reserve too: nothing is recorded until there is space",
                  why);
    else
        log_write(LOG_LEVEL_WARNING,
                  "%s: what crawlers send waits until there is more; %llu KiB of the reserve are "
                  "left for what comes over notice.socket",
                  why, (unsigned long long)(journal_reserve_left(core->feed) >> 10));
}

void writer_note_waits(struct writer_core *core)
{
    _Atomic int *const told[] = {&core->counts.wait_error, &core->counts.events_wait_error};
    bool changed = false;

    atomic_store_explicit(&core->counts.reserve_left, journal_reserve_left(core->feed),
                          memory_order_relaxed);
    for (unsigned share = 0; share < JOURNAL_SHARES; share++) {
        int error = note(core, (enum journal_share)share);
        if (atomic_exchange_explicit(told[share], error, memory_order_relaxed) == error)
            continue;
        say(core, (enum journal_share)share, error);
        changed = true;
    }
    if (changed)
        writer_tell(core);
}

bool writer_has_waited(const struct writer_core *core)
{
    bool has = false;

    for (unsigned share = 0; share < JOURNAL_SHARES; share++)
        has = has || (core->waits[share].gap_due && !core->waits[share].on);
    return has;
}

bool writer_retry_is_due(const struct writer_core *core)
{
    return core->waits[JOURNAL_COMMON].on &&
           core->backend->ops->now(core->backend).boot_ns >= core->retry_due_ns;
}

void writer_retry(struct writer_core *core)
{
    bool busy = journal_in_flight(core->feed) || journal_in_flight(core->rejects) ||
                journal_in_flight(core->blobs.packs);

    writer_note_waits(core);
    if (busy || !writer_retry_is_due(core))
        return;
    journal_retry(core->feed);
    journal_retry(core->rejects);
    journal_retry(core->blobs.packs);
    if (writer_retry_rotations(core))
        core->retry_due_ns = clock_now(&core->clock).boot_ns + WRITER_RETRY_NS;
    writer_note_waits(core);
}

void writer_end_waits(struct writer_core *core)
{
    for (unsigned share = 0; share < JOURNAL_SHARES; share++)
        if (core->waits[share].on)
            end(core, (enum journal_share)share);
}
