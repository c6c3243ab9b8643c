/*
 * The fold against ICU's NFKC_Casefold, over every code point. The two differ where the fold means
 * to differ; each difference is named here with its reason, and nothing else may differ.
 */
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "matcher/fold.h"
#include "tests/unit/matcher_test.h"

#define UNITS_MAX 64

static const UNormalizer2 *casefold, *nfd, *nfc;

/* Marks of these scripts are stripped: what remains is still the same word to a reader, and sellers
   of disguised names add and leave out marks at will. */
static bool is_stripped_script(UChar32 cp)
{
    UErrorCode error = U_ZERO_ERROR;
    switch ((int)uscript_getScript(cp, &error)) {
    case USCRIPT_LATIN:
    case USCRIPT_GREEK:
    case USCRIPT_CYRILLIC:
    case USCRIPT_ARABIC:
    case USCRIPT_HEBREW:
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
        return true;
    default:
        return false;
    }
}

static bool is_mark(UChar32 cp)
{
    return (U_GET_GC_MASK(cp) & U_GC_M_MASK) != 0;
}

/* Sources that are not what NFKC_Casefold makes of them, each for a reason. */
static bool becomes_space(UChar32 cp)
{
    return cp == 0x2122 || cp == 0x2120 /* (TM), (SM): signs behind a name, no letters of it */
           || (cp >= 0x1F16A && cp <= 0x1F16C) /* raised MC, MD, MR: the same signs in Canada */
           || cp == 0xFDFA; /* a whole phrase in one sign: would set every buffer's size */
}

static bool vanishes(UChar32 cp)
{
    return cp == 0x2800                       /* the blank Braille pattern looks like nothing */
           || cp == 0x0640                    /* stretches an Arabic word, is no part of it */
           || cp == 0x0345                    /* the iota below a letter is a mark like others */
           || (cp >= 0xFFF9 && cp <= 0xFFFB); /* interlinear annotation marks are invisible */
}

static bool is_word(UChar32 cp)
{
    if (is_mark(cp))
        return !is_stripped_script(cp);
    /* These modifier letters look like apostrophes and carets, and separate like those. */
    if (u_charType(cp) == U_MODIFIER_LETTER && cp >= 0x2B9 && cp <= 0x2FF)
        return false;
    return (U_GET_GC_MASK(cp) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
}

/* Appends one code point as UTF-16; returns the new length. */
static int32_t append(UChar *out, int32_t len, UChar32 cp)
{
    assert_true(len + 2 <= UNITS_MAX);
    if (cp < 0x10000) {
        out[len] = (UChar)cp;
        return len + 1;
    }
    out[len] = (UChar)(0xD7C0 + (cp >> 10));
    out[len + 1] = (UChar)(0xDC00 + (cp & 0x3FF));
    return len + 2;
}

static bool is_voicing(UChar32 cp)
{
    return cp == 0x3099 || cp == 0x309A;
}

/* Whether a letter has an iota below: then the iota that case folding puts behind it goes. */
static bool has_iota_below(const UChar *source, int32_t source_len)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar split[UNITS_MAX];
    int32_t len = unorm2_normalize(nfd, source, source_len, split, UNITS_MAX, &error);
    assert_true(U_SUCCESS(error));
    return len > 1 && split[len - 1] == 0x0345;
}

/* What the fold should make of one code point, from what ICU makes of it: letters kept, the rest
   separates, stripped marks vanish. Returns UTF-16 without the spaces at the ends. */
static int32_t expected(UChar32 cp, UChar *out)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar source[UNITS_MAX], folded[UNITS_MAX], kept[UNITS_MAX];
    int32_t kept_len = 0;
    if (becomes_space(cp) || vanishes(cp))
        return 0;
    if (cp == 0x309B || cp == 0x309C)
        return 0; /* spacing voicing marks join a kana before them, and there is none */
    int32_t source_len = append(source, 0, cp);
    int32_t len = unorm2_normalize(casefold, source, source_len, folded, UNITS_MAX, &error);
    UChar split[UNITS_MAX];
    len = unorm2_normalize(nfd, folded, len, split, UNITS_MAX, &error);
    assert_true(U_SUCCESS(error));
    for (int32_t i = 0; i < len;) {
        UChar32 one = split[i++];
        if (one >= 0xD800 && one < 0xDC00)
            one = ((one - 0xD7C0) << 10) + (split[i++] & 0x3FF);
        bool joins = is_voicing(one) && kept_len > 0;
        if ((is_mark(one) && is_stripped_script(one) && !joins) || (is_voicing(one) && !joins))
            continue;
        if (joins || is_word(one))
            kept_len = append(kept, kept_len, one);
        else if (kept_len > 0 && kept[kept_len - 1] != ' ')
            kept[kept_len++] = ' ';
    }
    if (kept_len > 0 && (kept[kept_len - 1] == ' ' || has_iota_below(source, source_len)))
        kept_len--;
    memcpy(out, kept, (size_t)kept_len * sizeof *out);
    return kept_len;
}

