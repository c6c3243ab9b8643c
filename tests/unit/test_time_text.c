/*
 * RFC 3339 in and out; compared with python3's datetime where it is there.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/time_text.h"
#include "tests/fakes/shell.h"
#include "tests/fakes/test.h"

static int64_t parse(const char *text)
{
    /* Exactly as long as it is: a sanitizer guards the end. */
    char *exact = malloc(strlen(text));
    int64_t wall_ns = -1;

    assert_true(exact != NULL || strlen(text) == 0);
    memcpy(exact, text, strlen(text));
    if (time_text_parse(exact, strlen(text), &wall_ns) != 0)
        fail_msg("%s is refused", text);
    free(exact);
    return wall_ns;
}

static void offsets_and_fractions_give_the_same_instant(void **state)
{
    (void)state;
    assert_int_equal(parse("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parse("1970-01-01t00:00:00z"), 0);
    assert_int_equal(parse("1970-01-01 00:00:00Z"), 0);
    assert_int_equal(parse("1970-01-01T05:45:00+05:45"), 0);
    assert_int_equal(parse("1969-12-31T14:00:00-10:00"), 0);
    assert_int_equal(parse("1970-01-01T00:00:00-00:00"), 0);
    assert_int_equal(parse("1970-01-01T23:59:00+23:59"), 0);
    assert_int_equal(parse("1970-01-01T00:00:00.5Z"), 500000000);
    assert_int_equal(parse("1970-01-01T00:00:00.000000001Z"), 1);
    assert_int_equal(parse("1970-01-01T00:00:00.0000000019Z"), 1);
    assert_int_equal(parse("1970-01-01T00:00:00.99999999999999999999999999Z"), 999999999);
    assert_int_equal(parse("1969-12-31T23:59:59.25Z"), -750000000);
    assert_int_equal(parse("2026-11-24T15:00:00.123456789Z"), INT64_C(1795532400123456789));
}

static void only_what_is_written_is_read_exactly(void **state)
{
    static const char *const others[] = {
        "2026-11-24t15:00:00.123456789Z", "2026-11-24 15:00:00.123456789Z",
        "2026-11-24T15:00:00.123456789z", "2026-11-24T15:00:00.1234+01:00",
        "2016-12-31T23:59:60.123456789Z", "2026-11-24T15:00:00,123456789Z",
        "2026-11-24T15:00:00.12345678xZ", "2026-13-24T15:00:00.123456789Z",
    };
    char text[TIME_TEXT_BYTES];
    int64_t wall_ns, again;

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_int_equal(time_text_parse_exact(others[i], &wall_ns), -EINVAL);
    for (int64_t at = INT64_MIN / 2; at < INT64_MAX / 2; at += INT64_MAX / 9973) {
        char printed[64];
        time_t seconds = at / 1000000000 - (at % 1000000000 < 0);
        struct tm date;
        time_text_format(at, text);
        assert_int_equal(time_text_parse_exact(text, &again), 0);
        assert_int_equal(again, at);
        assert_non_null(gmtime_r(&seconds, &date));
        assert_int_equal(strftime(printed, sizeof(printed), "%Y-%m-%dT%H:%M:%S.", &date), 20);
        assert_memory_equal(text, printed, 20);
    }
}

static void a_leap_second_is_the_first_instant_of_the_next_day(void **state)
{
    int64_t wall_ns;

    (void)state;
    assert_int_equal(parse("2016-12-31T23:59:60Z"), parse("2017-01-01T00:00:00Z"));
    assert_int_equal(parse("2016-12-31T23:59:60.75Z"), parse("2017-01-01T00:00:00Z"));
    assert_int_equal(parse("2017-01-01T08:59:60+09:00"), parse("2017-01-01T00:00:00Z"));
    assert_int_equal(time_text_parse("2016-12-31T23:58:60Z", 20, &wall_ns), -EINVAL);
    assert_int_equal(time_text_parse("2016-12-31T12:59:60Z", 20, &wall_ns), -EINVAL);
    assert_int_equal(time_text_parse("2016-12-31T23:59:61Z", 20, &wall_ns), -EINVAL);
}

static void leap_years_have_their_day_and_others_have_not(void **state)
{
    int64_t wall_ns;

    (void)state;
    assert_int_equal(parse("2024-02-29T00:00:00Z") + INT64_C(86400000000000),
                     parse("2024-03-01T00:00:00Z"));
    assert_int_equal(parse("2000-02-29T00:00:00Z"), INT64_C(951782400000000000));
    assert_int_equal(time_text_parse("2023-02-29T00:00:00Z", 20, &wall_ns), -EINVAL);
    assert_int_equal(time_text_parse("1900-02-29T00:00:00Z", 20, &wall_ns), -EINVAL);
    assert_int_equal(time_text_parse("2100-02-29T00:00:00Z", 20, &wall_ns), -EINVAL);
}

static void what_is_not_rfc_3339_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "yesterday",
        "2025-13-45T00:00:00Z",
        "2025-01-01",
        "2025-01-01T00:00:00",
        "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00,5Z",
        "2025-01-01T00:00:00+0100",
        "2025-01-01T00:00:00+01",
        "2025-01-01T00:00:00+24:00",
        "2025-01-01T00:00:00+01:60",
        "2025-01-01T00:00:00ZZ",
        "2025-01-01T00:00:00Z ",
        " 2025-01-01T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T00:60:00Z",
        "2025-00-01T00:00:00Z",
        "2025-01-00T00:00:00Z",
        "2025-04-31T00:00:00Z",
        "2025-1-01T00:00:00Z",
        "+025-01-01T00:00:00Z",
        "2025-01-01T0 :00:00Z",
        "2025-01-01T00:00:-1Z",
        "1677-12-31T00:00:00Z",
        "2262-01-01T00:00:00Z",
        "2025/01/01T00:00:00Z",
        "2025-01-01_00:00:00Z",
        "20250101T000000Z0000",
        "2025-W01-1T00:00:00Z",
        "2025-01-01T00:00:00.5",
        "2025-01-01T00:00:00.5+1:00",
        "1735689600",
    };
    int64_t wall_ns = 42;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (time_text_parse(bad[i], strlen(bad[i]), &wall_ns) != -EINVAL)
            fail_msg("%s is taken", bad[i]);
    assert_int_equal(time_text_parse("2025-01-01T00:00:00Z\0", 21, &wall_ns), -EINVAL);
    assert_int_equal(wall_ns, 42);
}

