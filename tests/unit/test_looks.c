/*
 * The reading by looks: what each sign looks like, and in which notations it is read.
 */
#include <stdio.h>

#include "matcher/fold.h"
#include "matcher/looks.h"
#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

#define ROW_BYTES 256

static char read_as[4096];

/* Reads a text as letters, with a space for LOOKS_SPACE, '.' for a sign and '?' for a foreign
   letter; checks that the units are without gaps. */
static const char *look_at(const char *text, size_t len)
{
    size_t out = 0;
    struct looks_unit unit = {.to = 0};
    for (size_t at = 0; at < len; at = unit.to) {
        looks_next(text, len, at, &unit);
        assert_int_equal(unit.from, at);
        assert_true(unit.to > at && unit.to <= len);
        assert_true(out + LOOKS_LETTERS_MAX < sizeof read_as);
        assert_true(unit.kind == LOOKS_LETTERS || unit.letters_count == 0);
        for (unsigned i = 0; i < unit.letters_count; i++)
            read_as[out++] = (char)unit.letters[i];
        if (unit.kind == LOOKS_SPACE)
            read_as[out++] = ' ';
        if (unit.kind == LOOKS_SIGN)
            read_as[out++] = '.';
        if (unit.kind == LOOKS_FOREIGN)
            read_as[out++] = '?';
    }
    read_as[out] = '\0';
    return read_as;
}

static const char *look(const char *text)
{
    return look_at(text, strlen(text));
}

/* The techniques of all units of a text. */
static unsigned techniques_of(const char *text)
{
    unsigned all = 0;
    struct looks_unit unit = {.to = 0};
    for (size_t at = 0; at < strlen(text); at = unit.to) {
        looks_next(text, strlen(text), at, &unit);
        all |= unit.techniques;
    }
    return all;
}

static struct looks_unit unit_of(uint32_t cp)
{
    uint8_t bytes[4];
    struct looks_unit unit;
    size_t len = fold_encode(cp, bytes);
    looks_next((const char *)bytes, len, 0, &unit);
    assert_int_equal(unit.to, len);
    assert_int_equal(unit.cp, cp);
    return unit;
}

static void plain_text_is_itself_in_lower_case(void **state)
{
    (void)state;
    assert_string_equal(look("Squishmallows 16 inch, NEW!"), "squishmallows 16 inch. new.");
    assert_string_equal(look(""), "");
    assert_int_equal(techniques_of("Squishmallows 16 inch, <b NEW!"), 0);
}

static void the_inline_table_says_what_looks_next_says(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[2] = {(char)byte, 'x'};
        struct looks_unit unit;
        looks_next(text, 2, 0, &unit);
        uint8_t plain = looks_ascii[byte];
        if (plain == LOOKS_ASCII_ASK)
            assert_true(byte >= 0x7F || byte < 0x20 || strchr("&%\\<", (int)byte) != NULL);
        else if (plain == LOOKS_ASCII_SPACE)
            assert_int_equal(unit.kind, LOOKS_SPACE);
        else if (plain == LOOKS_ASCII_SIGN)
            assert_int_equal(unit.kind, LOOKS_SIGN);
        else
            assert_int_equal(unit.letters[0], plain);
        if (plain != LOOKS_ASCII_ASK)
            assert_int_equal(unit.techniques, 0);
    }
}

static void other_scripts_are_read_by_looks_in_their_case(void **state)
{
    (void)state;
    assert_string_equal(look("Ѕԛuіѕһmаӏӏоԝѕ"), "squishmaiiows");
    assert_string_equal(look("ЅQUIЅНМАLLОWЅ"), "squishmallows");
    assert_string_equal(look("ΗΝΡ ηνρ"), "hnp nvp");
    assert_string_equal(look("НВР нвр"), "hbp hbp");
    assert_string_equal(look("ИЯ ΛΣΔ"), "nr aea");
    assert_int_equal(techniques_of("а"), MATCHER_TECHNIQUE_CONFUSABLE);
    assert_string_equal(look("巴黎世家 プラダ 나이키"), "???? ??? ???");
    assert_string_equal(look("Levi’s Leviʼs Leviˈs"), "levi.s levi.s levi.s");
    assert_int_equal(techniques_of("巴黎世家"), 0);
}

