/*
 * From a signature to a published checkpoint: steps 4 to 6 of writer_seal.c, one operation in
 * flight at a time.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"
#include "daemon/writer_seal.h"

static bool has_failed(const struct writer_seal *seal)
{
    return atomic_load_explicit(&seal->core->counts.failed, memory_order_relaxed) != 0;
}

/* After an operation was started, or could not be. */
static void started(struct writer_seal *seal, int error)
{
    seal->in_flight = error == 0;
    if (error < 0)
        writer_fail(seal->core, error);
}

static void write_entry(struct writer_seal *seal)
{
    struct backend *backend = seal->core->backend;

    seal->state = WRITER_SEAL_LOGGING;
    started(seal, backend->ops->write(
                      backend, &seal->op, seal->log_fd, seal->entry + seal->entry_written,
                      seal->entry_len - seal->entry_written, seal->log_end + seal->entry_written));
}

/* Replaces `checkpoint`: a reader finds the old one or the new one, whole. */
static void publish(struct writer_seal *seal)
{
    struct backend *backend = seal->core->backend;
    size_t len = seal->entry_len - 1;
    int fd = backend->ops->open(backend, seal->core->dir_fd, WRITER_SEAL_NEW,
                                O_RDWR | O_CREAT | O_TRUNC, 0644);
    int error = fd < 0 ? fd : 0;

    seal->state = WRITER_SEAL_WRITING;
    if (error == 0) {
        ssize_t done = backend->ops->pwrite(backend, fd, seal->entry, len, 0);
        error = done < 0 ? (int)done : (size_t)done < len ? -ENOSPC : 0;
        if (error == 0) {
            seal->new_fd = fd;
            started(seal, backend->ops->sync(backend, &seal->op, fd));
            return;
        }
        (void)backend->ops->close_fd(backend, fd); /* the error is told */
    }
    writer_seal_rest_or_fail(seal, error);
}

static void logged(struct writer_seal *seal, int result)
{
    struct backend *backend = seal->core->backend;

    if (writer_seal_waits_for(result) == WRITER_UNSEALED_FULL) {
        int error = backend->ops->truncate(backend, seal->log_fd, seal->log_end);
        writer_seal_rest_or_fail(seal, error < 0 ? error : result);
        return;
    }
    if (result <= 0 && result != -EINTR && result != -EAGAIN) {
        writer_fail(seal->core, result < 0 ? result : -EIO);
        return;
    }
    seal->entry_written += result > 0 ? (size_t)result : 0;
    if (seal->entry_written < seal->entry_len) {
        write_entry(seal);
        return;
    }
    seal->state = WRITER_SEAL_COMMITTING;
    started(seal, backend->ops->sync(backend, &seal->op, seal->log_fd));
}

static void committed(struct writer_seal *seal)
{
    seal->log_end += seal->entry_len;
    seal->has_signed = true;
    seal->signed_size = seal->flight_size;
    seal->signed_root = seal->flight_root;
    atomic_store_explicit(&seal->core->counts.signed_size, seal->signed_size, memory_order_relaxed);
    writer_seal_keep_mark(seal);
    publish(seal);
}

static void written(struct writer_seal *seal)
{
    struct backend *backend = seal->core->backend;
    int error =
        backend->ops->rename(backend, seal->core->dir_fd, WRITER_SEAL_NEW, WRITER_SEAL_CHECKPOINT);

    if (error < 0) {
        writer_seal_rest_or_fail(seal, error);
        return;
    }
    seal->state = WRITER_SEAL_NAMING;
    started(seal, backend->ops->sync(backend, &seal->op, seal->core->dir_fd));
}

/* Whether this checkpoint is the first over an urgent record; they are covered from here on. */
static bool take_news(struct writer_seal *seal)
{
    bool urgent = seal->news_begin < seal->news_end && seal->news_begin < seal->signed_size;

    if (seal->news_end <= seal->signed_size)
        seal->news_begin = seal->news_end = 0;
    else if (urgent)
        seal->news_begin = seal->signed_size;
    return urgent;
}

static void named(struct writer_seal *seal)
{
    const struct writer_checkpoint checkpoint = {.size = seal->signed_size,
                                                 .urgent = take_news(seal),
                                                 .bytes = seal->entry,
                                                 .len = seal->entry_len - 1};
    uint64_t now_ns = clock_now(&seal->core->clock).boot_ns;

    atomic_store_explicit(&seal->core->counts.signed_ns, now_ns, memory_order_relaxed);
    writer_seal_rest(seal, WRITER_UNSEALED_NOT, "");
    if (seal->config->published != NULL)
        seal->config->published(seal->config->context, &checkpoint);
}

void writer_seal_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct writer_seal *seal =
        (struct writer_seal *)(void *)((char *)op - offsetof(struct writer_seal, op));
    struct backend *backend = seal->core->backend;
    int result = completion->result;

    seal->in_flight = false;
    if (seal->new_fd >= 0)
        (void)backend->ops->close_fd(backend, seal->new_fd); /* synced, or the error is told */
    seal->new_fd = -1;
    if (has_failed(seal))
        return;
    if (seal->state != WRITER_SEAL_LOGGING && result < 0) {
        writer_fail(seal->core, result);
        return;
    }
    switch (seal->state) {
    case WRITER_SEAL_LOGGING:
        logged(seal, result);
        break;
    case WRITER_SEAL_COMMITTING:
        committed(seal);
        break;
    case WRITER_SEAL_WRITING:
        written(seal);
        break;
    case WRITER_SEAL_NAMING:
        named(seal);
        break;
    case WRITER_SEAL_IDLE:
    case WRITER_SEAL_SYNCING:
    case WRITER_SEAL_ASKING:
        assert(false);
    }
}

/* The body and the sealer's line are a checkpoint only when the key says so. */
void writer_seal_commit(struct writer_seal *seal, const struct seal_answer *answer)
{
    struct checkpoint checkpoint;
    struct text entry = text_into(seal->entry, sizeof(seal->entry));

    text_raw(&entry, seal->body, seal->body_len);
    text_literal(&entry, "\n");
    text_raw(&entry, answer->signature, answer->signature_len);
    if (entry.overflow ||
        checkpoint_open(seal->entry, entry.len, &seal->key, &seal->note, &checkpoint) != TLOG_OK) {
        writer_seal_rest(seal, WRITER_UNSEALED_BAD_ANSWER, "");
        return;
    }
    assert(checkpoint.size == seal->flight_size);
    text_literal(&entry, "\n");
    assert(!entry.overflow);
    seal->entry_len = entry.len;
    seal->entry_written = 0;
    write_entry(seal);
}

bool writer_seal_in_flight(const struct writer_seal *seal)
{
    return seal->in_flight || tile_sync_in_flight(&seal->sync);
}
