/*
 * The Unicode properties that the fold rests on, read from the .tsv files of this folder. Used by
 * the generator only, at build time.
 */
#ifndef MATCHER_UNICODE_UCD_H
#define MATCHER_UNICODE_UCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_POINTS 0x110000u
#define SEQ_MAX     32u

enum script_kind { SCRIPT_SPACED = 0, SCRIPT_UNSPACED, SCRIPT_STRIPPED };

struct seq {
    uint32_t cp[SEQ_MAX];
    unsigned count;
};

struct ucd {
    struct seq *nfkc;               /* mapped ones only; index in nfkc_of */
    uint32_t nfkc_of[CODE_POINTS];  /* 0: maps to itself */
    uint32_t canon[CODE_POINTS][2]; /* one step; 0: none */
    uint8_t composes[CODE_POINTS];
    uint8_t general[CODE_POINTS]; /* 'L', 'm' (Lm), 'M', 'N' or 0 */
    uint8_t script[CODE_POINTS];  /* enum script_kind */
    uint8_t order[CODE_POINTS];   /* combining class */
    uint8_t bits[CODE_POINTS];    /* enum matcher_technique */
};

extern struct ucd ucd;

/* Reads all properties from a folder. Ends the program with a message if it cannot. */
void ucd_read(const char *folder);

/* Calls take for each line of folder/name, cut into its three cells; with ranges the first is read
   as code points. Returns the lines. Ends the program with a message if it cannot. */
size_t ucd_each_line(const char *folder, const char *name,
                     void (*take)(uint32_t first, uint32_t last, char *const *cell), bool ranges);

/* Reads hexadecimal code points separated by spaces. */
struct seq ucd_read_seq(const char *cell);

/* Says what is wrong on standard error and ends the program. */
void ucd_die(const char *what, const char *line);

#endif
