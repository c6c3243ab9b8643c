/*
 * The writer end to end, on both real backends. Goal: what became durable is in the feed once, in
 * each queue's order, and nothing else is. Method: threads that put and wait, then other programs
 * read.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"
#include "tests/fakes/writer_rig.h"

#define LANE_RECORDS 4000u

struct lane {
    struct writer *writer;
    unsigned index;
};

static void *put_all(void *context)
{
    struct lane *lane = context;
    struct queue *queue = writer_queue(lane->writer, lane->index);

    for (unsigned i = 0; i < LANE_RECORDS;) {
        if (rig_put_record(queue, lane->index, i, (i * 37u) % 1200)) {
            i++;
            writer_wake(lane->writer);
        }
        if (i % 50 == 0)
            (void)rig_put_reject(queue, i, "not json", 8,
                                 writer_keep_reject(lane->writer, lane->index, 8));
    }
    return NULL;
}

struct tally {
    unsigned next[RIG_LANES];
    unsigned other;
};

static void count_line(void *context, const char *line, size_t len, uint64_t seq)
{
    struct tally *tally = context;
    unsigned lane, number;

    (void)seq;
    if (!rig_read(line, len, &lane, &number)) {
        tally->other++;
        return;
    }
    assert_true(lane < RIG_LANES);
    assert_int_equal(number, tally->next[lane]);
    tally->next[lane]++;
}

static void several_lanes_become_durable_in_their_order(enum backend_kind io)
{
    char ledger[128];
    struct tally tally = {0};
    pthread_t threads[RIG_LANES];
    struct lane lanes[RIG_LANES];

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(io, ledger);
    struct writer *writer = rig_writer_open(&config);
    for (unsigned i = 0; i < RIG_LANES; i++) {
        lanes[i] = (struct lane){.writer = writer, .index = i};
        assert_int_equal(pthread_create(&threads[i], NULL, put_all, &lanes[i]), 0);
    }
    for (unsigned i = 0; i < RIG_LANES; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (unsigned i = 0; i < RIG_LANES; i++) {
        writer_wake(writer);
        rig_wait_until_durable(writer_queue(writer, i),
                               queue_put_position(writer_queue(writer, i)));
    }
    /* All of it can be read before the writer ends. */
    assert_int_equal(rig_read_feed(ledger, count_line, &tally),
                     RIG_START_RECORDS + RIG_LANES * LANE_RECORDS);
    for (unsigned i = 0; i < RIG_LANES; i++) {
        assert_int_equal(tally.next[i], LANE_RECORDS);
        assert_in_range(writer_queue_seq(writer, i), LANE_RECORDS,
                        RIG_START_RECORDS + RIG_LANES * LANE_RECORDS);
    }
    rig_put_stop(writer_queue(writer, RIG_LANES));
    struct writer_counts counts = writer_counts(writer);
    assert_int_equal(counts.failed, 0);
    assert_int_equal(counts.wait_error, 0);
    assert_int_equal(counts.records, RIG_START_RECORDS + RIG_LANES * LANE_RECORDS);
    assert_true(counts.rejects >= RIG_LANES * LANE_RECORDS / 50);
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);

    /* Rotated by records, and each file is named by its first one. */
    assert_int_equal(rig_read_feed(ledger, NULL, NULL),
                     RIG_START_RECORDS + RIG_LANES * LANE_RECORDS + 1);
    assert_int_equal(
        rig_shell(
            ledger,
            "for f in feed/*.jsonl; do n=$(basename $f .jsonl); "
            "head -1 $f | grep -q '^{\"v\":1,\"seq\":'$((10#$n))',' || exit 1; done\n"
            "test $(ls feed/*.jsonl | wc -l) = 3 || exit 2\n"
            "test $(cat feed/*.jsonl | LC_ALL=C tr -d '\\12\\40-\\176' | wc -c) = 0 || exit 3\n"
            "test \"$(readlink feed/current)\" = $(ls feed | grep jsonl | tail -1) || exit 4\n"
            "! test -e torn"),
        0);
    rig_remove(ledger);
}

static void several_lanes_become_durable_in_their_order_on_uring(void **state)
{
    (void)state;
    several_lanes_become_durable_in_their_order(BACKEND_URING);
}

static void several_lanes_become_durable_in_their_order_on_poll(void **state)
{
    (void)state;
    several_lanes_become_durable_in_their_order(BACKEND_POLL);
}

