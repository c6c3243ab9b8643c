/* Text from outside never reaches a terminal raw: every byte, every control and format character.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>

#include "daemon/ctl/term.h"
#include "matcher/fold.h"
#include "tests/fakes/test.h"

/* What term_print makes of the bytes, as a malloc'ed string. */
static char *printed(const char *bytes, size_t len)
{
    char *out = NULL;
    size_t out_len = 0;
    FILE *stream = open_memstream(&out, &out_len);
    assert_non_null(stream);
    struct term term = {.stream = stream};
    term_print(&term, bytes, len);
    assert_int_equal(fclose(stream), 0);
    return out;
}

static char *printed_cut(const char *text, size_t columns, size_t *ret_used)
{
    char *out = NULL;
    size_t out_len = 0;
    FILE *stream = open_memstream(&out, &out_len);
    assert_non_null(stream);
    struct term term = {.stream = stream};
    *ret_used = term_print_cut(&term, text, strlen(text), columns);
    assert_int_equal(fclose(stream), 0);
    return out;
}

static void expect(const char *text, size_t len, const char *shown)
{
    char *out = printed(text, len);
    assert_string_equal(out, shown);
    free(out);
}

static void every_single_byte_is_ascii_or_an_escape(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        char raw = (char)byte, wanted[16];
        if (byte >= 0x20 && byte < 0x7f)
            (void)snprintf(wanted, sizeof wanted, "%c", raw);
        else
            (void)snprintf(wanted, sizeof wanted, byte < 0x80 ? "\\u{%02x}" : "\\x{%02x}", byte);
        expect(&raw, 1, wanted);
    }
}

static void expect_escape(uint32_t cp)
{
    if (!term_is_unsafe(cp))
        fail_msg("U+%04X is printed raw", cp);
    if (cp >= 0xd800 && cp <= 0xdfff)
        return; /* no UTF-8 spells it */
    uint8_t text[4];
    char wanted[16];
    unsigned len = fold_encode(cp, text);
    (void)snprintf(wanted, sizeof wanted, "\\u{%02x}", cp);
    expect((const char *)text, len, wanted);
}

/* The oracle is ICU's idea of Cc, Cf, Zl, Zp and Cs. */
static void every_control_and_format_character_is_an_escape(void **state)
{
    (void)state;
    const uint32_t bad = U_GC_CC_MASK | U_GC_CF_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK | U_GC_CS_MASK;
    unsigned found = 0;
    for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
        if ((U_GET_GC_MASK((UChar32)cp) & bad) == 0)
            continue;
        found++;
        expect_escape(cp);
    }
    assert_true(found > 2200);
}

static void every_default_ignorable_but_variation_selectors_is_an_escape(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp <= 0x10ffff; cp++) {
        bool selector = cp >= 0xfe00 && cp <= 0xfe0f;
        if (u_hasBinaryProperty((UChar32)cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) &&
            term_is_unsafe(cp) == selector)
            fail_msg("U+%04X is wrong", cp);
    }
}

static void letters_digits_and_marks_of_all_scripts_stay(void **state)
{
    (void)state;
    const uint32_t good = U_GC_L_MASK | U_GC_N_MASK | U_GC_S_MASK;
    for (uint32_t cp = 0x20; cp <= 0x10ffff; cp++) {
        bool ignorable = u_hasBinaryProperty((UChar32)cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
        bool object = cp == 0xfffc || cp == 0xfffd;
        if ((U_GET_GC_MASK((UChar32)cp) & good) == 0 || ignorable || object)
            continue;
        if (term_is_unsafe(cp))
            fail_msg("U+%04X is not shown", cp);
    }
    const char text[] = "Squishmallows \xe5\x90\x89\xe7\xa5\xa5 \xd9\x84\xd8\xa8 \xf0\x9f\xa7\xb8";
    expect(text, sizeof text - 1, text);
}

static void the_bidi_controls_of_trojan_source_are_escapes(void **state)
{
    (void)state;
    const char text[] = "a\xe2\x80\xae"
                        "b\xe2\x81\xa6"
                        "c\xd8\x9c\xef\xbb\xbf\xe2\x80\xa8";
    expect(text, sizeof text - 1, "a\\u{202e}b\\u{2066}c\\u{61c}\\u{feff}\\u{2028}");
}

static void a_clipboard_sequence_is_shown_and_not_obeyed(void **state)
{
    (void)state;
    const char text[] = "\033]52;c;cm0gLXJm\007\x9b"
                        "31m\xc2\x9b";
    expect(text, sizeof text - 1, "\\u{1b}]52;c;cm0gLXJm\\u{07}\\x{9b}31m\\u{9b}");
}

static void bytes_that_are_not_utf8_are_shown_one_by_one(void **state)
{
    (void)state;
    expect("\xc0\xaf", 2, "\\x{c0}\\x{af}");                       /* overlong */
    expect("\xe0\x80\xaf", 3, "\\x{e0}\\x{80}\\x{af}");            /* overlong */
    expect("\xed\xa0\x80", 3, "\\x{ed}\\x{a0}\\x{80}");            /* a surrogate */
    expect("\xf4\x90\x80\x80", 4, "\\x{f4}\\x{90}\\x{80}\\x{80}"); /* past U+10FFFF */
    expect("\xf5\x80\x80\x80", 4, "\\x{f5}\\x{80}\\x{80}\\x{80}");
    expect("\xe2\x82", 2, "\\x{e2}\\x{82}"); /* cut short */
    expect("\xe2\x82z", 3, "\\x{e2}\\x{82}z");
    expect("\0", 1, "\\u{00}");
}

/* No two bytes in a row give a raw control, whatever they are. */
static void no_pair_of_bytes_gives_a_raw_control(void **state)
{
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            char pair[2] = {(char)first, (char)second}, unit[TERM_UNIT_BYTES];
            const char *at = pair;
            unsigned columns = 0;
            while (at < pair + 2) {
                size_t len = term_unit(&at, pair + 2, unit, &columns);
                for (size_t i = 0; i < len; i++)
                    assert_true((unsigned char)unit[i] >= 0x20 && unit[i] != 0x7f);
            }
        }
    }
}

