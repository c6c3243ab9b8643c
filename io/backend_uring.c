/* The io_uring backend: makes the ring, locks it down, waits and hands out what completed. */
#include "io/backend_uring.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/backend_posix.h"
#include "io/backend_uring_impl.h"

#define NS_PER_SECOND       1000000000u
#define URING_WAIT_NS_MAX   (3600ull * NS_PER_SECOND)
#define URING_REAP_BATCH    64u
#define URING_ASK_TURNS     1000u
#define URING_CLOSE_WAIT_NS 10000000u

static_assert(URING_QUEUE_ENTRIES == 2 * BACKEND_OPS_MAX, "two entries a slot");
static_assert((BACKEND_OPS_MAX & (BACKEND_OPS_MAX - 1)) == 0, "queue indexes wrap");

/* All that may ever be submitted on our rings: ring operations pass seccomp unseen, so a hostile
   line that took over the parser could open files through the ring if this list did not exist. */
static const uint8_t allowed_ops[] = {
    IORING_OP_ACCEPT, IORING_OP_RECV,  IORING_OP_SEND,     IORING_OP_READ,
    IORING_OP_WRITE,  IORING_OP_FSYNC, IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL,
};
#define ALLOWED_OPS_COUNT (sizeof(allowed_ops) / sizeof(allowed_ops[0]))

/* A completion, out of the ring. */
struct uring_result {
    uint64_t user_data;
    int res;
    unsigned flags;
};

/* After this the ring runs, and only what is listed can be asked of it. */
static int restrict_and_enable(struct uring *uring)
{
    struct io_uring_restriction list[ALLOWED_OPS_COUNT + 2];
    memset(list, 0, sizeof(list));
    for (size_t i = 0; i < ALLOWED_OPS_COUNT; i++) {
        list[i].opcode = IORING_RESTRICTION_SQE_OP;
        list[i].sqe_op = allowed_ops[i];
    }
    list[ALLOWED_OPS_COUNT].opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED;
    list[ALLOWED_OPS_COUNT].sqe_flags = IOSQE_BUFFER_SELECT;
    /* Without this the thread's table would keep the ring alive after its close. */
    list[ALLOWED_OPS_COUNT + 1].opcode = IORING_RESTRICTION_REGISTER_OP;
    list[ALLOWED_OPS_COUNT + 1].register_op = IORING_UNREGISTER_RING_FDS;
    int rc = io_uring_register_restrictions(&uring->ring, list, ALLOWED_OPS_COUNT + 2);
    if (rc < 0)
        return rc;
    return io_uring_enable_rings(&uring->ring);
}

static void free_all(struct uring *uring, bool has_ring)
{
    if (has_ring)
        io_uring_queue_exit(&uring->ring);
    if (uring->provided != NULL)
        (void)munmap(uring->provided, uring->provided_bytes); /* our own mapping: cannot fail */
    backend_buffers_close(&uring->buffers);
    free(uring->slots);
    free(uring->queue);
    free(uring);
}

/* A provided buffer that carries nothing goes straight back; the caller never hears of it. */
static void deliver(struct uring *uring, struct backend_op *op, const struct uring_result *result)
{
    unsigned flags = 0;
    unsigned buffer_id = 0;
    if ((result->flags & IORING_CQE_F_BUFFER) != 0) {
        buffer_id = result->flags >> IORING_CQE_BUFFER_SHIFT;
        assert(uring->lent > 0);
        uring->lent--;
        if (op != NULL && result->res > 0) {
            backend_buffers_taken(&uring->buffers, buffer_id);
            flags |= BACKEND_BUFFER;
        } else {
            uring_give_buffer(uring, buffer_id);
        }
    }
    if (op == NULL)
        return;
    /* Of no concern to the caller unless it holds them all: others were not lent, or are now. */
    if (result->res == -ENOBUFS && op->private.kind == BACKEND_OP_RECV && !op->private.cancelled &&
        uring->buffers.held < uring->buffers.count) {
        if (uring->lent_max < uring->buffers.count)
            uring->lent_max *= 2;
        uring_start_again(uring, op);
        return;
    }
    if ((result->flags & IORING_CQE_F_MORE) != 0)
        backend_op_more(op, result->res, flags, buffer_id);
    else
        uring_end(uring, op, result->res, flags, buffer_id);
}

