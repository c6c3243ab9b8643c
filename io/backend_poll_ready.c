/* What a ready descriptor allows: accept, receive, send; and the epoll set that says so. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/backend_poll_impl.h"
#include "io/backend_posix.h"

#define POLL_SHOTS_MAX 16 /* of one op in one turn: nobody starves the others */

static bool is_output(const struct backend_op *op)
{
    return op->private.kind == BACKEND_OP_SEND;
}

/* Brings the epoll set in line with who waits on fd. */
static int update(struct poller *poller, int fd)
{
    struct poll_entry *entry = &poller->entries[fd];
    uint32_t events = (entry->in != NULL ? (uint32_t)EPOLLIN : 0u) |
                      (entry->out != NULL ? (uint32_t)EPOLLOUT : 0u);
    if (events == entry->events)
        return 0;
    int what = EPOLL_CTL_MOD;
    if (entry->events == 0) {
        what = EPOLL_CTL_ADD;
        entry->generation++;
    } else if (events == 0) {
        what = EPOLL_CTL_DEL;
    }
    struct epoll_event event = {.events = events,
                                .data.u64 = (uint64_t)entry->generation << 32 | (uint32_t)fd};
    if (epoll_ctl(poller->epoll_fd, what, fd, &event) == -1)
        return -errno;
    entry->events = events;
    return 0;
}

static int grow(struct poller *poller, int fd)
{
    size_t needed = (size_t)fd + 1;
    if (needed <= poller->entries_count)
        return 0;
    size_t count = poller->entries_count == 0 ? 64 : poller->entries_count;
    while (count < needed)
        count *= 2;
    struct poll_entry *entries = reallocarray(poller->entries, count, sizeof(*entries));
    if (entries == NULL)
        return -ENOMEM;
    memset(entries + poller->entries_count, 0, (count - poller->entries_count) * sizeof(*entries));
    poller->entries = entries;
    poller->entries_count = count;
    return 0;
}

void poller_disarm(struct poller *poller, struct backend_op *op)
{
    if (!op->private.armed)
        return;
    op->private.armed = false;
    struct poll_entry *entry = &poller->entries[op->private.fd];
    if (is_output(op))
        entry->out = NULL;
    else
        entry->in = NULL;
    /* It fails only when the descriptor was closed under us; then it has left the set already. */
    if (update(poller, op->private.fd) < 0)
        entry->events = 0;
}

void poller_end(struct poller *poller, struct backend_op *op, int result)
{
    poller_disarm(poller, op);
    poller->active--;
    backend_op_end(op, result, 0, 0);
}

/* Lets epoll watch for the op. -EPERM: a file that is always ready. */
static int arm(struct poller *poller, struct backend_op *op)
{
    int fd = op->private.fd;
    if (fd < 0)
        return -EBADF;
    int rc = grow(poller, fd);
    if (rc < 0)
        return rc;
    struct poll_entry *entry = &poller->entries[fd];
    struct backend_op **place = is_output(op) ? &entry->out : &entry->in;
    if (*place != NULL)
        return -EBUSY;
    *place = op;
    rc = update(poller, fd);
    if (rc < 0)
        *place = NULL;
    op->private.armed = rc == 0;
    return rc;
}

static void shoot_accept(struct poller *poller, struct backend_op *op)
{
    for (int shot = 0; shot < POLL_SHOTS_MAX && !op->private.cancelled; shot++) {
        int fd = accept4(op->private.fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd == -1 && (errno == EAGAIN || errno == EINTR))
            return;
        if (fd == -1) {
            poller_end(poller, op, -errno);
            return;
        }
        backend_op_more(op, fd, 0, 0);
    }
}

