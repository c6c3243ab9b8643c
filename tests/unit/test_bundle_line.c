/*
 * Members of a record's line as they are spelled; which records a bundle takes.
 */
#include <string.h>

#include "daemon/ctl/bundle_line.h"
#include "daemon/ctl/bundle_pick.h"
#include "tests/fakes/test.h"

static struct bundle_slice of(const char *text)
{
    return (struct bundle_slice){text, strlen(text)};
}

static void is(struct bundle_slice slice, const char *text)
{
    assert_non_null(slice.at);
    assert_int_equal(slice.len, strlen(text));
    assert_memory_equal(slice.at, text, slice.len);
}

static void a_member_is_found_at_the_top_only(void **state)
{
    (void)state;
    struct bundle_slice line =
        of("{\"a\":{\"b\":1,\"c\":\"}]\\\"\"},\"b\":[1,{\"d\":2}],\"c\":\"x\\\\\",\"e\":7}");

    is(bundle_line_member(line, "a"), "{\"b\":1,\"c\":\"}]\\\"\"}");
    is(bundle_line_member(line, "b"), "[1,{\"d\":2}]");
    is(bundle_line_string(bundle_line_member(line, "c")), "x\\\\");
    assert_int_equal(bundle_line_number(bundle_line_member(line, "e")), 7);
    is(bundle_line_member(bundle_line_member(line, "a"), "b"), "1");
    assert_null(bundle_line_member(line, "d").at);
    assert_null(bundle_line_string(bundle_line_member(line, "b")).at);
    assert_int_equal(bundle_line_number(bundle_line_member(line, "c")), 0);
}

static void what_is_no_record_has_no_members_and_is_not_read_past(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "{",           "{\"",        "{\"a",        "{\"a\"",
                                        "{}", "[1]",         "{\"a\":",    "{\"a\\",      "\"",
                                        "]",  "{\"b\":]]]]", "{\"b\":{{{", "{\"b\"\\\\\\"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct bundle_walk strings = {.text = of(texts[i])}, elements = strings;
        assert_null(bundle_line_member(of(texts[i]), "x").at);
        for (size_t n = 0; bundle_line_next_string(&strings).at != NULL; n++)
            assert_in_range(n, 0, 16);
        for (size_t n = 0; bundle_line_next_element(&elements).at != NULL; n++)
            assert_in_range(n, 0, 16);
    }
}

static void every_element_and_every_string_comes_once(void **state)
{
    (void)state;
    struct bundle_walk elements = {.text = of("[\"a,]\",{\"b\":[1,2]},3]")};
    struct bundle_walk strings = {.text = of("{\"k\":\"v\",\"l\":[\"m\",{\"n\":\"o\"}]}")};

    is(bundle_line_next_element(&elements), "\"a,]\"");
    is(bundle_line_next_element(&elements), "{\"b\":[1,2]}");
    is(bundle_line_next_element(&elements), "3");
    assert_null(bundle_line_next_element(&elements).at);
    is(bundle_line_next_string(&strings), "v");
    is(strings.key, "k");
    is(bundle_line_next_string(&strings), "m");
    is(strings.key, "l");
    is(bundle_line_next_string(&strings), "o");
    is(strings.key, "n");
    assert_null(bundle_line_next_string(&strings).at);
}

static int wants(struct bundle_pick *pick, uint64_t seq, enum record_kind kind, const char *line)
{
    return bundle_pick_wants(pick, seq, kind, line, strlen(line));
}