static void dispatch(struct uring *uring, const struct uring_result *result)
{
    struct backend_op *op = uring_find(uring, result->user_data);
    if ((result->user_data & URING_CANCEL) == 0) {
        deliver(uring, op, result);
        return;
    }
    /* The result of a cancel itself. An op that lives on although it "was not found" is in the
       moment between two shots: ask again. Reads and writes that run to their end are left alone.
     */
    if (op == NULL || result->res >= 0)
        return;
    if (op->private.kind == BACKEND_OP_ACCEPT || op->private.kind == BACKEND_OP_RECV ||
        op->private.kind == BACKEND_OP_WATCH)
        uring_cancel_again(uring, op);
}

static void reap(struct uring *uring,
                 void (*handle)(struct uring *uring, const struct uring_result *result))
{
    struct io_uring_cqe *pointers[URING_REAP_BATCH];
    struct uring_result copies[URING_REAP_BATCH];
    /* The bound is for completions that overflowed: they come in while we take others out. */
    for (unsigned left = 2 * *uring->ring.cq.kring_entries; left > 0;) {
        unsigned count = io_uring_peek_batch_cqe(&uring->ring, pointers, URING_REAP_BATCH);
        if (count == 0)
            return;
        /* Copied, so that their places are free before a done() starts more. */
        for (unsigned i = 0; i < count; i++)
            copies[i] =
                (struct uring_result){pointers[i]->user_data, pointers[i]->res, pointers[i]->flags};
        io_uring_cq_advance(&uring->ring, count);
        for (unsigned i = 0; i < count; i++)
            handle(uring, &copies[i]);
        left = left > count ? left - count : 0;
    }
}

/* Submits and waits. Completions become visible only here: DEFER_TASKRUN runs them in this call. */
static int enter(struct uring *uring, uint64_t wait_ns)
{
    int rc;
    if (wait_ns == 0) {
        rc = io_uring_submit_and_get_events(&uring->ring);
    } else {
        if (wait_ns > URING_WAIT_NS_MAX)
            wait_ns = URING_WAIT_NS_MAX;
        struct __kernel_timespec wait = {.tv_sec = (long long)(wait_ns / NS_PER_SECOND),
                                         .tv_nsec = (long long)(wait_ns % NS_PER_SECOND)};
        struct io_uring_cqe *first = NULL;
        rc = io_uring_submit_and_wait_timeout(&uring->ring, &first, 1, &wait, NULL);
    }
    /* ETIME: nothing came. EINTR: a signal. EBUSY, EAGAIN: the completions must be taken out first,
       what was to be submitted stays for the next turn. */
    if (rc >= 0 || rc == -ETIME || rc == -EINTR || rc == -EBUSY || rc == -EAGAIN)
        return 0;
    return rc;
}

static int uring_turn(struct backend *backend, uint64_t wait_ns_max)
{
    struct uring *uring = uring_of(backend);
    assert(!uring->turning);
    uring->turning = true;
    uring_lend(uring);
    const unsigned lent = uring->lent;
    unsigned ended = uring_flush(uring);
    bool hurry = ended > 0 || !uring_queue_is_empty(uring);
    int rc = enter(uring, hurry ? 0 : wait_ns_max);
    if (rc == 0)
        reap(uring, dispatch);
    uring_fit_lent(uring, lent);
    uring->turning = false;
    return rc;
}

static char *uring_buffer(struct backend *backend, unsigned buffer_id)
{
    return backend_buffers_at(&uring_of(backend)->buffers, buffer_id);
}

static void uring_buffer_return(struct backend *backend, unsigned buffer_id)
{
    struct uring *uring = uring_of(backend);
    backend_buffers_give(&uring->buffers, buffer_id); /* the next turn lends it again */
}

static size_t uring_buffers_held(const struct backend *backend)
{
    return ((const struct uring *)backend)->buffers.held;
}

/* While closing, nobody is told: descriptors that were accepted are closed, bytes are dropped. */
static void discard(struct uring *uring, const struct uring_result *result)
{
    struct backend_op *op = uring_find(uring, result->user_data);
    if (op == NULL || (result->user_data & URING_CANCEL) != 0)
        return;
    if (op->private.kind == BACKEND_OP_ACCEPT && result->res >= 0)
        (void)close(result->res); /* nothing was written through it */
    if ((result->flags & IORING_CQE_F_MORE) != 0)
        return;
    op->private.kind = BACKEND_OP_NONE;
    uring->slots[result->user_data & URING_SLOT_MASK].op = NULL;
    uring->active--;
}

/* Drops what the kernel never saw, and asks it to end the rest. */
static void cancel_all(struct uring *uring)
{
    for (uint32_t i = 0; i < BACKEND_OPS_MAX; i++) {
        struct uring_slot *slot = &uring->slots[i];
        if (slot->op == NULL)
            continue;
        if (slot->submitted) {
            uring_cancel(&uring->base, slot->op);
            continue;
        }
        slot->op->private.kind = BACKEND_OP_NONE;
        slot->op = NULL;
        uring->active--;
    }
}

