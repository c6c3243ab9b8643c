/*
 * Build-time generator of the fold tables: reads the .tsv files of the folder given, writes C to
 * standard output. The policy of the fold (what is stripped, what counts as a word) stands here.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/fold.h"
#include "matcher/fold_tables.h"
#include "matcher/matcher.h"
#include "matcher/unicode/ucd.h"

#define IOTA_BELOW    0x0345u
#define SEQUENCES_MAX 65536u

static uint32_t sequences[SEQUENCES_MAX];
static size_t sequences_count;
static uint64_t entries[CODE_POINTS];

static void take_case(uint32_t first, uint32_t last, char *const *cell)
{
    (void)last;
    struct seq seq = ucd_read_seq(cell[1]);
    (void)printf("{0x%X,{0x%X,0x%X,0x%X}},\n", first, seq.cp[0], seq.count > 1 ? seq.cp[1] : 0,
                 seq.count > 2 ? seq.cp[2] : 0);
}

static void take_entity(uint32_t first, uint32_t last, char *const *cell)
{
    (void)first;
    (void)last;
    if (strlen(cell[0]) >= FOLD_ENTITY_BYTES_MAX)
        ucd_die("name too long", cell[0]);
    (void)printf("{\"%s\",0x%s,%d},\n", cell[0], cell[1], cell[2][0] == '+');
}

/* What becomes a space although NFKC makes letters of it: signs that follow a name and are no part
   of it, and the ligature of a whole phrase, which would set the size of every buffer. */
static bool is_sign(uint32_t cp)
{
    return cp == 0x2122 || cp == 0x2120 || (cp >= 0x1F16A && cp <= 0x1F16C) || cp == 0xFDFA;
}

/* What vanishes although NFKC keeps it: the blank Braille pattern, the Arabic stretching dash,
   interlinear annotation marks, the iota below a letter (a mark among marks to whoever heaps them
   on Latin letters, though case folding makes a letter of it). (Default-ignorable code points
   vanish by NFKC_Casefold.) */
static bool is_blank(uint32_t cp)
{
    return cp == 0x2800 || cp == 0x0640 || cp == IOTA_BELOW || (cp >= 0xFFF9 && cp <= 0xFFFB);
}

static enum fold_class class_of(uint32_t cp)
{
    if (cp == 0x3099 || cp == 0x309A)
        return FOLD_UNSPACED;
    if (ucd.general[cp] == 0)
        return FOLD_SPACE;
    /* Modifier letters that look like apostrophes, colons and carets separate like those. */
    if (ucd.general[cp] == 'm' && cp >= 0x2B9 && cp <= 0x2FF)
        return FOLD_SPACE;
    if (ucd.general[cp] == 'M' && ucd.script[cp] == SCRIPT_STRIPPED)
        return FOLD_IGNORE;
    return ucd.script[cp] == SCRIPT_UNSPACED ? FOLD_UNSPACED : FOLD_WORD;
}

static void decompose(uint32_t cp, struct seq *out)
{
    bool voiced = ucd.canon[cp][1] == 0x3099 || ucd.canon[cp][1] == 0x309A;
    if (ucd.canon[cp][0] != 0 && !voiced) {
        decompose(ucd.canon[cp][0], out);
        if (ucd.canon[cp][1] != 0)
            decompose(ucd.canon[cp][1], out);
        return;
    }
    enum fold_class class = class_of(cp);
    if (class == FOLD_IGNORE ||
        (class == FOLD_SPACE && out->count > 0 && out->cp[out->count - 1] == ' '))
        return;
    out->cp[out->count++] = class == FOLD_SPACE ? ' ' : cp;
}

/* Whether a letter has an iota below, of which case folding makes a letter behind it. */
static bool has_iota_below(uint32_t cp)
{
    while (ucd.canon[cp][0] != 0) {
        if (ucd.canon[cp][1] == IOTA_BELOW)
            return true;
        cp = ucd.canon[cp][0];
    }
    return false;
}

static uint64_t cold(enum fold_kind kind, enum fold_class class, uint32_t payload)
{
    return FOLD_COLD | (uint64_t) class << FOLD_CLASS_SHIFT | (uint64_t)kind << FOLD_LEN_SHIFT |
           payload;
}

