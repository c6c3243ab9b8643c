/* Descriptors, sockets, listeners and events of the sim; knows no disk. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "io/backend_sim_impl.h"

#define SIM_SHOTS_MAX 16 /* of one op in one turn */

int sim_fd_make(struct sim *sim, enum sim_fd_type type)
{
    size_t i = 0;
    while (i < sim->fds_count && sim->fds[i].type != SIM_FD_FREE)
        i++;
    if (i == sim->fds_count) {
        size_t count = sim->fds_count == 0 ? 64 : sim->fds_count * 2;
        struct sim_fd *fds = reallocarray(sim->fds, count, sizeof(*fds));
        if (fds == NULL)
            return -ENOMEM;
        memset(fds + sim->fds_count, 0, (count - sim->fds_count) * sizeof(*fds));
        sim->fds = fds;
        sim->fds_count = count;
    }
    memset(&sim->fds[i], 0, sizeof(sim->fds[i]));
    sim->fds[i].peer = -1;
    if (type == SIM_FD_SOCKET) {
        sim->fds[i].queue = malloc(BACKEND_SIM_SOCKET_BYTES);
        if (sim->fds[i].queue == NULL)
            return -ENOMEM;
    }
    sim->fds[i].type = type;
    return BACKEND_SIM_FD_FIRST + (int)i;
}

struct sim_fd *sim_fd_find(struct sim *sim, int fd, enum sim_fd_type type)
{
    if (fd < BACKEND_SIM_FD_FIRST || (size_t)(fd - BACKEND_SIM_FD_FIRST) >= sim->fds_count)
        return NULL;
    struct sim_fd *entry = &sim->fds[fd - BACKEND_SIM_FD_FIRST];
    return entry->type == type ? entry : NULL;
}

struct sim_node *sim_fd_file(struct sim *sim, int fd)
{
    const struct sim_fd *entry = sim_fd_find(sim, fd, SIM_FD_NODE);
    if (entry == NULL || sim->dead)
        return NULL;
    struct sim_node *node = sim->nodes[entry->node];
    return node->type == SIM_FILE ? node : NULL;
}

int sim_fd_close(struct sim *sim, int fd)
{
    size_t i = (size_t)(fd - BACKEND_SIM_FD_FIRST);
    if (fd < BACKEND_SIM_FD_FIRST || i >= sim->fds_count || sim->fds[i].type == SIM_FD_FREE)
        return -EBADF;
    struct sim_fd *entry = &sim->fds[i];
    if (entry->type == SIM_FD_NODE && !sim->dead && sim->nodes[entry->node]->lock_fd == fd)
        sim->nodes[entry->node]->lock_fd = -1;
    struct sim_fd *peer = sim_fd_find(sim, entry->peer, SIM_FD_SOCKET);
    if (peer != NULL) {
        peer->ended = true;
        peer->peer = -1;
    }
    /* Those who were not accepted yet see a closed connection. */
    for (size_t k = 0; k < entry->pending_count; k++)
        (void)sim_fd_close(sim, entry->pending[k]); /* it is open: the listener owns it */
    free(entry->queue);
    free(entry->pending);
    memset(entry, 0, sizeof(*entry));
    return 0;
}

static size_t queue_put(struct sim_fd *to, const char *bytes, size_t len)
{
    size_t room = BACKEND_SIM_SOCKET_BYTES - to->len;
    if (len > room)
        len = room;
    for (size_t i = 0; i < len; i++)
        to->queue[(to->head + to->len + i) % BACKEND_SIM_SOCKET_BYTES] = bytes[i];
    to->len += len;
    return len;
}

static size_t queue_take(struct sim_fd *from, char *bytes, size_t len)
{
    if (len > from->len)
        len = from->len;
    for (size_t i = 0; i < len; i++)
        bytes[i] = from->queue[(from->head + i) % BACKEND_SIM_SOCKET_BYTES];
    from->head = (from->head + len) % BACKEND_SIM_SOCKET_BYTES;
    from->len -= len;
    return len;
}

/* Bytes sent, -EAGAIN when the other end is full, -EPIPE, -ECONNRESET. */
static ssize_t socket_send(struct sim *sim, struct sim_fd *from, const void *bytes, size_t len)
{
    if (from->reset)
        return -ECONNRESET;
    struct sim_fd *to = sim_fd_find(sim, from->peer, SIM_FD_SOCKET);
    if (to == NULL)
        return -EPIPE;
    size_t sent = queue_put(to, bytes, len);
    return sent == 0 && len > 0 ? -EAGAIN : (ssize_t)sent;
}

