/*
 * Holds and erases: judged before they are recorded, and carried out when their record is durable.
 * Knows the format of packs by pack.c only.
 *
 * An erase in a pack, each step durable before the next: the mark that names the record, then zeros
 * over the bytes. A crash before or between leaves a durable record and bytes that are still there:
 * no snapshot holds that record yet, so that the next start reads it again and does the same. What
 * a damaged pack may hold is left, and tried again with each start: snapshots say that it is.
 *
 * All packs are read for it, as the same bytes may stand in several: a window at each turn, so that
 * only whoever asked for it waits for the end.
 */
#include "daemon/writer_custody.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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
    const struct custody *custody = core->derived.custody;
    const bool erase = draft->kind == RECORD_ERASE;
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];
    struct writer_answer answer = {.seq = core->next_seq};
    size_t count = blob_ref_list(draft->kind, draft->body, draft->len, list);
    enum blob_ref_scope scope = BLOB_REF_BLOBS;
    bool held = false;
    const bool merchant = blob_ref_hold(draft->kind, draft->body, draft->len, &scope, &held) &&
                          held && scope == BLOB_REF_MERCHANT;

    if (!custody_has_room(custody, (const uint8_t(*)[DIGEST_BYTES])list, count) ||
        (merchant && custody_merchants(custody) == CUSTODY_MERCHANTS_MAX))
        answer.custody = WRITER_CUSTODY_FULL;
    for (size_t i = 0; i < count && erase; i++) {
        const struct custody_entry *entry = custody_find(custody, list[i]);
        if (entry == NULL || !entry->held)
            continue;
        answer.custody = WRITER_CUSTODY_HELD;
        memcpy(answer.sha256, list[i], DIGEST_BYTES);
    }
    if (erase && custody_holds_ledger(custody))
        answer.custody = WRITER_CUSTODY_HELD_LEDGER;
    core->lanes[index].answers[0] = answer;
    if (answer.custody != WRITER_CUSTODY_DONE)
        return;
    core->erase.queue = index;
    core->erase.awaited = core->erase.awaited || erase;
    if (erase && custody_merchants(custody) > 0)
        writer_owner_begin(core, index, draft, (const uint8_t(*)[DIGEST_BYTES])list, count);
    else
        writer_append(core, index, draft, NULL);
}

/* The blob's entry, if it is being erased. */
static const struct custody_entry *due_entry(const struct writer_core *core,
                                             const uint8_t sha256[DIGEST_BYTES])
{
    const struct custody_entry *entry = custody_find(core->derived.custody, sha256);

    return entry != NULL && entry->due && entry->erased_by < core->erase.below ? entry : NULL;
}

static int erase_frame(struct writer_core *core, const struct pack_frame *frame, uint64_t offset)
{
    static const uint8_t zeros[PACK_STORED_BYTES_MAX];
    struct writer_erase *erase = &core->erase;
    const struct custody_entry *entry = due_entry(core, frame->sha256);
    uint8_t mark[PACK_MARK_BYTES];

    if (entry == NULL)
        return 0;
    erase->any = true;
    if (erase->state == WRITER_ERASE_ZEROING)
        return whole_write(core->backend, erase->fd, zeros, frame->stored_len,
                           offset + PACK_HEAD_BYTES);
    pack_mark(entry->erased_by, frame->sha256, mark);
    return whole_write(core->backend, erase->fd, mark, sizeof(mark), offset + PACK_MARK_AT);
}

static int begin(struct writer_core *core)
{
    struct writer_erase *erase = &core->erase;
    struct backend *backend = core->backend;

    erase->below = erase->durable_next;
    erase->at = erase->count = 0;
    erase->damaged = false;
    erase->last_pack = journal_first(core->blobs.packs);
    erase->last_end = journal_end(core->blobs.packs);
    erase->bytes = malloc(WRITER_WINDOW_BYTES);
    if (erase->bytes == NULL)
        return -ENOMEM;
    erase->folder_fd =
        backend->ops->open(backend, core->dir_fd, PACK_FOLDER, O_RDONLY | O_DIRECTORY, 0);
    if (erase->folder_fd < 0)
        return erase->folder_fd;
    erase->state = WRITER_ERASE_LISTED;
    /* So that a start does not take a half-written mark for what a crash left behind the end. */
    writer_blobs_durable(core);
    int error = whole_sync(backend, core->blobs.durable.fd);
    if (error < 0)
        return error;
    return segment_list(backend, erase->folder_fd, PACK_SUFFIX, &erase->packs, &erase->count);
}

