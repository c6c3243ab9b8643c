/*
 * The further written forms of a mark: which are made, which are not, and how a hit of one reads.
 */
#include <stdio.h>

#include "matcher/lists.h"
#include "matcher/variants.h"
#include "matcher/words.h"
#include "tests/unit/matcher_rig.h"

#define COLUMNS "mark_id\tmark\taliases\tvariants\n"

static struct variants variants;

/* Makes the variants of a list of marks. */
static void make_as(const char *marks, enum matcher_variants wish)
{
    struct matcher_lists *lists = NULL;
    variants_free(&variants);
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks, strlen(marks), &error), 0);
    matcher_lists_set_variants(lists, wish);
    assert_int_equal(variants_make(lists, &variants), 0);
    assert_null(matcher_lists_close(lists));
}

static void make(const char *marks)
{
    make_as(marks, MATCHER_VARIANTS_AUTO);
}

/* The kind of a variant that counts by itself; VARIANTS_LISTED if there is none. */
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

static size_t count_of(enum variants_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < variants.count; i++)
        count += variants.items[i].kind == kind;
    return count;
}

static void words_of_a_mark_are_joined(void **state)
{
    (void)state;
    make(COLUMNS "M1\tHello Kitty\t\t\nM2\tVan Cleef & Arpels\t\t\nM3\tG-Shock\t\t\n"
                 "M4\tNo 7\t\t\nM5\tスクイッシュ マロウ\t\t\nM6\tPaw Pat\t\t\n");
    assert_int_equal(kind_of("hellokitty"), VARIANTS_JOINED);
    assert_int_equal(kind_of("vancleefarpels"), VARIANTS_JOINED);
    assert_int_equal(kind_of("gshock"), VARIANTS_JOINED);
    assert_int_equal(kind_of("スクイッシュマロウ"), VARIANTS_JOINED);
    assert_int_equal(kind_of("pawpat"), VARIANTS_JOINED);
    assert_int_equal(kind_of("no7"), VARIANTS_LISTED);
    assert_int_equal(count_of(VARIANTS_JOINED), 5);
}

static void joined_words_that_are_a_word_or_another_mark_are_not_made(void **state)
{
    (void)state;
    make(COLUMNS "M1\tPine Apple\t\t\nM2\tHot Wheels\t\t\nM3\tHotwheels\t\t\n");
    assert_int_equal(count_of(VARIANTS_JOINED), 0);
}

/* The fold puts a space there, so that no text ever has it. */
static void words_of_two_scripts_are_not_joined(void **state)
{
    (void)state;
    make(COLUMNS "M1\t雪地靴 UGG\t\t\n");
    assert_int_equal(count_of(VARIANTS_JOINED), 0);
}

static void a_long_word_is_split_anywhere(void **state)
{
    (void)state;
    make(COLUMNS "M1\tSquishmallows\t\t\nM2\tTamagotchi\t\t\nM3\tTimberland\t\t\n"
                 "M4\tBeyblade\t\t\n");
    assert_int_equal(kind_of("squish mallows"), VARIANTS_SPLIT);
    assert_int_equal(kind_of("squi shmallows"), VARIANTS_SPLIT);
    assert_int_equal(kind_of("squishmall ows"), VARIANTS_SPLIT);
    assert_int_equal(kind_of("tama gotchi"), VARIANTS_SPLIT);
    assert_int_equal(kind_of("tim berland"), VARIANTS_SPLIT);
    assert_int_equal(kind_of("sq uishmallows"), VARIANTS_LISTED);
    assert_int_equal(kind_of("squishmallo ws"), VARIANTS_LISTED);
    assert_int_equal(kind_of("timber land"), VARIANTS_LISTED); /* two common words */
    assert_int_equal(kind_of("bey blade"), VARIANTS_LISTED);   /* too short */
}

