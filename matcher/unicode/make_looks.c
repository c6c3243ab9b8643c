/*
 * Build-time generator of the tables of the reading by looks: reads the .tsv files of the folder
 * given, asks the fold what language makes of each code point, writes C to standard output. The
 * order in which the sources are believed stands here.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/fold_trace.h"
#include "matcher/looks_tables.h"
#include "matcher/matcher.h"
#include "matcher/unicode/ucd.h"

#define PAGES       (LOOKS_TABLE_END >> LOOKS_BLOCK_SHIFT)
#define BLOCKS_MAX  4096u
#define THROUGH_MAX 4u /* steps from one code point to the next until one is known */

enum source { SOURCE_NONE = 0, SOURCE_TABLE, SOURCE_OWN };

struct look {
    uint8_t source;  /* enum source */
    bool sign, leet; /* own lines only */
    char letters[LOOKS_LETTERS_MAX + 1];
    uint32_t through[LOOKS_LETTERS_MAX]; /* 0 ends a shorter one */
};

static struct look looks[CODE_POINTS];
static struct looks_word words[LOOKS_INDEX_MAX + 1];
static unsigned words_count;
static char leets[LOOKS_INDEX_MAX + 1][LOOKS_LEET_BYTES];
static unsigned leets_count = 1;
static uint16_t entries[CODE_POINTS];

static bool is_ascii_alnum(uint32_t cp)
{
    return (cp >= '0' && cp <= '9') || ((cp | 0x20) >= 'a' && (cp | 0x20) <= 'z' && cp < 0x80);
}

static void copy_letters(const char *cell, char *out, size_t max)
{
    size_t len = strlen(cell);
    if (len == 0 || len > max)
        ucd_die("bad letters", cell);
    for (size_t i = 0; i < len; i++) {
        if (!is_ascii_alnum((uint8_t)cell[i]))
            ucd_die("bad letters", cell);
        bool upper = cell[i] >= 'A' && cell[i] <= 'Z';
        out[i] = (char)(upper ? cell[i] | 0x20 : cell[i]);
    }
}

static void take_table(uint32_t first, uint32_t last, char *const *cell)
{
    (void)last;
    struct look *look = &looks[first];
    look->source = SOURCE_TABLE;
    if (cell[1][0] != '=') {
        copy_letters(cell[1], look->letters, LOOKS_LETTERS_MAX);
        return;
    }
    struct seq seq = ucd_read_seq(cell[1] + 1);
    if (seq.count == 0 || seq.count > LOOKS_LETTERS_MAX)
        ucd_die("bad sequence", cell[1]);
    memcpy(look->through, seq.cp, seq.count * sizeof seq.cp[0]);
}

static void take_own(uint32_t first, uint32_t last, char *const *cell)
{
    (void)last;
    if (cell[2][0] == '\0')
        ucd_die("no reason given", cell[0]);
    if (looks[first].source == SOURCE_OWN)
        ucd_die("a second line for", cell[0]);
    struct look look = {.source = SOURCE_OWN};
    look.sign = strcmp(cell[1], "sign") == 0;
    look.leet = strncmp(cell[1], "leet ", 5) == 0;
    if (look.leet)
        copy_letters(cell[1] + 5, look.letters, LOOKS_LEET_BYTES - 1);
    else if (strncmp(cell[1], "letters ", 8) == 0)
        copy_letters(cell[1] + 8, look.letters, LOOKS_LETTERS_MAX);
    else if (!look.sign)
        ucd_die("neither letters, leet nor sign", cell[1]);
    looks[first] = look;
}

/* Folds prefix, cp and prefix; returns the result without the spaces at its ends. */
static const char *fold_of(const char *prefix, uint32_t cp)
{
    static char text[32], out[sizeof text * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES];
    uint8_t bytes[4];
    unsigned len = fold_encode(cp, bytes);
    size_t text_len = 0;
    for (unsigned i = 0; prefix[i] != '\0'; i++)
        text[text_len++] = prefix[i];
    memcpy(text + text_len, bytes, len);
    text_len += len;
    for (unsigned i = 0; prefix[i] != '\0'; i++)
        text[text_len++] = prefix[i];
    size_t out_len = fold_text(text, text_len, out);
    out[out_len > 1 ? out_len - 1 : 1] = '\0';
    return out + 1;
}

