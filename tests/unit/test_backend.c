/* Both real backends keep the contract of io/backend.h: files, sends, watches, errors, closing. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "io/backend.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

static int temporary_file(void)
{
    char path[] = "/tmp/test_backend.XXXXXX";
    int fd = mkostemp(path, O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(unlink(path), 0);
    return fd;
}

static void done_never_comes_inside_the_call_that_started_it(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe write, sync, read, send;
    char back[4] = {0};
    int pair[2];
    int fd = temporary_file();
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    probe_ready(&write);
    probe_ready(&sync);
    probe_ready(&read);
    probe_ready(&send);
    assert_int_equal(backend->ops->write(backend, &write.op, fd, "abcd", 4, 0), 0);
    assert_int_equal(backend->ops->sync(backend, &sync.op, fd), 0);
    assert_int_equal(backend->ops->send(backend, &send.op, pair[0], "xy", 2), 0);
    assert_int_equal(write.done_count + sync.done_count + send.done_count, 0);
    probe_turn_until_ended(backend, &write);
    probe_turn_until_ended(backend, &sync);
    probe_turn_until_ended(backend, &send);
    assert_int_equal(write.last_result, 4);
    assert_int_equal(sync.last_result, 0);
    assert_int_equal(send.last_result, 2);
    assert_int_equal(backend->ops->read(backend, &read.op, fd, back, 4, 0), 0);
    assert_int_equal(read.done_count, 0);
    probe_turn_until_ended(backend, &read);
    assert_memory_equal(back, "abcd", 4);
    (void)close(pair[0]);
    (void)close(pair[1]);
    (void)close(fd);
    assert_null(backend_close(backend));
}

#define BOTH(test)                                                                                 \
    {"uring: " #test, test, NULL, NULL, &kinds[0]},                                                \
    {                                                                                              \
        "poll: " #test, test, NULL, NULL, &kinds[1]                                                \
    }

int main(void)
{
    static enum backend_kind kinds[] = {BACKEND_URING, BACKEND_POLL};
    const struct CMUnitTest tests[] = {
        BOTH(done_never_comes_inside_the_call_that_started_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