/* The fold's own answer, decomposed so that both are compared in one form. */
static int32_t actual(UChar32 cp, UChar *out)
{
    uint8_t text[4];
    char folded[256];
    UErrorCode error = U_ZERO_ERROR;
    UChar wide[UNITS_MAX];
    int32_t wide_len = 0;
    unsigned text_len = fold_encode((uint32_t)cp, text);
    size_t len = fold_text((const char *)text, text_len, folded);
    if (len < 3)
        return 0;
    (void)u_strFromUTF8(wide, UNITS_MAX, &wide_len, folded + 1, (int32_t)len - 2, &error);
    int32_t out_len = unorm2_normalize(nfd, wide, wide_len, out, UNITS_MAX, &error);
    assert_true(U_SUCCESS(error));
    return out_len;
}

/* A space that the fold puts between letters of spaced and unspaced scripts is no difference. */
static int32_t without_spaces(UChar *text, int32_t len)
{
    int32_t kept = 0;
    for (int32_t i = 0; i < len; i++)
        if (text[i] != ' ')
            text[kept++] = text[i];
    return kept;
}

static void every_code_point_folds_as_icu_says_but_for_the_listed_differences(void **state)
{
    (void)state;
    UErrorCode error = U_ZERO_ERROR;
    casefold = unorm2_getNFKCCasefoldInstance(&error);
    nfd = unorm2_getNFDInstance(&error);
    assert_true(U_SUCCESS(error));
    unsigned compared = 0, differ = 0;
    for (UChar32 cp = 0; cp <= 0x10FFFF; cp++) {
        UChar want[UNITS_MAX], got[UNITS_MAX];
        if ((cp >= 0xD800 && cp <= 0xDFFF) || cp == '&')
            continue;
        int32_t want_len = without_spaces(want, expected(cp, want));
        int32_t got_len = without_spaces(got, actual(cp, got));
        compared++;
        if (want_len == got_len && memcmp(want, got, (size_t)want_len * sizeof *want) == 0)
            continue;
        if (differ++ < 20)
            (void)print_message("U+%04X: %d units wanted, %d got\n", (unsigned)cp, want_len,
                                got_len);
    }
    assert_int_equal(differ, 0);
    assert_int_equal(compared, 0x110000 - 2048 - 1);
}

/* Of Kana and Hangul the composed form is what is matched, so it is compared as NFC too. */
static void kana_and_hangul_come_out_as_nfc(void **state)
{
    (void)state;
    UErrorCode error = U_ZERO_ERROR;
    nfc = unorm2_getNFCInstance(&error);
    for (UChar32 cp = 0x1100; cp <= 0xFFDC; cp++) {
        UErrorCode script_error = U_ZERO_ERROR;
        int script = (int)uscript_getScript(cp, &script_error);
        if (script != USCRIPT_HANGUL && script != USCRIPT_KATAKANA && script != USCRIPT_HIRAGANA)
            continue;
        UChar decomposed[UNITS_MAX], composed[UNITS_MAX], unit = (UChar)cp;
        char text[256], folded[512], whole[512];
        int32_t text_len = 0;
        int32_t len = unorm2_normalize(nfd, &unit, 1, decomposed, UNITS_MAX, &error);
        (void)u_strToUTF8(text, sizeof text, &text_len, decomposed, len, &error);
        size_t folded_len = fold_text(text, (size_t)text_len, folded);
        len = unorm2_normalize(nfc, &unit, 1, composed, UNITS_MAX, &error);
        (void)u_strToUTF8(text, sizeof text, &text_len, composed, len, &error);
        assert_true(U_SUCCESS(error));
        size_t whole_len = fold_text(text, (size_t)text_len, whole);
        assert_int_equal(folded_len, whole_len);
        assert_memory_equal(folded, whole, whole_len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_folds_as_icu_says_but_for_the_listed_differences),
        cmocka_unit_test(kana_and_hangul_come_out_as_nfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
