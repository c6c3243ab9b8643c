/*
 * The inside of the epoll backend, shared by its two files: backend_poll.c starts, waits and
 * closes; backend_poll_ready.c keeps the epoll set and does what a ready descriptor allows.
 */
#ifndef IO_BACKEND_POLL_IMPL_H
#define IO_BACKEND_POLL_IMPL_H

#include <sys/epoll.h>

#include "io/backend_buffers.h"
#include "io/backend_ops.h"
#include "io/backend_poll.h"

/* Who waits on a descriptor. generation tells an event from that of an earlier user of its number.
 */
struct poll_entry {
    struct backend_op *in;
    struct backend_op *out;
    uint32_t generation;
    uint32_t events; /* what epoll knows; 0: the descriptor is not in the set */
};

/*
 * An op stands in exactly one place: in the todo list (just started, or cancelled: its turn comes
 * in the next turn), or armed in its descriptor's entry.
 *
 *     start -> todo -> [perform] -> done
 *                   -> armed -> [event] -> done
 *     cancel: armed -> todo -> done(-ECANCELED)
 */
struct poller {
    struct backend base;
    struct backend_buffers buffers;
    int epoll_fd;
    struct poll_entry *entries; /* by descriptor */
    size_t entries_count;
    struct backend_op *todo;
    struct backend_op **todo_end;
    unsigned active;
    bool turning;
};

static inline struct poller *poller_of(struct backend *backend)
{
    return (struct poller *)backend;
}

/* Takes an op out of the epoll set, if it stands there. */
void poller_disarm(struct poller *poller, struct backend_op *op);

/* Takes an op out of flight and calls its done() for the last time. */
void poller_end(struct poller *poller, struct backend_op *op, int result);

/* Does what can be done at once. true: done, with a result; false: armed. */
bool poller_perform(struct poller *poller, struct backend_op *op, int *ret_result);

/* Serves whoever waits for this event. */
void poller_serve(struct poller *poller, const struct epoll_event *event);

#endif
