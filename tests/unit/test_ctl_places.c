/* Places in the feed as people and programs name them: cursors and times. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "daemon/ctl/cursor.h"
#include "daemon/ctl/when.h"
#include "daemon/ledger/merkle.h"
#include "daemon/time_text.h"
#include "tests/fakes/test.h"

static void a_cursor_is_read_back_and_names_one_record(void **state)
{
    (void)state;
    static const char line[] = "{\"v\":1,\"seq\":7}", other[] = "{\"v\":1,\"seq\":8}";
    char text[CURSOR_TEXT_BYTES];
    struct cursor cursor = cursor_of(UINT64_MAX - 1, line, sizeof line - 1), read;
    cursor_format(&cursor, text);
    assert_int_equal(cursor_parse(text, strlen(text), &read), 0);
    assert_true(cursor_is_at(&read, UINT64_MAX - 1, line, sizeof line - 1));
    assert_false(cursor_is_at(&read, UINT64_MAX - 1, other, sizeof other - 1));
    assert_false(cursor_is_at(&read, 7, line, sizeof line - 1));
    struct merkle_hash leaf = merkle_leaf(line, sizeof line - 1);
    assert_memory_equal(read.hash, leaf.bytes, CURSOR_HASH_BYTES);
    assert_int_equal(cursor_parse("i=12", 4, &read), 0);
    assert_true(cursor_is_at(&read, 12, other, sizeof other - 1));
    cursor_format(&read, text);
    assert_string_equal(text, "i=12");
}

static void a_place_before_the_first_record_is_a_cursor(void **state)
{
    (void)state;
    char text[CURSOR_TEXT_BYTES];
    struct cursor cursor = {.begin = true}, read;
    cursor_format(&cursor, text);
    assert_string_equal(text, "begin");
    assert_int_equal(cursor_parse(text, strlen(text), &read), 0);
    assert_true(read.begin);
    assert_false(cursor_is_at(&read, 0, "{}", 2));
}

static void what_is_no_cursor_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "i",
        "i=",
        "12",
        "i=x",
        "i=-1",
        "i=1;",
        "i=1;h=",
        "i=1;h=0123",
        "I=1",
        "i=1 ",
        "begin ",
        "begi",
        "i=18446744073709551615",
        "i=99999999999999999999999",
        "i=1;h=0123456789abcdef0123456789abcdeg",
        "i=1;h=0123456789ABCDEF0123456789abcdef",
        "i=1;h=0123456789abcdef0123456789abcdef0",
        "i=1;k=0123456789abcdef0123456789abcdef",
    };
    struct cursor cursor;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(cursor_parse(texts[i], strlen(texts[i]), &cursor), -EINVAL);
    assert_int_equal(cursor_parse("i=1;h=\0", 38, &cursor), -EINVAL);
}

static void a_time_in_words_is_the_time_that_is_meant(void **state)
{
    (void)state;
    static const struct {
        const char *word, *time;
    } rows[] = {
        {"2026-11-24T16:00:00.5+01:00", "2026-11-24T15:00:00.500000000Z"},
        {"2026-11-24 15:00:01", "2026-11-24T15:00:01.000000000Z"},
        {"2026-11-24 15:00", "2026-11-24T15:00:00.000000000Z"},
        {"2026-11-24", "2026-11-24T00:00:00.000000000Z"},
        {"@0", "1970-01-01T00:00:00.000000000Z"},
        {"@1700000000", "2023-11-14T22:13:20.000000000Z"},
        {"now", "2026-11-24T15:30:00.123456789Z"},
        {"today", "2026-11-24T00:00:00.000000000Z"},
        {"yesterday", "2026-11-23T00:00:00.000000000Z"},
        {"-15min", "2026-11-24T15:15:00.123456789Z"},
        {"-2h", "2026-11-24T13:30:00.123456789Z"},
        {"-1 d", "2026-11-23T15:30:00.123456789Z"},
        {"3 weeks ago", "2026-11-03T15:30:00.123456789Z"},
        {"30s ago", "2026-11-24T15:29:30.123456789Z"},
    };
    int64_t now = 0, wall_ns = 0;
    char text[TIME_TEXT_BYTES];
    assert_int_equal(time_text_parse("2026-11-24T15:30:00.123456789Z", 30, &now), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(when_parse(rows[i].word, now, &wall_ns), 0);
        time_text_format(wall_ns, text);
        assert_string_equal(text, rows[i].time);
    }
}

static void what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const words[] = {
        "",
        "tomorrow",
        "-",
        "-x",
        "-1",
        "-1y",
        "1 h",
        "ago",
        " ago",
        "h ago",
        "@",
        "@x",
        "@1x",
        "2026-13-01",
        "2026-11-24 25:00",
        "-99999999999999999999s",
        "-9000000000w",
        "@99999999999",
        "2026",
        "Now",
        "- 1 h",
    };
    int64_t wall_ns = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        assert_int_equal(when_parse(words[i], 0, &wall_ns), -EINVAL);
    assert_true(when_now_ns() > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cursor_is_read_back_and_names_one_record),
        cmocka_unit_test(a_place_before_the_first_record_is_a_cursor),
        cmocka_unit_test(what_is_no_cursor_is_refused),
        cmocka_unit_test(a_time_in_words_is_the_time_that_is_meant),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
