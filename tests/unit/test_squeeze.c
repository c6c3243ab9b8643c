/*
 * The squeezed reading: disguises that it finds, and what it leaves alone.
 */
#include <stdio.h>

#include "tests/unit/matcher_rig.h"

#define LEET       MATCHER_TECHNIQUE_LEET
#define CONFUSABLE MATCHER_TECHNIQUE_CONFUSABLE
#define REPEATED   MATCHER_TECHNIQUE_REPEATED
#define SEPARATED  MATCHER_TECHNIQUE_SEPARATED
#define MASKED     MATCHER_TECHNIQUE_MASKED
#define JOINED     MATCHER_TECHNIQUE_JOINED

static const char marks[] = "mark_id\tmark\tgeneric\taliases\n"
                            "1\tSquishmallows\t0\tSquishmallow\n"
                            "2\tLEGO\t0\tЛего\n"
                            "3\tHot Wheels\t0\t\n"
                            "4\tArc'teryx\t0\t\n"
                            "5\tThe North Face\t0\tNorth Face\n"
                            "6\tApple\t1\t\n"
                            "7\tUGG\t0\t\n"
                            "8\tChanel\t0\t\n"
                            "9\tNike\t0\t\n"
                            "10\t4F\t0\t\n"
                            "11\tPaw Patrol\t0\t\n"
                            "12\tKagi110\t0\t\n"
                            "13\tHermès\t0\t\n"
                            "14\tGcore\t0\t\n"
                            "15\tBE@RBRICK\t0\tBearbrick\n"
                            "16\tVan Cleef & Arpels\t0\t\n"
                            "17\tGucci\t0\t\n";
static const char cues[] = "cue_id\tphrase\tstrength\n"
                           "1\treplica\t3\n"
                           "2\t1:1\t2\n";

/* What is found of a title: how many hits, and the first one's text and techniques. */
static void finds(const char *title, const char *text, unsigned techniques)
{
    struct matcher_result result = scan(title, NULL);
    if (result.hits_count == 0)
        (void)printf("nothing in %s\n", title);
    assert_true(result.hits_count > 0);
    const struct matcher_hit *hit = &result.hits[0];
    size_t len = hit->span.to - hit->span.from;
    if (len != strlen(text) || memcmp(title + hit->span.from, text, len) != 0 ||
        hit->techniques != techniques)
        (void)printf("%s: %.*s, techniques %#x\n", title, (int)len, title + hit->span.from,
                     hit->techniques);
    assert_int_equal(len, strlen(text));
    assert_memory_equal(title + hit->span.from, text, len);
    assert_int_equal(hit->techniques, techniques);
}

static void finds_nothing(const char *title)
{
    struct matcher_result result = scan(title, NULL);
    if (result.hits_total != 0)
        (void)printf("%s: %.*s\n", title, (int)(result.hits[0].span.to - result.hits[0].span.from),
                     title + result.hits[0].span.from);
    assert_int_equal(result.hits_total, 0);
}

static void digits_and_signs_stand_for_letters(void **state)
{
    (void)state;
    finds("cow 5quishmall0w5 plush", "5quishmall0w5", LEET);
    finds("$quishmallow$ plush", "$quishmallow$", LEET);
    finds("$quishmallow plush", "$quishmallow", LEET);
    finds("squ!shmallow! plush", "squ!shmallow", LEET);
    finds("L3GO bricks", "L3GO", LEET);
    finds("1ego star wars", "1ego", LEET);
    finds("N!k3 hoodie", "N!k3", LEET);
    finds("6ucci slides", "6ucci", LEET);
    finds("(L3GO)", "L3GO", LEET);
    finds("Squ|shmallow", "Squ|shmallow", LEET);
    finds("BE@RBR1CK 400%", "BE@RBR1CK", LEET);
}

