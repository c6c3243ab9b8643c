/*
 * Faults of the disk and of the clock. Goal: an error is final and nothing moves after it; a full
 * disk is waited out, recorded, and loses nothing; short writes change nothing. Method: the nth
 * call of each kind fails, for every n of a run.
 */
#include <errno.h>
#include <string.h>

#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"
#include "tests/fakes/writer_trial.h"

static void let_live_after(struct trial *trial)
{
    backend_sim_fail_nothing(trial->rig.backend);
    assert_int_equal(trial_live(trial, true), 0);
    (void)trial_check(trial); /* it asserts */
}

/* How many calls of a kind a life makes. */
static uint64_t calls_of(enum backend_sim_call call)
{
    struct trial trial = trial_begin(1, 0);

    assert_int_equal(trial_live(&trial, false), 0);
    uint64_t calls = backend_sim_calls(trial.rig.backend, call);
    assert_null(backend_close(trial.rig.backend));
    return calls;
}

/* Each call of a kind, so far apart, fails for good. Whatever the writer did then, a restart after
   a power loss finds all that was durable. Returns how often the writer ended with an error. */
static unsigned each_call_fails(enum backend_sim_call call, int error, unsigned apart)
{
    unsigned ended = 0;
    uint64_t calls = calls_of(call);

    assert_true(calls > 0);
    for (uint64_t n = 1; n <= calls; n += apart) {
        struct trial trial = trial_begin(1, 0);
        struct backend *after;
        backend_sim_fail(trial.rig.backend, call, n, 1, error);
        int lived = trial_live(&trial, false);
        ended += lived < 0;
        assert_int_equal(backend_sim_crash(trial.rig.backend,
                                           n % 3 == 0 ? BACKEND_SIM_KILLED : BACKEND_SIM_POWER_LOST,
                                           &after),
                         0);
        assert_null(backend_close(trial.rig.backend));
        trial.rig.backend = after;
        let_live_after(&trial);
        assert_null(backend_close(trial.rig.backend));
    }
    return ended;
}

static void a_failed_sync_is_final_whichever_it_is(void **state)
{
    (void)state;
    uint64_t calls = calls_of(BACKEND_SIM_SYNC);

    /* Those of state/durable, blobs and tiles at the end only let what is derived lag. */
    assert_int_equal(each_call_fails(BACKEND_SIM_SYNC, -EIO, 1), calls - 3);
    assert_int_equal(each_call_fails(BACKEND_SIM_SYNC, -ENOSPC, 1), calls - 3);
}

static void a_failed_write_is_final_except_of_the_readers_position(void **state)
{
    (void)state;
    uint64_t calls = calls_of(BACKEND_SIM_WRITE) / TEST_APART;
    unsigned ended = each_call_fails(BACKEND_SIM_WRITE, -EIO, TEST_APART);

    assert_in_range(ended, calls / 3, calls + 1);
}

static void a_failure_of_any_other_call_loses_nothing(void **state)
{
    (void)state;
    static const enum backend_sim_call calls[] = {
        BACKEND_SIM_ALLOCATE, BACKEND_SIM_TRUNCATE,   BACKEND_SIM_OPEN, BACKEND_SIM_MKDIR,
        BACKEND_SIM_RENAME,   BACKEND_SIM_SYMLINK,    BACKEND_SIM_LOCK, BACKEND_SIM_LIST,
        BACKEND_SIM_READ,     BACKEND_SIM_CLOCK_STATE};

    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
        (void)each_call_fails(calls[i], -EIO, TEST_APART);
        (void)each_call_fails(calls[i], -ENOMEM, TEST_APART);
    }
}

static int failing_turn(struct backend *backend, uint64_t wait_ns_max)
{
    (void)backend;
    (void)wait_ns_max;
    return -EBADF;
}

