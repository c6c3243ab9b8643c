/*
 * What rules do: words and nearness, precedence, and what becomes of hits.
 */
#include "tests/unit/rules_rig.h"

static void any_asks_for_one_all_for_each_none_for_nothing(void **state)
{
    (void)state;
    use_rule("  any: [copy, box]", "Fuzzbear box", "Fuzzbear");
    assert_true(fires("Fuzzbear mirror", NULL));
    assert_true(fires("Fuzzbear", "in a carton"));
    assert_false(fires("Fuzzbear", "boxer"));
    use_rule("  all: [copy, box]", "Fuzzbear box mirror", "Fuzzbear box");
    assert_true(fires("super clone", "Fuzzbear box"));
    assert_false(fires("Fuzzbear mirror", NULL));
    use_rule("  none: [copy, box]", "Fuzzbear", "Fuzzbear box");
    assert_true(fires("Fuzzbear super", "clone"));
    assert_false(fires("Fuzzbear ＭＩＲＲＯＲ", NULL));
    assert_false(fires("a box", "Fuzzbear"));
}

static void conditions_stand_within_each_other(void **state)
{
    (void)state;
    use_rule("  any:\n"
             "  - all: [copy, {none: [box]}]\n"
             "  - {near: {words: [box, mark], within: 1}, none: [copy]}",
             "Fuzzbear mirror", "Fuzzbear mirror box");
    assert_true(fires("box Fuzzbear", NULL));
    assert_false(fires("box of Fuzzbear", NULL));
    assert_false(fires("box Fuzzbear mirror", NULL));
}

static void near_counts_folded_characters_between_the_two(void **state)
{
    (void)state;
    use_rule("  near: {words: [mark, copy], within: 6}", "Fuzzbear mirror", "Fuzzbear");
    assert_true(fires("Fuzzbear with mirror", NULL)); /* " with " */
    assert_false(fires("Fuzzbear with, a mirror", NULL));
    assert_true(fires("Fuzzbear éèêü mirror", NULL)); /* characters, not bytes */
    assert_true(fires("mirror -- with! -- Fuzzbear", NULL));
    assert_true(fires("Fuzzbear 毛绒 mirror", NULL));
}

static void near_can_ask_for_an_order(void **state)
{
    (void)state;
    use_rule("  near: {words: [copy, mark], within: 5, ordered: true}", "mirror Fuzzbear",
             "Fuzzbear mirror");
    assert_false(fires("Fuzzbear 1:1", NULL));
    assert_true(fires("1:1 Fuzzbear 1:1", NULL));
    use_rule("  near: {words: [copy, box], within: 5, ordered: true}", "Fuzzbear mirror box",
             "Fuzzbear box mirror");
    assert_true(fires("box mirror, Fuzzbear, super clone box", NULL));
}

static void near_speaks_of_the_mark_that_was_hit(void **state)
{
    (void)state;
    use_rule("  near: {words: [mark, copy], within: 3}", "Fuzzbear mirror", "Fuzzbear");
    struct matcher_result result =
        rig_scan(matcher, "Fuzzbear toy lamp Fuzzbear mirror", NULL, NULL);
    assert_int_equal(result.hits_count, 2);
    assert_false(result.hits[0].has_rule);
    assert_int_equal(result.hits[0].class, MATCHER_CLASS_MARK);
    assert_true(result.hits[1].has_rule);
    assert_int_equal(result.hits[1].class, MATCHER_CLASS_COUNTERFEIT);
}

static void near_goes_from_the_title_into_the_description(void **state)
{
    (void)state;
    use_rule("  near: {words: [mark, copy], within: 3}", "Fuzzbear mirror", "Fuzzbear");
    assert_true(fires("a Fuzzbear", "mirror and more"));
    assert_false(fires("a Fuzzbear toy", "mirror and more"));
}

