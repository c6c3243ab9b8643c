/*
 * Disguises that are made as literals, and further forms of cues.
 */
#include "matcher/lists.h"
#include "matcher/variants.h"
#include "tests/unit/matcher_rig.h"

#define COLUMNS "mark_id\tmark\taliases\tvariants\n"

static struct variants variants;

/* Makes the variants of a list of marks and of some cues. */
static void make(const char *marks)
{
    static const char cues[] = "cue_id\tphrase\tstrength\n"
                               "C1\treplica\t3\nC2\tknock-off\t3\nC3\t高仿\t3\n"
                               "C4\timitación\t2\nC5\tкопия\t2\nC6\tof\t1\n";
    struct matcher_lists *lists = NULL;
    variants_free(&variants);
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks, strlen(marks), &error), 0);
    assert_int_equal(matcher_lists_add_cues(lists, cues, sizeof cues - 1, &error), 0);
    assert_int_equal(variants_make(lists, &variants), 0);
    assert_null(matcher_lists_close(lists));
}

static enum variants_kind find(const char *text, bool doubtful)
{
    for (size_t i = 0; i < variants.count; i++)
        if (variants.items[i].doubtful == doubtful && variants.items[i].len == strlen(text) &&
            memcmp(variants.bytes + variants.items[i].at, text, strlen(text)) == 0)
            return variants.items[i].kind;
    return VARIANTS_LISTED;
}

static enum variants_kind kind_of(const char *text)
{
    return find(text, false);
}

/* The same of one that counts only near a cue. */
static enum variants_kind doubted(const char *text)
{
    return find(text, true);
}

static void letters_are_replaced_by_what_looks_like_them(void **state)
{
    (void)state;
    make(COLUMNS "A\tSamsung\t\t\nB\tadidas\t\t\nC\tSwarovski\t\t\nD\tNike\t\t\nE\tComet\t\t\n");
    assert_int_equal(kind_of("sarnsung"), VARIANTS_ALIKE);
    assert_int_equal(kind_of("aclidas"), VARIANTS_ALIKE);
    assert_int_equal(kind_of("aclicias"), VARIANTS_LISTED); /* a cl is a d, ci is none */
    assert_int_equal(kind_of("svvarovski"), VARIANTS_ALIKE);
    assert_int_equal(kind_of("adldas"), VARIANTS_ALIKE);
    assert_int_equal(kind_of("nlke"), VARIANTS_LISTED); /* too short to be sure */
    assert_int_equal(doubted("nlke"), VARIANTS_ALIKE);
    assert_int_equal(kind_of("cornet"), VARIANTS_LISTED); /* a word */
}

static void letters_and_pieces_are_set_apart(void **state)
{
    (void)state;
    make(COLUMNS "A\tNike\t耐克|ナイキ\t\nB\tSquishmallows\t\t\nC\tSquarebird\t\t\n");
    assert_int_equal(kind_of("耐 克"), VARIANTS_APART);
    assert_int_equal(kind_of("ナ イ キ"), VARIANTS_APART);
    assert_int_equal(kind_of("squ ish mallows"), VARIANTS_APART);
    assert_int_equal(kind_of("squ ish mal lows"), VARIANTS_APART);
    assert_int_equal(kind_of("s quishmal lows"), VARIANTS_LISTED); /* a piece of one letter */
    assert_int_equal(kind_of("n i k e"), VARIANTS_LISTED);         /* squeeze_align's */
}

static void long_names_are_read_from_their_end(void **state)
{
    (void)state;
    make(COLUMNS "A\tSquishmallows\t\t\nB\tadidas\t\t\nC\tReviled\t\t\n");
    assert_int_equal(kind_of("swollamhsiuqs"), VARIANTS_REVERSED);
    assert_int_equal(kind_of("sadida"), VARIANTS_LISTED);  /* too short */
    assert_int_equal(kind_of("deliver"), VARIANTS_LISTED); /* a word */
    assert_int_equal(kind_of("smollawhsinbs"), VARIANTS_TURNED);
    assert_int_equal(kind_of("sapipa"), VARIANTS_TURNED);
}

static void cues_have_another_number_and_are_joined(void **state)
{
    (void)state;
    make(COLUMNS "A\tNike\t\t\n");
    assert_int_equal(kind_of("replicas"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("knock offs"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("knockoff"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("knockoffs"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("imitaciones"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("копии"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("高 仿"), VARIANTS_APART);
    assert_int_equal(kind_of("ofs"), VARIANTS_LISTED);
}

static int close_rig(void **state)
{
    (void)state;
    variants_free(&variants);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_are_replaced_by_what_looks_like_them),
        cmocka_unit_test(letters_and_pieces_are_set_apart),
        cmocka_unit_test(long_names_are_read_from_their_end),
        cmocka_unit_test(cues_have_another_number_and_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, close_rig);
}
