/*
 * The fold: what becomes of a text, and where each folded byte comes from.
 */
#include "matcher/fold.h"
#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

#define TEXT_MAX 4096

static char folded[TEXT_MAX * FOLD_GROWTH_MAX + 128];
static uint32_t map_from[sizeof folded], map_to[sizeof folded];
static uint16_t map_bits[sizeof folded];
static const struct fold_map map = {map_from, map_to, map_bits};

/* Folds a C string; the result is NUL-terminated and without the two spaces. */
static const char *fold(const char *text)
{
    size_t len = fold_text(text, strlen(text), folded);
    assert_int_equal(folded[0], ' ');
    assert_int_equal(folded[len - 1], ' ');
    folded[len > 1 ? len - 1 : 1] = '\0';
    return folded + 1;
}

static void an_empty_text_is_one_space(void **state)
{
    (void)state;
    assert_int_equal(fold_text("", 0, folded), 1);
    assert_int_equal(folded[0], ' ');
    assert_int_equal(fold_text(" \t-- ", 5, folded), 1);
}

static void case_width_accents_and_punctuation_do_not_matter(void **state)
{
    (void)state;
    assert_string_equal(fold("SQUISHMALLOWS"), "squishmallows");
    assert_string_equal(fold("Ｓｑｕｉｓｈ　ｍａｌｌｏｗｓ"), "squish mallows");
    assert_string_equal(fold("Hermès"), "hermes");
    assert_string_equal(fold("Herme\xCC\x80s"), "hermes");
    assert_string_equal(fold("--Build-A-Bear!!"), "build a bear");
    assert_string_equal(fold("Levi's"), "levi s");
    assert_string_equal(fold("Levi’s"), "levi s");
    assert_string_equal(fold("Leviʼs"), "levi s");
    assert_string_equal(fold("Straße"), "strasse");
    assert_string_equal(fold("İstanbul"), "istanbul");
    assert_string_equal(fold("ΣΊΣΥΦΟΣ"), "σισυφοσ");
    assert_string_equal(fold("ДИСНЕЙ"), "диснеи");
}

static void compatibility_letters_become_plain_ones(void **state)
{
    (void)state;
    assert_string_equal(fold("𝐘𝐞𝐞𝐳𝐲"), "yeezy");
    assert_string_equal(fold("Ⓝⓘⓚⓔ"), "nike");
    assert_string_equal(fold("🄽🄸🄺🄴"), "nike");
    assert_string_equal(fold("ﬁne"), "fine");
    assert_string_equal(fold("½"), "1 2");
    assert_string_equal(fold("㎏"), "kg");
}

static void signs_behind_a_name_are_no_letters(void **state)
{
    (void)state;
    assert_string_equal(fold("Nike™Air"), "nike air");
    assert_string_equal(fold("Nike℠ Nike® Nike©"), "nike nike nike");
    assert_string_equal(fold("a\xEF\xB7\xBA"
                             "b"),
                        "a b"); /* U+FDFA */
}

static void invisible_code_points_vanish(void **state)
{
    (void)state;
    assert_string_equal(fold("Po\xE2\x80\x8Bk\xE2\x80\x8D\xEF\xBB\xBF"
                             "émon"),
                        "pokemon");
    assert_string_equal(fold("Ni\xC2\xADke"), "nike");                 /* soft hyphen */
    assert_string_equal(fold("Ni\xE3\x85\xA4ke"), "nike");             /* U+3164 */
    assert_string_equal(fold("Ni\xE1\x85\x9F\xE2\xA0\x80ke"), "nike"); /* U+115F U+2800 */
    assert_string_equal(fold("Ni\xF3\xA0\x81\xA1ke"), "nike");         /* tag letter */
    assert_string_equal(fold("لـابـوبو"), "لابوبو");                   /* tatweel */
}

