/*
 * Snapshots: when they are taken, how they reach the disk, which one a start uses.
 *
 *        take            all written          synced, named, folder synced
 *   IDLE -----> WRITING -------------> SYNCING -----------------------> IDLE
 *                  |                      |
 *                  +---- no space --------+--> IDLE, and again when it is due
 *                  +---- other error -----+--> IDLE with error, the writer fails
 *
 * A snapshot begins between two batches, so that it holds durable records only: acknowledgements
 * wait for one batch, once a minute at most unless segments are short. What is large is copied in
 * slices of 1 MiB, each right before it is hashed and written, while batches go on; what a batch is
 * about to change is copied before (gradual.h). At the standard bounds (4 million watched things,
 * 206 MiB) a slice took 1/200 of what the whole copy took, 3.1 s on a busy virtual machine.
 *
 * Names: state/snapshot.tmp is written and synced, renamed to snapshot.<seq>, and the folder
 * synced: a snapshot is whole or not there. The third newest becomes the next tmp and is emptied:
 * there is never a time without one that is good. A crash in between leaves one too many or no tmp;
 * the next start takes any of them.
 */
#include "daemon/writer_snapshot.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "daemon/writer_replay.h"
#include "io/whole.h"

#define TMP "snapshot.tmp"

static bool is_full(int error)
{
    return error == -ENOSPC || error == -EDQUOT;
}

/* Nothing is lost by a snapshot that is not written yet; a later try may find room, or its name
   free of what is no file. */
static bool is_soft(int error)
{
    return is_full(error) || error == -BACKEND_NO_FILE || error == -EISDIR;
}

/* A snapshot's name among the newest. */
static int note_name(void *context, const char *entry)
{
    struct writer_snapshot *snapshot = context;
    uint64_t seq;
    if (!snapshot_parse(entry, &seq))
        return 0;
    for (unsigned i = 0; i < WRITER_SNAPSHOTS_KEPT; i++) {
        if (seq > snapshot->kept[i]) {
            uint64_t older = snapshot->kept[i];
            snapshot->kept[i] = seq;
            seq = older;
        }
    }
    return 0;
}

/* The whole file into memory that the caller frees. Its length, or -errno. */
static ssize_t read_whole(const struct writer_snapshot *snapshot, const char *name,
                          uint8_t **ret_bytes)
{
    struct backend *backend = snapshot->backend;
    int fd = backend->ops->open(backend, snapshot->folder_fd, name, O_RDONLY, 0);
    if (fd < 0)
        return fd;
    int64_t size = backend->ops->size(backend, fd);
    uint8_t *bytes = NULL;
    ssize_t done = size < 0 ? (ssize_t)size : (uint64_t)size > SNAPSHOT_BYTES_MAX ? -EBADMSG : 1;
    if (done > 0) {
        bytes = malloc((size_t)size + 1);
        done = bytes == NULL ? -ENOMEM : 1;
    }
    if (done > 0)
        done = whole_read(backend, fd, bytes, (size_t)size, 0);
    (void)backend->ops->close_fd(backend, fd); /* only read from */
    if (done < 0) {
        free(bytes);
        return done;
    }
    *ret_bytes = bytes;
    return done;
}

/* Whether the record before a snapshot's seq is where it says. 1, 0 or -errno. */
static int fits_ledger(struct writer_core *core, const struct snapshot_head *head)
{
    char bytes[RECORD_LINE_BYTES_MAX + 1];
    struct record_head record;
    enum record_kind kind;
    uint64_t from = head->end > sizeof bytes ? head->end - sizeof bytes : 0;
    size_t len = (size_t)(head->end - from);
    int error = writer_read_at(core->feed, head->first, bytes, len, from);
    if (error == -EBADMSG || error == -ENOENT)
        return 0;
    if (error < 0)
        return error;
    return recover_last_line(bytes, len, &record, &kind) == 0 && record.seq + 1 == head->seq &&
           record.wall_ns == head->wall_ns && record.boot_ns == head->boot_ns;
}

