/*
 * The file state/durable. It is written, not mapped: a store to a mapped page of a full disk would
 * be a SIGBUS, and inotify does not see it.
 */
#include "daemon/durable.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define DURABLE_PATH_BYTES_MAX 4096u
#define DURABLE_READS_MAX      100u

int durable_open(const char *ledger)
{
    char path[DURABLE_PATH_BYTES_MAX];
    int len = snprintf(path, sizeof(path), "%s/%s", ledger, DURABLE_PATH);

    if (len < 0 || (size_t)len >= sizeof(path))
        return -ENAMETOOLONG;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* no FIFO is waited for */
    return fd == -1 ? -errno : fd;
}

int durable_read(int fd, struct position *ret_position)
{
    uint8_t bytes[POSITION_FILE_BYTES];
    uint64_t generation;

    /* Both slots can be caught torn only when two stores overtake one read; then read again. */
    for (unsigned i = 0; i < DURABLE_READS_MAX; i++) {
        ssize_t len = pread(fd, bytes, sizeof(bytes), 0);
        if (len == -1 && errno == EINTR)
            continue;
        if (len == -1)
            return -errno;
        if (position_decode(bytes, (size_t)len, &generation, ret_position) == 0)
            return 0;
    }
    return -ENODATA;
}

static int open_folder(struct backend *backend, int dir_fd, const char *name)
{
    int error = backend->ops->mkdir(backend, dir_fd, name, 0750);

    if (error < 0 && error != -EEXIST)
        return error;
    if (error == 0) {
        error = backend->ops->sync_now(backend, dir_fd);
        if (error < 0)
            return error;
    }
    return backend->ops->open(backend, dir_fd, name, O_RDONLY | O_DIRECTORY, 0);
}

/* Opens the file, full length so that a store never needs space on a file system that overwrites in
   place. */
static int open_file(struct backend *backend, int folder_fd, const char *name)
{
    uint8_t zeros[POSITION_FILE_BYTES] = {0};
    int fd = backend->ops->open(backend, folder_fd, name, O_RDWR | O_CREAT, 0640);

    if (fd < 0)
        return fd;
    int64_t size = backend->ops->size(backend, fd);
    int error = size < 0 ? (int)size : 0;
    if (error == 0 && size < (int64_t)sizeof(zeros)) {
        ssize_t len = backend->ops->pwrite(backend, fd, zeros, sizeof(zeros), 0);
        error = len < 0 ? (int)len : len < (ssize_t)sizeof(zeros) ? -ENOSPC : 0;
        if (error == 0)
            error = backend->ops->sync_now(backend, fd);
        if (error == 0)
            error = backend->ops->sync_now(backend, folder_fd);
    }
    if (error < 0) {
        (void)backend->ops->close_fd(backend, fd); /* the first error is the one to tell */
        return error;
    }
    return fd;
}

int durable_store_open(struct durable_store *ret_store, struct backend *backend, int dir_fd,
                       const char *name, bool *ret_found, struct position *ret_position)
{
    uint8_t bytes[POSITION_FILE_BYTES] = {0};
    uint64_t generation = 0;
    int folder_fd = open_folder(backend, dir_fd, "state");

    if (folder_fd < 0)
        return folder_fd;
    int fd = open_file(backend, folder_fd, name);
    (void)backend->ops->close_fd(backend, folder_fd); /* nothing was written through it */
    if (fd < 0)
        return fd;
    ssize_t len = backend->ops->pread(backend, fd, bytes, sizeof(bytes), 0);
    if (len < 0) {
        (void)backend->ops->close_fd(backend, fd); /* the first error is the one to tell */
        return (int)len;
    }
    *ret_found = position_decode(bytes, (size_t)len, &generation, ret_position) == 0;
    *ret_store = (struct durable_store){.backend = backend, .fd = fd, .generation = generation};
    return 0;
}

int durable_store_put(struct durable_store *store, const struct position *position)
{
    struct backend *backend = store->backend;
    uint8_t slot[POSITION_SLOT_BYTES];

    assert(store->fd >= 0);
    position_encode(store->generation + 1, position, slot);
    ssize_t len = backend->ops->pwrite(backend, store->fd, slot, sizeof(slot),
                                       position_slot_offset(store->generation + 1));
    if (len < 0)
        return (int)len;
    if (len < (ssize_t)sizeof(slot))
        return -ENOSPC;
    store->generation++;
    return 0;
}

void durable_store_close(struct durable_store *store)
{
    if (store->backend == NULL || store->fd < 0)
        return;
    /* Without it the file lags after a power loss, which readers and recovery must bear anyway. */
    (void)store->backend->ops->sync_now(store->backend, store->fd);
    (void)store->backend->ops->close_fd(store->backend, store->fd);
    store->fd = -1;
}
