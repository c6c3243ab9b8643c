/*
 * The evaluator against a slow and obvious one: random rules over random texts whose words collide.
 */
#include "matcher/db.h"
#include "tests/unit/rules_naive.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ROUNDS 40 /* each compiles a set */
#else
#define ROUNDS 200
#endif
#define TEXTS 60

#define TOKENS (sizeof tokens / sizeof tokens[0])

static const char *const tokens[] = {"aa",    "bb", "cc",       "жж",      "fuzzbear",
                                     "coach", "dd", "fuzzb3ar", "fuzbear", "c0ach"};
struct expected {
    unsigned field, begin, end, spelling;
    uint32_t mark;
    int rule;
};

static struct expected expected[4 * PLACES_MAX];
static unsigned expected_count;

static void expect(const struct place *place, uint32_t mark, int rule)
{
    for (unsigned i = 0; i < expected_count; i++) {
        struct expected *other = &expected[i];
        if (mark != MATCHER_NO_MARK || other->mark != mark || other->field != place->field ||
            other->begin != place->begin || other->end != place->end)
            continue;
        int before = rules[other->rule].class, now = rules[rule].class;
        if (now > before || (now == before && rule < other->rule))
            other->rule = rule;
        return;
    }
    expected[expected_count++] =
        (struct expected){place->field, place->begin, place->end, place->spelling, mark, rule};
}

static void expect_all(void)
{
    static struct place places[PLACES_MAX];
    static const uint32_t mark_index[] = {0, 2};
    expected_count = 0;
    for (int mark = 0; mark < 2; mark++) {
        unsigned count = find_mark(mark, places);
        for (unsigned i = 0; i < count; i++) {
            int rule = speaks(mark, -1, &places[i]);
            if (rule >= 0 || mark == 0)
                expect(&places[i], mark_index[mark], rule);
        }
    }
    for (int term = 0; term < 4; term++) {
        unsigned count = find_term(term, places);
        for (unsigned i = 0; i < count; i++) {
            bool inner = false;
            for (unsigned k = 0; k < count; k++)
                inner = inner ||
                        (k != i && places[k].field == places[i].field &&
                         places[k].begin <= places[i].begin && places[k].end >= places[i].end &&
                         places[k].end - places[k].begin > places[i].end - places[i].begin);
            int rule = inner ? -1 : speaks(-1, term, &places[i]);
            if (rule >= 0)
                expect(&places[i], MATCHER_NO_MARK, rule);
        }
    }
}

/* The class that a mark has without a rule: in disguise it is counterfeit, with a slip it is not.
 */
static int default_class(const struct expected *hit)
{
    return hit->spelling == 1 ? (int)MATCHER_CLASS_COUNTERFEIT : (int)MATCHER_CLASS_MARK;
}

static bool has_stage(const struct expected *expected_hit, const struct matcher_hit *hit)
{
    static const enum matcher_stage stages[] = {MATCHER_STAGE_PLAIN, MATCHER_STAGE_SQUEEZED,
                                                MATCHER_STAGE_TYPO};
    return hit->mark == MATCHER_NO_MARK || hit->stage == stages[expected_hit->spelling];
}

static void compare(const struct matcher_result *result, const char *yaml)
{
    bool same = result->hits_count == expected_count;
    for (unsigned i = 0; i < expected_count && same; i++) {
        bool seen = false;
        for (size_t k = 0; k < result->hits_count; k++) {
            const struct matcher_hit *hit = &result->hits[k];
            int rule = hit->has_rule ? (int)hit->rule : -1;
            int class = rule < 0 ? default_class(&expected[i]) : rules[rule].class;
            seen =
                seen || (hit->span.field == expected[i].field &&
                         hit->span.from == expected[i].begin && hit->span.to == expected[i].end &&
                         hit->mark == expected[i].mark && rule == expected[i].rule &&
                         (int)hit->class == class && has_stage(&expected[i], hit));
        }
        same = seen;
    }
    if (same)
        return;
    (void)print_message("%s%s | %s\n%zu hits, not %u\n", yaml, fields_text[0],
                        fields_count > 1 ? fields_text[1] : "", result->hits_count, expected_count);
    fail();
}

static void make_text(char *out, size_t room)
{
    size_t at = 0;
    out[0] = '\0';
    for (unsigned count = draw(9); count > 0; count--)
        at +=
            (size_t)snprintf(out + at, room - at, "%s%s", at == 0 ? "" : " ", tokens[draw(TOKENS)]);
}

static struct matcher_db *compile_random(const char *yaml)
{
    struct matcher_lists *lists = rig_lists();
    struct matcher_db *made = NULL;
    struct matcher_error error = {.text = ""};
    if (matcher_lists_add_rules(lists, yaml, strlen(yaml), &error) < 0 ||
        db_compile(lists, &made, &error) < 0)
        fail_msg("%u:%u: %s in\n%s", error.line, error.column, error.text, yaml);
    assert_null(matcher_lists_close(lists));
    return made;
}

static void random_rules_say_what_the_definitions_say(void **state)
{
    static char yaml[65536], title[256], description[256];
    static const char *const prices[] = {NULL, "5", "50"}, *const platforms[] = {NULL, "p", "r"};
    unsigned hits = 0, by_rule = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        make_rules(yaml, sizeof yaml);
        db = compile_random(yaml);
        matcher_reset(matcher);
        assert_int_equal(matcher_use(matcher, db), 0);
        for (unsigned i = 0; i < TEXTS; i++) {
            make_text(title, sizeof title);
            make_text(description, sizeof description);
            fields_text[0] = title;
            fields_text[1] = description;
            fields_count = 1 + draw(2);
            price = prices[draw(3)];
            platform = platforms[draw(3)];
            struct matcher_facts facts = {.price = price,
                                          .price_len = price == NULL ? 0 : strlen(price),
                                          .currency = "USD",
                                          .currency_len = 3,
                                          .platform = platform,
                                          .platform_len = platform == NULL ? 0 : 1};
            struct matcher_result result =
                rig_scan(matcher, title, fields_count > 1 ? description : NULL, &facts);
            expect_all();
            compare(&result, yaml);
            hits += expected_count;
            for (unsigned k = 0; k < expected_count; k++)
                by_rule += expected[k].rule >= 0;
        }
        db = matcher_db_unref(db);
    }
    (void)print_message("%u texts, %u hits, %u of them by rules\n", ROUNDS * TEXTS, hits, by_rule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_rules_say_what_the_definitions_say),
    };
    return cmocka_run_group_tests_name("random rules", tests, open_matcher, close_matcher);
}
