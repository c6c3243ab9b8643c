/*
 * Rules as text: what is taken, what is refused, and where the error is said to be.
 */
#include <errno.h>

#include "tests/unit/rules_rig.h"

/* A rule with the given lines in it; they begin in line 4. */
#define RULE(lines)                                                                                \
    "rules:\n"                                                                                     \
    "  - id: r\n"                                                                                  \
    "    rev: 1\n" lines "    class: mark\n"                                                       \
    "    examples: [Fuzzbear one]\n"                                                               \
    "    negative_examples: [nothing]\n"

static void the_example_file_is_good(void **state)
{
    (void)state;
    static char marks[65536], rules[65536];
    struct matcher_lists *lists = NULL;
    struct matcher_db *made = NULL;
    struct matcher_error error = {.text = ""};
    FILE *file = fopen("daemon/marks.example.tsv", "rb");
    if (file == NULL) {
        (void)print_message("skipped: not in the repository's folder\n");
        skip();
    }
    size_t marks_len = fread(marks, 1, sizeof marks, file);
    (void)fclose(file);
    file = fopen("daemon/rules.example.yaml", "rb");
    assert_non_null(file);
    size_t rules_len = fread(rules, 1, sizeof rules, file);
    (void)fclose(file);
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks, marks_len, &error), 0);
    if (matcher_lists_add_rules(lists, rules, rules_len, &error) < 0 ||
        matcher_db_compile(lists, &made, &error) < 0)
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    assert_int_equal(matcher_db_rules_count(made), 6);
    assert_int_equal(matcher_db_rule(made, 0).rev, 2);
    assert_memory_equal(matcher_db_rule(made, 0).id, "plush-copies", 12);
    assert_null(matcher_lists_close(lists));
    assert_null(matcher_db_unref(made));
}

static void a_rule_of_a_mark_alone_is_enough(void **state)
{
    (void)state;
    assert_string_equal(rig_error(RULE("    marks: bear\n")), "");
}

struct wrong {
    const char *yaml, *error;
};

