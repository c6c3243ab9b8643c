/*
 * The folder of a journal: its lock, the segments found in it, the tail that is cut, the segment
 * that is begun. The states stand in journal_impl.h.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/journal.h"
#include "io/journal_impl.h"
#include "io/segment.h"

#define JOURNAL_LOCK_TRIES   20u
#define JOURNAL_LOCK_WAIT_NS 50000000u /* 20 times 50 ms: 1 s */

static int take_lock(struct journal *journal)
{
    struct backend *backend = journal->backend;
    int error = backend->ops->lock(backend, journal->folder_fd);

    /* A process that is ending holds its lock a little longer than it seems: its ring keeps it. */
    for (unsigned i = 0; i < JOURNAL_LOCK_TRIES && error == -EWOULDBLOCK; i++) {
        error = backend->ops->turn(backend, JOURNAL_LOCK_WAIT_NS);
        if (error == 0)
            error = backend->ops->lock(backend, journal->folder_fd);
    }
    return error;
}

static int list_segments(struct journal *journal)
{
    struct backend *backend = journal->backend;
    uint64_t *firsts = NULL;
    size_t count = 0;
    int error = segment_list(backend, journal->folder_fd, journal->suffix, &firsts, &count);

    if (error < 0)
        return error;
    journal->segments = calloc(count + 1, sizeof(*journal->segments));
    if (journal->segments == NULL)
        error = -ENOMEM;
    for (size_t i = 0; i < count && error == 0; i++) {
        int fd = segment_open(backend, journal->folder_fd, journal->suffix, firsts[i], false);
        int64_t size = fd < 0 ? fd : backend->ops->size(backend, fd);
        if (fd >= 0)
            (void)backend->ops->close_fd(backend, fd); /* only asked for its size */
        error = size < 0 ? (int)size : 0;
        if (error == 0)
            journal->segments[journal->segments_count++] =
                (struct journal_segment){.first = firsts[i], .bytes = (uint64_t)size};
    }
    free(firsts);
    return error;
}

int journal_open(struct backend *backend, int dir_fd, const char *name, const char *suffix,
                 const struct journal_handler *handler, void *context, struct journal **ret_journal)
{
    assert(strlen(name) < JOURNAL_NAME_BYTES);

    struct journal *journal = calloc(1, sizeof(*journal));
    if (journal == NULL)
        return -ENOMEM;
    *journal = (struct journal){.backend = backend,
                                .handler = handler,
                                .context = context,
                                .suffix = suffix,
                                .dir_fd = dir_fd,
                                .folder_fd = -1,
                                .read_fd = -1,
                                .fd = -1,
                                .write_op.done = journal_on_written,
                                .sync_op.done = journal_on_synced};
    memcpy(journal->name, name, strlen(name));
    journal->gathering = aligned_alloc(SEGMENT_ALIGN_BYTES, JOURNAL_BATCH_BYTES_MAX);
    journal->flight = aligned_alloc(SEGMENT_ALIGN_BYTES, JOURNAL_BATCH_BYTES_MAX);
    int error = journal->gathering == NULL || journal->flight == NULL ? -ENOMEM : 0;
    if (error == 0) {
        journal->folder_fd = segment_folder(backend, dir_fd, name);
        error = journal->folder_fd < 0 ? journal->folder_fd : take_lock(journal);
    }
    if (error == 0)
        error = list_segments(journal);
    if (error < 0) {
        (void)journal_close(journal); /* always NULL */
        return error;
    }
    *ret_journal = journal;
    return 0;
}

const struct journal_segment *journal_segments(const struct journal *journal, size_t *ret_count)
{
    *ret_count = journal->segments_count;
    return journal->segments;
}

static void close_read(struct journal *journal)
{
    if (journal->read_fd >= 0)
        (void)journal->backend->ops->close_fd(journal->backend, journal->read_fd); /* only read */
    journal->read_fd = -1;
}