/* RFC 3339's date and time, byte by byte: whether the first 19 bytes are one, and its parts. */
static bool plain_date_time(const char *text, int parts[6])
{
    static const char shape[] = "0000-00-00T00:00:00";
    static const int begins[] = {0, 5, 8, 11, 14, 17},
                     days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    for (size_t i = 0; i < sizeof(shape) - 1; i++) {
        bool fits = shape[i] == '0'   ? text[i] >= '0' && text[i] <= '9'
                    : shape[i] == 'T' ? text[i] == 'T' || text[i] == 't' || text[i] == ' '
                                      : text[i] == shape[i];
        if (!fits)
            return false;
    }
    for (size_t i = 0; i < 6; i++) {
        parts[i] = 0;
        for (int k = begins[i]; text[k] >= '0' && text[k] <= '9'; k++)
            parts[i] = parts[i] * 10 + (text[k] - '0');
    }
    bool leap = (parts[0] % 4 == 0 && parts[0] % 100 != 0) || parts[0] % 400 == 0;
    return parts[0] >= TIME_TEXT_YEAR_MIN && parts[0] <= TIME_TEXT_YEAR_MAX && parts[1] >= 1 &&
           parts[1] <= 12 && parts[2] >= 1 && parts[2] <= days[parts[1] - 1] &&
           (parts[1] != 2 || parts[2] < 29 || leap) && parts[3] <= 23 && parts[4] <= 59 &&
           parts[5] <= 59;
}

