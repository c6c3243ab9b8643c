/*
 * The door to the sealer. Knows neither what is asked nor what is answered.
 *
 *                  ask [ask]                   closed, or an error [on_readable]
 *      CONNECTED -------------> WAITING        CONNECTED, WAITING -------------> LEAVING
 *          ^                       |           its watch has ended [on_watch]    LEAVING -> GONE
 *          +-----------------------+           connected again [ask]             GONE -> CONNECTED
 *              answer [on_readable]
 *
 * CONNECTED, WAITING: the fd is open and watched; WAITING: one request has no answer. LEAVING: the
 * watch is being cancelled; the fd is still open, as an fd's ops end before it is closed. GONE: no
 * fd, no op.
 */
#include "daemon/sealer_door.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/ledger/seal.h"
#include "daemon/log.h"

enum sealer_door_state {
    SEALER_DOOR_GONE = 0,
    SEALER_DOOR_CONNECTED,
    SEALER_DOOR_WAITING,
    SEALER_DOOR_LEAVING,
};

struct sealer_door {
    struct sealer_door_config config;
    struct backend_op watch;
    enum sealer_door_state state;
    int fd;
    bool lost; /* it was said; the next connection is news */
    uint64_t retry_due_ns;
};

static uint64_t now_ns(const struct sealer_door *door)
{
    return door->config.backend->ops->now(door->config.backend).boot_ns;
}

static void say_lost(struct sealer_door *door, int error)
{
    const char *socket = door->config.socket;

    if (!door->lost)
        log_write(LOG_LEVEL_WARNING,
                  "the sealer%s%s is gone: %s; checkpoints are not signed until %s, going on",
                  socket != NULL ? " at " : "", socket != NULL ? socket : "",
                  strerrordesc_np(-error),
                  socket != NULL ? "it is back" : "noticed is started again");
    door->lost = true;
}

/* The connection is of no use any more; broken() follows when a request was open. */
static void leave(struct sealer_door *door, int error)
{
    bool waiting = door->state == SEALER_DOOR_WAITING;

    assert(door->state == SEALER_DOOR_CONNECTED || waiting);
    door->state = SEALER_DOOR_LEAVING;
    say_lost(door, error);
    door->retry_due_ns = now_ns(door) + door->config.retry_ns;
    door->config.backend->ops->cancel(door->config.backend, &door->watch);
    if (waiting)
        door->config.broken(door->config.context, error);
}

static void on_readable(struct sealer_door *door)
{
    char bytes[SEAL_ANSWER_BYTES_MAX + 1];

    while (door->state == SEALER_DOOR_CONNECTED || door->state == SEALER_DOOR_WAITING) {
        ssize_t len = recv(door->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
        if (len == -1 && errno == EINTR)
            continue;
        if (len == -1 && errno == EAGAIN)
            return;
        if (len <= 0) {
            leave(door, len == 0 ? -EPIPE : -errno);
        } else if (door->state == SEALER_DOOR_CONNECTED || len > (ssize_t)SEAL_ANSWER_BYTES_MAX) {
            leave(door, -EPROTO); /* unasked for, or longer than any answer */
        } else {
            door->state = SEALER_DOOR_CONNECTED;
            door->config.answered(door->config.context, bytes, (size_t)len);
        }
    }
}

static void on_watch(struct backend_op *op, const struct backend_completion *completion)
{
    struct sealer_door *door =
        (struct sealer_door *)(void *)((char *)op - offsetof(struct sealer_door, watch));
    bool more = (completion->flags & BACKEND_MORE) != 0;

    if (completion->result >= 0)
        on_readable(door);
    else if (door->state != SEALER_DOOR_LEAVING && !more)
        leave(door, completion->result);
    if (more)
        return;
    int error = door->state == SEALER_DOOR_LEAVING
                    ? -ECANCELED
                    : door->config.backend->ops->watch(door->config.backend, op, door->fd);
    if (error < 0 && door->state != SEALER_DOOR_LEAVING)
        leave(door, error);
    if (door->state == SEALER_DOOR_LEAVING) {
        (void)close(door->fd); /* a socket: what it held is lost with its other end */
        door->fd = -1;
        door->state = SEALER_DOOR_GONE;
    }
}

static int begin(struct sealer_door *door, int fd)
{
    int error = door->config.backend->ops->watch(door->config.backend, &door->watch, fd);

    if (error < 0) {
        (void)close(fd); /* nothing was sent through it */
        return error;
    }
    door->fd = fd;
    door->state = SEALER_DOOR_CONNECTED;
    return 0;
}

int sealer_door_connect(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(path);

    if (len >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, len);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == -1) {
        int error = -errno;
        (void)close(fd); /* nothing was sent through it */
        return error;
    }
    return fd;
}

/* Connects again when that is due. */
static void try_again(struct sealer_door *door)
{
    if (door->config.socket == NULL || now_ns(door) < door->retry_due_ns)
        return;
    door->retry_due_ns = now_ns(door) + door->config.retry_ns;
    int fd = sealer_door_connect(door->config.socket);
    int error = fd < 0 ? fd : begin(door, fd);
    if (error < 0) {
        say_lost(door, error);
        return;
    }
    if (door->lost)
        log_write(LOG_LEVEL_INFO, "the sealer at %s is there: checkpoints are signed",
                  door->config.socket);
    door->lost = false;
}

int sealer_door_open(const struct sealer_door_config *config, struct sealer_door **ret_door)
{
    struct sealer_door *door = calloc(1, sizeof(*door));
    int error = door == NULL ? -ENOMEM : 0;

    if (error < 0) {
        if (config->fd != -1)
            (void)close(config->fd); /* nothing was sent through it */
        return error;
    }
    door->config = *config;
    door->watch.done = on_watch;
    door->fd = -1;
    if (config->fd != -1)
        error = begin(door, config->fd);
    else if (config->socket != NULL)
        door->lost = true; /* whoever opened it has said so */
    if (error < 0) {
        free(door);
        return error;
    }
    *ret_door = door;
    return 0;
}

int sealer_door_ask(void *context, const void *request, size_t len)
{
    struct sealer_door *door = context;

    assert(len > 0 && len <= SEAL_REQUEST_BYTES_MAX);
    if (door->state == SEALER_DOOR_GONE)
        try_again(door);
    if (door->state == SEALER_DOOR_WAITING)
        return -EBUSY;
    if (door->state != SEALER_DOOR_CONNECTED)
        return -EPIPE;
    ssize_t sent;
    do
        sent = send(door->fd, request, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (sent == -1 && errno == EINTR);
    if (sent == (ssize_t)len) { /* a packet goes as a whole or not at all */
        door->state = SEALER_DOOR_WAITING;
        return 0;
    }
    leave(door, sent == -1 ? -errno : -EPROTO);
    return -EPIPE;
}

struct sealer_door *sealer_door_close(struct sealer_door *door)
{
    if (door != NULL && door->fd != -1)
        (void)close(door->fd); /* a socket: what it held is lost with its other end */
    free(door);
    return NULL;
}
