/*
 * Texts written against the matcher, each in the middle of a full batch: what does not fit is said,
 * what makes the class is found, and the other listings of the batch do not notice.
 *
 * This program has an hs_scan of its own, which counts the bytes and passes the calls on.
 */
#include <dlfcn.h>
#include <hs.h>

#include "matcher/scan.h"
#include "tests/unit/matcher_rig.h"

#define HOSTILE_BYTES 65536u
#define MIDDLE        (MATCHER_BATCH_MAX / 2)

typedef hs_error_t scan_function(const hs_database_t *engine, const char *data, unsigned length,
                                 unsigned flags, hs_scratch_t *scratch,
                                 match_event_handler on_event, void *context);

static const char marks_tsv[] = "mark_id\tmark\nM1\tNike\nM2\tLego\nM3\tCoca Cola\n";
static const char cues_tsv[] = "cue_id\tphrase\tstrength\nC1\treplica\t3\nC2\tknock off\t2\n";
static const char *const innocents[] = {"Nike replica", "a box of Lego", "nothing at all",
                                        "l\u200Bego, red", "coca cola bottle"};
static char hostile[2 * HOSTILE_BYTES + MATCHER_SLACK_BYTES];
static size_t scanned;

hs_error_t HS_CDECL hs_scan(const hs_database_t *engine, const char *data, unsigned length,
                            unsigned flags, hs_scratch_t *scratch, match_event_handler on_event,
                            void *context)
{
    union {
        void *object;
        scan_function *function;
    } real = {dlsym(RTLD_NEXT, "hs_scan")};
    assert_non_null(real.object);
    scanned += length;
    return real.function(engine, data, length, flags, scratch, on_event, context);
}

static int set_up(void **state)
{
    (void)state;
    return matcher_rig_open(marks_tsv, cues_tsv);
}

/* head, and then piece as often as it fits. Returns how often. */
static size_t flood(const char *head, const char *piece, size_t *ret_len)
{
    size_t len = strlen(head), step = strlen(piece), count = 0;
    memcpy(hostile, head, len);
    for (; len + step <= HOSTILE_BYTES; len += step, count++)
        memcpy(hostile + len, piece, step);
    *ret_len = len;
    return count;
}

static const char *innocent(size_t i)
{
    return innocents[i % (sizeof innocents / sizeof innocents[0])];
}

static void check_innocents(const struct matcher_result *alone)
{
    for (uint32_t i = 0; i < MATCHER_BATCH_MAX; i++) {
        struct matcher_result result;
        const struct matcher_result *want = &alone[i % (sizeof innocents / sizeof innocents[0])];
        if (i == MIDDLE)
            continue;
        matcher_result(matcher, i, &result);
        assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
        assert_int_equal(result.class, want->class);
        assert_int_equal(result.hits_total, want->hits_total);
    }
}

/* The result of the hostile text, after a check of all around it. */
static struct matcher_result attack(size_t len)
{
    struct matcher_result alone[sizeof innocents / sizeof innocents[0]], result;
    for (size_t i = 0; i < sizeof alone / sizeof alone[0]; i++)
        alone[i] = scan(innocents[i], NULL); /* its hits are not looked at again */
    matcher_reset(matcher);
    for (size_t i = 0; i < MATCHER_BATCH_MAX; i++) {
        struct matcher_field field = {innocent(i), strlen(innocent(i))};
        uint32_t index = 0;
        if (i == MIDDLE)
            field = (struct matcher_field){hostile, len};
        assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
    }
    scanned = 0;
    matcher_scan(matcher);
    assert_true(scanned <= matcher->batch_len); /* nothing twice */
    size_t before = scanned;
    check_innocents(alone);
    matcher_result(matcher, MIDDLE, &result);
    assert_int_equal(scanned, before); /* evaluating asks the engine nothing */
    return result;
}

static void near_misses_find_nothing(void **state)
{
    (void)state;
    size_t len = 0;
    (void)flood("", "nik leg coca col ", &len); /* how often: not needed */
    struct matcher_result result = attack(len);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
    assert_int_equal(result.hits_total, 0);
}

static void one_letter_for_64_kib_finds_nothing(void **state)
{
    (void)state;
    static const char *const letters[] = {"n", "0", "1", "\u0323", "ﷺ", "&#110;", "n.", "i ", "*"};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        size_t len = 0;
        (void)flood("", letters[i], &len); /* how often: not needed */
        struct matcher_result result = attack(len);
        assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
        assert_int_equal(result.hits_total, 0);
    }
}

static void ten_thousand_marks_are_all_counted(void **state)
{
    (void)state;
    size_t len = 0, count = flood("", "nike, ", &len);
    assert_true(count > 10000);
    struct matcher_result result = attack(len);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.hits_count, MATCHER_HITS_MAX);
    assert_int_equal(result.hits_total, count);
    assert_int_equal(result.class, MATCHER_CLASS_MARK);
}

static void a_cue_before_ten_thousand_marks_makes_the_class(void **state)
{
    (void)state;
    size_t len = 0, count = flood("replica ", "nike, ", &len);
    struct matcher_result result = attack(len);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.hits_total, count);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
}

static void cues_that_do_not_fit_are_said_and_the_first_still_count(void **state)
{
    (void)state;
    size_t len = 0;
    (void)flood("lego ", "replica knock off ", &len); /* how often: not needed */
    struct matcher_result result = attack(len);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    assert_true(result.hits[0].has_cue);
}

static void marks_and_cues_by_turns_are_cut_and_counterfeit(void **state)
{
    (void)state;
    size_t len = 0, count = flood("", "coca cola replica lego knock off ", &len);
    struct matcher_result result = attack(len);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.hits_count, MATCHER_HITS_MAX);
    assert_true(result.hits_total >= 2 * count);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
}

static void a_name_under_thousands_of_combining_marks_is_found(void **state)
{
    (void)state;
    size_t len = 0, count = flood("ni", "\u0323", &len);
    assert_true(count > 10000);
    memcpy(hostile + len, "ke", 2);
    struct matcher_result result = attack(len + 2);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
    assert_int_equal(result.hits_count, 1);
    assert_true(result.hits[0].techniques & MATCHER_TECHNIQUE_COMBINING);
    assert_int_equal(result.hits[0].span.from, 0);
    assert_int_equal(result.hits[0].span.to, len + 2);
}

static void names_in_character_references_are_cut_and_counterfeit(void **state)
{
    (void)state;
    size_t len = 0, count = flood("", "&#110;&#105;&#107;&#101; ", &len);
    struct matcher_result result = attack(len);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_true(result.hits_total >= count); /* suspects that were not read count as well */
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_misses_find_nothing),
        cmocka_unit_test(one_letter_for_64_kib_finds_nothing),
        cmocka_unit_test(ten_thousand_marks_are_all_counted),
        cmocka_unit_test(a_cue_before_ten_thousand_marks_makes_the_class),
        cmocka_unit_test(cues_that_do_not_fit_are_said_and_the_first_still_count),
        cmocka_unit_test(marks_and_cues_by_turns_are_cut_and_counterfeit),
        cmocka_unit_test(a_name_under_thousands_of_combining_marks_is_found),
        cmocka_unit_test(names_in_character_references_are_cut_and_counterfeit),
    };
    return cmocka_run_group_tests(tests, set_up, matcher_rig_close);
}
