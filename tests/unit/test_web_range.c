/* The ranges of records that noticed-web takes, and nothing else. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/web/range.h"
#include "tests/fakes/test.h"

static int parse(const char *text, struct range *ret_range)
{
    /* An own copy without a NUL, so that a read past its end is seen. */
    size_t len = strlen(text);
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    int result = range_parse(copy, len, ret_range);
    free(copy);
    return result;
}

static void a_range_has_a_cursor_a_skip_and_a_count(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool has_cursor;
        uint64_t seq, skip, back, count;
    } cases[] = {
        {"entries=i=7", true, 7, 0, 0, UINT64_MAX},
        {"entries=i=7:3", true, 7, 0, 0, 3},
        {"entries=i=7:1:3", true, 7, 1, 0, 3},
        {"entries=i=7;h=00112233445566778899aabbccddeeff:0:1000000", true, 7, 0, 0, 1000000},
        {"entries=:5", false, 0, 0, 0, 5},
        {"entries=:2:5", false, 0, 2, 0, 5},
        {"entries=:-10:10", false, 0, 0, 10, 10},
        {"entries=begin:0", true, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct range range;
        assert_int_equal(parse(cases[i].text, &range), 0);
        assert_int_equal(range.has_cursor, cases[i].has_cursor);
        assert_int_equal(range.cursor.seq, cases[i].seq);
        assert_int_equal(range.skip, cases[i].skip);
        assert_int_equal(range.back, cases[i].back);
        assert_int_equal(range.count, cases[i].count);
    }
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int error;
    } cases[] = {
        {"", -ENOTSUP},
        {"bytes=0-1", -ENOTSUP},
        {"entries", -ENOTSUP},
        {"Entries=i=1", -ENOTSUP},
        {"entries=", -EINVAL},
        {"entries=x", -EINVAL},
        {"entries=:", -EINVAL},
        {"entries=::", -EINVAL},
        {"entries=::1", -EINVAL},
        {"entries=i=1:", -EINVAL},
        {"entries=i=1:1:", -EINVAL},
        {"entries=i=1:-1", -EINVAL},
        {"entries=i=1:+1", -EINVAL},
        {"entries=i=1: 1", -EINVAL},
        {"entries=i=1:1:1:1", -EINVAL},
        {"entries=i=1,i=2", -EINVAL},
        {"entries=:--1:1", -EINVAL},
        {"entries=i=1:-1:1", -ERANGE},
        {"entries=:1000001", -ERANGE},
        {"entries=:99999999999999999999999999999999:1", -ERANGE},
        {"entries=i=99999999999999999999999", -EINVAL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct range range = {.skip = 77};
        assert_int_equal(parse(cases[i].text, &range), cases[i].error);
        assert_int_equal(range.skip, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_has_a_cursor_a_skip_and_a_count),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
