/*
 * The journal alone, on a simulated disk. Goal: the durable end moves only with a sync, what waits
 * is not on the disk, a rotation can be tried again, a tail is moved and never lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "io/backend_sim.h"
#include "io/journal.h"
#include "io/segment.h"
#include "tests/fakes/test.h"

struct heard {
    unsigned durable, failed;
    uint64_t end;
    int error;
};

static void on_durable(void *context, uint64_t first, uint64_t end)
{
    struct heard *heard = context;
    (void)first;
    heard->durable++;
    heard->end = end;
}

static void on_failed(void *context, int error)
{
    struct heard *heard = context;
    heard->failed++;
    heard->error = error;
}

static const struct journal_handler handler = {.durable = on_durable, .failed = on_failed};

struct rig {
    struct backend *backend;
    struct journal *journal;
    struct heard heard;
    int dir_fd;
};

static void reopen(struct rig *rig)
{
    assert_int_equal(journal_open(rig->backend, rig->dir_fd, "feed", SEGMENT_LINES, &handler,
                                  &rig->heard, &rig->journal),
                     0);
}

static int begin(void **state)
{
    static struct rig rig;

    rig = (struct rig){0};
    assert_int_equal(backend_sim_open(7, 0, &rig.backend), 0);
    assert_int_equal(rig.backend->ops->mkdir(rig.backend, AT_FDCWD, "l", 0750), 0);
    rig.dir_fd = rig.backend->ops->open(rig.backend, AT_FDCWD, "l", O_RDONLY | O_DIRECTORY, 0);
    assert_true(rig.dir_fd >= 0);
    reopen(&rig);
    *state = &rig;
    return 0;
}

static int end(void **state)
{
    struct rig *rig = *state;

    assert_null(journal_close(rig->journal));
    assert_null(backend_close(rig->backend));
    return 0;
}

static void turns(struct rig *rig, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(rig->backend->ops->turn(rig->backend, 0), 0);
}

static void append(struct rig *rig, const char *text)
{
    assert_int_equal(journal_append(rig->journal, text, strlen(text)), 0);
}

static int64_t size_of(struct rig *rig, const char *path)
{
    int fd = rig->backend->ops->open(rig->backend, rig->dir_fd, path, O_RDONLY, 0);
    int64_t size = fd < 0 ? fd : rig->backend->ops->size(rig->backend, fd);
    if (fd >= 0)
        assert_int_equal(rig->backend->ops->close_fd(rig->backend, fd), 0);
    return size;
}

static void a_batch_is_in_flight_while_the_next_one_gathers(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_start(rig->journal, 0, 0), 0);
    assert_false(journal_commit(rig->journal));
    append(rig, "one\n");
    assert_true(journal_commit(rig->journal));
    append(rig, "two\n");
    assert_true(journal_commit(rig->journal)); /* still the first */
    assert_int_equal(journal_gathered(rig->journal), 4);
    assert_int_equal(journal_end(rig->journal), 0);
    turns(rig, 3);
    assert_int_equal(rig->heard.durable, 1);
    assert_int_equal(journal_end(rig->journal), 4);
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    assert_int_equal(rig->heard.end, 8);
    assert_false(journal_busy(rig->journal));
    assert_int_equal(size_of(rig, "feed/00000000000000000000.jsonl"), 8);
    assert_int_equal(size_of(rig, "feed/current"), 8);
}

static void a_batch_has_its_limit(void **state)
{
    struct rig *rig = *state;
    static char bytes[JOURNAL_BATCH_BYTES_MAX];

    assert_int_equal(journal_start(rig->journal, 0, 0), 0);
    append(rig, "x");
    assert_int_equal(journal_append(rig->journal, bytes, sizeof(bytes)), -EAGAIN);
    assert_int_equal(journal_room(rig->journal), sizeof(bytes) - 1);
    assert_true(journal_commit(rig->journal));
    assert_int_equal(journal_append(rig->journal, bytes, sizeof(bytes)), 0);
    turns(rig, 3);
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    assert_int_equal(journal_end(rig->journal), sizeof(bytes) + 1);
}

