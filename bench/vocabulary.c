/*
 * Words from their rank.
 */
#include "bench/vocabulary.h"

#include <assert.h>
#include <string.h>

#include "bench/names.h"
#include "bench/words.h"

/* The letters of a script: code points [first, first + count). */
struct script {
    const char *language;
    uint32_t first, count;
    unsigned letters; /* of a short word */
};

static const struct script scripts[] = {
    {"ru", 0x430, 32, 3},  {"uk", 0x430, 32, 3},     {"el", 0x3b1, 17, 3}, {"ar", 0x628, 19, 2},
    {"he", 0x5d0, 26, 2},  {"hi", 0x915, 37, 2},     {"th", 0xe01, 46, 2}, {"zh", 0x4e00, 6000, 1},
    {"ja", 0x30a2, 80, 2}, {"ko", 0xac00, 11172, 1},
};

static size_t put_code_point(char *out, uint32_t cp)
{
    if (cp < 0x800) {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 63));
        return 2;
    }
    out[0] = (char)(0xe0 | cp >> 12);
    out[1] = (char)(0x80 | (cp >> 6 & 63));
    out[2] = (char)(0x80 | (cp & 63));
    return 3;
}

static size_t put_letters(char *out, const struct script *script, uint64_t *state, unsigned count)
{
    size_t len = 0;
    for (unsigned i = 0; i < count; i++)
        len += put_code_point(out + len,
                              script->first + (uint32_t)(names_draw(state) % script->count));
    return len;
}

/* One vowel in ten has an accent where the language has any. */
static size_t put_latin(char *out, bool accents, uint64_t *state, unsigned syllables)
{
    static const char *const onsets[] = {"b", "c", "d", "f", "g", "h",  "k",  "l",  "m",  "n",
                                         "p", "r", "s", "t", "v", "st", "pr", "tr", "gr", "bl"};
    static const char *const plain[] = {"a", "e", "i",  "o",  "u",  "e",
                                        "a", "o", "ee", "ou", "ie", "a"};
    static const char *const accented[] = {"a", "e", "i", "o", "u", "e",
                                           "á", "ö", "é", "ı", "ü", "ã"};
    static const char *const codas[] = {"m", "d", "k", "p", "t", "s", "rd", "nk", "st", "ms"};
    size_t len = 0;
    for (unsigned i = 0; i < syllables; i++) {
        uint64_t draw = names_draw(state);
        const char *vowel = (accents && (draw >> 24) % 4 == 0 ? accented : plain)[(draw >> 8) % 12];
        const char *parts[] = {onsets[draw % 20], vowel,
                               i + 1 == syllables ? codas[(draw >> 16) % 10] : ""};
        for (size_t part = 0; part < 3; part++) {
            memcpy(out + len, parts[part], strlen(parts[part]));
            len += strlen(parts[part]);
        }
    }
    return len;
}

void vocabulary_word(size_t language, uint64_t *state, char out[VOCABULARY_BYTES_MAX])
{
    assert(language < WORDS_LANGUAGES);
    /* as many draws in each octave of ranks: the word of rank r comes about 1/r as often as the
     * first */
    unsigned octave = (unsigned)(names_draw(state) % 16);
    uint64_t rank = ((uint64_t)1 << octave) + names_draw(state) % ((uint64_t)1 << octave);
    static_assert(VOCABULARY_WORDS == 65536, "16 octaves");
    uint64_t word = (language + 1) * VOCABULARY_WORDS + rank;
    const char *name = words_languages[language].language;
    const struct script *script = NULL;
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        script = strcmp(scripts[i].language, name) == 0 ? &scripts[i] : script;
    size_t len =
        script != NULL
            ? put_letters(out, script, &word, script->letters + octave / 5 + (unsigned)(rank % 2))
            : put_latin(out, language > 0, &word, 1 + octave / 6 + (unsigned)(rank % 2));
    assert(len < VOCABULARY_BYTES_MAX);
    out[len] = '\0';
}
