/*
 * How text looks to a buyer: reads raw text as the ASCII letters and digits that its signs look
 * like, whatever script and notation they come from. Knows Unicode, HTML and escapes; knows no
 * mark.
 *
 * This is the reading by appearance; fold.h is the reading by language. They differ on purpose: the
 * Greek capital eta looks like H and its small letter like n, so that no single mapping can both
 * keep a Greek word equal to itself in capitals and read a disguised Latin one. The fold keeps
 * every script as it is; what only looks like a mark is found here (DESIGN 4, "squeeze").
 *
 * A code point is looked up as it is written, before any folding of case. What it looks like comes
 * from the first source that knows it: our own line (unicode/looks_own.tsv, each with its reason);
 * the ASCII letter or digit itself in another dress (mathematical, circled, wide, with an accent);
 * UTS 39, by the skeletons of ICU; the letter that its name says it is a form of (small capitals,
 * turned letters, strokes and hooks); the look of its base letter, NFKC form or skeleton; what it
 * folds to. Ordinary letters of other scripts that resemble nothing are LOOKS_FOREIGN.
 *
 * A sign that honest text has beside numbers and names (prices, section signs, (C), a bar between
 * parts of a title) is a LOOKS_SIGN that may stand for a letter, see leet, and not a letter.
 */
#ifndef MATCHER_LOOKS_H
#define MATCHER_LOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOKS_LETTERS_MAX 4u /* what one code point may look like: the ligature ffi, a digraph */

enum looks_kind {
    LOOKS_SPACE = 0,   /* ends a word: white space, a tag that starts a new line, the end */
    LOOKS_LETTERS = 1, /* letters and digits: see letters */
    LOOKS_FOREIGN = 2, /* a letter or digit that looks like nothing in ASCII: see cp */
    LOOKS_SIGN = 3,    /* anything else that is visible: punctuation, symbols, emoji */
    LOOKS_NOTHING = 4, /* invisible, a combining mark, a tag or comment that breaks no word */
};

/* One code point, character reference, escape or tag of the raw text. */
struct looks_unit {
    enum looks_kind kind;
    uint32_t from, to; /* raw byte offsets, at code point boundaries */
    uint32_t cp; /* the code point meant (decoded, not mapped); U+FFFD for bytes that are not UTF-8;
                    0 for a tag */
    uint8_t letters[LOOKS_LETTERS_MAX]; /* lower-case a-z and 0-9; LOOKS_LETTERS only */
    uint8_t letters_count;
    /* Bits of enum matcher_technique that say how it is written, as a property of the source, not
       yet compared with any mark. Letters: COMPAT, WIDTH, ACCENT (also the letters of living
       languages such as o with a stroke), CONFUSABLE. All but tags: ENTITY, ESCAPED. Nothing:
       INVISIBLE where no honest text has it between Latin letters; ACCENT of a combining mark, and
       COMBINING if NFC does not compose it with the letter before it; MARKUP of a tag. */
    uint16_t techniques;
    /* Of a digit or sign that may stand for letters (0 1 3 $ @ ! | and the like): how many letters
       looks_leet(cp) gives; 0 for others. */
    uint8_t leet;
};

/* What looks_next would read at an ASCII byte, for callers that go through plain text byte by byte:
   the lower-case letter or digit, or one of the three values below. Other bytes have
   LOOKS_ASCII_ASK. */
#define LOOKS_ASCII_ASK   0u    /* look with looks_next: may begin a notation, or is no ASCII */
#define LOOKS_ASCII_SIGN  1u    /* LOOKS_SIGN */
#define LOOKS_ASCII_SPACE 0x20u /* LOOKS_SPACE */
extern const uint8_t looks_ascii[256];

/* Whether a code point is a letter in parentheses, of which the fold makes a word of its own. */
static inline bool looks_is_in_parentheses(uint32_t cp)
{
    return (cp >= 0x249C && cp <= 0x24B5) || (cp >= 0x1F110 && cp <= 0x1F129);
}

/* Reads the unit at text[at], at < len. The next one begins at ret_unit->to, which is > at. A tag,
   a comment or an escape is one unit only if it is whole within a sane length (a few hundred
   bytes); otherwise its first sign stands for itself. A combining mark looks back at its letter.
   Reads nothing outside [text, text + len). Any thread; linear in the length of the unit. */
void looks_next(const char *text, size_t len, size_t at, struct looks_unit *ret_unit);

/* The letters that the digit or sign cp (of any width or dress) may stand for, as a NUL-terminated
   string of a-z in the order of likelihood ("1" -> "il", "$" -> "s"); NULL if none. Static. */
const char *looks_leet(uint32_t cp);

/* Whether the letter or digit written looks like the letter meant to a hasty reader: equal, or of
   one class of look-alikes (i l, o 0, u v, s 5 z 2 ...). Both lower-case ASCII. For letters against
   letters only classes that fonts really confuse. */
int looks_alike(uint8_t written, uint8_t meant);

/* The class of a lower-case ASCII letter or digit: equal for all that looks_alike or looks_leet may
   join, so that equal keys are necessary for a match and looks_alike decides. One of a-z. */
uint8_t looks_class(uint8_t letter);

/* The lower-case ASCII letter or digit that letter is when the page is turned upside down: n for u,
   w for m, b for q, d for p, 6 for 9 and the other way round; any other is itself. For text written
   upside down, which is read from its end: looks_next gives each sign as it looks upright. */
uint8_t looks_turned(uint8_t letter);

#endif
