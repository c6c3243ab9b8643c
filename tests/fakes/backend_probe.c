/* Helpers for the tests of the backends; no test of its own. */
#include "tests/fakes/backend_probe.h"

#include <stdint.h>
#include <string.h>

#include "tests/fakes/test.h"

#define PROBE_TURNS_MAX 10000u
#define PROBE_WAIT_NS   1000000000u

static void probe_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct probe *probe = (struct probe *)op;
    if (probe->done_count < PROBE_RESULTS_MAX)
        probe->results[probe->done_count] = completion->result;
    probe->done_count++;
    probe->last_result = completion->result;
    probe->last_flags = completion->flags;
    probe->ended = (completion->flags & BACKEND_MORE) == 0;
}

void probe_ready(struct probe *probe)
{
    memset(probe, 0, sizeof(*probe));
    probe->op.done = probe_done;
}

void probe_turn_until(struct backend *backend, const struct probe *probe, unsigned done_count)
{
    for (unsigned i = 0; i < PROBE_TURNS_MAX && probe->done_count < done_count; i++)
        assert_int_equal(backend->ops->turn(backend, PROBE_WAIT_NS), 0);
    assert_true(probe->done_count >= done_count);
}

void probe_turn_until_ended(struct backend *backend, const struct probe *probe)
{
    for (unsigned i = 0; i < PROBE_TURNS_MAX && !probe->ended; i++)
        assert_int_equal(backend->ops->turn(backend, PROBE_WAIT_NS), 0);
    assert_true(probe->ended);
}

void probe_turns(struct backend *backend, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(backend->ops->turn(backend, 0), 0);
}

int probe_write(struct backend *backend, int fd, const void *bytes, size_t len, uint64_t offset)
{
    struct probe probe;
    probe_ready(&probe);
    assert_int_equal(backend->ops->write(backend, &probe.op, fd, bytes, len, offset), 0);
    assert_int_equal(probe.done_count, 0);
    probe_turn_until_ended(backend, &probe);
    return probe.last_result;
}

int probe_sync(struct backend *backend, int fd)
{
    struct probe probe;
    probe_ready(&probe);
    assert_int_equal(backend->ops->sync(backend, &probe.op, fd), 0);
    assert_int_equal(probe.done_count, 0);
    probe_turn_until_ended(backend, &probe);
    return probe.last_result;
}

unsigned char probe_byte(size_t i)
{
    return (unsigned char)((i * 2654435761u) >> 13);
}

void probe_fill(unsigned char *bytes, size_t len, size_t first)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = probe_byte(first + i);
}

struct backend *probe_open(void **state, unsigned buffers)
{
    const enum backend_kind *kind = *state;
    struct backend *backend = NULL;
    assert_int_equal(backend_open(*kind, buffers, &backend), 0);
    return backend;
}
