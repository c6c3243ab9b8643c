/*
 * What others remember of a ledger's checkpoints. Goal: a ledger that was rolled back, replaced,
 * emptied, or whose log of checkpoints was cut or removed, is refused and not touched as soon as
 * anything contradicts it, and what a crash can do is told apart from that. Method: lives of a
 * writer on a simulated disk, whose files are changed between them.
 */
#include "io/segment.h"
#include "tests/unit/writer_seal_rig.h"

static void a_checkpoint_that_is_not_in_the_log_is_refused(void **state)
{
    struct trial trial = begin(0);
    char log[65536];
    size_t len, step;

    (void)state;
    (void)live(&trial);
    size_t log_len = read_path(&trial, "checkpoints.log", log, sizeof(log));
    size_t last = 0;
    for (size_t at = 0; checkpoint_log_next(log + at, log_len - at, &len, &step); at += step)
        last = at;
    write_path(&trial, "checkpoints.log", log, last, 0);
    expect_refusal(&trial, &sealer.config, "its entry is missing in checkpoints.log");
    end(&trial);
}

/* The bytes of checkpoints.log, and where its last entry begins. */
static size_t read_log(struct trial *trial, char *log, size_t room, size_t *ret_last)
{
    size_t len, step, log_len = read_path(trial, "checkpoints.log", log, room);

    *ret_last = 0;
    for (size_t at = 0; checkpoint_log_next(log + at, log_len - at, &len, &step); at += step)
        *ret_last = at;
    return log_len;
}

static void rename_path(struct trial *trial, const char *from, const char *to)
{
    char whole_from[128], whole_to[128];

    (void)snprintf(whole_from, sizeof(whole_from), "ledger/%s", from);
    (void)snprintf(whole_to, sizeof(whole_to), "ledger/%s", to);
    assert_int_equal(
        trial->rig.backend->ops->rename(trial->rig.backend, AT_FDCWD, whole_from, whole_to), 0);
}

static void a_log_that_was_cut_or_removed_is_refused_by_what_state_tiles_says(void **state)
{
    struct trial trial = begin(0);
    char log[65536], checkpoint[4096];
    size_t last, step, len;

    (void)state;
    (void)live(&trial);
    (void)live(&trial);
    size_t log_len = read_log(&trial, log, sizeof(log), &last);
    size_t checkpoint_len = read_path(&trial, "checkpoint", checkpoint, sizeof(checkpoint));
    write_path(&trial, "checkpoints.log", log, last, 0);
    assert_true(checkpoint_log_next(log, log_len, &len, &step));
    write_path(&trial, "checkpoint", log, len, 0); /* the first one: validly signed, and older */
    expect_refusal(&trial, &sealer.config, "the log was cut or removed");
    expect_refusal(&trial, NULL, "the log was cut or removed"); /* nobody signs any more */
    rename_path(&trial, "checkpoint", "checkpoint.elsewhere");
    rename_path(&trial, "checkpoints.log", "log.elsewhere");
    expect_refusal(&trial, &sealer.config, "ends at 0: the log was cut or removed");
    assert_int_equal(open_path(&trial, "checkpoints.log", O_RDONLY), -ENOENT); /* untouched */
    write_path(&trial, "checkpoints.log", log, log_len, 0);
    write_path(&trial, "checkpoint", checkpoint, checkpoint_len, 0);
    (void)live(&trial);
    end(&trial);
}

static void a_log_that_was_removed_with_what_remembers_it_is_refused_by_the_sealer(void **state)
{
    struct trial trial = begin(0);

    (void)state;
    (void)live(&trial);
    rename_path(&trial, "state", "state.elsewhere");
    rename_path(&trial, "checkpoint", "checkpoint.elsewhere");
    rename_path(&trial, "checkpoints.log", "log.elsewhere");
    expect_refusal(&trial, &sealer.config, "and checkpoints.log is missing");
    end(&trial);
}

/* The name of a checkpoint that was published: as noticed writes it to be time-stamped, or as
   noticectl keeps it. */
static void name_of(bool anchored, uint64_t size, char ret_path[64])
{
    unsigned long long number = size;
    int len = anchored ? snprintf(ret_path, 64, "anchors/%llu/checkpoint", number)
                       : snprintf(ret_path, 64, "outbox/%llu.checkpoint", number);
    assert_in_range(len, 1, 63);
}