static void a_notice_before_the_listing_was_seen_concerns_its_merchant(void **state)
{
    static const char notice[] =
        "{\"event\":{\"id\":\"N1\",\"notice\":\"N1\",\"listings\":[\"l1\"]}}";
    static const char ack[] = "{\"event\":{\"id\":\"A\",\"notice\":\"N1\"}}";
    static const char other[] = "{\"event\":{\"id\":\"N2\",\"listings\":[\"l2\"]}}";
    static const char seen[] = "{\"listing\":\"l1\",\"merchant\":\"p/s\"}";
    static const char match[] = "{\"listing\":\"l2\",\"hits\":[{\"id\":\"N1\"}]}";
    static const char *const lines[] = {notice, ack, other, seen, match};
    struct bundle_pick pick;
    (void)state;

    assert_int_equal(bundle_pick_open(&pick, 0, 10, "p/s"), 0);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(bundle_pick_learn(&pick, lines[i], strlen(lines[i])), 0);
    assert_int_equal(wants(&pick, 0, RECORD_NOTICE_SENT, notice), 1);
    assert_int_equal(wants(&pick, 1, RECORD_NOTICE_ACK, ack), 1);
    assert_int_equal(wants(&pick, 2, RECORD_NOTICE_SENT, other), 0);
    assert_int_equal(wants(&pick, 3, RECORD_LISTING, seen), 1);
    assert_int_equal(wants(&pick, 4, RECORD_MATCH, match), 0);
    assert_int_equal(wants(&pick, 5, RECORD_GAP, "{}"), 1);
    assert_int_equal(
        wants(&pick, 6, RECORD_WARNING, "{\"about\":\"listing\",\"listing\":\"l1\",\"on\":3}"), 1);
    assert_int_equal(
        wants(&pick, 7, RECORD_WARNING, "{\"about\":\"listing\",\"listing\":\"l2\",\"on\":3}"), 0);
    assert_int_equal(wants(&pick, 10, RECORD_LISTING, seen), 0);
    assert_int_equal(wants(&pick, 11, RECORD_START, "{}"), 1);
    bundle_pick_close(&pick);
}

static void what_an_account_came_with_concerns_whoever_received_it(void **state)
{
    static const char *const lines[] = {
        "{\"event\":{\"id\":\"N1\",\"notice\":\"N1\",\"listings\":[\"l1\"]}}",
        "{\"event\":{\"id\":\"r1\",\"type\":\"listing\",\"listing\":\"l1\",\"merchant\":\"M0\"}}",
        "{\"event\":{\"id\":\"r2\",\"type\":\"listing\",\"listing\":\"l2\",\"merchant\":\"M3\"}}",
        "{\"event\":{\"id\":\"a\",\"type\":\"merchant.transfer\",\"merchant\":\"M0\",\"to\":\"M1\"}"
        "}",
        "{\"event\":{\"id\":\"b\",\"type\":\"merchant.transfer\",\"merchant\":\"M1\",\"to\":\"M2\"}"
        "}",
        "{\"event\":{\"id\":\"c\",\"type\":\"merchant.transfer\",\"merchant\":\"M2\",\"to\":\"M3\"}"
        "}",
    };
    static const int wanted[] = {1, 1, 0, 1, 1, 1};
    struct bundle_pick pick;
    int passes = 0;
    (void)state;

    assert_int_equal(bundle_pick_open(&pick, 0, 10, "M2"), 0);
    do {
        pick.more = false;
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
            assert_int_equal(bundle_pick_learn(&pick, lines[i], strlen(lines[i])), 0);
    } while (pick.more && ++passes < 9);
    assert_int_equal(passes, 2);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(wants(&pick, i, RECORD_MATCH, lines[i]), wanted[i]);
    bundle_pick_close(&pick);
}

static void only_all_records_are_no_part(void **state)
{
    struct bundle_pick pick;
    (void)state;

    assert_int_equal(bundle_pick_open(&pick, 0, 10, NULL), 0);
    assert_false(bundle_pick_is_partial(&pick, 10));
    assert_true(bundle_pick_is_partial(&pick, 11));
    assert_int_equal(wants(&pick, 9, RECORD_MATCH, "{}"), 1);
    assert_int_equal(bundle_pick_open(&pick, 1, 10, NULL), 0);
    assert_true(bundle_pick_is_partial(&pick, 10));
    assert_int_equal(bundle_pick_open(&pick, 0, 10, "p/s"), 0);
    assert_true(bundle_pick_is_partial(&pick, 10));
    bundle_pick_close(&pick);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_found_at_the_top_only),
        cmocka_unit_test(what_is_no_record_has_no_members_and_is_not_read_past),
        cmocka_unit_test(every_element_and_every_string_comes_once),
        cmocka_unit_test(a_notice_before_the_listing_was_seen_concerns_its_merchant),
        cmocka_unit_test(what_an_account_came_with_concerns_whoever_received_it),
        cmocka_unit_test(only_all_records_are_no_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
