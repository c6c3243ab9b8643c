/* The progress line says how far the work is, in as many columns as there are. */
#include <stdint.h>
#include <string.h>

#include "daemon/ctl/progress.h"
#include "tests/fakes/test.h"

static const struct progress_state half = {
    .bytes = 50000000,
    .bytes_total = 100000000,
    .lines = 1234567,
    .first_label = "acked",
    .first = 1200000,
    .second_label = "rejected",
    .second = 12,
};

static void half_way_has_a_bar_a_rate_and_a_time_left(void **state)
{
    (void)state;
    char out[200];
    size_t len = progress_format(&half, 2000, out, sizeof out);
    static const char wanted[] = "[##########..........]  50%  1,234,567 lines  25.0 MB/s  "
                                 "1,200,000 acked  12 rejected  ETA 0:02";
    assert_int_equal(len, sizeof wanted - 1);
    assert_memory_equal(out, wanted, len);
}

static void a_narrow_terminal_loses_the_bar_before_the_numbers(void **state)
{
    (void)state;
    char out[80];
    size_t len = progress_format(&half, 2000, out, 79);
    static const char wanted[] = "[##..]  50%  1,234,567 lines  25.0 MB/s  1,200,000 acked  "
                                 "12 rejected  ETA 0:02";
    assert_int_equal(len, sizeof wanted - 1);
    assert_memory_equal(out, wanted, len);
    len = progress_format(&half, 2000, out, len - 1);
    assert_memory_equal(out, " 50%  1,234,567 lines", 21);
}

static void an_unknown_total_has_no_bar(void **state)
{
    (void)state;
    struct progress_state unknown = half;
    unknown.bytes_total = 0;
    char out[200];
    size_t len = progress_format(&unknown, 2000, out, sizeof out);
    assert_int_equal(len, 56);
    assert_null(memchr(out, '[', len));
}

static void a_file_that_grew_stays_at_its_end(void **state)
{
    (void)state;
    struct progress_state grown = half;
    grown.bytes = 3 * grown.bytes_total;
    char out[200];
    (void)progress_format(&grown, 2000, out, sizeof out);
    assert_memory_equal(out, "[####################] 100%", 27);
}

static void no_width_is_too_small(void **state)
{
    (void)state;
    for (size_t columns = 0; columns < 120; columns++) {
        char out[120];
        memset(out, '~', sizeof out);
        assert_true(progress_format(&half, 5000, out, columns) <= columns);
        for (size_t i = columns; i < sizeof out; i++)
            assert_int_equal(out[i], '~');
    }
}

static void numbers_are_grouped_by_thousands(void **state)
{
    (void)state;
    static const struct {
        uint64_t number;
        const char *text;
    } cases[] = {
        {0, "0"},
        {999, "999"},
        {1000, "1,000"},
        {123456, "123,456"},
        {UINT64_MAX, "18,446,744,073,709,551,615"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[PROGRESS_GROUPED_BYTES];
        progress_grouped(cases[i].number, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_way_has_a_bar_a_rate_and_a_time_left),
        cmocka_unit_test(a_narrow_terminal_loses_the_bar_before_the_numbers),
        cmocka_unit_test(an_unknown_total_has_no_bar),
        cmocka_unit_test(a_file_that_grew_stays_at_its_end),
        cmocka_unit_test(no_width_is_too_small),
        cmocka_unit_test(numbers_are_grouped_by_thousands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
