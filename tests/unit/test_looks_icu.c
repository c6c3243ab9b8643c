/*
 * The reading by looks against ICU, over every code point: first the confusables of UTS 39 as the
 * spoof checker knows them, then the whole order in which the sources are believed, written once
 * more from its definition, slow and without our tables.
 */
#include <stdio.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include "matcher/fold.h"
#include "matcher/looks.h"
#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

#define UNITS_MAX   256
#define LINE_BYTES  512
#define POINTS_MAX  64
#define THROUGH_MAX 4

struct points {
    UChar32 cp[POINTS_MAX];
    unsigned count;
};

static USpoofChecker *spoof;
static const UNormalizer2 *nfd, *nfkc, *casefold;
static char own[0x110000][8]; /* lines of looks_own.tsv: letters, "!" for leet and signs */

static int set_up(void **state)
{
    (void)state;
    UErrorCode error = U_ZERO_ERROR;
    spoof = uspoof_open(&error);
    nfd = unorm2_getNFDInstance(&error);
    nfkc = unorm2_getNFKCInstance(&error);
    casefold = unorm2_getNFKCCasefoldInstance(&error);
    FILE *file = fopen("matcher/unicode/looks_own.tsv", "r");
    if (U_FAILURE(error) || file == NULL)
        return -1;
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, file) != NULL) {
        char *end = NULL;
        unsigned long cp = strtoul(line, &end, 16);
        if (line[0] == '#' || cp >= 0x110000)
            continue;
        bool letters = strncmp(end, "\tletters ", 9) == 0;
        (void)snprintf(own[cp], sizeof own[cp], "%.*s", letters ? (int)strcspn(end + 9, "\t") : 1,
                       letters ? end + 9 : "!");
    }
    return fclose(file);
}

static int tear_down(void **state)
{
    (void)state;
    uspoof_close(spoof);
    return 0;
}

static struct points points_of(const UChar *text, int32_t len)
{
    struct points points = {.count = 0};
    for (int32_t i = 0; i < len;) {
        bool pair = U16_IS_LEAD(text[i]) && i + 1 < len;
        assert_true(points.count < POINTS_MAX);
        points.cp[points.count++] = pair ? U16_GET_SUPPLEMENTARY(text[i], text[i + 1]) : text[i];
        i += pair ? 2 : 1;
    }
    return points;
}

static int32_t utf16(UChar32 cp, UChar out[2])
{
    int32_t len = 0;
    U16_APPEND_UNSAFE(out, len, cp);
    return len;
}

/* Without marks, format characters and the apostrophes at the end that skeletons have for hooks. */
static struct points bare(struct points all)
{
    struct points kept = {.count = 0};
    for (unsigned i = 0; i < all.count; i++) {
        uint32_t category = U_GET_GC_MASK(all.cp[i]);
        if ((category & (U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK)) == 0)
            kept.cp[kept.count++] = all.cp[i];
    }
    while (kept.count > 0 && kept.cp[kept.count - 1] == '\'')
        kept.count--;
    return kept;
}

static struct points normal(const UNormalizer2 *form, UChar32 cp)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar in[2], out[UNITS_MAX], apart[UNITS_MAX];
    int32_t len = unorm2_normalize(form, in, utf16(cp, in), out, UNITS_MAX, &error);
    if (form == casefold) {
        len = unorm2_normalize(nfd, out, len, apart, UNITS_MAX, &error);
        memcpy(out, apart, sizeof out);
    }
    assert_true(U_SUCCESS(error));
    return bare(points_of(out, len));
}

static struct points skeleton(UChar32 cp)
{
    UErrorCode error = U_ZERO_ERROR;
    UChar in[2], out[UNITS_MAX];
    int32_t len = uspoof_getSkeleton(spoof, 0, in, utf16(cp, in), out, UNITS_MAX, &error);
    assert_true(U_SUCCESS(error));
    struct points points = bare(points_of(out, len));
    if (points.count == 2 && points.cp[0] == 'r' && points.cp[1] == 'n')
        points = (struct points){.cp = {'m'}, .count = 1}; /* the skeleton of m */
    return points;
}