static void a_write_without_space_is_cut_back_and_tried_again(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_start(rig->journal, 0, 0), 0);
    append(rig, "durable\n");
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    append(rig, "waits\n");
    backend_sim_fail(rig->backend, BACKEND_SIM_WRITE, 1, 1, 3);
    backend_sim_fail(rig->backend, BACKEND_SIM_WRITE, 2, 1, -ENOSPC);
    assert_true(journal_commit(rig->journal));
    turns(rig, 4);
    assert_true(journal_waiting(rig->journal, JOURNAL_COMMON));
    assert_true(journal_waiting(rig->journal, JOURNAL_RESERVED));
    assert_true(journal_busy(rig->journal));
    assert_false(journal_in_flight(rig->journal));
    assert_int_equal(size_of(rig, "feed/current"), 8);
    journal_retry(rig->journal);
    turns(rig, 4);
    assert_false(journal_waiting(rig->journal, JOURNAL_COMMON));
    assert_int_equal(journal_end(rig->journal), 14);
    assert_int_equal(rig->heard.failed, 0);
}

static void a_failed_sync_poisons_for_good(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_start(rig->journal, 0, 0), 0);
    append(rig, "lost\n");
    backend_sim_fail(rig->backend, BACKEND_SIM_SYNC, 1, 1, -EIO);
    assert_true(journal_commit(rig->journal));
    turns(rig, 5);
    assert_int_equal(rig->heard.failed, 1);
    assert_int_equal(rig->heard.error, -EIO);
    assert_int_equal(rig->heard.durable, 0);
    assert_int_equal(journal_append(rig->journal, "x", 1), -EIO);
    assert_false(journal_commit(rig->journal));
    journal_retry(rig->journal);
    turns(rig, 5);
    assert_int_equal(rig->heard.failed, 1);
    assert_int_equal(journal_end(rig->journal), 0);
}

static void a_rotation_without_a_free_descriptor_is_tried_again(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_start(rig->journal, 0, 0), 0);
    append(rig, "0\n");
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    backend_sim_fail(rig->backend, BACKEND_SIM_OPEN, 1, 1, -EMFILE);
    assert_int_equal(journal_rotate(rig->journal, 1), -EMFILE);
    backend_sim_fail(rig->backend, BACKEND_SIM_OPEN, 1, 1, -ENFILE);
    assert_int_equal(journal_rotate(rig->journal, 1), -ENFILE);
    assert_int_equal(rig->heard.failed, 0);
    assert_int_equal(journal_first(rig->journal), 0);
    assert_int_equal(journal_rotate(rig->journal, 1), 0);
    append(rig, "1\n");
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    assert_int_equal(size_of(rig, "feed/00000000000000000000.jsonl"), 2);
    assert_int_equal(size_of(rig, "feed/current"), 2);
    assert_int_equal(rig->heard.failed, 0);
}

/* Meanwhile the old segment takes more, and its reserve stays. */
static void a_rotation_without_space_changes_nothing_and_is_tried_again(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_start(rig->journal, 0, 8192), 0);
    append(rig, "0\n");
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    backend_sim_fail(rig->backend, BACKEND_SIM_OPEN, 1, 1, -ENOSPC);
    assert_int_equal(journal_rotate(rig->journal, 1), -ENOSPC);
    assert_int_equal(journal_first(rig->journal), 0);
    assert_int_equal(journal_reserve_left(rig->journal), 8192);
    append(rig, "1\n");
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    backend_sim_fail(rig->backend, BACKEND_SIM_SYMLINK, 1, 2, -ENOSPC);
    assert_int_equal(journal_rotate(rig->journal, 2), 0);
    assert_int_equal(journal_first(rig->journal), 2);
    assert_int_equal(journal_reserve_left(rig->journal), 8192);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(size_of(rig, "feed/current"), 4); /* it lags */
        append(rig, "2\n");
        assert_true(journal_commit(rig->journal));
        turns(rig, 3);
    }
    assert_int_equal(size_of(rig, "feed/00000000000000000002.jsonl"), 4);
    append(rig, "3\n");
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    assert_int_equal(size_of(rig, "feed/current"), 6);
    assert_int_equal(rig->heard.failed, 0);
}