/* Jamo that join what stands before them. */
static bool is_vowel_jamo(uint32_t cp)
{
    return cp >= 0x1161 && cp <= 0x1175;
}

static bool is_tail_jamo(uint32_t cp)
{
    return cp >= 0x11A8 && cp <= 0x11C2;
}

static uint64_t entry_of_sequence(const struct seq *seq)
{
    uint8_t bytes[4 * SEQ_MAX];
    unsigned len = 0;
    bool simple = true;
    for (unsigned i = 0; i < seq->count; i++) {
        len += fold_encode(seq->cp[i], bytes + len);
        simple =
            simple && class_of(seq->cp[i]) == class_of(seq->cp[0]) && ucd.order[seq->cp[i]] == 0;
        simple = simple && !is_vowel_jamo(seq->cp[i]) && !is_tail_jamo(seq->cp[i]);
    }
    if (simple && len <= 6) {
        uint64_t entry = (uint64_t)class_of(seq->cp[0]) << FOLD_CLASS_SHIFT | (uint64_t)len
                                                                                  << FOLD_LEN_SHIFT;
        for (unsigned i = 0; i < len; i++)
            entry |= (uint64_t)bytes[i] << (8 * i);
        return entry;
    }
    size_t at = sequences_count;
    if (at + seq->count + 1 > SEQUENCES_MAX)
        ucd_die("too many sequences", "");
    sequences[sequences_count++] = seq->count;
    for (unsigned i = 0; i < seq->count; i++)
        sequences[sequences_count++] = seq->cp[i];
    return cold(FOLD_KIND_SEQUENCE, FOLD_SPACE, (uint32_t)at);
}

static uint64_t entry_of(uint32_t cp)
{
    static const uint64_t space = (uint64_t)FOLD_SPACE << FOLD_CLASS_SHIFT;
    static const uint64_t ignore = (uint64_t)FOLD_IGNORE << FOLD_CLASS_SHIFT;
    if (cp == '&' || cp == '%' || cp == '\\' || cp == '<')
        return cold(FOLD_KIND_NOTATION, FOLD_SPACE, 0);
    if (is_sign(cp))
        return space;
    if (is_blank(cp))
        return ignore;
    if (cp == 0x309B || cp == 0x309C)
        return cold(FOLD_KIND_VOICING, FOLD_UNSPACED, cp - 2);
    struct seq out = {.count = 0}, self = {.cp = {cp}, .count = 1};
    const struct seq *mapped = ucd.nfkc_of[cp] != 0 ? &ucd.nfkc[ucd.nfkc_of[cp]] : &self;
    for (unsigned i = 0; i + has_iota_below(cp) < mapped->count; i++)
        decompose(mapped->cp[i], &out);
    if (out.count == 0)
        return ignore;
    if (out.count > 1)
        return entry_of_sequence(&out);
    uint32_t one = out.cp[0];
    if (one == ' ')
        return space;
    if (one == 0x3099 || one == 0x309A)
        return cold(FOLD_KIND_VOICING, FOLD_UNSPACED, one);
    if (is_vowel_jamo(one))
        return cold(FOLD_KIND_VOWEL, FOLD_UNSPACED, one);
    if (is_tail_jamo(one))
        return cold(FOLD_KIND_TAIL, FOLD_UNSPACED, one);
    if (ucd.order[one] != 0)
        return cold(FOLD_KIND_MARK, class_of(one), one);
    return entry_of_sequence(&out);
}

static bool stays(uint32_t cp, enum fold_class class)
{
    uint8_t bytes[4];
    unsigned len = fold_encode(cp, bytes);
    uint64_t same = (uint64_t) class << FOLD_CLASS_SHIFT | (uint64_t)len << FOLD_LEN_SHIFT;
    for (unsigned i = 0; i < len; i++)
        same |= (uint64_t)bytes[i] << (8 * i);
    return entries[cp] == same;
}

static void print_entries(const char *type, const uint64_t *entry, size_t count)
{
    (void)printf("%s{", type);
    for (size_t i = 0; i < count; i++)
        (void)printf("0x%llxull,%s", (unsigned long long)entry[i], i % 8 == 7 ? "\n" : "");
    (void)printf("}");
}