/* As lower-case letters, if all are ASCII letters or digits and not too many. */
static bool ascii_word(const struct points *points, char out[LOOKS_LETTERS_MAX + 1])
{
    if (points->count == 0 || points->count > LOOKS_LETTERS_MAX)
        return false;
    for (unsigned i = 0; i < points->count; i++) {
        UChar32 cp = points->cp[i];
        if (cp >= 0x80 || (U_GET_GC_MASK(cp) & (U_GC_L_MASK | U_GC_N_MASK)) == 0)
            return false;
        out[i] = (char)u_tolower(cp);
    }
    out[points->count] = '\0';
    return true;
}

static bool begins(const char *text, const char *const *words, size_t count, const char **ret_rest)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(words[i]);
        if (strncmp(text, words[i], len) == 0 && text[len] == ' ') {
            *ret_rest = text + len + 1;
            return true;
        }
    }
    return false;
}

static void name_of(UChar32 cp, char *name, int32_t room)
{
    UErrorCode error = U_ZERO_ERROR;
    (void)u_charName(cp, U_UNICODE_CHAR_NAME, name, room, &error);
    assert_true(U_SUCCESS(error));
}

/* The letter of which the name says that it is a form. */
static char letter_of_name(UChar32 cp)
{
    static const char *const kinds[] = {"LATIN SUBSCRIPT SMALL LETTER",
                                        "LATIN SMALL LETTER",
                                        "LATIN CAPITAL LETTER",
                                        "LATIN LETTER",
                                        "MODIFIER LETTER SMALL",
                                        "MODIFIER LETTER CAPITAL",
                                        "MODIFIER LETTER",
                                        "NEGATIVE SQUARED LATIN CAPITAL LETTER",
                                        "NEGATIVE CIRCLED LATIN CAPITAL LETTER",
                                        "CROSSED NEGATIVE SQUARED LATIN CAPITAL LETTER",
                                        "REGIONAL INDICATOR SYMBOL LETTER"};
    static const char *const shapes[] = {
        "SMALL CAPITAL", "TURNED", "REVERSED", "SIDEWAYS",    "OPEN",    "CLOSED", "DOTLESS",
        "INSULAR",       "SCRIPT", "BARRED",   "BLACKLETTER", "STIRRUP", "LENIS",  "EGYPTOLOGICAL"};
    char name[LINE_BYTES];
    const char *rest = name;
    name_of(cp, name, sizeof name);
    if (cp < 0x80 || !begins(rest, kinds, sizeof kinds / sizeof kinds[0], &rest))
        return '\0';
    while (begins(rest, shapes, sizeof shapes / sizeof shapes[0], &rest))
        continue;
    bool ends = rest[0] != '\0' && (rest[1] == '\0' || strncmp(rest + 1, " WITH ", 6) == 0 ||
                                    strcmp(rest + 1, " DIGRAPH") == 0);
    return ends && rest[0] >= 'A' && rest[0] <= 'Z' ? (char)(rest[0] | 0x20) : '\0';
}

/* Of a script akin to Latin, or a sign that NFKC makes of its letters. */
static bool is_akin(UChar32 cp)
{
    static const char *const first[] = {"LATIN",    "GREEK",     "COPTIC", "CYRILLIC", "ARMENIAN",
                                        "GEORGIAN", "CHEROKEE",  "LISU",   "DIGIT",    "N-ARY",
                                        "PARTIAL",  "INCREMENT", "MICRO"};
    char name[LINE_BYTES];
    const char *rest = NULL;
    name_of(cp, name, sizeof name);
    return begins(name, first, sizeof first / sizeof first[0], &rest);
}

static bool is_same(const struct points *points, UChar32 cp)
{
    return points->count == 1 && points->cp[0] == cp;
}

static bool letters_of(UChar32 cp, unsigned depth, char out[LOOKS_LETTERS_MAX + 1]);

static bool letters_of_all(const struct points *points, unsigned depth,
                           char out[LOOKS_LETTERS_MAX + 1])
{
    size_t len = 0;
    for (unsigned i = 0; i < points->count; i++) {
        char one[LOOKS_LETTERS_MAX + 1];
        if (depth == THROUGH_MAX || !letters_of(points->cp[i], depth + 1, one) ||
            len + strlen(one) > LOOKS_LETTERS_MAX)
            return false;
        memcpy(out + len, one, strlen(one) + 1);
        len += strlen(one);
    }
    return len > 0;
}

