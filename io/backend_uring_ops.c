/* Starts and cancels ops on io_uring; knows how each is asked for, not what comes back. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "io/backend_uring_impl.h"

struct backend_op *uring_find(struct uring *uring, uint64_t user_data)
{
    uint64_t index = user_data & URING_SLOT_MASK;
    if (index >= BACKEND_OPS_MAX)
        return NULL;
    const struct uring_slot *slot = &uring->slots[index];
    return slot->generation == user_data >> 32 ? slot->op : NULL;
}

static struct uring_slot *slot_of(struct uring *uring, const struct backend_op *op)
{
    struct uring_slot *slot = &uring->slots[op->private.kernel_id & URING_SLOT_MASK];
    assert(slot->op == op);
    return slot;
}

static void queue_put(struct uring *uring, uint64_t entry)
{
    assert(uring->queue_tail - uring->queue_head < URING_QUEUE_ENTRIES);
    uring->queue[uring->queue_tail++ % URING_QUEUE_ENTRIES] = entry;
}

void uring_end(struct uring *uring, struct backend_op *op, int result, unsigned flags,
               unsigned buffer_id)
{
    struct uring_slot *slot = slot_of(uring, op);
    slot->op = NULL;
    slot->submitted = false;
    if (++slot->generation == 0)
        slot->generation = 1;
    slot->next_free = uring->free_slot;
    uring->free_slot = (uint32_t)(slot - uring->slots);
    uring->active--;
    backend_op_end(op, result, flags, buffer_id);
}

/* Gives the filled op a slot and queues it. */
static int start(struct uring *uring, struct backend_op *op)
{
    if (uring->free_slot == BACKEND_OPS_MAX) {
        op->private.kind = BACKEND_OP_NONE;
        return -EAGAIN;
    }
    uint32_t index = uring->free_slot;
    struct uring_slot *slot = &uring->slots[index];
    uring->free_slot = slot->next_free;
    slot->op = op;
    uring->active++;
    op->private.kernel_id = (uint64_t)slot->generation << 32 | index;
    queue_put(uring, op->private.kernel_id);
    return 0;
}

static void prepare(struct io_uring_sqe *sqe, const struct backend_op *op)
{
    int fd = op->private.fd;
    unsigned len = (unsigned)op->private.len;
    switch ((enum backend_op_kind)op->private.kind) {
    case BACKEND_OP_ACCEPT:
        io_uring_prep_multishot_accept(sqe, fd, NULL, NULL, SOCK_CLOEXEC);
        break;
    case BACKEND_OP_RECV:
        io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
        sqe->flags |= IOSQE_BUFFER_SELECT;
        sqe->buf_group = URING_BUFFER_GROUP;
        break;
    case BACKEND_OP_SEND:
        io_uring_prep_send(sqe, fd, op->private.from, len, MSG_NOSIGNAL);
        break;
    case BACKEND_OP_READ:
        io_uring_prep_read(sqe, fd, op->private.into, len, (uint64_t)op->private.offset);
        break;
    case BACKEND_OP_WRITE:
        io_uring_prep_write(sqe, fd, op->private.from, len, (uint64_t)op->private.offset);
        break;
    case BACKEND_OP_SYNC:
        io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
        break;
    case BACKEND_OP_WATCH:
        io_uring_prep_poll_multishot(sqe, fd, POLLIN);
        break;
    case BACKEND_OP_NONE:
        assert(op->private.kind != BACKEND_OP_NONE);
        break;
    }
    io_uring_sqe_set_data64(sqe, op->private.kernel_id);
}

static struct io_uring_sqe *get_sqe(struct uring *uring)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&uring->ring);
    if (sqe != NULL)
        return sqe;
    /* Full. What the submission says is of no use here: on EBUSY, EAGAIN and EINTR the entries
       stay, the next get_sqe gives NULL again, and the turn takes completions out first. */
    (void)io_uring_submit(&uring->ring);
    return io_uring_get_sqe(&uring->ring);
}

unsigned uring_flush(struct uring *uring)
{
    unsigned ended = 0;
    /* done() may queue more: those wait for the next turn. */
    for (uint32_t left = uring->queue_tail - uring->queue_head; left > 0; left--) {
        uint64_t entry = uring->queue[uring->queue_head % URING_QUEUE_ENTRIES];
        struct backend_op *op = uring_find(uring, entry);
        if (op == NULL) {
            uring->queue_head++; /* a cancel that came too late */
            continue;
        }
        bool is_cancel = (entry & URING_CANCEL) != 0;
        if (!is_cancel && op->private.cancelled) {
            uring->queue_head++;
            uring_end(uring, op, -ECANCELED, 0, 0);
            ended++;
            continue;
        }
        struct io_uring_sqe *sqe = get_sqe(uring);
        if (sqe == NULL)
            break;
        uring->queue_head++;
        if (is_cancel) {
            io_uring_prep_cancel64(sqe, entry & ~URING_CANCEL, 0);
            io_uring_sqe_set_data64(sqe, entry);
        } else {
            prepare(sqe, op);
            slot_of(uring, op)->submitted = true;
        }
    }
    return ended;
}

void uring_start_again(struct uring *uring, struct backend_op *op)
{
    assert(!op->private.cancelled);
    slot_of(uring, op)->submitted = false;
    queue_put(uring, op->private.kernel_id);
}

void uring_cancel_again(struct uring *uring, struct backend_op *op)
{
    assert(op->private.cancelled);
    queue_put(uring, op->private.kernel_id | URING_CANCEL);
}

void uring_cancel(struct backend *backend, struct backend_op *op)
{
    struct uring *uring = uring_of(backend);
    if (op->private.kind == BACKEND_OP_NONE || op->private.cancelled)
        return;
    op->private.cancelled = true;
    if (slot_of(uring, op)->submitted)
        queue_put(uring, op->private.kernel_id | URING_CANCEL);
}

int uring_accept(struct backend *backend, struct backend_op *op, int listen_fd)
{
    backend_op_fill(op, BACKEND_OP_ACCEPT, listen_fd);
    return start(uring_of(backend), op);
}

int uring_recv(struct backend *backend, struct backend_op *op, int fd)
{
    assert(uring_of(backend)->buffers.count > 0);
    backend_op_fill(op, BACKEND_OP_RECV, fd);
    return start(uring_of(backend), op);
}

int uring_send(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
               size_t len)
{
    backend_op_fill_bytes(op, BACKEND_OP_SEND, fd, NULL, bytes, len);
    return start(uring_of(backend), op);
}

int uring_read(struct backend *backend, struct backend_op *op, int fd, void *bytes, size_t len,
               int64_t offset)
{
    assert(offset >= -1);
    backend_op_fill_bytes(op, BACKEND_OP_READ, fd, bytes, NULL, len);
    op->private.offset = offset;
    return start(uring_of(backend), op);
}

int uring_write(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                size_t len, uint64_t offset)
{
    /* -1 would mean "at the file position", which a short write does not move: the next write would
       overwrite what this one wrote. */
    assert(offset <= INT64_MAX);
    backend_op_fill_bytes(op, BACKEND_OP_WRITE, fd, NULL, bytes, len);
    op->private.offset = (int64_t)offset;
    return start(uring_of(backend), op);
}

int uring_sync(struct backend *backend, struct backend_op *op, int fd)
{
    backend_op_fill(op, BACKEND_OP_SYNC, fd);
    return start(uring_of(backend), op);
}

int uring_watch(struct backend *backend, struct backend_op *op, int fd)
{
    backend_op_fill(op, BACKEND_OP_WATCH, fd);
    return start(uring_of(backend), op);
}
