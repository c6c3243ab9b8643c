/* Accepting on every real backend: bursts, exhaustion and cancels leave nobody waiting for ever. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/backend.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

#define BURST 600u

struct listener {
    int fd;
    struct sockaddr_un address;
    socklen_t bytes;
};

/* An abstract address that the kernel chooses: no file is left behind. */
static struct listener listening(void)
{
    struct listener listener = {.address.sun_family = AF_UNIX, .bytes = sizeof(sa_family_t)};
    listener.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener.fd >= 0);
    assert_int_equal(bind(listener.fd, (const struct sockaddr *)&listener.address, listener.bytes),
                     0);
    listener.bytes = sizeof(listener.address);
    assert_int_equal(
        getsockname(listener.fd, (struct sockaddr *)&listener.address, &listener.bytes), 0);
    assert_int_equal(listen(listener.fd, 4096), 0);
    return listener;
}

/* A client whose number can be read from its accepted end. */
static int connected(const struct listener *listener, unsigned number)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&listener->address, listener->bytes), 0);
    assert_int_equal(send(fd, &number, sizeof(number), 0), sizeof(number));
    return fd;
}

static unsigned number_of(int fd)
{
    unsigned number = 0;
    assert_int_equal(read(fd, &number, sizeof(number)), sizeof(number));
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    return number;
}

static void every_connection_of_a_burst_is_accepted_once(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe *accept = calloc(1, sizeof(*accept));
    static int clients[BURST];
    static bool seen[BURST];
    struct listener listener = listening();
    unsigned arms = 1;
    assert_non_null(accept);
    memset(seen, 0, sizeof(seen));
    probe_ready(accept);
    assert_int_equal(backend->ops->accept(backend, &accept->op, listener.fd), 0);
    probe_turns(backend, 1);
    for (unsigned i = 0; i < BURST; i++)
        clients[i] = connected(&listener, i);
    for (unsigned turn = 0; turn < 10000 && accept->done_count < BURST; turn++) {
        if (accept->ended) {
            accept->ended = false;
            assert_int_equal(backend->ops->accept(backend, &accept->op, listener.fd), 0);
            arms++;
        }
        assert_int_equal(backend->ops->turn(backend, 0), 0);
    }
    assert_int_equal(accept->done_count, BURST);
    for (unsigned i = 0; i < BURST; i++) {
        assert_true(accept->results[i] >= 0);
        unsigned number = number_of(accept->results[i]);
        assert_true(number < BURST);
        assert_false(seen[number]);
        seen[number] = true;
        (void)close(accept->results[i]);
        (void)close(clients[i]);
    }
    if (((const struct probe_kind *)*state)->cq_entries != 0)
        assert_true(arms > 1); /* else the completions did not overflow, and this proves less */
    assert_null(backend_close(backend));
    (void)close(listener.fd);
    free(accept);
}

static void running_out_of_descriptors_ends_the_accept_and_arming_again_goes_on(void **state)
{
    enum { CLIENTS = 20, ROOM = 5 };
    struct backend *backend = probe_open(state, 0);
    struct probe accept;
    struct listener listener = listening();
    struct rlimit limit;
    int clients[CLIENTS];
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    probe_ready(&accept);
    for (unsigned i = 0; i < CLIENTS; i++)
        clients[i] = connected(&listener, i);
    struct rlimit tight = {.rlim_cur = (rlim_t)clients[CLIENTS - 1] + 1 + ROOM,
                           .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    unsigned accepted = 0;
    unsigned refusals = 0;
    bool armed = false;
    for (unsigned turn = 0; turn < 10000 && accepted < CLIENTS; turn++) {
        unsigned before = accept.done_count;
        if (!armed || accept.ended) {
            accept.ended = false;
            armed = true;
            assert_int_equal(backend->ops->accept(backend, &accept.op, listener.fd), 0);
        }
        assert_int_equal(backend->ops->turn(backend, 0), 0);
        for (unsigned i = before; i < accept.done_count; i++) {
            if (accept.results[i] >= 0) {
                accepted++;
                continue;
            }
            assert_int_equal(accept.results[i], -EMFILE);
            assert_true(accept.ended);
            refusals++;
            /* Room for the next ones. */
            for (unsigned k = 0; k < i; k++) {
                if (accept.results[k] >= 0)
                    (void)close(accept.results[k]);
                accept.results[k] = -1;
            }
        }
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(accepted, CLIENTS);
    assert_true(refusals > 0);
    for (unsigned i = 0; i < accept.done_count; i++) {
        if (accept.results[i] >= 0)
            (void)close(accept.results[i]);
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        (void)close(clients[i]);
    assert_null(backend_close(backend));
    (void)close(listener.fd);
}

static void after_a_cancel_the_backlog_waits_for_the_next_accept(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe accept;
    struct listener listener = listening();
    probe_ready(&accept);
    assert_int_equal(backend->ops->accept(backend, &accept.op, listener.fd), 0);
    probe_turns(backend, 2);
    backend->ops->cancel(backend, &accept.op);
    probe_turn_until_ended(backend, &accept);
    assert_int_equal(accept.last_result, -ECANCELED);
    int client = connected(&listener, 7);
    probe_turns(backend, 3);
    assert_int_equal(accept.done_count, 1);
    assert_int_equal(backend->ops->accept(backend, &accept.op, listener.fd), 0);
    probe_turn_until(backend, &accept, 2);
    assert_int_equal(number_of(accept.results[1]), 7);
    (void)close(accept.results[1]);
    (void)close(client);
    assert_null(backend_close(backend));
    (void)close(listener.fd);
}

static void what_does_not_listen_is_an_error(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe accept;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    probe_ready(&accept);
    assert_int_equal(backend->ops->accept(backend, &accept.op, fd), 0);
    probe_turn_until_ended(backend, &accept);
    assert_int_equal(accept.last_result, -EINVAL);
    (void)close(fd);
    assert_int_equal(backend->ops->accept(backend, &accept.op, fd), 0);
    probe_turn_until(backend, &accept, 2);
    assert_int_equal(accept.last_result, -EBADF);
    assert_null(backend_close(backend));
}

static void a_connection_accepted_while_closing_is_closed(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe accept;
    struct listener listener = listening();
    probe_ready(&accept);
    assert_int_equal(backend->ops->accept(backend, &accept.op, listener.fd), 0);
    probe_turns(backend, 1);
    int client = connected(&listener, 7);
    assert_null(backend_close(backend));
    assert_int_equal(accept.done_count, 0);
    (void)close(listener.fd);
    /* Whether it was accepted or still in the backlog: nobody holds its other end any more. */
    char byte;
    ssize_t count = recv(client, &byte, 1, 0);
    assert_true(count == 0 || (count == -1 && errno == ECONNRESET));
    (void)close(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_ON_EACH(every_connection_of_a_burst_is_accepted_once),
        PROBE_ON_EACH(running_out_of_descriptors_ends_the_accept_and_arming_again_goes_on),
        PROBE_ON_EACH(after_a_cancel_the_backlog_waits_for_the_next_accept),
        PROBE_ON_EACH(what_does_not_listen_is_an_error),
        PROBE_ON_EACH(a_connection_accepted_while_closing_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
