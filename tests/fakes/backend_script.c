/* See backend_script.h. */
#include "tests/fakes/backend_script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/test.h"

static struct script *script_of(struct backend *backend)
{
    return (struct script *)(void *)backend;
}

static int start(struct backend *backend, const struct script_op *wanted)
{
    struct script *script = script_of(backend);
    int result = script->start_result;
    script->start_result = 0;
    if (result < 0) {
        return result;
    }
    struct script_op *place = NULL;
    for (size_t i = 0; i < SCRIPT_OPS_MAX; i++) {
        struct script_op *op = &script->ops[i];
        assert_ptr_not_equal(op->op, wanted->op);
        place = op->op == NULL && place == NULL ? op : place;
    }
    assert_non_null(place);
    *place = *wanted;
    script->started[wanted->kind]++;
    return 0;
}

static int script_recv(struct backend *backend, struct backend_op *op, int fd)
{
    return start(backend, &(struct script_op){.op = op, .kind = SCRIPT_RECV, .fd = fd});
}

static int script_send(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                       size_t len)
{
    return start(backend, &(struct script_op){
                              .op = op, .kind = SCRIPT_SEND, .fd = fd, .from = bytes, .len = len});
}

static int script_read(struct backend *backend, struct backend_op *op, int fd, void *bytes,
                       size_t len, int64_t offset)
{
    return start(
        backend,
        &(struct script_op){
            .op = op, .kind = SCRIPT_READ, .fd = fd, .into = bytes, .len = len, .offset = offset});
}

static int script_watch(struct backend *backend, struct backend_op *op, int fd)
{
    return start(backend, &(struct script_op){.op = op, .kind = SCRIPT_WATCH, .fd = fd});
}

static void script_cancel(struct backend *backend, struct backend_op *op)
{
    struct script *script = script_of(backend);
    for (size_t i = 0; i < SCRIPT_OPS_MAX; i++) {
        if (script->ops[i].op == op) {
            script->ops[i].cancelled = true;
        }
    }
}

static char *script_buffer(struct backend *backend, unsigned buffer_id)
{
    struct script *script = script_of(backend);
    assert_true(script->out[buffer_id]);
    return script->buffers[buffer_id];
}

static void script_buffer_return(struct backend *backend, unsigned buffer_id)
{
    struct script *script = script_of(backend);
    assert_true(script->out[buffer_id]);
    script->out[buffer_id] = false;
}

static size_t script_buffers_held(const struct backend *backend)
{
    const struct script *script = (const struct script *)(const void *)backend;
    size_t held = 0;
    for (size_t i = 0; i < SCRIPT_BUFFERS_MAX; i++) {
        held += script->out[i] ? 1 : 0;
    }
    return held;
}

static int script_close_fd(struct backend *backend, int fd)
{
    struct script *script = script_of(backend);
    for (size_t i = 0; i < SCRIPT_OPS_MAX; i++) {
        assert_false(script->ops[i].op != NULL && script->ops[i].fd == fd);
    }
    script->closed_fd = fd;
    script->closed_count++;
    return 0;
}

static ssize_t script_pread(struct backend *backend, int fd, void *bytes, size_t len,
                            uint64_t offset)
{
    (void)fd;
    (void)bytes;
    (void)len;
    (void)offset;
    return script_of(backend)->pread_result;
}

static int script_turn(struct backend *backend, uint64_t wait_ns_max)
{
    (void)wait_ns_max;
    struct script *script = script_of(backend);
    if (script->turn_result == 0) {
        script_end_cancelled(script);
    }
    return script->turn_result;
}

void script_open(struct script *script)
{
    static const struct backend_ops ops = {
        .name = "script",
        .turn = script_turn,
        .recv = script_recv,
        .send = script_send,
        .read = script_read,
        .watch = script_watch,
        .cancel = script_cancel,
        .buffer = script_buffer,
        .buffer_return = script_buffer_return,
        .buffers_held = script_buffers_held,
        .close_fd = script_close_fd,
        .pread = script_pread,
    };
    *script = (struct script){.base.ops = &ops};
    for (size_t i = 0; i < SCRIPT_BUFFERS_MAX; i++) {
        script->buffers[i] = calloc(1, BACKEND_BUFFER_BYTES + BACKEND_SLACK_BYTES);
        assert_non_null(script->buffers[i]);
    }
}

void script_close(struct script *script)
{
    assert_int_equal(script_buffers_held(&script->base), 0);
    for (size_t i = 0; i < SCRIPT_OPS_MAX; i++) {
        assert_null(script->ops[i].op);
    }
    for (size_t i = 0; i < SCRIPT_BUFFERS_MAX; i++) {
        free(script->buffers[i]);
    }
}

struct script_op *script_find(struct script *script, enum script_kind kind, int fd)
{
    for (size_t i = 0; i < SCRIPT_OPS_MAX; i++) {
        struct script_op *op = &script->ops[i];
        if (op->op != NULL && op->kind == kind && op->fd == fd) {
            return op;
        }
    }
    return NULL;
}

static void complete(struct script_op *op, const struct backend_completion *completion)
{
    struct backend_op *owner = op->op;
    assert_non_null(owner);
    if ((completion->flags & BACKEND_MORE) == 0) {
        op->op = NULL;
    }
    owner->done(owner, completion);
}

void script_complete(struct script_op *op, int result, unsigned flags)
{
    complete(op, &(struct backend_completion){.result = result, .flags = flags});
}

void script_bytes(struct script *script, struct script_op *op, const char *bytes, size_t len,
                  unsigned flags)
{
    struct backend_completion completion = {.result = (int)len, .flags = flags};
    char *into = op->into;
    if (op->kind == SCRIPT_RECV) {
        while (script->out[completion.buffer_id]) {
            completion.buffer_id++;
            assert_true(completion.buffer_id < SCRIPT_BUFFERS_MAX);
        }
        script->out[completion.buffer_id] = true;
        into = script->buffers[completion.buffer_id];
        completion.flags |= BACKEND_BUFFER;
    } else {
        assert_true(len <= op->len);
    }
    memcpy(into, bytes, len);
    complete(op, &completion);
}

void script_end_cancelled(struct script *script)
{
    for (size_t i = 0; i < SCRIPT_OPS_MAX; i++) {
        if (script->ops[i].op != NULL && script->ops[i].cancelled) {
            script_complete(&script->ops[i], -ECANCELED, 0);
        }
    }
}