static void a_backend_that_fails_while_the_writer_closes_is_an_error(void **state)
{
    (void)state;
    struct queue *queues[TRIAL_QUEUES];
    struct writer_error error;
    struct trial trial = trial_begin(5, 0);
    struct backend *backend = trial.rig.backend;
    struct backend_ops failing = *backend->ops;

    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(trial_config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &trial_config, backend, queues, &error), 0);
    assert_true(rig_put_record(queues[0], 0, 0, 10));
    (void)writer_core_gather(&trial_core);
    assert_true(journal_in_flight(trial_core.feed));
    failing.turn = failing_turn;
    backend->ops = &failing;
    writer_core_close(&trial_core);
    assert_int_equal(trial_core.counts.failed, -EBADF);
    assert_int_equal(queue_durable(queues[0]), 0);
    assert_null(trial_core.backend);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        queues[i] = queue_close(queues[i]);
}

static void after_a_failed_sync_no_position_moves(void **state)
{
    (void)state;
    struct queue *queues[TRIAL_QUEUES];
    struct writer_error error;
    struct trial trial = trial_begin(5, 0);
    struct backend *backend = trial.rig.backend;

    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(trial_config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &trial_config, backend, queues, &error), 0);
    assert_true(rig_put_record(queues[0], 0, 0, 10));
    backend_sim_fail(backend, BACKEND_SIM_SYNC, 1, 1, -EIO);
    for (unsigned i = 0; i < 10; i++) {
        (void)writer_core_gather(&trial_core);
        writer_core_turn(&trial_core, 0);
    }
    assert_int_equal(trial_core.counts.failed, -EIO);
    assert_int_equal(queue_durable(queues[0]), 0);
    uint64_t syncs = backend_sim_calls(backend, BACKEND_SIM_SYNC);
    uint64_t writes = backend_sim_calls(backend, BACKEND_SIM_WRITE);
    assert_true(rig_put_record(queues[0], 0, 1, 10));
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(writer_core_gather(&trial_core), 0);
        writer_core_turn(&trial_core, 1000000000);
    }
    assert_int_equal(queue_durable(queues[0]), 0);
    assert_int_equal(backend_sim_calls(backend, BACKEND_SIM_SYNC), syncs);
    assert_int_equal(backend_sim_calls(backend, BACKEND_SIM_WRITE), writes);
    writer_core_close(&trial_core);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_null(queue_close(queues[i]));
    assert_null(backend_close(backend));
}

/* The disk is full for some calls: nothing is lost, and the writer lives. Returns the gaps
 * recorded. */
static uint64_t full_at(enum backend_sim_call call, uint64_t nth, uint64_t count, int error)
{
    struct trial trial = trial_begin(nth, 0);
    uint64_t at_start;

    /* Not while it starts: then it says so and ends. */
    assert_int_equal(trial_live(&trial, true), 0);
    at_start = trial_check(&trial).full;
    backend_sim_fail(trial.rig.backend, call, nth, count, error);
    int lived = trial_live(&trial, true);
    if (lived < 0) {
        assert_true(lived == -ENOSPC || lived == -EDQUOT);
        let_live_after(&trial);
    }
    struct trial_seen seen = trial_check(&trial);
    assert_null(backend_close(trial.rig.backend));
    return seen.full - at_start;
}

static void a_full_disk_is_waited_out_and_recorded(void **state)
{
    (void)state;
    uint64_t gaps = 0;

    for (uint64_t n = 1, calls = calls_of(BACKEND_SIM_ALLOCATE) + 4; n <= calls; n++) {
        gaps += full_at(BACKEND_SIM_ALLOCATE, n, 4, -ENOSPC);
        gaps += full_at(BACKEND_SIM_ALLOCATE, n, 9, -EDQUOT);
    }
    assert_true(gaps > 4);
    gaps = 0;
    for (uint64_t n = 1, calls = calls_of(BACKEND_SIM_WRITE); n <= calls; n++)
        gaps += full_at(BACKEND_SIM_WRITE, n, 1, -ENOSPC);
    assert_true(gaps > 4);
    for (uint64_t n = 1, calls = calls_of(BACKEND_SIM_SYMLINK); n <= calls; n++)
        (void)full_at(BACKEND_SIM_SYMLINK, n, 3, -ENOSPC);
    for (uint64_t n = 1, calls = calls_of(BACKEND_SIM_OPEN); n <= calls; n += TEST_APART)
        (void)full_at(BACKEND_SIM_OPEN, n, 1, -ENOSPC);
}

