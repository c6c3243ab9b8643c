/*
 * Tries io_uring, and says what it takes where it is not to be had. Knows why kernels and
 * containers refuse it; starts no operation.
 */
#include "daemon/io_choice.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/log.h"

/* What stands in the way when io_uring cannot be opened; NULL: something that epoll would meet too.
 */
static const char *obstacle(int error)
{
    switch (error) {
    case -EPERM:
        return "it is forbidden here, by a container's seccomp profile or the sysctl "
               "kernel.io_uring_disabled";
    case -ENOSYS:
        return "this kernel has none, or a container hides it";
    case -EINVAL:
        return "this kernel's is too old: it takes Linux 6.1";
    default:
        return NULL;
    }
}

int io_choose(enum backend_kind wanted, enum backend_kind *ret_io)
{
    struct backend *backend = NULL;
    enum backend_kind io = wanted == BACKEND_POLL ? BACKEND_POLL : BACKEND_URING;
    int result = backend_open(io, 0, &backend);

    const char *why = io == BACKEND_URING ? obstacle(result) : NULL;
    if (why != NULL && wanted == BACKEND_AUTO) {
        log_write(LOG_LEVEL_INFO, "no io_uring: %s (%s); epoll does the same, with more calls", why,
                  strerrordesc_np(-result));
        io = BACKEND_POLL;
        result = backend_open(io, 0, &backend);
    }
    if (result < 0) {
        log_write(LOG_LEVEL_ERROR, "cannot use %s: %s%s%s%s",
                  io == BACKEND_POLL ? "epoll" : "io_uring", strerrordesc_np(-result),
                  why != NULL ? ": " : "", why != NULL ? why : "",
                  why != NULL ? "; use io: auto or io: poll" : "");
        return result;
    }
    (void)backend_close(backend); /* it was only tried */
    *ret_io = io;
    return 0;
}
