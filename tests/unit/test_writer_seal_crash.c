/*
 * Crashes while the ledger is sealed. Goal: whatever moment ends the machine, the next start finds
 * a ledger that verify calls intact, that lacks nothing of what was durable, and in which no size
 * has two roots; and a second start changes nothing of that. Method: as test_writer_crash.c, with
 * the sealer beside it, whose own state no crash touches, and the whole verification after each
 * recovery. The environment's CRASHES is how many random ones there are.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/seal_check.h"
#include "tests/fakes/test.h"
#include "tests/fakes/writer_trial.h"

#define INTERVAL_NS 0u
#ifdef __SANITIZE_ADDRESS__
#define CRASHES 300u
#else
#define CRASHES 5000u
#endif
#define BEFORE 180u /* records that are there at first: a life or two fills a tile */

static struct seal_fake sealer;

/* A feed of one run that ended in order, as a release without a tree has left it. */
static void write_before(struct backend *backend, unsigned count)
{
    char line[1024], body[256];
    uint64_t at = 0;

    assert_int_equal(backend->ops->mkdir(backend, AT_FDCWD, "ledger", 0750), 0);
    assert_int_equal(backend->ops->mkdir(backend, AT_FDCWD, "ledger/feed", 0750), 0);
    int fd = backend->ops->open(backend, AT_FDCWD, "ledger/feed/00000000000000000000.jsonl",
                                O_RDWR | O_CREAT, 0640);
    assert_true(fd >= 0);
    for (unsigned i = 0; i < count; i++) {
        struct record_head head = {.seq = i,
                                   .clk = i == 0 ? RECORD_NO_SEQ : 1,
                                   .wall_ns = BACKEND_SIM_START_NS - 1000,
                                   .boot_ns = i};
        struct record_draft draft = {.kind = i == 0           ? RECORD_START
                                             : i == 1         ? RECORD_CLOCK
                                             : i + 1 == count ? RECORD_STOP
                                                              : RECORD_HEARTBEAT,
                                     .body = body};
        draft.len = (size_t)snprintf(body, sizeof(body), ",\"before\":%u}", i);
        size_t len = record_encode(&head, &draft, line, sizeof(line));
        assert_true(len > 0);
        assert_int_equal(backend->ops->pwrite(backend, fd, line, len, at), len);
        at += len;
    }
    assert_int_equal(backend->ops->sync_now(backend, fd), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    for (unsigned i = 0; i < 2; i++) {
        fd = backend->ops->open(backend, AT_FDCWD, i == 0 ? "ledger" : "ledger/feed",
                                O_RDONLY | O_DIRECTORY, 0);
        assert_int_equal(backend->ops->sync_now(backend, fd), 0);
        assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    }
    fd = backend->ops->open(backend, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(backend->ops->sync_now(backend, fd), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
}

static struct trial begin(uint64_t seed, unsigned chaos)
{
    struct trial trial = trial_begin(seed, chaos);

    seal_fake_open(&sealer, INTERVAL_NS);
    trial.sealer = &sealer;
    write_before(trial.rig.backend, BEFORE);
    return trial;
}

static void end(struct trial *trial)
{
    assert_int_equal(sealer.refused, 0);
    assert_null(backend_close(trial->rig.backend));
    seal_fake_close(&sealer);
}

/* A life to its end: all of it is sealed, and intact. */
static uint64_t live_and_check(struct trial *trial)
{
    crash_rig_arm(&trial->rig, 0, BACKEND_SIM_KILLED);
    assert_int_equal(trial_live(trial, true), 0);
    uint64_t signed_size = seal_check(trial->rig.backend, sealer.config.key);
    assert_int_equal(signed_size, sealer.size);
    (void)trial_check(
        trial); /* it asserts: nothing is lost, and nothing is there that was not put */
    return signed_size;
}

static void crash_and_recover(uint64_t seed, const uint64_t *crash_at, unsigned crashes,
                              unsigned chaos)
{
    struct trial trial = begin(seed, chaos);

    trial.rig.crashed = trial_note_durable;
    for (unsigned i = 0; i < crashes; i++) {
        trial.rig.context = &trial;
        crash_rig_arm(&trial.rig, crash_at[i],
                      (seed + i) % 2 == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST);
        int lived = trial_live(&trial, false);
        assert_in_range(lived, 0, 1);
        if (lived == 1)
            crash_rig_restart(&trial.rig);
    }
    uint64_t first = live_and_check(&trial);
    assert_true(first > BEFORE);
    end(&trial);
}

static uint64_t calls_of_a_life(uint64_t seed)
{
    struct trial trial = begin(seed, 0);

    (void)live_and_check(&trial);
    uint64_t calls = trial.rig.calls;
    end(&trial);
    return calls;
}

static void a_crash_before_any_call_leaves_a_ledger_that_is_intact(void **state)
{
    (void)state;
    uint64_t calls = calls_of_a_life(1);

    assert_true(calls > 100);
    for (uint64_t n = 1; n <= calls; n += TEST_APART)
        crash_and_recover(1 + n, &n, 1, 0);
}

static void crashes_one_after_another_leave_a_ledger_that_is_intact(void **state)
{
    (void)state;
    const char *asked = getenv("CRASHES");
    unsigned long count = asked != NULL ? strtoul(asked, NULL, 10) : CRASHES;
    uint64_t seed = 4711;

    for (unsigned i = 0; i < count; i += 4) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t crash_at[4] = {1 + (seed >> 40) % 400, 1 + (seed >> 33) % 90,
                                1 + (seed >> 25) % 120, 1 + (seed >> 20) % 400};
        crash_and_recover(seed >> 16, crash_at, 4, i % 3 == 0 ? 300 : 0);
    }
}

static void a_life_without_a_crash_seals_all_of_it(void **state)
{
    (void)state;
    struct trial trial = begin(3, 0);

    uint64_t first = live_and_check(&trial);
    assert_true(first > 230);
    assert_true(sealer.signed_count > 3);
    uint64_t second = live_and_check(&trial);
    assert_true(second > first + 48);
    assert_int_equal(sealer.published_size, second);
    end(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_without_a_crash_seals_all_of_it),
        cmocka_unit_test(a_crash_before_any_call_leaves_a_ledger_that_is_intact),
        cmocka_unit_test(crashes_one_after_another_leave_a_ledger_that_is_intact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