static void article_numbers_and_words_with_digits_are_no_leet(void **state)
{
    (void)state;
    finds_nothing("part L3G0-2210");
    finds_nothing("tomtom 1eg0 .052.01");
    finds_nothing("N1K3-4421-AB nike4 ct4g4rfs8213");
    finds_nothing("cpu 6Core 3.4GHz");
    finds_nothing("1360 136o 13g0");
    finds_nothing("UG6 U66 ugg5");
    finds_nothing("A F4 and AF");
}

static void letters_of_other_scripts_look_like_the_listed_ones(void **state)
{
    (void)state;
    finds("Squіshmаllow cow", "Squіshmаllow", CONFUSABLE);
    finds("ЅQUIЅНМАLLОWЅ toy", "ЅQUIЅНМАLLОWЅ", CONFUSABLE);
    finds("Nіkе air", "Nіkе", CONFUSABLE);
    finds("ΝІКЕ dunk", "ΝІКЕ", CONFUSABLE);
    finds("Лeго набор", "Лeго", CONFUSABLE);
    finds("UGԌ boots", "UGԌ", CONFUSABLE);
    finds("ꜱQᴜɪꜱʜᴍᴀʟʟᴏᴡꜱ plush", "ꜱQᴜɪꜱʜᴍᴀʟʟᴏᴡꜱ", CONFUSABLE);
    finds("SquishmaIIows plush", "SquishmaIIows", CONFUSABLE);
    finds("Squishmałłows plush", "Squishmałłows", MATCHER_TECHNIQUE_ACCENT);
}

static void words_of_another_script_are_left_alone(void **state)
{
    (void)state;
    finds_nothing("Сумка женская натуральная кожа");
    finds_nothing("scarpe nero, Nero/Bianco");
    finds_nothing("Махровое полотенце 50х90 см Т-shirt USB-кабель");
    finds_nothing("ΝΕΑ ΣΥΛΛΟΓΗ");
    finds_nothing("İstanbul ışık ağaç łódź øre");
}

static void signs_stand_between_letters(void **state)
{
    (void)state;
    finds("S.q.u.i.s.h.m.a.l.l.o.w.s plush", "S.q.u.i.s.h.m.a.l.l.o.w.s", SEPARATED);
    finds("s.q-u_i~s.h.mallow", "s.q-u_i~s.h.mallow", SEPARATED);
    finds("(S)(q)(u)(i)(s)(h)mallow plush", "S)(q)(u)(i)(s)(h)mallow", SEPARATED);
    finds("L-E-G-O set", "L-E-G-O", SEPARATED);
    finds("L·E·G·O", "L·E·G·O", SEPARATED);
    finds("S🧸q🧸u🧸ishmallow", "S🧸q🧸u🧸ishmallow", SEPARATED);
    finds("P.a.w.P.a.t.r.o.l", "P.a.w.P.a.t.r.o.l", SEPARATED);
    finds("U.G.G boots", "U.G.G", SEPARATED);
    finds("Sq.uish.mal.lows", "Sq.uish.mal.lows", SEPARATED);
    finds("G-u-c-c-i slides", "G-u-c-c-i", SEPARATED);
}

static void spaces_stand_between_letters(void **state)
{
    (void)state;
    finds("S q u i s h m a l l o w s plush", "S q u i s h m a l l o w s", SEPARATED);
    finds("sq ui sh ma ll ow toy", "sq ui sh ma ll ow", SEPARATED);
    finds("size M L E G O set", "L E G O", SEPARATED);
    finds("T h e N o r t h F a c e jacket", "T h e N o r t h F a c e", SEPARATED);
    finds("A r c ' t e r y x", "A r c ' t e r y x", SEPARATED);
    finds("V a n C l e e f & A r p e l s", "V a n C l e e f & A r p e l s", SEPARATED);
    finds("U G G boots", "U G G", SEPARATED);
    finds("L  E  G  O", "L  E  G  O", SEPARATED);
    finds("L e g o X L", "L e g o", SEPARATED);
    finds("b u y L E G O S E T", "L E G O", SEPARATED);
    finds("Ѕ q u і s h m a l l o w", "Ѕ q u і s h m a l l o w", SEPARATED | CONFUSABLE);
}

