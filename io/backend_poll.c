/* The backend on epoll and plain calls: starts ops, waits, closes. Knows no ring. */
#include "io/backend_poll.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "io/backend_poll_impl.h"
#include "io/backend_posix.h"

#define POLL_EVENTS_MAX  256
#define POLL_WAIT_MS_MAX 3600000u
#define NS_PER_MS        1000000u

static void todo_put(struct poller *poller, struct backend_op *op)
{
    op->private.next = NULL;
    *poller->todo_end = op;
    poller->todo_end = &op->private.next;
}

static int start(struct poller *poller, struct backend_op *op)
{
    if (poller->active == BACKEND_OPS_MAX) {
        op->private.kind = BACKEND_OP_NONE;
        return -EAGAIN;
    }
    poller->active++;
    todo_put(poller, op);
    return 0;
}

/* Works off what stood in the list; what a done() starts waits for the next turn. */
static unsigned run_todo(struct poller *poller)
{
    struct backend_op *list = poller->todo;
    unsigned ended = 0;
    poller->todo = NULL;
    poller->todo_end = &poller->todo;
    while (list != NULL) {
        struct backend_op *op = list;
        list = op->private.next;
        int result = -ECANCELED;
        if (!op->private.cancelled && !poller_perform(poller, op, &result))
            continue;
        poller_end(poller, op, result);
        ended++;
    }
    return ended;
}

static int poll_turn(struct backend *backend, uint64_t wait_ns_max)
{
    struct poller *poller = poller_of(backend);
    assert(!poller->turning);
    poller->turning = true;
    unsigned ended = run_todo(poller);
    uint64_t wait_ms = wait_ns_max / NS_PER_MS + (wait_ns_max % NS_PER_MS != 0 ? 1 : 0);
    if (wait_ms > POLL_WAIT_MS_MAX)
        wait_ms = POLL_WAIT_MS_MAX;
    if (ended > 0 || poller->todo != NULL)
        wait_ms = 0;
    struct epoll_event events[POLL_EVENTS_MAX];
    int count = epoll_wait(poller->epoll_fd, events, POLL_EVENTS_MAX, (int)wait_ms);
    int rc = count == -1 && errno != EINTR ? -errno : 0;
    for (int i = 0; i < count; i++)
        poller_serve(poller, &events[i]);
    poller->turning = false;
    return rc;
}

static int poll_accept(struct backend *backend, struct backend_op *op, int listen_fd)
{
    backend_op_fill(op, BACKEND_OP_ACCEPT, listen_fd);
    return start(poller_of(backend), op);
}

static int poll_recv(struct backend *backend, struct backend_op *op, int fd)
{
    assert(poller_of(backend)->buffers.count > 0);
    backend_op_fill(op, BACKEND_OP_RECV, fd);
    return start(poller_of(backend), op);
}

static int poll_send(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                     size_t len)
{
    backend_op_fill_bytes(op, BACKEND_OP_SEND, fd, NULL, bytes, len);
    return start(poller_of(backend), op);
}

static int poll_read(struct backend *backend, struct backend_op *op, int fd, void *bytes,
                     size_t len, int64_t offset)
{
    assert(offset >= -1);
    backend_op_fill_bytes(op, BACKEND_OP_READ, fd, bytes, NULL, len);
    op->private.offset = offset;
    return start(poller_of(backend), op);
}

static int poll_write(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                      size_t len, uint64_t offset)
{
    assert(offset <= INT64_MAX);
    backend_op_fill_bytes(op, BACKEND_OP_WRITE, fd, NULL, bytes, len);
    op->private.offset = (int64_t)offset;
    return start(poller_of(backend), op);
}

static int poll_sync(struct backend *backend, struct backend_op *op, int fd)
{
    backend_op_fill(op, BACKEND_OP_SYNC, fd);
    return start(poller_of(backend), op);
}

static int poll_watch(struct backend *backend, struct backend_op *op, int fd)
{
    backend_op_fill(op, BACKEND_OP_WATCH, fd);
    return start(poller_of(backend), op);
}

static void poll_cancel(struct backend *backend, struct backend_op *op)
{
    struct poller *poller = poller_of(backend);
    if (op->private.kind == BACKEND_OP_NONE || op->private.cancelled)
        return;
    op->private.cancelled = true;
    if (op->private.armed) {
        poller_disarm(poller, op);
        todo_put(poller, op);
    }
}

static char *poll_buffer(struct backend *backend, unsigned buffer_id)
{
    return backend_buffers_at(&poller_of(backend)->buffers, buffer_id);
}

static void poll_buffer_return(struct backend *backend, unsigned buffer_id)
{
    backend_buffers_give(&poller_of(backend)->buffers, buffer_id);
}

static size_t poll_buffers_held(const struct backend *backend)
{
    return ((const struct poller *)backend)->buffers.held;
}

static void forget(struct backend_op *op)
{
    if (op != NULL)
        op->private.kind = BACKEND_OP_NONE;
}

static struct backend *poll_close(struct backend *backend)
{
    struct poller *poller = poller_of(backend);
    assert(!poller->turning);
    for (struct backend_op *op = poller->todo; op != NULL; op = op->private.next)
        forget(op);
    for (size_t fd = 0; fd < poller->entries_count; fd++) {
        forget(poller->entries[fd].in);
        forget(poller->entries[fd].out);
    }
    backend_buffers_close(&poller->buffers);
    if (poller->epoll_fd >= 0)
        (void)close(poller->epoll_fd); /* nothing was written through it */
    free(poller->entries);
    free(poller);
    return NULL;
}

static const struct backend_ops poll_ops = {
    .name = "poll",
    .close = poll_close,
    .turn = poll_turn,
    .accept = poll_accept,
    .recv = poll_recv,
    .send = poll_send,
    .read = poll_read,
    .write = poll_write,
    .sync = poll_sync,
    .watch = poll_watch,
    .cancel = poll_cancel,
    .buffer = poll_buffer,
    .buffer_return = poll_buffer_return,
    .buffers_held = poll_buffers_held,
    BACKEND_POSIX_CALLS,
};

int backend_poll_open(unsigned buffers, struct backend **ret_backend)
{
    struct poller *poller = calloc(1, sizeof(*poller));
    if (poller == NULL)
        return -ENOMEM;
    poller->base.ops = &poll_ops;
    poller->todo_end = &poller->todo;
    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int rc = poller->epoll_fd == -1 ? -errno : backend_buffers_open(&poller->buffers, buffers);
    if (rc < 0) {
        (void)poll_close(&poller->base); /* always NULL */
        return rc;
    }
    *ret_backend = &poller->base;
    return 0;
}
