/*
 * The matcher against a slow and obvious one: on random lists and texts that collide, and on real
 * ones.
 */
#include "matcher/matcher.h"
#include "tests/unit/matcher_data.h"
#include "tests/unit/matcher_naive.h"
#include "tests/unit/matcher_test.h"

static const char *const tokens[] = {"a",    "b",  "ab",   "ba", "aa",   "毛", "毛绒", "绒",
                                     "レ",   "ゴ", "レゴ", "레", "레고", "고", "ل",    "ليغو",
                                     "שאנל", "ж",  "1",    "é",  "e",    "เล", "โก้",   "कॉ"};
static const char *const joints[] = {"",         " ",  "-", "\xE2\x80\x8B", " ",
                                     "\xCC\x81", "ال", "ב", "&#97;"};

static unsigned seed = 3;

static const char *pick(const char *const *list, size_t count)
{
    return list[(size_t)rand_r(&seed) % count];
}

static size_t random_words(char *out, size_t count, bool joined)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const char *token = pick(tokens, sizeof tokens / sizeof tokens[0]);
        const char *joint = pick(joints, joined ? sizeof joints / sizeof joints[0] : 3);
        memcpy(out + len, token, strlen(token));
        len += strlen(token);
        if (i + 1 < count || joined) {
            memcpy(out + len, joint, strlen(joint));
            len += strlen(joint);
        }
    }
    out[len] = '\0';
    return len;
}

/* Of the lists at hand: some texts hold one. */
static struct variants variants;

/* Adds a variant to a text now and then; returns its length. */
static size_t add_variant(char *text, size_t len, size_t room)
{
    if (variants.count == 0 || rand_r(&seed) % 3 != 0)
        return len;
    const struct variants_item *item = &variants.items[(size_t)rand_r(&seed) % variants.count];
    if (len + item->len + 3 > room)
        return len;
    text[len++] = ' ';
    memcpy(text + len, variants.bytes + item->at, item->len);
    len += item->len;
    text[len++] = rand_r(&seed) % 4 == 0 ? 'x' : '.';
    text[len] = '\0';
    return len;
}

static struct matcher_db *compile_random(void)
{
    static char marks[16384], cues[8192];
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher_error error;
    char one[256], two[256];
    size_t at = (size_t)snprintf(marks, sizeof marks, "mark_id\tmark\tgeneric\taliases\n");
    for (unsigned i = 0; i < 30; i++) {
        (void)random_words(one, 1 + (size_t)rand_r(&seed) % 3, false);
        (void)random_words(two, 1 + (size_t)rand_r(&seed) % 2, false);
        at += (size_t)snprintf(marks + at, sizeof marks - at, "M%u\t%s\t%d\t%s\n", i, one,
                               rand_r(&seed) % 4 == 0, two);
    }
    at = (size_t)snprintf(cues, sizeof cues, "cue_id\tphrase\tstrength\n");
    for (unsigned i = 0; i < 6; i++) {
        (void)random_words(one, 2, false);
        at += (size_t)snprintf(cues + at, sizeof cues - at, "C%u\t%s\t%d\n", i, one,
                               1 + rand_r(&seed) % 3);
    }
    forget_forms();
    take_forms(marks, true, 1, 2, 3);
    take_forms(cues, false, 1, 2, 99);
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks, strlen(marks), &error), 0);
    assert_int_equal(matcher_lists_add_cues(lists, cues, strlen(cues), &error), 0);
    matcher_lists_set_squeeze(lists, false); /* a test of its own */
    variants_free(&variants);
    assert_int_equal(variants_make(lists, &variants), 0);
    take_variants(lists, &variants);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    assert_null(matcher_lists_close(lists));
    return db;
}

