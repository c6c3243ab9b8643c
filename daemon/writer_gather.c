/*
 * From the queues into the journals: each queue in its turn, as far as there is room.
 */
#include <assert.h>
#include <string.h>

#include "daemon/writer_core.h"

#define WRITER_VISIT_ENTRIES 256u /* taken from one queue before the next one's turn */

static bool record_fits(struct writer_core *core, const char *entry, size_t len,
                        enum journal_share share)
{
    struct writer_record head;

    assert(len >= sizeof(head));
    memcpy(&head, entry, sizeof(head));
    return writer_feed_is_ready(core, RECORD_LINE_BYTES_MAX, share) &&
           (head.blob_len == 0 || writer_blobs_are_ready(core, share));
}

static void append_record(struct writer_core *core, unsigned index, const char *entry, size_t len)
{
    struct writer_record head;

    assert(len >= sizeof(head));
    memcpy(&head, entry, sizeof(head));
    assert(len == sizeof(head) + head.body_len + head.blob_len);
    assert(head.holes_count <= RECORD_HOLES_MAX);
    assert(head.kind < RECORD_KINDS_COUNT);
    struct record_draft draft = {.kind = (enum record_kind)head.kind,
                                 .body = entry + sizeof(head),
                                 .len = head.body_len,
                                 .holes_count = head.holes_count};
    memcpy(draft.holes, head.holes, sizeof(draft.holes));
    if (draft.kind == RECORD_STOP) {
        writer_end_waits(core);
        writer_append_waits(core);
    }
    writer_append_judged(core, index, &head, &draft);
}

/* Whether a dead letter is only counted: on a full disk, when the reserve has no room for its hash.
   One whose sender was promised that its bytes are kept waits. */
static bool is_only_counted(struct writer_core *core, unsigned index, bool kept)
{
    return !kept && writer_share(core, index) == JOURNAL_RESERVED &&
           !journal_has_space(core->rejects, DEADLETTER_BARE_BYTES_MAX, JOURNAL_COMMON) &&
           journal_waiting(core->rejects, JOURNAL_COMMON) &&
           journal_reserve_left(core->rejects) < DEADLETTER_BARE_BYTES_MAX;
}

/* false: not now. */
static bool take_reject(struct writer_core *core, unsigned index, const char *entry, size_t len)
{
    struct writer_reject head;

    assert(len >= sizeof(head));
    memcpy(&head, entry, sizeof(head));
    assert(len == sizeof(head) + (size_t)head.source_len + head.bytes_len);
    const bool counted = is_only_counted(core, index, head.kept);
    const size_t room = (head.kept ? head.bytes_len / 3 * 4 : 0) + DEADLETTER_BARE_BYTES_MAX;
    if (!counted && !writer_rejects_are_ready(core, room, writer_share(core, index)))
        return false;
    atomic_fetch_add_explicit(&core->counts.rejects, 1, memory_order_relaxed);
    if (counted || (!head.kept && !deadletter_keep_hash(&core->budget)))
        return true; /* there is no room for it: it is counted */
    const char *source = entry + sizeof(head);
    size_t line = deadletter_encode(&head, source, source + head.source_len,
                                    clock_now(&core->clock).wall_ns, core->line);
    int error = journal_append(core->rejects, core->line, line);
    if (error < 0) {
        writer_fail(core, error);
        return true;
    }
    core->next_reject++;
    atomic_fetch_add_explicit(&core->counts.rejects_bytes, line, memory_order_relaxed);
    return true;
}

/* What the entry behind the one just peeked at is about is fetched while that one is encoded. */
static void expect_next(struct writer_core *core, const struct queue *queue)
{
    unsigned type = 0;
    const char *entry = queue_peek_behind(queue, &type);
    struct writer_record head;

    if (entry == NULL || type != WRITER_ENTRY_RECORD)
        return;
    memcpy(&head, entry, sizeof(head));
    derived_expect(&core->derived, &head.about);
}

/* Takes some entries of one queue. Returns how many. */
static size_t drain(struct writer_core *core, unsigned index)
{
    const enum journal_share share = writer_share(core, index);
    struct queue *queue = core->lanes[index].queue;
    size_t taken = 0, len;
    unsigned type;
    const char *entry;

    while (taken < WRITER_VISIT_ENTRIES && !writer_has_failed(core) &&
           (entry = queue_peek(queue, &type, &len)) != NULL) {
        if (type == WRITER_ENTRY_RECORD) {
            if (!record_fits(core, entry, len, share))
                break;
            expect_next(core, queue);
            append_record(core, index, entry, len);
        } else if (type == WRITER_ENTRY_EVENT) {
            if (!writer_event_fits(core, index, entry, len))
                break;
            writer_append_event(core, index, entry, len);
        } else {
            assert(type == WRITER_ENTRY_REJECT);
            if (!take_reject(core, index, entry, len))
                break;
        }
        queue_pop(queue);
        taken++;
    }
    return taken;
}

/* Commits what was gathered while the batch before was in flight, and hands it over at once: the
   disk works while the next one is gathered. */
static void commit_gathered(struct writer_core *core)
{
    if (core->in_flight)
        return;
    writer_rotate_between(core);
    writer_commit(core);
    int error = core->in_flight ? core->backend->ops->turn(core->backend, 0) : 0;
    if (error < 0)
        writer_fail(core, error);
}

size_t writer_core_gather(struct writer_core *core)
{
    const unsigned queues = core->config->queues;
    size_t taken = 0, before;

    assert(queues > 0);
    writer_retry(core);
    if (writer_has_failed(core))
        return 0;
    if (writer_snapshot_due(core)) {
        writer_commit(core);
        if (core->in_flight)
            return 0; /* a copy holds durable records only */
        writer_snapshot_take(core);
    }
    enum clock_cause cause = core->stopped ? CLOCK_NONE : clock_due(&core->clock);
    if (cause != CLOCK_NONE && writer_feed_is_ready(core, RECORD_LINE_BYTES_MAX, JOURNAL_RESERVED))
        writer_append_clock(core, cause);
    if (writer_has_waited(core) && !core->stopped &&
        writer_feed_is_ready(core, RECORD_LINE_BYTES_MAX, JOURNAL_RESERVED))
        writer_append_waits(core);
    commit_gathered(core);
    do {
        before = taken;
        for (unsigned i = 0; i < queues; i++)
            taken += drain(core, (core->turn + i) % queues);
        core->turn = (core->turn + 1) % queues;
    } while (taken > before);
    if (taken > 0)
        writer_show_derived(core);
    writer_commit(core);
    writer_note_waits(core);
    return taken;
}