static void jq_parses_every_line_of_feed_and_rejects(void **state)
{
    (void)state;
    char ledger[128];

    if (rig_shell("/tmp", "jq --version >/dev/null 2>&1") != 0)
        skip();
    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    struct writer *writer = rig_writer_open(&config);
    struct queue *queue = writer_queue(writer, 0);
    for (unsigned i = 0; i < 100; i++) {
        assert_true(rig_put_record(queue, 0, i, i));
        assert_true(rig_put_reject(queue, i, "\x00\xff{\"a\":\n", i % 8, i % 2 == 0));
    }
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    assert_int_equal(
        rig_shell(ledger,
                  "test $(jq -c '.seq,.t,.b,.clk,.run' feed/*.jsonl | wc -l) = 510 || exit 1\n"
                  "test $(jq -r 'select(.kept==false)|.sha256' rejects/*.jsonl | grep -c "
                  "'^sha256:[0-9a-f]\\{64\\}$') = 50 || exit 2\n"
                  "test \"$(jq -r 'select(.line==6)|.bytes_b64' rejects/*.jsonl | base64 -d | "
                  "od -An -tx1)\" = ' 00 ff 7b 22 61 22'"),
        0);
    rig_remove(ledger);
}

static void find_kind(void *context, const char *line, size_t len, uint64_t seq)
{
    static const char *const looked_for[] = {"\"kind\":\"start\"", "\"unclean\":true",
                                             "\"cause\":\"crash\"", "\"kind\":\"stop\"",
                                             "\"cause\":\"torn\""};
    unsigned *counts = context;

    (void)seq;
    for (unsigned i = 0; i < 5; i++)
        counts[i] += memmem(line, len, looked_for[i], strlen(looked_for[i])) != NULL;
}

static void a_run_without_stop_is_recorded_by_the_next_one(void **state)
{
    (void)state;
    char ledger[128];
    unsigned counts[5] = {0};

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    for (unsigned run = 0; run < 4; run++) {
        struct writer *writer = rig_writer_open(&config);
        assert_int_equal(writer_counts(writer).failed, 0);
        if (run % 2 == 0)
            rig_put_stop(writer_queue(writer, RIG_LANES));
        assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    }
    assert_int_equal(rig_read_feed(ledger, find_kind, counts), 4 * RIG_START_RECORDS + 2 + 1);
    assert_int_equal(counts[0], 4);
    assert_int_equal(counts[1], 1);
    assert_int_equal(counts[2], 1);
    assert_int_equal(counts[3], 2);
    assert_int_equal(counts[4], 0);
    rig_remove(ledger);
}

static void a_second_writer_is_refused(void **state)
{
    (void)state;
    char ledger[128];
    struct writer_error error = {0};
    struct writer *second = NULL;

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    struct writer *writer = rig_writer_open(&config);
    assert_int_equal(writer_open(&config, &second, &error), -EWOULDBLOCK);
    assert_non_null(strstr(error.text, "in use by another process"));
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    assert_int_equal(writer_close(NULL, 0), 0);
    rig_remove(ledger);
}

/* Writes bytes at the place in the only segment; at -1: behind its end. */
static void scribble(const char *ledger, long at, const char *bytes, size_t len)
{
    char path[256];

    (void)snprintf(path, sizeof(path), "%s/feed/00000000000000000000.jsonl", ledger);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    off_t place = at < 0 ? lseek(fd, 0, SEEK_END) : at;
    assert_int_equal(pwrite(fd, bytes, len, place), len);
    assert_int_equal(close(fd), 0);
}

static void a_torn_tail_is_set_aside_and_recorded_with_its_hash(void **state)
{
    (void)state;
    char ledger[128];
    unsigned counts[5] = {0};

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    struct writer *writer = rig_writer_open(&config);
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    scribble(ledger, -1, "{\"v\":1,\"seq\":2,\"ki\0\0\0\0", 22);
    writer = rig_writer_open(&config);
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    (void)rig_read_feed(ledger, find_kind, counts);
    assert_int_equal(counts[4], 1);
    assert_int_equal(rig_shell(ledger, "f=$(ls torn) && test $(stat -c %s torn/$f) = 22 || exit 1\n"
                                       "grep -q '\"cause\":\"torn\",\"sha256\":\"sha256:'"
                                       "$(sha256sum torn/$f | cut -d' ' "
                                       "-f1)'\",\"bytes\":22,\"file\":\"'$f'\"}$' feed/*.jsonl"),
                     0);
    rig_remove(ledger);
}

