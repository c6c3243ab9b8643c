/*
 * The implementation on io_uring. Needs Linux 6.1 (DEFER_TASKRUN); on anything older, or where
 * io_uring is forbidden, opening fails and nothing is left behind.
 */
#ifndef IO_BACKEND_URING_H
#define IO_BACKEND_URING_H

#include "io/backend.h"

#define BACKEND_URING_SQ_ENTRIES 256u
#define BACKEND_URING_CQ_ENTRIES 4096u

/* Opens a ring with cq_entries places for completions (more are kept by the kernel, slowly, and end
   multishot ops). It may then only be used by the calling thread, and only for the ops of the
   backend: others are refused by the kernel with -EACCES. 0; -ENOSYS, -EPERM, -EINVAL: there is no
   io_uring as we need it; other -errno. */
int backend_uring_open(unsigned buffers, unsigned cq_entries, struct backend **ret_backend);

/* Bytes besides the buffers themselves that a backend with default entries may use. */
size_t backend_uring_bytes(unsigned buffers);

/* Asks the kernel for an empty op with this opcode, outside the table, and returns its answer:
   -EACCES for all that the ring is not allowed; -ETIME when none came. Nothing may be in flight.
   Shows that the lock holds. */
int backend_uring_ask(struct backend *backend, uint8_t opcode);

#endif
