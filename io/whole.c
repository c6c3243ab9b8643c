/*
 * A small file, whole. Knows the backend's files only.
 */
#include "io/whole.h"

#include <errno.h>
#include <fcntl.h>

int whole_put(struct backend *backend, int dir_fd, const char *tmp, const char *name, mode_t mode,
              const void *bytes, size_t len)
{
    const struct backend_ops *ops = backend->ops;
    int fd = ops->open(backend, dir_fd, tmp, O_WRONLY | O_CREAT | O_TRUNC, mode);
    int error = 0;

    if (fd < 0)
        return fd;
    for (size_t done = 0; error == 0 && done < len;) {
        ssize_t now = ops->pwrite(backend, fd, (const char *)bytes + done, len - done, done);
        error = now < 0 ? (int)now : now == 0 ? -EIO : 0;
        done += now > 0 ? (size_t)now : 0;
    }
    if (error == 0)
        error = ops->sync_now(backend, fd);
    int closed = ops->close_fd(backend, fd);
    if (error == 0)
        error = closed;
    if (error == 0)
        error = ops->rename(backend, dir_fd, tmp, name);
    return error == 0 ? ops->sync_now(backend, dir_fd) : error;
}