/* Loads one. 0; -EBADMSG: it is not good; other -errno. */
static int load(struct writer_core *core, const struct writer_found *found, uint64_t seq)
{
    char name[SNAPSHOT_NAME_BYTES];
    struct snapshot_head head;
    uint8_t *bytes = NULL;
    snapshot_name(seq, name);
    ssize_t len = read_whole(&core->snapshot, name, &bytes);
    if (len < 0)
        return (int)len;
    int result = snapshot_read_head(bytes, (size_t)len, &head);
    if (result == 0 && (head.seq != seq || head.seq > found->next_seq))
        result = -EBADMSG;
    int fits = result == 0 ? fits_ledger(core, &head) : 1;
    if (result == 0 && fits <= 0)
        result = fits < 0 ? fits : -EBADMSG;
    if (result == 0)
        result = snapshot_decode(bytes, (size_t)len, &core->derived);
    free(bytes);
    return result;
}

int writer_snapshot_open(struct writer_core *core, const struct writer_found *found,
                         uint64_t *ret_seq)
{
    struct writer_snapshot *snapshot = &core->snapshot;
    struct backend *backend = core->backend;
    snapshot->backend = backend;
    snapshot->folder_fd =
        backend->ops->open(backend, core->dir_fd, "state", O_RDONLY | O_DIRECTORY, 0);
    if (snapshot->folder_fd < 0)
        return snapshot->folder_fd;
    int result = backend->ops->list(backend, snapshot->folder_fd, note_name, snapshot);
    *ret_seq = 0;
    for (unsigned i = 0; i < WRITER_SNAPSHOTS_KEPT && result == 0 && *ret_seq == 0; i++) {
        if (snapshot->kept[i] == 0)
            continue;
        int error = load(core, found, snapshot->kept[i]);
        if (error == 0) {
            *ret_seq = snapshot->kept[i];
            continue;
        }
        if (error == -ENOMEM)
            return error;
        log_write(LOG_LEVEL_WARNING,
                  "state/snapshot.%020" PRIu64 " is of no use: %s, going on without it",
                  snapshot->kept[i],
                  error == -EBADMSG
                      ? "damaged, of another version or ledger, or made with other bounds"
                      : strerrordesc_np(-error));
        derived_close(&core->derived);
        result = derived_open(&core->config->derived, &core->derived);
    }
    snapshot->due_ns = clock_now(&core->clock).boot_ns + WRITER_SNAPSHOT_NS;
    return result;
}

bool writer_snapshot_due(const struct writer_core *core)
{
    const struct writer_snapshot *snapshot = &core->snapshot;
    if (snapshot->state != WRITER_SNAPSHOT_IDLE || snapshot->error != 0 ||
        core->waits[JOURNAL_COMMON].on || core->derived.changes == snapshot->changes ||
        custody_is_due(core->derived.custody, RECORD_NO_SEQ) || journal_end(core->feed) == 0)
        return false;
    struct backend_time now = core->backend->ops->now(core->backend);
    return snapshot->rotated || now.boot_ns >= snapshot->due_ns;
}

/* error: final, but for a lack of space before anything was synced (DESIGN 9.12). */
static void end(struct writer_snapshot *snapshot, int error)
{
    snapshot_end(snapshot->derived);
    const bool soft = snapshot->state != WRITER_SNAPSHOT_SYNCING && is_soft(error);
    if (snapshot->fd >= 0)
        (void)snapshot->backend->ops->close_fd(snapshot->backend, snapshot->fd); /* synced, or not
                                                                                    to be used */
    snapshot->fd = -1;
    free(snapshot->bytes);
    snapshot->bytes = NULL;
    snapshot->state = WRITER_SNAPSHOT_IDLE;
    snapshot->error = soft ? 0 : error;
}

