/*
 * The implementation on epoll and plain calls, with the semantics of io_uring: multishot ops stay
 * armed, provided buffers run out with -ENOBUFS, and nothing completes inside the call that started
 * it. Regular files are read, written and synced within the next turn, which blocks for that long.
 */
#ifndef IO_BACKEND_POLL_H
#define IO_BACKEND_POLL_H

#include "io/backend.h"

/* 0, -EINVAL (buffers), -ENOMEM, -errno of epoll_create1. */
int backend_poll_open(unsigned buffers, struct backend **ret_backend);

#endif
