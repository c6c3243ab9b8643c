/*
 * Short names of scripts without word spaces, where they are rather part of other words.
 */
#include <assert.h>

#include "matcher/context.h"
#include "matcher/fold.h"
#include "matcher/words.h"

#define HAN_LETTERS                                                                                \
    2u /* of a name that may be the end of one word and the beginning of another                   \
        */
#define KANA_LETTERS   3u /* of a name that may be the end or the middle of one word */
#define HANGUL_LETTERS 2u
#define LETTER_BYTES   3u /* of Han, Kana and Hangul, as folded */

static bool is_han(uint32_t cp)
{
    return (cp >= 0x3400 && cp < 0xA000) || cp == 0x3005 || cp == 0x3007;
}

static bool is_kana(uint32_t cp)
{
    return cp >= 0x3041 && cp <= 0x30FE && cp != 0x30FB;
}

static bool is_hangul(uint32_t cp)
{
    return cp >= 0xAC00 && cp < 0xD7A4;
}

/* The letter of three bytes at at; 0 if there is none. */
static uint32_t letter_at(const char *text, size_t len, size_t at)
{
    uint32_t cp = 0;
    if (at >= len || len - at < LETTER_BYTES)
        return 0;
    return fold_decode((const uint8_t *)text + at, len - at, &cp) == LETTER_BYTES ? cp : 0;
}

/* The letter of three bytes that ends at at. */
static uint32_t letter_before(const char *text, size_t at)
{
    return at < LETTER_BYTES ? 0 : letter_at(text, at, at - LETTER_BYTES);
}

/* Whether all of a name is of one script and it has at most so many letters. */
static bool is_short(const char *text, size_t begin, size_t end, unsigned letters_max,
                     bool (*is_script)(uint32_t))
{
    if (end - begin > letters_max * LETTER_BYTES)
        return false;
    for (size_t at = begin; at < end; at += LETTER_BYTES)
        if (!is_script(letter_at(text, end, at)))
            return false;
    return true;
}

/* Whether the characters of Han at [at, at + letters) are an everyday word. */
static bool is_everyday(const char *text, size_t len, size_t at, unsigned letters)
{
    for (unsigned i = 0; i < letters; i++)
        if (!is_han(letter_at(text, len, at + i * LETTER_BYTES)))
            return false;
    return words_find(text + at, letters * LETTER_BYTES) != WORDS_NONE;
}

/* Whether the two characters at [begin, end) are rather part of everyday words: of one that is a
   character longer, or of two, unless another such word ends before them ("brand-new NAME site").
 */
static bool is_inside_han(const char *text, size_t len, size_t begin, size_t end)
{
    bool left = begin >= LETTER_BYTES, left_word = begin >= 2 * LETTER_BYTES;
    if (is_everyday(text, len, begin, 3) ||
        (left && is_everyday(text, len, begin - LETTER_BYTES, 3)))
        return true;
    return left && is_everyday(text, len, begin - LETTER_BYTES, 2) &&
           is_everyday(text, len, end - LETTER_BYTES, 2) &&
           !(left_word && is_everyday(text, len, begin - 2 * LETTER_BYTES, 2));
}

/* Whether exactly one letter of the script stands before a name. */
static bool follows_one(const char *text, size_t begin, bool (*is_script)(uint32_t))
{
    return is_script(letter_before(text, begin)) &&
           !is_script(letter_before(text, begin - LETTER_BYTES));
}

/* Whether a letter begins no word in Katakana: n, the long sign, small ones. */
static bool begins_nothing(uint32_t cp)
{
    static const uint16_t none[] = {0x30A1, 0x30A3, 0x30A5, 0x30A7, 0x30A9, 0x30C3, 0x30E3,
                                    0x30E5, 0x30E7, 0x30EE, 0x30F3, 0x30F5, 0x30F6, 0x30FC};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        if (none[i] == cp)
            return true;
    return false;
}

static bool is_katakana(uint32_t cp)
{
    return is_kana(cp) && cp >= 0x30A1;
}

/* Whether a name in Kana stands behind a single letter, or Katakana goes on behind it with what is
   no word. */
static bool is_inside_kana(const char *text, size_t len, size_t begin, size_t end)
{
    uint32_t next = letter_at(text, len, end);
    if (follows_one(text, begin, is_kana) || begins_nothing(next))
        return true;
    return is_katakana(next) && !is_katakana(letter_at(text, len, end + LETTER_BYTES));
}

bool context_is_inside(const char *text, size_t len, size_t begin, size_t end)
{
    assert(begin <= end);
    assert(end <= len);
    if (begin == end)
        return false; /* written in signs only */
    if (end - begin == HAN_LETTERS * LETTER_BYTES &&
        is_short(text, begin, end, HAN_LETTERS, is_han))
        return is_inside_han(text, len, begin, end);
    if (is_short(text, begin, end, KANA_LETTERS, is_kana))
        return is_inside_kana(text, len, begin, end);
    return is_short(text, begin, end, HANGUL_LETTERS, is_hangul) &&
           follows_one(text, begin, is_hangul) && is_hangul(letter_at(text, len, end));
}
