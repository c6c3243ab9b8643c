/*
 * The matcher from lists to results.
 */
#include "tests/unit/matcher_rig.h"

static const char marks_tsv[] =
    "mark_id\tmark\tcategory\tgeneric\taliases\n"
    "M1\tSquishmallows\ttoys\t0\tSquishmallow|Squish Mallows|스퀴시멜로우|吉祥娃娃\n"
    "M2\tLEGO\ttoys\t0\tレゴ|레고|Лего|ليغو\n"
    "M3\tApple\telectronics\t1\t\n"
    "M4\tChristian Louboutin\tshoes\t0\tLouboutin\n"
    "M5\tPokémon\ttoys\t0\t\n"
    "M6\tVan Cleef & Arpels\tjewelry\t0\tVan Cleef\n"
    "M7\tChristian\tnames\t0\t\n"
    "M8\tLego\tother\t0\t\n"
    "M9\tשאנל\tfashion\t0\t\n"
    "M10\tNike\tsport\t0\t\n";
static const char cues_tsv[] = "# own\ncue_id\tlang\tphrase\tstrength\n"
                               "C1\ten\treplica\t3\n"
                               "C2\ten\tinspired by\t1\n"
                               "C3\tzh\t高仿\t3\n"
                               "C4\tzh\t1比1\t2\n"
                               "C5\ten\tlego copy\t3\n";

static int set_up(void **state)
{
    (void)state;
    return matcher_rig_open(marks_tsv, cues_tsv);
}

static const char *id_of(const struct matcher_hit *hit)
{
    static char id[129];
    struct matcher_mark mark = matcher_db_mark(db, hit->mark);
    memcpy(id, mark.id, mark.id_len);
    id[mark.id_len] = '\0';
    return id;
}

static void no_mark_is_no_hit(void **state)
{
    (void)state;
    struct matcher_result result = scan("plush toy replica", "nothing here");
    assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
    assert_int_equal(result.class, MATCHER_CLASS_NONE);
    assert_int_equal(result.hits_count, 0);
    assert_int_equal(scan("", "").hits_total, 0);
}

static void an_absent_field_is_an_empty_one(void **state)
{
    (void)state;
    struct matcher_field fields[3] = {{NULL, 0}, {"nike", 4}, {NULL, 0}};
    struct matcher_result result;
    uint32_t index = 0;
    matcher_reset(matcher);
    assert_int_equal(matcher_add(matcher, fields, 3, &index), 0);
    matcher_scan(matcher);
    matcher_result(matcher, index, &result);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].span.field, 1);
}

static void a_plain_mark_is_a_mark_at_its_raw_place(void **state)
{
    (void)state;
    struct matcher_result result = scan("é new SQUISHMALLOWS\u00AE plush", NULL);
    assert_int_equal(result.class, MATCHER_CLASS_MARK);
    assert_int_equal(result.hits_count, 1);
    const struct matcher_hit *hit = result.hits;
    assert_string_equal(id_of(hit), "M1");
    assert_int_equal(hit->stage, MATCHER_STAGE_PLAIN);
    assert_int_equal(hit->techniques, 0);
    assert_int_equal(hit->span.field, 0);
    assert_int_equal(hit->span.from, 7);
    assert_int_equal(hit->span.to, 20);
    assert_false(hit->has_cue);
}

static void a_mark_inside_a_word_is_no_hit(void **state)
{
    (void)state;
    assert_int_equal(scan("legolas legos alego", NULL).hits_total, 0);
    assert_int_equal(scan("Легольный", NULL).hits_total, 0);
}

static void a_mark_near_a_cue_is_counterfeit(void **state)
{
    (void)state;
    struct matcher_result result = scan("Nike shoes", "best replica");
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    const struct matcher_hit *hit = result.hits;
    assert_true(hit->has_cue);
    assert_int_equal(hit->cue_span.field, 1);
    assert_int_equal(hit->cue_span.from, 5);
    assert_int_equal(hit->cue_span.to, 12);
    struct matcher_cue cue = matcher_db_cue(db, hit->cue);
    assert_memory_equal(cue.id, "C1", cue.id_len);
    assert_int_equal(cue.strength, 3);
}

static void a_weak_cue_far_away_says_nothing(void **state)
{
    (void)state;
    char text[512];
    memset(text, 'x', sizeof text);
    memcpy(text, "nike ", 5);
    memcpy(text + sizeof text - 13, " inspired by", 13);
    assert_int_equal(scan(text, NULL).class, MATCHER_CLASS_MARK);
    assert_int_equal(scan("nike inspired by", NULL).class, MATCHER_CLASS_COUNTERFEIT);
}

