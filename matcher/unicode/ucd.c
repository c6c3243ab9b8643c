/*
 * Reads the .tsv files of this folder into arrays by code point.
 */
#include "matcher/unicode/ucd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/matcher.h"

struct ucd ucd;
static size_t nfkc_count = 1;

/* Scripts whose texts put no spaces between words. */
static const char *const unspaced[] = {
    "Han",   "Hiragana", "Katakana", "Hangul",   "Bopomofo", "Thai",        "Lao",
    "Khmer", "Myanmar",  "Yi",       "Tibetan",  "Tai_Le",   "Tai_Tham",    "Tai_Viet",
    "Cham",  "Tangut",   "Nushu",    "Javanese", "Balinese", "New_Tai_Lue", "Khitan_Small_Script"};
/* Scripts whose combining marks are dropped: what remains is still the same word to a reader. */
static const char *const stripped[] = {"Latin",  "Greek",  "Cyrillic", "Arabic",
                                       "Hebrew", "Common", "Inherited"};

void ucd_die(const char *what, const char *line)
{
    (void)fprintf(stderr, "make_tables: %s: %s\n", what, line);
    exit(1);
}

static bool one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static void read_range(const char *cell, uint32_t *first, uint32_t *last)
{
    char *end = NULL;
    *first = *last = (uint32_t)strtoul(cell, &end, 16);
    if (strncmp(end, "..", 2) == 0)
        *last = (uint32_t)strtoul(end + 2, NULL, 16);
    if (*first > *last || *last >= CODE_POINTS)
        ucd_die("bad range", cell);
}

struct seq ucd_read_seq(const char *cell)
{
    struct seq seq = {.count = 0};
    char *end = NULL;
    for (const char *at = cell; *at != '\0'; at = end) {
        if (seq.count == SEQ_MAX)
            ucd_die("sequence too long", cell);
        seq.cp[seq.count++] = (uint32_t)strtoul(at, &end, 16);
        if (end == at)
            ucd_die("bad sequence", cell);
    }
    return seq;
}

static void take_nfkc(uint32_t first, uint32_t last, char *const *cell)
{
    static const char *const looks[] = {"font", "circle", "square", "super", "sub"};
    ucd.nfkc = realloc(ucd.nfkc, (nfkc_count + 1) * sizeof *ucd.nfkc);
    if (ucd.nfkc == NULL)
        ucd_die("no memory", cell[0]);
    struct seq seq = ucd.nfkc[nfkc_count] = ucd_read_seq(cell[1]);
    for (uint32_t cp = first; cp <= last; cp++) {
        ucd.nfkc_of[cp] = (uint32_t)nfkc_count;
        bool letter = seq.count == 1 && seq.cp[0] > '9';
        bool ordinal = cp == 0xAA || cp == 0xBA; /* Spanish and Italian write these */
        bool digit = seq.count >= 1 && !letter && strcmp(cell[2], "circle") == 0;
        if (one_of(cell[2], looks, 5) && (letter || digit) && !ordinal)
            ucd.bits[cp] |= MATCHER_TECHNIQUE_COMPAT;
        if (strcmp(cell[2], "wide") == 0 || strcmp(cell[2], "narrow") == 0)
            ucd.bits[cp] |= MATCHER_TECHNIQUE_WIDTH;
    }
    nfkc_count++;
}

static void take_canonical(uint32_t first, uint32_t last, char *const *cell)
{
    (void)last;
    struct seq seq = ucd_read_seq(cell[1]);
    if (seq.count < 1 || seq.count > 2)
        ucd_die("bad decomposition", cell[1]);
    ucd.canon[first][0] = seq.cp[0];
    ucd.canon[first][1] = seq.count == 2 ? seq.cp[1] : 0;
    ucd.composes[first] = seq.count == 2 && cell[2][0] == '+';
}

static void take_class(uint32_t first, uint32_t last, char *const *cell)
{
    uint8_t script = SCRIPT_SPACED;
    if (one_of(cell[2], unspaced, sizeof unspaced / sizeof unspaced[0]))
        script = SCRIPT_UNSPACED;
    else if (one_of(cell[2], stripped, sizeof stripped / sizeof stripped[0]))
        script = SCRIPT_STRIPPED;
    for (uint32_t cp = first; cp <= last; cp++) {
        ucd.general[cp] = (uint8_t)(strcmp(cell[1], "Lm") == 0 ? 'm' : cell[1][0]);
        ucd.script[cp] = script;
        /* Shared kana letters such as the prolonged sound mark are of script Common. */
        if (script == SCRIPT_STRIPPED && cp >= 0x3000 && cp <= 0x30FF && cell[1][0] == 'L')
            ucd.script[cp] = SCRIPT_UNSPACED;
    }
}

static void take_order(uint32_t first, uint32_t last, char *const *cell)
{
    for (uint32_t cp = first; cp <= last; cp++)
        ucd.order[cp] = (uint8_t)strtoul(cell[1], NULL, 10);
}

/* Calls take for each line of folder/name, cut into its three cells. Returns the lines. */
size_t ucd_each_line(const char *folder, const char *name,
                     void (*take)(uint32_t first, uint32_t last, char *const *cell), bool ranges)
{
    char path[4096], line[1024];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        ucd_die("cannot open", path);
    size_t count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == '#')
            continue;
        line[strcspn(line, "\n")] = '\0';
        char none[1] = "", *cell[3] = {line, none, none};
        for (unsigned i = 1; i < 3; i++) {
            char *tab = strchr(cell[i - 1], '\t');
            if (tab == NULL)
                break;
            *tab = '\0';
            cell[i] = tab + 1;
        }
        uint32_t first = 0, last = 0;
        if (ranges)
            read_range(cell[0], &first, &last);
        take(first, last, cell);
        count++;
    }
    (void)fclose(file);
    return count;
}

void ucd_read(const char *folder)
{
    (void)ucd_each_line(folder, "classes.tsv", take_class, true);
    (void)ucd_each_line(folder, "nfkc_casefold.tsv", take_nfkc, true);
    (void)ucd_each_line(folder, "canonical.tsv", take_canonical, true);
    (void)ucd_each_line(folder, "ccc.tsv", take_order, true);
}