/* Bytes taken, 0 at the end, -EAGAIN when there are none yet, -ECONNRESET. */
static ssize_t socket_take(struct sim_fd *from, void *bytes, size_t len)
{
    if (from->reset)
        return -ECONNRESET;
    if (from->len == 0)
        return from->ended ? 0 : -EAGAIN;
    return (ssize_t)queue_take(from, bytes, len);
}

/* With chaos a transfer may be short, but never empty. */
static size_t maybe_short(struct sim *sim, size_t len)
{
    return len > 1 && sim_chance(sim, sim->chaos) ? 1 + (size_t)sim_below(sim, len - 1) : len;
}

unsigned sim_serve_accept(struct sim *sim, struct backend_op *op)
{
    unsigned served = 0;
    for (int shot = 0; shot < SIM_SHOTS_MAX && !op->private.cancelled; shot++) {
        struct sim_fd *listener = sim_fd_find(sim, op->private.fd, SIM_FD_LISTENER);
        int rc = -EBADF;
        if (listener == NULL) {
            sim_end(sim, op, rc, 0, 0);
            return served + 1;
        }
        if (listener->pending_count == 0)
            return served;
        if (sim_faulty(sim, BACKEND_SIM_ACCEPT, &rc)) {
            sim_end(sim, op, rc, 0, 0);
            return served + 1;
        }
        int fd = listener->pending[0];
        listener->pending_count--;
        memmove(listener->pending, listener->pending + 1,
                listener->pending_count * sizeof(*listener->pending));
        served++;
        if (sim_chance(sim, sim->chaos)) {
            sim_end(sim, op, fd, 0, 0);
            return served;
        }
        sim_more(sim, op, fd, 0, 0);
    }
    return served;
}

/* One shot: > 0 bytes in *ret_id, else the result that ends the op, or -EAGAIN. */
static ssize_t recv_once(struct sim *sim, const struct backend_op *op, unsigned *ret_id)
{
    struct sim_fd *socket = sim_fd_find(sim, op->private.fd, SIM_FD_SOCKET);
    if (socket == NULL)
        return -EBADF;
    if (socket->len == 0 && !socket->ended && !socket->reset)
        return -EAGAIN;
    size_t len = maybe_short(sim, BACKEND_BUFFER_BYTES);
    int rc = sim_limit(sim, BACKEND_SIM_RECV, &len);
    if (rc < 0)
        return rc;
    int id = backend_buffers_take(&sim->buffers);
    if (id < 0)
        return id;
    ssize_t count = socket_take(socket, backend_buffers_at(&sim->buffers, (unsigned)id), len);
    if (count <= 0)
        backend_buffers_give(&sim->buffers, (unsigned)id);
    *ret_id = (unsigned)id;
    return count;
}

unsigned sim_serve_recv(struct sim *sim, struct backend_op *op)
{
    unsigned served = 0;
    for (int shot = 0; shot < SIM_SHOTS_MAX && !op->private.cancelled; shot++) {
        unsigned id = 0;
        ssize_t count = recv_once(sim, op, &id);
        if (count == -EAGAIN)
            return served;
        served++;
        if (count <= 0) {
            sim_end(sim, op, (int)count, 0, 0);
            return served;
        }
        sim_note_bytes(sim, backend_buffers_at(&sim->buffers, id), (size_t)count);
        if (sim_chance(sim, sim->chaos)) {
            sim_end(sim, op, (int)count, BACKEND_BUFFER, id);
            return served;
        }
        sim_more(sim, op, (int)count, BACKEND_BUFFER, id);
    }
    return served;
}

unsigned sim_serve_send(struct sim *sim, struct backend_op *op)
{
    struct sim_fd *socket = sim_fd_find(sim, op->private.fd, SIM_FD_SOCKET);
    ssize_t count = -EBADF;
    if (socket != NULL) {
        const struct sim_fd *peer = sim_fd_find(sim, socket->peer, SIM_FD_SOCKET);
        if (!socket->reset && peer != NULL && peer->len == BACKEND_SIM_SOCKET_BYTES)
            return 0;
        size_t len = maybe_short(sim, op->private.len);
        count = sim_limit(sim, BACKEND_SIM_SEND, &len);
        if (count == 0)
            count = socket_send(sim, socket, op->private.from, len);
    }
    if (count > 0)
        sim_note_bytes(sim, op->private.from, (size_t)count);
    sim_end(sim, op, (int)count, 0, 0);
    return 1;
}

