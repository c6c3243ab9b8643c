/*
 * The inside of the io_uring backend, shared by its files: backend_uring.c opens, closes and turns;
 * backend_uring_ops.c starts ops and brings them into the ring; backend_uring_buffers.c lends.
 *
 * user_data never holds a pointer: it names a slot and the slot's generation, so that a completion
 * that comes after its op has ended finds nobody.
 *
 *     63            32 31      30            0
 *     [ generation    ][cancel][ slot index  ]
 *
 * Starting an op and cancelling one put an entry into `queue`; a turn moves the queue into the
 * ring. So a full ring never makes a start fail. A slot has at most two entries in the queue (a
 * cancel that came too late, then the start of its next op): the queue cannot overflow.
 */
#ifndef IO_BACKEND_URING_IMPL_H
#define IO_BACKEND_URING_IMPL_H

#include <liburing.h>

#include "io/backend_buffers.h"
#include "io/backend_ops.h"
#include "io/backend_uring.h"

#define URING_CANCEL        ((uint64_t)1 << 31)
#define URING_SLOT_MASK     ((uint64_t)0x7fffffff)
#define URING_QUEUE_ENTRIES 8192u
#define URING_BUFFER_GROUP  0

struct uring_slot {
    struct backend_op *op; /* NULL: free */
    uint32_t generation;   /* of the present or next op; never 0 */
    uint32_t next_free;
    bool submitted; /* the kernel has it */
};

struct uring {
    struct backend base;
    struct io_uring ring;
    struct io_uring_buf_ring *provided; /* NULL without buffers */
    size_t provided_bytes;
    struct backend_buffers buffers;
    unsigned lent, lent_max;  /* buffers that the kernel has, and is to have */
    unsigned window_turns;    /* since lent_max was last fitted to what is used ... */
    unsigned window_most;     /* ... and the most that one of these turns used */
    struct uring_slot *slots; /* BACKEND_OPS_MAX */
    uint32_t free_slot;       /* BACKEND_OPS_MAX: none */
    uint32_t active;
    uint64_t *queue; /* URING_QUEUE_ENTRIES */
    uint32_t queue_head;
    uint32_t queue_tail;
    bool turning;
};

static inline struct uring *uring_of(struct backend *backend)
{
    return (struct uring *)backend;
}

/* The op that user_data names; NULL when it has ended. */
struct backend_op *uring_find(struct uring *uring, uint64_t user_data);

/* Frees an op's slot and calls done() for the last time. */
void uring_end(struct uring *uring, struct backend_op *op, int result, unsigned flags,
               unsigned buffer_id);

/* Moves the queue into the ring as far as it goes. Returns how many ops ended on the way (cancelled
   before the kernel saw them). */
unsigned uring_flush(struct uring *uring);

static inline bool uring_queue_is_empty(const struct uring *uring)
{
    return uring->queue_head == uring->queue_tail;
}

/* Starts the op anew, when the kernel ended it and its caller is not to know. */
void uring_start_again(struct uring *uring, struct backend_op *op);

/* Asks again for the end of an op whose cancel found nothing (a race in the kernel's poll paths).
 */
void uring_cancel_again(struct uring *uring, struct backend_op *op);

/* Makes and registers the memory of so many provided buffers; 0 is fine. 0 or -errno. */
int uring_open_buffers(struct uring *uring, unsigned count);

/* Gives one to the kernel; gives it as many as it is to have, of those that are free. */
void uring_give_buffer(struct uring *uring, unsigned buffer_id);
void uring_lend(struct uring *uring);

/* A turn ended that began with so many buffers lent: fits what is to be lent to what was used. */
void uring_fit_lent(struct uring *uring, unsigned lent_before);

/* Each as the member of struct backend_ops with the same name. */
int uring_accept(struct backend *backend, struct backend_op *op, int listen_fd);
int uring_recv(struct backend *backend, struct backend_op *op, int fd);
int uring_send(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
               size_t len);
int uring_read(struct backend *backend, struct backend_op *op, int fd, void *bytes, size_t len,
               int64_t offset);
int uring_write(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                size_t len, uint64_t offset);
int uring_sync(struct backend *backend, struct backend_op *op, int fd);
int uring_watch(struct backend *backend, struct backend_op *op, int fd);
void uring_cancel(struct backend *backend, struct backend_op *op);

#endif