static void shoot_recv(struct poller *poller, struct backend_op *op)
{
    for (int shot = 0; shot < POLL_SHOTS_MAX && !op->private.cancelled; shot++) {
        int id = backend_buffers_take(&poller->buffers);
        if (id < 0) {
            poller_end(poller, op, id);
            return;
        }
        ssize_t count = recv(op->private.fd, backend_buffers_at(&poller->buffers, (unsigned)id),
                             BACKEND_BUFFER_BYTES, MSG_DONTWAIT);
        int error = count == -1 ? -errno : 0;
        if (count > 0) {
            backend_op_more(op, (int)count, BACKEND_BUFFER, (unsigned)id);
            /* Less than a buffer: most likely that was all, and epoll will say if not. */
            if ((size_t)count < BACKEND_BUFFER_BYTES)
                return;
            continue;
        }
        backend_buffers_give(&poller->buffers, (unsigned)id);
        if (error == -EAGAIN || error == -EINTR)
            return;
        poller_end(poller, op, error);
        return;
    }
}

static int try_read(const struct backend_op *op)
{
    ssize_t count =
        op->private.offset == -1
            ? read(op->private.fd, op->private.into, op->private.len)
            : pread(op->private.fd, op->private.into, op->private.len, (off_t)op->private.offset);
    return count == -1 ? -errno : (int)count;
}

static int try_send(const struct backend_op *op)
{
    ssize_t count =
        send(op->private.fd, op->private.from, op->private.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return count == -1 ? -errno : (int)count;
}

void poller_serve(struct poller *poller, const struct epoll_event *event)
{
    size_t fd = event->data.u64 & UINT32_MAX;
    uint32_t generation = (uint32_t)(event->data.u64 >> 32);
    /* Whoever is called may end, start and close: look anew for each direction. */
    const struct poll_entry *entry = &poller->entries[fd];
    if (entry->generation == generation && entry->in != NULL &&
        (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) {
        struct backend_op *op = entry->in;
        if (op->private.kind == BACKEND_OP_ACCEPT) {
            shoot_accept(poller, op);
        } else if (op->private.kind == BACKEND_OP_RECV) {
            shoot_recv(poller, op);
        } else if (op->private.kind == BACKEND_OP_WATCH) {
            backend_op_more(op, (int)(event->events & (EPOLLIN | EPOLLHUP | EPOLLERR)), 0, 0);
        } else {
            int result = try_read(op);
            if (result != -EAGAIN && result != -EINTR)
                poller_end(poller, op, result);
        }
    }
    entry = &poller->entries[fd];
    if (entry->generation == generation && entry->out != NULL &&
        (event->events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        int result = try_send(entry->out);
        if (result != -EAGAIN && result != -EINTR)
            poller_end(poller, entry->out, result);
    }
}

/* A listener may have been left blocking: a connection that is gone by the time we accept would
   stop the whole thread. */
static int arm_accept(struct poller *poller, struct backend_op *op)
{
    int flags = fcntl(op->private.fd, F_GETFL);
    if (flags == -1 || fcntl(op->private.fd, F_SETFL, flags | O_NONBLOCK) == -1)
        return -errno;
    return arm(poller, op);
}

bool poller_perform(struct poller *poller, struct backend_op *op, int *ret_result)
{
    int result = -EAGAIN;
    switch ((enum backend_op_kind)op->private.kind) {
    case BACKEND_OP_ACCEPT:
        result = arm_accept(poller, op);
        break;
    case BACKEND_OP_RECV:
    case BACKEND_OP_WATCH:
        result = arm(poller, op);
        break;
    case BACKEND_OP_SEND:
        result = try_send(op);
        if (result == -EAGAIN || result == -EINTR)
            result = arm(poller, op);
        break;
    case BACKEND_OP_READ:
        result = op->private.offset == -1 ? arm(poller, op) : -EPERM;
        if (result == -EPERM)
            result = try_read(op);
        break;
    case BACKEND_OP_WRITE:
        result = (int)backend_posix_pwrite(&poller->base, op->private.fd, op->private.from,
                                           op->private.len, (uint64_t)op->private.offset);
        break;
    case BACKEND_OP_SYNC:
        result = fdatasync(op->private.fd) == -1 ? -errno : 0;
        break;
    case BACKEND_OP_NONE:
        assert(op->private.kind != BACKEND_OP_NONE);
        break;
    }
    *ret_result = result;
    return !op->private.armed;
}