unsigned sim_serve_pipe_read(struct sim *sim, struct backend_op *op)
{
    struct sim_fd *socket = sim_fd_find(sim, op->private.fd, SIM_FD_SOCKET);
    ssize_t count = -EBADF;
    if (socket != NULL) {
        if (socket->len == 0 && !socket->ended && !socket->reset)
            return 0;
        size_t len = maybe_short(sim, op->private.len);
        count = sim_limit(sim, BACKEND_SIM_READ, &len);
        if (count == 0)
            count = socket_take(socket, op->private.into, len);
    }
    sim_end(sim, op, (int)count, 0, 0);
    return 1;
}

unsigned sim_serve_watch(struct sim *sim, struct backend_op *op)
{
    const struct sim_fd *event = sim_fd_find(sim, op->private.fd, SIM_FD_EVENT);
    if (event == NULL) {
        sim_end(sim, op, -EBADF, 0, 0);
        return 1;
    }
    if (!event->readable)
        return 0;
    sim_more(sim, op, POLLIN, 0, 0);
    return 1;
}

int backend_sim_listener(struct backend *backend)
{
    return sim_fd_make(sim_of(backend), SIM_FD_LISTENER);
}

int backend_sim_pair(struct backend *backend, int *ret_fd)
{
    struct sim *sim = sim_of(backend);
    int ours = sim_fd_make(sim, SIM_FD_SOCKET);
    int theirs = sim_fd_make(sim, SIM_FD_SOCKET);
    if (ours < 0 || theirs < 0) {
        (void)sim_fd_close(sim, ours); /* -EBADF for the one that was not made */
        (void)sim_fd_close(sim, theirs);
        return -ENOMEM;
    }
    sim->fds[ours - BACKEND_SIM_FD_FIRST].peer = theirs;
    sim->fds[theirs - BACKEND_SIM_FD_FIRST].peer = ours;
    *ret_fd = ours;
    return theirs;
}

int backend_sim_connect(struct backend *backend, int listen_fd)
{
    struct sim *sim = sim_of(backend);
    int fd = -1;
    if (sim_fd_find(sim, listen_fd, SIM_FD_LISTENER) == NULL)
        return -EBADF;
    int theirs = backend_sim_pair(backend, &fd);
    if (theirs < 0)
        return theirs;
    struct sim_fd *listener = sim_fd_find(sim, listen_fd, SIM_FD_LISTENER);
    int *pending = sim_grow(listener->pending, listener->pending_count, &listener->pending_capacity,
                            sizeof(*pending));
    if (pending == NULL) {
        (void)sim_fd_close(sim, fd);
        (void)sim_fd_close(sim, theirs);
        return -ENOMEM;
    }
    listener->pending = pending;
    listener->pending[listener->pending_count++] = fd;
    return theirs;
}

ssize_t backend_sim_push(struct backend *backend, int fd, const void *bytes, size_t len)
{
    struct sim *sim = sim_of(backend);
    struct sim_fd *socket = sim_fd_find(sim, fd, SIM_FD_SOCKET);
    assert(socket != NULL);
    return socket_send(sim, socket, bytes, len);
}

ssize_t backend_sim_pull(struct backend *backend, int fd, void *bytes, size_t len)
{
    struct sim_fd *socket = sim_fd_find(sim_of(backend), fd, SIM_FD_SOCKET);
    assert(socket != NULL);
    return socket_take(socket, bytes, len);
}

static struct sim_fd *other_end(struct sim *sim, int fd)
{
    const struct sim_fd *socket = sim_fd_find(sim, fd, SIM_FD_SOCKET);
    assert(socket != NULL);
    return sim_fd_find(sim, socket->peer, SIM_FD_SOCKET);
}

void backend_sim_hangup(struct backend *backend, int fd)
{
    struct sim_fd *other = other_end(sim_of(backend), fd);
    if (other != NULL)
        other->ended = true;
}

void backend_sim_reset(struct backend *backend, int fd)
{
    struct sim_fd *other = other_end(sim_of(backend), fd);
    if (other != NULL)
        other->reset = true;
}

int backend_sim_event(struct backend *backend)
{
    return sim_fd_make(sim_of(backend), SIM_FD_EVENT);
}

void backend_sim_event_set(struct backend *backend, int fd, bool readable)
{
    struct sim_fd *event = sim_fd_find(sim_of(backend), fd, SIM_FD_EVENT);
    assert(event != NULL);
    event->readable = readable;
}