/* Closes what is open, and is idle. */
static void rest(struct writer_core *core)
{
    struct writer_erase *erase = &core->erase;
    struct backend *backend = core->backend;

    if (erase->state == WRITER_ERASE_MARKING || erase->state == WRITER_ERASE_ZEROING)
        (void)backend->ops->close_fd(backend, erase->fd); /* synced, or the error is told */
    if (erase->state != WRITER_ERASE_IDLE)
        (void)backend->ops->close_fd(backend, erase->folder_fd); /* a folder */
    free(erase->packs);
    free(erase->bytes);
    erase->packs = NULL;
    erase->bytes = NULL;
    erase->state = WRITER_ERASE_IDLE;
}

/* Zeros over what a torn end of a pack holds of what is due: it is no row of frames any more, so
   that their heads are looked for at each byte. A head that the crash took hides its bytes from
   this, as it does from everybody who reads packs. */
static int erase_in_torn(struct writer_core *core, int fd, size_t len)
{
    static const uint8_t zeros[PACK_STORED_BYTES_MAX];
    const uint8_t *bytes = core->erase.bytes;
    bool any = false;
    int error = 0;

    for (size_t at = 0; at + PACK_HEAD_BYTES < len && error == 0; at++) {
        const size_t left = len - at - PACK_HEAD_BYTES;
        struct pack_frame frame;
        if (!pack_head_read(bytes + at, &frame) || due_entry(core, frame.sha256) == NULL)
            continue;
        any = true;
        error =
            whole_write(core->backend, fd, zeros, frame.stored_len < left ? frame.stored_len : left,
                        at + PACK_HEAD_BYTES);
    }
    return error == 0 && any ? whole_sync(core->backend, fd) : error;
}

/* Whether an error says that a name in blobs/ or torn/ is no file of ours: a folder, a FIFO,
   somebody's copy. It is never worth the daemon. */
static bool is_foreign(int error)
{
    return error == -EISDIR || error == -BACKEND_NO_FILE || error == -EACCES || error == -EPERM;
}

/* One name in torn/. */
static int take_torn(void *context, const char *name)
{
    struct writer_core *core = context;
    struct backend *backend = core->backend;

    if (strncmp(name, PACK_FOLDER ".", sizeof(PACK_FOLDER)) != 0)
        return 0; /* of another journal */
    int fd = backend->ops->open(backend, core->erase.torn_fd, name, O_RDWR, 0), error = fd;
    if (fd >= 0) {
        ssize_t len = whole_read(backend, fd, core->erase.bytes, WRITER_WINDOW_BYTES, 0);
        error = len < 0 ? (int)len : erase_in_torn(core, fd, (size_t)len);
        (void)backend->ops->close_fd(backend, fd); /* synced, or the error is told */
    }
    if (!is_foreign(error))
        return error < 0 ? error : 0;
    log_write(LOG_LEVEL_WARNING,
              WRITER_TORN_DIR "/%s is no file of ours that can be written (%s): "
                              "what it may hold of what was erased is still there, going on",
              name, strerrordesc_np(-error));
    core->erase.damaged = true;
    return 0;
}

static int erase_torn(struct writer_core *core)
{
    struct backend *backend = core->backend;
    int fd = backend->ops->open(backend, core->dir_fd, WRITER_TORN_DIR, O_RDONLY | O_DIRECTORY, 0);

    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return fd;
    core->erase.torn_fd = fd;
    int error = backend->ops->list(backend, fd, take_torn, core);
    (void)backend->ops->close_fd(backend, fd); /* a folder */
    return error;
}

/* All packs were gone through: what was due is gone, and whoever asked is told. */
static void finish(struct writer_core *core)
{
    struct writer_erase *erase = &core->erase;
    struct writer_lane *lane = &core->lanes[erase->queue];

    rest(core);
    custody_done(core->derived.custody, erase->below, erase->damaged);
    if (erase->damaged)
        log_write(LOG_LEVEL_WARNING,
                  "a pack in blobs/ is damaged, or a name there or in torn/ is foreign: what it "
                  "holds is not erased; mend it, and start noticed again or erase again, going on");
    if (!erase->awaited || core->owner.state != WRITER_OWNER_IDLE ||
        custody_is_due(core->derived.custody, RECORD_NO_SEQ))
        return; /* what is awaited is another one, whose turn is now */
    if (erase->damaged)
        lane->answers[0].custody = WRITER_CUSTODY_DAMAGED;
    erase->awaited = false;
    queue_set_durable(lane->queue, lane->done_position);
    writer_tell(core);
}