static void longer_pieces_are_never_joined_over_spaces(void **state)
{
    (void)state;
    finds_nothing("Al Ego");
    finds_nothing("le go to be L EGO");
    finds_nothing("Ni ke n ike");
    finds_nothing("sizes S U G G L");
    finds_nothing("it is a c a t o n a mat");
}

static void a_name_is_not_cut_out_of_a_row_of_letters(void **state)
{
    (void)state;
    finds_nothing("L E G O Y");
    finds_nothing("A L E G O");
    finds_nothing("A, B, L, E, G, O, P");
    finds_nothing("/l/e/g/o");
    finds_nothing("N I K E L p l a t e");
    finds("letters L, E, G, O", "L, E, G, O", SEPARATED);
    finds("l/e/g/o", "l/e/g/o", SEPARATED);
}

static void repeated_letters_are_only_added(void **state)
{
    (void)state;
    finds("Squiiishmallows plush", "Squiiishmallows", REPEATED);
    finds("SSquishmallows toy", "SSquishmallows", REPEATED);
    finds("Niike dunk", "Niike", REPEATED);
    finds("Legooo set", "Legooo", REPEATED);
    finds("HHot Wheels car", "HHot Wheels", REPEATED);
    finds("Guci bag", "Guci", MATCHER_TECHNIQUE_TYPO); /* a letter less is a slip */
}

static void a_word_of_its_own_repeats_nothing(void **state)
{
    (void)state;
    finds_nothing("5.1 channel home theatre");
    finds_nothing("Channel Channels");
    finds_nothing("legoo"); /* a short mark, and a double letter as in any word */
}

static void one_disguised_word_of_several_is_enough(void **state)
{
    (void)state;
    finds("Hot Wh33ls car", "Hot Wh33ls", LEET);
    finds("P4w Pa7rol toy", "P4w Pa7rol", LEET);
    finds("a n0rth face jacket", "n0rth face", LEET);
    finds("the N0rth Face", "the N0rth Face", LEET);
    finds("H0tWheels", "H0tWheels", LEET | JOINED);
    finds("Van Cl33f & Arpels", "Van Cl33f & Arpels", LEET);
    finds("VanCleef&Arpels", "VanCleef&Arpels", JOINED);
    finds("a h0t wheel", "h0t wheel", LEET);
    finds_nothing("h0t wheal of cheese");
    finds_nothing("h0t, cold wheels");
}

static void digits_stand_among_dressed_letters(void **state)
{
    (void)state;
    finds("Ｎ１ＫＥ shoes", "Ｎ１ＫＥ", LEET | MATCHER_TECHNIQUE_WIDTH);
    finds("𝐬𝐪𝐮1𝐬𝐡𝐦𝐚𝐥𝐥𝐨𝐰 plush", "𝐬𝐪𝐮1𝐬𝐡𝐦𝐚𝐥𝐥𝐨𝐰", LEET | MATCHER_TECHNIQUE_COMPAT);
    finds("N𝟏ke dunk", "N𝟏ke", LEET | MATCHER_TECHNIQUE_COMPAT);
    finds("ⓖⓤⓒⓒ! belt", "ⓖⓤⓒⓒ!", LEET | MATCHER_TECHNIQUE_COMPAT);
    finds("🅻3🅶🅾 city", "🅻3🅶🅾", LEET | CONFUSABLE);
    finds("⒩⒤⒦⒠ air", "⒩⒤⒦⒠", SEPARATED | MATCHER_TECHNIQUE_COMPAT);
    finds_nothing("H₂O and 5 m² of ½ and ⓐⓑ①");
}

static void a_sign_stands_alone_among_letters_set_apart(void **state)
{
    (void)state;
    finds("n-!-k-e air", "n-!-k-e", LEET | SEPARATED);
    finds("g u c c ! belt", "g u c c !", LEET | SEPARATED);
    finds("new $ q u i s h m a l l o w", "$ q u i s h m a l l o w", LEET | SEPARATED);
    finds("g.u.c.c.|", "g.u.c.c.|", LEET | SEPARATED);
    finds_nothing("a b ! c d $ e f @ g");
}

