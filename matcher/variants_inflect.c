/*
 * Ends of words.
 */
#include "matcher/variants_inflect.h"

#include <assert.h>
#include <string.h>

#define END_BYTES_MAX 4u
#define CASES_MAX     5u

/* Whether a word ends with one of these ends, each closed by a space, and is longer. */
static bool ends_with(const char *word, size_t len, const char *ends)
{
    for (size_t end_len = 0; *ends != '\0'; ends += end_len + 1) {
        end_len = (size_t)(strchr(ends, ' ') - ends);
        if (len > end_len && memcmp(word + len - end_len, ends, end_len) == 0)
            return true;
    }
    return false;
}

/* Hands on the word with cut letters less and then end. */
static int replace_end(const char *word, size_t len, size_t cut, const char *end,
                       variants_take *take, void *context)
{
    char text[VARIANTS_WORD_BYTES_MAX + END_BYTES_MAX];
    size_t end_len = strlen(end);
    assert(len <= VARIANTS_WORD_BYTES_MAX);
    assert(end_len <= END_BYTES_MAX);
    memcpy(text, word, len - cut);
    memcpy(text + len - cut, end, end_len);
    return take(context, text, len - cut + end_len);
}

static int singulars(const char *word, size_t len, variants_take *take, void *context)
{
    int done = replace_end(word, len, 1, "", take, context);
    if (done == 0 && ends_with(word, len, "ies "))
        done = replace_end(word, len, 3, "y", take, context);
    if (done == 0 && ends_with(word, len, "ses shes ches xes zes "))
        done = replace_end(word, len, 2, "", take, context);
    return done;
}

int variants_numbers(const char *word, size_t len, bool plurals, variants_take *take, void *context)
{
    if (ends_with(word, len, "s ") && !ends_with(word, len, "ss us is "))
        return singulars(word, len, take, context);
    if (!plurals)
        return 0;
    if (ends_with(word, len, "s sh ch x z "))
        return replace_end(word, len, 0, "es", take, context);
    if (ends_with(word, len, "y ") && !ends_with(word, len, "ay ey oy uy "))
        return replace_end(word, len, 1, "ies", take, context);
    return replace_end(word, len, 0, "s", take, context);
}

int variants_spellings(const char *word, size_t len, variants_take *take, void *context)
{
    static const struct {
        const char *from, *to;
    } spellings[] = {{"our ", "or"},  {"tre ", "ter"}, {"ise ", "ize"},
                     {"ize ", "ise"}, {"yse ", "yze"}, {"ogue ", "og"}};
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        if (ends_with(word, len, spellings[i].from))
            return replace_end(word, len, strlen(spellings[i].from) - 1, spellings[i].to, take,
                               context);
    return 0;
}

int variants_cases(const char *word, size_t len, variants_take *take, void *context)
{
    static const struct {
        const char *from; /* ends, each closed by a space */
        size_t cut;       /* bytes of them that go */
        const char *to[CASES_MAX];
    } cases[] = {
        {"б в г д ж з к л м н п р с т ф х ц ч ш щ ", 0, {"а", "у", "ом", "е", "ы"}},
        {"а ", 2, {"ы", "у", "ои", "е", NULL}},
        {"ь ", 2, {"и", "ью", NULL, NULL, NULL}},
    };
    int done = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t k = 0; k < CASES_MAX && cases[i].to[k] != NULL && done == 0; k++)
            if (ends_with(word, len, cases[i].from))
                done = replace_end(word, len, cases[i].cut, cases[i].to[k], take, context);
    return done;
}
