/*
 * Rules that hold on some days take a listing's own day, or else that of its receipt.
 */
#include "tests/unit/intake_rig.h"

/* A rule that makes a mention of what an authorised seller offers in January 2026. */
static struct matcher_db *compiled_with_days(void)
{
    static const char yaml[] =
        "sellers:\n"
        "  shops:\n"
        "  - {platform: p, seller: s, from: 2026-01-01, until: 2026-02-01}\n"
        "rules:\n"
        "- id: r\n"
        "  rev: 1\n"
        "  marks: all\n"
        "  class: mention\n"
        "  sellers: shops\n"
        "  examples: [{title: Squishmallows, platform: p, seller: s, on: 2026-01-02}]\n"
        "  negative_examples: [{title: Squishmallows, platform: p, seller: t}]\n";
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher_error error = {.text = ""};
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, MARKS, strlen(MARKS), &error), 0);
    int added = matcher_lists_add_rules(lists, yaml, sizeof yaml - 1, &error);
    if (added < 0)
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    int made = matcher_db_compile(lists, &db, &error);
    if (made < 0)
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    (void)matcher_lists_close(lists);
    return db;
}

static uint64_t mentions(const char *observed, int64_t received_ns)
{
    static struct notes notes;
    char line[512];
    struct intake *intake = opened(&notes);
    notes.db = matcher_db_unref(notes.db);
    notes.db = compiled_with_days();
    assert_int_equal(intake_use(intake, notes.db), 0);
    int len = snprintf(line, sizeof line,
                       "{\"platform\":\"p\",\"listing_id\":\"1\",\"seller_id\":\"s\","
                       "\"title\":\"Squishmallows\"%s}",
                       observed);
    char *bytes = calloc(1, (size_t)len + JSON_SLACK_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, line, (size_t)len);
    const struct intake_origin origin = {.line = 1,
                                         .line_bytes = (uint64_t)len,
                                         .has_received = received_ns != 0,
                                         .received_ns = received_ns};
    assert_int_equal(intake_line(intake, &origin, bytes, (size_t)len), 0);
    free(bytes);
    flush(intake);
    uint64_t count = intake_counts(intake).by_class[MATCHER_CLASS_MENTION];
    closed(intake, &notes);
    return count;
}

static void rules_with_days_take_the_time_of_receipt_where_a_listing_has_none(void **state)
{
    (void)state;
    const int64_t january = 1767571200000000000, march = 1772668800000000000; /* of 2026 */
    assert_int_equal(mentions("", january), 1);
    assert_int_equal(mentions("", march), 0);
    assert_int_equal(mentions("", 0), 0);
    assert_int_equal(mentions(",\"observed_at\":\"2026-01-05T00:00:00Z\"", march), 1);
    assert_int_equal(mentions(",\"observed_at\":\"2026-03-05T00:00:00Z\"", january), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_with_days_take_the_time_of_receipt_where_a_listing_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