static void a_short_write_goes_on_where_it_stopped(void **state)
{
    (void)state;
    for (uint64_t n = 1, calls = calls_of(BACKEND_SIM_WRITE); n <= calls; n += TEST_APART) {
        struct trial trial = trial_begin(n, 0);
        backend_sim_fail(trial.rig.backend, BACKEND_SIM_WRITE, n, 3, (int)(1 + n % 50));
        int lived = trial_live(&trial, true);
        /* The position's file wants its bytes at once, and says so at the start. */
        assert_true(lived == 0 || lived == -ENOSPC);
        let_live_after(&trial);
        assert_null(backend_close(trial.rig.backend));
    }
}

static void an_interrupted_call_is_made_again(void **state)
{
    (void)state;
    for (uint64_t n = 10, calls = calls_of(BACKEND_SIM_WRITE); n <= calls; n += TEST_APART) {
        struct trial trial = trial_begin(n, 0);
        backend_sim_fail(trial.rig.backend, BACKEND_SIM_WRITE, n, 2, -EINTR);
        backend_sim_fail(trial.rig.backend, BACKEND_SIM_ALLOCATE, 1, 3, -EINTR);
        assert_int_equal(trial_live(&trial, true), 0);
        (void)trial_check(&trial); /* it asserts */
        assert_null(backend_close(trial.rig.backend));
    }
}

static void a_disk_that_fills_up_and_is_emptied_loses_nothing(void **state)
{
    (void)state;
    struct queue *queues[TRIAL_QUEUES];
    struct writer_error error;
    struct trial trial = trial_begin(8, 0);
    struct backend *backend = trial.rig.backend;
    unsigned put = 0;

    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(trial_config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &trial_config, backend, queues, &error), 0);
    backend_sim_set_free(backend, 16384);
    for (unsigned i = 0; i < 6000 && !trial_core.waits[JOURNAL_COMMON].on; i++) {
        put += rig_put_record(queues[0], 0, put, 1400);
        (void)writer_core_gather(&trial_core);
        writer_core_turn(&trial_core, 1000000);
    }
    assert_true(trial_core.waits[JOURNAL_COMMON].on);
    assert_int_equal(trial_core.counts.wait_error, -ENOSPC);
    uint64_t durable = queue_durable(queues[0]);
    for (unsigned i = 0; i < 50; i++) {
        put += rig_put_record(queues[0], 0, put, 1400);
        (void)writer_core_gather(&trial_core);
        writer_core_turn(&trial_core, 100000000);
    }
    assert_int_equal(queue_durable(queues[0]), durable);
    assert_int_equal(trial_core.counts.failed, 0);
    backend_sim_set_free(backend, UINT64_MAX);
    for (unsigned i = 0; i < 200 && !writer_core_idle(&trial_core); i++) {
        (void)writer_core_gather(&trial_core);
        writer_core_turn(&trial_core, 100000000);
    }
    assert_int_equal(queue_durable(queues[0]), queue_put_position(queues[0]));
    assert_false(trial_core.waits[JOURNAL_COMMON].on);
    writer_core_close(&trial_core);
    trial.sent[0].records = put;
    trial.sent[0].durable_records = put;
    trial.run = 1;
    struct trial_seen seen = trial_check(&trial);
    assert_int_equal(seen.full, 1);
    assert_int_equal(seen.records[0], put);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_null(queue_close(queues[i]));
    assert_null(backend_close(backend));
}

static void idle(struct backend *backend, uint64_t ns)
{
    backend_sim_advance(backend, ns);
    for (unsigned i = 0; i < 6; i++) {
        (void)writer_core_gather(&trial_core);
        writer_core_turn(&trial_core, 0);
    }
}

