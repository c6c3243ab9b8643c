/*
 * When the record says something of the clock. Goal: each change is told once, and is not forgotten
 * while no record can be made. Method: a simulated clock.
 */
#include <errno.h>
#include <string.h>
#include <sys/timex.h>

#include "daemon/clock.h"
#include "io/backend_sim.h"
#include "tests/fakes/test.h"

#define SECOND_NS 1000000000

static struct backend *backend;
static struct clock clock;
static char body[CLOCK_BODY_BYTES_MAX + 1];

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(backend_sim_open(7, 0, &backend), 0);
    clock_open(&clock, backend);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    backend = backend_close(backend);
    return 0;
}

/* Makes the record that is due, and looks for this in it. */
static void record(enum clock_cause cause, const char *words)
{
    assert_int_equal(clock_due(&clock), cause);
    size_t len = clock_body(&clock, cause, body, CLOCK_BODY_BYTES_MAX);
    body[len] = '\0';
    if (strstr(body, words) == NULL)
        fail_msg("%s is not in %s", words, body);
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
}

static void step(int64_t ns)
{
    struct backend_time time = backend->ops->now(backend);
    time.wall_ns += ns;
    backend_sim_set_time(backend, time);
}

static void a_record_is_due_at_the_start_and_each_minute(void **state)
{
    (void)state;
    record(CLOCK_START, "\"cause\":\"start\"");
    backend_sim_advance(backend, CLOCK_PERIOD_NS - 1);
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
    backend_sim_advance(backend, 1);
    record(CLOCK_PERIODIC, "\"cause\":\"periodic\"");
}

static void a_step_back_is_told_with_the_time_that_was_expected(void **state)
{
    (void)state;
    record(CLOCK_START, "");
    struct backend_time time = backend->ops->now(backend);
    backend_sim_set_time(backend, (struct backend_time){1795509494123456789, time.boot_ns});
    record(CLOCK_STEP, "\"cause\":\"step\"");
    step(-3600 * (int64_t)SECOND_NS);
    record(CLOCK_STEP,
           "\"expected_t\":\"2026-11-24T08:38:14.123456789Z\",\"step_us\":-3600000000}");
    step(CLOCK_STEP_NS);
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
}

static void however_small_a_step_is_told_when_the_kernel_says_so(void **state)
{
    (void)state;
    assert_int_equal(clock_watch(&clock), 0);
    record(CLOCK_START, "");
    backend_sim_advance(backend, SECOND_NS);
    step(-1000);
    record(CLOCK_STEP, "\"expected_t\":\"2026-01-01T00:00:01.000000000Z\",\"step_us\":-1}");
    backend_sim_advance(backend, CLOCK_BASE_NS - 1);
    step(2000000);
    step(1000000);
    record(CLOCK_STEP, "\"step_us\":3000}");
    clock_close(&clock);
    step(2000000);
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
}

static const struct backend_ops *real;

/* The boot clock is read two seconds behind the wall clock, once. */
static struct backend_time now_with_a_pause(struct backend *paused)
{
    struct backend_time time = real->now(paused);
    backend_sim_advance(paused, 2 * (uint64_t)SECOND_NS);
    time.boot_ns = real->now(paused).boot_ns;
    paused->ops = real;
    return time;
}

static void a_pause_between_the_two_clocks_is_no_step(void **state)
{
    (void)state;
    record(CLOCK_START, "");
    real = backend->ops;
    struct backend_ops ops = *real;
    ops.now = now_with_a_pause;
    backend->ops = &ops;
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
    assert_ptr_equal(backend->ops, real); /* it has happened */
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
}

static bool not_told_yet(struct backend *slow, int fd)
{
    (void)fd;
    slow->ops = real;
    return false;
}

static void a_step_that_is_seen_before_it_is_told_keeps_its_size(void **state)
{
    (void)state;
    assert_int_equal(clock_watch(&clock), 0);
    record(CLOCK_START, "");
    backend_sim_advance(backend, CLOCK_BASE_NS);
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
    step(5000000);
    real = backend->ops;
    struct backend_ops ops = *real;
    ops.clock_was_set = not_told_yet;
    backend->ops = &ops;
    backend_sim_advance(backend, CLOCK_BASE_NS);
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
    assert_ptr_equal(backend->ops, real); /* it was asked */
    record(CLOCK_STEP, "\"step_us\":5000}");
    clock_close(&clock);
}

static void a_step_while_no_record_can_be_made_is_told_later(void **state)
{
    (void)state;
    record(CLOCK_START, "");
    step(3600 * (int64_t)SECOND_NS);
    assert_int_equal(clock_due(&clock), CLOCK_STEP);
    backend_sim_advance(backend, 5 * (uint64_t)SECOND_NS);
    assert_int_equal(clock_due(&clock), CLOCK_STEP);
    step(-600 * (int64_t)SECOND_NS);
    record(CLOCK_STEP, "\"step_us\":3000000000}");
}

static void a_change_of_the_sync_state_is_told_within_a_second(void **state)
{
    (void)state;
    const struct backend_clock_state lost = {.state = TIME_ERROR, .status = STA_UNSYNC};
    record(CLOCK_START, "\"discipline\":\"unknown\",");
    backend_sim_set_clock_state(backend, &lost);
    backend_sim_set_discipline(backend, "chrony");
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
    backend_sim_advance(backend, CLOCK_STATE_NS);
    assert_int_equal(clock_due(&clock), CLOCK_SYNC_CHANGE);
    record(CLOCK_SYNC_CHANGE,
           "\"cause\":\"sync_change\",\"state\":5,\"status\":64,\"synced\":false");
    assert_non_null(strstr(body, "\"discipline\":\"chrony\","));
    assert_false(clock_synced(&clock));
}

static void a_leap_second_is_told_when_it_is_announced_and_when_it_is_over(void **state)
{
    (void)state;
    struct backend_clock_state now = {.state = TIME_INS, .synced = true, .tai = 37};
    record(CLOCK_START, "");
    backend_sim_set_clock_state(backend, &now);
    backend_sim_advance(backend, CLOCK_STATE_NS);
    record(CLOCK_LEAP, "\"cause\":\"leap\",\"state\":1,");
    now.state = TIME_OK;
    now.tai = 38;
    backend_sim_set_clock_state(backend, &now);
    backend_sim_advance(backend, CLOCK_STATE_NS);
    record(CLOCK_LEAP, "\"tai\":38,");
}

static void a_kernel_that_does_not_tell_its_state_is_unsynced(void **state)
{
    (void)state;
    backend_sim_fail(backend, BACKEND_SIM_CLOCK_STATE, 1, 100, -EPERM);
    record(CLOCK_START, "\"state\":-1,\"status\":0,\"synced\":false");
    backend_sim_advance(backend, CLOCK_STATE_NS);
    assert_int_equal(clock_due(&clock), CLOCK_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_record_is_due_at_the_start_and_each_minute),
        TEST(a_step_back_is_told_with_the_time_that_was_expected),
        TEST(however_small_a_step_is_told_when_the_kernel_says_so),
        TEST(a_pause_between_the_two_clocks_is_no_step),
        TEST(a_step_that_is_seen_before_it_is_told_keeps_its_size),
        TEST(a_step_while_no_record_can_be_made_is_told_later),
        TEST(a_change_of_the_sync_state_is_told_within_a_second),
        TEST(a_leap_second_is_told_when_it_is_announced_and_when_it_is_over),
        TEST(a_kernel_that_does_not_tell_its_state_is_unsynced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
