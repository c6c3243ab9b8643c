/*
 * Crashes. Goal: what was durable before a crash is in the ledger after it, once; what is in the
 * ledger is a prefix of what each lane put in; a second recovery changes nothing. Method: the
 * writer on a simulated disk that ends before call n, for every n of a run, as a killed process and
 * as a power loss, and again while it recovers.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/pack.h"
#include "io/segment.h"
#include "io/whole.h"
#include "tests/fakes/test.h"
#include "tests/fakes/writer_trial.h"

/* Runs the writer with a crash at each of crash_at[], then twice without. */
static void crash_and_recover(uint64_t seed, const uint64_t *crash_at, unsigned crashes,
                              unsigned chaos)
{
    struct trial trial = trial_begin(seed, chaos);

    trial.rig.crashed = trial_note_durable;
    trial.rig.context = &trial;
    for (unsigned i = 0; i < crashes; i++) {
        crash_rig_arm(&trial.rig, crash_at[i],
                      (seed + i) % 2 == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST);
        int lived = trial_live(&trial, false);
        assert_in_range(lived, 0, 1);
        if (lived == 1)
            crash_rig_restart(&trial.rig);
    }
    crash_rig_arm(&trial.rig, 0, BACKEND_SIM_KILLED);
    assert_int_equal(trial_live(&trial, true), 0);
    struct trial_seen first = trial_check(&trial);
    uint64_t before = first.lines;
    assert_true(first.blobs > 0);
    assert_true(first.named > 0);

    /* Once more, with nothing to recover: two records more, and all else as it was. */
    assert_int_equal(trial_live(&trial, true), 0);
    struct trial_seen second = trial_check(&trial);
    assert_int_equal(second.lines, before + 2 + 1 + 2 * TRIAL_LANE_RECORDS);
    assert_null(backend_close(trial.rig.backend));
}

/* How many calls a whole life makes. */
static uint64_t calls_of_a_life(uint64_t seed)
{
    struct trial trial = trial_begin(seed, 0);

    crash_rig_arm(&trial.rig, 0, BACKEND_SIM_KILLED);
    assert_int_equal(trial_live(&trial, true), 0);
    uint64_t calls = trial.rig.calls;
    assert_null(backend_close(trial.rig.backend));
    return calls;
}

static void a_crash_before_any_call_loses_nothing_durable(void **state)
{
    (void)state;
    uint64_t calls = calls_of_a_life(1);

    assert_true(calls > 100);
    for (uint64_t n = 1; n <= calls; n += TEST_APART) {
        crash_and_recover(1 + 2 * n, &n, 1, 0);
        crash_and_recover(2 + 2 * n, &n, 1, 0);
    }
}

static void a_crash_while_it_recovers_from_a_crash_loses_nothing(void **state)
{
    (void)state;
    uint64_t seed = 4711;

    for (unsigned i = 0; i < 300 / TEST_APART; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t crash_at[4] = {1 + (seed >> 40) % 160, 1 + (seed >> 33) % 40,
                                1 + (seed >> 25) % 60, 1 + (seed >> 20) % 160};
        crash_and_recover(seed >> 16, crash_at, 4, i % 3 == 0 ? 300 : 0);
    }
}

/* A life of the writer in which nothing is put in. Whether it lived. */
static bool start_and_stop(struct trial *trial)
{
    struct writer_error error;

    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(trial_config.queue_bytes, &trial->queues[i]), 0);
    int opened =
        writer_core_open(&trial_core, &trial_config, trial->rig.backend, trial->queues, &error);
    if (opened == 0)
        writer_core_close(&trial_core);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        trial->queues[i] = queue_close(trial->queues[i]);
    assert_true(opened == 0 || trial->rig.after != NULL);
    return trial->rig.after == NULL;
}

