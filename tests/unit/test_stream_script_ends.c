/*
 * Sends, files and ends with completions written by hand: short and interrupted ones, reads that
 * come back in another order, errors in the middle.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "io/stream.h"
#include "tests/fakes/backend_script.h"
#include "tests/fakes/stream_bench.h"
#include "tests/fakes/test.h"

static struct script_op *sending(struct bench *bench)
{
    struct script_op *op = script_find(&bench->script, SCRIPT_SEND, BENCH_FD);
    assert_non_null(op);
    return op;
}

static void short_and_interrupted_sends_go_on_where_they_stopped(void **state)
{
    (void)state;
    static const char reply[] = "0123456789";
    struct bench *bench = bench_socket();
    assert_int_equal(stream_send(bench->peer, reply, 10), 0);
    script_complete(sending(bench), 3, 0);
    assert_ptr_equal(sending(bench)->from, reply + 3);
    assert_int_equal(sending(bench)->len, 7);
    script_complete(sending(bench), -EINTR, 0);
    assert_ptr_equal(sending(bench)->from, reply + 3);
    assert_int_equal(bench->sent, 0);
    script_complete(sending(bench), 7, 0);
    assert_int_equal(bench->sent, 1);
    assert_false(stream_sending(bench->peer));
    bench_close(bench);
}

static void a_send_of_nothing_is_not_repeated_for_ever(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    assert_int_equal(stream_send(bench->peer, "x", 1), 0);
    script_complete(sending(bench), 0, 0);
    script_end_cancelled(&bench->script);
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->error, -EIO);
    bench_close(bench);
}

static void a_send_that_cannot_be_started_says_so(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    bench->script.start_result = -EAGAIN;
    assert_int_equal(stream_send(bench->peer, "x", 1), -EAGAIN);
    assert_false(stream_sending(bench->peer));
    bench->script.start_result = 0;
    assert_int_equal(stream_send(bench->peer, "xy", 2), 0);
    bench->script.start_result = -EAGAIN; /* and in the middle it ends the peer */
    script_complete(sending(bench), 1, 0);
    script_end_cancelled(&bench->script);
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->error, -EAGAIN);
    bench_close(bench);
}

static void ended_waits_for_the_send_and_the_recv(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    assert_int_equal(stream_send(bench->peer, "bye", 3), 0);
    stream_close_peer(bench->peer);
    assert_false(sending(bench)->cancelled);
    script_complete(sending(bench), 3, 0);
    assert_int_equal(bench->sent, 1);
    assert_int_equal(bench->ended, 0);
    script_end_cancelled(&bench->script);
    assert_int_equal(bench->ended, 1);
    bench_close(bench);
}

/* The reads of a file complete in any order; each text fills its read from the front. */
static struct script_op *reading_at(struct bench *bench, int64_t offset)
{
    for (size_t i = 0; i < SCRIPT_OPS_MAX; i++) {
        struct script_op *op = &bench->script.ops[i];
        if (op->op != NULL && op->kind == SCRIPT_READ && op->offset == offset) {
            return op;
        }
    }
    return NULL;
}

static void a_file_has_four_reads_in_flight_and_short_ones_go_on(void **state)
{
    (void)state;
    struct bench *bench = bench_file(1);
    assert_int_equal(bench->script.started[SCRIPT_READ], 4);
    script_bytes(&bench->script, reading_at(bench, 0), "on", 2, 0);
    script_bytes(&bench->script, reading_at(bench, 2), "e\ntail", 6, 0);
    script_complete(reading_at(bench, 8), -EINTR, 0);
    assert_int_equal(bench->len, 0); /* not before the piece is whole or the end is known */
    script_complete(reading_at(bench, 8), 0, 0);
    assert_string_equal(bench->text, "one|tail|");
    for (int64_t i = 1; i < 4; i++) {
        assert_int_equal(bench->ended, 0);
        script_complete(reading_at(bench, i << 18), 0, 0);
    }
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->end, STREAM_END_EOF);
    bench_close(bench);
}

static void a_file_that_grows_while_it_is_read_ends_where_its_end_was_first_seen(void **state)
{
    (void)state;
    struct bench *bench = bench_file(1);
    script_bytes(&bench->script, reading_at(bench, 1 << 18), "beyond\n", 7, 0);
    script_bytes(&bench->script, reading_at(bench, 0), "one\n", 4, 0);
    script_complete(reading_at(bench, 4), 0, 0);
    script_end_cancelled(&bench->script);
    assert_string_equal(bench->text, "one|");
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->discarded, 0);
    bench_close(bench);
}

static void an_error_in_the_middle_of_a_file_comes_after_the_lines_before_it(void **state)
{
    (void)state;
    struct bench *bench = bench_file(1);
    script_complete(reading_at(bench, 1 << 18), -EIO, 0);
    assert_int_equal(bench->ended, 0);
    char *piece = calloc(1, 1 << 18);
    assert_non_null(piece);
    memset(piece, '\n', 100);
    memset(piece + 100, 'x', 1000);
    piece[1100] = '\n';
    memset(piece + 1101, 'y', (1 << 18) - 1101);
    script_bytes(&bench->script, reading_at(bench, 0), piece, 1 << 18, 0);
    free(piece);
    script_end_cancelled(&bench->script);
    assert_int_equal(bench->len, 100 + 1001);
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->end, STREAM_END_ERROR);
    assert_int_equal(bench->error, -EIO);
    assert_int_equal(bench->discarded, (1 << 18) - 1101);
    bench_close(bench);
}

static void a_pipe_that_would_block_is_watched(void **state)
{
    (void)state;
    struct bench *bench = bench_file(-ESPIPE);
    struct script_op *read = script_find(&bench->script, SCRIPT_READ, BENCH_FD);
    assert_int_equal(read->offset, -1);
    script_complete(read, -EAGAIN, 0);
    script_complete(script_find(&bench->script, SCRIPT_WATCH, BENCH_FD), POLLHUP, BACKEND_MORE);
    script_end_cancelled(&bench->script);
    read = script_find(&bench->script, SCRIPT_READ, BENCH_FD);
    script_bytes(&bench->script, read, "a\nb", 3, 0);
    script_complete(script_find(&bench->script, SCRIPT_READ, BENCH_FD), 0, 0);
    assert_string_equal(bench->text, "a|b|");
    assert_int_equal(bench->ended, 1);
    bench_close(bench);
}

static void a_backend_that_fails_leaves_memory_of_ops_alone(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    struct stream *stream = bench->stream;
    bench->script.turn_result = -EIO;
    assert_null(stream_close(stream));
    assert_int_equal(bench->ended, 0);
    assert_int_equal(bench->script.closed_count, 0);
    /* The op still stands where it stood; with the backend back the close succeeds. */
    bench->script.turn_result = 0;
    bench_close(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_and_interrupted_sends_go_on_where_they_stopped),
        cmocka_unit_test(a_send_of_nothing_is_not_repeated_for_ever),
        cmocka_unit_test(a_send_that_cannot_be_started_says_so),
        cmocka_unit_test(ended_waits_for_the_send_and_the_recv),
        cmocka_unit_test(a_file_has_four_reads_in_flight_and_short_ones_go_on),
        cmocka_unit_test(a_file_that_grows_while_it_is_read_ends_where_its_end_was_first_seen),
        cmocka_unit_test(an_error_in_the_middle_of_a_file_comes_after_the_lines_before_it),
        cmocka_unit_test(a_pipe_that_would_block_is_watched),
        cmocka_unit_test(a_backend_that_fails_leaves_memory_of_ops_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