static bool letters_through(UChar32 cp, unsigned depth, char out[LOOKS_LETTERS_MAX + 1])
{
    const struct points others[] = {normal(nfd, cp), normal(nfkc, cp), skeleton(cp)};
    for (unsigned i = 0; i < 3; i++) {
        bool akin = others[i].count > 0 && others[i].count <= LOOKS_LETTERS_MAX;
        if (!akin || is_same(&others[i], cp))
            continue;
        for (unsigned j = 0; j < others[i].count; j++)
            akin = akin && is_akin(others[i].cp[j]);
        return akin && letters_of_all(&others[i], depth, out);
    }
    return false;
}

static bool is_letter_in_dress(UChar32 cp)
{
    switch (u_getIntPropertyValue(cp, UCHAR_DECOMPOSITION_TYPE)) {
    case U_DT_CANONICAL:
    case U_DT_FONT:
    case U_DT_CIRCLE:
    case U_DT_SQUARE:
    case U_DT_SUPER:
    case U_DT_SUB:
    case U_DT_WIDE:
    case U_DT_NARROW:
        return true;
    default:
        return cp < 0x80;
    }
}

/* The digits and letters of what folding gives: brackets, full stops and spaces at its ends go. */
static struct points folded(UChar32 cp)
{
    struct points all = normal(casefold, cp), kept = {.count = 0};
    for (unsigned i = 0; cp != 0x0345 && i < all.count; i++) { /* that iota is a mark */
        bool word = (U_GET_GC_MASK(all.cp[i]) & (U_GC_L_MASK | U_GC_N_MASK)) != 0;
        bool apostrophe = u_charType(all.cp[i]) == U_MODIFIER_LETTER && all.cp[i] <= 0x2FF;
        if (word && !apostrophe)
            kept.cp[kept.count++] = all.cp[i];
        else if (kept.count > 0 && i + 1 < all.count)
            return (struct points){.count = 0};
    }
    return kept;
}

static bool letters_of(UChar32 cp, unsigned depth, char out[LOOKS_LETTERS_MAX + 1])
{
    if (own[cp][0] != '\0' && (own[cp][0] != '!' || cp > '9' || cp < '0')) {
        memcpy(out, own[cp], LOOKS_LETTERS_MAX + 1);
        return own[cp][0] != '!';
    }
    struct points fold = folded(cp), direct = skeleton(cp);
    if (ascii_word(&fold, out) &&
        (is_letter_in_dress(cp) || strspn(out, "0123456789") == fold.count))
        return true;
    bool letter =
        (U_GET_GC_MASK(cp) & (U_GC_C_MASK | U_GC_Z_MASK | U_GC_MN_MASK | U_GC_ME_MASK)) == 0;
    if (letter && ascii_word(&direct, out))
        return true;
    out[0] = letter_of_name(cp);
    out[1] = '\0';
    if (out[0] != '\0' || (letter && letters_through(cp, depth, out)) || ascii_word(&fold, out))
        return true;
    return !is_same(&fold, cp) && fold.count == 1 && letters_of_all(&fold, depth, out);
}

static struct looks_unit unit_of(UChar32 cp)
{
    uint8_t bytes[4];
    struct looks_unit unit;
    size_t len = fold_encode((uint32_t)cp, bytes);
    looks_next((const char *)bytes, len, 0, &unit);
    assert_int_equal(unit.to, len);
    return unit;
}

/* Where a reader sees another letter than UTS 39, or a sign rather than a letter. */
static bool differs_on_purpose(UChar32 cp)
{
    static const UChar32 other[] = {
        0x0183,                 /* b with topbar: turned, the g of upside-down text */
        0x01A7, 0x01A8,         /* tone two: a turned S rather than a 2 */
        0x0493,                 /* Cyrillic ghe with stroke: f rather than r */
        0x2016, 0x2225, 0x2226, /* double bars separate like | */
        0x20B6,                 /* one sign, not the letters lt */
    };
    for (unsigned i = 0; i < sizeof other / sizeof other[0]; i++)
        if (other[i] == cp)
            return true;
    return false;
}

