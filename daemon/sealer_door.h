/*
 * The writer's door to the sealer: sends one request at a time over a SOCK_SEQPACKET socket, hands
 * its answer over, and connects again when a sealer that runs as a service was gone. Knows no
 * checkpoint: the bytes are those of daemon/ledger/seal.h. Logs once when the sealer is lost, and
 * once when it is back. For the thread of its backend alone.
 */
#ifndef DAEMON_SEALER_DOOR_H
#define DAEMON_SEALER_DOOR_H

#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"

#define SEALER_DOOR_RETRY_NS 1000000000u

struct sealer_door_config {
    struct backend *backend; /* borrowed; not sim, which has no sockets of ours */
    int fd; /* SOCK_SEQPACKET, non-blocking: the door's, which closes it; -1: not connected yet */
    const char *socket; /* to connect to again; borrowed; NULL: a child's, which never comes back */
    uint64_t retry_ns;  /* at least so long between two attempts to connect; SEALER_DOOR_RETRY_NS */
    /* The answer's bytes, at most SEAL_ANSWER_BYTES_MAX, borrowed until it returns; it may ask. */
    void (*answered)(void *context, const void *bytes, size_t len);
    /* The sealer went away before it answered: what was asked is open. It may ask. */
    void (*broken)(void *context, int error);
    void *context;
};

struct sealer_door;

/* 0, or -ENOMEM or what the backend said; on failure too the fd is closed. */
int sealer_door_open(const struct sealer_door_config *config, struct sealer_door **ret_door);

/* Sends one request of at most SEAL_REQUEST_BYTES_MAX; context: a struct sealer_door. 0: it was
   sent, and answered() or broken() follows from a turn of the backend, exactly once. -EPIPE: there
   is no sealer now, nothing was sent; ask again later: it connects at most once in
   retry_ns, whoever asks however often. -EBUSY: the last request has no answer yet, and
   nothing was sent. */
int sealer_door_ask(void *context, const void *request, size_t len);

/* Connects to the service at this path, of at most 107 bytes. SOCK_SEQPACKET, non-blocking and
   close-on-exec, or -errno: -ENOENT and -ECONNREFUSED when nobody is there. */
int sealer_door_connect(const char *path);

/* Closes the socket and frees. After its backend was closed, which ends what the door has in
   flight. NULL is fine. Returns NULL. */
struct sealer_door *sealer_door_close(struct sealer_door *door);

#endif
