/*
 * The variants against a slow and obvious generator: every slip is one of those stated, and every
 * one stated is made; of random lists of marks that collide, exactly the variants that the
 * definitions give.
 */
#include "matcher/lists.h"
#include "matcher/variants_typo.h"
#include "tests/unit/variants_naive.h"

static struct naive_set expected, made, disguises;
static unsigned seed = 11;

static int take(void *context, const char *word, size_t len)
{
    char text[NAIVE_BYTES];
    (void)context;
    (void)snprintf(text, sizeof text, "%.*s", (int)len, word);
    naive_add(&made, text, 0, VARIANTS_TYPO);
    return 0;
}

static void report_missing(const struct naive_set *here, const struct naive_set *there,
                           const char *what)
{
    for (size_t i = 0; i < here->count; i++) {
        const struct naive_item *item = &here->items[i];
        bool found = false;
        for (size_t k = 0; k < there->count && !found; k++)
            found = there->items[k].mark == item->mark && there->items[k].kind == item->kind &&
                    there->items[k].doubtful == item->doubtful &&
                    strcmp(there->items[k].text, item->text) == 0;
        if (!found)
            fail_msg("%s: %s of mark %u, kind %d", what, item->text, item->mark, (int)item->kind);
    }
}

static void compare(void)
{
    report_missing(&expected, &made, "is not made");
    report_missing(&made, &expected, "should not be made");
}

static void the_slips_of_a_word_are_exactly_those_stated(void **state)
{
    (void)state;
    static const char *const words[] = {"squishmallow", "quicksilver", "phoenix",  "louboutin",
                                        "abcdefghijk",  "lmnopqrstu",  "vwxyzaaa", "a",
                                        "ee",           "showroom",    "axxeksock"};
    for (size_t i = 0; i < 200 + sizeof words / sizeof words[0]; i++) {
        char word[24];
        size_t len = 1 + (size_t)rand_r(&seed) % 20;
        for (size_t k = 0; k < len; k++)
            word[k] = (char)('a' + rand_r(&seed) % 26);
        word[len] = '\0';
        if (i < sizeof words / sizeof words[0])
            (void)snprintf(word, sizeof word, "%s", words[i]);
        expected.count = made.count = 0;
        naive_slips(&expected, word);
        assert_int_equal(variants_typos(word, strlen(word), take, NULL), 0);
        compare();
        expected.count = made.count = 0;
        naive_oversights(&expected, word);
        assert_int_equal(variants_oversights(word, strlen(word), take, NULL), 0);
        compare();
        expected.count = made.count = 0;
        naive_omissions(&expected, word);
        assert_int_equal(variants_omissions(word, strlen(word), take, NULL), 0);
        compare();
    }
}

static void other_scripts_have_letters_left_out_and_exchanged(void **state)
{
    (void)state;
    static const char *const slips[] = {"ио", "до", "ди", "идо", "дои"};
    made.count = expected.count = 0;
    assert_int_equal(variants_typos("дио", strlen("дио"), take, NULL), 0);
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        naive_add(&expected, slips[i], 0, VARIANTS_TYPO);
    compare();
}

/* A random name of one to three words that look like words and marks. */
static void random_name(char *out, size_t room)
{
    static const char *const parts[] = {"squish", "mal",  "low",   "s",    "hello", "kit", "ty",
                                        "berry",  "bur",  "stock", "land", "x",     "qu",  "a",
                                        "timber", "pine", "apple", "ock",  "ph",    "ee"};
    size_t count = 1 + (size_t)rand_r(&seed) % 5, len = 0;
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(out + len, room - len, "%s%s",
                                i > 0 && rand_r(&seed) % 3 == 0 ? " " : "",
                                parts[(size_t)rand_r(&seed) % (sizeof parts / sizeof parts[0])]);
}