/* Puts entries of 1,000 bytes until there is no space. Returns how many. */
static unsigned fill(struct rig *rig, enum journal_share share)
{
    char bytes[1000];
    unsigned count = 0;

    memset(bytes, 'x', sizeof(bytes));
    bytes[sizeof(bytes) - 1] = '\n';
    while (journal_has_space(rig->journal, sizeof(bytes), share)) {
        assert_true(count++ < 10000);
        assert_int_equal(journal_append(rig->journal, bytes, sizeof(bytes)), 0);
        assert_true(journal_commit(rig->journal));
        turns(rig, 3);
        assert_false(journal_busy(rig->journal));
    }
    return count;
}

static void the_reserve_is_for_its_share_and_is_filled_again_first(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_start(rig->journal, 0, 20000), 0);
    backend_sim_set_free(rig->backend, 40960);
    unsigned common = fill(rig, JOURNAL_COMMON);
    assert_in_range(common, 30, 50);
    assert_true(journal_waiting(rig->journal, JOURNAL_COMMON));
    assert_false(journal_waiting(rig->journal, JOURNAL_RESERVED));
    assert_int_equal(journal_reserve_left(rig->journal), 20000);
    assert_in_range(fill(rig, JOURNAL_RESERVED), 20, 26);
    assert_true(journal_waiting(rig->journal, JOURNAL_RESERVED));
    assert_in_range(journal_reserve_left(rig->journal), 0, 999);
    journal_retry(rig->journal);
    assert_true(journal_waiting(rig->journal, JOURNAL_RESERVED));
    backend_sim_set_free(rig->backend, 8192); /* it all goes to the reserve */
    journal_retry(rig->journal);
    assert_false(journal_waiting(rig->journal, JOURNAL_RESERVED));
    assert_true(journal_waiting(rig->journal, JOURNAL_COMMON));
    assert_in_range(journal_reserve_left(rig->journal), 1000, 9191);
    assert_int_equal(fill(rig, JOURNAL_COMMON), 0);
    backend_sim_set_free(rig->backend, 8u << 20);
    journal_retry(rig->journal);
    assert_false(journal_waiting(rig->journal, JOURNAL_COMMON));
    assert_int_equal(journal_reserve_left(rig->journal), 20000);
    assert_true(journal_has_space(rig->journal, 1000, JOURNAL_COMMON));
    assert_int_equal(rig->heard.failed, 0);
}

/* The process ends on a full disk, and the next one finds what it had kept back. */
static void the_reserve_outlives_the_journal(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(journal_start(rig->journal, 0, 20000), 0);
    backend_sim_set_free(rig->backend, 0);
    rig->journal = journal_close(rig->journal);
    reopen(rig);
    assert_int_equal(journal_start(rig->journal, 0, 20000), 0);
    assert_int_equal(journal_reserve_left(rig->journal), 20000);
    assert_int_equal(fill(rig, JOURNAL_COMMON), 0);
    assert_true(journal_has_space(rig->journal, 1000, JOURNAL_RESERVED));
}