/* The oldest makes room, as the next tmp. Errors leave one too many. */
static void forget(struct writer_snapshot *snapshot, uint64_t seq)
{
    struct backend *backend = snapshot->backend;
    char name[SNAPSHOT_NAME_BYTES];
    snapshot_name(seq, name);
    if (backend->ops->rename(backend, snapshot->folder_fd, name, TMP) < 0)
        return;
    int fd = backend->ops->open(backend, snapshot->folder_fd, TMP, O_WRONLY, 0);
    if (fd < 0)
        return;
    (void)backend->ops->truncate(backend, fd, 0); /* only space is lost */
    (void)backend->ops->close_fd(backend, fd);
}

/* Synced: gives it its name. 0 or -errno. */
static int publish(struct writer_snapshot *snapshot)
{
    struct backend *backend = snapshot->backend;
    char name[SNAPSHOT_NAME_BYTES];
    snapshot_name(snapshot->head.seq, name);
    int error = backend->ops->rename(backend, snapshot->folder_fd, TMP, name);
    if (is_full(error))
        return 0; /* no room for a name: the older ones serve until the next try */
    if (error == 0)
        error = backend->ops->sync_now(backend, snapshot->folder_fd);
    if (error < 0)
        return error;
    uint64_t oldest = snapshot->kept[WRITER_SNAPSHOTS_KEPT - 1];
    memmove(snapshot->kept + 1, snapshot->kept, sizeof snapshot->kept - sizeof snapshot->kept[0]);
    snapshot->kept[0] = snapshot->head.seq;
    snapshot->changes = snapshot->taken_changes;
    if (oldest != 0)
        forget(snapshot, oldest);
    return 0;
}

/* What is to be written next; the digest comes last. */
static size_t next_slice(struct writer_snapshot *snapshot)
{
    const size_t body = snapshot->len - DIGEST_BYTES;
    if (snapshot->written == snapshot->hashed && snapshot->hashed < body) {
        size_t left = body - snapshot->hashed;
        size_t slice = left < SNAPSHOT_SLICE_BYTES ? left : SNAPSHOT_SLICE_BYTES;
        snapshot_copy(snapshot->derived, snapshot->bytes + snapshot->hashed + slice);
        snapshot_digest(snapshot->digest, snapshot->bytes + snapshot->hashed, slice,
                        snapshot->scratch);
        snapshot->hashed += slice;
        if (snapshot->hashed == body) {
            memcpy(snapshot->bytes + body, snapshot->digest, DIGEST_BYTES);
            snapshot->hashed = snapshot->len;
        }
    }
    return snapshot->hashed - snapshot->written;
}

static int go_on(struct writer_snapshot *snapshot)
{
    struct backend *backend = snapshot->backend;
    if (snapshot->written == snapshot->len) {
        snapshot->state = WRITER_SNAPSHOT_SYNCING;
        return backend->ops->sync(backend, &snapshot->op, snapshot->fd);
    }
    size_t slice = next_slice(snapshot);
    return backend->ops->write(backend, &snapshot->op, snapshot->fd,
                               snapshot->bytes + snapshot->written, slice, snapshot->written);
}

static void on_step(struct backend_op *op, const struct backend_completion *completion)
{
    struct writer_snapshot *snapshot =
        (struct writer_snapshot *)(void *)((char *)op - offsetof(struct writer_snapshot, op));
    struct writer_core *core =
        (struct writer_core *)(void *)((char *)snapshot - offsetof(struct writer_core, snapshot));
    int result = completion->result;

    assert(snapshot->state != WRITER_SNAPSHOT_IDLE);
    if (snapshot->state == WRITER_SNAPSHOT_WRITING && result > 0)
        snapshot->written += (size_t)result;
    else if (result == 0 && snapshot->state == WRITER_SNAPSHOT_WRITING)
        result = -EIO; /* a write that writes nothing */
    if (result == -EINTR || result == -EAGAIN)
        result = 0;
    else if (result == 0 && snapshot->state == WRITER_SNAPSHOT_SYNCING) {
        end(snapshot, publish(snapshot));
        if (snapshot->error != 0)
            writer_fail(core, snapshot->error);
        return;
    }
    if (result >= 0)
        result = go_on(snapshot);
    if (result >= 0)
        return;
    end(snapshot, result);
    if (snapshot->error != 0)
        writer_fail(core, snapshot->error);
}

