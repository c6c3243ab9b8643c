/*
 * A warning's record. Goal: what is written is read back as the same warning, whatever the texts
 * hold, and fits; nothing else is taken for one.
 */
#include <errno.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/warning_record.h"
#include "tests/fakes/test.h"

static struct json_parser *parser;

static struct knowledge_text text(const char *string)
{
    return (struct knowledge_text){string, strlen(string)};
}

/* Its record's line read back. */
static int read_back(const struct warning *warning, struct warning *ret_given)
{
    static char body[RECORD_BODY_BYTES_MAX], line[RECORD_LINE_BYTES_MAX + JSON_SLACK_BYTES];
    const struct record_head head = {.seq = 7, .clk = 1};
    struct record_draft draft = {.kind = RECORD_WARNING, .body = body};
    draft.len = warning_encode(warning, body);
    memset(line, 0, sizeof line);
    size_t len = record_encode(&head, &draft, line, RECORD_LINE_BYTES_MAX);
    assert_true(len > 0);
    return warning_decode(parser, line, len - 1, ret_given);
}

static void what_is_written_is_read_back_as_the_same_warning(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct warning warning = {.platform = text("souq"),
                                  .listing = text("L\"\\\xc3\xa9"),
                                  .merchant = text("souq/s1"),
                                  .about_merchant = (i & 1) != 0,
                                  .by_strikes = (i & 2) != 0,
                                  .by = (i & 4) != 0 ? WARNING_BY_SUPPORT : WARNING_BY_SIGHTING,
                                  .shown = text("strikes_3_of_3"),
                                  .since_ns = INT64_C(1674972000123456789) + i,
                                  .act = text("sponsored_ad"),
                                  .on = 5,
                                  .rests = {3, 5},
                                  .rests_count = (size_t)i % 3};
        struct warning given = {0};
        assert_int_equal(read_back(&warning, &given), 0);
        assert_int_equal(warning_key(&given), warning_key(&warning));
        assert_int_equal(given.since_ns, warning.since_ns);
        assert_int_equal(given.on, 5);
        assert_int_equal(given.rests_count, i % 3);
        assert_memory_equal(given.rests, warning.rests, given.rests_count * sizeof *given.rests);
    }
}

static void warnings_of_other_things_roads_or_causes_have_other_keys(void **state)
{
    (void)state;
    int64_t keys[8];
    for (int i = 0; i < 8; i++) {
        const struct warning warning = {.platform = text("souq"),
                                        .listing = text("x"),
                                        .merchant = text("x"),
                                        .about_merchant = (i & 1) != 0,
                                        .by_strikes = (i & 2) != 0,
                                        .by = (i & 4) != 0 ? WARNING_BY_SUPPORT
                                                           : WARNING_BY_SIGHTING};
        keys[i] = warning_key(&warning);
        for (int k = 0; k < i; k++)
            assert_true(keys[k] != keys[i]);
    }
}

static void the_longest_texts_fit_into_a_record(void **state)
{
    static char control[EVENT_TEXT_BYTES_MAX];
    (void)state;
    memset(control, 1, sizeof control);
    const struct knowledge_text longest = {control, sizeof control};
    struct warning warning = {.platform = longest,
                              .listing = longest,
                              .merchant = longest,
                              .shown = text("active_after_grace"),
                              .by = WARNING_BY_SUPPORT,
                              .act = longest,
                              .on = UINT64_MAX / 2,
                              .rests_count = WARNING_RESTS_MAX,
                              .more = UINT64_MAX / 2};
    struct warning given = {0};
    for (size_t i = 0; i < WARNING_RESTS_MAX; i++)
        warning.rests[i] = UINT64_MAX / 2 + i;
    assert_int_equal(read_back(&warning, &given), 0);
    assert_int_equal(warning_key(&given), warning_key(&warning));
}

static void a_line_that_lacks_what_names_a_warning_is_none(void **state)
{
    static const char *const lines[] = {
        "",
        "[]",
        "{}",
        "{\"platform\":\"P\",\"about\":\"listing\",\"listing\":\"L\",\"road\":\"listing\",\"by\":"
        "\"sighting\"}",
        "{\"platform\":\"P\",\"about\":\"merchant\",\"listing\":\"L\",\"road\":\"listing\",\"by\":"
        "\"sighting\",\"since\":\"2026-11-28T08:41:51Z\",\"on\":5}",
        "{\"platform\":\"P\",\"about\":\"listing\",\"listing\":\"L\",\"road\":\"listing\",\"by\":"
        "\"sighting\",\"since\":\"2026-11-28T08:41:51Z\"}",
        "{\"platform\":\"P\",\"about\":\"listing\",\"listing\":\"L\",\"road\":\"other\",\"by\":"
        "\"sighting\",\"since\":\"2026-11-28T08:41:51Z\"}",
        "{\"platform\":\"P\",\"about\":\"listing\",\"listing\":\"L\",\"road\":\"listing\",\"by\":"
        "\"order\",\"since\":\"2026-11-28T08:41:51Z\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[512] = "";
        struct warning given;
        size_t len = strlen(lines[i]);
        memcpy(line, lines[i], len);
        assert_int_equal(warning_decode(parser, line, len, &given), -EBADMSG);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back_as_the_same_warning),
        cmocka_unit_test(warnings_of_other_things_roads_or_causes_have_other_keys),
        cmocka_unit_test(the_longest_texts_fit_into_a_record),
        cmocka_unit_test(a_line_that_lacks_what_names_a_warning_is_none),
    };
    parser = json_open();
    int failed = parser == NULL ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
    parser = json_close(parser);
    return failed;
}
