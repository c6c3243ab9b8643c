/* Chooses the implementation; knows their names and nothing of their insides. */
#include "io/backend.h"

#include <errno.h>
#include <string.h>

#include "io/backend_poll.h"
#include "io/backend_uring.h"

static const struct {
    const char *name;
    enum backend_kind kind;
} kinds[] = {
    {"auto", BACKEND_AUTO},
    {"uring", BACKEND_URING},
    {"poll", BACKEND_POLL},
};

int backend_open(enum backend_kind kind, unsigned buffers, struct backend **ret_backend)
{
    if (kind == BACKEND_SIM)
        return -EINVAL;
    if (kind == BACKEND_POLL)
        return backend_poll_open(buffers, ret_backend);
    int rc = backend_uring_open(buffers, BACKEND_URING_CQ_ENTRIES, ret_backend);
    /* Only what says "this kernel or sandbox has no io_uring as we need it" leads to poll. A lack
       of memory or descriptors would be no better there, and hiding it would hide the cause. */
    if (kind == BACKEND_AUTO && (rc == -ENOSYS || rc == -EPERM || rc == -EINVAL))
        return backend_poll_open(buffers, ret_backend);
    return rc;
}

struct backend *backend_close(struct backend *backend)
{
    return backend == NULL ? NULL : backend->ops->close(backend);
}

int backend_kind_parse(const char *name, enum backend_kind *ret_kind)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *ret_kind = kinds[i].kind;
            return 0;
        }
    }
    return -EINVAL;
}

size_t backend_bytes(unsigned buffers)
{
    size_t pool = (size_t)buffers * (BACKEND_BUFFER_BYTES + BACKEND_SLACK_BYTES);
    return pool + backend_uring_bytes(buffers);
}