/* The fold of cp if it is one ASCII word of a few letters. */
static bool fold_word(uint32_t cp, char letters[LOOKS_LETTERS_MAX + 1])
{
    const char *folded = fold_of("", cp);
    size_t len = strlen(folded);
    if (len == 0 || len > LOOKS_LETTERS_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_ascii_alnum((uint8_t)folded[i]))
            return false;
    memcpy(letters, folded, len + 1);
    return true;
}

/* The one code point, another than cp, that the fold makes of cp; 0 if there is none. */
static uint32_t fold_single(uint32_t cp)
{
    const char *folded = fold_of("", cp);
    size_t len = strlen(folded);
    uint32_t one = 0;
    if (len == 0 || fold_decode((const uint8_t *)folded, len, &one) != len)
        return 0;
    return one == cp ? 0 : one;
}

static bool letters_of(uint32_t cp, char letters[LOOKS_LETTERS_MAX + 1]);

/* The letters of each of the code points that cp looks like. */
static bool letters_through(const struct look *look, char letters[LOOKS_LETTERS_MAX + 1])
{
    static unsigned depth;
    char all[LOOKS_LETTERS_MAX + 1] = "";
    bool known = depth < THROUGH_MAX;
    depth++;
    for (unsigned i = 0; known && i < LOOKS_LETTERS_MAX && look->through[i] != 0; i++) {
        char one[LOOKS_LETTERS_MAX + 1] = "";
        known = letters_of(look->through[i], one) && strlen(all) + strlen(one) <= LOOKS_LETTERS_MAX;
        if (known)
            memcpy(all + strlen(all), one, strlen(one) + 1);
    }
    depth--;
    if (known)
        memcpy(letters, all, sizeof all);
    return known && all[0] != '\0';
}

/* Our own line first; then what is the ASCII letter or digit itself in another dress (mathematical,
   wide, with an accent); then what looks like one; then what folds to one, or to something like
   one. */
static bool letters_of(uint32_t cp, char letters[LOOKS_LETTERS_MAX + 1])
{
    const struct look *look = &looks[cp];
    const unsigned dress =
        MATCHER_TECHNIQUE_COMPAT | MATCHER_TECHNIQUE_WIDTH | MATCHER_TECHNIQUE_ACCENT;
    if (look->source == SOURCE_OWN) {
        if (look->sign || look->leet)
            return is_ascii_alnum(cp) ? fold_word(cp, letters) : false;
        memcpy(letters, look->letters, sizeof look->letters);
        return true;
    }
    bool folds = fold_word(cp, letters);
    if (folds && (cp < 0x80 || (fold_bits_of(cp) & dress) != 0 ||
                  strspn(letters, "0123456789") == strlen(letters)))
        return true;
    if (look->source == SOURCE_TABLE && look->letters[0] != '\0') {
        memcpy(letters, look->letters, sizeof look->letters);
        return true;
    }
    if (look->source == SOURCE_TABLE && letters_through(look, letters))
        return true;
    if (folds)
        return fold_word(cp, letters);
    uint32_t single = fold_single(cp);
    struct look folded = {.through = {single}};
    return single != 0 && letters_through(&folded, letters);
}

static unsigned leet_index(const char *letters)
{
    for (unsigned i = 0; i < leets_count; i++)
        if (strcmp(leets[i], letters) == 0)
            return i;
    if (leets_count > LOOKS_INDEX_MAX)
        ucd_die("too many signs", letters);
    memcpy(leets[leets_count], letters, strlen(letters) + 1);
    return leets_count++;
}

static unsigned word_index(const char *letters)
{
    struct looks_word word = {.count = (uint8_t)strlen(letters)};
    memcpy(word.letters, letters, word.count);
    if (word.count == 1 && letters[0] <= '9')
        word.leet = (uint8_t)leet_index(looks[(uint8_t)letters[0]].letters);
    for (unsigned i = 0; i < words_count; i++)
        if (memcmp(&words[i], &word, sizeof word) == 0)
            return i;
    if (words_count > LOOKS_INDEX_MAX)
        ucd_die("too many words", letters);
    words[words_count] = word;
    return words_count++;
}