/* Reads past the page cache, by way of the buffer that is not yet in use. */
static ssize_t read_direct(struct journal *journal, void *bytes, size_t len, uint64_t offset)
{
    struct backend *backend = journal->backend;
    uint64_t from = offset - offset % SEGMENT_ALIGN_BYTES;
    size_t skip = (size_t)(offset - from);

    ssize_t done = backend->ops->pread(backend, journal->read_fd, journal->flight,
                                       JOURNAL_BATCH_BYTES_MAX, from);
    if (done < 0)
        return done;
    size_t have = (size_t)done > skip ? (size_t)done - skip : 0;
    size_t take = have < len ? have : len;
    memcpy(bytes, journal->flight + skip, take);
    return (ssize_t)take;
}

ssize_t journal_read(struct journal *journal, uint64_t first, void *bytes, size_t len,
                     uint64_t offset)
{
    struct backend *backend = journal->backend;
    ssize_t done = -EINVAL;

    assert(journal->state == JOURNAL_OPENED);
    if (journal->read_fd < 0 || journal->read_first != first) {
        close_read(journal);
        journal->read_direct = true;
        journal->read_fd = segment_open_read(backend, journal->folder_fd, journal->suffix, first,
                                             &journal->read_direct);
        if (journal->read_fd < 0)
            return journal->read_fd;
        journal->read_first = first;
    }
    if (journal->read_direct)
        done = read_direct(journal, bytes, len, offset);
    if (journal->read_direct && done == -EINVAL) {
        close_read(journal);
        journal->read_direct = false;
        journal->read_fd = segment_open_read(backend, journal->folder_fd, journal->suffix, first,
                                             &journal->read_direct);
        if (journal->read_fd < 0)
            return journal->read_fd;
    }
    if (!journal->read_direct)
        done = backend->ops->pread(backend, journal->read_fd, bytes, len, offset);
    return done;
}

/* Copies the tail, and with `cut` makes the segment end there. The copy's turn or -errno. */
static int set_tail_aside(struct journal *journal, const char *torn_dir, uint64_t end, bool cut)
{
    struct backend *backend = journal->backend;

    assert(journal->state == JOURNAL_OPENED);
    assert(journal->segments_count > 0);
    struct journal_segment *last = &journal->segments[journal->segments_count - 1];
    struct segment_tail tail = {.journal = journal->name, .first = last->first, .end = end};
    int torn_fd = segment_folder(backend, journal->dir_fd, torn_dir);
    if (torn_fd < 0)
        return torn_fd;
    int fd = segment_open(backend, journal->folder_fd, journal->suffix, last->first, false);
    int turn = fd < 0 ? fd : 0;
    if (turn >= 0)
        turn = segment_copy_tail(backend, fd, torn_fd, &tail, journal->gathering,
                                 JOURNAL_BATCH_BYTES_MAX);
    int error = turn < 0 ? turn : 0;
    if (error == 0 && cut)
        error = backend->ops->truncate(backend, fd, end);
    if (error == 0 && cut)
        error = backend->ops->sync_now(backend, fd);
    if (error == 0 && cut)
        last->bytes = end;
    if (fd >= 0)
        (void)backend->ops->close_fd(backend, fd);  /* synced, or the error is told */
    (void)backend->ops->close_fd(backend, torn_fd); /* likewise */
    return error < 0 ? error : turn;
}

int journal_copy_tail(struct journal *journal, const char *torn_dir, uint64_t end)
{
    return set_tail_aside(journal, torn_dir, end, false);
}

int journal_cut_tail(struct journal *journal, const char *torn_dir, uint64_t end)
{
    int turn = set_tail_aside(journal, torn_dir, end, true);

    return turn < 0 ? turn : 0;
}

int journal_point(struct journal *journal)
{
    int error =
        segment_point(journal->backend, journal->folder_fd, journal->suffix, journal->first);

    journal->unpointed = journal_is_full(error);
    return journal->unpointed ? 0 : error;
}

