/* Sending, watching, closing and signals keep their contract on every real backend. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "io/backend.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

/* Starts the next chunk of the stream when the last one is out; true when there was one. */
static bool send_next(struct backend *backend, struct probe *send, int fd, size_t *sent)
{
    enum { CHUNK = 65536, TOTAL = 40 * CHUNK };
    static unsigned char bytes[CHUNK];
    if (send->ended) {
        assert_in_range(send->last_result, 1, CHUNK);
        *sent += (size_t)send->last_result;
    }
    if (*sent == TOTAL)
        return false;
    size_t len = TOTAL - *sent < CHUNK ? TOTAL - *sent : CHUNK;
    probe_fill(bytes, len, *sent);
    probe_ready(send);
    assert_int_equal(backend->ops->send(backend, &send->op, fd, bytes, len), 0);
    return true;
}

static size_t drain(int fd, size_t received)
{
    unsigned char back[4096];
    ssize_t count = recv(fd, back, sizeof(back), MSG_DONTWAIT);
    for (ssize_t i = 0; i < count; i++)
        assert_int_equal(back[i], probe_byte(received + (size_t)i));
    return count > 0 ? (size_t)count : 0;
}

static void a_send_waits_for_room_and_loses_nothing(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe send;
    size_t sent = 0;
    size_t received = 0;
    bool full = false;
    bool going = true;
    int ours = -1;
    int theirs = -1;
    probe_socketpair(&ours, &theirs);
    probe_ready(&send);
    going = send_next(backend, &send, ours, &sent);
    /* Nothing is taken out until a send has to wait. */
    while (going) {
        probe_turns(backend, 3);
        full = full || !send.ended;
        if (full)
            received += drain(theirs, received);
        if (send.ended)
            going = send_next(backend, &send, ours, &sent);
    }
    assert_true(full);
    while (received < sent)
        received += drain(theirs, received);
    assert_int_equal(drain(theirs, received), 0);
    (void)close(ours);
    (void)close(theirs);
    assert_null(backend_close(backend));
}

static void a_send_to_nobody_is_epipe_without_a_signal(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe send;
    int ours = -1;
    int theirs = -1;
    probe_socketpair(&ours, &theirs);
    (void)close(theirs);
    assert_ptr_not_equal(signal(SIGPIPE, SIG_DFL), SIG_ERR);
    probe_ready(&send);
    assert_int_equal(backend->ops->send(backend, &send.op, ours, "x", 1), 0);
    probe_turn_until_ended(backend, &send);
    assert_int_equal(send.last_result, -EPIPE);
    (void)close(ours);
    assert_null(backend_close(backend));
}

static void sending_and_receiving_share_a_socket(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe send, receive;
    static char bytes[1u << 20], sink[1u << 16];
    int ours = -1;
    int theirs = -1;
    probe_socketpair(&ours, &theirs);
    probe_ready(&send);
    probe_ready(&receive);
    assert_int_equal(backend->ops->recv(backend, &receive.op, ours), 0);
    probe_turns(backend, 1);
    /* Fill it, then a send that waits, beside the recv that waits. */
    while (send.done_count == 0 || send.ended) {
        send.ended = false;
        assert_int_equal(backend->ops->send(backend, &send.op, ours, bytes, sizeof(bytes)), 0);
        unsigned before = send.done_count;
        probe_turns(backend, 3);
        if (send.done_count == before)
            break;
    }
    assert_int_equal(write(theirs, "hello", 5), 5);
    probe_turn_until(backend, &receive, 1);
    assert_int_equal(receive.last_result, 5);
    unsigned before = send.done_count;
    for (unsigned i = 0; i < 10000 && send.done_count == before; i++) {
        assert_int_not_equal(recv(theirs, sink, sizeof(sink), MSG_DONTWAIT), 0); /* makes room */
        probe_turns(backend, 1);
    }
    assert_true(send.last_result > 0);
    assert_false(receive.ended);
    (void)close(theirs);
    assert_null(backend_close(backend));
    (void)close(ours);
}

static void a_watched_eventfd_is_told_each_time(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe watch;
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    uint64_t count = 0;
    /* What was there before it was watched counts too. */
    assert_int_equal(eventfd_write(fd, 1), 0);
    probe_ready(&watch);
    assert_int_equal(backend->ops->watch(backend, &watch.op, fd), 0);
    probe_turn_until(backend, &watch, 1);
    assert_int_equal(eventfd_read(fd, &count), 0);
    unsigned quiet = watch.done_count;
    probe_turns(backend, 3);
    assert_int_equal(watch.done_count, quiet);
    for (unsigned i = 1; i <= 50; i++) {
        unsigned before = watch.done_count;
        assert_int_equal(eventfd_write(fd, 3), 0);
        probe_turn_until(backend, &watch, before + 1);
        assert_true((watch.last_result & POLLIN) != 0);
        assert_int_equal(eventfd_read(fd, &count), 0);
        assert_int_equal(count, 3);
        if (watch.ended)
            assert_int_equal(backend->ops->watch(backend, &watch.op, fd), 0);
    }
    backend->ops->cancel(backend, &watch.op);
    probe_turn_until_ended(backend, &watch);
    assert_int_equal(watch.last_result, -ECANCELED);
    (void)close(fd);
    assert_null(backend_close(backend));
}

static void closing_ends_what_is_in_flight_without_a_word(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe *probes = calloc(4, sizeof(struct probe));
    char *bytes = malloc(1u << 20);
    int ours = -1;
    int theirs = -1;
    int fd = probe_file();
    int ends[2];
    assert_non_null(probes);
    assert_non_null(bytes);
    memset(bytes, 'x', 1u << 20);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    probe_socketpair(&ours, &theirs);
    for (unsigned i = 0; i < 4; i++)
        probe_ready(&probes[i]);
    assert_int_equal(backend->ops->recv(backend, &probes[0].op, ours), 0);
    assert_int_equal(backend->ops->read(backend, &probes[1].op, ends[0], bytes, 8, -1), 0);
    probe_turns(backend, 1);
    assert_int_equal(backend->ops->write(backend, &probes[2].op, fd, bytes, 1u << 20, 0), 0);
    assert_int_equal(backend->ops->sync(backend, &probes[3].op, fd), 0);
    assert_null(backend_close(backend));
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(probes[i].done_count, 0);
    free(bytes);
    free(probes);
    (void)close(ours);
    (void)close(theirs);
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(fd);
}

static void nothing(int number)
{
    (void)number; /* only its arrival matters */
}

static void a_signal_ends_the_wait_and_is_no_error(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct sigaction action = {.sa_handler = nothing};
    struct sigaction before;
    /* It repeats: one that comes before the wait is followed by one within it. */
    struct itimerval each = {.it_interval.tv_usec = 2000, .it_value.tv_usec = 2000};
    struct itimerval never = {0};
    assert_int_equal(sigaction(SIGALRM, &action, &before), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &each, NULL), 0);
    assert_int_equal(backend->ops->turn(backend, 30000000000u), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PROBE_ON_EACH(a_send_waits_for_room_and_loses_nothing),
        PROBE_ON_EACH(a_send_to_nobody_is_epipe_without_a_signal),
        PROBE_ON_EACH(sending_and_receiving_share_a_socket),
        PROBE_ON_EACH(a_watched_eventfd_is_told_each_time),
        PROBE_ON_EACH(closing_ends_what_is_in_flight_without_a_word),
        PROBE_ON_EACH(a_signal_ends_the_wait_and_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