static void words_that_overlap_are_not_near_each_other(void **state)
{
    (void)state;
    use("terms: {a: [super clone], b: [clone]}\n"
        "rules:\n"
        "- {id: r, rev: 1, marks: bear, class: mark, near: {words: [a, b], within: 9},\n"
        "   examples: [Fuzzbear super clone clone], negative_examples: [Fuzzbear super clone]}\n");
}

static void fields_say_where_marks_and_words_stand(void **state)
{
    (void)state;
    use_rule("  fields: title\n  any: [copy]", "Fuzzbear mirror", "Fuzzbear");
    assert_false(fires("Fuzzbear", "mirror"));
    assert_false(fires("mirror", "Fuzzbear"));
    use_rule("  any: [{fields: description, any: [copy]}]",
             "{title: Fuzzbear, description: mirror}", "Fuzzbear mirror");
    assert_true(fires("Fuzzbear", "mirror"));
    use_rule("  any: [{fields: [description], near: {words: [mark, copy], within: 9}}]",
             "{title: x, description: Fuzzbear mirror}", "Fuzzbear mirror");
    assert_false(fires("Fuzzbear", "mirror"));
}

static void the_strongest_class_wins_and_then_the_first_rule(void **state)
{
    (void)state;
    use("rules:\n"
        "- {id: a, rev: 1, marks: bear, class: mention, examples: [Fuzzbear],"
        " negative_examples: [x]}\n"
        "- {id: b, rev: 1, marks: all, class: mark, regex: old, examples: [old Fuzzbear],"
        " negative_examples: [x]}\n"
        "- {id: c, rev: 1, category: toys, class: mark, regex: old, examples: [old Starwand],"
        " negative_examples: [x]}\n"
        "- {id: d, rev: 1, marks: bear, class: counterfeit, regex: fake, examples: [fake Fuzzbear],"
        " negative_examples: [x]}\n");
    struct matcher_result result = rig_scan(matcher, "Fuzzbear replica", NULL, NULL);
    assert_int_equal(result.hits[0].rule, 0); /* a rule goes before the default counterfeit */
    assert_int_equal(result.class, MATCHER_CLASS_MENTION);
    assert_true(result.hits[0].has_cue);
    result = rig_scan(matcher, "old Fuzzbear", NULL, NULL);
    assert_int_equal(result.hits[0].rule, 1);
    assert_int_equal(result.class, MATCHER_CLASS_MARK);
    result = rig_scan(matcher, "old fake Fuzzbear", NULL, NULL);
    assert_int_equal(result.hits[0].rule, 3);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    result = rig_scan(matcher, "Starwand replica", NULL, NULL);
    assert_false(result.hits[0].has_rule);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
}

static void a_generic_mark_needs_a_rule_that_asks_for_words(void **state)
{
    (void)state;
    use("terms: {bag: [tote]}\n"
        "rules:\n"
        "- {id: a, rev: 1, marks: [coach, bear], class: counterfeit, examples: [Fuzzbear],"
        " negative_examples: [Coach, Coach tote]}\n"
        "- {id: b, rev: 1, marks: coach, class: mark, near: {words: [mark, bag], within: 30},"
        " examples: [Coach brown tote], negative_examples: [Coach]}\n"
        "- {id: c, rev: 1, marks: coach, class: mark, none: [bag], examples: [Coach replica],"
        " negative_examples: [Coach trip]}\n");
    struct matcher_result result = rig_scan(matcher, "Coach trip", NULL, NULL);
    assert_int_equal(result.hits_count, 0);
    assert_int_equal(result.class, MATCHER_CLASS_NONE);
    result = rig_scan(matcher, "Coach trip with a brown tote", NULL, NULL);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].rule, 1);
    result = rig_scan(matcher, "Coach replica", NULL, NULL); /* the cue carries it */
    assert_int_equal(result.hits[0].rule, 0);
}