/* Letters that living languages write: honest text has them, as it has accents. */
static bool is_european(uint32_t cp)
{
    return (cp >= 0xC0 && cp <= 0x17F && cp != 0xD7 && cp != 0xF7 && cp != 0x17F) ||
           (cp >= 0x218 && cp <= 0x21B) || cp == 0x1E9E;
}

/* The letters that a sign, or the sign that NFKC makes of it (a wide $), may stand for. */
static unsigned leet_of(uint32_t cp)
{
    const struct seq *mapped = &ucd.nfkc[ucd.nfkc_of[cp]];
    if (!looks[cp].leet && ucd.nfkc_of[cp] != 0 && mapped->count == 1)
        cp = mapped->cp[0];
    return looks[cp].leet ? leet_index(looks[cp].letters) : 0;
}

/* Mathematical digits, and letters and digits in parentheses: the fold notes nothing of them, for
   it makes digits and several words of them. */
static bool is_dress(uint32_t cp)
{
    return (cp >= 0x1D7CE && cp <= 0x1D7FF) || (cp >= 0x1FBF0 && cp <= 0x1FBF9) ||
           looks_is_in_parentheses(cp);
}

static uint16_t entry_of(uint32_t cp)
{
    char letters[LOOKS_LETTERS_MAX + 1] = "";
    if (cp >= 0xD800 && cp <= 0xDFFF)
        return LOOKS_SIGN;
    if (letters_of(cp, letters)) {
        unsigned techniques = fold_bits_of(cp) & LOOKS_TECHNIQUES_MASK;
        char folded[LOOKS_LETTERS_MAX + 1] = "";
        techniques |= is_dress(cp) ? MATCHER_TECHNIQUE_COMPAT : 0;
        bool same = fold_word(cp, folded) && strcmp(folded, letters) == 0;
        if (!same)
            techniques |= is_european(cp) ? MATCHER_TECHNIQUE_ACCENT : MATCHER_TECHNIQUE_CONFUSABLE;
        return (uint16_t)(LOOKS_LETTERS | techniques | word_index(letters) << LOOKS_INDEX_SHIFT);
    }
    unsigned leet = leet_of(cp);
    if (leet != 0)
        return (uint16_t)(LOOKS_SIGN | leet << LOOKS_INDEX_SHIFT);
    if (fold_is_space(cp))
        return LOOKS_SPACE;
    bool control = cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
    if (control || fold_is_odd_invisible(cp))
        return LOOKS_NOTHING | LOOKS_NOTHING_ODD << LOOKS_INDEX_SHIFT;
    if (ucd.general[cp] == 'M' && !fold_is_invisible(cp))
        return LOOKS_NOTHING | LOOKS_NOTHING_MARK << LOOKS_INDEX_SHIFT;
    if (strcmp(fold_of("a", cp), "aa") == 0)
        return LOOKS_NOTHING;
    bool separates = ucd.general[cp] == 0 || fold_of("", cp)[0] == '\0';
    return separates || looks[cp].sign ? LOOKS_SIGN : LOOKS_FOREIGN;
}

/* What looks_high answers without a table must be what a table would say. */
static void check_high(void)
{
    for (uint32_t cp = LOOKS_TABLE_END; cp < CODE_POINTS; cp++)
        if (ucd.general[cp] != 0 && entries[cp] != looks_high(cp))
            ucd_die("a code point behind the table", "see looks_high");
}

