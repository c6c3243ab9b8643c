/*
 * Raw text as the letters that a buyer sees, with the gaps between them. Private to the squeeze.
 */
#ifndef MATCHER_SQUEEZE_READ_H
#define MATCHER_SQUEEZE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SQUEEZE_SIGNS_MAX 4u /* signs between two letters of one word; more part words */

/* What stands between a letter and the one before it. Ordered by how much it parts them. */
enum squeeze_gap {
    SQUEEZE_GAP_NONE = 0, /* nothing that is seen */
    SQUEEZE_GAP_SIGN = 1, /* 1..SQUEEZE_SIGNS_MAX signs */
    SQUEEZE_GAP_SPACE = 2,
};

enum squeeze_kind {
    SQUEEZE_LETTER = 0,  /* cp is a-z */
    SQUEEZE_DIGIT = 1,   /* cp is 0-9 */
    SQUEEZE_FOREIGN = 2, /* cp is a case-folded code point that looks like nothing in ASCII */
    SQUEEZE_SIGN = 3,    /* cp is an ASCII sign that stands for a letter here */
    SQUEEZE_MASK = 4,    /* an asterisk that stands for an unknown letter */
};

/* In which way signs are read that may be letters: one text, three readings. */
enum squeeze_reading {
    SQUEEZE_READING_GAPS = 0,    /* every sign is a gap */
    SQUEEZE_READING_LETTERS = 1, /* a sign next to letters is the letter that it looks like */
    SQUEEZE_READING_MASKS = 2,   /* asterisks between letters are unknown letters */
    SQUEEZE_READING_LISTED = 3,  /* of a listed text: as LETTERS, between letters only */
};

struct squeeze_letter {
    uint32_t from, to; /* raw byte offsets; combining marks behind it belong to it */
    uint32_t cp;
    uint32_t source;     /* the code point as written, case-folded */
    uint16_t techniques; /* of the source; invisible ones also of what stands before it */
    uint16_t spelled;    /* techniques by which the gap before it is spelled */
    uint8_t key;         /* equal for all that may be read as one another */
    uint8_t gap;         /* enum squeeze_gap before it */
    uint8_t kind;        /* enum squeeze_kind */
    bool apostrophe;     /* the gap before it is one apostrophe */
    bool capital;
    bool hump; /* a capital right behind a small letter: it begins a word ("NikeShoes") */
};

/* The part [from, to) of a text. */
struct squeeze_range {
    const char *text;
    size_t len, from, to;
};

/* Which other readings than GAPS a text has, as bits 1 << enum squeeze_reading. */
unsigned squeeze_readings(const struct squeeze_range *range);

/* Reads the letters of a range into out, at most room of them. A letter at the front that
   is not the first of the text has the gap that stands before from: SPACE is taken. *ret_end is
   where reading stopped: to, or the raw end of the last letter if there was no more room. */
size_t squeeze_read(const struct squeeze_range *range, enum squeeze_reading reading,
                    struct squeeze_letter *out, size_t room, size_t *ret_end);

/* The same for a listed text (BE@RBRICK); lower: as if it were written in small letters. */
size_t squeeze_read_listed(const char *text, size_t len, bool lower, struct squeeze_letter *out,
                           size_t room);

/* The case-folded code point, of several the first. */
uint32_t squeeze_folded(uint32_t cp);

/* Whether the fold makes ASCII letters of a code point: of accented ones, not of a stroked l. */
bool squeeze_folds_to_ascii(uint32_t cp);

/* The key of a case-folded code point that looks like nothing in ASCII. */
static inline uint8_t squeeze_foreign_key(uint32_t cp)
{
    return (uint8_t)(0x80 | (cp * 2654435761u) >> 25);
}

/* Whether cp is a sign of money that looks like a letter and is no ASCII: prices have it beside
   digits. */
bool squeeze_is_money(uint32_t cp);

/* Whether the sign at text[at] is read as a letter: $ @ ! | with a letter or digit on one side, or
   another of them that has one on its other side, or as one of letters set apart ("n-!-k-e", "$ q u
   i s h"); other signs that look like letters with one on both. Of those that are no ASCII, letters
   only; signs of money also at the beginning or the end of a word. */
bool squeeze_is_letter_sign(const char *text, size_t len, size_t at);

/* Whether the asterisk at text[at] stands in a run of asterisks between ASCII letters. */
bool squeeze_is_mask(const char *text, size_t len, size_t at);

#endif
