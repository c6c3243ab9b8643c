/*
 * The matcher at its limits: full batches, floods, large listings, sets that travel as bytes.
 */
#include <errno.h>

#include "tests/unit/matcher_rig.h"

static const char marks_tsv[] = "mark_id\tmark\nM1\tNike\nM2\tLego\n";
static const char cues_tsv[] = "cue_id\tphrase\tstrength\nC1\treplica\t3\n";

static int set_up(void **state)
{
    (void)state;
    return matcher_rig_open(marks_tsv, cues_tsv);
}

static void a_full_batch_asks_to_be_scanned(void **state)
{
    (void)state;
    struct matcher_field field = {"nike", 4};
    uint32_t index;
    matcher_reset(matcher);
    for (uint32_t i = 0; i < MATCHER_BATCH_MAX; i++) {
        assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
        assert_int_equal(index, i);
    }
    assert_int_equal(matcher_add(matcher, &field, 1, &index), -EAGAIN);
    matcher_scan(matcher);
    for (uint32_t i = 0; i < MATCHER_BATCH_MAX; i++) {
        struct matcher_result result;
        matcher_result(matcher, i, &result);
        assert_int_equal(result.hits_count, 1);
    }
}

static void large_listings_fit_alone_and_larger_ones_are_refused(void **state)
{
    (void)state;
    size_t room = MATCHER_TEXT_BYTES_MAX + MATCHER_SLACK_BYTES;
    char *text = malloc(room);
    assert_non_null(text);
    for (size_t i = 0; i + 3 <= room; i += 3)
        memcpy(text + i, "㌖", 3); /* grows as much as anything */
    struct matcher_field fields[2] = {{text, MATCHER_TEXT_BYTES_MAX}, {text, 1}};
    uint32_t index;
    matcher_reset(matcher);
    assert_int_equal(matcher_add(matcher, fields, 2, &index), -EMSGSIZE);
    assert_int_equal(matcher_add(matcher, fields, 1, &index), 0);
    assert_int_equal(matcher_add(matcher, fields, 1, &index), -EAGAIN);
    matcher_scan(matcher);
    struct matcher_result result;
    matcher_result(matcher, 0, &result);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
    free(text);
}

static void a_flood_is_cut_visibly_and_starves_no_other_listing(void **state)
{
    (void)state;
    size_t len = 200000;
    char *text = malloc(len + MATCHER_SLACK_BYTES);
    assert_non_null(text);
    for (size_t i = 0; i + 5 <= len; i += 5)
        memcpy(text + i, "nike ", 5);
    struct matcher_field flood = {text, len}, small = {"lego replica", 12};
    uint32_t index;
    struct matcher_result result;
    matcher_reset(matcher);
    assert_int_equal(matcher_add(matcher, &small, 1, &index), 0);
    assert_int_equal(matcher_add(matcher, &flood, 1, &index), 0);
    assert_int_equal(matcher_add(matcher, &small, 1, &index), 0);
    matcher_scan(matcher);
    matcher_result(matcher, 1, &result);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.hits_count, MATCHER_HITS_MAX);
    assert_int_equal(result.hits_total, 40000);
    for (uint32_t i = 0; i < 3; i += 2) {
        matcher_result(matcher, i, &result);
        assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
        assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    }
    free(text);
}

static void the_hit_that_makes_the_class_is_among_those_reported(void **state)
{
    (void)state;
    char text[2048] = "";
    for (size_t i = 0; i < 1000; i += 5)
        memcpy(text + i, "nike ", 5);
    memset(text + 1000, 'x', 400);
    memcpy(text + 1400, " l\u200Bego", 9);
    struct matcher_result result = scan(text, NULL);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(result.hits_count, MATCHER_HITS_MAX);
    assert_int_equal(result.hits[MATCHER_HITS_MAX - 1].class, MATCHER_CLASS_COUNTERFEIT);
}

static void a_serialized_set_matches_the_same_and_only_its_own_lists(void **state)
{
    (void)state;
    struct matcher_lists *lists = NULL;
    struct matcher_db *adopted = NULL;
    void *bytes = NULL;
    size_t len = 0;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks_tsv, sizeof marks_tsv - 1, &error), 0);
    assert_int_equal(matcher_db_serialize(db, &bytes, &len), 0);
    assert_int_equal(matcher_db_adopt(lists, bytes, len, &adopted, &error), -EINVAL); /* no cues */
    assert_int_equal(matcher_lists_add_cues(lists, cues_tsv, sizeof cues_tsv - 1, &error), 0);
    for (size_t cut = 0; cut < len; cut += 97)
        assert_int_equal(matcher_db_adopt(lists, bytes, cut, &adopted, &error), -EINVAL);
    assert_int_equal(matcher_db_adopt(lists, bytes, len, &adopted, &error), 0);
    assert_int_equal(matcher_db_literals_count(adopted), matcher_db_literals_count(db));
    matcher_reset(matcher);
    assert_int_equal(matcher_use(matcher, adopted), 0);
    assert_null(matcher_db_unref(adopted)); /* the matcher keeps it */
    assert_int_equal(scan("Nike replica", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    matcher_reset(matcher);
    assert_int_equal(matcher_use(matcher, db), 0);
    assert_null(matcher_lists_close(lists));
    free(bytes);
}

static void small_sets_are_padded(void **state)
{
    (void)state;
    assert_true(matcher_db_literals_count(db) > 850);
    assert_int_equal(matcher_db_marks_count(db), 2);
    assert_int_equal(matcher_db_cues_count(db), 1);
    assert_true(matcher_db_bytes(db) > 0);
    assert_true(matcher_bytes(matcher) > 0);
}

static void an_empty_set_is_refused(void **state)
{
    (void)state;
    struct matcher_lists *lists = NULL;
    struct matcher_db *none = NULL;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_db_compile(lists, &none, &error), -EINVAL);
    assert_true(strlen(error.text) > 0);
    assert_null(matcher_lists_close(lists));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_batch_asks_to_be_scanned),
        cmocka_unit_test(large_listings_fit_alone_and_larger_ones_are_refused),
        cmocka_unit_test(a_flood_is_cut_visibly_and_starves_no_other_listing),
        cmocka_unit_test(the_hit_that_makes_the_class_is_among_those_reported),
        cmocka_unit_test(a_serialized_set_matches_the_same_and_only_its_own_lists),
        cmocka_unit_test(small_sets_are_padded),
        cmocka_unit_test(an_empty_set_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, matcher_rig_close);
}
