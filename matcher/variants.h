/*
 * Further written forms of the marks of a list, made at compile time and looked for in the fold
 * like the listed ones. Private to the matcher.
 *
 * What is made of a listed form, in this order; of equal texts the earlier kind stands:
 *  INFLECTED  the other number of its last word ("squishmallow" of "squishmallows", "hot wheel",
 *             "birkenstocks"), or its other spelling ("under armor"): that word has 6 letters or
 *             more, all of them a-z. Where all are made also of 3 letters or more, in a form of
 *             several words and 8 letters or more ("pop marts"). Not if it makes a word of the
 *             word list out of what was none, but for another spelling in a form of several
 *             words. Where all are made also the cases of its last word in Cyrillic, of 5 letters
 *             or more ("гармина", "шанелью").
 *  JOINED     all its words as one ("hellokitty"): 6 letters or more (4 of Han, Kana, Hangul, Thai
 *             and the like). Not if that is a word of the word list.
 *  SPLIT      a form of one word, 9 letters or more, as two words of 3 or more ("squish mallows",
 *             "tama gotchi"). Not if both halves are common words.
 *  TYPO       one of its words with one slip (variants_typo.h).
 *             In a form of 8 letters or more: any slip, and if it has several words, then in those
 *             of 5 letters or more, and oversights in those of 3 or 4.
 *             In a form of one word of 5 to 7 letters: oversights. Doubtful: see below.
 *             Only words that are all letters are changed, so that one model's number does not
 *             become another's. Not if the changed word is in the word list; it is doubtful, for a
 *             form of one word that is no word itself, if it is one slip from a common word:
 *             "industri" is as likely meant for industry, or another language's word for it.
 *  ALIKE      one of its words of 5 letters a-z or more with rn for m, vv for w, cl for d, l for i
 *             or i for l, in all places or in one ("sarnsung", "adldas"); in a form of several
 *             words and 8 letters or more, one of 3 or more ("pavv patrol"). Not if that is in the
 *             word list; nor, if i and l are all and it has less than 8 letters, if it is near a
 *             common word.
 *  APART      a form of 2 to 6 letters of Han, Kana or Hangul with a space, which the fold makes of
 *             any sign, between all of them, as words of their own; a form of one word of 10
 *             letters a-z or more in three pieces of 2 or more, or four of 3 or more. Not if all
 *             are words.
 *  REVERSED   a form of one word of 7 letters a-z or more, read from its end. Not if that is a word
 *             or one slip from a common one.
 *  TURNED     a form of one word of 6 letters a-z or more, written upside down, as looks_next reads
 *             that: from its end, with n for u, q for b, p for d and the other way round, m for w
 *             and w for m.
 * Cues have the other number of their last word of 3 letters or more, and both with all words as
 * one; those of Han, Kana and Hangul are set apart as above; whatever else is made.
 *
 * No variant is a listed form of any mark, or a cue; none holds a listed form of its own mark as
 * whole words, which would hide the better hit. A typo that is a better variant of another mark is
 * that mark's. Forms of more than VARIANTS_WORDS_MAX words or VARIANTS_BYTES_MAX folded bytes have
 * none.
 *
 * Where all are made, doubtful ones besides, which count only near a cue that is no weak hint:
 *  INFLECTED  the plural of a form of one word of 4 or 5 letters ("guccis"), not of a generic mark;
 *  TYPO       slips that are near a common word; oversights in a form of one word of 4 letters, and
 *             in words of 3 or more in one of several that has 5 to 7 letters; a letter left out,
 *             but the first and the s that ends a word, in a form of one word of 5 to 7 letters,
 *             in words of 3 and 4 of several with 8 letters or more, and in those of 4 and more of
 *             several with less ("rolx", "kae spade"); not of a generic mark;
 *  ALIKE      those that are near a common word; those of one word of 4 letters, and of several
 *             words with less than 8 letters ("nlke"), not of a generic mark.
 * A text that is a sure variant of any mark is not doubtful.
 *
 * Which are made: with a mark's column `variants` 1, all; 0, none; empty: as the lists say: on,
 * all; off, none; auto, by the size of the set:
 *   up to VARIANTS_MARKS_AUTO marks    all, about 60 of a mark;
 *   up to VARIANTS_MARKS_PLURAL        all but typos, disguises and those splits of which a half
 *                                      is no word: about 1 of a mark;
 *   above                              no plurals of singulars either; a listed plural still has
 *                                      its singular.
 * Measured with marks_50k and made names, one core: 1,000 marks with all, 0.1 s and 70,000
 * literals, which the engine compiles in 1.4 s; of 10,000 marks 1,000 with all, about 2 s; 10,000
 * marks by themselves 20,500 literals, 0.4 s.
 */
#ifndef MATCHER_VARIANTS_H
#define MATCHER_VARIANTS_H

#include "matcher/lists.h"

#define VARIANTS_MARKS_AUTO    2000u
#define VARIANTS_MARKS_PLURAL  50000u
#define VARIANTS_WORDS_MAX     8u
#define VARIANTS_BYTES_MAX     96u
#define VARIANTS_INFLECTED_MIN 6u /* letters */
#define VARIANTS_CASES_MIN     5u
#define VARIANTS_JOINED_MIN    6u
#define VARIANTS_UNSPACED_MIN  4u
#define VARIANTS_SPLIT_MIN     9u
#define VARIANTS_HALF_MIN      3u
#define VARIANTS_TYPO_MIN      8u
#define VARIANTS_OVERSIGHT_MIN 5u
#define VARIANTS_DOUBTFUL_MIN  4u
#define VARIANTS_WORD_MIN      3u /* letters of a word of several */
#define VARIANTS_TYPO_WORD_MIN 5u
#define VARIANTS_ALIKE_MIN     5u
#define VARIANTS_PIECES_MIN    10u
#define VARIANTS_REVERSED_MIN  7u
#define VARIANTS_TURNED_MIN    6u
#define VARIANTS_CUE_MIN       3u

/* How a form that is looked for comes from the listed one. Of a greater weight first. */
enum variants_kind {
    VARIANTS_LISTED = 0,
    VARIANTS_INFLECTED = 1,
    VARIANTS_JOINED = 2,
    VARIANTS_SPLIT = 3,
    VARIANTS_TYPO = 4,
    VARIANTS_ALIKE = 5,
    VARIANTS_APART = 6,
    VARIANTS_REVERSED = 7,
    VARIANTS_TURNED = 8, /* only of use to the squeezed reading: no literal is made of it */
    VARIANTS_KINDS = 9,
};

struct variants_item {
    uint32_t at, len; /* into bytes: folded, without the spaces at its ends */
    uint32_t form;    /* index into the lists' forms, and behind them the cues: what it is of */
    enum variants_kind kind;
    bool doubtful; /* counts only near a cue, as a generic mark does */
};

struct variants {
    char *bytes;
    struct variants_item *items; /* by kind, then by form */
    size_t bytes_len, bytes_room, count, room;
};

/* Makes the variants of the lists: the same for the same lists on every machine. Takes time in
   proportion to their number. 0 or -ENOMEM. */
int variants_make(const struct matcher_lists *lists, struct variants *ret_variants);

/* Frees what variants_make made; zeroed ones are fine. */
void variants_free(struct variants *variants);

#endif
