/*
 * A backend whose completions the test writes itself, one by one: for the orders of events that a
 * kernel gives only now and then. It checks what an owner must keep: no op twice in flight, no
 * buffer given back twice, no descriptor closed under an op.
 */
#ifndef TESTS_FAKES_BACKEND_SCRIPT_H
#define TESTS_FAKES_BACKEND_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"

#define SCRIPT_OPS_MAX     64u
#define SCRIPT_BUFFERS_MAX 8u

enum script_kind {
    SCRIPT_NONE = 0,
    SCRIPT_RECV = 1,
    SCRIPT_SEND = 2,
    SCRIPT_READ = 3,
    SCRIPT_WATCH = 4,
};

struct script_op {
    struct backend_op *op; /* NULL: free place */
    enum script_kind kind;
    int fd;
    char *into;
    const char *from;
    size_t len;
    int64_t offset;
    bool cancelled;
};

struct script {
    struct backend base; /* first */
    struct script_op ops[SCRIPT_OPS_MAX];
    unsigned started[5]; /* by kind, so far */
    int start_result;    /* of the next start: a -errno refuses it */
    ssize_t pread_result;
    int turn_result;
    bool out[SCRIPT_BUFFERS_MAX]; /* handed out */
    char *buffers[SCRIPT_BUFFERS_MAX];
    int closed_fd; /* the last */
    unsigned closed_count;
};

/* Fills a script; script_close frees its buffers and checks that nothing is in flight or out. */
void script_open(struct script *script);
void script_close(struct script *script);

/* The op of this kind in flight on fd, the oldest first; NULL when there is none. */
struct script_op *script_find(struct script *script, enum script_kind kind, int fd);

/* The op ends, or with BACKEND_MORE goes on, with this result. */
void script_complete(struct script_op *op, int result, unsigned flags);

/* Bytes come: in a provided buffer for recv, else into the op's own memory; at most its len. */
void script_bytes(struct script *script, struct script_op *op, const char *bytes, size_t len,
                  unsigned flags);

/* Every cancelled op ends with -ECANCELED; what turn() does. */
void script_end_cancelled(struct script *script);

#endif
