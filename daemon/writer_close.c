/*
 * The end of the writer: what is in flight is waited for, then everything is closed.
 */
#include <stdlib.h>

#include "daemon/writer_core.h"

/* Waits for what is being written, whose memory is ours; its outcome no longer counts. */
static int wait_for_flight(struct writer_core *core)
{
    int error = 0;

    core->in_flight = false;
    core->blobs.flight = false;
    while (error == 0 && (writer_seal_in_flight(&core->seal) ||
                          (core->feed != NULL && journal_in_flight(core->feed)) ||
                          (core->rejects != NULL && journal_in_flight(core->rejects)) ||
                          (core->blobs.packs != NULL && journal_in_flight(core->blobs.packs))))
        error = core->backend->ops->turn(core->backend, WRITER_IDLE_NS);
    return error;
}

static void close_files(struct writer_core *core)
{
    core->feed = journal_close(core->feed);
    core->rejects = journal_close(core->rejects);
    core->blobs.packs = journal_close(core->blobs.packs);
    writer_seal_close(core);
    durable_store_close(&core->durable);
    durable_store_close(&core->blobs.durable);
    if (core->dir_fd >= 0)
        (void)core->backend->ops->close_fd(core->backend, core->dir_fd); /* a folder */
    core->dir_fd = -1;
}

void writer_core_close(struct writer_core *core)
{
    bool failed = atomic_load_explicit(&core->counts.failed, memory_order_relaxed) != 0;

    writer_snapshot_close(core, core->opened && core->stopped && !failed && writer_core_idle(core));
    writer_erase_close(core); /* it never has anything in flight */
    clock_close(&core->clock);
    int error = wait_for_flight(core);
    if (error == 0) {
        close_files(core);
    } else {
        /* Only closing the backend ends what it has in flight; then it closes no files any more. */
        writer_fail(core, error);
        core->backend = backend_close(core->backend);
        core->feed = journal_abandon(core->feed);
        core->rejects = journal_abandon(core->rejects);
        core->blobs.packs = journal_abandon(core->blobs.packs);
    }
    writer_blobs_close(core);
    derived_close(&core->derived);
    for (unsigned i = 0; i < core->config->queues; i++) {
        free(core->lanes[i].answers);
        core->lanes[i].answers = NULL;
    }
}