static void any_byte_in_any_place_is_judged_as_byte_by_byte(void **state)
{
    static const char *const good[] = {"2024-02-29T23:59:59.120Z", "1999-12-31t00:00:00.000Z",
                                       "2261-10-19 09:30:59.999Z", "1678-01-28T20:00:00.001Z"};
    char text[32], written[TIME_TEXT_BYTES];
    size_t taken = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        for (unsigned change = 0; change < 19 * 256 * 5; change++) {
            int64_t wall_ns;
            int parts[6] = {0};
            (void)snprintf(text, sizeof(text), "%s", good[i]);
            text[change / 256 % 19] = (char)(change % 256);
            /* With one more digit changed, two faults may meet. */
            text[(change / 256 + 1) % 19] += (char)(change / (256 * 19) % 3);
            bool expected = plain_date_time(text, parts);
            if ((time_text_parse(text, 24, &wall_ns) == 0) != expected && parts[5] != 60)
                fail_msg("%s: byte by byte it is %s", text, expected ? "a time" : "none");
            if (!expected)
                continue;
            taken++;
            time_text_format(wall_ns, written);
            text[10] = 'T';
            assert_memory_equal(written, text, 23);
        }
    }
    assert_true(taken > 100);
}

static void what_is_written_is_read_back(void **state)
{
    static const int64_t times[] = {0,
                                    1,
                                    -1,
                                    INT64_MAX,
                                    INT64_MIN,
                                    951782399999999999,
                                    -2203891200000000000,
                                    1795532400123456789};
    char text[TIME_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        time_text_format(times[i], text);
        assert_int_equal(strlen(text), TIME_TEXT_BYTES - 1);
        if (times[i] != INT64_MAX && times[i] != INT64_MIN) /* years 2262 and 1677 */
            assert_int_equal(parse(text), times[i]);
    }
    time_text_format(INT64_MAX, text);
    assert_string_equal(text, "2262-04-11T23:47:16.854775807Z");
    time_text_format(INT64_MIN, text);
    assert_string_equal(text, "1677-09-21T00:12:43.145224192Z");
}

/* 20,000 instants of all years and offsets, as python3 spells them: text, tab, nanoseconds. */
static void ten_thousands_of_instants_are_what_python_says(void **state)
{
    static const char program[] =
        "import random,datetime as d\n"
        "r=random.Random(7); e=d.datetime(1970,1,1,tzinfo=d.timezone.utc)\n"
        "for i in range(20000):\n"
        "  o=r.randint(-1439,1439); us=r.randrange(10**6)\n"
        "  t=d.datetime(1678,1,2,tzinfo=d.timezone.utc)+d.timedelta(days=r.randrange(213000),"
        "seconds=r.randrange(86400),microseconds=us)\n"
        "  n=((t-e)//d.timedelta(microseconds=1))*1000\n"
        "  s=t.astimezone(d.timezone(d.timedelta(minutes=o))).isoformat()\n"
        "  print(s,n,sep='\\t')\n";
    char folder[64], path[96], command[256], text[TIME_TEXT_BYTES];
    size_t len, count = 0;

    (void)state;
    shell_folder(folder);
    (void)snprintf(path, sizeof(path), "%s/p.py", folder);
    shell_write(path, program, sizeof(program) - 1);
    (void)snprintf(command, sizeof(command), "python3 %s > %s/out 2>/dev/null", path, folder);
    int status = shell_run(command);
    (void)snprintf(path, sizeof(path), "%s/out", folder);
    char *bytes = shell_read(path, &len);
    shell_remove(folder);
    if (status != 0) {
        free(bytes);
        print_message("skipped: no python3\n");
        skip();
    }
    for (char *at = bytes; at < bytes + len; count++) {
        char *tab = strchr(at, '\t'), *end;
        assert_non_null(tab);
        int64_t expected = strtoll(tab + 1, &end, 10), wall_ns = 0;
        assert_int_equal(*end, '\n');
        assert_int_equal(time_text_parse(at, (size_t)(tab - at), &wall_ns), 0);
        if (wall_ns != expected)
            fail_msg("%.*s: %" PRId64 ", python says %" PRId64, (int)(tab - at), at, wall_ns,
                     expected);
        time_text_format(wall_ns, text);
        assert_int_equal(parse(text), wall_ns);
        at = end + 1;
    }
    free(bytes);
    assert_int_equal(count, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_and_fractions_give_the_same_instant),
        cmocka_unit_test(only_what_is_written_is_read_exactly),
        cmocka_unit_test(a_leap_second_is_the_first_instant_of_the_next_day),
        cmocka_unit_test(leap_years_have_their_day_and_others_have_not),
        cmocka_unit_test(what_is_not_rfc_3339_is_refused),
        cmocka_unit_test(any_byte_in_any_place_is_judged_as_byte_by_byte),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(ten_thousands_of_instants_are_what_python_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