static void print_trie(void)
{
    static uint16_t stage1[CODE_POINTS >> 6];
    unsigned blocks = 0;
    (void)printf("const uint64_t fold_two[2048] = ");
    print_entries("", entries, 2048);
    (void)printf(";\nconst uint64_t fold_blocks[][64] = {\n");
    for (uint32_t page = 0; page < CODE_POINTS >> 6; page++) {
        const uint64_t *entry = &entries[page << 6];
        bool same = true;
        for (uint32_t i = 0; i < 64; i++)
            same = same && stays((page << 6) + i, FOLD_UNSPACED);
        uint32_t seen = 0;
        while (seen < page && (stage1[seen] == FOLD_BLOCK_SAME ||
                               memcmp(entry, &entries[seen << 6], 64 * sizeof *entry) != 0))
            seen++;
        stage1[page] = (uint16_t)(same ? FOLD_BLOCK_SAME : seen < page ? stage1[seen] : blocks);
        if (same || seen < page)
            continue;
        print_entries("", entry, 64);
        (void)printf(",\n");
        blocks++;
    }
    (void)printf("};\nconst uint16_t fold_stage1[0x4400] = {\n");
    for (uint32_t page = 0; page < CODE_POINTS >> 6; page++)
        (void)printf("%u,%s", stage1[page], page % 16 == 15 ? "\n" : "");
    (void)printf("};\nconst uint32_t fold_sequences[] = {\n");
    for (size_t i = 0; i < sequences_count; i++)
        (void)printf("0x%X,%s", sequences[i], i % 16 == 15 ? "\n" : "");
    (void)printf("};\n");
}

static void print_ranges(const char *name, const uint8_t *value)
{
    size_t count = 0;
    (void)printf("const struct fold_range %s[] = {\n", name);
    for (uint32_t first = 0, last = 0; first < CODE_POINTS; first = last + 1) {
        last = first;
        while (last + 1 < CODE_POINTS && value[last + 1] == value[first])
            last++;
        if (value[first] != 0)
            (void)printf("{0x%X,0x%X,%u},\n", first, last, (count++, value[first]));
    }
    (void)printf("};\nconst size_t %s_count = %zu;\n", name, count);
}

static int by_pair(const void *left, const void *right)
{
    const struct fold_pair *a = left, *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return a->second < b->second ? -1 : a->second > b->second;
}

static void print_pairs(void)
{
    static struct fold_pair pair[4096];
    size_t count = 0;
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++)
        if (ucd.composes[cp] && count < 4096)
            pair[count++] = (struct fold_pair){ucd.canon[cp][0], ucd.canon[cp][1], cp};
    qsort(pair, count, sizeof pair[0], by_pair);
    (void)printf("const struct fold_pair fold_pairs[] = {\n");
    for (size_t i = 0; i < count; i++)
        (void)printf("{0x%X,0x%X,0x%X},\n", pair[i].first, pair[i].second, pair[i].composed);
    (void)printf("};\nconst size_t fold_pairs_count = %zu;\n", count);
}

/* An accent is a stripped mark in the canonical decomposition of a letter. */
static bool has_accent(uint32_t cp)
{
    for (; ucd.canon[cp][0] != 0; cp = ucd.canon[cp][0])
        if (ucd.canon[cp][1] != 0 && class_of(ucd.canon[cp][1]) == FOLD_IGNORE)
            return true;
    return false;
}

static void print_pack(void)
{
    (void)printf("const uint64_t fold_pack[256] = {\n");
    for (unsigned mask = 0; mask < 256; mask++) {
        uint64_t shuffle = 0x8080808080808080ull;
        unsigned kept = 0;
        for (unsigned i = 0; i < 8; i++) {
            if ((mask >> i & 1) == 0)
                continue;
            shuffle &= ~(0xFFull << (8 * kept));
            shuffle |= (uint64_t)i << (8 * kept++);
        }
        (void)printf("0x%llxull,%s", (unsigned long long)shuffle, mask % 4 == 3 ? "\n" : "");
    }
    (void)printf("};\n");
}