static void a_rule_without_marks_reports_its_words_once_and_whole(void **state)
{
    (void)state;
    use("terms: {ask: [ask me, ask me for brand], bag: [bag]}\n"
        "rules:\n"
        "- {id: a, rev: 3, class: mark, report: ask, all: [bag], examples: [bag ask me],"
        " negative_examples: [ask me]}\n"
        "- {id: b, rev: 1, class: counterfeit, report: ask, fields: description,"
        " examples: [{title: x, description: ask me}], negative_examples: [ask me]}\n"
        "- {id: c, rev: 1, class: counterfeit, report: bag, all: [ask], regex: big,"
        " examples: [big bag ask me], negative_examples: [bag, ask me]}\n");
    struct matcher_result result =
        rig_scan(matcher, "bag: Ask\xE2\x80\x8Bme, ASK ME for brand", NULL, NULL);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].mark, MATCHER_NO_MARK);
    assert_int_equal(result.hits[0].rule, 0);
    assert_int_equal(result.hits[0].span.from, 15);
    assert_int_equal(result.hits[0].span.to, 31);
    assert_int_equal(result.hits[0].stage, MATCHER_STAGE_PLAIN);
    assert_int_equal(result.class, MATCHER_CLASS_MARK);
    assert_int_equal(matcher_db_rule(db, 0).rev, 3);
    result = rig_scan(matcher, "a big bag", "ask mé", NULL);
    assert_int_equal(result.hits_count, 2);
    assert_int_equal(result.hits[0].rule, 2);
    assert_int_equal(result.hits[1].rule, 1);
    assert_int_equal(result.hits[1].stage, MATCHER_STAGE_FOLDED);
    result = rig_scan(matcher, "bag as\xE2\x80\x8Bk me", NULL, NULL);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].techniques, MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(result.class, MATCHER_CLASS_MARK); /* the rule says so, not the disguise */
}

static void rules_without_any_mark_are_a_set_of_their_own(void **state)
{
    (void)state;
    static const char yaml[] = "terms: {ask: [ask me]}\n"
                               "rules:\n"
                               "- {id: a, rev: 1, class: mark, report: ask, examples: [ask me],"
                               " negative_examples: [x]}\n";
    struct matcher_lists *lists = NULL;
    struct matcher_db *only = NULL;
    struct matcher_error error;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_rules(lists, yaml, strlen(yaml), &error), 0);
    assert_int_equal(matcher_db_compile(lists, &only, &error), 0);
    assert_null(matcher_lists_close(lists));
    matcher_reset(matcher);
    assert_int_equal(matcher_use(matcher, only), 0);
    assert_true(fires("please ask me", NULL));
    assert_null(matcher_db_unref(only));
}

static void without_rules_the_default_classes_stand(void **state)
{
    (void)state;
    struct matcher_lists *lists = rig_lists();
    struct matcher_error error;
    db = matcher_db_unref(db);
    matcher_reset(matcher);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    assert_null(matcher_lists_close(lists));
    assert_int_equal(matcher_use(matcher, db), 0);
    struct matcher_facts facts = {.price = "1", .price_len = 1};
    struct matcher_result result = rig_scan(matcher, "Fuzzbear replica, coach", NULL, &facts);
    assert_int_equal(result.hits_count, 2);
    assert_false(result.hits[0].has_rule || result.hits[1].has_rule);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    result = rig_scan(matcher, "coach", NULL, NULL);
    assert_int_equal(result.hits_count, 0);
}

