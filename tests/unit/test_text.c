/*
 * JSON out. Goal: no byte that a terminal or a line reader could act on, nothing lost that was
 * text. Method: every byte, every code point, and other people's parsers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unistd.h>

#include "daemon/ledger/shape.h"
#include "daemon/ledger/text.h"
#include "tests/fakes/ledger_rig.h"
#include "tests/fakes/test.h"

static size_t put_utf8(char *at, uint32_t point)
{
    if (point < 0x80) {
        at[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        at[0] = (char)(0xc0 | point >> 6);
        at[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        at[0] = (char)(0xe0 | point >> 12);
        at[1] = (char)(0x80 | (point >> 6 & 0x3f));
        at[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    at[0] = (char)(0xf0 | point >> 18);
    at[1] = (char)(0x80 | (point >> 12 & 0x3f));
    at[2] = (char)(0x80 | (point >> 6 & 0x3f));
    at[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}

static void assert_string(const char *bytes, size_t len, const char *expected)
{
    char out[256];
    struct text text = text_into(out, sizeof(out));

    text_string(&text, bytes, len);
    assert_false(text.overflow);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(out, expected, text.len);
}

static void every_byte_comes_out_as_printable_ascii(void **state)
{
    (void)state;
    /* Each value at each of 20 places, so that the fast path sees it at every lane of a word. */
    for (unsigned value = 0; value < 256; value++) {
        for (size_t at = 0; at < 20; at++) {
            char in[20], out[200], wrapped[220];
            memset(in, 'x', sizeof(in));
            in[at] = (char)value;
            struct text text = text_into(out, sizeof(out));
            text_string(&text, in, sizeof(in));
            assert_false(text.overflow);
            for (size_t i = 0; i < text.len; i++)
                assert_in_range((unsigned char)out[i], 0x20, 0x7e);
            int len = snprintf(wrapped, sizeof(wrapped), "{\"k\":%.*s}", (int)text.len, out);
            assert_true(shape_is_object(wrapped, (size_t)len));
            if (value >= 0x20 && value < 0x7f && value != '"' && value != '\\')
                assert_int_equal(text.len, sizeof(in) + 2);
        }
    }
}

static void every_code_point_past_ascii_is_escaped_as_its_utf16(void **state)
{
    (void)state;
    for (uint32_t point = 0x7f; point <= 0x10ffff; point++) {
        char in[4], expected[16];
        if (point >= 0xd800 && point <= 0xdfff)
            continue;
        size_t len = put_utf8(in, point);
        if (point < 0x10000)
            (void)snprintf(expected, sizeof(expected), "\"\\u%04x\"", point);
        else
            (void)snprintf(expected, sizeof(expected), "\"\\u%04x\\u%04x\"",
                           0xd800 + ((point - 0x10000) >> 10),
                           0xdc00 + ((point - 0x10000) & 0x3ff));
        assert_string(in, len, expected);
    }
}

static void no_control_or_format_character_is_ever_raw(void **state)
{
    (void)state;
    unsigned seen = 0;
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        int8_t type = u_charType((UChar32)point);
        if (type != U_CONTROL_CHAR && type != U_FORMAT_CHAR)
            continue;
        char in[4], out[32];
        struct text text = text_into(out, sizeof(out));
        text_string(&text, in, put_utf8(in, point));
        assert_int_equal(out[1], '\\');
        seen++;
    }
    assert_true(seen > 200);
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
    (void)state;
    assert_string("\x80", 1, "\"\\ufffd\"");
    assert_string("\xc0\xaf", 2, "\"\\ufffd\\ufffd\"");
    assert_string("a\xe2\x82", 3, "\"a\\ufffd\"");
    assert_string("\xe2\x82z", 3, "\"\\ufffdz\"");
    assert_string("\xed\xa0\x80", 3, "\"\\ufffd\\ufffd\\ufffd\"");
    assert_string("\xf4\x90\x80\x80", 4, "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
    assert_string("\xf0\x9f\x98", 3, "\"\\ufffd\"");
    assert_string("\xff\xfe", 2, "\"\\ufffd\\ufffd\"");
    assert_string("\0\x01", 2, "\"\\u0000\\u0001\"");
}

static void overflow_is_sticky_and_writes_nothing_past_the_end(void **state)
{
    (void)state;
    for (size_t room = 0; room < 40; room++) {
        char out[64];
        memset(out, '#', sizeof(out));
        struct text text = text_into(out, room);
        text_key(&text, "key");
        text_string(&text, "\xf0\x9f\x98\x80 \"quoted\"", 13);
        text_u64(&text, 1);
        assert_int_equal(text.overflow, room < 33);
        for (size_t i = text.len; i < sizeof(out); i++)
            assert_int_equal(out[i], '#');
        assert_true(text.len <= room);
    }
}