/* The last pack is damaged behind its first blob, and what knew its durable end is gone. */
static void damage_last_pack(struct backend *backend)
{
    static uint8_t pack[65536];
    struct pack_frame frame;

    int fd = backend->ops->open(backend, AT_FDCWD, "ledger/state/blobs", O_RDWR, 0);
    assert_int_equal(backend->ops->truncate(backend, fd, 0), 0);
    assert_int_equal(whole_sync(backend, fd), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    fd = backend->ops->open(backend, AT_FDCWD, "ledger/blobs/current", O_RDWR, 0);
    ssize_t len = whole_read(backend, fd, pack, sizeof pack, 0);
    assert_true(pack_frame_read(pack, (size_t)len, &frame));
    const size_t first = PACK_HEAD_BYTES + frame.stored_len;
    assert_true((size_t)len > first); /* there are more */
    assert_int_equal(whole_write(backend, fd, "garbage", 7, first), 0);
    assert_int_equal(whole_write(backend, fd, pack + first, (size_t)len - first, first + 7), 0);
    assert_int_equal(whole_sync(backend, fd), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

/* Whatever call of the start that does it the machine ends before. */
static void whole_blobs_behind_a_torn_place_are_stored_again(void **state)
{
    (void)state;
    bool lived = false;

    for (uint64_t n = 1; !lived; n += TEST_APART) {
        struct trial trial = trial_begin(5, 0);
        assert_int_equal(trial_live(&trial, true), 0);
        struct trial_seen before = trial_check(&trial);
        damage_last_pack(trial.rig.backend);
        crash_rig_arm(&trial.rig, n,
                      n / TEST_APART % 2 == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST);
        lived = start_and_stop(&trial);
        if (!lived)
            crash_rig_restart(&trial.rig);
        crash_rig_arm(&trial.rig, 0, BACKEND_SIM_KILLED);
        for (unsigned i = 0; i < 2; i++) {
            assert_true(start_and_stop(&trial));
            struct trial_seen after =
                trial_check(&trial); /* all that records name is there, once */
            assert_int_equal(after.blobs, before.blobs);
            assert_int_equal(after.named, before.named);
        }
        assert_null(backend_close(trial.rig.backend));
    }
}

/* What was set aside may be as long as a batch, of which a part is full before the next blob fits.
 */
static void as_many_whole_blobs_as_were_torn_off_are_stored_again(void **state)
{
    (void)state;
    static uint8_t torn[JOURNAL_BATCH_BYTES_MAX], blob[200000], frame[PACK_FRAME_BYTES_MAX];
    struct trial trial = trial_begin(5, 0);
    struct backend *backend = trial.rig.backend;
    struct pack_coder *coder = pack_coder_open();
    uint8_t sha256[DIGEST_BYTES];
    uint64_t *firsts = NULL, next = 1;
    size_t len = 0, count = 0;
    char path[SEGMENT_TORN_BYTES + 16];

    assert_int_equal(trial_live(&trial, true), 0);
    const uint64_t before = trial_core.blobs.next;
    for (unsigned i = 0; i < 5; i++) {
        for (size_t at = 0; at < sizeof blob; at++) {
            next = next * 6364136223846793005u + 1442695040888963407u; /* nothing to compress */
            blob[at] = (uint8_t)(next >> 40);
        }
        digest_sha256(blob, sizeof blob, sha256);
        size_t frame_len = pack_encode(coder, i, blob, sizeof blob, sha256, frame);
        memcpy(torn + len, frame, frame_len);
        len += frame_len;
    }
    int fd = backend->ops->open(backend, AT_FDCWD, "ledger/blobs", O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(segment_list(backend, fd, PACK_SUFFIX, &firsts, &count), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    (void)snprintf(path, sizeof path, "ledger/torn/blobs.%020llu.9.0",
                   (unsigned long long)firsts[count - 1]);
    (void)backend->ops->mkdir(backend, AT_FDCWD, "ledger/torn", 0750); /* it may be there */
    fd = backend->ops->open(backend, AT_FDCWD, path, O_RDWR | O_CREAT, 0640);
    assert_int_equal(whole_write(backend, fd, torn, len, 0), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    for (unsigned i = 0; i < 2; i++) {
        assert_true(start_and_stop(&trial));
        assert_int_equal(trial_core.blobs.next, before + 5);
    }
    free(firsts);
    assert_null(pack_coder_close(coder));
    assert_null(backend_close(backend));
}

/* Their own file says nothing of what was cut off it: the feed does, once. Here it is twice at the
   same place, with other bytes. */
static void a_torn_end_of_the_dead_letters_is_recorded_once(void **state)
{
    (void)state;
    struct trial trial = trial_begin(5, 0);

    assert_int_equal(trial_live(&trial, true), 0);
    assert_true(trial_check(&trial).rejects[0] > 0);
    struct backend *backend = trial.rig.backend;
    for (unsigned torn = 0; torn < 3; torn++) {
        int fd = backend->ops->open(backend, AT_FDCWD, "ledger/rejects/current", O_RDWR, 0);
        int64_t size = backend->ops->size(backend, fd);
        assert_true(size > 0);
        assert_int_equal(backend->ops->pwrite(backend, fd, "{\"t\":", 3 + torn, (uint64_t)size),
                         3 + torn);
        assert_int_equal(backend->ops->close_fd(backend, fd), 0);
        assert_true(start_and_stop(&trial));
        assert_int_equal(trial_check(&trial).torn_rejects, torn + 1);
    }
    assert_int_equal(trial_live(&trial, true), 0);
    assert_int_equal(trial_check(&trial).torn_rejects, 3);
    assert_null(backend_close(trial.rig.backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_torn_end_of_the_dead_letters_is_recorded_once),
        cmocka_unit_test(as_many_whole_blobs_as_were_torn_off_are_stored_again),
        cmocka_unit_test(whole_blobs_behind_a_torn_place_are_stored_again),
        cmocka_unit_test(a_crash_before_any_call_loses_nothing_durable),
        cmocka_unit_test(a_crash_while_it_recovers_from_a_crash_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
