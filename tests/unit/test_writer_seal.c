/*
 * The tree and its checkpoints. Goal: a ledger that contradicts its checkpoint is refused with
 * words that name what is wrong, and not touched; what is derived from the lines is made again; the
 * nth call that fails costs no more than the process. Method: lives of a writer on a simulated
 * disk, whose files are changed between them.
 */
#include "tests/unit/writer_seal_rig.h"

static void a_record_that_is_not_the_signed_one_is_refused_and_named(void **state)
{
    struct trial trial = begin(0);
    char bytes[65536];

    (void)state;
    (void)live(&trial);
    size_t len = read_path(&trial, "feed/00000000000000000000.jsonl", bytes, sizeof(bytes));
    char *digit = memmem(bytes, len, "\"n\":1,", 6);
    assert_non_null(digit);
    digit[4] = '7';
    write_path(&trial, "feed/00000000000000000000.jsonl", bytes, len, 0);
    expect_refusal(&trial, &sealer.config, "is not the one that was signed");
    assert_int_equal(refusal.error, -EBADMSG);
    digit[4] = '1';
    write_path(&trial, "feed/00000000000000000000.jsonl", bytes, len, 0);
    (void)live(&trial); /* nothing was touched */
    end(&trial);
}

static void records_that_were_signed_and_are_gone_are_refused(void **state)
{
    struct trial trial = begin(0);
    char log[65536];

    (void)state;
    (void)live(&trial);
    /* An entry of more records than there are, by the right key. */
    struct text entry = text_into(log, sizeof(log));
    struct merkle_hash root = {{1}};
    char bytes[CHECKPOINT_BYTES_MAX];
    struct text checkpoint = text_into(bytes, sizeof(bytes));
    entry.len = read_path(&trial, "checkpoints.log", log, sizeof(log));
    checkpoint_sign(&checkpoint, sealer.signer, 4000, &root);
    checkpoint_log_put(&entry, bytes, checkpoint.len);
    write_path(&trial, "checkpoints.log", log, entry.len, 0);
    expect_refusal(&trial, &sealer.config, "of the 4000 that were signed");
    end(&trial);
}

static void another_key_is_refused_and_a_lost_one_is_asked_for(void **state)
{
    static const uint8_t seed[NOTE_KEY_BYTES] = {9};
    struct trial trial = begin(0);
    struct note_signer *other = note_signer_open("noticed.test/x", 14, NOTE_KEY_ED25519, seed);
    struct writer_seal_config config;

    (void)state;
    (void)live(&trial);
    config = sealer.config;
    config.key = note_signer_key(other);
    expect_refusal(&trial, &config, "give the sealer that key back");
    struct backend *backend = trial.rig.backend;
    assert_int_equal(
        backend->ops->rename(backend, AT_FDCWD, "ledger/key.vkey", "ledger/key.elsewhere"), 0);
    expect_refusal(&trial, NULL, "key.vkey is missing");
    assert_int_equal(
        backend->ops->rename(backend, AT_FDCWD, "ledger/key.elsewhere", "ledger/key.vkey"), 0);
    (void)live(&trial);
    other = note_signer_close(other);
    end(&trial);
}

static void what_is_derived_is_made_again(void **state)
{
    static const char *const tiles[] = {"tile/0/000", "tile/1/000.p/1"};
    struct trial trial = begin(0);
    char bytes[65536];

    (void)state;
    while (live(&trial) < 270)
        assert_true(trial.run < TRIAL_RUNS_MAX);
    size_t len = read_path(&trial, "checkpoint", bytes, sizeof(bytes));
    write_path(&trial, "checkpoint", bytes, len / 2, 0);
    for (size_t i = 0; i < 2; i++) {
        len = read_path(&trial, tiles[i], bytes, sizeof(bytes));
        bytes[3] ^= 1;
        write_path(&trial, tiles[i], bytes, len - i, 0);
    }
    uint64_t size = sealer.size;
    open_once(&trial);
    assert_int_equal(seal_check(trial.rig.backend, sealer.config.key), size);
    end(&trial);
}

/* At least so many records, all of them signed. */
static struct trial begin_with(uint64_t records)
{
    struct trial trial = begin(0);

    while (live(&trial) < records)
        assert_true(trial.run < TRIAL_RUNS_MAX);
    return trial;
}