static void make_folder(struct trial *trial, const char *path)
{
    char whole[128];

    (void)snprintf(whole, sizeof(whole), "ledger/%s", path);
    assert_int_equal(trial->rig.backend->ops->mkdir(trial->rig.backend, AT_FDCWD, whole, 0750), 0);
}

static void a_log_that_was_cut_is_refused_by_an_anchor_or_a_query_past_its_end(void **state)
{
    char log[65536], path[64];
    size_t last, len, step;

    (void)state;
    for (unsigned anchored = 0; anchored < 2; anchored++) {
        struct trial trial = begin(0);
        (void)live(&trial);
        uint64_t size = live(&trial);
        size_t log_len = read_log(&trial, log, sizeof(log), &last);
        name_of(anchored == 1, size, path);
        for (char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
            *slash = '\0';
            make_folder(&trial, path);
            *slash = '/';
        }
        write_path(&trial, path, log + last, log_len - last - 1, 0);
        (void)live(&trial); /* in order: it is in the log */
        (void)read_log(&trial, log, sizeof(log), &last);
        assert_true(checkpoint_log_next(log, last, &len, &step));
        write_path(&trial, "checkpoints.log", log, step, 0); /* one entry is left */
        write_path(&trial, "checkpoint", log, len, 0);
        rename_path(&trial, "state", "state.elsewhere");
        sealer.is_there = false;
        expect_refusal(&trial, &sealer.config, "the log was cut, or the ledger rolled back");
        /* What our key has not signed says nothing. */
        write_path(&trial, path, "noticed.test/l\n999\n", 19, 0);
        assert_int_equal(trial_live(&trial, true), 0);
        end(&trial);
    }
}

static void a_ledger_that_was_emptied_or_rolled_back_is_refused_by_the_sealer(void **state)
{
    struct trial trial = begin(0);
    struct backend *backend = trial.rig.backend;

    (void)state;
    uint64_t size = live(&trial);
    sealer.size = size + 1;
    expect_refusal(&trial, &sealer.config, "it was rolled back, replaced or emptied");
    sealer.size = size;
    assert_int_equal(backend->ops->rename(backend, AT_FDCWD, "ledger", "elsewhere"), 0);
    expect_refusal(&trial, &sealer.config, "and this ledger has 0");
    assert_int_equal(open_path(&trial, "checkpoints.log", O_RDONLY), -ENOENT);
    end(&trial);
}

static void a_ledger_that_was_replaced_is_refused_by_the_sealer(void **state)
{
    struct trial trial = begin(0);

    (void)state;
    sealer.is_there = false;
    assert_int_equal(trial_live(&trial, true), 0); /* records without a checkpoint */
    sealer.is_there = true;
    sealer.size = 3;
    sealer.root = (struct merkle_hash){{1}};
    expect_refusal(&trial, &sealer.config, "another root for the first 3");
    sealer.size = 0;
    sealer.root = merkle_root(&(struct merkle_tree){.size = 0});
    (void)live(&trial);
    sealer.root = (struct merkle_hash){{1}};
    expect_refusal(&trial, &sealer.config, "not the ledger that it signs");
    assert_int_equal(sealer.refused, 1);
    end(&trial);
}

static void a_sealer_that_was_away_at_the_start_ends_a_writer_of_another_history(void **state)
{
    struct trial trial = begin(0);

    (void)state;
    for (unsigned more = 0; more < 2; more++) {
        sealer.is_there = true;
        sealer.late = true; /* it does not hear the first question */
        sealer.size = more == 0 ? 3 : 4000;
        sealer.root = (struct merkle_hash){{1}};
        assert_int_equal(trial_live(&trial, false), -EBADMSG);
        assert_int_equal(trial_core.counts.failed, -EBADMSG);
        assert_int_equal(sealer.signed_count, 0);
    }
    end(&trial);
}

struct feed {
    struct trial *trial;
    char bytes[1u << 19];
    size_t len;
};

static int add_segment(void *context, const char *name)
{
    struct feed *feed = context;
    char path[64];
    uint64_t first;

    if (!segment_parse(name, SEGMENT_LINES, &first))
        return 0;
    (void)snprintf(path, sizeof(path), "feed/%020llu.jsonl", (unsigned long long)first);
    feed->len +=
        read_path(feed->trial, path, feed->bytes + feed->len, sizeof(feed->bytes) - feed->len);
    return 0;
}

/* All of it, to be freed. */
static struct feed *read_feed(struct trial *trial)
{
    struct feed *feed = calloc(1, sizeof(*feed));