static const struct wrong table[] = {
    {"", "1:1: holds nothing"},
    {"a", "1:1: must be a mapping of keys to values"},
    {"rules: [}\n", "1:9: mismatched flow mapping end"},
    {"x: 1\nrules: []\n", "1:1: x: must be terms, sellers or rules"},
    {"terms:\n  a: [b]\n", "1:1: rules: is missing"},
    {"rules: []\n", "1:1: rules: must be a list with at least one rule"},
    {"rules:\n  - 1\n", "2:5: a rule is a mapping of keys to values"},
    {"rules:\n- id: a\n  id: b\n", "3:3: duplicate key"},
    {RULE("    marks: bear\n    colour: red\n"), "5:5: colour: a rule has no such key"},
    {RULE("    marks: bears\n"), "4:12: marks: no mark has the id bears"},
    {RULE("    marks: [bear,\n      bees]\n"), "5:7: marks: no mark has the id bees"},
    {RULE("    marks: []\n"), "4:5: marks: is empty: the rule can never apply"},
    {RULE("    marks: {a: b}\n"), "4:5: marks: must be a word or a list of words"},
    {RULE("    category: shoes\n"), "4:15: category: no mark is of the category shoes"},
    {RULE("    marks: all\n    category: toys\n"), "5:15: category: all marks are meant already"},
    {RULE("    marks: bear\n    any: [copy]\n"),
     "5:11: conditions: there are no terms of the name copy"},
    {RULE("    marks: bear\n    any: []\n"),
     "5:5: any: must be a list of names of terms and conditions"},
    {RULE("    marks: bear\n    any:\n"),
     "5:5: any: must be a list of names of terms and conditions"},
    {RULE("    marks: bear\n    any: [{}]\n"), "5:5: a condition is empty"},
    {RULE("    marks: bear\n    none: [mark]\n"),
     "5:12: mark: is always there; it is a word for near only"},
    {RULE("    marks: bear\n    any: [{foo: 1}]\n"), "5:12: foo: a condition has no such key"},
    {RULE("    marks: bear\n    near: {words: [mark, mark], within: 3}\n"),
     "5:12: near: the mark is always near itself"},
    {RULE("    marks: bear\n    terms: {a: b}\n    near: {words: [mark, a], within: 9999}\n"),
     "6:38: within: must be a number from 0 to 1000"},
    {RULE("    marks: bear\n    terms: {a: b}\n    near: {words: [mark, a]}\n"),
     "6:5: near: within is missing"},
    {RULE("    marks: bear\n    terms: {mark: b}\n"),
     "5:13: terms: the name mark is taken: it is the mark that was found"},
    {RULE("    marks: bear\n    terms: {a: [b, '!!!']}\n"),
     "5:20: terms: the text folds to nothing: it holds no letter or digit"},
    {RULE("    marks: bear\n    price_below: {usd: 1}\n"),
     "5:19: price_below: must be a currency such as USD"},
    {RULE("    marks: bear\n    price_below: {USD: '1,5'}\n"),
     "5:24: price_below: must be an amount such as 24.90"},
    {RULE("    marks: bear\n    sellers: friends\n"),
     "5:14: sellers: must be the name of a list of sellers"},
    {RULE("    marks: bear\n    fields: [title, url]\n"),
     "5:21: fields: must be title or description"},
    {RULE("    marks: bear\n    variants: maybe\n"), "5:15: variants: must be auto, off or on"},
    {RULE("    marks: bear\n    regex: '('\n"),
     "5:12: regex: the engine refuses it: Missing close parenthesis for group started at "
     "index 0."},
    {RULE("    marks: bear\n    regex: {pattern: a, flags: q}\n"),
     "5:32: flags: must be letters of i, s, m, u, w"},
    {RULE("    marks: bear\n    regex: {pattern: a, text: title}\n"),
     "5:31: regex: text must be raw or folded"},
    {RULE("    terms: {a: b}\n"), "2:5: marks: is missing; a rule without marks says with "
                                  "report: which of its terms it reports"},
    {RULE("    terms: {a: b}\n    report: c\n"), "5:13: report: there are no terms of this name"},
    {RULE("    marks: bear\n    terms: {a: b}\n    report: a\n"),
     "6:13: report: only of rules without marks"},
    {"rules:\n- {id: default.mark, rev: 1, marks: bear, class: mark}\n",
     "2:8: id: ids that begin with default. are taken"},
    {"rules:\n- {id: a, rev: 0, marks: bear, class: mark}\n",
     "2:16: rev: must be a number from 1 to 1000000000"},
    {"rules:\n- {id: a, rev: 1, marks: bear, class: fake}\n",
     "2:39: class: must be counterfeit, mark or mention"},
    {"rules:\n- {id: a, rev: 1, marks: bear, class: mark, examples: [x]}\n",
     "2:4: negative_examples: is missing"},
    {"rules:\n- {id: a, rev: 1, marks: bear, class: mark, examples: [],"
     " negative_examples: [x]}\n",
     "2:45: examples: must be a list with at least one example"},
    {"sellers:\n  a:\n  - {seller: x}\nrules: [1]\n", "3:6: platform: is missing"},
    {"sellers:\n  a:\n  - {platform: p, from: 2026-02-29}\nrules: [1]\n",
     "3:25: from: must be a day such as 2026-11-24"},
    {"sellers:\n  a:\n  - {platform: p, from: 2026-03-01, until: 2026-03-01}\nrules: [1]\n",
     "3:6: until: must be a day after from; it is the first day on which it no longer holds"},
    {"a: &x 1\nb: *x\n", "2:4: aliases are not taken"},
    {"%YAML 1.2\n---\nrules: []\n", "1:1: directives are not taken"},
    {"rules: \x01\n", "1:8: holds the control character 0x01"},
    {"rules: \xff\n", "1:8: the line is not UTF-8"},
    {"rules: [a]\n---\nrules: [a]\n", "2:1: holds a second document"},
    {"? [a]\n: b\n", "1:1: a key is not a word"},
    {"rules: 1\n: b\n", "1:8: a key is empty"},
    {"{}\n", "1:1: rules: is missing"},
    {"rules:\n- {id: \"a\\e\", rev: 1, marks: bear, class: mark}\n",
     "2:8: id: may not hold U+001B: it controls the screen or shows as nothing"},
    {"sellers: {\"a\\u202E\": [{platform: p}]}\nrules: [1]\n",
     "1:11: sellers: may not hold U+202E: it controls the screen or shows as nothing"},
};

static void each_mistake_is_told_with_its_line_and_column(void **state)
{
    (void)state;
    bool same = true;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const char *error = rig_error(table[i].yaml);
        if (strcmp(error, table[i].error) == 0)
            continue;
        same = false;
        (void)print_message("%s is \"%s\", not \"%s\"\n", table[i].yaml, error, table[i].error);
    }
    assert_true(same);
}