static void whole_records_past_the_durable_end_are_kept_and_recorded_once(void **state)
{
    (void)state;
    char ledger[128];
    static const char line[] =
        "{\"v\":1,\"seq\":2,\"kind\":\"match\",\"t\":\"2026-01-02T03:04:05.000000006Z\","
        "\"b\":\"7\",\"clk\":1,\"run\":0}\n";

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    struct writer *writer = rig_writer_open(&config);
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    scribble(ledger, -1, line, sizeof(line) - 1);
    for (unsigned run = 0; run < 2; run++) {
        writer = rig_writer_open(&config);
        assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    }
    /* start, clock, the line; start, this gap, that of the crash, clock; start, gap, clock */
    assert_int_equal(rig_read_feed(ledger, NULL, NULL), 3 + 4 + 3);
    assert_int_equal(rig_shell(ledger,
                               "test $(grep -c recovered feed/0*.jsonl) = 1 && sed -n 5p "
                               "feed/0*.jsonl | grep -q ',\"to_t\":\"2026-01-02T03:04:05.000000006Z"
                               "\",\"from_seq\":2,\"cause\":\"recovered\",\"count\":1}$'"),
                     0);
    rig_remove(ledger);
}

static void damage_before_the_durable_end_is_refused_and_nothing_is_touched(void **state)
{
    (void)state;
    char ledger[128];
    struct writer_error error = {0};
    struct writer *writer;

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    writer = rig_writer_open(&config);
    for (unsigned i = 0; i < 10; i++)
        assert_true(rig_put_record(writer_queue(writer, 0), 0, i, 20));
    assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    scribble(ledger, 4, "#", 1);
    assert_int_equal(rig_shell(ledger, "sha256sum feed/0* > sum"), 0);
    assert_int_equal(writer_open(&config, &writer, &error), -EBADMSG);
    assert_int_equal(error.error, -EBADMSG);
    assert_non_null(
        strstr(error.text, "feed/00000000000000000000.jsonl line 1 (byte 0, record 0)"));
    assert_non_null(strstr(error.text, "restore the file from a copy"));
    assert_int_equal(rig_shell(ledger, "sha256sum -c --quiet sum && ! test -e torn"), 0);
    scribble(ledger, 4, ":", 1);
    assert_int_equal(rig_shell(ledger, "truncate -s -100 feed/0*"), 0);
    assert_int_equal(writer_open(&config, &writer, &error), -EBADMSG);
    assert_non_null(strstr(error.text, "that were durable"));
    assert_int_equal(rig_shell(ledger, "rm feed/0*"), 0);
    assert_int_equal(writer_open(&config, &writer, &error), -EBADMSG);
    assert_non_null(strstr(error.text, "is missing"));
    rig_remove(ledger);
}

static void dead_letters_stop_growing_at_their_bound(void **state)
{
    (void)state;
    char ledger[128];
    static char bytes[20000];
    uint64_t kept = 0;

    rig_folder("/tmp", ledger);
    struct writer_config config = rig_writer_config(BACKEND_AUTO, ledger);
    for (unsigned run = 0; run < 2; run++) {
        struct writer *writer = rig_writer_open(&config);
        struct queue *queue = writer_queue(writer, 0);
        for (unsigned i = 0; i < 2000;) {
            bool keep = writer_keep_reject(writer, 0, sizeof(bytes));
            kept += keep;
            while (!rig_put_reject(queue, i, bytes, sizeof(bytes), keep))
                writer_wake(writer);
            i++;
        }
        writer_wake(writer);
        rig_wait_until_durable(queue, queue_put_position(queue));
        struct writer_counts counts = writer_counts(writer);
        assert_int_equal(counts.rejects, 2000);
        assert_true(counts.rejects_bytes <=
                    config.rejects_bytes_max + config.rejects_bytes_max / 8);
        assert_true(counts.rejects_bytes >= config.rejects_bytes_max / 2);
        assert_int_equal(writer_close(writer, RIG_SECOND_NS), 0);
    }
    assert_in_range(kept, 30, config.rejects_bytes_max / 26667);
    rig_remove(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(several_lanes_become_durable_in_their_order_on_uring),
        cmocka_unit_test(several_lanes_become_durable_in_their_order_on_poll),
        cmocka_unit_test(jq_parses_every_line_of_feed_and_rejects),
        cmocka_unit_test(a_run_without_stop_is_recorded_by_the_next_one),
        cmocka_unit_test(a_second_writer_is_refused),
        cmocka_unit_test(a_torn_tail_is_set_aside_and_recorded_with_its_hash),
        cmocka_unit_test(whole_records_past_the_durable_end_are_kept_and_recorded_once),
        cmocka_unit_test(damage_before_the_durable_end_is_refused_and_nothing_is_touched),
        cmocka_unit_test(dead_letters_stop_growing_at_their_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