static void letters_in_another_dress_are_the_letters(void **state)
{
    (void)state;
    assert_string_equal(look("𝐒𝗾𝓾𝚒𝖘𝒽Ⓜⓐ🄻🅻🅞🇼ˢ"), "squishmallows");
    assert_string_equal(look("ꜱQᴜɪꜱʜᴍᴀʟʟᴏᴡꜱ"), "squishmallows");
    assert_string_equal(look("Ｎｉｋｅ ⒩⒤⒦⒠"), "nike nike");
    assert_string_equal(look("Squishmall🅾️ws"), "squishmallows");
    assert_string_equal(look("ﬁ ĳ æ ㎏ ①⑯"), "fi ij ae kg 116");
    assert_int_equal(techniques_of("𝐒Ⓜ🄻ˢ"), MATCHER_TECHNIQUE_COMPAT);
    assert_int_equal(techniques_of("Ｎ"), MATCHER_TECHNIQUE_WIDTH);
    assert_int_equal(techniques_of("ꜱ🅾"), MATCHER_TECHNIQUE_CONFUSABLE);
    assert_int_equal(techniques_of("ﬁ"), 0);
}

static void letters_of_living_languages_count_as_accents(void **state)
{
    (void)state;
    assert_string_equal(look("Śquíshmåłłøws ÐđħŧıßÞ"), "squishmallows ddhtibp");
    assert_int_equal(techniques_of("Śíåłøđħı"), MATCHER_TECHNIQUE_ACCENT);
    assert_string_equal(look("Ꞩɑƨɨ"), "sasi");
    assert_int_equal(techniques_of("Ꞩɑƨ"), MATCHER_TECHNIQUE_CONFUSABLE);
}

static void turned_letters_are_read_and_turned_back(void **state)
{
    (void)state;
    static const char upright[] = "squishmallows";
    const char *turned = look("sʍollɐɯɥsınbs");
    size_t len = strlen(turned);
    assert_int_equal(len, strlen(upright));
    for (size_t i = 0; i < len; i++)
        assert_int_equal(looks_turned((uint8_t)turned[len - 1 - i]), upright[i]);
    for (const char *at = "abcdefghijklmnopqrstuvwxyz0123456789"; *at != '\0'; at++)
        assert_int_equal(looks_turned(looks_turned((uint8_t)*at)), *at);
}

static void what_is_invisible_is_nothing(void **state)
{
    (void)state;
    assert_string_equal(look("Ni\u200Bk\u200D\uFEFF\u3164\u115F\u2800e"), "nike");
    assert_string_equal(look("S\u00ADqu\uFE0F\u034Fi"), "squi");
    assert_string_equal(look("N\U000E0073i\U000E0100ke"), "nike");
    assert_string_equal(look_at("N\0i\x1Bk\x7F", 6), "nik");
    assert_int_equal(techniques_of("\u200B\u3164\u2800\u034F\U000E0073\x01"),
                     MATCHER_TECHNIQUE_INVISIBLE);
    assert_int_equal(techniques_of("\u00AD\uFE0F\u0640"), 0);
}

static void white_space_of_every_width_ends_a_word(void **state)
{
    (void)state;
    assert_string_equal(look("a\tb\nc\u00A0d\u2009e\u3000f\u2028g\xC2\x85"
                             "h"),
                        "a b c d e f g h");
}

static void combining_marks_are_nothing_and_odd_ones_are_named(void **state)
{
    (void)state;
    const unsigned odd = MATCHER_TECHNIQUE_COMBINING | MATCHER_TECHNIQUE_ACCENT;
    assert_string_equal(look("S\u0336q\u0336u\u0301i\u0332s\u0E47"), "squis");
    assert_int_equal(techniques_of("e\u0301"), MATCHER_TECHNIQUE_ACCENT);
    assert_int_equal(techniques_of("e\u0302\u0301"), MATCHER_TECHNIQUE_ACCENT);
    assert_int_equal(techniques_of("m\u0300"), odd);
    assert_int_equal(techniques_of("S\u0336"), odd);
    assert_int_equal(techniques_of("a\u0301\u0301\u0301\u0301\u0301\u0301\u0301"), odd);
    assert_int_equal(techniques_of("S&#x336;"), odd | MATCHER_TECHNIQUE_ENTITY);
    assert_int_equal(techniques_of("&#x53;&#x336;") & odd, odd);
    assert_int_equal(techniques_of("\u0928\u092E\u0938\u094D\u0924\u0947"), 0);
    assert_int_equal(techniques_of(" \u0301"), 0);
}