static void capitals_tell_words_written_as_one(void **state)
{
    (void)state;
    finds("#NikeShoes #sale", "Nike", JOINED);
    finds("MyGucciBag", "Gucci", JOINED);
    finds("AirMaxNike", "Nike", JOINED);
    finds("#HotWheelsCars", "HotWheels", JOINED);
    finds_nothing("#nikeshoes AppleShoes LegolandTrip iPhone NikeaBall");
    finds_nothing("N1keShoes UGGboots");
}

static void a_slip_in_a_long_name_is_seen_through_a_disguise(void **state)
{
    (void)state;
    finds("5quishmalows plush", "5quishmalows", LEET | MATCHER_TECHNIQUE_TYPO);
    finds("squ1shmellows", "squ1shmellows", LEET | MATCHER_TECHNIQUE_TYPO);
    finds("sqiushm4llows", "sqiushm4llows", LEET | MATCHER_TECHNIQUE_TYPO);
    finds("sʍollɐɯɥsınbs plush", "sʍollɐɯɥsınbs",
          CONFUSABLE | MATCHER_TECHNIQUE_ACCENT | MATCHER_TECHNIQUE_TURNED);
    finds_nothing("c4anel h3rme 9uci smollawhsinbs"); /* too short; plain letters */
}

static void a_colour_and_a_longer_row_are_no_name(void **state)
{
    (void)state;
    finds("N-I-K-E", "N-I-K-E", SEPARATED);
    finds_nothing("N-I-K-E-L G.N.I.K.E");
    finds("NlKE air", "NlKE", CONFUSABLE);
    finds_nothing("Nlke nlke paint #C4A3E1");
}

static void asterisks_mask_letters(void **state)
{
    (void)state;
    finds("Squ**hmallows plush", "Squ**hmallows", MASKED);
    finds("H*t Wh**ls", "H*t Wh**ls", MASKED);
    finds("S****mallow 16in", "S****mallow", MASKED);
    finds("Sq***mallow cow", "Sq***mallow", MASKED);
    finds_nothing("*uishmallow*");
    finds_nothing("n*ke l*g* 3*4*5");
    finds_nothing("S*********ws");
}

static void tags_and_escapes_are_read(void **state)
{
    (void)state;
    finds("Squi<span>sh</span>mallow cow", "Squi<span>sh</span>mallow", MATCHER_TECHNIQUE_MARKUP);
    finds("Sq<!-- -->uishmallow", "Sq<!-- -->uishmallow", MATCHER_TECHNIQUE_MARKUP);
    finds("Squish\\u006dallows plush", "Squish\\u006dallows", MATCHER_TECHNIQUE_ESCAPED);
    finds("item/Squish%6Dallows-plush", "Squish%6Dallows", MATCHER_TECHNIQUE_ESCAPED);
}

static void marks_of_eight_letters_are_found_inside_long_words(void **state)
{
    (void)state;
    finds("kawaiisquishmallowsplush toy", "squishmallows", JOINED);
    finds("plushsquishmallows40cmcow", "squishmallows", JOINED);
    finds_nothing("legochannikenorthfacxgucci");
    finds_nothing("applepineappleapples");
}

static void generic_marks_stay_out_alone_however_written(void **state)
{
    (void)state;
    finds_nothing("4pple slicer");
    struct matcher_result result = scan("4pple slicer replica", NULL);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
}

