/*
 * Decides once for the whole process how bytes move: io_uring or epoll (DESIGN 2), so that no part
 * can end up on the other one.
 */
#ifndef DAEMON_IO_CHOICE_H
#define DAEMON_IO_CHOICE_H

#include "io/backend.h"

/* BACKEND_URING or BACKEND_POLL, by trying. Where auto cannot have io_uring the log says why. 0, or
   -errno, which is logged with what to do. */
int io_choose(enum backend_kind wanted, enum backend_kind *ret_io);

#endif
