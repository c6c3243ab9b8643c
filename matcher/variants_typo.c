/*
 * Slips of the finger and of the ear.
 */
#include "matcher/variants_typo.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "matcher/fold.h"

struct word {
    const char *text;
    size_t len;
    size_t letter[VARIANTS_WORD_BYTES_MAX + 1]; /* where each letter begins; then the end */
    size_t letters;
    variants_take *take;
    void *context;
};

/* Keys that touch the key of each letter on QWERTY, then its place on AZERTY and QWERTZ. */
static const char *const touching[26] = {
    "qwsz",   "vghn",  "xdfv", "ersfxc", "wrsd",  "rtdgcv", "tyfhvb", "yugjbn", "uojk",
    "uihknm", "iojlm", "opkm", "njkl",   "bhjm",  "ipkl",   "ol",     "wa",     "etdf",
    "awedzx", "ryfg",  "yihj", "cfgb",   "qeasz", "zsdc",   "tughz",  "asxwy",
};
/* Keys beside it in its row, then the same twins. */
static const char *const beside[26] = {
    "sq", "vn", "xv", "sf", "wr", "dg", "fh", "gj", "uo", "hk",  "jl", "km",  "nl",
    "bm", "ip", "o",  "wa", "et", "ad", "ry", "yi", "cb", "qez", "zc", "tuz", "xwy",
};

static const struct {
    const char *one, *other;
} sounds[] = {
    {"ph", "f"}, {"c", "k"},  {"ck", "k"},  {"ck", "c"},  {"x", "ks"},  {"x", "cs"},   {"i", "y"},
    {"s", "z"},  {"ou", "u"}, {"qu", "kw"}, {"qu", "kv"}, {"sh", "ch"}, {"l", "r"},    {"v", "w"},
    {"ee", "i"}, {"oo", "u"}, {"ow", "ou"}, {"ow", "oh"}, {"ow", "oe"}, {"ow", "ouw"},
};

#define SOUND_BYTES_MAX 4u
static_assert(VARIANTS_WORD_BYTES_MAX < UINT8_MAX, "a word is short");

static bool is_letter(uint32_t cp)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {'a', 'z'},     {0xDF, 0xF6},     {0xF8, 0x24F},    {0x370, 0x3FF},
        {0x400, 0x52F}, {0x561, 0x587},   {0x5D0, 0x5EA},   {0x620, 0x64A},
        {0x66E, 0x6D3}, {0x10D0, 0x10FA}, {0x1E00, 0x1EFF},
    };
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (cp >= ranges[i].first && cp <= ranges[i].last)
            return true;
    return false;
}

size_t variants_letters(const char *word, size_t len, bool *ret_latin)
{
    size_t letters = 0;
    bool latin = true;
    if (len > VARIANTS_WORD_BYTES_MAX)
        return 0;
    for (size_t at = 0; at < len; letters++) {
        uint32_t cp = 0;
        unsigned step = fold_decode((const uint8_t *)word + at, len - at, &cp);
        assert(step > 0); /* folded text is UTF-8 */
        if (!is_letter(cp))
            return 0;
        latin = latin && cp < 0x80;
        at += step;
    }
    *ret_latin = latin;
    return letters;
}

/* Hands on the word with put in the place of cut bytes. */
static int change(const struct word *word, size_t at, size_t cut, const char *put, size_t put_len)
{
    char text[VARIANTS_WORD_BYTES_MAX + SOUND_BYTES_MAX];
    size_t len = word->len - cut + put_len;
    assert(put_len <= cut + SOUND_BYTES_MAX);
    memcpy(text, word->text, at);
    memcpy(text + at, put, put_len);
    memcpy(text + at + put_len, word->text + at + cut, word->len - at - cut);
    if (len == 0 || (len == word->len && memcmp(text, word->text, len) == 0))
        return 0;
    return word->take(word->context, text, len);
}

/* One letter less, of those numbered [first, end). */
static int omit(const struct word *word, size_t first, size_t end)
{
    int done = 0;
    for (size_t i = first; i < end && done == 0; i++)
        done = change(word, word->letter[i], word->letter[i + 1] - word->letter[i], "", 0);
    return done;
}