static void the_other_number_of_a_mark_is_made(void **state)
{
    (void)state;
    make(COLUMNS
         "M1\tSquishmallows\t\t\nM2\tHot Wheels\t\t\nM3\tBirkenstock\t\t\n"
         "M4\tFluffies\t\t\nM5\tJelly Bunny\t\t\nM6\tSwatchbox\t\t\nM7\tGucci\t\t\n"
         "M8\tUnder "
         "Armour\t\t\nM9\tSelectour\t\t\nM10\tGlasse\t\t\nM11\tDollboxes\t\t\nM12\tSwoofy\t\t\n");
    assert_int_equal(kind_of("squishmallow"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("hot wheel"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("birkenstocks"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("fluffy"), VARIANTS_LISTED); /* a word */
    assert_int_equal(kind_of("jelly bunny"), VARIANTS_LISTED);
    assert_int_equal(kind_of("swatchboxes"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("guccis"), VARIANTS_LISTED); /* too short */
    assert_int_equal(kind_of("under armor"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("selector"), VARIANTS_LISTED);
    assert_int_equal(kind_of("dollbox"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("dollboxe"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("swoofys"), VARIANTS_LISTED);
    assert_int_equal(kind_of("swoofies"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("glasses"), VARIANTS_LISTED);
    make(COLUMNS
         "M1\tGarmin\tГармин\t\nM2\tChanel\tШанель|Prada Прада\t\nM3\tBosch\tБош|Тиссо\t\n");
    assert_int_equal(kind_of("гармином"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("шанелью"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("prada прады"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("боша"), VARIANTS_LISTED);
    assert_int_equal(kind_of("тиссоа"), VARIANTS_LISTED);
}

static void slips_are_made_of_long_names_only(void **state)
{
    (void)state;
    make(COLUMNS "M1\tSquishmallows\tSquishmallow\t\nM2\tCare Bears\t\t\nM3\tRolex\t\t\n");
    static const char *const slips[] = {
        "squishmallo",   "squishmellow",   "squishmellows", "squishmalow",  "squishmallws",
        "squshmallows",  "squishmallowss", "sqishmallow",   "squismallows", "squihsmallows",
        "sqiushmallows", "squichmallow",   "squishmalllow", "squishmarlow", "squishmallouw",
        "squashmallow",  "squishmallos",   "skwishmallow",  "skvishmallow", "care bewrs"};
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++)
        if (kind_of(slips[i]) != VARIANTS_TYPO)
            fail_msg("%s is not made", slips[i]);
    assert_int_equal(kind_of("rolx"), VARIANTS_LISTED);
    assert_int_equal(doubted("rolx"), VARIANTS_TYPO);
    assert_int_equal(doubted("olex"), VARIANTS_LISTED); /* the first letter is not left out */
    assert_int_equal(doubted("cae bears"), VARIANTS_TYPO);
    assert_int_equal(doubted("car bears"), VARIANTS_LISTED);  /* a word */
    assert_int_equal(kind_of("care beads"), VARIANTS_LISTED); /* a word */
}

/* The eye reads these as the word even if it is short. */
static void oversights_are_made_of_short_names_too(void **state)
{
    (void)state;
    make(COLUMNS "M1\tGucci\t\t\nM2\tPaw Patrol\t\t\nM3\tNike\t\t\nM4\tHot Tub\t\t\n"
                 "M5\tCasper\t\t\n");
    assert_int_equal(kind_of("gucic"), VARIANTS_TYPO);
    assert_int_equal(kind_of("guci"), VARIANTS_TYPO);
    assert_int_equal(kind_of("gucc"), VARIANTS_LISTED);
    assert_int_equal(kind_of("pwa patrol"), VARIANTS_TYPO);
    assert_int_equal(kind_of("guccci"), VARIANTS_TYPO);
    assert_int_equal(doubted("gucc"), VARIANTS_TYPO);
    assert_int_equal(kind_of("pw patrol"), VARIANTS_LISTED);
    assert_int_equal(doubted("pw patrol"), VARIANTS_TYPO);
    assert_int_equal(kind_of("nkie"), VARIANTS_LISTED);
    assert_int_equal(doubted("nkie"), VARIANTS_TYPO);
    assert_int_equal(doubted("nikke"), VARIANTS_TYPO);
    assert_int_equal(doubted("nke"), VARIANTS_LISTED); /* three letters are too few */
    assert_int_equal(kind_of("hot tbu"), VARIANTS_LISTED);
    assert_int_equal(doubted("hot tbu"), VARIANTS_TYPO);
}

/* "industri" is as likely meant for the word. */
static void a_slip_that_is_near_a_common_word_is_doubtful(void **state)
{
    (void)state;
    make(COLUMNS "M1\tIndustrie\t\t\nM2\tClarifai\t\t\nM3\tConverse\t\t\n");
    assert_int_equal(kind_of("industri"), VARIANTS_LISTED);
    assert_int_equal(doubted("industri"), VARIANTS_TYPO);
    assert_int_equal(kind_of("clarifi"), VARIANTS_LISTED);
    assert_int_equal(kind_of("clarfai"), VARIANTS_TYPO);
    assert_int_equal(kind_of("convrese"), VARIANTS_TYPO); /* the mark is a word itself */
}

static void other_products_are_no_slips(void **state)
{
    (void)state;
    static const char *const others[] = {"squishables", "squishable", "squishies",   "squishy",
                                         "legolas",     "valentine",  "marshmallows"};
    make(COLUMNS "M1\tSquishmallows\tSquishmallow\t\nM2\tLego\t\t\nM3\tValentino\t\t\n");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_int_equal(kind_of(others[i]), VARIANTS_LISTED);
}

/* Another number is another product. */
static void words_with_digits_are_never_changed(void **state)
{
    (void)state;
    make(COLUMNS "M1\tPlaystation 15\t\t\nM2\tiPhone15Pro\t\t\n");
    for (size_t i = 0; i < variants.count; i++)
        assert_non_null(
            memmem(variants.bytes + variants.items[i].at, variants.items[i].len, "15", 2));
    assert_int_equal(kind_of("playstaton 15"), VARIANTS_TYPO);
}

static void scripts_without_word_spaces_have_no_slips(void **state)
{
    (void)state;
    make(COLUMNS "M1\tスクイッシュマロウ\t\t\nM2\t팝마트팝마트팝마트\t\t\nM3\tเลโก้เลโก้เลโก้\t\t\n"
                 "M4\tБаленсиага\t\t\n");
    assert_int_equal(kind_of("баленсига"), VARIANTS_TYPO);
    assert_int_equal(kind_of("баленсиаag"), VARIANTS_LISTED);
    assert_int_equal(kind_of("баленсиага"), VARIANTS_LISTED);
    for (size_t i = 0; i < variants.count; i++)
        assert_int_equal(variants.items[i].form, 3);
}

static void no_variant_is_another_mark_or_hides_a_listed_form(void **state)
{
    (void)state;
    make(COLUMNS "M1\tMarvellous\t\t\nM2\tMarvelous\t\t\nM3\tChristian Louboutin\tLouboutin\t\n");
    assert_int_equal(kind_of("marvelous"), VARIANTS_LISTED);
    assert_int_equal(kind_of("cristian louboutin"), VARIANTS_LISTED);
    assert_int_equal(kind_of("christian loubouten"), VARIANTS_TYPO);
}

static void the_column_and_the_lists_say_which_marks_have_variants(void **state)
{
    (void)state;
    static const char marks[] =
        COLUMNS "M1\tHello Kitty\t\t0\nM2\tSquishmallows\t\t1\nM3\tMoose Knuckles\t\t\n";
    make(marks);
    assert_int_equal(kind_of("hellokitty"), VARIANTS_LISTED);
    assert_int_equal(kind_of("squishmalows"), VARIANTS_TYPO);
    assert_int_equal(kind_of("mooseknuckles"), VARIANTS_JOINED);
    assert_int_equal(kind_of("moose knukles"), VARIANTS_TYPO);
    make_as(marks, MATCHER_VARIANTS_OFF);
    assert_int_equal(kind_of("hellokitty"), VARIANTS_LISTED);
    assert_int_equal(kind_of("squishmalows"), VARIANTS_TYPO);
    assert_int_equal(kind_of("mooseknuckles"), VARIANTS_LISTED);
    make_as(marks, MATCHER_VARIANTS_ON);
    assert_int_equal(kind_of("hellokitty"), VARIANTS_LISTED);
    assert_int_equal(kind_of("moose knukles"), VARIANTS_TYPO);
}

/* A set of more than VARIANTS_MARKS_AUTO marks has only the cheap ones by itself. */
static void a_large_set_has_no_slips_by_itself(void **state)
{
    (void)state;
    static char marks[64 * 1024];
    size_t at = (size_t)snprintf(marks, sizeof marks,
                                 "%sA\tSquishmallows\t\t\nB\tBalenciaga\t\t\nC\tTamagotchi\t\t1\n",
                                 COLUMNS);
    for (unsigned i = 0; i + 3 < VARIANTS_MARKS_AUTO + 1; i++)
        at += (size_t)snprintf(marks + at, sizeof marks - at, "M%u\t%u\t\t\n", i, i);
    make(marks);
    assert_int_equal(kind_of("squishmallow"), VARIANTS_INFLECTED);
    assert_int_equal(kind_of("squish mallows"), VARIANTS_SPLIT);
    assert_int_equal(kind_of("squi shmallows"), VARIANTS_LISTED);
    assert_int_equal(kind_of("balen ciaga"), VARIANTS_LISTED);
    assert_int_equal(kind_of("balencaga"), VARIANTS_LISTED);
    assert_int_equal(kind_of("tama gotchi"), VARIANTS_SPLIT);
    assert_int_equal(kind_of("tamagochi"), VARIANTS_TYPO);
    make_as(marks, MATCHER_VARIANTS_ON);
    assert_int_equal(kind_of("balencaga"), VARIANTS_TYPO);
}

static void check_hit(const char *title, const char *raw, enum matcher_stage stage,
                      unsigned techniques, enum matcher_class class)
{
    struct matcher_result result = scan(title, NULL);
    if (result.hits_count != 1)
        fail_msg("%zu hits in %s", result.hits_count, title);
    const struct matcher_hit *hit = &result.hits[0];
    assert_int_equal(hit->span.to - hit->span.from, strlen(raw));
    assert_memory_equal(title + hit->span.from, raw, strlen(raw));
    assert_int_equal(hit->stage, stage);
    assert_int_equal(hit->techniques, techniques);
    assert_int_equal(hit->class, class);
}

static void a_hit_of_a_variant_says_how_it_is_written(void **state)
{
    (void)state;
    (void)matcher_rig_open(COLUMNS
                           "M1\tSquishmallows\t\t\nM2\tHello Kitty\t\t\nM3\tHermès Paris\t\t\n"
                           "M4\tGucci\tGucci GG\t\n",
                           "cue_id\tphrase\tstrength\nC1\treplica\t3\n");
    check_hit("a Squishmellows toy", "Squishmellows", MATCHER_STAGE_TYPO, MATCHER_TECHNIQUE_TYPO,
              MATCHER_CLASS_MARK);
    check_hit("a HelloKitty toy", "HelloKitty", MATCHER_STAGE_FOLDED, MATCHER_TECHNIQUE_JOINED,
              MATCHER_CLASS_MARK);
    check_hit("a Squish-Mallows toy", "Squish-Mallows", MATCHER_STAGE_FOLDED,
              MATCHER_TECHNIQUE_SPLIT, MATCHER_CLASS_MARK);
    check_hit("a squishmallow toy", "squishmallow", MATCHER_STAGE_FOLDED, 0, MATCHER_CLASS_MARK);
    check_hit("a Squishmallows toy", "Squishmallows", MATCHER_STAGE_PLAIN, 0, MATCHER_CLASS_MARK);
    check_hit("HermèsParis", "HermèsParis", MATCHER_STAGE_FOLDED, MATCHER_TECHNIQUE_JOINED,
              MATCHER_CLASS_MARK);
    check_hit("Squishmellows replica", "Squishmellows", MATCHER_STAGE_TYPO, MATCHER_TECHNIQUE_TYPO,
              MATCHER_CLASS_COUNTERFEIT);
    check_hit("a Squish\xE2\x80\x8Bmellows toy", "Squish\xE2\x80\x8Bmellows", MATCHER_STAGE_TYPO,
              MATCHER_TECHNIQUE_TYPO | MATCHER_TECHNIQUE_INVISIBLE, MATCHER_CLASS_COUNTERFEIT);
    check_hit("a \xE2\x80\x8BSquishmellows toy", "Squishmellows", MATCHER_STAGE_TYPO,
              MATCHER_TECHNIQUE_TYPO, MATCHER_CLASS_MARK);
    /* "guci gg" is doubtful */
    check_hit("a guci gg bag", "guci", MATCHER_STAGE_TYPO, MATCHER_TECHNIQUE_TYPO,
              MATCHER_CLASS_MARK);
    (void)matcher_rig_close(NULL);
}

static void the_cost_of_a_set_is_told_by_kind_and_by_mark(void **state)
{
    (void)state;
    struct matcher_lists *lists = NULL;
    struct matcher_cost cost;
    char marks[2048];
    size_t at = (size_t)snprintf(
        marks, sizeof marks, "%sA\tNike\tナイキ\t0\nB\tHello Kitty\t\t\nC\tSquishmallows\t\t1\n",
        COLUMNS);
    for (unsigned i = 0; i < 12; i++)
        at += (size_t)snprintf(marks + at, sizeof marks - at, "M%u\tX%u\t\t0\n", i, i);
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_cost(lists, &cost), 0);
    assert_int_equal(cost.literals, 0);
    assert_int_equal(cost.top_count, 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks, at, &error), 0);
    static const char cues[] = "cue_id\tphrase\tstrength\nC1\treplica\t3\n";
    assert_int_equal(matcher_lists_add_cues(lists, cues, sizeof cues - 1, &error), 0);
    assert_int_equal(matcher_lists_cost(lists, &cost), 0);
    variants_free(&variants);
    assert_int_equal(variants_make(lists, &variants), 0);
    assert_int_equal(cost.listed, 2 + 1 + 1 + 12);
    assert_int_equal(cost.inflected + 1, count_of(VARIANTS_INFLECTED)); /* one is the cue's */
    assert_int_equal(cost.disguised, count_of(VARIANTS_ALIKE) + count_of(VARIANTS_APART) +
                                         count_of(VARIANTS_REVERSED));
    assert_true(cost.disguised > 20);
    assert_int_equal(cost.joined, 1);
    assert_int_equal(cost.split, count_of(VARIANTS_SPLIT));
    assert_int_equal(cost.typo, count_of(VARIANTS_TYPO));
    assert_in_range(cost.typo, 150, 300);
    assert_true(cost.literals > cost.listed + cost.inflected + cost.joined + cost.split +
                                    cost.typo + cost.disguised);
    assert_int_equal(cost.top_count, MATCHER_COST_TOP);
    assert_memory_equal(matcher_lists_mark(lists, cost.top[0].mark).id, "C", 1);
    assert_memory_equal(matcher_lists_mark(lists, cost.top[1].mark).id, "B", 1);
    assert_memory_equal(matcher_lists_mark(lists, cost.top[2].mark).id, "A", 1);
    assert_int_equal(cost.top[2].literals, 2);
    assert_memory_equal(matcher_lists_mark(lists, cost.top[9].mark).id, "M6", 2);
    assert_int_equal(cost.top[9].literals, 1);
    lists = matcher_lists_close(lists);
}

static void words_are_found_in_the_table(void **state)
{
    (void)state;
    assert_int_equal(words_find("marshmallow", 11), WORDS_COMMON);
    assert_int_equal(words_find("squishables", 11), WORDS_COMMON);
    assert_int_equal(words_find("mallows", 7), WORDS_KNOWN);
    assert_int_equal(words_find("squishmallow", 12), WORDS_NONE);
    assert_int_equal(words_find("", 0), WORDS_NONE);
    for (size_t i = 1; i < words_table_count; i++)
        assert_true(words_table[i - 1] >> 1 < words_table[i] >> 1);
}

static int forget(void **state)
{
    (void)state;
    variants_free(&variants);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_a_mark_are_joined),
        cmocka_unit_test(joined_words_that_are_a_word_or_another_mark_are_not_made),
        cmocka_unit_test(words_of_two_scripts_are_not_joined),
        cmocka_unit_test(a_long_word_is_split_anywhere),
        cmocka_unit_test(the_other_number_of_a_mark_is_made),
        cmocka_unit_test(slips_are_made_of_long_names_only),
        cmocka_unit_test(oversights_are_made_of_short_names_too),
        cmocka_unit_test(a_slip_that_is_near_a_common_word_is_doubtful),
        cmocka_unit_test(other_products_are_no_slips),
        cmocka_unit_test(words_with_digits_are_never_changed),
        cmocka_unit_test(scripts_without_word_spaces_have_no_slips),
        cmocka_unit_test(no_variant_is_another_mark_or_hides_a_listed_form),
        cmocka_unit_test(the_column_and_the_lists_say_which_marks_have_variants),
        cmocka_unit_test(a_large_set_has_no_slips_by_itself),
        cmocka_unit_test(a_hit_of_a_variant_says_how_it_is_written),
        cmocka_unit_test(the_cost_of_a_set_is_told_by_kind_and_by_mark),
        cmocka_unit_test(words_are_found_in_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