static void an_adopted_set_finds_what_the_compiled_one_finds(void **state)
{
    (void)state;
    static const char yaml[] =
        "terms: {copy: [mirror]}\n"
        "rules:\n"
        "- {id: a, rev: 1, marks: bear, class: mark, any: [copy, {regex: big},\n"
        "   {regex: {pattern: BIG, text: raw}}], examples: [Fuzzbear big],"
        " negative_examples: [x]}\n";
    struct matcher_lists *lists = rig_lists();
    struct matcher_error error;
    struct matcher_db *made = NULL, *adopted = NULL;
    void *bytes = NULL;
    size_t len = 0;
    assert_int_equal(matcher_lists_add_rules(lists, yaml, strlen(yaml), &error), 0);
    assert_int_equal(matcher_db_compile(lists, &made, &error), 0);
    assert_int_equal(matcher_db_serialize(made, &bytes, &len), 0);
    assert_int_equal(matcher_db_adopt(lists, bytes, len, &adopted, &error), 0);
    matcher_reset(matcher);
    assert_int_equal(matcher_use(matcher, adopted), 0);
    assert_true(fires("Fuzzbear mirror", NULL));
    assert_true(fires("Fuzzbear big", NULL));
    assert_true(fires("Fuzzbear", "BIG"));
    assert_false(fires("Fuzzbear", "small"));
    struct matcher_db *none = NULL;
    for (size_t cut = 1; cut < len; cut = cut * 3 / 2 + 1)
        assert_int_not_equal(matcher_db_adopt(lists, bytes, len - cut, &none, &error), 0);
    assert_null(matcher_lists_close(lists));
    lists = rig_lists();
    assert_int_not_equal(matcher_db_adopt(lists, bytes, len, &none, &error), 0);
    assert_null(matcher_lists_close(lists));
    assert_null(matcher_db_unref(made));
    assert_null(matcher_db_unref(adopted));
    free(bytes);
}

static void words_past_the_cap_make_what_they_might_refute_unknown(void **state)
{
    (void)state;
    static char text[65536];
    size_t len = 0;
    use("terms: {a: [aa, bb], b: [zz]}\n"
        "rules:\n"
        "- {id: r, rev: 1, marks: bear, class: mention, none: [b], examples: [Fuzzbear],"
        " negative_examples: [Fuzzbear zz]}\n"
        "- {id: s, rev: 1, marks: bear, class: counterfeit, all: [a], examples: [Fuzzbear aa],"
        " negative_examples: [Fuzzbear]}\n");
    len = (size_t)snprintf(text, sizeof text, "Fuzzbear ");
    for (unsigned i = 0; i < 256; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "aa ");
    struct matcher_result result = rig_scan(matcher, text, NULL, NULL);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
    assert_int_equal(result.hits[0].rule, 1);
    len += (size_t)snprintf(text + len, sizeof text - len, "aa zz Starwand");
    result = rig_scan(matcher, text, NULL, NULL);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_int_equal(result.hits[0].class, MATCHER_CLASS_COUNTERFEIT); /* that much is known */
    use("terms: {a: [aa], b: [zz]}\n"
        "rules:\n"
        "- {id: r, rev: 1, marks: bear, class: mention, none: [b], any: [a],"
        " examples: [Fuzzbear aa], negative_examples: [Fuzzbear zz]}\n");
    result = rig_scan(matcher, text, NULL, NULL);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_CUT);
    assert_false(result.hits[0].has_rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_asks_for_one_all_for_each_none_for_nothing),
        cmocka_unit_test(conditions_stand_within_each_other),
        cmocka_unit_test(near_counts_folded_characters_between_the_two),
        cmocka_unit_test(near_can_ask_for_an_order),
        cmocka_unit_test(near_speaks_of_the_mark_that_was_hit),
        cmocka_unit_test(near_goes_from_the_title_into_the_description),
        cmocka_unit_test(words_that_overlap_are_not_near_each_other),
        cmocka_unit_test(fields_say_where_marks_and_words_stand),
        cmocka_unit_test(the_strongest_class_wins_and_then_the_first_rule),
        cmocka_unit_test(a_generic_mark_needs_a_rule_that_asks_for_words),
        cmocka_unit_test(a_rule_without_marks_reports_its_words_once_and_whole),
        cmocka_unit_test(rules_without_any_mark_are_a_set_of_their_own),
        cmocka_unit_test(without_rules_the_default_classes_stand),
        cmocka_unit_test(an_adopted_set_finds_what_the_compiled_one_finds),
        cmocka_unit_test(words_past_the_cap_make_what_they_might_refute_unknown),
    };
    return cmocka_run_group_tests_name("what rules do", tests, open_matcher, close_matcher);
}
