/*
 * Names that signs and tags part: how short a word may be, and what is left alone.
 */
#include <stdio.h>

#include "tests/unit/matcher_rig.h"

#define SEPARATED MATCHER_TECHNIQUE_SEPARATED
#define SPLIT     MATCHER_TECHNIQUE_SPLIT

static const char marks[] = "mark_id\tmark\n"
                            "1\tSquishmallows\n"
                            "2\tLEGO\n"
                            "3\tCartier\n"
                            "4\tBarbie\n"
                            "5\tGucci\n"
                            "6\tNike\n"
                            "7\tDisney\n"
                            "8\tGcore\n"
                            "9\tHot Wheels\n";
static const char cues[] = "cue_id\tphrase\tstrength\n"
                           "1\treplica\t3\n"
                           "2\tfake\t3\n";

static void finds(const char *const *titles, size_t count, unsigned techniques,
                  enum matcher_class class)
{
    for (size_t i = 0; i < count; i++) {
        struct matcher_result result = scan(titles[i], NULL);
        if (result.hits_count != 1)
            (void)printf("%s: %u hits\n", titles[i], (unsigned)result.hits_count);
        assert_int_equal(result.hits_count, 1);
        assert_int_equal(result.hits[0].techniques, techniques);
        assert_int_equal(result.class, class);
    }
}

static void one_sign_in_a_word_of_six_letters_is_a_split_and_no_disguise(void **state)
{
    (void)state;
    static const char *const titles[] = {"Squishm-allows plush",
                                         "Dis~ney cup",
                                         "Di-sney cup",
                                         "Bar\xF0\x9F\x94\xA5"
                                         "bie doll",
                                         "bar-bie doll",
                                         "Disne_y"};
    finds(titles, sizeof titles / sizeof titles[0], SPLIT, MATCHER_CLASS_MARK);
}

static void signs_around_a_letter_of_six_are_a_disguise(void **state)
{
    (void)state;
    static const char *const titles[] = {"D[i]sney cup", "Bar(b)ie doll", "Ba-r-bie doll"};
    finds(titles, sizeof titles / sizeof titles[0], SEPARATED, MATCHER_CLASS_COUNTERFEIT);
}

static void a_short_name_is_split_where_no_piece_is_a_word(void **state)
{
    (void)state;
    static const char *const titles[] = {"Ni-ke shoes", "Gu~cci bag", "new Gu.cci, black"};
    finds(titles, sizeof titles / sizeof titles[0], SPLIT, MATCHER_CLASS_MARK);
}

static void two_words_with_a_sign_between_them_are_no_name(void **state)
{
    (void)state;
    static const char *const titles[] = {"car-tier rack",  "le-go",        "G-ucci",
                                         "AB-Gu-cci-22",   "6-Core",       "Gu-cci/AB 7",
                                         "Nike bag fa-ke", "LEGO rep-lica"};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        struct matcher_result result = scan(titles[i], NULL);
        bool named = strstr(titles[i], "Nike") != NULL || strstr(titles[i], "LEGO") != NULL;
        if (result.hits_count != named)
            (void)printf("%s: %u hits\n", titles[i], (unsigned)result.hits_count);
        assert_int_equal(result.hits_count, named);
    }
    assert_int_equal(scan("LEGO rep-lica", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(scan("Nike bag fa-ke", NULL).class, MATCHER_CLASS_MARK);
}

static void tags_between_words_are_no_disguise(void **state)
{
    (void)state;
    static const char *const titles[] = {
        "Hot <b>Wheels</b> car", "<td class=\"x y\">Hot</td> <td class=\"x y\">Wheels</td>",
        "Hot <!-- a b c d --> Wheels", "Hot<br>Wheels", "<b>Hot</b>-Wheels"};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        struct matcher_result result = scan(titles[i], NULL);
        assert_int_equal(result.hits_count, 1);
        assert_int_equal(result.hits[0].techniques, MATCHER_TECHNIQUE_TAGGED);
        assert_int_equal(result.class, MATCHER_CLASS_MARK);
    }
}

static int open_rig(void **state)
{
    (void)state;
    return matcher_rig_open(marks, cues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_sign_in_a_word_of_six_letters_is_a_split_and_no_disguise),
        cmocka_unit_test(signs_around_a_letter_of_six_are_a_disguise),
        cmocka_unit_test(a_short_name_is_split_where_no_piece_is_a_word),
        cmocka_unit_test(two_words_with_a_sign_between_them_are_no_name),
        cmocka_unit_test(tags_between_words_are_no_disguise),
    };
    return cmocka_run_group_tests(tests, open_rig, matcher_rig_close);
}