static int begin(struct writer_core *core)
{
    struct writer_snapshot *snapshot = &core->snapshot;
    struct backend *backend = core->backend;
    snapshot->derived = &core->derived;
    snapshot->len = snapshot_bytes(&core->derived);
    snapshot->bytes = malloc(snapshot->len);
    if (snapshot->scratch == NULL)
        snapshot->scratch = malloc(DIGEST_BYTES + SNAPSHOT_SLICE_BYTES);
    if (snapshot->bytes == NULL || snapshot->scratch == NULL)
        return -ENOSPC; /* of memory: later, as when the disk is full */
    snapshot->fd =
        backend->ops->open(backend, snapshot->folder_fd, TMP, O_WRONLY | O_CREAT | O_TRUNC, 0640);
    if (snapshot->fd < 0)
        return snapshot->fd == -EMFILE || snapshot->fd == -ENFILE ? -ENOSPC : snapshot->fd;
    snapshot->head = (struct snapshot_head){.seq = core->next_seq,
                                            .first = journal_first(core->feed),
                                            .end = journal_end(core->feed),
                                            .wall_ns = core->last.wall_ns,
                                            .boot_ns = core->last.boot_ns};
    if (snapshot_encode(&core->derived, &snapshot->head, snapshot->bytes) < 0)
        return -ENOSPC; /* of memory, too */
    snapshot->taken_changes = core->derived.changes;
    snapshot->written = snapshot->hashed = 0;
    memset(snapshot->digest, 0, sizeof snapshot->digest);
    snapshot->state = WRITER_SNAPSHOT_WRITING;
    snapshot->op.done = on_step;
    return go_on(snapshot);
}

void writer_snapshot_take(struct writer_core *core)
{
    struct writer_snapshot *snapshot = &core->snapshot;
    assert(!core->in_flight);
    assert(journal_gathered(core->feed) == 0);
    assert(core->last.seq + 1 == core->next_seq);
    snapshot->rotated = false;
    snapshot->due_ns = clock_now(&core->clock).boot_ns + WRITER_SNAPSHOT_NS;
    snapshot->fd = -1;
    int error = begin(core);
    if (error < 0)
        end(snapshot, error);
    if (snapshot->error != 0)
        writer_fail(core, snapshot->error);
}

static void wait_for_it(struct writer_core *core)
{
    struct writer_snapshot *snapshot = &core->snapshot;
    while (snapshot->state != WRITER_SNAPSHOT_IDLE)
        if (core->backend->ops->turn(core->backend, WRITER_IDLE_NS) < 0)
            return; /* the backend's close ends it */
}

void writer_snapshot_close(struct writer_core *core, bool final)
{
    struct writer_snapshot *snapshot = &core->snapshot;
    if (snapshot->backend == NULL)
        return;
    wait_for_it(core);
    if (final && snapshot->error == 0 && !custody_is_due(core->derived.custody, RECORD_NO_SEQ) &&
        core->derived.changes != snapshot->changes && journal_end(core->feed) > 0) {
        writer_snapshot_take(core);
        wait_for_it(core);
    }
    if (snapshot->bytes != NULL)
        snapshot_end(&core->derived); /* the backend failed */
    free(snapshot->scratch);
    free(snapshot->bytes);
    if (snapshot->folder_fd >= 0)
        (void)core->backend->ops->close_fd(core->backend, snapshot->folder_fd); /* a folder */
    *snapshot = (struct writer_snapshot){.folder_fd = -1};
}
