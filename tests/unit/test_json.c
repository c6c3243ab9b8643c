/*
 * What simdjson does not do by itself: lone surrogates, large numbers, spellings, limits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/json_mend.h"
#include "tests/unit/json_rig.h"

static char buffer[JSON_BYTES_MAX + 1 + JSON_SLACK_BYTES];

static enum json_status parse(const char *text, struct json_value *ret_root, bool *ret_surrogate)
{
    memset(buffer, 'x', sizeof(buffer)); /* what follows the text must not matter */
    memcpy(buffer, text, strlen(text));
    return json_parse(parser, buffer, strlen(text), ret_root, ret_surrogate);
}

static void gives_string(const char *json, const char *text, size_t len, bool surrogate)
{
    struct json_value root;
    bool got;

    if (parse(json, &root, &got) != JSON_OK)
        fail_msg("%s: %s", json, json_reason(parser));
    assert_int_equal(root.type, JSON_STRING);
    if (root.len != len || memcmp(root.text, text, len) != 0)
        fail_msg("%s gave %.*s", json, (int)root.len, root.text);
    if (got != surrogate)
        fail_msg("%s: surrogate %d", json, got);
}

#define FFFD "\xef\xbf\xbd"

static void lone_surrogates_become_fffd_and_pairs_stay(void **state)
{
    (void)state;
    gives_string("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", 4, false);
    gives_string("\"\\uD83D\\uDE00\"", "\xf0\x9f\x98\x80", 4, false);
    gives_string("\"\\ud83d\"", FFFD, 3, true);
    gives_string("\"\\ude00\"", FFFD, 3, true);
    gives_string("\"\\uDBFF\"", FFFD, 3, true);
    gives_string("\"\\udfffx\"", FFFD "x", 4, true);
    gives_string("\"\\ude00\\ud83d\"", FFFD FFFD, 6, true);
    gives_string("\"\\ud83d\\ud83d\\ude00\"", FFFD "\xf0\x9f\x98\x80", 7, true);
    gives_string("\"\\ud83d\\ude00\\ude00\"", "\xf0\x9f\x98\x80" FFFD, 7, true);
    gives_string("\"\\ud83d\\u0041\"", FFFD "A", 4, true);
    gives_string("\"\\ud83d\\n\\ude00\"", FFFD "\n" FFFD, 7, true);
    gives_string("\"\\ud83d \\ude00\"", FFFD " " FFFD, 7, true);
    gives_string("\"\\ud83d\\\\ude00\"", FFFD "\\ude00", 9, true);
}

static void a_backslash_before_the_escape_makes_it_text(void **state)
{
    (void)state;
    gives_string("\"\\\\ud83d\"", "\\ud83d", 6, false);
    gives_string("\"\\\\\\ud83d\"", "\\" FFFD, 4, true);
    gives_string("\"\\\\\\\\ud83d \\ud83d\"", "\\\\ud83d " FFFD, 11, true);
    gives_string("\"\\\"\\ud83d\\\"\"", "\"" FFFD "\"", 5, true);
}

static void a_second_fault_beside_a_surrogate_is_still_a_fault(void **state)
{
    struct json_value root;
    bool surrogate;

    (void)state;
    const char *bad[] = {"\"\\ud83d\\x\"", "\"\\ud83\"",     "[\"\\ud83d\",]", "\"\\ud83d\\u12g4\"",
                         "[\"\\ud83d\"",   "\\ud83d",        "{\"\\ud83d\":}", "[01,\"\\ud83d\"]",
                         "\"\\ud83d",      "\"\\ud83d\\u\"", "[1e999x]",       "[-]"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (parse(bad[i], &root, &surrogate) != JSON_BAD)
            fail_msg("%s is accepted", bad[i]);
    assert_int_equal(parse("[\"\\ud83d\xff\"]", &root, &surrogate), JSON_BAD_UTF8);
}

static void numbers_of_any_size_are_numbers_as_written(void **state)
{
    static const struct {
        const char *spelling;
        enum json_type type;
    } numbers[] = {
        {"0", JSON_INTEGER},
        {"-0", JSON_INTEGER},
        {"19.990", JSON_NUMBER},
        {"1E+2", JSON_NUMBER},
        {"9223372036854775807", JSON_INTEGER},
        {"-9223372036854775808", JSON_INTEGER},
        {"9223372036854775808", JSON_NUMBER},
        {"18446744073709551615", JSON_NUMBER},
        {"18446744073709551616", JSON_NUMBER},
        {"-9223372036854775809", JSON_NUMBER},
        {"123456789012345678901234567890", JSON_NUMBER},
        {"1e309", JSON_NUMBER},
        {"-1e309", JSON_NUMBER},
        {"1.7976931348623157e308", JSON_NUMBER},
        {"1e-400", JSON_NUMBER},
    };
    struct json_value root, elements[3];
    char text[256];
    bool surrogate;

    (void)state;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        const char *at;
        size_t len;
        (void)snprintf(text, sizeof(text), "[1e999,%s , \"-5\"]", numbers[i].spelling);
        assert_int_equal(parse(text, &root, &surrogate), JSON_OK);
        assert_false(surrogate);
        assert_int_equal(json_elements(&root, elements, 3), 3);
        if (elements[1].type != numbers[i].type)
            fail_msg("%s has type %d", numbers[i].spelling, (int)elements[1].type);
        json_spelling(parser, &elements[1], &at, &len);
        assert_int_equal(len, strlen(numbers[i].spelling));
        assert_memory_equal(at, numbers[i].spelling, len);
        (void)snprintf(text, sizeof(text), "%s", numbers[i].spelling);
        if (parse(text, &root, &surrogate) != JSON_OK)
            fail_msg("%s alone: %s", text, json_reason(parser));
    }
}

