/*
 * The memory behind provided buffers: one mapping of count times (bytes + slack), and who holds
 * which. Pages that were never touched cost nothing. Belongs to one backend.
 */
#ifndef IO_BACKEND_BUFFERS_H
#define IO_BACKEND_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct backend_buffers {
    char *base;
    size_t bytes; /* of the mapping */
    unsigned count;
    unsigned held;
    unsigned free_count;
    uint16_t *free; /* a stack of ids: the buffer given back last is the warmest in the cache */
    bool *out;      /* by id: handed out */
};

/* Makes count buffers (0 or a power of two <= BACKEND_BUFFERS_MAX). 0, -EINVAL, -ENOMEM, -errno. */
int backend_buffers_open(struct backend_buffers *buffers, unsigned count);

/* Frees all, also what is held. A zeroed one is fine. */
void backend_buffers_close(struct backend_buffers *buffers);

/* The first byte of a buffer. */
char *backend_buffers_at(const struct backend_buffers *buffers, unsigned id);

/* Hands out a free buffer: its id, or -ENOBUFS. */
int backend_buffers_take(struct backend_buffers *buffers);

/* The same in two steps, for uring: takes a free buffer for the kernel to hand out, and notes that
   it did. */
int backend_buffers_lend(struct backend_buffers *buffers);
void backend_buffers_taken(struct backend_buffers *buffers, unsigned id);

/* Takes a buffer back; giving one back twice is a bug and asserts. */
void backend_buffers_give(struct backend_buffers *buffers, unsigned id);

#endif
