/*
 * Reading the feed while it grows. Goal: any place is found, nothing past the durable end is shown,
 * a rotation is followed. Method: a writer beside the reader, several segments.
 */
#include <errno.h>
#include <string.h>

#include "daemon/feed.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"
#include "tests/fakes/writer_rig.h"

static void read_below_a_bound(struct feed *feed)
{
    const char *line;
    size_t len;
    uint64_t seq, end = 0;

    /* Below a bound it ends there, and goes on when the bound is taken away. */
    feed_bound(feed, 700);
    assert_int_equal(feed_find_end(feed, &end), 0);
    assert_int_equal(end, 700);
    assert_int_equal(feed_seek_last(feed, 2), 0);
    for (uint64_t i = 698; i < 700; i++) {
        enum record_kind kind;
        assert_int_equal(feed_next(feed, &line, &len, &seq), 1);
        assert_int_equal(seq, i);
        assert_int_equal(feed_head(feed, &kind)->seq, i);
        assert_int_equal(kind, RECORD_MATCH);
    }
    assert_int_equal(feed_next(feed, &line, &len, &seq), 0);
    feed_bound(feed, UINT64_MAX);
    assert_int_equal(feed_next(feed, &line, &len, &seq), 1);
    assert_int_equal(seq, 700);
}

static void the_feed_is_read_from_any_seq_and_from_the_last_n(void **state)
{
    (void)state;
    char ledger[128];
    const uint64_t total = RIG_START_RECORDS + 12000;
    struct feed *feed;
    const char *line;
    size_t len;
    uint64_t seq;

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    struct writer *writer = rig_writer_open(&config);
    struct queue *queue = writer_queue(writer, 1);
    assert_int_equal(feed_open(ledger, &feed), 0);
    for (unsigned i = 0; i < 12000;) {
        i += rig_put_record(queue, 1, i, (i * 131) % 700);
        writer_wake(writer);
    }
    rig_wait_until_durable(queue, queue_put_position(queue));
    for (uint64_t from = 0; from < total; from += 611) {
        assert_int_equal(feed_seek(feed, from), 0);
        for (uint64_t i = from; i < from + 3 && i < total; i++) {
            assert_int_equal(feed_next(feed, &line, &len, &seq), 1);
            assert_int_equal(seq, i);
        }
    }
    for (uint64_t count = 0; count < 6000; count = count * 3 + 1) {
        assert_int_equal(feed_seek_last(feed, count), 0);
        uint64_t got = 0;
        while (feed_next(feed, &line, &len, &seq) == 1)
            assert_int_equal(seq, total - count + got++);
        assert_int_equal(got, count);
    }
    read_below_a_bound(feed);
    assert_int_equal(feed_seek_last(feed, 0), 0);
    /* Nothing more now; then one record, and it comes. */
    assert_int_equal(feed_end(feed), total);
    assert_int_equal(feed_next(feed, &line, &len, &seq), 0);
    assert_true(rig_put_record(queue, 1, 12000, 5));
    writer_wake(writer);
    rig_wait_until_durable(queue, queue_put_position(queue));
    assert_int_equal(feed_next(feed, &line, &len, &seq), 1);
    assert_int_equal(seq, total);
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    /* A bare copy without state/durable reads the same. */
    assert_int_equal(rig_shell(ledger, "rm -r state"), 0);
    feed = feed_close(feed);
    assert_int_equal(rig_read_feed(ledger, NULL, NULL), total + 1);
    assert_int_equal(feed_open(ledger, &feed), 0);
    assert_int_equal(feed_seek_last(feed, 2), 0);
    assert_int_equal(feed_next(feed, &line, &len, &seq), 1);
    assert_int_equal(seq, total - 1);
    assert_null(feed_close(feed));
    rig_remove(ledger);
}

static void a_ledger_that_is_not_there_is_said_so(void **state)
{
    (void)state;
    struct feed *feed;

    assert_int_equal(feed_open("/nonexistent/ledger", &feed), -ENOENT);
    assert_null(feed_close(NULL));
}

static void a_changed_line_is_damage_and_not_skipped(void **state)
{
    (void)state;
    char ledger[128];
    struct feed *feed;
    const char *line;
    size_t len;
    uint64_t seq;

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    struct writer *writer = rig_writer_open(&config);
    for (unsigned i = 0; i < 10; i++)
        assert_true(rig_put_record(writer_queue(writer, 0), 0, i, 20));
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    assert_int_equal(rig_shell(ledger, "sed -i '5s/\"seq\":4/\"seq\":9/' feed/0*.jsonl"), 0);
    assert_int_equal(feed_open(ledger, &feed), 0);
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(feed_next(feed, &line, &len, &seq), 1);
    assert_int_equal(feed_next(feed, &line, &len, &seq), -EBADMSG);
    assert_null(feed_close(feed));
    rig_remove(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_feed_is_read_from_any_seq_and_from_the_last_n),
        cmocka_unit_test(a_ledger_that_is_not_there_is_said_so),
        cmocka_unit_test(a_changed_line_is_damage_and_not_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
