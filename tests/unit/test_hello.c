/*
 * The first line of a connection: a hello, none, or one that cannot be kept to.
 */
#include <errno.h>
#include <string.h>

#include "daemon/hello.h"
#include "tests/unit/json_rig.h"

static int decode(const char *line, struct hello *ret_hello, struct reject *reterr_reject)
{
    static char buffer[1024];

    assert_true(strlen(line) + JSON_SLACK_BYTES < sizeof(buffer));
    memset(buffer, '#', sizeof(buffer));
    memcpy(buffer, line, strlen(line));
    return hello_decode(parser, buffer, strlen(line), ret_hello, reterr_reject);
}

static void a_hello_says_its_source_and_whether_it_wants_answers(void **state)
{
    struct hello hello;
    struct reject reject;

    (void)state;
    assert_int_equal(
        decode("{\"noticed\":1,\"source\":\"spider-a\",\"ack\":true}", &hello, &reject), 1);
    assert_int_equal(hello.version, 1);
    assert_string_equal(hello.source, "spider-a");
    assert_int_equal(hello.source_len, 8);
    assert_true(hello.ack);
    assert_int_equal(hello.map_len, 0);
    assert_int_equal(decode("{\"noticed\":1,\"map\":\"scrapy\"}", &hello, &reject), 1);
    assert_string_equal(hello.map, "scrapy");
    assert_int_equal(hello.map_len, 6);
    assert_int_equal(decode(" {\"source\":null,\"noticed\":1,\"map\":null} \r", &hello, &reject),
                     1);
    assert_string_equal(hello.source, "");
    assert_int_equal(hello.source_len, 0);
    assert_false(hello.ack);
    assert_int_equal(decode("{\"noticed\":1,\"source\":"
                            "\"Az09._:-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
                            &hello, &reject),
                     1);
    assert_int_equal(hello.source_len, HELLO_SOURCE_BYTES_MAX);
}

static void a_hello_with_acks_may_ask_for_their_matches(void **state)
{
    static const struct {
        const char *line;
        bool ack, matches;
    } cases[] = {
        {"{\"noticed\":1,\"ack\":true,\"matches\":true}", true, true},
        {"{\"matches\":true,\"ack\":true,\"noticed\":1}", true, true},
        {"{\"noticed\":1,\"ack\":true,\"matches\":false}", true, false},
        {"{\"noticed\":1,\"ack\":true,\"matches\":null}", true, false},
        {"{\"noticed\":1,\"ack\":true}", true, false},
        {"{\"noticed\":1,\"matches\":false}", false, false},
    };
    struct hello hello;
    struct reject reject;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(decode(cases[i].line, &hello, &reject), 1);
        assert_int_equal(hello.ack, cases[i].ack);
        assert_int_equal(hello.matches, cases[i].matches);
    }
}

static void a_hello_may_name_a_session_and_the_number_of_its_next_line(void **state)
{
    struct hello hello;
    struct reject reject;

    (void)state;
    assert_int_equal(
        decode("{\"noticed\":1,\"session\":\"2026-11-30.a:1\",\"first\":501}", &hello, &reject), 1);
    assert_string_equal(hello.session, "2026-11-30.a:1");
    assert_int_equal(hello.session_len, 14);
    assert_int_equal(hello.first, 501);
    assert_int_equal(decode("{\"noticed\":1,\"session\":\"s\"}", &hello, &reject), 1);
    assert_int_equal(hello.first, 1);
    assert_int_equal(decode("{\"noticed\":1,\"session\":null,\"first\":null}", &hello, &reject), 1);
    assert_int_equal(hello.session_len, 0);
    assert_int_equal(hello.first, 1);
    assert_int_equal(
        decode("{\"noticed\":1,\"session\":\"s\",\"first\":9007199254740991}", &hello, &reject), 1);
    assert_true(hello.first == HELLO_FIRST_MAX);
}

static void other_lines_are_no_hello(void **state)
{
    static const char *const lines[] = {
        "",
        "hello",
        "[1]",
        "1",
        "{}",
        "{\"platform\":\"p\",\"title\":\"noticed\"}",
        "{\"x\":{\"noticed\":1}}",
        "{\"Noticed\":1}",
        "{\"noticed\":1",
        "{\"noticed\":1}{}",
    };
    struct hello hello;
    struct reject reject;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (decode(lines[i], &hello, &reject) != 0)
            fail_msg("%s is a hello", lines[i]);
}