static void a_disguise_is_counterfeit_without_a_cue_and_repeats_are_not(void **state)
{
    (void)state;
    assert_int_equal(scan("L3GO bricks", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(scan("L.E.G.O bricks", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(scan("LЕGO bricks", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(scan("Squ**hmallow", NULL).class, MATCHER_CLASS_COUNTERFEIT);
    assert_int_equal(scan("Niike bricks", NULL).class, MATCHER_CLASS_MARK);
    assert_int_equal(scan("Niike bricks", "replica").class, MATCHER_CLASS_COUNTERFEIT);
}

static void disguised_cues_count(void **state)
{
    (void)state;
    struct matcher_result result = scan("Gucci bag r3plica", NULL);
    assert_int_equal(result.class, MATCHER_CLASS_COUNTERFEIT);
    assert_true(result.hits[0].has_cue);
    assert_int_equal(result.hits[0].cue_span.from, 10);
    assert_int_equal(result.hits[0].cue_span.to, 17);
    assert_int_equal(scan("Gucci bag геplica", NULL).class, MATCHER_CLASS_COUNTERFEIT);
}

static void what_the_fold_finds_is_not_found_twice(void **state)
{
    (void)state;
    static const char *const titles[] = {
        "Arc'teryx",           "Gucci",    "Hermes", "4F shoes", "Kagi110", "The North Face",
        "Squish\u200bmallows", "Van Cleef"};
    for (size_t i = 0; i + 1 < sizeof titles / sizeof titles[0]; i++) {
        struct matcher_result result = scan(titles[i], NULL);
        assert_int_equal(result.hits_count, 1);
        assert_true(result.hits[0].stage <= MATCHER_STAGE_FOLDED);
    }
}

static void stages_tell_which_view_was_needed(void **state)
{
    (void)state;
    assert_int_equal(scan("Nіkе air", NULL).hits[0].stage, MATCHER_STAGE_FOLDED);
    assert_int_equal(scan("N1ke air", NULL).hits[0].stage, MATCHER_STAGE_SQUEEZED);
}

/* The title's hit begins in the middle of a long field behind another field. */
static void spans_are_raw_in_any_field(void **state)
{
    (void)state;
    static char text[5000];
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 40; i < sizeof text - 1; i += 41)
        text[i] = ' ';
    memcpy(text + 4500, " é Ni\xCC\x81k3 ", 11);
    struct matcher_result result = scan("nothing", text);
    assert_int_equal(result.hits_count, 1);
    assert_int_equal(result.hits[0].span.field, 1);
    assert_int_equal(result.hits[0].span.from, 4504);
    assert_int_equal(result.hits[0].span.to, 4510);
}

static int open_rig(void **state)
{
    (void)state;
    return matcher_rig_open(marks, cues);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_and_signs_stand_for_letters),
        cmocka_unit_test(article_numbers_and_words_with_digits_are_no_leet),
        cmocka_unit_test(letters_of_other_scripts_look_like_the_listed_ones),
        cmocka_unit_test(words_of_another_script_are_left_alone),
        cmocka_unit_test(signs_stand_between_letters),
        cmocka_unit_test(spaces_stand_between_letters),
        cmocka_unit_test(longer_pieces_are_never_joined_over_spaces),
        cmocka_unit_test(a_name_is_not_cut_out_of_a_row_of_letters),
        cmocka_unit_test(repeated_letters_are_only_added),
        cmocka_unit_test(a_word_of_its_own_repeats_nothing),
        cmocka_unit_test(one_disguised_word_of_several_is_enough),
        cmocka_unit_test(digits_stand_among_dressed_letters),
        cmocka_unit_test(a_sign_stands_alone_among_letters_set_apart),
        cmocka_unit_test(capitals_tell_words_written_as_one),
        cmocka_unit_test(a_slip_in_a_long_name_is_seen_through_a_disguise),
        cmocka_unit_test(a_colour_and_a_longer_row_are_no_name),
        cmocka_unit_test(asterisks_mask_letters),
        cmocka_unit_test(tags_and_escapes_are_read),
        cmocka_unit_test(marks_of_eight_letters_are_found_inside_long_words),
        cmocka_unit_test(generic_marks_stay_out_alone_however_written),
        cmocka_unit_test(a_disguise_is_counterfeit_without_a_cue_and_repeats_are_not),
        cmocka_unit_test(disguised_cues_count),
        cmocka_unit_test(what_the_fold_finds_is_not_found_twice),
        cmocka_unit_test(stages_tell_which_view_was_needed),
        cmocka_unit_test(spans_are_raw_in_any_field),
    };
    return cmocka_run_group_tests(tests, open_rig, matcher_rig_close);
}