    assert_non_null(feed);
    feed->trial = trial;
    int fd = open_path(trial, "feed", O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    assert_int_equal(trial->rig.backend->ops->list(trial->rig.backend, fd, add_segment, feed), 0);
    assert_int_equal(trial->rig.backend->ops->close_fd(trial->rig.backend, fd), 0);
    return feed;
}

/* How many lines of the feed hold both. */
static unsigned lines_with(struct trial *trial, const char *one, const char *other)
{
    struct feed *feed = read_feed(trial);
    unsigned count = 0;
    size_t at = 0;

    while (at < feed->len) {
        char *end = memchr(feed->bytes + at, '\n', feed->len - at);
        assert_non_null(end);
        *end = '\0';
        count += strstr(feed->bytes + at, one) != NULL && strstr(feed->bytes + at, other) != NULL;
        at = (size_t)(end + 1 - feed->bytes);
    }
    free(feed);
    return count;
}

static void what_a_crash_keeps_out_of_the_log_is_recorded_and_goes_on(void **state)
{
    struct trial trial = begin(0);
    char log[65536], expected[128];
    size_t last;

    (void)state;
    (void)live(&trial);
    uint64_t size = live(&trial);
    (void)read_log(&trial, log, sizeof(log), &last);
    /* As it stands when the sealer has answered, and the entry is not written. */
    write_path(&trial, "checkpoints.log", log, last, 0);
    write_path(&trial, "checkpoint", log, 0, 0);
    rename_path(&trial, "state", "state.elsewhere");
    assert_true(live(&trial) > size);
    (void)snprintf(expected, sizeof(expected), "\"sealed_size\":%llu}", (unsigned long long)size);
    assert_int_equal(lines_with(&trial, "\"kind\":\"start\"", expected), 1);
    end(&trial);
}

static void a_torn_entry_of_the_log_is_set_aside_and_recorded(void **state)
{
    struct trial trial = begin(0);
    char log[65536], name[80];
    size_t last;

    (void)state;
    (void)live(&trial);
    size_t log_len = read_log(&trial, log, sizeof(log), &last);
    uint64_t records = trial_core.next_seq;
    write_path(&trial, "checkpoints.log", "noticed.test/l\n77", 17, log_len);
    sealer.is_there = false;
    assert_int_equal(trial_live(&trial, true), 0);
    (void)snprintf(name, sizeof(name), "torn/checkpoints.log.%020llu.%zu.0",
                   (unsigned long long)records, log_len);
    char torn[64];
    assert_int_equal(read_path(&trial, name, torn, sizeof(torn)), 17);
    assert_memory_equal(torn, "noticed.test/l\n77", 17);
    assert_int_equal(lines_with(&trial, "\"cause\":\"torn\"", name + strlen("torn/")), 1);
    assert_int_equal(lines_with(&trial, "\"cause\":\"torn\"", "\"bytes\":17,"), 1);
    /* Torn at the same place again, longer: the file that a gap names is not touched any more. */
    write_path(&trial, "checkpoints.log", "noticed.test/l\n777", 18, log_len);
    sealer.is_there = true;
    (void)live(&trial);
    assert_int_equal(read_path(&trial, name, torn, sizeof(torn)), 17);
    assert_int_equal(lines_with(&trial, "\"cause\":\"torn\"", "\"bytes\":18,"), 1);
    (void)live(&trial);
    assert_int_equal(lines_with(&trial, "\"cause\":\"torn\"", ""), 2); /* each once */
    end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_checkpoint_that_is_not_in_the_log_is_refused),
        cmocka_unit_test(a_log_that_was_cut_or_removed_is_refused_by_what_state_tiles_says),
        cmocka_unit_test(a_log_that_was_removed_with_what_remembers_it_is_refused_by_the_sealer),
        cmocka_unit_test(a_log_that_was_cut_is_refused_by_an_anchor_or_a_query_past_its_end),
        cmocka_unit_test(a_ledger_that_was_emptied_or_rolled_back_is_refused_by_the_sealer),
        cmocka_unit_test(a_ledger_that_was_replaced_is_refused_by_the_sealer),
        cmocka_unit_test(a_sealer_that_was_away_at_the_start_ends_a_writer_of_another_history),
        cmocka_unit_test(what_a_crash_keeps_out_of_the_log_is_recorded_and_goes_on),
        cmocka_unit_test(a_torn_entry_of_the_log_is_set_aside_and_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
