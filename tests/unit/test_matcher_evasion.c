/*
 * The matcher on labelled real titles with disguised marks: what must be found already, and a table
 * of what is found of each technique.
 */
#include <stdio.h>

#include "matcher/matcher.h"
#include "tests/unit/matcher_data.h"
#include "tests/unit/matcher_test.h"

#define TECHNIQUES_MAX 32

struct tally {
    char kind[16], technique[32];
    unsigned rows, found, counterfeit, mention, lone, lone_found, lone_counterfeit;
};

static struct tally tallies[TECHNIQUES_MAX];
static size_t tallies_count;
static struct matcher_db *db;
static struct matcher *matcher;

static struct tally *tally_of(const struct data_row *row)
{
    for (size_t i = 0; i < tallies_count; i++)
        if (strcmp(tallies[i].technique, row->cell[DATA_TECHNIQUE]) == 0)
            return &tallies[i];
    assert_true(tallies_count < TECHNIQUES_MAX);
    struct tally *tally = &tallies[tallies_count++];
    (void)snprintf(tally->kind, sizeof tally->kind, "%s", row->cell[DATA_KIND]);
    (void)snprintf(tally->technique, sizeof tally->technique, "%s", row->cell[DATA_TECHNIQUE]);
    return tally;
}

/* Whether one of the hits is of a mark that the row names. */
static bool names_mark(const struct data_row *row, const struct matcher_result *result)
{
    for (size_t i = 0; i < result->hits_count; i++) {
        struct matcher_mark mark = matcher_db_mark(db, result->hits[i].mark);
        char id[32];
        (void)snprintf(id, sizeof id, "%.*s", (int)mark.id_len, mark.id);
        if (strstr(row->cell[DATA_MARKS], id) != NULL)
            return true;
    }
    return false;
}

/* Whether the row has a cue, which lets a generic mark count (DESIGN 9.19). */
static bool has_cue(const struct data_row *row)
{
    return row->cell[DATA_CUE][0] != '\0';
}

static void judge(const struct data_row *row, const struct matcher_result *result)
{
    struct tally *tally = tally_of(row);
    bool positive = strcmp(row->cell[DATA_KIND], "positive") == 0;
    bool generic = row->cell[DATA_GENERIC][0] == '1';
    bool counterfeit = result->class == MATCHER_CLASS_COUNTERFEIT;
    bool found = positive ? names_mark(row, result) : result->hits_total > 0;
    if (generic && !has_cue(row)) {
        tally->lone++;
        tally->lone_found += found;
        tally->lone_counterfeit += counterfeit;
        return;
    }
    tally->rows++;
    tally->found += found;
    tally->counterfeit += counterfeit;
    tally->mention += result->class == MATCHER_CLASS_MENTION;
    bool wrong = positive                                        ? !found
                 : strcmp(row->cell[DATA_KIND], "negative") == 0 ? found
                                                                 : counterfeit;
    if (wrong)
        (void)printf("not as labelled: %-28s %s\n", tally->technique, row->cell[DATA_TITLE]);
}

static int by_technique(const void *left, const void *right)
{
    const struct tally *a = left, *b = right;
    return strcmp(a->technique, b->technique);
}