static void numbers_are_spelled_right_in_any_order(void **state)
{
    enum { COUNT = 500 };
    static struct json_value elements[2 * COUNT];
    char text[16 * COUNT];
    size_t used = 0;
    struct json_value root;
    bool surrogate;

    (void)state;
    for (int i = 0; i < COUNT; i++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%c%d,%s", i == 0 ? '[' : ',', i,
                                 i % 3 == 0 ? "{}" : "\":1\"");
    (void)snprintf(text + used, sizeof(text) - used, "]");
    assert_int_equal(parse(text, &root, &surrogate), JSON_OK);
    assert_int_equal(json_elements(&root, elements, 2 * COUNT), 2 * COUNT);
    for (uint32_t i = 0, next = 7; i < 20 * COUNT; i++) {
        char expected[8];
        const char *at;
        size_t len;

        /* steps of all lengths, forwards and backwards, and the same one again */
        next = i % 5 == 0 ? next : (i % 3 == 0 ? next * 1103515245u + 12345u : next + 1);
        json_spelling(parser, &elements[next % COUNT * 2], &at, &len);
        assert_int_equal(len, snprintf(expected, sizeof(expected), "%u", next % COUNT));
        assert_memory_equal(at, expected, len);
    }
}

static void a_number_is_spelled_right_wherever_it_stands(void **state)
{
    const char *json = "{ \"a\":[1,{\"b\":-2.50,\"c\":[]},\"3\\\"4\",null,{}], \"d\" : 5e1,"
                       "\"e\":true,\"f\":\"x\",\"g\":[[6],[-7]]}";
    struct json_value root, a[5], g[2], inner[1];
    struct json_member members[5], b[2];
    const char *at;
    bool surrogate;
    size_t len;

    (void)state;
    assert_int_equal(parse(json, &root, &surrogate), JSON_OK);
    assert_int_equal(json_members(&root, members, 5), 5);
    assert_int_equal(json_elements(&members[0].value, a, 5), 5);
    assert_int_equal(json_members(&a[1], b, 2), 2);
    assert_int_equal(json_elements(&members[4].value, g, 2), 2);
    assert_int_equal(json_elements(&g[1], inner, 1), 1);
    const struct {
        const struct json_value *value;
        const char *spelling;
    } cases[] = {
        {&a[0], "1"}, {&b[0].value, "-2.50"}, {&members[1].value, "5e1"}, {&inner[0], "-7"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_spelling(parser, cases[i].value, &at, &len);
        assert_int_equal(len, strlen(cases[i].spelling));
        assert_memory_equal(at, cases[i].spelling, len);
    }
}

static void members_keep_order_and_duplicates_and_are_counted_past_the_room(void **state)
{
    struct json_value root;
    struct json_member members[2];
    bool surrogate;

    (void)state;
    assert_int_equal(parse("{\"b\":{\"x\":[1,2,{}]},\"\\u0062\":2,\"\":3}", &root, &surrogate),
                     JSON_OK);
    assert_int_equal(json_members(&root, members, 2), 3);
    assert_int_equal(members[1].key_len, 1);
    assert_memory_equal(members[0].key, "b", 1);
    assert_memory_equal(members[1].key, "b", 1);
    assert_int_equal(members[0].value.type, JSON_OBJECT);
    assert_int_equal(members[1].value.integer, 2);
    assert_int_equal(json_members(&root, NULL, 0), 3);
}

static void nul_is_a_character_like_others(void **state)
{
    (void)state;
    gives_string("\"a\\u0000b\"", "a\0b", 3, false);
}

static void what_is_not_one_json_text_is_told_apart(void **state)
{
    static const struct {
        const char *text;
        enum json_status status;
    } cases[] = {
        {"", JSON_BAD},
        {"  \t", JSON_BAD},
        {"\xef\xbb\xbf{}", JSON_BAD},
        {"{}{}", JSON_BAD},
        {"{} x", JSON_BAD},
        {"1 2", JSON_BAD},
        {"nul", JSON_BAD},
        {"NaN", JSON_BAD},
        {"{\"a\":1,}", JSON_BAD},
        {"[1\xff", JSON_BAD_UTF8},
        {"\xff", JSON_BAD_UTF8},
        {"\"\xc0\xaf\"", JSON_BAD_UTF8},
        {"\"a\xed\xa0\x80", JSON_BAD_UTF8},
        {"7", JSON_OK},
        {" null ", JSON_OK},
        {"{}\r", JSON_OK},
    };
    struct json_value root;
    bool surrogate;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (parse(cases[i].text, &root, &surrogate) != cases[i].status)
            fail_msg("case %zu: %s", i, cases[i].text);
}

static void nesting_stops_at_the_limit(void **state)
{
    char text[256];
    struct json_value root;
    bool surrogate;

    (void)state;
    for (unsigned depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        text[depth] = '1';
        memset(text + depth + 1, ']', depth);
        text[2 * depth + 1] = '\0';
        assert_int_equal(parse(text, &root, &surrogate),
                         depth <= JSON_DEPTH_MAX ? JSON_OK : JSON_TOO_DEEP);
    }
}

static void length_stops_at_the_limit_without_an_overrun(void **state)
{
    struct json_value root;
    bool surrogate;
    char *exact = malloc(JSON_BYTES_MAX + JSON_SLACK_BYTES); /* a sanitizer guards its end */

    (void)state;
    assert_non_null(exact);
    memset(exact, 'a', JSON_BYTES_MAX + JSON_SLACK_BYTES);
    exact[0] = exact[JSON_BYTES_MAX - 1] = '"';
    assert_int_equal(json_parse(parser, exact, JSON_BYTES_MAX, &root, &surrogate), JSON_OK);
    assert_int_equal(root.len, JSON_BYTES_MAX - 2);
    assert_int_equal(json_parse(parser, exact, JSON_BYTES_MAX + 1, &root, &surrogate),
                     JSON_TOO_LONG);
    memcpy(exact + JSON_BYTES_MAX - 7, "\\ud800\"", 7);
    assert_int_equal(json_parse(parser, exact, JSON_BYTES_MAX, &root, &surrogate), JSON_OK);
    assert_true(surrogate);
    for (size_t i = 0; i < JSON_BYTES_MAX; i += 3) /* the most string headers that fit */
        memcpy(exact + i, i == 0 ? "[\"\"" : ",\"\"", JSON_BYTES_MAX - i < 3 ? 1 : 3);
    exact[JSON_BYTES_MAX - 1] = ']';
    assert_int_equal(json_parse(parser, exact, JSON_BYTES_MAX, &root, &surrogate), JSON_OK);
    assert_int_equal(json_elements(&root, NULL, 0), JSON_BYTES_MAX / 3);
    free(exact);
}

static void mending_changes_nothing_that_needs_no_mending(void **state)
{
    const char *sound[] = {"{\"a\":\"\\ud83d\\ude00\",\"b\":12.5e3}",
                           "[\"1e999\",\"\\\\ud83d\"]",
                           "\\",
                           "\"\\",
                           "1e",
                           "-",
                           "01e999",
                           "[18446744073709551615]"};
    char text[128];
    bool surrogate;

    (void)state;
    for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
        memset(text, 0, sizeof(text));
        memcpy(text, sound[i], strlen(sound[i]));
        assert_int_equal(json_mend(text, strlen(sound[i]), &surrogate), 0);
        assert_false(surrogate);
        assert_string_equal(text, sound[i]);
    }
    assert_memory_equal(json_engine(), "simdjson ", 9);
}

