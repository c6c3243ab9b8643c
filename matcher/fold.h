/*
 * The fold: from listing text to the bytes that are matched. Two texts that fold to the same bytes
 * are the same to the matcher. Knows Unicode; knows no mark and no engine.
 *
 * What it does, in this order:
 *  1. HTML character references, percent-encoding and JSON or JavaScript escapes are undone, also
 *     when they were escaped a few times more ("&amp;#97;", "%2541", "\\u0061"); what is none
 *     stays text (notation.h). Bytes that are not UTF-8 separate words, one by one.
 *     A tag is one sign, unless it holds text (looks_tag_silent): what a seller writes in a comment
 *     or an alternative text is read.
 *  2. Each code point is mapped by NFKC_Casefold and canonically decomposed. Default-ignorable code
 *     points, U+2800, U+0640, U+0345 and U+FFF9..U+FFFB vanish. The signs (TM) (SM) (MC) (MD) (MR)
 *     and the phrase ligature U+FDFA become spaces.
 *  3. Combining marks of Latin, Greek, Cyrillic, Arabic, Hebrew and the shared ones vanish. Those
 *     of other scripts (vowel signs, viramas, tones) stay and stand in canonical order. Kana and
 *     Hangul are composed; a voicing mark without a kana to join vanishes.
 *  4. Every run of what is no letter, digit or kept mark is ONE space. Where a script without word
 *     spaces (Han, Kana, Hangul, Thai, Lao, Khmer, Myanmar, ...) meets another word, a space is
 *     put.
 *  5. The result begins and ends with a space; of an empty text it is one space.
 * The result is valid UTF-8 without control characters, and folding it again changes nothing.
 */
#ifndef MATCHER_FOLD_H
#define MATCHER_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOLD_GROWTH_MAX  6u  /* folded bytes of one raw byte at most (U+3316) */
#define FOLD_SLACK_BYTES 64u /* bytes after the result that a fold may scribble over */
#define FOLD_TEXT_MAX    (1u << 28)

/* Room that fold_text and fold_map need for a text of len bytes, slack included. */
static inline size_t fold_bound(size_t len)
{
    return len * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES;
}

/* Implementations with the same result; the machine decides which can run. */
enum fold_path {
    FOLD_PATH_SCALAR = 0,
    FOLD_PATH_AVX2 = 1,
    FOLD_PATH_AVX512 = 2, /* needs VBMI2 */
};

/* The fastest path that this processor runs; all lower ones run too. */
enum fold_path fold_path_best(void);

/* Folds len bytes (<= FOLD_TEXT_MAX) to out, which has room for fold_bound(len) and does not
   overlap. Returns the folded length, >= 1. Reads nothing outside the text. Any thread. */
size_t fold_text(const char *text, size_t len, char *out);

/* fold_text by a given path, which must be <= fold_path_best(): for tests and measurements. */
size_t fold_text_by(enum fold_path path, const char *text, size_t len, char *out);

/* Where each folded byte comes from; each array has room for fold_bound(len) entries. Bytes of one
   folded code point have equal entries. An inserted space has from == to. */
struct fold_map {
    uint32_t *from; /* raw byte offset, at a code point boundary */
    uint32_t *to;   /* exclusive; covers combining marks that were stripped or joined */
    uint16_t *bits; /* enum matcher_technique. INVISIBLE: something invisible stands before it, and
                       between it and a letter of the same word, where no honest text has it.
                       ENTITY, ESCAPED: it is spelled, or something invisible before it. MARKUP of
                       a space: a tag is among what it stands for */
};

/* As fold_text, same bytes, and fills map. Several times slower. */
size_t fold_map(const char *text, size_t len, char *out, const struct fold_map *map);

/* Folded bytes [begin, end). */
struct fold_part {
    size_t begin, end;
};

/* As fold_map for a part of the result: only there are out and map as fold_map gives them. What is
   before it is folded fast and not mapped, what is behind it is not looked at. Returns how much was
   folded, the space at its end included. */
size_t fold_map_part(const char *text, size_t len, char *out, const struct fold_map *map,
                     struct fold_part part);

/* Full case folding alone: writes the 1..3 code points that cp becomes, returns their number. */
unsigned fold_case(uint32_t cp, uint32_t to[3]);

/* The code point at text[0], len >= 1; its length, or 0 if the bytes are not UTF-8. */
unsigned fold_decode(const uint8_t *text, size_t len, uint32_t *ret_cp);

/* Writes cp as UTF-8; returns the length. */
unsigned fold_encode(uint32_t cp, uint8_t out[4]);

/* Whether cp has Unicode's property White_Space. */
bool fold_is_space(uint32_t cp);

/* Whether cp, or a byte of UTF-8, is an ASCII letter or digit. */
static inline bool fold_is_alnum(uint32_t cp)
{
    return cp - '0' < 10 || (cp | 0x20) - 'a' < 26;
}

#endif