static void references_and_escapes_are_read(void **state)
{
    (void)state;
    assert_string_equal(look("Squish&#109;&#x6D;&amp;#109;&amp;amp;#x6d;allows"),
                        "squishmmmmallows");
    assert_string_equal(look("%6D%6d%256D%25256d%D0%BC%u006d"), "mmmmmm");
    assert_string_equal(look("\\u006d\\\\u006d\\x6d\\u{6d}\\U0000006d\\ud835\\udc00"), "mmmmma");
    assert_string_equal(look("Ni&zwnj;&shy;ke&nbsp;a%20b%E2%80%8Bc"), "nike a bc");
    assert_int_equal(techniques_of("&#109;"), MATCHER_TECHNIQUE_ENTITY);
    assert_int_equal(techniques_of("%6D\\u006d"), MATCHER_TECHNIQUE_ESCAPED);
    assert_int_equal(techniques_of("Herm&egrave;s%C3%A8\\u00e8"), MATCHER_TECHNIQUE_ACCENT |
                                                                      MATCHER_TECHNIQUE_ENTITY |
                                                                      MATCHER_TECHNIQUE_ESCAPED);
    assert_string_equal(look("\\xd0\\xbc\\xe9"), "me");
}

static void what_is_no_notation_stays_as_it_stands(void **state)
{
    (void)state;
    assert_string_equal(look("H&M"), "h.m");
    assert_string_equal(look("100% cotton 50%be %"), "100. cotton 50.be .");
    assert_string_equal(look("100%20cm x100%20cm"), "100.20cm x100 cm");
    assert_string_equal(look("%E9%6 %D0 %u00"), ".e9.6 .d0 .u00");
    assert_string_equal(look("C:\\new\\x\\u12 \\"), "c..new.x.u12 .");
    assert_string_equal(look("a+b"), "a.b");
    assert_string_equal(look("\\u{} \\u{1234567} \\ud835"), ".u.. .u.1234567. .");
    assert_string_equal(look("\\u{110000}\\ud835\\ud835"), "...");
}

static void tags_are_nothing_or_a_space(void **state)
{
    (void)state;
    assert_string_equal(look("Squish<b></b>m<span class=\"a>b\">al</span>lows"), "squishmallows");
    assert_string_equal(look("Ni<!-- x -->k<!--><B\n/>e<wbr>"), "nike");
    assert_string_equal(look("a<br>b<BR/>c<p style='x'>d</p>e<td nowrap>f</h1>g"), "a b c d e f g");
    assert_string_equal(look("Ni<style>a{}</style>ke<x></x><foo/></bar>"), "nike");
    assert_string_equal(look("Ni&lt;b&gt;&lt;/b&gt;k\\u003cb\\u003ee%3Ci%3E"), "nike");
    assert_string_equal(look("a<img src=x>b"), "a.b");
    assert_int_equal(techniques_of("<b></b><!-- -->"), MATCHER_TECHNIQUE_MARKUP);
}

static void what_is_no_tag_hides_no_word(void **state)
{
    (void)state;
    assert_string_equal(look("I <3 U, a < b > c <"), "i .3 u. a . b . c .");
    assert_string_equal(look("<LV> <N1ke> <b N1ke>"), ".lv. .n1ke. .b n1ke.");
    assert_string_equal(look("<b <i>"), ".b ");
    assert_string_equal(look("<b class=\"<i>"), ".b class..");
    assert_string_equal(look("<!-- never closed"), ".... never closed");
    assert_string_equal(look("<bb><b"), ".bb..b");
}

static void leet_is_told_by_number_and_letters(void **state)
{
    (void)state;
    assert_string_equal(looks_leet('1'), "il");
    assert_string_equal(looks_leet('6'), "gb");
    assert_string_equal(looks_leet('$'), "s");
    assert_string_equal(looks_leet(0x20AC), "e");
    assert_string_equal(looks_leet(0xFF04), "s");
    assert_null(looks_leet('x'));
    assert_null(looks_leet('.'));
    assert_null(looks_leet(0xFFFFFFFF));
    for (uint32_t cp = 1; cp < 0x110000; cp++) {
        if (cp >= 0xD800 && cp < 0xE000)
            continue;
        const char *letters = looks_leet(cp);
        struct looks_unit unit = unit_of(cp);
        assert_int_equal(unit.leet, letters == NULL ? 0 : strlen(letters));
        bool digit = unit.letters_count == 1 && unit.letters[0] <= '9';
        assert_true(letters == NULL || unit.kind == LOOKS_SIGN || digit);
    }
}