static void what_uts_39_confuses_with_ascii_looks_like_it(void **state)
{
    (void)state;
    unsigned checked = 0, purpose = 0, wrong = 0;
    for (UChar32 cp = 0x80; cp < 0x110000; cp++) {
        char word[LOOKS_LETTERS_MAX + 1];
        struct points look = skeleton(cp);
        if (!u_isdefined(cp) || u_charType(cp) == U_SURROGATE || !ascii_word(&look, word))
            continue;
        struct looks_unit unit = unit_of(cp);
        const char *leet = looks_leet((uint32_t)cp);
        bool like = unit.kind == LOOKS_SIGN ? leet != NULL && strchr(leet, word[0]) != NULL
                                            : unit.letters_count == strlen(word);
        for (unsigned i = 0; i < unit.letters_count && like; i++)
            like = looks_alike(unit.letters[i], (uint8_t)word[i]) != 0;
        checked++;
        purpose += !like && differs_on_purpose(cp);
        wrong += like == differs_on_purpose(cp);
        if (like == differs_on_purpose(cp))
            print_message("U+%04X: UTS 39 %s, we %.4s\n", (unsigned)cp, word,
                          (const char *)unit.letters);
    }
    print_message("%u confusables of UTS 39, %u read otherwise on purpose\n", checked, purpose);
    assert_true(checked > 2000);
    assert_int_equal(wrong, 0);
}

static void every_code_point_is_read_by_the_order_of_sources(void **state)
{
    (void)state;
    unsigned letters = 0, wrong = 0;
    for (UChar32 cp = 1; cp < 0x110000; cp++) {
        char word[LOOKS_LETTERS_MAX + 1] = "";
        if (!u_isdefined(cp) || u_charType(cp) == U_SURROGATE || (cp < 0x80 && !u_isalnum(cp)))
            continue;
        struct looks_unit unit = unit_of(cp);
        bool known = letters_of(cp, 0, word);
        bool same = known == (unit.kind == LOOKS_LETTERS) &&
                    (!known || (unit.letters_count == strlen(word) &&
                                memcmp(unit.letters, word, unit.letters_count) == 0));
        letters += known;
        wrong += !same;
        if (!same)
            print_message("U+%04X: %s, we %.4s (kind %u)\n", (unsigned)cp, known ? word : "none",
                          (const char *)unit.letters, (unsigned)unit.kind);
    }
    print_message("%u code points look like ASCII letters\n", letters);
    assert_int_equal(wrong, 0);
}

/* Spacing marks that belong to the kana before them, as the fold has it. */
static bool is_voicing(UChar32 cp)
{
    return cp == 0x309B || cp == 0x309C || cp == 0xFF9E || cp == 0xFF9F;
}

static void spaces_letters_and_signs_are_told_apart_as_unicode_does(void **state)
{
    (void)state;
    const uint32_t signs = /* Arabic number signs are of category Cf */ U_GC_P_MASK | U_GC_S_MASK |
                           U_GC_LM_MASK | U_GC_CO_MASK | U_GC_CF_MASK;
    for (UChar32 cp = 1; cp < 0x110000; cp++) {
        if (!u_isdefined(cp) || u_charType(cp) == U_SURROGATE)
            continue;
        struct looks_unit unit = unit_of(cp);
        uint32_t category = U_GET_GC_MASK(cp);
        if (u_isUWhiteSpace(cp))
            assert_int_equal(unit.kind, LOOKS_SPACE);
        else if (u_hasBinaryProperty(cp, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) || cp == 0x2800)
            assert_int_equal(unit.kind, LOOKS_NOTHING);
        else if (unit.kind == LOOKS_SPACE)
            fail_msg("U+%04X is no space", (unsigned)cp);
        else if (unit.kind == LOOKS_FOREIGN)
            assert_true((category & (U_GC_L_MASK | U_GC_N_MASK)) != 0);
        else if (unit.kind == LOOKS_SIGN) /* or a phrase, or Arabic vowel signs by themselves */
            assert_true((category & signs) != 0 || cp == 0xFDFA || folded(cp).count == 0);
        else if (unit.kind == LOOKS_NOTHING)
            assert_true((category & (U_GC_M_MASK | U_GC_C_MASK)) != 0 || cp == 0x0640 ||
                        is_voicing(cp));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_uts_39_confuses_with_ascii_looks_like_it),
        cmocka_unit_test(every_code_point_is_read_by_the_order_of_sources),
        cmocka_unit_test(spaces_letters_and_signs_are_told_apart_as_unicode_does),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
