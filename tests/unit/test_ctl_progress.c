/* The progress line says how far the work is, in as many columns as there are. */
#include <stdint.h>
#include <string.h>

#include "daemon/ctl/progress.h"
#include "tests/fakes/test.h"

#define WHOLE_COLUMNS 99u /* all columns */

static const struct progress_state half = {
    .bytes = 50000000,
    .bytes_total = 100000000,
    .lines = 1234567,
    .matches = 12000,
    .rejected = 12,
};

static void expect(const struct progress_state *state, uint64_t ms, size_t columns,
                   const char *wanted)
{
    char out[200];
    size_t len = progress_format(state, ms, out, columns);
    if (len != strlen(wanted) || memcmp(out, wanted, len) != 0)
        fail_msg("%zu columns: \"%.*s\", not \"%s\"", columns, (int)len, out, wanted);
}

static void half_way_has_a_bar_a_rate_matches_and_a_time_left(void **state)
{
    (void)state;
    expect(&half, 2000, 79,
           "[#####.....]  50%    1,234,567 lines    25.0 MB/s     12,000 matches  ETA  0:02");
    expect(&half, 2000, 200,
           "[#####.....]  50%    1,234,567 lines    25.0 MB/s     12,000 matches"
           "         12 rejected  ETA  0:02");
}

static void a_narrow_terminal_loses_whole_columns_and_the_lines_last(void **state)
{
    (void)state;
    expect(&half, 2000, 78, " 50%    1,234,567 lines    25.0 MB/s     12,000 matches  ETA  0:02");
    expect(&half, 2000, 64, " 50%    1,234,567 lines     12,000 matches  ETA  0:02");
    expect(&half, 2000, 52, " 50%    1,234,567 lines     12,000 matches");
    expect(&half, 2000, 41, " 50%    1,234,567 lines");
    expect(&half, 2000, 22, "  1,234,567 lines");
    expect(&half, 2000, 16, "");
}

static void an_unknown_total_has_no_bar_and_no_time_left(void **state)
{
    (void)state;
    struct progress_state unknown = half;
    unknown.bytes_total = 0;
    expect(&unknown, 2000, 79,
           "  1,234,567 lines    25.0 MB/s     12,000 matches         12 rejected");
}

static void a_file_that_grew_stays_at_its_end(void **state)
{
    (void)state;
    struct progress_state grown = half;
    grown.bytes = 3 * grown.bytes_total;
    expect(&grown, 2000, 79,
           "[##########] 100%    1,234,567 lines   150.0 MB/s     12,000 matches  ETA  0:00");
}

/* From nothing to more than any column was made for: every letter of a label stays where it is. */
static void nothing_moves_while_the_numbers_grow(void **state)
{
    (void)state;
    static const uint64_t numbers[] = {0,       1,        999,        1000,        999999,
                                       9999999, 10000000, 1234567890, 99999999999, UINT64_MAX};
    static const uint64_t times[] = {0, 1, 999, 1000, 60000, 5999000, 400000000, UINT32_MAX};
    char first[200], out[200];
    for (size_t columns = 0; columns <= WHOLE_COLUMNS; columns++) {
        struct progress_state empty = {.bytes_total = UINT64_MAX};
        size_t first_len = progress_format(&empty, 0, first, columns);
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] * 8; i++) {
            uint64_t number = numbers[i / 8];
            const struct progress_state now = {.bytes = number,
                                               .bytes_total = UINT64_MAX,
                                               .lines = number,
                                               .matches = number,
                                               .rejected = number};
            assert_int_equal(progress_format(&now, times[i % 8], out, columns), first_len);
            for (size_t at = 0; at < first_len; at++) {
                bool label = first[at] >= 'a' && first[at] <= 'z';
                if (label && out[at] != first[at])
                    fail_msg("%.*s\n%.*s", (int)first_len, first, (int)first_len, out);
            }
        }
    }
}

static void a_wider_terminal_never_shows_less(void **state)
{
    (void)state;
    static const char *const labels[] = {"lines", "%", "matches", "ETA", "MB/s", "[", "rejected"};
    char out[200];
    size_t shown = 0;
    for (size_t columns = 0; columns <= WHOLE_COLUMNS; columns++) {
        size_t len = progress_format(&half, 5000, out, columns);
        size_t now = 0;
        for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
            now += memmem(out, len, labels[i], strlen(labels[i])) != NULL ? 1 : 0;
        assert_true(now >= shown);
        shown = now;
    }
    assert_int_equal(shown, sizeof labels / sizeof labels[0]);
}

static void numbers_too_long_for_their_column_are_shortened(void **state)
{
    (void)state;
    const struct progress_state large = {
        .lines = UINT64_MAX, .matches = 12345678, .rejected = UINT64_MAX, .bytes = UINT64_MAX};
    expect(&large, 1000, 79,
           "18,446,744T lines  9999.9 MB/s    12,345k matches    18,446P rejected");
}

static void the_time_left_is_in_minutes_then_in_hours(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes, ms;
        const char *text;
    } cases[] = {
        {0, 5000, "ETA --:--"},       {1, 999, "ETA --:--"},           {500, 59000, "ETA  0:59"},
        {500, 5999000, "ETA 99:59"},  {500, 6000000, "ETA  1h40"},     {500, 86400000, "ETA 24h00"},
        {1, 4000000000, "ETA 99h00"}, {1000, 4000000000, "ETA  0:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct progress_state now = {.bytes = cases[i].bytes, .bytes_total = 1000};
        char out[200];
        size_t len = progress_format(&now, cases[i].ms, out, 79);
        assert_int_equal(len, 79);
        if (memcmp(out + len - 9, cases[i].text, 9) != 0)
            fail_msg("%.*s, not %s", (int)len, out, cases[i].text);
    }
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
        cmocka_unit_test(half_way_has_a_bar_a_rate_matches_and_a_time_left),
        cmocka_unit_test(a_narrow_terminal_loses_whole_columns_and_the_lines_last),
        cmocka_unit_test(an_unknown_total_has_no_bar_and_no_time_left),
        cmocka_unit_test(a_file_that_grew_stays_at_its_end),
        cmocka_unit_test(nothing_moves_while_the_numbers_grow),
        cmocka_unit_test(a_wider_terminal_never_shows_less),
        cmocka_unit_test(numbers_too_long_for_their_column_are_shortened),
        cmocka_unit_test(the_time_left_is_in_minutes_then_in_hours),
        cmocka_unit_test(no_width_is_too_small),
        cmocka_unit_test(numbers_are_grouped_by_thousands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