static int next_pack(struct writer_core *core)
{
    struct writer_erase *erase = &core->erase;

    const uint64_t first = erase->packs[erase->at];

    erase->fd = segment_open(core->backend, erase->folder_fd, PACK_SUFFIX, first, false);
    if (is_foreign(erase->fd)) {
        log_write(LOG_LEVEL_WARNING,
                  PACK_FOLDER "/%020" PRIu64 PACK_SUFFIX " is no pack of ours (%s), going on",
                  first, strerrordesc_np(-erase->fd));
        erase->damaged = true;
        erase->at++;
        return 0;
    }
    if (erase->fd < 0)
        return erase->fd;
    erase->state = WRITER_ERASE_MARKING;
    erase->walk = pack_walk_begin(first);
    erase->any = false;
    return 0;
}

static int end_pass(struct writer_core *core, size_t left)
{
    struct writer_erase *erase = &core->erase;
    struct backend *backend = core->backend;
    int error = erase->any ? whole_sync(backend, erase->fd) : 0;

    pack_walk_finish(&erase->walk, left);
    erase->damaged = erase->damaged || erase->walk.fault != PACK_OK;
    if (error == 0 && erase->state == WRITER_ERASE_MARKING && erase->any) {
        erase->state = WRITER_ERASE_ZEROING;
        erase->walk = pack_walk_begin(erase->packs[erase->at]);
        erase->any = false;
        return 0;
    }
    (void)backend->ops->close_fd(backend, erase->fd); /* synced, or the error is told */
    erase->state = WRITER_ERASE_LISTED;
    erase->at++;
    return error;
}

/* The next window of the pack. */
static int go_on(struct writer_core *core)
{
    struct writer_erase *erase = &core->erase;
    uint64_t room = WRITER_WINDOW_BYTES;
    struct pack_frame frame;
    size_t taken = 0, now;

    if (erase->packs[erase->at] == erase->last_pack && erase->last_end - erase->walk.end < room)
        room = erase->last_end - erase->walk.end;
    ssize_t len = whole_read(core->backend, erase->fd, erase->bytes, (size_t)room, erase->walk.end);
    int error = len < 0 ? (int)len : 0;
    while (error == 0 && (now = pack_walk_next(&erase->walk, erase->bytes + taken,
                                               (size_t)len - taken, &frame)) > 0) {
        error = erase_frame(core, &frame, erase->walk.end - now);
        taken += now;
    }
    return error < 0 || taken > 0 ? error : end_pass(core, (size_t)len);
}

static int step(struct writer_core *core)
{
    struct writer_erase *erase = &core->erase;
    int error;

    switch (erase->state) {
    case WRITER_ERASE_IDLE:
        return begin(core);
    case WRITER_ERASE_LISTED:
        if (erase->at < erase->count)
            return next_pack(core);
        error = erase_torn(core);
        if (error == 0)
            finish(core);
        return error;
    case WRITER_ERASE_MARKING:
    case WRITER_ERASE_ZEROING:
        return go_on(core);
    }
    assert(false);
    return -EINVAL;
}

void writer_erase_durable(struct writer_core *core, uint64_t size)
{
    core->erase.durable_next = size;
}

bool writer_erase_holds(const struct writer_core *core, unsigned index)
{
    return core->erase.awaited && index == core->erase.queue;
}

bool writer_erase_turn(struct writer_core *core)
{
    struct writer_erase *erase = &core->erase;

    if (writer_has_failed(core))
        return false;
    if (erase->state == WRITER_ERASE_IDLE &&
        (!custody_is_due(core->derived.custody, erase->durable_next) || core->blobs.flight))
        return false; /* its completion comes before long */
    const bool begins = erase->state == WRITER_ERASE_IDLE;
    int error = step(core);
    const bool waits = error == -EMFILE || error == -ENFILE;
    if (waits && begins)
        rest(core); /* it begins anew; in any other state the same step comes again */
    if (waits && !erase->waits)
        log_write(LOG_LEVEL_WARNING,
                  "no file descriptor is free: an erase is not done yet, going on");
    erase->waits = waits;
    if (error < 0 && !waits)
        writer_fail(core, error);
    return error == 0;
}

void writer_erase_close(struct writer_core *core)
{
    writer_owner_close(core);
    rest(core);
}