static void the_clock_is_recorded_each_minute_on_a_step_and_on_a_change_of_sync(void **state)
{
    (void)state;
    struct queue *queues[TRIAL_QUEUES];
    struct writer_error error;
    struct trial trial = trial_begin(3, 0);
    struct backend *backend = trial.rig.backend;
    struct backend_clock_state unsynced = {.state = 5, .status = 0x40, .maxerror_us = 16000000};

    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(trial_config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &trial_config, backend, queues, &error), 0);
    assert_true(trial_core.counts.synced);
    idle(backend, 59000000000);
    assert_int_equal(trial_core.next_seq, 2);
    idle(backend, 1500000000);
    assert_int_equal(trial_core.next_seq, 3);
    assert_int_equal(trial_core.counts.clock_seq, 2);
    backend_sim_set_clock_state(backend, &unsynced);
    idle(backend, 2000000000);
    assert_int_equal(trial_core.next_seq, 4);
    assert_false(trial_core.counts.synced);
    struct backend_time time = backend->ops->now(backend);
    time.wall_ns -= 3600000000000;
    backend_sim_set_time(backend, time);
    idle(backend, 0);
    assert_int_equal(trial_core.next_seq, 5);
    time = backend->ops->now(backend);
    time.wall_ns += 400000000;
    backend_sim_set_time(backend, time);
    idle(backend, 0);
    assert_int_equal(trial_core.next_seq, 6);
    writer_core_close(&trial_core);
    trial.run = 0;
    assert_int_equal(trial_check(&trial).clocks, 5);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_null(queue_close(queues[i]));
    assert_null(backend_close(backend));
}

/* Whatever is due while the stop record is on its way: it must be the run's last, or the next run
   takes this one for a crash. */
static void nothing_of_our_own_comes_after_a_stop(void **state)
{
    (void)state;
    struct queue *queues[TRIAL_QUEUES];
    struct writer_error error;
    struct trial trial = trial_begin(9, 0);
    struct backend *backend = trial.rig.backend;

    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_int_equal(queue_open(trial_config.queue_bytes, &queues[i]), 0);
    assert_int_equal(writer_core_open(&trial_core, &trial_config, backend, queues, &error), 0);
    uint64_t seq = trial_core.next_seq;
    rig_put_stop(queues[0]);
    assert_int_equal(writer_core_gather(&trial_core), 1);
    idle(backend, 61000000000); /* it is in flight, and a clock record is due */
    assert_true(writer_core_idle(&trial_core));
    assert_int_equal(trial_core.next_seq, seq + 1);
    writer_core_close(&trial_core);
    assert_int_equal(writer_core_open(&trial_core, &trial_config, backend, queues, &error), 0);
    assert_int_equal(trial_core.next_seq, seq + 3); /* start and clock, no gap */
    writer_core_close(&trial_core);
    for (unsigned i = 0; i < TRIAL_QUEUES; i++)
        assert_null(queue_close(queues[i]));
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backend_that_fails_while_the_writer_closes_is_an_error),
        cmocka_unit_test(after_a_failed_sync_no_position_moves),
        cmocka_unit_test(a_failed_sync_is_final_whichever_it_is),
        cmocka_unit_test(a_failed_write_is_final_except_of_the_readers_position),
        cmocka_unit_test(a_failure_of_any_other_call_loses_nothing),
        cmocka_unit_test(a_full_disk_is_waited_out_and_recorded),
        cmocka_unit_test(a_short_write_goes_on_where_it_stopped),
        cmocka_unit_test(an_interrupted_call_is_made_again),
        cmocka_unit_test(a_disk_that_fills_up_and_is_emptied_loses_nothing),
        cmocka_unit_test(nothing_of_our_own_comes_after_a_stop),
        cmocka_unit_test(the_clock_is_recorded_each_minute_on_a_step_and_on_a_change_of_sync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