static void evasion_rows_are_judged(void **state)
{
    (void)state;
    struct data rows = {.text = NULL};
    if (!data_read_rows("evasion_a.ndjson", &rows))
        skip();
    db = data_compile("marks_100.tsv", "cues.tsv");
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    struct data_row row;
    while (data_next(&rows, &row)) {
        struct matcher_field fields[2] = {
            {row.cell[DATA_TITLE], strlen(row.cell[DATA_TITLE])},
            {row.cell[DATA_DESCRIPTION], strlen(row.cell[DATA_DESCRIPTION])}};
        struct matcher_result result;
        uint32_t index = 0;
        matcher_reset(matcher);
        assert_int_equal(matcher_add(matcher, fields, 2, &index), 0);
        matcher_scan(matcher);
        matcher_result(matcher, index, &result);
        judge(&row, &result);
    }
    qsort(tallies, tallies_count, sizeof tallies[0], by_technique);
    (void)printf("found: %-28s %5s %6s %12s | generic without a cue: rows found counterfeit\n",
                 "technique", "rows", "found", "counterfeit");
    unsigned positive = 0, hit = 0;
    for (size_t i = 0; i < tallies_count; i++) {
        struct tally *t = &tallies[i];
        positive += t->technique[0] == 'A' ? t->rows : 0;
        hit += t->technique[0] == 'A' ? t->found : 0;
        (void)printf("found: %-28s %5u %6u %12u | %u %u %u\n", t->technique, t->rows, t->found,
                     t->counterfeit, t->lone, t->lone_found, t->lone_counterfeit);
    }
    (void)printf("found: %u of %u disguised or plain\n", hit, positive);
    assert_true(hit * 100 >= positive * 95);
    data_free(&rows);
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
}

/* Of each technique but transposed and doubled letters 98 of 100, of plain and folded ones all. */
static void techniques_are_found(void **state)
{
    (void)state;
    static const char *const complete[] = {"A01", "A02", "A03", "A09", "A10", "A13",
                                           "A14", "A15", "A16", "A17", "A18"};
    if (tallies_count == 0)
        skip();
    for (size_t i = 0; i < tallies_count; i++) {
        const struct tally *tally = &tallies[i];
        for (size_t k = 0; k < sizeof complete / sizeof complete[0]; k++)
            if (strncmp(tally->technique, complete[k], 3) == 0)
                assert_int_equal(tally->found, tally->rows);
        if (tally->technique[0] == 'A' && strncmp(tally->technique, "A11", 3) != 0 &&
            strncmp(tally->technique, "A12", 3) != 0)
            assert_true(tally->found * 100 >= tally->rows * 98);
        if (strncmp(tally->technique, "A11", 3) == 0)
            assert_true(tally->found * 100 >= tally->rows * 95);
        assert_int_equal(tally->lone_counterfeit, 0);
        if (strcmp(tally->kind, "positive") != 0)
            assert_int_equal(tally->counterfeit, 0);
        if (strcmp(tally->kind, "negative") == 0)
            assert_int_equal(tally->found, 0);
        if (strcmp(tally->kind, "mention-only") == 0)
            assert_int_equal(tally->mention, tally->rows);
    }
}

/* The hand-written strings: what is plain, what evades, and what names no mark. */
static void examples_are_judged(void **state)
{
    (void)state;
    struct data rows = {.text = NULL};
    if (!data_read_rows("evasion_examples.jsonl", &rows))
        skip();
    db = data_compile("marks_100.tsv", "cues.tsv");
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    unsigned plain[2] = {0}, evasive[2] = {0}, innocent[2] = {0};
    struct data_row row;
    while (data_next(&rows, &row)) {
        struct matcher_field field = {row.cell[DATA_TITLE], strlen(row.cell[DATA_TITLE])};
        struct matcher_result result;
        uint32_t index = 0;
        const char *label = row.cell[DATA_KIND];
        bool none = strcmp(row.cell[DATA_EXPECT], "none") == 0;
        unsigned *tally = label[0] == 'p' ? plain : label[0] == 'e' ? evasive : innocent;
        matcher_reset(matcher);
        assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
        matcher_scan(matcher);
        matcher_result(matcher, index, &result);
        tally[0] += tally != innocent || none;
        tally[1] += (tally != innocent || none) && result.hits_total > 0;
    }
    (void)printf("examples: plain %u of %u, evasive %u of %u, innocent %u of %u\n", plain[1],
                 plain[0], evasive[1], evasive[0], innocent[1], innocent[0]);
    assert_int_equal(plain[1], plain[0]);
    assert_true(evasive[1] >= 198);
    assert_true(innocent[1] <= 4);
    data_free(&rows);
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evasion_rows_are_judged),
        cmocka_unit_test(techniques_are_found),
        cmocka_unit_test(examples_are_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