static void a_text_cut_inside_a_character_is_cut_and_not_bad_utf8(void **state)
{
    (void)state;
    static const char text[] = "{\"title\":\"\xE7\x8E\xA9\xF0\x9F\x98\x80\"}";
    for (size_t len = 1; len < sizeof text - 1; len++) {
        char bytes[sizeof text + JSON_SLACK_BYTES] = {0};
        struct json_value root;
        bool surrogate = false;
        memcpy(bytes, text, len);
        assert_int_equal(json_parse(parser, bytes, len, &root, &surrogate), JSON_BAD);
        bytes[0] = (char)0xFF; /* elsewhere the bytes are to blame */
        assert_int_equal(json_parse(parser, bytes, len, &root, &surrogate), JSON_BAD_UTF8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_cut_inside_a_character_is_cut_and_not_bad_utf8),
        cmocka_unit_test(lone_surrogates_become_fffd_and_pairs_stay),
        cmocka_unit_test(a_backslash_before_the_escape_makes_it_text),
        cmocka_unit_test(a_second_fault_beside_a_surrogate_is_still_a_fault),
        cmocka_unit_test(numbers_of_any_size_are_numbers_as_written),
        cmocka_unit_test(numbers_are_spelled_right_in_any_order),
        cmocka_unit_test(a_number_is_spelled_right_wherever_it_stands),
        cmocka_unit_test(members_keep_order_and_duplicates_and_are_counted_past_the_room),
        cmocka_unit_test(nul_is_a_character_like_others),
        cmocka_unit_test(what_is_not_one_json_text_is_told_apart),
        cmocka_unit_test(nesting_stops_at_the_limit),
        cmocka_unit_test(length_stops_at_the_limit_without_an_overrun),
        cmocka_unit_test(mending_changes_nothing_that_needs_no_mending),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}
