/*
 * Orders of received completions that a kernel gives only now and then, written by hand: data with
 * the last completion, errors in between, cancels that come too late, starts that are refused.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "io/stream.h"
#include "tests/fakes/backend_script.h"
#include "tests/fakes/stream_bench.h"
#include "tests/fakes/test.h"

static void data_with_the_last_completion_is_taken_and_recv_armed_again(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    bench_receive(bench, "one\ntw", BACKEND_MORE);
    bench_receive(bench, "o\nthree\n", 0);
    assert_string_equal(bench->text, "one|two|three|");
    assert_int_equal(bench->script.started[SCRIPT_RECV], 2);
    bench_receive(bench, "four\n", 0);
    assert_int_equal(bench->script.started[SCRIPT_RECV], 3);
    assert_int_equal(stream_counts(bench->stream).rearms, 2);
    assert_int_equal(stream_counts(bench->stream).copied_lines, 1);
    bench_close(bench);
}

static void an_interrupted_or_stray_cancelled_recv_is_armed_again(void **state)
{
    (void)state;
    static const int results[] = {-EINTR, -ECANCELED};
    struct bench *bench = bench_socket();
    for (size_t i = 0; i < 2; i++) {
        script_complete(bench_receiving(bench), results[i], 0);
        assert_non_null(bench_receiving(bench));
        assert_int_equal(bench->ended, 0);
    }
    bench_receive(bench, "x\n", BACKEND_MORE);
    assert_string_equal(bench->text, "x|");
    bench_close(bench);
}

static void without_buffers_recv_waits_until_one_went_back(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    struct stream_peer *other = NULL;
    assert_int_equal(stream_adopt_socket(bench->stream, BENCH_OTHER_FD, &other), 0);
    script_complete(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD), -ENOBUFS, 0);
    assert_null(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD));
    bench->refuse = true;
    bench_receive(bench, "held\n", BACKEND_MORE);
    assert_null(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD));
    bench->refuse = false;
    stream_resume(bench->stream);
    assert_string_equal(bench->text, "held|");
    assert_non_null(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD));
    bench_close(bench);
}

static void buffers_that_went_back_meanwhile_count(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    struct stream_peer *other = NULL;
    assert_int_equal(stream_adopt_socket(bench->stream, BENCH_OTHER_FD, &other), 0);
    /* In one turn: the last buffer comes and goes back, and after it the news that there is none.
       Nobody will give one back any more: armed at once. */
    bench_receive(bench, "x\n", BACKEND_MORE);
    script_complete(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD), -ENOBUFS, 0);
    assert_non_null(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD));
    /* But not for ever: nothing went back since. */
    script_complete(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD), -ENOBUFS, 0);
    assert_null(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD));
    assert_int_equal(stream_counts(bench->stream).nobufs, 2);
    bench_close(bench);
}

static void a_paused_peer_gives_its_buffers_up_when_others_have_none(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    struct stream_peer *other = NULL;
    assert_int_equal(stream_adopt_socket(bench->stream, BENCH_OTHER_FD, &other), 0);
    bench->refuse = true;
    bench_receive(bench, "one\n", BACKEND_MORE);
    bench->refuse = false;
    bench_receive(bench, "two\nthr", BACKEND_MORE);
    stream_pause_peer(bench->peer);
    stream_resume(bench->stream);
    script_complete(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD), -ENOBUFS, 0);
    /* Its recv is not back yet, and its parked line lies in a buffer: it keeps them. */
    assert_int_equal(bench->script.base.ops->buffers_held(&bench->script.base), 2);
    script_end_cancelled(&bench->script);
    assert_int_equal(bench->script.base.ops->buffers_held(&bench->script.base), 2);
    stream_resume_peer(bench->peer);
    script_end_cancelled(&bench->script);
    assert_string_equal(bench->text, "one|two|");
    bench_receive(bench, "ee\nfour\n", BACKEND_MORE);
    assert_string_equal(bench->text, "one|two|three|four|");
    /* Now without a parked line. */
    stream_pause_peer(bench->peer);
    bench_receive(bench, "five\nsi", BACKEND_MORE);
    bench_receive(bench, "x\n", 0);
    assert_int_equal(bench->script.base.ops->buffers_held(&bench->script.base), 2);
    script_complete(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD), -ENOBUFS, 0);
    assert_int_equal(bench->script.base.ops->buffers_held(&bench->script.base), 0);
    assert_non_null(script_find(&bench->script, SCRIPT_RECV, BENCH_OTHER_FD));
    stream_resume_peer(bench->peer);
    script_end_cancelled(&bench->script);
    assert_string_equal(bench->text, "one|two|three|four|five|six|");
    bench_receive(bench, "seven\n", BACKEND_MORE);
    assert_string_equal(bench->text, "one|two|three|four|five|six|seven|");
    bench_close(bench);
}