/* The code points of two bytes that become at most as many, byte by byte, for paths that look many
   up at once. */
static void print_bytes(const char *name, bool second)
{
    (void)printf("const uint8_t %s[2048] = {\n", name);
    for (uint32_t cp = 0; cp < 2048; cp++) {
        uint64_t entry = entries[cp];
        unsigned len = (unsigned)(entry >> FOLD_LEN_SHIFT & 0xFF);
        unsigned class = (unsigned)(entry >> FOLD_CLASS_SHIFT & 3), byte = 0;
        if ((entry & FOLD_COLD) == 0 && class == FOLD_WORD && (len == 1 || len == 2))
            byte = (unsigned)(entry >> (second ? 8 : 0) & 0xFF);
        else if ((entry & FOLD_COLD) == 0 && class == FOLD_SPACE && !second)
            byte = ' ';
        (void)printf("%u,%s", byte, cp % 16 == 15 ? "\n" : "");
    }
    (void)printf("};\n");
}

/* Bits of enum fold_three. */
static unsigned three_of(uint32_t cp)
{
    uint64_t entry = entries[cp];
    enum fold_class class = (enum fold_class)(entry >> FOLD_CLASS_SHIFT & 3);
    bool surrogate = cp >= 0xD800 && cp < 0xE000;
    bool mark = (entry & FOLD_COLD) != 0 && (entry >> FOLD_LEN_SHIFT & 0xFF) == FOLD_KIND_MARK;
    unsigned bits = FOLD_THREE_WORD | (class == FOLD_UNSPACED ? FOLD_THREE_UNSPACED : 0u);
    if (cp < 0x800 || surrogate)
        return 0;
    if (mark)
        return (uint32_t)entry == cp ? bits | FOLD_THREE_MARK : 0;
    if ((entry & FOLD_COLD) != 0)
        return 0;
    if (class == FOLD_SPACE)
        return FOLD_THREE_SPACE;
    return stays(cp, class) ? bits : 0;
}

static void print_threes(void)
{
    static uint8_t bits[0x10000];
    (void)printf("const uint8_t fold_threes[0x10000] = {\n");
    for (uint32_t cp = 0; cp < sizeof bits; cp++) {
        bits[cp] = (uint8_t)three_of(cp);
        (void)printf("%u,%s", bits[cp], cp % 16 == 15 ? "\n" : "");
    }
    (void)printf("};\nconst uint8_t fold_three_pages[1024] = {\n");
    for (uint32_t page = 0; page < sizeof bits / 64; page++) {
        const uint8_t *of = bits + page * 64;
        bool same = memcmp(of, of + 1, 63) == 0;
        (void)printf("%u,%s", same ? of[0] : FOLD_THREE_MIXED, page % 16 == 15 ? "\n" : "");
    }
    (void)printf("};\n");
}

int main(int argc, char **argv)
{
    const char *folder = argc == 2 ? argv[1] : ".";
    ucd_read(folder);
    for (uint32_t cp = 0; cp < CODE_POINTS; cp++) {
        entries[cp] = entry_of(cp);
        if (has_accent(cp))
            ucd.bits[cp] |= MATCHER_TECHNIQUE_ACCENT;
    }
    (void)printf("/* Generated by matcher/unicode/make_tables.c. */\n"
                 "#include \"matcher/fold_tables.h\"\n");
    print_trie();
    print_ranges("fold_orders", ucd.order);
    print_ranges("fold_bits", ucd.bits);
    print_pairs();
    print_pack();
    print_bytes("fold_first", false);
    print_bytes("fold_second", true);
    print_threes();
    (void)printf("const struct fold_case fold_cases[] = {\n");
    size_t cases = ucd_each_line(folder, "casefold.tsv", take_case, true);
    (void)printf("};\nconst size_t fold_cases_count = %zu;\n", cases);
    (void)printf("const struct fold_entity fold_entities[] = {\n");
    size_t entities = ucd_each_line(folder, "entities.tsv", take_entity, false);
    (void)printf("};\nconst size_t fold_entities_count = %zu;\n", entities);
    if (fflush(stdout) != 0 || ferror(stdout))
        ucd_die("cannot write", folder);
    return 0;
}