static void a_cut_never_splits_a_code_point(void **state)
{
    (void)state;
    const char in[] = "ab\xe2\x82\xac\xf0\x9f\x98\x80z";
    const size_t taken[] = {0, 1, 2, 2, 2, 5, 5, 5, 5, 9, 10, 10};
    for (size_t max = 0; max < sizeof(taken) / sizeof(*taken); max++) {
        char out[64];
        struct text text = text_into(out, sizeof(out));
        assert_int_equal(text_string_cut(&text, in, 10, max), taken[max]);
        assert_int_equal(out[text.len - 1], '"');
    }
}

static void numbers_are_exact_at_their_limits(void **state)
{
    (void)state;
    char out[128];
    struct text text = text_into(out, sizeof(out));

    text_u64(&text, UINT64_MAX);
    text_raw(&text, " ", 1);
    text_i64(&text, INT64_MIN);
    text_raw(&text, " ", 1);
    text_i64(&text, 0);
    text_raw(&text, " ", 1);
    text_u64_string(&text, 9007199254740993u);
    text_raw(&text, " ", 1);
    text_hex(&text, (const uint8_t *)"\x00\xff\x1a", 3);
    text_raw(&text, "", 1);
    assert_string_equal(out,
                        "18446744073709551615 -9223372036854775808 0 \"9007199254740993\" 00ff1a");
}

/* Random bytes, half of them UTF-8, through our writer and back through a program. */
static void round_trip(const char *before, const char *after)
{
    char path[] = "/tmp/test_text.XXXXXX", command[512];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "w");
    assert_non_null(file);
    uint64_t seed = 88172645463325252u;
    for (unsigned line = 0; line < 3000; line++) {
        char in[64], out[1024];
        size_t len = 0;
        for (unsigned i = 0; i < 12; i++) {
            seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
            uint32_t point = (uint32_t)(seed >> 20) % 0x110000;
            if (seed % 3 == 0)
                in[len++] = (char)(seed >> 8);
            else if (point < 0xd800 || point > 0xdfff)
                len += put_utf8(in + len, seed % 3 == 1 ? point % 0x3000 : point);
        }
        struct text text = text_into(out, sizeof(out));
        text_literal(&text, "{\"hex\":\"");
        text_hex(&text, (const uint8_t *)in, len);
        text_literal(&text, "\",\"text\":");
        text_string(&text, in, len);
        text_literal(&text, "}\n");
        assert_false(text.overflow);
        assert_int_equal(fwrite(out, 1, text.len, file), text.len);
    }
    assert_int_equal(fclose(file), 0);
    (void)snprintf(command, sizeof(command), "%s %s%s", before, path, after);
    int status = rig_shell("/tmp", command);
    (void)unlink(path);
    assert_int_equal(status, 0);
}

static void python_reads_back_what_went_in(void **state)
{
    (void)state;
    if (rig_shell("/tmp", "python3 -c 0 2>/dev/null") != 0)
        skip();
    /* The same rule for bytes that are not UTF-8: one U+FFFD for each maximal part. */
    round_trip("python3 -c 'import json,sys\n"
               "for line in open(sys.argv[1], encoding=\"ascii\"):\n"
               " d=json.loads(line)\n"
               " assert d[\"text\"]==bytes.fromhex(d[\"hex\"]).decode(\"utf-8\",\"replace\"), d'",
               "");
}

static void jq_takes_every_line(void **state)
{
    (void)state;
    if (rig_shell("/tmp", "jq --version >/dev/null 2>&1") != 0)
        skip();
    round_trip("test \"$(jq -c .text", " | wc -l)\" = 3000");
}

static void hex_is_read_as_it_is_written_and_nothing_else(void **state)
{
    static const uint8_t bytes[] = {0x00, 0xff, 0x1a, 0x90};
    static const char *const wrong[] = {"00ff1A90", "00ff1a9", "00ff1a9g", "00ff 1a90"};
    char hex[2 * sizeof bytes];
    uint8_t read[sizeof bytes];
    struct text text = text_into(hex, sizeof hex);

    (void)state;
    text_hex(&text, bytes, sizeof bytes);
    assert_true(text_hex_read(hex, read, sizeof read));
    assert_memory_equal(read, bytes, sizeof read);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(text_hex_read(wrong[i], read, sizeof read)); /* the second ends in NUL */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_comes_out_as_printable_ascii),
        cmocka_unit_test(every_code_point_past_ascii_is_escaped_as_its_utf16),
        cmocka_unit_test(no_control_or_format_character_is_ever_raw),
        cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
        cmocka_unit_test(overflow_is_sticky_and_writes_nothing_past_the_end),
        cmocka_unit_test(a_cut_never_splits_a_code_point),
        cmocka_unit_test(numbers_are_exact_at_their_limits),
        cmocka_unit_test(python_reads_back_what_went_in),
        cmocka_unit_test(jq_takes_every_line),
        cmocka_unit_test(hex_is_read_as_it_is_written_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
