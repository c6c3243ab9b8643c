/*
 * What the implementations of the backend share and nobody else includes: the kinds of ops, and how
 * one is started.
 */
#ifndef IO_BACKEND_OPS_H
#define IO_BACKEND_OPS_H

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "io/backend.h"

enum backend_op_kind {
    BACKEND_OP_NONE = 0,
    BACKEND_OP_ACCEPT = 1,
    BACKEND_OP_RECV = 2,
    BACKEND_OP_SEND = 3,
    BACKEND_OP_READ = 4,
    BACKEND_OP_WRITE = 5,
    BACKEND_OP_SYNC = 6,
    BACKEND_OP_WATCH = 7,
};

/* Fills the backend's half of an op that is about to start. */
static inline void backend_op_fill(struct backend_op *op, enum backend_op_kind kind, int fd)
{
    assert(op->done != NULL);
    assert(op->private.kind == BACKEND_OP_NONE);
    memset(&op->private, 0, sizeof(op->private));
    op->private.kind = (uint32_t)kind;
    op->private.fd = fd;
}

/* As above, for the ops that carry bytes. One of into and from is NULL. */
static inline void backend_op_fill_bytes(struct backend_op *op, enum backend_op_kind kind, int fd,
                                         void *into, const void *from, size_t len)
{
    assert(len <= INT_MAX);
    backend_op_fill(op, kind, fd);
    op->private.into = into;
    op->private.from = from;
    op->private.len = len;
}

/* Takes an op out of flight and tells its owner. Nothing of op may be touched afterwards. */
static inline void backend_op_end(struct backend_op *op, int result, unsigned flags,
                                  unsigned buffer_id)
{
    struct backend_completion completion = {
        .result = result, .flags = flags, .buffer_id = buffer_id};
    assert((flags & BACKEND_MORE) == 0);
    op->private.kind = BACKEND_OP_NONE;
    op->done(op, &completion);
}

/* Tells the owner of an op that stays armed. */
static inline void backend_op_more(struct backend_op *op, int result, unsigned flags,
                                   unsigned buffer_id)
{
    struct backend_completion completion = {
        .result = result, .flags = flags | BACKEND_MORE, .buffer_id = buffer_id};
    op->done(op, &completion);
}

#endif
