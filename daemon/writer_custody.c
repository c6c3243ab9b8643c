/*
 * Holds and erases: judged before they are recorded, and carried out when their record is durable.
 * Knows the format of packs by pack.c only.
 *
 * An erase in a pack, each step durable before the next: the mark that names the record, then zeros
 * over the bytes. A crash before or between leaves a durable record and bytes that are still there:
 * no snapshot holds that record yet, so that the next start reads it again and does the same.
 *
 * All packs are read for it. People ask for it, and acknowledgements wait for as long.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/blob_ref.h"
#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"
#include "io/segment.h"
#include "io/whole.h"

void writer_append_custody(struct writer_core *core, unsigned index,
                           const struct record_draft *draft)
{
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];
    struct writer_answer answer = {.seq = core->next_seq};
    size_t count = blob_ref_list(draft->kind, draft->body, draft->len, list);

    if (!custody_has_room(core->derived.custody, (const uint8_t(*)[DIGEST_BYTES])list, count))
        answer.custody = WRITER_CUSTODY_FULL;
    for (size_t i = 0; i < count && draft->kind == RECORD_ERASE; i++) {
        const struct custody_entry *entry = custody_find(core->derived.custody, list[i]);
        if (entry == NULL || !entry->held)
            continue;
        answer.custody = WRITER_CUSTODY_HELD;
        memcpy(answer.sha256, list[i], DIGEST_BYTES);
    }
    if (answer.custody == WRITER_CUSTODY_DONE)
        writer_append(core, index, draft, NULL);
    core->lanes[index].answers[0] = answer;
    core->custody_queue = index;
}

/* One pack whose blobs that are due are erased. */
struct eraser {
    struct writer_core *core;
    uint64_t below; /* records below it are durable */
    int fd;
    bool marks;   /* the first of the two passes */
    bool any;     /* something was written in this pass */
    bool damaged; /* a pack could not be read to its end */
    uint8_t *bytes;
};

static int erase_frame(struct eraser *eraser, const struct pack_frame *frame, uint64_t offset)
{
    static const uint8_t zeros[PACK_STORED_BYTES_MAX];
    struct backend *backend = eraser->core->backend;
    const struct custody_entry *entry = custody_find(eraser->core->derived.custody, frame->sha256);
    uint8_t mark[PACK_MARK_BYTES];

    if (entry == NULL || !entry->due || entry->erased_by >= eraser->below)
        return 0;
    eraser->any = true;
    if (!eraser->marks)
        return whole_write(backend, eraser->fd, zeros, frame->stored_len, offset + PACK_HEAD_BYTES);
    pack_mark(entry->erased_by, frame->sha256, mark);
    return whole_write(backend, eraser->fd, mark, sizeof(mark), offset + PACK_MARK_AT);
}

static int pass(struct eraser *eraser, uint64_t first)
{
    struct backend *backend = eraser->core->backend;
    struct pack_walk walk = pack_walk_begin(first);
    struct pack_frame frame;

    for (;;) {
        atomic_fetch_add_explicit(&eraser->core->counts.turns, 1, memory_order_relaxed);
        ssize_t len = whole_read(backend, eraser->fd, eraser->bytes, WRITER_WINDOW_BYTES, walk.end);
        size_t taken = 0, now;
        int error = len < 0 ? (int)len : 0;
        while (error == 0 && (now = pack_walk_next(&walk, eraser->bytes + taken,
                                                   (size_t)len - taken, &frame)) > 0) {
            error = erase_frame(eraser, &frame, walk.end - now);
            taken += now;
        }
        if (error < 0)
            return error;
        if (taken > 0)
            continue;
        pack_walk_finish(&walk, (size_t)len);
        eraser->damaged = eraser->damaged || walk.fault != PACK_OK;
        return eraser->any ? backend->ops->sync_now(backend, eraser->fd) : 0;
    }
}

static int erase_in(struct eraser *eraser, int folder_fd, uint64_t first)
{
    struct backend *backend = eraser->core->backend;
    int error = 0;

    eraser->fd = segment_open(backend, folder_fd, PACK_SUFFIX, first, false);
    if (eraser->fd < 0)
        return eraser->fd;
    for (unsigned i = 0; i < 2 && error == 0; i++) {
        eraser->marks = i == 0;
        eraser->any = false;
        error = pass(eraser, first);
        if (error == 0 && !eraser->any)
            break;
    }
    (void)backend->ops->close_fd(backend, eraser->fd); /* synced, or the error is told */
    return error;
}

static int erase_all(struct eraser *eraser)
{
    struct backend *backend = eraser->core->backend;
    uint64_t *packs = NULL;
    size_t count = 0;
    int folder_fd =
        backend->ops->open(backend, eraser->core->dir_fd, PACK_FOLDER, O_RDONLY | O_DIRECTORY, 0);
    if (folder_fd < 0)
        return folder_fd;
    /* So that a start does not take a half-written mark for what a crash left behind the end. */
    writer_blobs_durable(eraser->core);
    int error = backend->ops->sync_now(backend, eraser->core->blobs.durable.fd);
    if (error == 0)
        error = segment_list(backend, folder_fd, PACK_SUFFIX, &packs, &count);
    for (size_t i = 0; i < count && error == 0; i++)
        error = erase_in(eraser, folder_fd, packs[i]);
    (void)backend->ops->close_fd(backend, folder_fd); /* a folder */
    free(packs);
    return error;
}

void writer_erase_due(struct writer_core *core, uint64_t durable_next_seq)
{
    struct eraser eraser = {.core = core, .below = durable_next_seq};

    if (!custody_is_due(core->derived.custody, durable_next_seq))
        return;
    eraser.bytes = malloc(WRITER_WINDOW_BYTES);
    int error = eraser.bytes == NULL ? -ENOMEM : erase_all(&eraser);
    free(eraser.bytes);
    if (error < 0) {
        writer_fail(core, error);
        return;
    }
    custody_done(core->derived.custody, durable_next_seq);
    if (!eraser.damaged)
        return;
    log_write(LOG_LEVEL_WARNING, "a pack in blobs/ is damaged: what stands behind the damage is "
                                 "not erased (noticectl verify names both), going on");
    if (core->opened)
        core->lanes[core->custody_queue].answers[0].custody = WRITER_CUSTODY_DAMAGED;
}