static void references_are_decoded(void **state)
{
    (void)state;
    assert_string_equal(fold("T&#97;ma&#103;ot&#x63;hi"), "tamagotchi");
    assert_string_equal(fold("Pop&nbsp;Mart"), "pop mart");
    assert_string_equal(fold("Herm&egrave;s Herm&egrave"), "hermes herme");
    assert_string_equal(fold("Van Cleef &amp; Arpels"), "van cleef arpels");
    assert_string_equal(fold("&amp;#97;&amp;amp;#x62;"), "ab");
    assert_string_equal(fold("Ni&zwnj;ke &#78ike"), "nike nike");
    assert_string_equal(fold("&Nopf;ike"), "nike");
    assert_string_equal(fold("&#138;"), "s"); /* Windows-1252, as browsers read it */
}

static void what_is_no_reference_stays_text(void **state)
{
    (void)state;
    assert_string_equal(fold("H&M"), "h m");
    assert_string_equal(fold("a&b;c"), "a b c");
    assert_string_equal(fold("?x=1&copy=2"), "x 1 copy 2");
    assert_string_equal(fold("&#;&#x;&#xg&"), "x xg");
    assert_string_equal(fold("&#0;&#xD800;&#1114112;&#99999999999999999999;"), "");
    assert_string_equal(fold("&aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"),
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static void escapes_are_undone(void **state)
{
    (void)state;
    assert_string_equal(fold("buy%20Rolex%2Freplica"), "buy rolex replica");
    assert_string_equal(fold("%E8%80%90%E5%85%8B%25E5%2585%258B"), "耐克克");
    assert_string_equal(fold("\\u8010\\u514b\\\\u514B"), "耐克克");
    assert_string_equal(fold("\\xe8\\x80\\x90\\x4eike \\u{4e}\\U0000006Fw"), "耐 nike now");
    assert_string_equal(fold("R%6Flex caf\\u00e9 N\\u200bike%E2%80%8B"), "rolex cafe nike");
    assert_string_equal(fold("\\ud83d\\ude00 \\ud83d %u4e00%C3%A9"), "一 e");
    assert_string_equal(fold("q=10%20cm gmt2%20x /5%20x %32%20x"), "q 10 cm gmt2 x 5 x 2 x");
}

static void a_per_cent_sign_begins_no_escape(void **state)
{
    (void)state;
    assert_string_equal(fold("100%20cm 50%off 20%De 99.5%40x (5%41"),
                        "100 20cm 50 off 20 de 99 5 40x 5 41");
    assert_string_equal(fold("100% a 棉100%20cm 5%"), "100 a 棉 100 20cm 5");
    assert_string_equal(fold("%E9%6 %D0 %u00 % %%41"), "e9 6 d0 u00 a");
    assert_string_equal(fold("C:\\new\\x\\u12 \\ \\\\"), "c new x u12");
    assert_string_equal(fold("100%E8%80%90"), "100 耐");
}

static void a_tag_is_a_sign_unless_it_holds_text(void **state)
{
    (void)state;
    assert_string_equal(fold("no <b>replica</b>"), "no replica");
    assert_string_equal(fold("<P>Calvin<br/><span style='color: red' class=x>Klein</span>"),
                        "calvin klein");
    assert_string_equal(fold("Calvin&lt;br&gt;Klein &#60;/b>"), "calvin klein");
    assert_string_equal(fold("<img alt=\"a Rolex\"> <a href=/nike>"),
                        "img alt a rolex a href nike");
    assert_string_equal(fold("<!-- Gucci --> <style>b {}</style>"), "gucci style b");
    assert_string_equal(fold("</Rolex> <Nike/> &lt;b class=Gucci&gt;"), "rolex nike b class gucci");
    assert_string_equal(fold("a <b c <3 <LV> <b x </"), "a b c 3 lv b x");
    assert_int_equal(fold_map("a <b>c", 6, folded, &map), 5);
    assert_int_equal(map_bits[2], MATCHER_TECHNIQUE_MARKUP);
    assert_int_equal(map_from[3], 5);
}

static void a_script_without_word_spaces_is_set_apart(void **state)
{
    (void)state;
    assert_string_equal(fold("正品Squishmallows毛绒"), "正品 squishmallows 毛绒");
    assert_string_equal(fold("Gショック"), "g ショック");
    assert_string_equal(fold("1比1"), "1 比 1");
    assert_string_equal(fold("레고lego"), "레고 lego");
    assert_string_equal(fold("เลโก้lego"), "เลโก้ lego");
    assert_string_equal(fold("路易·威登"), "路易 威登");
    assert_string_equal(fold("スーパー"), "スーパー");
    assert_string_equal(fold("супер高仿"), "супер 高仿");
}

static void kana_and_hangul_are_composed(void **state)
{
    (void)state;
    assert_string_equal(fold("ｼｬﾈﾙ ﾎﾟｹﾓﾝ"), "シャネル ポケモン");
    assert_string_equal(fold("カ\xE3\x82\x99ンダム"), "ガンダム"); /* U+3099 */
    assert_string_equal(fold("カ゛"), "ガ");                       /* U+309B */
    assert_string_equal(fold("あ゛x゛"), "あ x");
    assert_string_equal(fold("\xE1\x84\x85\xE1\x85\xA6\xE1\x84\x80\xE1\x85\xA9"), "레고");
    assert_string_equal(fold("\xE1\x84\x91\xE1\x85\xA1\xE1\x86\xAB"), "판");
    assert_string_equal(fold("ㄱㅏ"), "가"); /* as NFKC does with compatibility jamo */
}

static void marks_stay_where_they_are_letters(void **state)
{
    (void)state;
    assert_string_equal(fold("फर्स्ट कॉपी"), "फर्स्ट कॉपी");
    assert_string_equal(fold("งานก๊อป"), "งานก๊อป");
    /* In canonical order, whichever was typed: U+0E38 (103) before U+0E48 (107). */
    assert_string_equal(fold("ก\xE0\xB9\x88\xE0\xB8\xB8"), "ก\xE0\xB8\xB8\xE0\xB9\x88");
    assert_string_equal(fold("ग\xE0\xA4\xBC"), "ग\xE0\xA4\xBC");
    assert_string_equal(fold("\xE0\xA5\x9A"), "ग\xE0\xA4\xBC"); /* U+095A */
    assert_string_equal(fold("مُحَمَّد"), "محمد");
    assert_string_equal(fold("חִיקּוּי"), "חיקוי");
    assert_string_equal(fold("أديداس"), "اديداس");
}

static void bad_bytes_separate_words(void **state)
{
    (void)state;
    assert_string_equal(fold("ni\xFFke"), "ni ke");
    assert_string_equal(fold("ni\xC3"), "ni");
    assert_string_equal(fold("\xC1\x81"
                             "b"),
                        "b"); /* overlong A */
    assert_string_equal(fold("\xE0\x81\x81"
                             "b"),
                        "b"); /* overlong A */
    assert_string_equal(fold("\xF0\x80\x81\x81"
                             "b"),
                        "b"); /* overlong A */
    assert_string_equal(fold("\xED\xA0\x80"
                             "b"),
                        "b"); /* surrogate */
    assert_string_equal(fold("\xF4\x90\x80\x80\xF8\x88\x80\x80\x80z"), "z");
}

static void control_characters_never_come_through(void **state)
{
    (void)state;
    char text[256], out[256 * FOLD_GROWTH_MAX + 128];
    for (unsigned i = 0; i < 256; i++)
        text[i] = (char)i;
    size_t len = fold_text(text, sizeof text, out);
    for (size_t i = 0; i < len; i++)
        assert_true((uint8_t)out[i] >= 0x20 && out[i] != 0x7F);
}

static void map_points_at_whole_code_points(void **state)
{
    (void)state;
    const char *text = "x Po\xE2\x80\x8Bk&#233;mo\xCC\x81n";
    size_t len = fold_map(text, strlen(text), folded, &map);
    assert_memory_equal(folded, " x pokemon ", len);
    assert_int_equal(map_from[3], 2); /* p */
    assert_int_equal(map_bits[5], MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(map_from[6], 8); /* e, written &#233; */
    assert_int_equal(map_to[6], 14);
    assert_int_equal(map_bits[6], MATCHER_TECHNIQUE_ACCENT | MATCHER_TECHNIQUE_ENTITY);
    assert_int_equal(map_to[8], 18); /* o with the mark behind it */
    assert_int_equal(map_bits[8], MATCHER_TECHNIQUE_ACCENT);
}

static uint16_t bits_of(const char *text)
{
    uint16_t bits = 0;
    size_t len = fold_map(text, strlen(text), folded, &map);
    for (size_t i = 0; i < len; i++)
        bits |= map_bits[i];
    return bits;
}

static void techniques_are_told_from_honest_writing(void **state)
{
    (void)state;
    assert_int_equal(bits_of("Nike Hermes 123 Дисней"), MATCHER_TECHNIQUE_ACCENT); /* short i */
    assert_int_equal(bits_of("Ni\xE2\x80\x8Bke"), MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(bits_of("Ni\xC2\xADke"), 0);
    assert_int_equal(bits_of("می\xE2\x80\x8Cخواهم"), 0);
    assert_int_equal(bits_of("毛\xE2\x80\x8B绒"), MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(bits_of("毛 \xE2\x80\x8B绒"), 0);
    assert_int_equal(bits_of("โรเล็ก\xE2\x80\x8Bซ์"), 0);
    assert_int_equal(bits_of("โรเล็ก\xE2\x80\x8Eซ์"), MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(bits_of("ناي\xE2\x80\x8Bك"), MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(bits_of("نايك\xE2\x80\x8ENike"), 0);
    assert_int_equal(bits_of("Nike \xE2\x80\x8B shoes\xE2\x80\x8B"), 0);
    assert_int_equal(bits_of("N&#105;ke"), MATCHER_TECHNIQUE_ENTITY);
    assert_int_equal(bits_of("Caf&#233;"), MATCHER_TECHNIQUE_ACCENT | MATCHER_TECHNIQUE_ENTITY);
    assert_int_equal(bits_of("N%69ke"), MATCHER_TECHNIQUE_ESCAPED);
    assert_int_equal(bits_of("Air%20Max"), MATCHER_TECHNIQUE_ESCAPED);
    assert_int_equal(bits_of("\\u200bNike"), MATCHER_TECHNIQUE_ESCAPED);
    assert_int_equal(bits_of("Ni\\u200bke"),
                     MATCHER_TECHNIQUE_ESCAPED | MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(bits_of("Nike\\u200b shoes"), 0);
    assert_int_equal(bits_of("Ｎｉｋｅ"), MATCHER_TECHNIQUE_WIDTH);
    assert_int_equal(bits_of("𝐍𝐢𝐤𝐞"), MATCHER_TECHNIQUE_COMPAT);
    assert_int_equal(bits_of("n\xCC\xB6i"), MATCHER_TECHNIQUE_COMBINING | MATCHER_TECHNIQUE_ACCENT);
    assert_int_equal(bits_of("Việt Nam e\xCC\x82\xCC\xA3"), MATCHER_TECHNIQUE_ACCENT);
    assert_int_equal(bits_of("Шане\xCC\x81ль"), 0); /* a stress mark */
    assert_int_equal(bits_of("e\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81"),
                     MATCHER_TECHNIQUE_COMBINING | MATCHER_TECHNIQUE_ACCENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_text_is_one_space),
        cmocka_unit_test(case_width_accents_and_punctuation_do_not_matter),
        cmocka_unit_test(compatibility_letters_become_plain_ones),
        cmocka_unit_test(signs_behind_a_name_are_no_letters),
        cmocka_unit_test(invisible_code_points_vanish),
        cmocka_unit_test(references_are_decoded),
        cmocka_unit_test(what_is_no_reference_stays_text),
        cmocka_unit_test(escapes_are_undone),
        cmocka_unit_test(a_per_cent_sign_begins_no_escape),
        cmocka_unit_test(a_tag_is_a_sign_unless_it_holds_text),
        cmocka_unit_test(a_script_without_word_spaces_is_set_apart),
        cmocka_unit_test(kana_and_hangul_are_composed),
        cmocka_unit_test(marks_stay_where_they_are_letters),
        cmocka_unit_test(bad_bytes_separate_words),
        cmocka_unit_test(control_characters_never_come_through),
        cmocka_unit_test(map_points_at_whole_code_points),
        cmocka_unit_test(techniques_are_told_from_honest_writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
