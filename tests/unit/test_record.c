/*
 * Record <-> line. Goal: the spelling is fixed, and only that spelling is read.
 * Method: one line by hand, then every single-byte change and every cut of it.
 */
#include <errno.h>
#include <string.h>

#include "daemon/ledger/record.h"
#include "daemon/ledger/shape.h"
#include "tests/fakes/test.h"

static const char line_of_format_1[] =
    "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\","
    "\"b\":\"81234567890\",\"clk\":3,\"run\":2,\"sighting\":6,\"event\":{\"id\":\"2.7\","
    "\"at\":\"2026-11-24T15:00:00.123456789Z\"}}\n";

static const struct record_head head_of_it = {.seq = 7,
                                              .clk = 3,
                                              .run = 2,
                                              .wall_ns = 1795532400123456789,
                                              .boot_ns = 81234567890,
                                              .previous = 6};

static size_t encode(const struct record_head *head, const char *body, char *out, size_t room)
{
    struct record_draft draft = {.kind = RECORD_MATCH, .body = body, .len = strlen(body)};

    return record_encode(head, &draft, out, room);
}

static void a_record_is_this_line_for_ever(void **state)
{
    (void)state;
    const char body[] = ",\"sighting\":,\"event\":{\"id\":\"\",\"at\":\"\"}}";
    struct record_draft draft = {
        .kind = RECORD_MATCH,
        .body = body,
        .len = sizeof(body) - 1,
        .holes = {{12, RECORD_HOLE_PREVIOUS}, {28, RECORD_HOLE_ID}, {36, RECORD_HOLE_TIME}},
        .holes_count = 3};
    char out[RECORD_LINE_BYTES_MAX];
    size_t len = record_encode(&head_of_it, &draft, out, sizeof(out));
    assert_int_equal(len, sizeof(line_of_format_1) - 1);
    assert_memory_equal(out, line_of_format_1, len);
}

static void its_head_is_read_back(void **state)
{
    (void)state;
    struct record_head head;
    enum record_kind kind;
    size_t len = sizeof(line_of_format_1) - 2;

    assert_int_equal(record_decode_head(line_of_format_1, len, &head, &kind), 0);
    assert_int_equal(kind, RECORD_MATCH);
    assert_int_equal(head.seq, 7);
    assert_int_equal(head.clk, 3);
    assert_int_equal(head.run, 2);
    assert_int_equal(head.wall_ns, 1795532400123456789);
    assert_int_equal(head.boot_ns, 81234567890u);
}

static void before_the_first_clock_record_clk_is_null(void **state)
{
    (void)state;
    char out[RECORD_LINE_BYTES_MAX];
    struct record_head head = head_of_it, again;
    enum record_kind kind;

    head.clk = RECORD_NO_SEQ;
    size_t len = encode(&head, "}", out, sizeof(out));
    out[len - 1] = '\0';
    assert_non_null(strstr(out, ",\"clk\":null,\"run\":2}"));
    assert_int_equal(record_decode_head(out, len - 1, &again, &kind), 0);
    assert_int_equal(again.clk, RECORD_NO_SEQ);
}

static void a_cut_line_is_not_a_record(void **state)
{
    (void)state;
    struct record_head head;
    enum record_kind kind;
    size_t len = sizeof(line_of_format_1) - 2;

    for (size_t cut = 0; cut < len; cut++) {
        bool head_only = record_decode_head(line_of_format_1, cut, &head, &kind) == 0;
        assert_false(head_only && shape_is_object(line_of_format_1, cut));
    }
}

/* Any byte of the head that is changed gives another valid value or is refused; it never gives the
   same record, and never a raw byte outside of printable ASCII. */
static void each_changed_byte_is_noticed_or_changes_the_head(void **state)
{
    (void)state;
    size_t len = sizeof(line_of_format_1) - 2;
    const char *body = strstr(line_of_format_1, ",\"sighting\"");

    for (size_t at = 0; at < len; at++) {
        for (unsigned value = 0; value < 256; value++) {
            char line[sizeof(line_of_format_1)];
            struct record_head head;
            enum record_kind kind;
            memcpy(line, line_of_format_1, sizeof(line));
            if ((unsigned char)line[at] == value)
                continue;
            line[at] = (char)value;
            if (record_decode_head(line, len, &head, &kind) < 0)
                continue;
            assert_in_range(value, 0x20, 0x7e);
            if (line + at >= line + (body - line_of_format_1))
                continue;
            head.previous = head_of_it.previous;
            assert_false(kind == RECORD_MATCH && memcmp(&head, &head_of_it, sizeof(head)) == 0);
        }
    }
}

