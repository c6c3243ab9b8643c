/*
 * The steps of the writer: open, turn, close. Knows no thread.
 */
#include "daemon/writer_core.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/writer_replay.h"
#include "io/segment.h"

#define WRITER_OPEN_TURNS_MAX 100u /* of one second, for the first batch of a slow disk */

void writer_core_turn(struct writer_core *core, uint64_t wait_ns_max)
{
    atomic_fetch_add_explicit(&core->counts.turns, 1, memory_order_relaxed);
    if (core->waits[JOURNAL_COMMON].on && wait_ns_max > WRITER_RETRY_NS)
        wait_ns_max = WRITER_RETRY_NS;
    wait_ns_max = writer_seal_turn(core, wait_ns_max);
    if (core->opened && (writer_owner_turn(core) || writer_erase_turn(core)))
        wait_ns_max = 0;
    int error = core->backend->ops->turn(core->backend, wait_ns_max);
    if (error < 0)
        writer_fail(core, error);
}

bool writer_core_idle(const struct writer_core *core)
{
    if (core->in_flight || journal_gathered(core->feed) > 0 ||
        journal_gathered(core->rejects) > 0 || journal_gathered(core->blobs.packs) > 0)
        return false;
    for (unsigned i = 0; i < core->config->queues; i++) {
        if (queue_bytes(core->lanes[i].queue) > 0)
            return false;
    }
    return true;
}

/* The ledger's folder must be durable in the folder above before anything in it counts. One that
   was there, below a folder that we may not read, is taken as it is. */
static int sync_above(struct writer_core *core, bool was_there, struct writer_error *reterr_error)
{
    struct backend *backend = core->backend;
    int above = backend->ops->open(backend, core->dir_fd, "..", O_RDONLY | O_DIRECTORY, 0);

    if (was_there && (above == -EACCES || above == -EPERM))
        return 0;
    int error = above < 0 ? above : backend->ops->sync_now(backend, above);
    if (above >= 0)
        (void)backend->ops->close_fd(backend, above); /* synced, or the error is told */
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot sync the folder above %s: %s",
                                core->config->ledger, strerrordesc_np(-error));
    return 0;
}

static int open_folder(struct writer_core *core, struct writer_error *reterr_error)
{
    struct backend *backend = core->backend;
    const char *path = core->config->ledger;
    int made = backend->ops->mkdir(backend, AT_FDCWD, path, 0750);

    if (made < 0 && made != -EEXIST)
        return writer_error_set(reterr_error, made,
                                "cannot make the ledger's folder %s: %s: the folder above it must "
                                "be there and writable for this user (ledger: path:)",
                                path, strerrordesc_np(-made));
    core->dir_fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0);
    if (core->dir_fd < 0)
        return writer_error_set(reterr_error, core->dir_fd,
                                "cannot open the ledger's folder %s: %s: it must be a folder of "
                                "this user's (ledger: path:)",
                                path, strerrordesc_np(-core->dir_fd));
    return sync_above(core, made == -EEXIST, reterr_error);
}

static int open_journal(struct writer_core *core, const char *name, const char *suffix,
                        struct journal **ret_journal, struct writer_error *reterr_error)
{
    int error = journal_open(core->backend, core->dir_fd, name, suffix, &writer_journal_handler,
                             core, ret_journal);

    if (error == -EWOULDBLOCK)
        return writer_error_set(reterr_error, error, "%s/%s is in use by another process",
                                core->config->ledger, name);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot open %s/%s: %s", core->config->ledger,
                                name, strerrordesc_np(-error));
    return 0;
}

/* The records that begin a run, made durable. */
static int begin_run(struct writer_core *core, const struct writer_found *found,
                     struct writer_error *reterr_error)
{
    core->next_seq = found->next_seq;
    core->clock_seq = RECORD_NO_SEQ;
    writer_append_start(core, found);
    writer_append_gaps(core, found);
    writer_append_clock(core, CLOCK_START);
    writer_commit(core);
    for (unsigned i = 0; i < WRITER_OPEN_TURNS_MAX && core->in_flight && !writer_has_failed(core) &&
                         !journal_waiting(core->feed, JOURNAL_RESERVED);
         i++)
        writer_core_turn(core, WRITER_IDLE_NS);
    int failed = atomic_load_explicit(&core->counts.failed, memory_order_relaxed);
    if (failed < 0)
        return writer_error_set(reterr_error, failed, "cannot write the first records of %s: %s",
                                core->config->ledger, strerrordesc_np(-failed));
    if (journal_waiting(core->feed, JOURNAL_RESERVED))
        return writer_error_set(reterr_error, -ENOSPC,
                                "the disk of %s is full: nothing can be recorded; make space",
                                core->config->ledger);
    if (core->in_flight)
        return writer_error_set(reterr_error, -ETIMEDOUT, "the disk of %s does not answer",
                                core->config->ledger);
    /* Whether crawlers wait is known from the start. */
    (void)journal_has_space(core->feed, RECORD_LINE_BYTES_MAX, JOURNAL_COMMON);
    writer_note_waits(core);
    return 0;
}