/* What the definitions give for the lists; inflected forms as they are made. */
static void expect(const struct matcher_lists *lists, const struct variants *variants)
{
    static void (*const kinds[])(struct naive_set * set, const char *form,
                                 uint32_t mark) = {naive_join, naive_split, naive_misspell};
    expected.count = made.count = disguises.count = 0;
    for (size_t i = 0; i < lists->forms_count; i++) {
        char text[NAIVE_BYTES];
        (void)snprintf(text, sizeof text, "%.*s", (int)lists->forms[i].text.len,
                       lists_at(lists, lists->forms[i].text));
        naive_add(&expected, text, lists->forms[i].mark, VARIANTS_LISTED);
        naive_add(&made, text, lists->forms[i].mark, VARIANTS_LISTED);
    }
    size_t listed = expected.count;
    for (size_t i = 0; i < variants->count; i++) {
        const struct variants_item *item = &variants->items[i];
        char text[NAIVE_BYTES * 2];
        uint32_t mark = lists->forms[item->form].mark;
        (void)snprintf(text, sizeof text, "%.*s", (int)item->len, variants->bytes + item->at);
        struct naive_item like = {.mark = mark, .kind = item->kind, .doubtful = item->doubtful};
        if (item->kind > VARIANTS_TYPO) { /* disguises: test_variants.c */
            naive_add_as(&disguises, text, like);
            continue;
        }
        assert_false(naive_has(&made, text, item->kind));
        naive_add_as(&made, text, like);
        if (item->kind == VARIANTS_INFLECTED)
            naive_add_as(&expected, text, like);
    }
    for (size_t k = 0; k < 3; k++)
        for (size_t i = 0; i < listed; i++) {
            struct naive_item form = expected.items[i];
            kinds[k](&expected, form.text, form.mark);
        }
    naive_drop_known(&expected, &expected);
    naive_drop_known(&expected, &disguises);
}

static void the_variants_of_random_lists_are_exactly_those_defined(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 6; round++) {
        char tsv[4096], one[NAIVE_BYTES], two[NAIVE_BYTES];
        struct matcher_lists *lists = NULL;
        struct variants variants = {0}, again = {0};
        struct matcher_error error;
        size_t at = (size_t)snprintf(tsv, sizeof tsv, "mark_id\tmark\taliases\n");
        for (unsigned i = 0; i < 12; i++) {
            random_name(one, sizeof one);
            random_name(two, sizeof two);
            at += (size_t)snprintf(tsv + at, sizeof tsv - at, "M%u\t%s\t%s\n", i, one, two);
        }
        assert_int_equal(matcher_lists_open(&lists), 0);
        assert_int_equal(matcher_lists_add_marks(lists, tsv, at, &error), 0);
        assert_int_equal(variants_make(lists, &variants), 0);
        expect(lists, &variants);
        compare();
        assert_int_equal(variants_make(lists, &again), 0); /* the same again, byte for byte */
        assert_int_equal(again.bytes_len, variants.bytes_len);
        assert_memory_equal(again.bytes, variants.bytes, again.bytes_len);
        variants_free(&again);
        variants_free(&variants);
        assert_null(matcher_lists_close(lists));
    }
}

static void every_word_of_the_files_is_in_the_table(void **state)
{
    (void)state;
    assert_true(naive_words_count > 70000);
    for (size_t i = 0; i < naive_words_count; i++) {
        enum words_kind kind = naive_find(naive_words[i].text);
        if (kind != WORDS_COMMON && (naive_words[i].common || kind != WORDS_KNOWN))
            fail_msg("%s: %d", naive_words[i].text, (int)kind);
    }
}

static void words_near_common_ones_are_told(void **state)
{
    (void)state;
    assert_true(words_near_common("industri", 8));
    assert_true(words_near_common("clarifi", 7));
    assert_false(words_near_common("squishmalow", 11));
    for (unsigned i = 0; i < 60; i++) {
        char word[32];
        size_t pick = (size_t)rand_r(&seed) % naive_words_count;
        (void)snprintf(word, sizeof word, "%s", naive_words[pick].text);
        word[(size_t)rand_r(&seed) % strlen(word)] = (char)('a' + rand_r(&seed) % 26);
        word[(size_t)rand_r(&seed) % strlen(word)] = (char)('a' + rand_r(&seed) % 26);
        assert_int_equal(words_near_common(word, strlen(word)), naive_near_common(word));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slips_of_a_word_are_exactly_those_stated),
        cmocka_unit_test(other_scripts_have_letters_left_out_and_exchanged),
        cmocka_unit_test(the_variants_of_random_lists_are_exactly_those_defined),
        cmocka_unit_test(every_word_of_the_files_is_in_the_table),
        cmocka_unit_test(words_near_common_ones_are_told),
    };
    naive_read_words();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
