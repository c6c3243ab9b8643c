/*
 * Padding: sets for which the engine would take its slow path get literals that no listing holds,
 * larger ones get none, and what is found is the same.
 */
#include "matcher/engine.h"
#include "matcher/scan.h"
#include "tests/unit/matcher_names.h"
#include "tests/unit/matcher_rig.h"

#define TAILS_MIN 860u /* of engine.c, which says where it comes from */
#define TEXTS     300u

static unsigned seed = 5;

static unsigned draw(unsigned below)
{
    return (unsigned)rand_r(&seed) % below;
}

/* A set of so many marks as listed: each is one literal with a tail of its own. */
static struct matcher_db *compile_plain(unsigned count, size_t *ret_literals)
{
    char *tsv = names_tsv(count);
    struct matcher_lists *lists = NULL;
    struct matcher_db *made = NULL;
    struct matcher_cost cost;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, tsv, strlen(tsv), &error), 0);
    free(tsv);
    matcher_lists_set_variants(lists, MATCHER_VARIANTS_OFF);
    assert_int_equal(matcher_lists_cost(lists, &cost), 0);
    assert_int_equal(matcher_db_compile(lists, &made, &error), 0);
    assert_null(matcher_lists_close(lists));
    *ret_literals = cost.literals;
    return made;
}

/* Compiles the engine of a set again, with other padding. */
static void pad(struct matcher_db *set, size_t padding)
{
    assert_int_equal(hs_free_database(set->engine), HS_SUCCESS);
    set->engine = NULL;
    set->padding = padding;
    assert_int_equal(engine_compile(&set->literals, padding, &set->engine, &error), 0);
}

/* Names of the set, other names, and padding itself, which begins so. */
static size_t make_text(char *out, unsigned count)
{
    static const char letters[] = "qxzjvwkb";
    size_t len = 0;
    for (unsigned words = 1 + draw(12); words > 0; words--) {
        unsigned kind = draw(4);
        if (kind == 0) {
            memcpy(out + len, "qz", 2);
            len += 2;
            for (unsigned i = 0; i < 7; i++)
                out[len++] = letters[draw(3)];
        } else {
            len += names_put(out + len, kind == 1 ? count + draw(1000) : draw(count));
        }
        out[len++] = ' ';
    }
    memset(out + len, 0, MATCHER_SLACK_BYTES);
    return len;
}

struct seen {
    enum matcher_outcome outcome;
    size_t count, total;
    struct matcher_hit hits[MATCHER_HITS_MAX];
};

static void look(struct matcher *by, const char *text, size_t len, struct seen *seen)
{
    struct matcher_field field = {text, len};
    struct matcher_result result;
    uint32_t index = 0;
    memset(seen, 0, sizeof *seen);
    matcher_reset(by);
    assert_int_equal(matcher_add(by, &field, 1, &index), 0);
    matcher_scan(by);
    matcher_result(by, index, &result);
    seen->outcome = result.outcome;
    seen->count = result.hits_count;
    seen->total = result.hits_total;
    for (size_t i = 0; i < result.hits_count; i++)
        seen->hits[i] = result.hits[i];
}

/* A set finds the same with its padding, with none, and with more than there ever is. */
static void check_set(unsigned count, size_t padding)
{
    static char text[4096];
    size_t literals = 0, hits = 0;
    struct matcher_db *sets[3];
    struct matcher *by[3];
    for (unsigned i = 0; i < 3; i++) {
        sets[i] = compile_plain(count, &literals);
        assert_int_equal(matcher_db_literals_count(sets[i]), literals + padding);
        if (i > 0)
            pad(sets[i], i == 1 ? 0 : 2 * TAILS_MIN);
        assert_int_equal(matcher_open(&by[i]), 0);
        assert_int_equal(matcher_use(by[i], sets[i]), 0);
    }
    for (unsigned i = 0; i < TEXTS; i++) {
        struct seen seen[3];
        size_t len = make_text(text, count);
        for (unsigned k = 0; k < 3; k++)
            look(by[k], text, len, &seen[k]);
        assert_int_equal(seen[0].outcome, MATCHER_OUTCOME_OK);
        assert_memory_equal(&seen[1], &seen[0], sizeof seen[0]);
        assert_memory_equal(&seen[2], &seen[0], sizeof seen[0]);
        hits += seen[0].count;
    }
    assert_true(hits > TEXTS); /* or the texts say nothing */
    for (unsigned i = 0; i < 3; i++) {
        by[i] = matcher_close(by[i]);
        sets[i] = matcher_db_unref(sets[i]);
    }
}

static void small_sets_are_padded_past_the_slow_path_and_find_the_same(void **state)
{
    (void)state;
    check_set(1, TAILS_MIN - 1);
    check_set(300, TAILS_MIN - 300);
    check_set(TAILS_MIN - 1, 1);
}

static void large_sets_are_not_padded(void **state)
{
    (void)state;
    check_set(TAILS_MIN, 0);
    check_set(950, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_sets_are_padded_past_the_slow_path_and_find_the_same),
        cmocka_unit_test(large_sets_are_not_padded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