static void a_hello_that_cannot_be_kept_to_is_refused_by_its_member(void **state)
{
    static const struct {
        const char *line;
        enum reject_code code;
        const char *detail;
    } bad[] = {
        {"{\"noticed\":2}", REJECT_BAD_VALUE, "noticed: version 2 is not known, must be 1"},
        {"{\"noticed\":\"1\"}", REJECT_BAD_TYPE, "noticed: must be a number"},
        {"{\"noticed\":null}", REJECT_BAD_TYPE, "noticed: must be a number"},
        {"{\"noticed\":1.0}", REJECT_BAD_TYPE, "noticed: must be a number"},
        {"{\"noticed\":1,\"ack\":1}", REJECT_BAD_TYPE, "ack: is a number, must be true or false"},
        {"{\"noticed\":1,\"matches\":true}", REJECT_BAD_VALUE,
         "matches: acks carry the count: ask for \"ack\":true as well"},
        {"{\"noticed\":1,\"ack\":false,\"matches\":true}", REJECT_BAD_VALUE, "matches: acks carry"},
        {"{\"noticed\":1,\"ack\":null,\"matches\":true}", REJECT_BAD_VALUE, "matches: acks carry"},
        {"{\"noticed\":1,\"ack\":true,\"matches\":1}", REJECT_BAD_TYPE,
         "matches: is a number, must be true or false"},
        {"{\"noticed\":1,\"ack\":true,\"matches\":true,\"matches\":true}", REJECT_DUP_KEY,
         "matches: is there twice"},
        {"{\"noticed\":1,\"ack\":true,\"match\":true}", REJECT_BAD_VALUE,
         "match: not a member of a hello"},
        {"{\"noticed\":1,\"akc\":true}", REJECT_BAD_VALUE, "akc: not a member of a hello"},
        {"{\"noticed\":1,\"source\":7}", REJECT_BAD_TYPE, "source: is a number, must be a string"},
        {"{\"noticed\":1,\"source\":\"\"}", REJECT_BAD_VALUE, "source: has 0 bytes"},
        {"{\"noticed\":1,\"source\":\"a b\"}", REJECT_BAD_VALUE, "source: a b: only"},
        {"{\"noticed\":1,\"source\":\"a\\u0000\"}", REJECT_BAD_VALUE, "source: "},
        {"{\"noticed\":1,\"source\":\"\xc3\xa9\"}", REJECT_BAD_VALUE, "source: ??: only"},
        {"{\"noticed\":1,\"source\":"
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
         REJECT_BAD_VALUE, "source: has 65 bytes, must have 1 to 64"},
        {"{\"noticed\":1,\"map\":\"a/b\"}", REJECT_BAD_VALUE, "map: a/b: only"},
        {"{\"noticed\":1,\"map\":{}}", REJECT_BAD_TYPE, "map: is an object"},
        {"{\"noticed\":1,\"session\":5}", REJECT_BAD_TYPE,
         "session: is a number, must be a string"},
        {"{\"noticed\":1,\"session\":\"\"}", REJECT_BAD_VALUE, "session: has 0 bytes"},
        {"{\"noticed\":1,\"session\":\"a/b\"}", REJECT_BAD_VALUE, "session: a/b: only"},
        {"{\"noticed\":1,\"session\":"
         "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
         REJECT_BAD_VALUE, "session: has 65 bytes, must have 1 to 64"},
        {"{\"noticed\":1,\"first\":5}", REJECT_BAD_VALUE, "first: numbers the lines of a session"},
        {"{\"noticed\":1,\"session\":\"s\",\"first\":0}", REJECT_BAD_VALUE,
         "first: must be a whole number from 1 to 9007199254740991"},
        {"{\"noticed\":1,\"session\":\"s\",\"first\":-1}", REJECT_BAD_VALUE, "first: must be"},
        {"{\"noticed\":1,\"session\":\"s\",\"first\":9007199254740992}", REJECT_BAD_VALUE,
         "first: must be"},
        {"{\"noticed\":1,\"session\":\"s\",\"first\":\"5\"}", REJECT_BAD_TYPE,
         "first: is a string, must be a whole number"},
        {"{\"noticed\":1,\"session\":\"s\",\"first\":1.5}", REJECT_BAD_TYPE,
         "first: is a number, must be a whole number"},
        {"{\"noticed\":1,\"ack\":true,\"ack\":false}", REJECT_DUP_KEY, "ack: is there twice"},
        {"{\"noticed\":1,\"notice\\u0064\":1}", REJECT_DUP_KEY, "noticed: is there twice"},
    };
    struct hello hello;
    struct reject reject;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        int result = decode(bad[i].line, &hello, &reject);
        if (result != -EINVAL || reject.code != bad[i].code ||
            strncmp(reject.detail, bad[i].detail, strlen(bad[i].detail)) != 0)
            fail_msg("%s: %d %s", bad[i].line, result, result < 0 ? reject.detail : "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hello_says_its_source_and_whether_it_wants_answers),
        cmocka_unit_test(a_hello_with_acks_may_ask_for_their_matches),
        cmocka_unit_test(a_hello_may_name_a_session_and_the_number_of_its_next_line),
        cmocka_unit_test(other_lines_are_no_hello),
        cmocka_unit_test(a_hello_that_cannot_be_kept_to_is_refused_by_its_member),
    };
    return cmocka_run_group_tests(tests, open_parser, close_parser);
}