static void other_spellings_of_the_same_are_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"v\":2,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":07,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"Match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":\"8\","
        "\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24t15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:60.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-02-30T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.12345678Z\",\"b\":\"8\","
        "\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":8,"
        "\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":8,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":8}",
        "{\"v\":1,\"seq\":18446744073709551616,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00."
        "123456789Z\",\"b\":\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1,\"seq\":18446744073709551615,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00."
        "123456789Z\",\"b\":\"8\",\"clk\":3,\"run\":2}",
        "{\"v\":1, "
        "\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":\"8\",\"clk\":"
        "3,\"run\":2}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2 }",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"clk\":3,\"run\":2,}",
        "{\"v\":1,\"seq\":7,\"kind\":\"match\",\"t\":\"2026-11-24T15:00:00.123456789Z\",\"b\":"
        "\"8\",\"run\":2,\"clk\":3}",
        "{}",
        "",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
        struct record_head head;
        enum record_kind kind;
        assert_int_equal(record_decode_head(lines[i], strlen(lines[i]), &head, &kind), -EBADMSG);
    }
}

static void a_kind_of_a_later_version_is_read_as_unknown(void **state)
{
    (void)state;
    const char line[] = "{\"v\":1,\"seq\":7,\"kind\":\"later.kind\",\"t\":"
                        "\"2026-11-24T15:00:00.123456789Z\",\"b\":\"8\",\"clk\":3,\"run\":2}";
    struct record_head head;
    enum record_kind kind;

    assert_int_equal(record_decode_head(line, sizeof(line) - 1, &head, &kind), 0);
    assert_int_equal(kind, RECORD_KINDS_COUNT);
}

static void a_line_over_the_limit_is_not_written_and_not_read(void **state)
{
    (void)state;
    static char body[RECORD_LINE_BYTES_MAX + 64], out[RECORD_LINE_BYTES_MAX + 1],
        longest[RECORD_LINE_BYTES_MAX + 1];
    struct record_head head;
    enum record_kind kind;

    memset(body, 'x', sizeof(body) - 1);
    memcpy(body, ",\"a\":\"", 6);
    size_t fits = 0;
    for (size_t len = RECORD_LINE_BYTES_MAX - 200; len < sizeof(body) - 1; len++) {
        char keep[3] = {body[len - 2], body[len - 1], body[len]};
        memcpy(body + len - 2, "\"}", 3);
        size_t written = encode(&head_of_it, body, out, sizeof(out));
        memcpy(body + len - 2, keep, 3);
        if (written == 0)
            break;
        fits = written;
        memcpy(longest, out, fits);
    }
    assert_int_equal(fits, RECORD_LINE_BYTES_MAX);
    assert_int_equal(record_decode_head(longest, fits - 1, &head, &kind), 0);
    longest[fits - 1] = 'x';
    longest[fits] = '}';
    assert_int_equal(record_decode_head(longest, fits + 1, &head, &kind), -EBADMSG);
    assert_int_equal(encode(&head_of_it, ",\"a\":1}", out, 20), 0);
}

static void a_shape_is_json_and_nothing_else(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}", "{\"a\":1}", "{\"a\":-0.5e+3,\"b\":[],\"c\":[1,{},[\"x\"],null,true,false]}",
        "{\"a\\u00e9\\\"\":\"\\ud83d\\ude00\"}"};
    static const char *const bad[] = {"",
                                      "{",
                                      "}",
                                      "[]",
                                      "1",
                                      "{}{}",
                                      "{} ",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":1,}",
                                      "{,\"a\":1}",
                                      "{\"a\":01}",
                                      "{\"a\":1.}",
                                      "{\"a\":-}",
                                      "{\"a\":1e}",
                                      "{\"a\":nul}",
                                      "{\"a\":[1,]}",
                                      "{\"a\":[}",
                                      "{\"a\":[}]",
                                      "{\"a\":\"\\x\"}",
                                      "{\"a\":\"\\u12g4\"}",
                                      "{\"a\":\"}",
                                      "{a:1}",
                                      "{\"a\":1 }",
                                      "{\"a\":\"\t\"}",
                                      "{\"a\":\"\x7f\"}",
                                      "{\"a\":\"\xc3\xa9\"}",
                                      "{\"a\":1]"};
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
        assert_true(shape_is_object(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        assert_false(shape_is_object(bad[i], strlen(bad[i])));

    char deep[600] = {0};
    for (unsigned levels = 60; levels < 70; levels++) {
        size_t len = 0;
        for (unsigned i = 0; i + 1 < levels; i++) {
            memcpy(deep + len, "{\"a\":", 5);
            len += 5;
        }
        deep[len++] = '{';
        memset(deep + len, '}', levels);
        assert_int_equal(shape_is_object(deep, len + levels), levels <= SHAPE_DEPTH_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_is_this_line_for_ever),
        cmocka_unit_test(its_head_is_read_back),
        cmocka_unit_test(before_the_first_clock_record_clk_is_null),
        cmocka_unit_test(a_cut_line_is_not_a_record),
        cmocka_unit_test(each_changed_byte_is_noticed_or_changes_the_head),
        cmocka_unit_test(other_spellings_of_the_same_are_refused),
        cmocka_unit_test(a_kind_of_a_later_version_is_read_as_unknown),
        cmocka_unit_test(a_line_over_the_limit_is_not_written_and_not_read),
        cmocka_unit_test(a_shape_is_json_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
