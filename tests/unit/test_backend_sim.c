/* The sim repeats itself from its seed, loses no byte in chaos, and its clock is ours. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "io/backend_sim.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

static struct backend *opened(uint64_t seed)
{
    struct backend *backend = NULL;
    assert_int_equal(backend_sim_open(seed, 4, &backend), 0);
    return backend;
}

static int create(struct backend *backend, const char *path)
{
    int fd = backend->ops->open(backend, AT_FDCWD, path, O_RDWR | O_CREAT, 0640);
    assert_true(fd >= BACKEND_SIM_FD_FIRST);
    return fd;
}

static uint64_t busy_run(uint64_t seed)
{
    struct backend *backend = opened(seed);
    struct probe accept, send;
    char bytes[512];
    uint64_t number = 0;
    int listener = backend_sim_listener(backend);
    int fd = create(backend, "a");
    backend_sim_chaos(backend, 300);
    probe_ready(&accept);
    assert_int_equal(backend->ops->accept(backend, &accept.op, listener), 0);
    int client = backend_sim_connect(backend, listener);
    probe_turn_until(backend, &accept, 1);
    for (unsigned i = 0; i < 20; i++) {
        probe_fill((unsigned char *)bytes, sizeof(bytes), i);
        probe_ready(&send);
        assert_int_equal(
            backend->ops->send(backend, &send.op, accept.results[0], bytes, sizeof(bytes)), 0);
        int written = probe_write(backend, fd, bytes, sizeof(bytes), i * 512);
        assert_in_range(written, 1, 512);
        probe_turn_until_ended(backend, &send);
        assert_true(backend_sim_pull(backend, client, bytes, sizeof(bytes)) > 0);
    }
    assert_int_equal(backend->ops->random(backend, &number, sizeof(number)), 0);
    uint64_t trace = backend_sim_trace(backend) ^ number;
    assert_null(backend_close(backend));
    return trace;
}

static void the_same_seed_gives_the_same_run(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        uint64_t trace = busy_run(seed);
        assert_int_equal(busy_run(seed), trace);
        assert_int_not_equal(busy_run(seed + 1), trace);
    }
}

/* Receives a stream through chaos; returns buffers at once; arms again whenever recv ended. */
struct receiver {
    struct backend_op op;
    struct backend *backend;
    size_t received;
    unsigned rearms;
    bool ended, at_end;
};

static void receiver_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct receiver *receiver = (struct receiver *)op;
    if ((completion->flags & BACKEND_BUFFER) != 0) {
        const unsigned char *bytes = (const unsigned char *)receiver->backend->ops->buffer(
            receiver->backend, completion->buffer_id);
        for (int i = 0; i < completion->result; i++)
            assert_int_equal(bytes[i], probe_byte(receiver->received++));
        receiver->backend->ops->buffer_return(receiver->backend, completion->buffer_id);
    }
    receiver->ended = (completion->flags & BACKEND_MORE) == 0;
    receiver->at_end = receiver->ended && completion->result == 0;
}

static void chaos_loses_no_byte_of_a_connection(void **state)
{
    (void)state;
    enum { TOTAL = 1 << 20 };
    static unsigned char bytes[4096];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct backend *backend = opened(seed);
        struct receiver receiver = {.op.done = receiver_done, .backend = backend, .ended = true};
        int fd = -1;
        size_t pushed = 0;
        int client = backend_sim_pair(backend, &fd);
        backend_sim_chaos(backend, 200);
        while (!receiver.at_end) {
            if (receiver.ended) {
                assert_int_equal(backend->ops->recv(backend, &receiver.op, fd), 0);
                receiver.rearms++;
                receiver.ended = false;
            }
            probe_fill(bytes, sizeof(bytes), pushed);
            size_t len = TOTAL - pushed < sizeof(bytes) ? TOTAL - pushed : sizeof(bytes);
            ssize_t count = backend_sim_push(backend, client, bytes, len);
            pushed += count > 0 ? (size_t)count : 0;
            if (pushed == TOTAL)
                backend_sim_hangup(backend, client);
            probe_turns(backend, 1);
        }
        assert_int_equal(receiver.received, TOTAL);
        assert_true(receiver.rearms > 5);
        assert_int_equal(backend->ops->buffers_held(backend), 0);
        assert_null(backend_close(backend));
    }
}

static void a_connection_that_was_reset_says_so(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    struct probe receive, send;
    int fd = -1, client = backend_sim_pair(backend, &fd);
    backend_sim_reset(backend, client);
    probe_ready(&receive);
    assert_int_equal(backend->ops->recv(backend, &receive.op, fd), 0);
    probe_turn_until_ended(backend, &receive);
    assert_int_equal(receive.results[receive.done_count - 1], -ECONNRESET);
    probe_ready(&send);
    assert_int_equal(backend->ops->send(backend, &send.op, fd, "x", 1), 0);
    probe_turn_until_ended(backend, &send);
    assert_int_equal(send.results[0], -ECONNRESET);
    assert_null(backend_close(backend));
}

static void time_moves_only_as_told_or_waited(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    struct backend_time time = {.wall_ns = 5, .boot_ns = 7};
    backend_sim_set_time(backend, time);
    assert_int_equal(backend->ops->now(backend).wall_ns, 5);
    assert_int_equal(backend->ops->turn(backend, 1000), 0);
    assert_int_equal(backend->ops->now(backend).wall_ns, 1005);
    assert_int_equal(backend->ops->now(backend).boot_ns, 1007);
    backend_sim_advance(backend, 10);
    assert_int_equal(backend->ops->now(backend).boot_ns, 1017);
    assert_null(backend_close(backend));
}

static void a_watched_event_is_told_while_it_is_readable(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    struct probe watch;
    int event = backend_sim_event(backend);
    probe_ready(&watch);
    assert_int_equal(backend->ops->watch(backend, &watch.op, event), 0);
    probe_turns(backend, 3);
    assert_int_equal(watch.done_count, 0);
    backend_sim_event_set(backend, event, true);
    probe_turn_until(backend, &watch, 1);
    assert_int_equal(watch.last_result, POLLIN);
    assert_false(watch.ended);
    backend->ops->cancel(backend, &watch.op);
    probe_turn_until_ended(backend, &watch);
    assert_int_equal(watch.last_result, -ECANCELED);
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(chaos_loses_no_byte_of_a_connection),
        cmocka_unit_test(a_connection_that_was_reset_says_so),
        cmocka_unit_test(time_moves_only_as_told_or_waited),
        cmocka_unit_test(a_watched_event_is_told_while_it_is_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
