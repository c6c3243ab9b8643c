/*
 * Whether written letters are a listed text, and what was done to it. Private to the squeeze.
 *
 * The rules, which keep innocent text out (n: letters and digits of the listed text):
 *  1. Each written letter is the listed one, looks like it, or is a digit or sign that stands for
 *     it; or it says once more what the letter before it stands for. None is left out. A listed
 *     digit is that digit, once.
 *  2. LEET: n >= 4, at most half of the letters (two thirds if n >= 7 and none repeats), and no
 *     digit stands in what signs join to the range (article numbers); nor is it a colour
 *     (#AD1DA5).
 *  3. CONFUSABLE: n >= 3; n >= 4 if no written letter is ASCII. ASCII letters for others: n >= 8,
 *     I and l for one another n >= 5, a small l among capitals n >= 4. Of a text listed in another
 *     script than Latin at least half of the letters are as listed ("nero" is no small Cyrillic
 *     LEGO).
 *  4. REPEATED: n >= 4; n >= 5 if the repeats only make double letters that stand in many words.
 *  5. LEET, REPEATED and ASCII look-alikes together: n >= 6.
 *  6. SEPARATED by signs: n >= 3 if all pieces are single letters; of n = 3 only if no single
 *     letter stands next to the range, of n < 8 only as squeeze_row.h says;
 *     of longer pieces n >= 6. One sign between pieces of three letters and more, or an apostrophe,
 *     or one sign in n < 8, is SPLIT and not SEPARATED: of n < 8 only if one piece is no word; of
 *     n = 4 and 5, no cue, if none is, both have two letters and more and nothing is joined to it.
 *  7. SEPARATED by spaces: all pieces are single letters, as in 6, or all have at most two letters
 *     and n >= 8. Spaces between the words of the listed text separate nothing.
 *  8. JOINED: n >= 8; n >= 6 if the words are disguised besides. Inside a longer word (a compound)
 *     n >= 8 and every letter as listed; n >= 4 if capitals tell where it begins and ends
 *     ("NikeShoes") and it is all letters.
 *  9. MASKED: n >= 5, at most half of the letters, the first and the last never; nothing else.
 *     Three asterisks in a row and more may hide one letter more than they are.
 * 10. What the fold sees already (accents, width, compatibility letters, references, escapes,
 *     invisible signs alone) is no match here.
 * 11. DOUBTFUL, what counts only near a cue: also LEET of two thirds of the letters; ASCII letters
 *     for others, any repeats and several of 5 with n >= 4; up to two signs anywhere in a
 *     word of n = 4 and 5 that nothing is joined to.
 */
#ifndef MATCHER_SQUEEZE_ALIGN_H
#define MATCHER_SQUEEZE_ALIGN_H

#include "matcher/squeeze_read.h"

#define SQUEEZE_FORM_LETTERS_MAX    63u /* longer listed texts are only found by the fold */
#define SQUEEZE_WRITTEN_LETTERS_MAX 96u
/* Of so many letters a name with one sign in it is hardly two words by chance, of fewer than SHORT
   it often is. */
#define SQUEEZE_SPLIT_SURE  8u
#define SQUEEZE_SPLIT_SHORT 6u
#define SQUEEZE_LEET_SURE   7u /* two thirds of such a name may be digits and signs */

/* Beside techniques: what is found counts only near a cue. */
#define SQUEEZE_DOUBTFUL (1u << 31)

/* Letters written[0, count), with the letters that were read before and after them (NULL: none). */
struct squeeze_written {
    const struct squeeze_letter *letters, *before, *after;
    size_t count;
    bool near_digits; /* a piece with digits is joined to the range by signs */
    bool cue;         /* the listed text is a cue: it only counts near a mark */
    bool compound;    /* inside a longer word */
    bool cut_out;     /* single letters of a longer row; see squeeze_row.h */
    bool humps;       /* whole words of one written as one, with capitals between ("NikeShoes") */
};

/* Techniques (enum matcher_technique) by which written is the listed text, or also
   SQUEEZE_DOUBTFUL; 0 if it is not, or if the fold finds it. Of several ways of reading the
   mildest. */
unsigned squeeze_align(const struct squeeze_written *written, const struct squeeze_letter *listed,
                       size_t listed_count, uint16_t changed[SQUEEZE_WRITTEN_LETTERS_MAX]);

#endif