static void a_text_that_fits_is_not_cut(void **state)
{
    (void)state;
    size_t used = 0;
    char *out = printed_cut("plush", 5, &used);
    assert_string_equal(out, "plush");
    assert_int_equal(used, 5);
    free(out);
}

static void a_cut_text_ends_in_an_ellipsis_and_keeps_its_columns(void **state)
{
    (void)state;
    for (size_t columns = 0; columns < 20; columns++) {
        size_t used = 0;
        char *out = printed_cut("a\033b wide \xe5\x90\x89\xe7\xa5\xa5 and more", columns, &used);
        assert_true(used <= columns);
        if (columns > 0)
            assert_non_null(strstr(out, "\xe2\x80\xa6"));
        assert_null(strchr(out, '\033'));
        free(out);
    }
}

static void wide_characters_take_two_columns_and_marks_none(void **state)
{
    (void)state;
    char unit[TERM_UNIT_BYTES];
    unsigned columns = 0;
    const char wide[] = "\xe5\x90\x89", mark[] = "\xcc\x81";
    const char *at = wide;
    assert_int_equal(term_unit(&at, wide + 3, unit, &columns), 3);
    assert_int_equal(columns, 2);
    at = mark;
    assert_int_equal(term_unit(&at, mark + 2, unit, &columns), 2);
    assert_int_equal(columns, 0);
}

static void colours_are_words_and_nothing_else(void **state)
{
    (void)state;
    enum term_colour_choice choice = TERM_COLOUR_AUTO;
    assert_int_equal(term_colour_parse("always", &choice), 0);
    assert_int_equal(choice, TERM_COLOUR_ALWAYS);
    assert_int_equal(term_colour_parse("never", &choice), 0);
    assert_int_equal(choice, TERM_COLOUR_NEVER);
    assert_true(term_colour_parse("ALWAYS", &choice) < 0);
    assert_int_equal(choice, TERM_COLOUR_NEVER);
}

static char *printed_html(const char *text, size_t len)
{
    char *out = NULL;
    size_t out_len = 0;
    FILE *stream = open_memstream(&out, &out_len);
    assert_non_null(stream);
    struct term term = {.stream = stream, .html = true};
    term_print(&term, text, len);
    assert_int_equal(fclose(stream), 0);
    return out;
}

static void text_in_html_is_isolated_and_no_markup(void **state)
{
    (void)state;
    static const char text[] = "<b a=\"'&\u202e\0>";
    char *out = printed_html(text, sizeof text - 1);
    assert_string_equal(out, "<bdi>&lt;b a=&quot;&#39;&amp;\\u{202e}\\u{00}&gt;</bdi>");
    free(out);
}

static void a_long_text_in_html_says_how_long_it_is(void **state)
{
    (void)state;
    char text[TERM_HTML_UNITS_MAX + 1];
    memset(text, 'x', sizeof text);
    char *out = printed_html(text, TERM_HTML_UNITS_MAX);
    assert_null(strstr(out, "of "));
    free(out);
    out = printed_html(text, sizeof text);
    assert_non_null(strstr(out, "x\u2026 (of 401 bytes)</bdi>"));
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_single_byte_is_ascii_or_an_escape),
        cmocka_unit_test(every_control_and_format_character_is_an_escape),
        cmocka_unit_test(every_default_ignorable_but_variation_selectors_is_an_escape),
        cmocka_unit_test(letters_digits_and_marks_of_all_scripts_stay),
        cmocka_unit_test(the_bidi_controls_of_trojan_source_are_escapes),
        cmocka_unit_test(a_clipboard_sequence_is_shown_and_not_obeyed),
        cmocka_unit_test(bytes_that_are_not_utf8_are_shown_one_by_one),
        cmocka_unit_test(no_pair_of_bytes_gives_a_raw_control),
        cmocka_unit_test(a_text_that_fits_is_not_cut),
        cmocka_unit_test(a_cut_text_ends_in_an_ellipsis_and_keeps_its_columns),
        cmocka_unit_test(wide_characters_take_two_columns_and_marks_none),
        cmocka_unit_test(colours_are_words_and_nothing_else),
        cmocka_unit_test(text_in_html_is_isolated_and_no_markup),
        cmocka_unit_test(a_long_text_in_html_says_how_long_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
