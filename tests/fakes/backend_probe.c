/* Helpers for the tests of the backends; no test of its own. */
#include "tests/fakes/backend_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/backend_uring.h"
#include "tests/fakes/test.h"

#define PROBE_TURNS_MAX 10000u
#define PROBE_WAIT_NS   1000000000u

static void probe_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct probe *probe = (struct probe *)op;
    if (probe->done_count < PROBE_RESULTS_MAX)
        probe->results[probe->done_count] = completion->result;
    if ((completion->flags & BACKEND_BUFFER) != 0 && probe->buffer_count < PROBE_RESULTS_MAX)
        probe->buffer_ids[probe->buffer_count++] = completion->buffer_id;
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

int probe_file(void)
{
    char path[] = "/tmp/test_backend.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    return fd;
}

struct probe_kind probe_kinds[3] = {
    {"uring", BACKEND_URING, 0},
    {"uring", BACKEND_URING, 16},
    {"poll", BACKEND_POLL, 0},
};

struct backend *probe_open(void **state, unsigned buffers)
{
    const struct probe_kind *kind = *state;
    struct backend *backend = NULL;
    int rc = kind->cq_entries == 0 ? backend_open(kind->kind, buffers, &backend)
                                   : backend_uring_open(buffers, kind->cq_entries, &backend);
    if (kind->kind == BACKEND_URING && (rc == -ENOSYS || rc == -EPERM)) {
        print_message("skipped: io_uring is forbidden here\n");
        skip();
    }
    assert_int_equal(rc, 0);
    assert_string_equal(backend->ops->name, kind->name);
    return backend;
}

void probe_socketpair(int *ret_ours, int *ret_theirs)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    *ret_ours = ends[0];
    *ret_theirs = ends[1];
}

void probe_send_some(int fd, size_t *sent, size_t end)
{
    unsigned char bytes[16384];
    while (*sent < end) {
        size_t len = end - *sent < sizeof(bytes) ? end - *sent : sizeof(bytes);
        probe_fill(bytes, len, *sent);
        ssize_t count = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count == -1) {
            assert_int_equal(errno, EAGAIN);
            return;
        }
        *sent += (size_t)count;
    }
}