static void an_example_that_the_rule_does_not_find_is_an_error(void **state)
{
    (void)state;
    assert_string_equal(rig_error("rules:\n"
                                  "- id: r\n"
                                  "  rev: 1\n"
                                  "  marks: bear\n"
                                  "  class: mark\n"
                                  "  examples:\n"
                                  "  - Fuzzbear\n"
                                  "  - Starwand\n"
                                  "  negative_examples: [x]\n"),
                        "8:5: rule r does not find this example");
    assert_string_equal(rig_error("rules:\n"
                                  "- {id: r, rev: 1, marks: bear, class: mark,\n"
                                  "   examples: [Fuzzbear], negative_examples: [a Fuzzbear]}\n"),
                        "3:46: rule r finds this negative example");
}

static void an_example_is_also_tried_among_other_words_and_in_capitals(void **state)
{
    (void)state;
    assert_string_equal(rig_error("rules:\n"
                                  "- {id: r, rev: 1, marks: bear, class: mark,\n"
                                  "   regex: '^fuzzbear', examples: [Fuzzbear],\n"
                                  "   negative_examples: [a Fuzzbear]}\n"),
                        "");
    assert_string_equal(rig_error("rules:\n"
                                  "- {id: r, rev: 1, marks: bear, class: mark, terms: {q: [zqx]},\n"
                                  "   none: [q], examples: [Fuzzbear], negative_examples: [x]}\n"),
                        "3:26: rule r does not find this example with other words around it");
    assert_string_equal(rig_error("rules:\n"
                                  "- {id: r, rev: 1, marks: bear, class: mark,\n"
                                  "   regex: {pattern: '(?-i)bear', text: raw, flags: i},\n"
                                  "   examples: [Fuzzbear], negative_examples: [x]}\n"),
                        "4:15: rule r does not find this example in capitals");
    assert_string_equal(rig_error("rules:\n"
                                  "- {id: r, rev: 1, marks: bear, class: mark,\n"
                                  "   regex: {pattern: 'bear', text: raw},\n"
                                  "   examples: [Fuzzbear], negative_examples: [x]}\n"),
                        "");
}

static char told[4096];

static void tell(void *context, const struct matcher_error *error)
{
    size_t len = strlen(told);
    (void)context;
    (void)snprintf(told + len, sizeof told - len, "%u:%u: %s\n", error->line, error->column,
                   error->text);
}

static void all_mistakes_of_a_text_are_told_in_one_run(void **state)
{
    (void)state;
    static const char yaml[] = "terms: {copy: ['..']}\n"
                               "rules:\n"
                               "- id: a\n"
                               "  rev: x\n"
                               "  marks: [bear, bees, wasps]\n"
                               "  any: [copy, fake]\n"
                               "  examples: [a]\n"
                               "  negative_examples: [a]\n"
                               "- id: a\n"
                               "  rev: 1\n"
                               "  marks: bear\n"
                               "  class: mark\n"
                               "  examples: [a]\n"
                               "  negative_examples: [a]\n";
    struct matcher_lists *lists = rig_lists();
    size_t arena = lists->arena_len;
    told[0] = '\0';
    assert_int_equal(rules_read(lists, yaml, strlen(yaml), tell, NULL), -EINVAL);
    assert_string_equal(told,
                        "1:16: terms: the text folds to nothing: it holds no letter or digit\n"
                        "4:8: rev: must be a number from 1 to 1000000000\n"
                        "3:3: class: is missing\n"
                        "5:17: marks: no mark has the id bees\n"
                        "5:23: marks: no mark has the id wasps\n"
                        "6:15: conditions: there are no terms of the name fake\n"
                        "9:7: id: the rule a is there already, in line 3\n");
    assert_int_equal(lists->arena_len, arena);
    assert_int_equal(lists->rules->count, 0);
    assert_int_equal(lists->rules->terms_count, 0);
    assert_int_equal(lists->rules->sources_count, 0);
    assert_null(matcher_lists_close(lists));
}

