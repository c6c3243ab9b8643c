/*
 * The Wilson interval, against values computed apart (the formula of Wilson 1927 in Python's
 * decimal module, 30 digits, rounded to 6).
 */
#include "daemon/ctl/wilson.h"
#include "tests/fakes/test.h"

static void intervals_are_those_of_the_formula(void **state)
{
    static const struct {
        uint64_t hits, trials;
        double low, high;
    } rows[] = {
        {0, 10, 0.0, 0.277533},       {10, 10, 0.722467, 1.0},       {2, 4, 0.150039, 0.849961},
        {1, 100, 0.001767, 0.054486}, {50, 100, 0.403832, 0.596168},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct wilson found = wilson_interval(rows[i].hits, rows[i].trials);
        assert_float_equal(found.low, rows[i].low, 0.000001);
        assert_float_equal(found.high, rows[i].high, 0.000001);
    }
}

static void without_trials_nothing_is_known(void **state)
{
    (void)state;
    struct wilson found = wilson_interval(0, 0);
    assert_float_equal(found.low, 0, 0);
    assert_float_equal(found.high, 1, 0);
}

static void more_trials_never_widen_the_interval(void **state)
{
    (void)state;
    for (uint64_t n = 1; n < 2000; n++) {
        struct wilson one = wilson_interval(n, 4 * n), two = wilson_interval(2 * n, 8 * n);
        assert_true(one.low <= 0.25);
        assert_true(one.high >= 0.25);
        assert_true(two.low >= one.low);
        assert_true(two.high <= one.high);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_are_those_of_the_formula),
        cmocka_unit_test(without_trials_nothing_is_known),
        cmocka_unit_test(more_trials_never_widen_the_interval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
