/*
 * Whole reads, writes and files.
 */
#include "io/whole.h"

#include <errno.h>
#include <fcntl.h>

ssize_t whole_read(struct backend *backend, int fd, void *ret_bytes, size_t room, uint64_t offset)
{
    size_t have = 0;

    while (have < room) {
        ssize_t done =
            backend->ops->pread(backend, fd, (char *)ret_bytes + have, room - have, offset + have);
        if (done == -EINTR)
            continue;
        if (done < 0)
            return done;
        if (done == 0)
            break;
        have += (size_t)done;
    }
    return (ssize_t)have;
}

int whole_write(struct backend *backend, int fd, const void *bytes, size_t len, uint64_t offset)
{
    size_t done = 0;

    while (done < len) {
        ssize_t now = backend->ops->pwrite(backend, fd, (const char *)bytes + done, len - done,
                                           offset + done);
        if (now == -EINTR)
            continue;
        if (now <= 0)
            return now < 0 ? (int)now : -EIO;
        done += (size_t)now;
    }
    return 0;
}

int whole_sync(struct backend *backend, int fd)
{
    return backend->ops->sync_now(backend, fd) < 0 ? -EIO : 0;
}

int whole_put(struct backend *backend, int dir_fd, const char *tmp, const char *name, mode_t mode,
              const void *bytes, size_t len)
{
    const struct backend_ops *ops = backend->ops;
    int fd = ops->open(backend, dir_fd, tmp, O_WRONLY | O_CREAT | O_TRUNC, mode);

    if (fd < 0)
        return fd;
    int error = whole_write(backend, fd, bytes, len, 0);
    if (error == 0)
        error = whole_sync(backend, fd);
    int closed = ops->close_fd(backend, fd);
    if (error == 0)
        error = closed;
    if (error == 0)
        error = ops->rename(backend, dir_fd, tmp, name);
    return error == 0 ? whole_sync(backend, dir_fd) : error;
}
