/*
 * What is derived from the records, kept up by the writer: drafts are judged by it, records
 * appended go into it, and at the start it is read from the ledger. Knows the queue's entry forms.
 */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"

void writer_show_derived(struct writer_core *core)
{
    struct derived_counts now = derived_counts(&core->derived);
    struct writer_atomics *counts = &core->counts;

    atomic_store_explicit(&counts->duplicates, now.duplicates, memory_order_relaxed);
    atomic_store_explicit(&counts->watched, now.watched.held, memory_order_relaxed);
    atomic_store_explicit(&counts->watched_named, now.watched.named, memory_order_relaxed);
    atomic_store_explicit(&counts->watched_evicted, now.watched.evicted, memory_order_relaxed);
    uint64_t before = atomic_exchange_explicit(&counts->watched_refused, now.watched.refused,
                                               memory_order_relaxed);
    if (before == 0 && now.watched.refused > 0)
        log_write(
            LOG_LEVEL_ERROR,
            "the watched set is full of what notices, orders and acts named: %" PRIu64
            " more are recorded, but not watched: a sighting of theirs is recorded only while "
            "it matches; raise watch.max and start again, going on",
            now.watched.refused);
}

/* A record that names a blob comes behind it. */
static void append(struct writer_core *core, unsigned index, const struct writer_record *head,
                   const struct record_draft *draft, const struct derived_about *about)
{
    if (head->blob_len > 0)
        writer_blobs_put(core, head->blob, draft->body + draft->len, head->blob_len);
    writer_append(core, index, draft, about);
}

void writer_append_judged(struct writer_core *core, unsigned index,
                          const struct writer_record *head, const struct record_draft *draft)
{
    struct writer_lane *lane = &core->lanes[index];
    struct derived_about about = head->about;
    uint64_t seq = RECORD_NO_SEQ;

    about.sighting = lane->gathered_seq; /* of a match */
    if (head->judge == WRITER_JUDGE_CUSTODY) {
        writer_append_custody(core, index, draft);
        return;
    }
    if (head->judge == WRITER_JUDGE_NONE) {
        append(core, index, head, draft, NULL);
        return;
    }
    switch (derived_judge(&core->derived, draft->kind, head->judge == WRITER_JUDGE_IF_WATCHED,
                          &about, &seq)) {
    case DERIVED_RECORD:
        append(core, index, head, draft, about.listing.hash == 0 ? NULL : &about);
        break;
    case DERIVED_DUPLICATE:
        /* Its match, if that has no record yet, names the sighting that there is. */
        if (draft->kind != RECORD_LISTING && draft->kind != RECORD_MATCH)
            lane->gathered_seq = seq;
        break;
    case DERIVED_UNWATCHED:
    case DERIVED_KNOWN:
        break;
    }
}

void writer_derive(struct writer_core *core, const struct record_head *head, enum record_kind kind,
                   const struct derived_about *about, size_t len)
{
    int error = derived_take(&core->derived, kind, head->seq, about, core->line, len);

    if (error < 0)
        writer_fail(core, error); /* the line is no JSON: our bug, and no evidence */
}

static int take_again(void *context, const struct record_head *head, enum record_kind kind,
                      const char *line, size_t len)
{
    struct writer_core *core = context;

    return derived_take(&core->derived, kind, head->seq, NULL, line, len);
}

int writer_open_derived(struct writer_core *core, const struct writer_found *found,
                        struct writer_error *reterr_error)
{
    int error = derived_open(&core->config->derived, &core->derived);

    if (error < 0)
        return writer_error_set(reterr_error, error,
                                "no memory for the window of duplicates and the watched set "
                                "(dedupe.window, watch.max)");
    uint64_t from_seq = 0;
    error = writer_snapshot_open(core, found, &from_seq);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot read the snapshots of %s: %s",
                                core->config->ledger, strerrordesc_np(-error));
    error = writer_replay(core, found, from_seq, take_again, core, reterr_error);
    if (error == -EBADMSG && reterr_error->error == 0)
        return writer_error_set(reterr_error, error, "a record of %s is no JSON",
                                core->config->ledger);
    if (error == 0 && from_seq == 0 && found->next_seq > 0)
        log_write(LOG_LEVEL_INFO,
                  "no snapshot of what was recorded before: rebuilt from all %" PRIu64 " records",
                  found->next_seq);
    writer_show_derived(core);
    return error;
}