static struct backend *uring_close(struct backend *backend)
{
    struct uring *uring = uring_of(backend);
    assert(!uring->turning);
    cancel_all(uring);
    /* Memory of a read or write that runs may not be freed under the kernel: wait for its end. */
    while (uring->active > 0) {
        (void)uring_flush(uring);
        if (enter(uring, URING_CLOSE_WAIT_NS) < 0)
            break;
        reap(uring, discard);
    }
    free_all(uring, true);
    return NULL;
}

static const struct backend_ops uring_ops = {
    .name = "uring",
    .close = uring_close,
    .turn = uring_turn,
    .accept = uring_accept,
    .recv = uring_recv,
    .send = uring_send,
    .read = uring_read,
    .write = uring_write,
    .sync = uring_sync,
    .watch = uring_watch,
    .cancel = uring_cancel,
    .buffer = uring_buffer,
    .buffer_return = uring_buffer_return,
    .buffers_held = uring_buffers_held,
    BACKEND_POSIX_CALLS,
};

static int open_ring(struct uring *uring, unsigned cq_entries)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_SUBMIT_ALL |
                 IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_R_DISABLED,
        .cq_entries = cq_entries,
    };
    unsigned sq_entries =
        cq_entries < BACKEND_URING_SQ_ENTRIES ? cq_entries : BACKEND_URING_SQ_ENTRIES;
    return io_uring_queue_init_params(sq_entries, &uring->ring, &params);
}

static int lock_down(struct uring *uring, unsigned buffers)
{
    int rc = uring_open_buffers(uring, buffers);
    if (rc < 0)
        return rc;
    rc = io_uring_ring_dontfork(&uring->ring);
    if (rc < 0)
        return rc;
    /* Saves a lookup a call. A thread has 16 places: without one everything still works. */
    (void)io_uring_register_ring_fd(&uring->ring);
    return restrict_and_enable(uring);
}

int backend_uring_open(unsigned buffers, unsigned cq_entries, struct backend **ret_backend)
{
    struct uring *uring = calloc(1, sizeof(*uring));
    if (uring == NULL)
        return -ENOMEM;
    uring->base.ops = &uring_ops;
    uring->slots = calloc(BACKEND_OPS_MAX, sizeof(*uring->slots));
    uring->queue = calloc(URING_QUEUE_ENTRIES, sizeof(*uring->queue));
    if (uring->slots == NULL || uring->queue == NULL) {
        free_all(uring, false);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < BACKEND_OPS_MAX; i++) {
        uring->slots[i].generation = 1;
        uring->slots[i].next_free = i + 1;
    }
    int rc = open_ring(uring, cq_entries);
    if (rc < 0) {
        free_all(uring, false);
        return rc;
    }
    rc = lock_down(uring, buffers);
    if (rc < 0) {
        free_all(uring, true);
        return rc;
    }
    *ret_backend = &uring->base;
    return 0;
}

size_t backend_uring_bytes(unsigned buffers)
{
    return sizeof(struct uring) + BACKEND_OPS_MAX * sizeof(struct uring_slot) +
           URING_QUEUE_ENTRIES * sizeof(uint64_t) +
           BACKEND_URING_SQ_ENTRIES * (sizeof(struct io_uring_sqe) + sizeof(uint32_t)) +
           BACKEND_URING_CQ_ENTRIES * sizeof(struct io_uring_cqe) +
           buffers * (sizeof(struct io_uring_buf) + sizeof(uint16_t) + sizeof(bool));
}

int backend_uring_ask(struct backend *backend, uint8_t opcode)
{
    struct uring *uring = uring_of(backend);
    assert(uring->active == 0);
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
    if (sqe == NULL)
        return -EAGAIN;
    memset(sqe, 0, sizeof(*sqe));
    sqe->opcode = opcode;
    sqe->fd = -1;
    struct io_uring_cqe *answer = NULL;
    for (unsigned i = 0; i < URING_ASK_TURNS; i++) {
        int rc = enter(uring, URING_CLOSE_WAIT_NS);
        if (rc < 0)
            return rc;
        if (io_uring_peek_cqe(&uring->ring, &answer) == 0 && answer != NULL) {
            int result = answer->res;
            io_uring_cqe_seen(&uring->ring, answer);
            return result;
        }
    }
    return -ETIME;
}