static void a_cancel_that_loses_the_race_loses_no_byte(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    stream_pause_peer(bench->peer);
    assert_true(bench_receiving(bench)->cancelled);
    bench_receive(bench, "late\nhal", BACKEND_MORE);
    bench_receive(bench, "f\n", 0);
    assert_int_equal(bench->len, 0);
    assert_null(bench_receiving(bench));
    stream_resume_peer(bench->peer);
    assert_int_equal(bench->len, 0); /* in a later turn, which is sure to come */
    script_end_cancelled(&bench->script);
    assert_string_equal(bench->text, "late|half|");
    assert_non_null(bench_receiving(bench));
    bench_close(bench);
}

static void pausing_and_resuming_before_the_cancel_is_back_arms_again_after_it(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    stream_pause_peer(bench->peer);
    stream_resume_peer(bench->peer);
    bench_receive(bench, "a\n", BACKEND_MORE);
    assert_string_equal(bench->text, "a|");
    script_end_cancelled(&bench->script);
    assert_non_null(bench_receiving(bench));
    assert_false(bench_receiving(bench)->cancelled);
    assert_int_equal(stream_counts(bench->stream).pauses, 1);
    assert_int_equal(stream_counts(bench->stream).resumes, 1);
    bench_close(bench);
}

static void data_after_the_close_gives_its_buffer_back(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    bench_receive(bench, "one\npart", BACKEND_MORE);
    stream_close_peer(bench->peer);
    bench_receive(bench, "late\n", BACKEND_MORE);
    assert_int_equal(bench->ended, 0);
    assert_int_equal(bench->script.closed_count, 0);
    bench_receive(bench, "later\n", 0);
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->script.closed_fd, BENCH_FD);
    assert_int_equal(bench->discarded, 4 + 5 + 6);
    assert_string_equal(bench->text, "one|");
    bench_close(bench);
}

static void an_error_comes_after_what_was_received_before_it(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    bench->refuse = true;
    bench_receive(bench, "one\ntwo\n", BACKEND_MORE);
    script_complete(bench_receiving(bench), -ECONNRESET, 0);
    assert_int_equal(bench->ended, 0);
    bench->refuse = false;
    stream_resume(bench->stream);
    assert_string_equal(bench->text, "one|two|");
    script_end_cancelled(&bench->script);
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->end, STREAM_END_ERROR);
    assert_int_equal(bench->error, -ECONNRESET);
    bench_close(bench);
}

static void a_recv_that_cannot_be_started_ends_the_peer(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    bench->script.start_result = -ENOMEM;
    bench_receive(bench, "last\n", 0);
    assert_string_equal(bench->text, "last|");
    assert_int_equal(bench->ended, 1);
    assert_int_equal(bench->error, -ENOMEM);
    bench_close(bench);
}

static void a_would_block_waits_until_readable(void **state)
{
    (void)state;
    struct bench *bench = bench_socket();
    script_complete(bench_receiving(bench), -EAGAIN, 0);
    struct script_op *watch = script_find(&bench->script, SCRIPT_WATCH, BENCH_FD);
    assert_non_null(watch);
    script_complete(watch, POLLIN, BACKEND_MORE);
    assert_true(watch->cancelled);
    script_end_cancelled(&bench->script);
    assert_null(script_find(&bench->script, SCRIPT_WATCH, BENCH_FD));
    bench_receive(bench, "x\n", BACKEND_MORE);
    assert_string_equal(bench->text, "x|");
    bench_close(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_with_the_last_completion_is_taken_and_recv_armed_again),
        cmocka_unit_test(an_interrupted_or_stray_cancelled_recv_is_armed_again),
        cmocka_unit_test(without_buffers_recv_waits_until_one_went_back),
        cmocka_unit_test(buffers_that_went_back_meanwhile_count),
        cmocka_unit_test(a_paused_peer_gives_its_buffers_up_when_others_have_none),
        cmocka_unit_test(a_cancel_that_loses_the_race_loses_no_byte),
        cmocka_unit_test(pausing_and_resuming_before_the_cancel_is_back_arms_again_after_it),
        cmocka_unit_test(data_after_the_close_gives_its_buffer_back),
        cmocka_unit_test(an_error_comes_after_what_was_received_before_it),
        cmocka_unit_test(a_recv_that_cannot_be_started_ends_the_peer),
        cmocka_unit_test(a_would_block_waits_until_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