static int exchange(const struct word *word)
{
    int done = 0;
    for (size_t i = 0; i + 1 < word->letters && done == 0; i++) {
        char pair[8];
        size_t at = word->letter[i], first = word->letter[i + 1] - at;
        size_t second = word->letter[i + 2] - word->letter[i + 1];
        memcpy(pair, word->text + at + first, second);
        memcpy(pair + second, word->text + at, first);
        done = change(word, at, first + second, pair, first + second);
    }
    return done;
}

static int put_each(const struct word *word, size_t at, size_t cut, const char *letters)
{
    int done = 0;
    for (; *letters != '\0' && done == 0; letters++)
        done = change(word, at, cut, letters, 1);
    return done;
}

static int press_and_double(const struct word *word)
{
    static const char vowels[] = "aeiou";
    int done = 0;
    for (size_t at = 0; at < word->len && done == 0; at++) {
        char letter = word->text[at];
        done = change(word, at, 0, &letter, 1);
        if (done == 0 && strchr(vowels, letter) != NULL)
            done = put_each(word, at, 1, vowels);
        if (done == 0)
            done = put_each(word, at, 1, touching[letter - 'a']);
        if (done == 0)
            done = put_each(word, at + 1, 0, beside[letter - 'a']);
    }
    return done;
}

static int replace_all(const struct word *word, const char *from, const char *to)
{
    size_t from_len = strlen(from), to_len = strlen(to);
    int done = 0;
    for (size_t at = 0; at + from_len <= word->len && done == 0; at++)
        if (memcmp(word->text + at, from, from_len) == 0)
            done = change(word, at, from_len, to, to_len);
    return done;
}

static int sound_alike(const struct word *word)
{
    int done = 0;
    for (size_t i = 0; i < sizeof sounds / sizeof sounds[0] && done == 0; i++) {
        done = replace_all(word, sounds[i].one, sounds[i].other);
        if (done == 0)
            done = replace_all(word, sounds[i].other, sounds[i].one);
    }
    return done;
}

/* Finds the letters of a word. */
static struct word read_word(const char *text, size_t len, variants_take *take, void *context)
{
    struct word word = {.text = text, .len = len, .take = take, .context = context};
    assert(len <= VARIANTS_WORD_BYTES_MAX);
    for (size_t at = 0; at < len; at++)
        if (((uint8_t)text[at] & 0xC0) != 0x80)
            word.letter[word.letters++] = at;
    word.letter[word.letters] = len;
    return word;
}

int variants_oversights(const char *word, size_t len, variants_take *take, void *context)
{
    struct word read = read_word(word, len, take, context);
    int done = exchange(&read);
    for (size_t i = 0; i < read.letters && done == 0; i++) {
        size_t at = read.letter[i], letter = read.letter[i + 1] - at;
        size_t before = i > 0 ? at - read.letter[i - 1] : 0;
        if (before == letter && memcmp(word + at - before, word + at, letter) == 0)
            done = change(&read, at, letter, "", 0);
        if (done == 0)
            done = change(&read, at, 0, word + at, letter);
    }
    return done;
}

int variants_omissions(const char *word, size_t len, variants_take *take, void *context)
{
    struct word read = read_word(word, len, take, context);
    size_t end = read.letters;
    while (end > 0 && word[read.letter[end - 1]] == 's')
        end--; /* without it a plural is rather the thing than the name: "croc" */
    return omit(&read, 1, end);
}

int variants_typos(const char *word, size_t len, variants_take *take, void *context)
{
    struct word read = read_word(word, len, take, context);
    bool latin = true;
    for (size_t at = 0; at < len; at++)
        latin = latin && word[at] >= 'a' && word[at] <= 'z';
    int done = omit(&read, 0, read.letters);
    if (done == 0)
        done = exchange(&read);
    if (done == 0 && latin)
        done = press_and_double(&read);
    if (done == 0 && latin)
        done = sound_alike(&read);
    return done;
}