static void what_is_changed_far_below_the_edge_is_found_by_a_deep_start_only(void **state)
{
    static const char path[] = "feed/00000000000000000000.jsonl";
    struct trial trial = begin_with(270);
    char bytes[65536];

    (void)state;
    size_t len = read_path(&trial, path, bytes, sizeof(bytes));
    char *digit = memmem(bytes, len, "\"n\":1,", 6);
    assert_non_null(digit);
    digit[4] = '7';
    write_path(&trial, path, bytes, len, 0);
    open_once(&trial);
    deep = true;
    expect_refusal(&trial, &sealer.config, "is not the one that was signed");
    digit[4] = '\\';
    write_path(&trial, path, bytes, len, 0);
    expect_refusal(&trial, &sealer.config, "is no JSON object");
    digit[4] = '1';
    write_path(&trial, path, bytes, len, 0);
    open_once(&trial);
    assert_int_equal(trial_core.seal.mended, 0);
    /* A tile there is made again. */
    len = read_path(&trial, "tile/0/000", bytes, sizeof(bytes));
    bytes[3] ^= 1;
    write_path(&trial, "tile/0/000", bytes, len, 0);
    deep = false;
    open_once(&trial);
    deep = true;
    open_once(&trial);
    assert_int_equal(trial_core.seal.mended, 1);
    deep = false;
    (void)live(&trial); /* it verifies all of it */
    end(&trial);
}

static void an_older_checkpoint_of_another_root_is_found_by_a_deep_start(void **state)
{
    struct trial trial = begin_with(100);
    char log[65536], forged[65536], bytes[CHECKPOINT_BYTES_MAX];
    struct text entry = text_into(forged, sizeof(forged));
    struct text checkpoint = text_into(bytes, sizeof(bytes));
    struct merkle_hash root = {{1}};

    (void)state;
    size_t len = read_path(&trial, "checkpoints.log", log, sizeof(log));
    checkpoint_sign(&checkpoint, sealer.signer, 1, &root);
    checkpoint_log_put(&entry, bytes, checkpoint.len);
    text_raw(&entry, log, len);
    write_path(&trial, "checkpoints.log", forged, entry.len, 0);
    open_once(&trial);
    deep = true;
    expect_refusal(&trial, &sealer.config, "has another root for the first 1 records");
    deep = false;
    end(&trial);
}

static void without_a_sealer_records_are_kept_and_status_says_why(void **state)
{
    struct trial trial = begin(0);

    (void)state;
    sealer.is_there = false;
    assert_int_equal(trial_live(&trial, true), 0);
    assert_int_equal(trial_core.counts.unsealed, WRITER_UNSEALED_NO_SEALER);
    assert_int_equal(trial_core.counts.signed_size, 0);
    sealer.is_there = true;
    assert_true(live(&trial) > 90); /* all of both lives */
    assert_int_equal(trial_core.counts.unsealed, WRITER_UNSEALED_NOT);
    end(&trial);
}

static int count_name(void *context, const char *entry)
{
    unsigned *count = context;

    (void)entry;
    (*count)++;
    return 0;
}

