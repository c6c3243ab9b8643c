/*
 * Clients that stop in the middle of a long line and keep others from the memory for theirs are
 * ended, and only those. On the simulated backend, whose clock the tests set.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/backend_sim.h"
#include "io/stream.h"
#include "tests/fakes/test.h"

/* The line of each is 250 KiB: with this memory one is carried by the pool and one express. */
enum { STUCK = 5, HALF = 250 << 10 };

struct stuck_run {
    struct backend *backend;
    struct stream *stream;
    int ends[STUCK];
    unsigned ended, timed_out;
    uint64_t discarded;
    size_t lines;
};

static void just(void *context, struct stream_peer *peer)
{
    (void)context;
    (void)peer;
}

static int take_stuck(void *context, struct stream_peer *peer, const struct stream_frame *frame)
{
    struct stuck_run *run = context;
    (void)peer;
    (void)frame;
    run->lines++;
    return 0;
}

static void ended_stuck(void *context, struct stream_peer *peer, enum stream_end end, int error,
                        uint64_t discarded_bytes)
{
    struct stuck_run *run = context;
    (void)peer;
    run->ended++;
    run->timed_out += end == STREAM_END_ERROR && error == -ETIMEDOUT ? 1 : 0;
    run->discarded += discarded_bytes;
}

static void stuck_turns(struct stuck_run *run, unsigned turns)
{
    for (unsigned i = 0; i < turns; i++) {
        assert_int_equal(run->backend->ops->turn(run->backend, 0), 0);
        stream_tick(run->stream);
    }
}

/* Pushes all of it, however small the queue is. */
static void push_all(struct stuck_run *run, int end, char byte, size_t len)
{
    char *bytes = malloc(len);
    assert_non_null(bytes);
    memset(bytes, byte, len);
    size_t pushed = 0;
    for (unsigned turn = 0; pushed < len && turn < 1000; turn++) {
        ssize_t count = backend_sim_push(run->backend, end, bytes + pushed, len - pushed);
        pushed += count > 0 ? (size_t)count : 0;
        stuck_turns(run, 1);
    }
    assert_int_equal(pushed, len);
    free(bytes);
}

static void open_stuck(struct stuck_run *run, size_t count)
{
    static const struct stream_handler handler = {
        .line = take_stuck, .opened = just, .ended = ended_stuck, .sent = just};
    static const struct stream_limits limits = {
        .peers_max = STUCK, .carry_bytes_total = STREAM_CARRY_BYTES_MIN + (300 << 10)};
    struct stream_peer *peer = NULL;
    assert_int_equal(backend_sim_open(1, 64, &run->backend), 0);
    assert_int_equal(stream_open(run->backend, &limits, &handler, run, &run->stream), 0);
    for (size_t i = 0; i < count; i++) {
        int fd = -1;
        run->ends[i] = backend_sim_pair(run->backend, &fd);
        assert_int_equal(stream_adopt_socket(run->stream, fd, &peer), 0);
    }
}

static void close_stuck(struct stuck_run *run)
{
    assert_null(stream_close(run->stream));
    assert_null(backend_close(run->backend));
}

static void clients_silent_in_mid_line_end_when_another_waits_for_their_memory(void **state)
{
    (void)state;
    struct stuck_run run = {0};
    open_stuck(&run, 3);
    push_all(&run, run.ends[0], 'a', HALF);
    push_all(&run, run.ends[1], 'b', HALF);
    backend_sim_advance(run.backend, 10 * (uint64_t)STREAM_STUCK_NS);
    stuck_turns(&run, 10);
    assert_int_equal(stream_counts(run.stream).carry_waits, 0);
    assert_int_equal(run.ended, 0); /* nobody waited */
    push_all(&run, run.ends[2], 'c', HALF / 2);
    push_all(&run, run.ends[2], '\n', 1);
    stuck_turns(&run, 10);
    assert_int_equal(stream_counts(run.stream).carry_waits, 1);
    backend_sim_advance(run.backend, STREAM_STUCK_NS / 2);
    push_all(&run, run.ends[1], 'b', 1);
    stuck_turns(&run, 10);
    backend_sim_advance(run.backend, STREAM_STUCK_NS / 5 * 2);
    stuck_turns(&run, 10);
    assert_int_equal(run.ended, 0); /* not yet */
    backend_sim_advance(run.backend, STREAM_STUCK_NS / 5);
    stuck_turns(&run, 10);
    assert_int_equal(run.lines, 1);
    assert_int_equal(run.ended, 1); /* the silent one; the other sent a byte meanwhile */
    assert_int_equal(run.timed_out, 1);
    assert_int_equal(run.discarded, HALF);
    assert_int_equal(stream_counts(run.stream).stuck, 1);
    assert_int_equal(stream_counts(run.stream).discarded_bytes, HALF);
    push_all(&run, run.ends[1], '\n', 1);
    stuck_turns(&run, 10);
    assert_int_equal(run.lines, 2);
    close_stuck(&run);
}

static void a_client_that_waited_long_has_its_own_time_once_it_is_read(void **state)
{
    (void)state;
    struct stuck_run run = {0};
    open_stuck(&run, STUCK);
    for (size_t i = 0; i < STUCK; i++) {
        push_all(&run, run.ends[i], 'a', HALF / 2 + 10000 * i);
    }
    stuck_turns(&run, 10);
    for (unsigned i = 0; i < 15; i++) {
        backend_sim_advance(run.backend, STREAM_STUCK_NS / 10);
        stuck_turns(&run, 10);
    }
    assert_true(run.ended > 0);
    assert_true(run.ended < STUCK); /* those that waited were read, and are not ended yet */
    for (unsigned i = 0; i < 100; i++) {
        backend_sim_advance(run.backend, STREAM_STUCK_NS / 10);
        stuck_turns(&run, 10);
    }
    assert_true(run.ended < STUCK); /* the last ones keep nobody waiting */
    assert_int_equal(run.timed_out, run.ended);
    close_stuck(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_silent_in_mid_line_end_when_another_waits_for_their_memory),
        cmocka_unit_test(a_client_that_waited_long_has_its_own_time_once_it_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