/* Scans the fields of many listings in one batch, and checks each. */
static void check_batch(struct matcher *matcher, struct matcher_field (*fields)[2], size_t count)
{
    matcher_reset(matcher);
    for (size_t i = 0; i < count; i++) {
        uint32_t index = 0;
        assert_int_equal(matcher_add(matcher, fields[i], 2, &index), 0);
        assert_int_equal(index, i);
    }
    matcher_scan(matcher);
    for (size_t i = 0; i < count; i++) {
        struct matcher_result result;
        matcher_result(matcher, (uint32_t)i, &result);
        assert_int_not_equal(result.outcome, MATCHER_OUTCOME_FAILED);
        check(fields[i], 2, &result);
    }
}

/* How many random listings: LISTINGS says otherwise. */
static size_t listings_wanted(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    size_t standard = 10000;
#else
    size_t standard = 100000;
#endif
    const char *said = getenv("LISTINGS"); /* the only thread there is */
    return said == NULL ? standard : strtoull(said, NULL, 10);
}

/* Scans count listings of random words in one batch. */
static void check_random_batch(struct matcher *matcher, size_t count)
{
    static char text[MATCHER_BATCH_MAX][2][1024];
    static struct matcher_field fields[MATCHER_BATCH_MAX][2];
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < 2; k++) {
            size_t len = random_words(text[i][k], (size_t)rand_r(&seed) % 24, true);
            len = add_variant(text[i][k], len, sizeof text[i][k]);
            fields[i][k] = (struct matcher_field){text[i][k], len};
        }
    check_batch(matcher, fields, count);
}

static void random_lists_on_random_texts_agree(void **state)
{
    (void)state;
    struct matcher *matcher = NULL;
    assert_int_equal(matcher_open(&matcher), 0);
    size_t wanted = listings_wanted(), done = 0;
    while (done < wanted) {
        struct matcher_db *db = compile_random();
        matcher_reset(matcher);
        assert_int_equal(matcher_use(matcher, db), 0);
        for (unsigned i = 0; i < 44; i++) {
            size_t count = i % 11 == 10 ? MATCHER_BATCH_MAX : 1;
            check_random_batch(matcher, count);
            done += count;
        }
        db = matcher_db_unref(db);
    }
    matcher = matcher_close(matcher);
    forget_forms();
    variants_free(&variants);
    assert_true(naive.expected > wanted); /* or the texts say nothing */
}

static void read_list(const char *name, bool marks, size_t text_cell, size_t extra_cell,
                      size_t alias_cell)
{
    char path[256];
    struct data list;
    (void)snprintf(path, sizeof path, DATA_FOLDER "%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(data_read_stream(file, &list));
    (void)fclose(file);
    take_forms(list.text, marks, text_cell, extra_cell, alias_cell);
    data_free(&list);
}

static void check_file(const char *listings, const char *marks, size_t step)
{
    struct data rows = {.text = NULL};
    struct data_row row;
    struct matcher *matcher = NULL;
    if (!data_read_rows(listings, &rows))
        skip();
    struct matcher_db *db = data_compile_with(marks, "cues.tsv", true);
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    read_list(marks, true, 1, 5, 6);
    read_list("cues.tsv", false, 2, 3, 99);
    struct matcher_field fields[100][2];
    size_t count = 0;
    for (size_t i = 0; data_next(&rows, &row); i++) {
        if (i % step != 0)
            continue;
        for (size_t k = 0; k < 2; k++)
            fields[count][k] = (struct matcher_field){row.cell[k], strlen(row.cell[k])};
        if (++count < 100)
            continue;
        check_batch(matcher, fields, count);
        count = 0;
    }
    check_batch(matcher, fields, count);
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
    forget_forms();
    data_free(&rows);
}

static void real_marks_on_disguised_titles_agree(void **state)
{
    (void)state;
    check_file("evasion_a.ndjson", "marks_100.tsv", 1);
}

static void real_marks_on_real_listings_agree(void **state)
{
    (void)state;
    check_file("listings_licensed.ndjson.xz", "marks_100.tsv", 4);
    check_file("listings_licensed.ndjson.xz", "marks_1k.tsv", 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_lists_on_random_texts_agree),
        cmocka_unit_test(real_marks_on_disguised_titles_agree),
        cmocka_unit_test(real_marks_on_real_listings_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