static void classes_hold_together_what_may_match(void **state)
{
    (void)state;
    static const char all[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    for (const char *left = all; *left != '\0'; left++) {
        uint8_t class = looks_class((uint8_t)*left);
        assert_true(class >= 'a' && class <= 'z' && looks_class(class) == class);
        for (const char *right = all; *right != '\0'; right++) {
            int alike = looks_alike((uint8_t)*left, (uint8_t)*right);
            assert_int_equal(alike, looks_alike((uint8_t)*right, (uint8_t)*left));
            if (alike)
                assert_int_equal(class, looks_class((uint8_t)*right));
        }
    }
    for (uint32_t cp = 1; cp < 0x110000; cp++) {
        const char *letters = looks_leet(cp);
        for (unsigned i = 0; letters != NULL && letters[i] != '\0'; i++) {
            assert_int_equal(looks_class((uint8_t)letters[i]), looks_class((uint8_t)letters[0]));
            if (cp <= '9' && cp >= '0')
                assert_true(looks_alike((uint8_t)cp, (uint8_t)letters[i]));
        }
    }
    assert_true(looks_alike('i', 'l') && looks_alike('0', 'o') && looks_alike('v', 'u'));
    assert_false(looks_alike('c', 'e') || looks_alike('m', 'n') || looks_alike('1', '7'));
}

/* Rows of UTS 39 that are read as another letter on purpose. */
static bool is_read_otherwise(uint32_t cp)
{
    return cp == 0x1A7; /* tone two: a turned S, which UTS 39 takes for a 2 */
}

static bool looks_like(const struct looks_unit *unit, uint8_t letter)
{
    const char *leet = looks_leet(unit->cp);
    if (unit->kind == LOOKS_SIGN)
        return leet != NULL && strchr(leet, letter) != NULL;
    return unit->letters_count == 1 && looks_alike(unit->letters[0], letter);
}

static void every_confusable_of_uts_39_looks_like_its_letter(void **state)
{
    (void)state;
    char line[ROW_BYTES];
    unsigned rows = 0, other = 0, wrong = 0;
    FILE *file = fopen("../shared/data/confusables_ascii.tsv", "r");
    if (file == NULL) {
        print_message("skipped: no ../shared\n");
        skip();
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "U+", 2) != 0)
            continue;
        uint32_t cp = (uint32_t)strtoul(line + 2, NULL, 16);
        const char *letter = strchr(strchr(line, '\t') + 1, '\t') + 1;
        struct looks_unit unit = unit_of(cp);
        bool upper = *letter >= 'A' && *letter <= 'Z';
        bool like = looks_like(&unit, (uint8_t)(upper ? *letter | 0x20 : *letter));
        rows++;
        other += !like;
        wrong += like == is_read_otherwise(cp);
        if (like == is_read_otherwise(cp))
            print_message("%s", line);
    }
    assert_int_equal(fclose(file), 0);
    print_message("%u rows, %u read otherwise on purpose\n", rows, other);
    assert_int_equal(rows, 1315);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_is_itself_in_lower_case),
        cmocka_unit_test(the_inline_table_says_what_looks_next_says),
        cmocka_unit_test(other_scripts_are_read_by_looks_in_their_case),
        cmocka_unit_test(letters_in_another_dress_are_the_letters),
        cmocka_unit_test(letters_of_living_languages_count_as_accents),
        cmocka_unit_test(turned_letters_are_read_and_turned_back),
        cmocka_unit_test(what_is_invisible_is_nothing),
        cmocka_unit_test(white_space_of_every_width_ends_a_word),
        cmocka_unit_test(combining_marks_are_nothing_and_odd_ones_are_named),
        cmocka_unit_test(references_and_escapes_are_read),
        cmocka_unit_test(what_is_no_notation_stays_as_it_stands),
        cmocka_unit_test(tags_are_nothing_or_a_space),
        cmocka_unit_test(what_is_no_tag_hides_no_word),
        cmocka_unit_test(leet_is_told_by_number_and_letters),
        cmocka_unit_test(classes_hold_together_what_may_match),
        cmocka_unit_test(every_confusable_of_uts_39_looks_like_its_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