static void ids_are_unique_over_all_texts_and_terms_are_of_one(void **state)
{
    (void)state;
    static const char one[] = "terms: {copy: [fake]}\n" RULE("    marks: bear\n");
    static const char other[] = RULE("    marks: bear\n");
    static const char third[] = "rules:\n- {id: s, rev: 1, marks: bear, class: mark, any: [copy],"
                                " examples: [x], negative_examples: [x]}\n";
    struct matcher_lists *lists = rig_lists();
    struct matcher_error error = {.text = ""};
    assert_int_equal(matcher_lists_add_rules(lists, one, strlen(one), &error), 0);
    assert_int_equal(matcher_lists_add_rules(lists, other, strlen(other), &error), -EINVAL);
    assert_string_equal(error.text, "id: the rule r is there already, in another file");
    assert_int_equal(matcher_lists_add_rules(lists, third, strlen(third), &error), -EINVAL);
    assert_string_equal(error.text, "conditions: there are no terms of the name copy");
    assert_int_equal(lists->rules->count, 1);
    assert_null(matcher_lists_close(lists));
}

static void conditions_may_stand_four_deep_and_no_deeper(void **state)
{
    (void)state;
    assert_string_equal(rig_error("terms: {a: one}\n" RULE(
                            "    marks: bear\n    any: [{all: [{any: [{all: [a]}]}]}]\n")),
                        "");
    assert_string_equal(rig_error("terms: {a: one}\n" RULE(
                            "    marks: bear\n    any: [{all: [{any: [{all: [{any: [a]}]}]}]}]\n")),
                        "6:33: conditions within 4 others: at most 4");
}

static void what_is_too_much_is_refused_by_name(void **state)
{
    (void)state;
    static char yaml[1 << 20];
    size_t at = (size_t)snprintf(yaml, sizeof yaml, "terms: {a: one}\nrules:\n- id: r\n  any: [");
    for (unsigned i = 0; i < RULES_NODES_OF_ONE; i++)
        at += (size_t)snprintf(yaml + at, sizeof yaml - at, "a, ");
    (void)snprintf(yaml + at, sizeof yaml - at, "a]\n");
    struct matcher_lists *lists = rig_lists();
    told[0] = '\0';
    assert_int_equal(rules_read(lists, yaml, strlen(yaml), tell, NULL), -EINVAL);
    assert_non_null(strstr(told, "more than 256 conditions in a rule, or 65536 in all"));
    at = (size_t)snprintf(yaml, sizeof yaml, "rules:\n- examples: [");
    for (unsigned i = 0; i < RULES_EXAMPLES_OF; i++)
        at += (size_t)snprintf(yaml + at, sizeof yaml - at, "a, ");
    (void)snprintf(yaml + at, sizeof yaml - at, "a]\n");
    told[0] = '\0';
    assert_int_equal(rules_read(lists, yaml, strlen(yaml), tell, NULL), -EINVAL);
    assert_non_null(strstr(told, "examples: more than 64"));
    at = (size_t)snprintf(yaml, sizeof yaml, "rules:\n");
    for (unsigned i = 0; i <= RULES_MAX; i++)
        at += (size_t)snprintf(yaml + at, sizeof yaml - at,
                               "- {id: r%u, rev: 1, marks: bear, class: mark, examples: [x],"
                               " negative_examples: [x]}\n",
                               i);
    told[0] = '\0';
    assert_int_equal(rules_read(lists, yaml, strlen(yaml), tell, NULL), -EINVAL);
    assert_string_equal(told, "4098:4: more than 4096 rules\n");
    memset(yaml, 'a', sizeof yaml);
    memcpy(yaml, "rules: [", 8);
    memcpy(yaml + 3000, "]\n", 3);
    assert_null(matcher_lists_close(lists));
    at = (size_t)snprintf(yaml, sizeof yaml, "a: ");
    for (unsigned i = 0; i < 20; i++)
        yaml[at++] = '[';
    for (unsigned i = 0; i < 20; i++)
        yaml[at++] = ']';
    yaml[at] = '\0';
    assert_string_equal(rig_error(yaml), "1:1: nested deeper than 16 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_file_is_good),
        cmocka_unit_test(a_rule_of_a_mark_alone_is_enough),
        cmocka_unit_test(each_mistake_is_told_with_its_line_and_column),
        cmocka_unit_test(an_example_that_the_rule_does_not_find_is_an_error),
        cmocka_unit_test(an_example_is_also_tried_among_other_words_and_in_capitals),
        cmocka_unit_test(all_mistakes_of_a_text_are_told_in_one_run),
        cmocka_unit_test(ids_are_unique_over_all_texts_and_terms_are_of_one),
        cmocka_unit_test(conditions_may_stand_four_deep_and_no_deeper),
        cmocka_unit_test(what_is_too_much_is_refused_by_name),
    };
    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