static void a_tail_is_moved_and_another_of_the_same_place_beside_it(void **state)
{
    struct rig *rig = *state;
    size_t count;
    char bytes[16];

    assert_int_equal(journal_start(rig->journal, 0, 0), 0);
    append(rig, "good\ntorn");
    assert_true(journal_commit(rig->journal));
    turns(rig, 3);
    /* The same bytes again, then others, then more of the first: no file is changed by the next. */
    static const char *const tails[] = {"torn", "torn", "more", "torn off"};
    for (unsigned i = 0; i < 4; i++) {
        size_t len = strlen(tails[i]);
        rig->journal = journal_close(rig->journal);
        reopen(rig);
        const struct journal_segment *segments = journal_segments(rig->journal, &count);
        assert_int_equal(count, 1);
        assert_int_equal(segments[0].bytes, 5 + len);
        assert_int_equal(journal_read(rig->journal, 0, bytes, sizeof(bytes), 5), len);
        assert_int_equal(journal_cut_tail(rig->journal, "torn", 5), 0);
        assert_int_equal(journal_start(rig->journal, 0, 0), 0);
        assert_int_equal(journal_end(rig->journal), 5);
        if (i == 3)
            break;
        append(rig, tails[i + 1]);
        assert_true(journal_commit(rig->journal));
        turns(rig, 3);
    }
    assert_int_equal(size_of(rig, "torn/feed.00000000000000000000.5.0"), 4);
    assert_int_equal(size_of(rig, "torn/feed.00000000000000000000.5.1"), 4);
    assert_int_equal(size_of(rig, "torn/feed.00000000000000000000.5.2"), 8);
    assert_int_equal(size_of(rig, "torn/feed.00000000000000000000.5.3"), -ENOENT);
}

static void a_second_journal_waits_a_second_for_the_lock(void **state)
{
    struct rig *rig = *state;
    struct journal *second;
    uint64_t before_ns = rig->backend->ops->now(rig->backend).boot_ns;

    assert_int_equal(journal_open(rig->backend, rig->dir_fd, "feed", SEGMENT_LINES, &handler,
                                  &rig->heard, &second),
                     -EWOULDBLOCK);
    assert_true(rig->backend->ops->now(rig->backend).boot_ns - before_ns >= 900000000);
    rig->journal = journal_close(rig->journal);
    reopen(rig);
}

static void only_exact_names_are_segments(void **state)
{
    (void)state;
    char name[SEGMENT_NAME_BYTES];
    uint64_t first = 0;

    segment_name(SEGMENT_FIRST_MAX, SEGMENT_LINES, name);
    assert_string_equal(name, "04611686018427387904.jsonl");
    assert_true(segment_parse(name, SEGMENT_LINES, &first));
    assert_true(first == SEGMENT_FIRST_MAX);
    assert_false(segment_parse("18446744073709551616.jsonl", SEGMENT_LINES, &first));
    assert_false(segment_parse("18446744073709551615.jsonl", SEGMENT_LINES, &first));
    assert_false(segment_parse("04611686018427387905.jsonl", SEGMENT_LINES, &first));
    assert_true(segment_parse("04611686018427387904.jsonl", SEGMENT_LINES, &first));
    assert_false(segment_parse("0000000000000000000.jsonl", SEGMENT_LINES, &first));
    assert_false(segment_parse("0000000000000000000x.jsonl", SEGMENT_LINES, &first));
    assert_false(segment_parse("00000000000000000000.json", SEGMENT_LINES, &first));
    assert_false(segment_parse("00000000000000000000.jsonl~", SEGMENT_LINES, &first));
    assert_false(segment_parse("current", SEGMENT_LINES, &first));
}

#define JOURNAL_TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_exact_names_are_segments),
        JOURNAL_TEST(a_batch_is_in_flight_while_the_next_one_gathers),
        JOURNAL_TEST(a_batch_has_its_limit),
        JOURNAL_TEST(a_write_without_space_is_cut_back_and_tried_again),
        JOURNAL_TEST(a_failed_sync_poisons_for_good),
        JOURNAL_TEST(a_rotation_without_space_changes_nothing_and_is_tried_again),
        JOURNAL_TEST(the_reserve_is_for_its_share_and_is_filled_again_first),
        JOURNAL_TEST(the_reserve_outlives_the_journal),
        JOURNAL_TEST(a_rotation_without_a_free_descriptor_is_tried_again),
        JOURNAL_TEST(a_tail_is_moved_and_another_of_the_same_place_beside_it),
        JOURNAL_TEST(a_second_journal_waits_a_second_for_the_lock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
