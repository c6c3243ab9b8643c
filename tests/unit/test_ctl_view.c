/* Records are taken apart and shown to people, and nothing in them reaches a terminal
 * raw. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/show.h"
#include "daemon/ctl/view.h"
#include "tests/fakes/test.h"

#define HEAD(seq, kind)                                                                            \
    "{\"v\":1,\"seq\":" seq ",\"kind\":\"" kind "\",\"t\":\"2026-11-24T15:00:00.123456789Z\","     \
    "\"b\":\"5\",\"clk\":1,\"run\":0"
#define HIT                                                                                        \
    "{\"mark\":\"M00001\",\"rule\":\"default.counterfeit\",\"field\":\"title\",\"from\":0,"        \
    "\"to\":4,\"stage\":\"plain\",\"text\":\"Squish\\u001b]52;c;YQ==\\u0007\"}"
#define MATCH                                                                                      \
    HEAD("7", "match")                                                                             \
    ",\"source\":\"a\",\"line\":3,\"platform\":\"shop\",\"listing\":\"B1\","                       \
    "\"merchant\":\"shop/s1\",\"title\":\"x \\u202ey \\u5409\",\"scan\":\"ok\","                   \
    "\"class\":\"counterfeit\",\"hits\":[" HIT "],\"n_hits\":1}"
#define START HEAD("0", "start") ",\"pid\":12,\"ok\":true,\"host\":\"h\\u009b\",\"list\":[1]}"

static int parse(struct view_reader *reader, const char *line, struct view *ret_view)
{
    return view_parse(reader, line, strlen(line), ret_view);
}

static char *shown(const char *line, size_t columns, bool colour)
{
    struct view_reader *reader = view_open();
    struct view view;
    char *out = NULL;
    size_t len = 0;
    assert_int_equal(parse(reader, line, &view), 0);
    FILE *stream = open_memstream(&out, &len);
    assert_non_null(stream);
    struct term term = {.stream = stream, .colour = colour};
    view_print(&term, &view, columns);
    assert_int_equal(fclose(stream), 0);
    assert_null(view_close(reader));
    return out;
}

static void a_match_is_one_line_with_escapes(void **state)
{
    (void)state;
    char *out = shown(MATCH, SIZE_MAX, false);
    assert_string_equal(out, "2026-11-24 15:00:00.123Z  counterfeit  shop B1  by shop/s1  M00001 "
                             "\"Squish\\u{1b}]52;c;YQ==\\u{07}\"  | x \\u{202e}y \xe5\x90\x89\n");
    free(out);
}

static void another_record_shows_its_own_members(void **state)
{
    (void)state;
    char *out = shown(START, SIZE_MAX, false);
    assert_string_equal(out,
                        "2026-11-24 15:00:00.123Z  start        pid=12  ok=true  host=h\\u{9b}\n");
    free(out);
}

static void a_failed_scan_is_called_so(void **state)
{
    (void)state;
    char *out = shown(HEAD("7", "match") ",\"scan\":\"failed\",\"class\":\"none\"}", SIZE_MAX, 0);
    assert_non_null(strstr(out, "scan failed"));
    free(out);
}

static void a_narrow_terminal_gets_a_narrow_line(void **state)
{
    (void)state;
    for (size_t columns = 1; columns < 120; columns++) {
        char *out = shown(MATCH, columns, false);
        size_t used = 0;
        for (const char *at = out; *at != '\n'; at++)
            used += ((unsigned char)*at & 0xc0) != 0x80 ? 1 : 0; /* code points */
        assert_true(used <= columns);
        free(out);
    }
}

static void colours_are_the_only_escape_sequences(void **state)
{
    (void)state;
    char *out = shown(MATCH, SIZE_MAX, true);
    unsigned sequences = 0;
    for (const char *at = out; *at != '\0'; at++) {
        if (*at != '\033')
            continue;
        sequences++;
        size_t len = strspn(at + 2, "0123456789;");
        assert_int_equal(at[1], '[');
        assert_int_equal(at[2 + len], 'm');
    }
    assert_true(sequences >= 4);
    free(out);
}

static void what_is_no_record_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "{}",
        "[]",
        "{\"v\":1,\"seq\":1,\"kind\":\"x\"}",
        "{\"v\":1,\"seq\":1,\"kind\":\"x\",\"t\":\"2026\"}",
        "{\"v\":1,\"seq\":1,\"kind\":7,\"t\":\"2026-11-24T15:00:00.123456789Z\"}",
        HEAD("1", "start"),
        HEAD("1", "start") ",\"a\":\"\x1b\"}",
        HEAD("1", "start") ",\"a\":\"\xc3\xa4\"}",
        HEAD("1", "start") "}\t",
    };
    struct view_reader *reader = view_open();
    struct view view;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(parse(reader, lines[i], &view), -EBADMSG);
    static char large[RECORD_LINE_BYTES_MAX + 2];
    memset(large, 'x', RECORD_LINE_BYTES_MAX + 1);
    assert_int_equal(parse(reader, large, &view), -EBADMSG);
    assert_null(view_close(reader));
}

static char *pretty(const char *json)
{
    char *out = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&out, &len);
    assert_non_null(stream);
    struct term term = {.stream = stream};
    show_pretty(&term, json, strlen(json));
    assert_int_equal(fclose(stream), 0);
    return out;
}

static void pretty_json_keeps_every_spelling(void **state)
{
    (void)state;
    char *out = pretty("{\"a\": [1,2.50,{}],\"b\":{\"c\\\"}\":\"\\u001b,:\"},\"d\":[]}");
    assert_string_equal(out, "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \"b\": {\n"
                             "    \"c\\\"}\": \"\\u001b,:\"\n  },\n  \"d\": []\n}\n");
    free(out);
    out = pretty("[\"\x1b\",\"unterminated");
    assert_null(strchr(out, '\033'));
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_match_is_one_line_with_escapes),
        cmocka_unit_test(another_record_shows_its_own_members),
        cmocka_unit_test(a_failed_scan_is_called_so),
        cmocka_unit_test(a_narrow_terminal_gets_a_narrow_line),
        cmocka_unit_test(colours_are_the_only_escape_sequences),
        cmocka_unit_test(what_is_no_record_is_refused),
        cmocka_unit_test(pretty_json_keeps_every_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