static void print_trie(void)
{
    static uint16_t stage1[PAGES];
    static uint32_t first_page[BLOCKS_MAX];
    unsigned blocks = 0;
    (void)printf("const uint16_t looks_blocks[][LOOKS_BLOCK_COUNT] = {\n");
    for (uint32_t page = 0; page < PAGES; page++) {
        const uint16_t *block = &entries[page << LOOKS_BLOCK_SHIFT];
        unsigned seen = 0;
        while (seen < blocks && memcmp(block, &entries[first_page[seen] << LOOKS_BLOCK_SHIFT],
                                       LOOKS_BLOCK_COUNT * sizeof *block) != 0)
            seen++;
        stage1[page] = (uint16_t)seen;
        if (seen < blocks)
            continue;
        if (blocks == BLOCKS_MAX)
            ucd_die("too many blocks", "");
        first_page[blocks++] = page;
        (void)printf("{");
        for (unsigned i = 0; i < LOOKS_BLOCK_COUNT; i++)
            (void)printf("%u,", block[i]);
        (void)printf("},\n");
    }
    (void)printf("};\nconst uint16_t looks_stage1[LOOKS_TABLE_END >> LOOKS_BLOCK_SHIFT] = {\n");
    for (uint32_t page = 0; page < PAGES; page++)
        (void)printf("%u,%s", stage1[page], page % 32 == 31 ? "\n" : "");
    (void)printf("};\n");
}

static void print_words(void)
{
    (void)printf("const struct looks_word looks_words[] = {\n");
    for (unsigned i = 0; i < words_count; i++) {
        const struct looks_word *word = &words[i];
        (void)printf("{{%u,%u,%u,%u},%u,%u},\n", word->letters[0], word->letters[1],
                     word->letters[2], word->letters[3], word->count, word->leet);
    }
    (void)printf("};\nconst char looks_leets[][LOOKS_LEET_BYTES] = {\n");
    for (unsigned i = 0; i < leets_count; i++)
        (void)printf("\"%s\",\n", leets[i]);
    (void)printf("};\n");
}

/* What needs more than a look at the byte. */
static bool is_notation(uint32_t cp)
{
    return cp == '&' || cp == '%' || cp == '\\' || cp == '<';
}

/* Whole units of the ASCII bytes that stand for themselves; the others have to == 0. */
static void print_units(void)
{
    (void)printf("const struct looks_unit looks_units[256] = {\n");
    for (uint32_t cp = 0; cp < 0x80; cp++) {
        unsigned kind = entries[cp] & LOOKS_KIND_MASK, index = entries[cp] >> LOOKS_INDEX_SHIFT;
        const struct looks_word none = {.leet = kind == LOOKS_SIGN ? (uint8_t)index : 0};
        const struct looks_word *word = kind == LOOKS_LETTERS ? &words[index] : &none;
        if (kind == LOOKS_NOTHING || is_notation(cp))
            (void)printf("{0},\n");
        else
            (void)printf("{%u,0,1,%u,{%u},%u,0,%zu},\n", kind, cp, word->letters[0], word->count,
                         strlen(leets[word->leet]));
    }
    (void)printf("};\n");
}

static void print_ascii(void)
{
    (void)printf("const uint8_t looks_ascii[256] = {\n");
    for (uint32_t cp = 0; cp < 0x80; cp++) {
        unsigned kind = entries[cp] & LOOKS_KIND_MASK;
        bool notation = is_notation(cp);
        unsigned plain = kind == LOOKS_LETTERS ? words[entries[cp] >> LOOKS_INDEX_SHIFT].letters[0]
                         : kind == LOOKS_SPACE ? LOOKS_ASCII_SPACE
                         : kind == LOOKS_SIGN && !notation ? LOOKS_ASCII_SIGN
                                                           : LOOKS_ASCII_ASK;
        (void)printf("%u,%s", plain, cp % 32 == 31 ? "\n" : "");
    }
    (void)printf("};\n");
}

int main(int argc, char **argv)
{
    const char *folder = argc == 2 ? argv[1] : ".";
    ucd_read(folder);
    (void)ucd_each_line(folder, "confusables.tsv", take_table, true);
    (void)ucd_each_line(folder, "looks_own.tsv", take_own, true);
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++)
        entries[cp] = entry_of(cp);
    check_high();
    (void)printf("/* Generated by matcher/unicode/make_looks.c. */\n"
                 "#include \"matcher/looks_tables.h\"\n");
    print_trie();
    print_words();
    print_ascii();
    print_units();
    if (fflush(stdout) != 0 || ferror(stdout))
        ucd_die("cannot write", folder);
    return 0;
}