static int take_leaf(void *context, const struct record_head *head, enum record_kind kind,
                     const char *line, size_t len)
{
    writer_seal_line(context, head, kind, line, len);
    return 0;
}

static int start_journals(struct writer_core *core, struct writer_error *reterr_error)
{
    const uint64_t reserve = core->config->reserve_bytes;
    int error = journal_start(core->feed, 0, reserve - reserve / WRITER_REJECTS_PART);

    if (error == 0)
        error = journal_start(core->blobs.packs, core->blobs.next, 0);
    if (error < 0)
        return writer_error_set(reterr_error, error, "cannot continue the journals of %s: %s",
                                core->config->ledger, strerrordesc_np(-error));
    return 0;
}

static int open_lanes(struct writer_core *core, struct queue *const *queues,
                      struct writer_error *reterr_error)
{
    bool all = true;

    for (unsigned i = 0; i < core->config->queues; i++) {
        struct writer_lane *lane = &core->lanes[i];
        lane->queue = queues[i];
        lane->answers = calloc(WRITER_ANSWERS_MAX, sizeof(*lane->answers));
        all = all && lane->answers != NULL;
        lane->gathered_seq = RECORD_NO_SEQ;
        lane->flight_seq = RECORD_NO_SEQ;
        atomic_init(&lane->durable_seq, RECORD_NO_SEQ);
    }
    if (!all)
        return writer_error_set(reterr_error, -ENOMEM, "no memory for answers to events");
    return 0;
}

static void open_clock(struct writer_core *core)
{
    clock_open(&core->clock, core->backend);
    int error = clock_watch(&core->clock);
    if (error < 0)
        log_write(
            LOG_LEVEL_WARNING,
            "the kernel does not tell when the wall clock is set (%s): steps of it below half "
            "a second will not be in the record, going on",
            strerrordesc_np(-error));
}

/* What is there, looked at before anything is touched; then what a crash left is put in order. */
static int recover(struct writer_core *core, struct writer_found *found,
                   struct writer_error *reterr_error)
{
    int error = writer_recover_feed(core, found, reterr_error);

    if (error == 0)
        error = writer_blobs_open(core, reterr_error);
    if (error == 0)
        error = writer_seal_open(core, found, reterr_error);
    if (error == 0)
        error = writer_recover_torn(core, found, reterr_error);
    if (error == 0)
        error = writer_blobs_cut(core, reterr_error);
    if (error == 0)
        error = writer_seal_prepare(core, reterr_error);
    if (error == 0)
        error = writer_replay(core, found, writer_seal_from(&core->seal), take_leaf, core,
                              reterr_error);
    if (error == 0)
        error = writer_seal_finish(core, reterr_error);
    if (error == 0)
        error = writer_open_derived(core, found, reterr_error);
    if (error == 0)
        error = writer_recover_rejects(core, found, reterr_error);
    return error;
}

int writer_core_open(struct writer_core *core, const struct writer_config *config,
                     struct backend *backend, struct queue *const *queues,
                     struct writer_error *reterr_error)
{
    struct writer_found found;

    assert(config->queues >= 1);
    assert(config->queues <= WRITER_QUEUES_MAX);
    memset(core, 0, sizeof(*core));
    core->config = config;
    core->backend = backend;
    core->dir_fd = -1;
    core->durable.fd = -1;
    core->blobs.durable.fd = -1;
    core->seal.core = core;
    core->seal.config = config->seal;
    core->seal.mark.fd = -1;
    core->seal.log_fd = -1;
    core->seal.new_fd = -1;
    open_clock(core);
    int error = open_lanes(core, queues, reterr_error);
    if (error == 0)
        error = open_folder(core, reterr_error);
    if (error == 0)
        error = open_journal(core, "feed", SEGMENT_LINES, &core->feed, reterr_error);
    if (error == 0)
        error = open_journal(core, "rejects", SEGMENT_LINES, &core->rejects, reterr_error);
    if (error == 0)
        error = open_journal(core, PACK_FOLDER, PACK_SUFFIX, &core->blobs.packs, reterr_error);
    if (error == 0)
        error = recover(core, &found, reterr_error);
    if (error == 0)
        error = start_journals(core, reterr_error);
    if (error == 0)
        writer_blobs_restore(core);
    if (error == 0) /* what a crash kept from being erased is, while the run goes on */
        writer_erase_durable(core, found.next_seq);
    if (error == 0)
        error = begin_run(core, &found, reterr_error);
    if (error == 0)
        error = writer_start_rejects(core, &found, reterr_error);
    core->opened = error == 0;
    if (error < 0)
        writer_core_close(core);
    return error;
}
