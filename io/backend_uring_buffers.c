/*
 * Which buffers the kernel has to hand out. It does so in the order in which it got them: all of
 * them in turn would each be fetched from memory. So it gets no more than a turn uses, and of those
 * that came back the last ones, which are in the cache.
 */
#include <errno.h>
#include <sys/mman.h>

#include "io/backend_uring_impl.h"

#define URING_LENT_MIN   8u   /* what one busy unix socket holds, twice over */
#define URING_LENT_TURNS 256u /* after so many, fewer are lent if fewer will do */

void uring_give_buffer(struct uring *uring, unsigned buffer_id)
{
    uring->lent++;
    io_uring_buf_ring_add(uring->provided, backend_buffers_at(&uring->buffers, buffer_id),
                          BACKEND_BUFFER_BYTES, (unsigned short)buffer_id,
                          (int)uring->buffers.count - 1, 0);
    io_uring_buf_ring_advance(uring->provided, 1);
}

void uring_lend(struct uring *uring)
{
    int id;
    while (uring->lent < uring->lent_max && (id = backend_buffers_lend(&uring->buffers)) >= 0)
        uring_give_buffer(uring, (unsigned)id);
}

void uring_fit_lent(struct uring *uring, unsigned lent_before)
{
    unsigned used = lent_before > uring->lent ? lent_before - uring->lent : 0;
    if (used > uring->window_most)
        uring->window_most = used;
    if (++uring->window_turns < URING_LENT_TURNS)
        return;
    while (uring->lent_max > URING_LENT_MIN && uring->lent_max >= 4 * uring->window_most)
        uring->lent_max /= 2;
    uring->window_turns = uring->window_most = 0;
}

int uring_open_buffers(struct uring *uring, unsigned count)
{
    int rc = backend_buffers_open(&uring->buffers, count);
    if (rc < 0 || count == 0)
        return rc;
    uring->provided_bytes = count * sizeof(struct io_uring_buf);
    void *provided = mmap(NULL, uring->provided_bytes, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (provided == MAP_FAILED)
        return -errno;
    uring->provided = provided;
    (void)madvise(provided, uring->provided_bytes, MADV_DONTFORK); /* a help only */
    io_uring_buf_ring_init(uring->provided);
    uring->lent_max = URING_LENT_MIN;
    struct io_uring_buf_reg registration = {
        .ring_addr = (uint64_t)(uintptr_t)provided,
        .ring_entries = count,
        .bgid = URING_BUFFER_GROUP,
    };
    return io_uring_register_buf_ring(&uring->ring, &registration, 0);
}