/* How many names a folder of the ledger has; 0 when it is not there. */
static unsigned names_in(struct trial *trial, const char *path)
{
    struct backend *backend = trial->rig.backend;
    unsigned count = 0;
    int fd = open_path(trial, path, O_RDONLY | O_DIRECTORY);

    if (fd == -ENOENT)
        return 0;
    assert_true(fd >= 0);
    assert_int_equal(backend->ops->list(backend, fd, count_name, &count), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    return count;
}

static void partial_tiles_go_once_the_full_one_is_durable(void **state)
{
    struct trial trial = begin(0);

    (void)state;
    while (live(&trial) < 200)
        assert_true(trial.run < TRIAL_RUNS_MAX);
    unsigned partials = names_in(&trial, "tile/0/000.p");
    assert_true(partials > 10);
    while (live(&trial) < 270)
        assert_true(trial.run < TRIAL_RUNS_MAX);
    assert_int_equal(open_path(&trial, "tile/0/000.p", O_RDONLY), -ENOENT);
    assert_true(names_in(&trial, "tile/0/001.p") > 0);
    assert_true(names_in(&trial, "tile/1/000.p") > 0);
    end(&trial);
}

static void partial_tiles_that_cannot_be_taken_away_are_only_in_the_way(void **state)
{
    struct trial trial = begin(0);

    (void)state;
    while (live(&trial) < 200)
        assert_true(trial.run < TRIAL_RUNS_MAX);
    backend_sim_fail(trial.rig.backend, BACKEND_SIM_UNLINK, 1, 100000, -EIO);
    while (live(&trial) < 270)
        assert_true(trial.run < TRIAL_RUNS_MAX);
    assert_true(trial_core.counts.state_errors > 0);
    assert_true(names_in(&trial, "tile/0/000.p") > 10);
    backend_sim_fail_nothing(trial.rig.backend);
    (void)live(&trial); /* the next start looks at it again */
    assert_int_equal(open_path(&trial, "tile/0/000.p", O_RDONLY), -ENOENT);
    end(&trial);
}

static void a_sealer_that_is_away_leaves_one_partial_tile_a_level(void **state)
{
    struct trial trial = begin(0);

    (void)state;
    (void)live(&trial);
    unsigned before = names_in(&trial, "tile/0/000.p");
    sealer.is_there = false;
    assert_int_equal(trial_live(&trial, true), 0);
    assert_int_equal(names_in(&trial, "tile/0/000.p"), before + 1);
    sealer.is_there = true;
    (void)live(&trial);
    end(&trial);
}

static void without_a_key_there_are_full_tiles_only(void **state)
{
    struct trial trial = trial_begin(1, 0);
    unsigned records = 0;

    (void)state;
    while (records < 300) {
        assert_true(trial.run < TRIAL_RUNS_MAX);
        assert_int_equal(trial_live(&trial, true), 0);
        records = (unsigned)trial_core.next_seq;
    }
    assert_int_equal(names_in(&trial, "tile/0"), 1);
    assert_int_equal(names_in(&trial, "tile"), 1);
    assert_int_equal(trial_core.seal.synced_size, 256);
    assert_null(backend_close(trial.rig.backend));
}

static uint64_t calls_of(enum backend_sim_call call)
{
    struct trial trial = begin(0);

    (void)live(&trial);
    uint64_t calls = backend_sim_calls(trial.rig.backend, call);
    end(&trial);
    return calls;
}

/* The nth call of a kind fails: the writer ends or goes on, and after a power loss the next start
   has an intact ledger. */
static void each_call_fails(enum backend_sim_call call, int error)
{
    uint64_t calls = calls_of(call);

    assert_true(calls > 1);
    for (uint64_t n = 1; n <= calls; n += TEST_APART) {
        struct trial trial = begin(0);
        struct backend *after;
        backend_sim_fail(trial.rig.backend, call, n, 1, error);
        (void)trial_live(&trial, false); /* how it ended is not asked for */
        assert_int_equal(backend_sim_crash(trial.rig.backend,
                                           n % 3 == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST,
                                           &after),
                         0);
        assert_null(backend_close(trial.rig.backend));
        trial.rig.backend = after;
        uint64_t size = live(&trial);
        assert_true(size > TRIAL_LANE_RECORDS);
        assert_int_equal(size, sealer.size);
        assert_int_equal(sealer.refused, 0);
        (void)trial_check(&trial); /* it asserts */
        end(&trial);
    }
}

static void a_call_that_fails_costs_no_record_and_no_root(void **state)
{
    (void)state;
    static const enum backend_sim_call calls[] = {BACKEND_SIM_READ,  BACKEND_SIM_WRITE,
                                                  BACKEND_SIM_SYNC,  BACKEND_SIM_OPEN,
                                                  BACKEND_SIM_MKDIR, BACKEND_SIM_RENAME};

    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
        each_call_fails(calls[i], -EIO);
        each_call_fails(calls[i], calls[i] == BACKEND_SIM_OPEN ? -EMFILE : -ENOSPC);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_that_is_not_the_signed_one_is_refused_and_named),
        cmocka_unit_test(records_that_were_signed_and_are_gone_are_refused),
        cmocka_unit_test(another_key_is_refused_and_a_lost_one_is_asked_for),
        cmocka_unit_test(what_is_derived_is_made_again),
        cmocka_unit_test(what_is_changed_far_below_the_edge_is_found_by_a_deep_start_only),
        cmocka_unit_test(an_older_checkpoint_of_another_root_is_found_by_a_deep_start),
        cmocka_unit_test(without_a_sealer_records_are_kept_and_status_says_why),
        cmocka_unit_test(partial_tiles_go_once_the_full_one_is_durable),
        cmocka_unit_test(partial_tiles_that_cannot_be_taken_away_are_only_in_the_way),
        cmocka_unit_test(a_sealer_that_is_away_leaves_one_partial_tile_a_level),
        cmocka_unit_test(without_a_key_there_are_full_tiles_only),
        cmocka_unit_test(a_call_that_fails_costs_no_record_and_no_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
