/*
 * Reading the feed again. Goal: a replay hands over exactly the whole lines from a seq on, across
 * segments, wherever that seq stands, and stops at the first line that is not the next record.
 * Method: a feed in two segments on a simulated disk, long enough for the search within one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "daemon/writer_replay.h"
#include "io/backend_sim.h"
#include "io/segment.h"
#include "tests/fakes/test.h"

#define SECOND  3001u /* first record of the second segment */
#define RECORDS 9000u
#define BODY    700u /* 6,000 records of it are several windows */

struct seen {
    uint64_t next, count, stop_at;
    char last[2048];
    size_t last_len;
};

static struct writer_core core;

static size_t encode(uint64_t seq, char *out, size_t room)
{
    char body[BODY + 64];
    struct record_head head = {.seq = seq, .clk = RECORD_NO_SEQ, .wall_ns = 1795532400000000000};
    int len = snprintf(body, sizeof(body), ",\"n\":%u,\"filler\":\"%0*u\"}", (unsigned)seq,
                       1 + (int)(seq * 37 % BODY), 7u);
    struct record_draft draft = {.kind = RECORD_MATCH, .body = body, .len = (size_t)len};
    size_t line = record_encode(&head, &draft, out, room);

    assert_true(line > 0);
    return line;
}

/* Writes records [from, to) as a segment. */
static uint64_t write_segment(struct backend *backend, uint64_t from, uint64_t to)
{
    char path[64], name[SEGMENT_NAME_BYTES], line[2048];
    uint64_t at = 0;

    segment_name(from, SEGMENT_LINES, name);
    (void)snprintf(path, sizeof(path), "ledger/feed/%s", name);
    int fd = backend->ops->open(backend, AT_FDCWD, path, O_RDWR | O_CREAT, 0640);
    assert_true(fd >= 0);
    for (uint64_t seq = from; seq < to; seq++) {
        size_t len = encode(seq, line, sizeof(line));
        assert_int_equal(backend->ops->pwrite(backend, fd, line, len, at), len);
        at += len;
    }
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    return at;
}

static struct writer_found begin(void)
{
    static const struct journal_handler handler = {.durable = NULL};

    memset(&core, 0, sizeof(core));
    assert_int_equal(backend_sim_open(1, 0, &core.backend), 0);
    const struct backend_ops *ops = core.backend->ops;
    assert_int_equal(ops->mkdir(core.backend, AT_FDCWD, "ledger", 0750), 0);
    assert_int_equal(ops->mkdir(core.backend, AT_FDCWD, "ledger/feed", 0750), 0);
    core.dir_fd = ops->open(core.backend, AT_FDCWD, "ledger", O_RDONLY | O_DIRECTORY, 0);
    assert_true(core.dir_fd >= 0);
    struct writer_found found = {.any = true, .next_seq = RECORDS, .first = SECOND};
    (void)write_segment(core.backend, 0, SECOND);
    found.end = write_segment(core.backend, SECOND, RECORDS);
    assert_int_equal(
        journal_open(core.backend, core.dir_fd, "feed", SEGMENT_LINES, &handler, NULL, &core.feed),
        0);
    return found;
}

static void end(void)
{
    core.feed = journal_close(core.feed);
    core.backend = backend_close(core.backend);
}

static int see(void *context, const struct record_head *head, enum record_kind kind,
               const char *line, size_t len)
{
    struct seen *seen = context;
    char expected[2048];

    assert_int_equal(head->seq, seen->next);
    assert_int_equal(kind, RECORD_MATCH);
    assert_int_equal(len + 1, encode(head->seq, expected, sizeof(expected)));
    assert_memory_equal(line, expected, len);
    if (seen->stop_at != 0 && head->seq == seen->stop_at)
        return -ECANCELED;
    seen->next++;
    seen->count++;
    return 0;
}

static void every_line_from_a_seq_on_is_handed_over_in_order(void **state)
{
    static const uint64_t from[] = {0,          1,    777,  SECOND - 1,  SECOND,
                                    SECOND + 1, 5555, 8000, RECORDS - 1, RECORDS};
    struct writer_found found = begin();
    struct writer_error error;

    (void)state;
    for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
        struct seen seen = {.next = from[i]};
        assert_int_equal(writer_replay(&core, &found, from[i], see, &seen, &error), 0);
        assert_int_equal(seen.count, RECORDS - from[i]);
    }
    end();
}

static void what_is_behind_the_valid_end_is_not_visited(void **state)
{
    struct writer_found found = begin();
    struct writer_error error;
    char line[2048];

    (void)state;
    found.next_seq = RECORDS - 1;
    found.end -= encode(RECORDS - 1, line, sizeof(line));
    struct seen seen = {.next = 10};
    assert_int_equal(writer_replay(&core, &found, 10, see, &seen, &error), 0);
    assert_int_equal(seen.next, RECORDS - 1);
    end();
}

static void the_visitor_ends_it_when_it_likes(void **state)
{
    struct writer_found found = begin();
    struct writer_error error = {.error = 1};
    struct seen seen = {.next = 4000, .stop_at = 4400};

    (void)state;
    assert_int_equal(writer_replay(&core, &found, 4000, see, &seen, &error), -ECANCELED);
    assert_int_equal(seen.count, 400);
    assert_int_equal(error.error, 1);
    end();
}

static void a_line_that_is_not_the_next_record_ends_it_and_is_named(void **state)
{
    struct writer_found found = begin();
    struct writer_error error = {0};
    struct seen seen = {.next = 0};

    (void)state;
    int fd = core.backend->ops->open(core.backend, AT_FDCWD,
                                     "ledger/feed/00000000000000000000.jsonl", O_RDWR, 0);
    assert_true(fd >= 0);
    assert_int_equal(core.backend->ops->pwrite(core.backend, fd, "x", 1, 0), 1);
    assert_int_equal(core.backend->ops->close_fd(core.backend, fd), 0);
    assert_int_equal(writer_replay(&core, &found, 0, see, &seen, &error), -EBADMSG);
    assert_int_equal(seen.count, 0);
    assert_non_null(strstr(error.text, "feed/00000000000000000000.jsonl byte 0: not record 0"));
    end();
}

static void an_error_of_reading_is_told(void **state)
{
    struct writer_found found = begin();
    struct writer_error error = {0};
    struct seen seen = {.next = 5000};

    (void)state;
    backend_sim_fail(core.backend, BACKEND_SIM_READ, 3, 1, -EIO);
    assert_int_equal(writer_replay(&core, &found, 5000, see, &seen, &error), -EIO);
    assert_non_null(strstr(error.text, "cannot read feed/00000000000000003001.jsonl"));
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_from_a_seq_on_is_handed_over_in_order),
        cmocka_unit_test(what_is_behind_the_valid_end_is_not_visited),
        cmocka_unit_test(the_visitor_ends_it_when_it_likes),
        cmocka_unit_test(a_line_that_is_not_the_next_record_ends_it_and_is_named),
        cmocka_unit_test(an_error_of_reading_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