static void a_generic_mark_counts_only_near_a_cue(void **state)
{
    (void)state;
    assert_int_equal(scan("apple slicer", NULL).hits_total, 0);
    assert_int_equal(scan("𝐚𝐩𝐩𝐥𝐞", NULL).hits_total, 0);
    assert_int_equal(scan("apple replica", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(scan("inspired by apple", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(scan("1比1 apple", NULL).class, MATCHER_CLASS_COUNTERFEIT);
}

static void a_cue_that_overlaps_the_mark_does_not_count(void **state)
{
    (void)state;
    assert_int_equal(scan("lego copy", NULL).class, MATCHER_CLASS_MARK);
    assert_int_equal(scan("lego copy lego", NULL).class, MATCHER_CLASS_COUNTERFEIT);
}

static void disguise_alone_is_counterfeit_and_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned techniques;
        enum matcher_class class;
    } cases[] = {
        {"L\u200Bego", MATCHER_TECHNIQUE_INVISIBLE, MATCHER_CLASS_COUNTERFEIT},
        {"L&#101;go", MATCHER_TECHNIQUE_ENTITY, MATCHER_CLASS_COUNTERFEIT},
        {"le\u0336go", MATCHER_TECHNIQUE_COMBINING | MATCHER_TECHNIQUE_ACCENT,
         MATCHER_CLASS_COUNTERFEIT},
        {"𝐋𝐄𝐆𝐎", MATCHER_TECHNIQUE_COMPAT, MATCHER_CLASS_COUNTERFEIT},
        {"ＬＥＧＯ", MATCHER_TECHNIQUE_WIDTH, MATCHER_CLASS_MARK},
        {"Légo", MATCHER_TECHNIQUE_ACCENT, MATCHER_CLASS_MARK},
        {"Le\u00ADgo", 0, MATCHER_CLASS_MARK},
        {"\u200BLego\u200B", 0, MATCHER_CLASS_MARK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct matcher_result result = scan(cases[i].text, NULL);
        assert_int_equal(result.hits_count, 2); /* M2 and M8 are both so called */
        assert_int_equal(result.hits[0].techniques, cases[i].techniques);
        assert_int_equal(result.class, cases[i].class);
    }
}

static void stage_is_plain_only_as_listed(void **state)
{
    (void)state;
    assert_int_equal(scan("POKÉMON", NULL).hits[0].stage, MATCHER_STAGE_PLAIN);
    assert_int_equal(scan("pokemon", NULL).hits[0].stage, MATCHER_STAGE_FOLDED);
    assert_int_equal(scan("pokemon", NULL).hits[0].techniques, MATCHER_TECHNIQUE_ACCENT);
    assert_int_equal(scan("squish \u3000 mallows", NULL).hits[0].stage, MATCHER_STAGE_PLAIN);
    assert_int_equal(scan("squish-mallows", NULL).hits[0].stage, MATCHER_STAGE_FOLDED);
    assert_int_equal(scan("VAN CLEEF & ARPELS", NULL).hits[0].stage, MATCHER_STAGE_PLAIN);
}

static void the_longest_span_of_a_mark_wins_and_marks_do_not_hide_each_other(void **state)
{
    (void)state;
    struct matcher_result result = scan("Christian Louboutin pumps", NULL);
    assert_int_equal(result.hits_count, 2);
    assert_string_equal(id_of(&result.hits[0]), "M4");
    assert_int_equal(result.hits[0].span.to, 19);
    assert_string_equal(id_of(&result.hits[1]), "M7");
    assert_int_equal(scan("Van Cleef & Arpels, Van Cleef", NULL).hits_count, 2);
}

static void neighbours_share_a_space(void **state)
{
    (void)state;
    assert_int_equal(scan("nike nike nike", NULL).hits_count, 3);
}

static void scripts_without_word_spaces_match_inside_runs(void **state)
{
    (void)state;
    struct matcher_result result = scan("正品吉祥娃娃毛绒", NULL);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].span.from, 6);
    assert_int_equal(result.hits[0].span.to, 18);
    assert_int_equal(scan("정품스퀴시멜로우를", NULL).hits_count, 1);
    assert_int_equal(scan("レゴブロック", NULL).hits_count, 1);
    assert_int_equal(scan("ﾚｺﾞ", NULL).hits[0].techniques, MATCHER_TECHNIQUE_WIDTH);
    assert_int_equal(scan("正品Squishmallows毛绒高仿", NULL).class, MATCHER_CLASS_COUNTERFEIT);
}

static void arabic_and_hebrew_particles_are_not_part_of_the_span(void **state)
{
    (void)state;
    assert_int_equal(scan("ليغو", NULL).hits_count, 1);
    struct matcher_result result = scan("لعبة وليغو", NULL);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].span.from, 11);
    assert_int_equal(result.hits[0].stage, MATCHER_STAGE_PLAIN);
    assert_int_equal(scan("תיק בשאנל", NULL).hits_count, 1);
    assert_int_equal(scan("תיק קשאנל", NULL).hits_count, 0);
}

static void hits_never_cross_fields_or_listings(void **state)
{
    (void)state;
    assert_int_equal(scan("van", "cleef").hits_total, 0);
    struct matcher_field a = {"squish", 6}, b = {"mallows", 7};
    uint32_t index;
    struct matcher_result result;
    matcher_reset(matcher);
    assert_int_equal(matcher_add(matcher, &a, 1, &index), 0);
    assert_int_equal(matcher_add(matcher, &b, 1, &index), 0);
    matcher_scan(matcher);
    for (uint32_t i = 0; i < 2; i++) {
        matcher_result(matcher, i, &result);
        assert_int_equal(result.hits_total, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_mark_is_no_hit),
        cmocka_unit_test(an_absent_field_is_an_empty_one),
        cmocka_unit_test(a_plain_mark_is_a_mark_at_its_raw_place),
        cmocka_unit_test(a_mark_inside_a_word_is_no_hit),
        cmocka_unit_test(a_mark_near_a_cue_is_counterfeit),
        cmocka_unit_test(a_weak_cue_far_away_says_nothing),
        cmocka_unit_test(a_generic_mark_counts_only_near_a_cue),
        cmocka_unit_test(a_cue_that_overlaps_the_mark_does_not_count),
        cmocka_unit_test(disguise_alone_is_counterfeit_and_named),
        cmocka_unit_test(stage_is_plain_only_as_listed),
        cmocka_unit_test(the_longest_span_of_a_mark_wins_and_marks_do_not_hide_each_other),
        cmocka_unit_test(neighbours_share_a_space),
        cmocka_unit_test(scripts_without_word_spaces_match_inside_runs),
        cmocka_unit_test(arabic_and_hebrew_particles_are_not_part_of_the_span),
        cmocka_unit_test(hits_never_cross_fields_or_listings),
    };
    return cmocka_run_group_tests(tests, set_up, matcher_rig_close);
}