int journal_start(struct journal *journal, uint64_t first, uint64_t reserve_bytes)
{
    struct backend *backend = journal->backend;
    bool create = journal->segments_count == 0;

    assert(journal->state == JOURNAL_OPENED);
    close_read(journal);
    if (!create)
        first = journal->segments[journal->segments_count - 1].first;
    int fd = segment_open(backend, journal->folder_fd, journal->suffix, first, create);
    if (fd < 0)
        return fd;
    journal->fd = fd;
    journal->first = first;
    /* Whole lines that a crash left unsynced are kept: they must be durable before they count. */
    int error = backend->ops->sync_now(backend, fd);
    int64_t size = error < 0 ? error : backend->ops->size(backend, fd);
    if (size < 0)
        return (int)size;
    error = journal_point(journal);
    if (error < 0)
        return error;
    journal->end = (uint64_t)size;
    journal->reserved = journal->end;
    journal->reserve_bytes = reserve_bytes;
    journal->state = JOURNAL_IDLE;
    error = journal_allocate(journal, journal->end, journal->end + reserve_bytes);
    return journal_is_full(error) ? 0 : error;
}

/* Gives back what is allocated past the end of the current segment, by an earlier run too. */
static int release(struct journal *journal)
{
    int error = journal->backend->ops->truncate(journal->backend, journal->fd, journal->end);
    if (error == 0 && journal->reserved != JOURNAL_NO_RESERVE)
        journal->reserved = journal->end;
    return error;
}

/* No descriptor is free, in this process or in the system: others hold them, and give them back. */
static bool lacks_descriptor(int error)
{
    return error == -EMFILE || error == -ENFILE;
}

int journal_rotate(struct journal *journal, uint64_t first)
{
    struct backend *backend = journal->backend;

    assert(journal->state == JOURNAL_IDLE);
    assert(journal->gathering_len == 0);
    assert(first > journal->first);
    int fd = segment_open(backend, journal->folder_fd, journal->suffix, first, true);
    if (journal_is_full(fd) || lacks_descriptor(fd))
        return fd;
    /* Only now: the reserve is given up when there is a segment to take it over. */
    int error = fd < 0 ? fd : release(journal);
    if (error == 0)
        error = backend->ops->sync_now(backend, journal->fd);
    if (error == 0) {
        (void)backend->ops->close_fd(backend, journal->fd); /* synced */
        journal->fd = fd;
        journal->first = first;
        journal->end = 0;
        if (journal->reserved != JOURNAL_NO_RESERVE)
            journal->reserved = 0;
        error = journal_point(journal);
    } else if (fd >= 0) {
        (void)backend->ops->close_fd(backend, fd); /* it is empty */
    }
    if (error == 0)
        error = journal_allocate(journal, 0, journal->reserve_bytes);
    if (error < 0)
        journal_poison(journal, error);
    return error;
}

struct journal *journal_abandon(struct journal *journal)
{
    if (journal == NULL)
        return NULL;
    free(journal->segments);
    free(journal->gathering);
    free(journal->flight);
    free(journal);
    return NULL;
}

struct journal *journal_close(struct journal *journal)
{
    if (journal == NULL)
        return NULL;
    assert(journal->state != JOURNAL_WRITING);
    assert(journal->state != JOURNAL_SYNCING);
    close_read(journal);
    /* A poisoned file is left as it is, and a reserve is for the next start too. Else only space is
       given back: an error costs nothing. */
    if (journal->fd >= 0 && journal->state != JOURNAL_POISONED &&
        journal->state != JOURNAL_OPENED && journal->reserve_bytes == 0)
        (void)release(journal);
    if (journal->fd >= 0)
        (void)journal->backend->ops->close_fd(journal->backend, journal->fd); /* synced, or not ours
                                                                                 to claim */
    if (journal->folder_fd >= 0)
        (void)journal->backend->ops->close_fd(journal->backend, journal->folder_fd); /* a folder */
    return journal_abandon(journal);
}
