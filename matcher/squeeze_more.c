/*
 * Which variants are looked for in disguise too.
 */
#include "matcher/squeeze_more.h"

#include <errno.h>
#include <stdlib.h>

#include "matcher/fold.h"

static bool is_ascii(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if ((uint8_t)text[i] >= 0x80)
            return false;
    return true;
}

static bool is_vowel(char letter)
{
    return memchr("aeiou", letter, 5) != NULL;
}

/* Whether a slip leaves a letter out, exchanges two, or takes a vowel for another. */
static bool is_near(const char *text, size_t len, const char *form, size_t form_len)
{
    size_t at = 0;
    while (at < len && at < form_len && text[at] == form[at])
        at++;
    if (len + 1 == form_len)
        return true;
    if (len != form_len || at == len)
        return false;
    return (is_vowel(text[at]) && is_vowel(form[at])) ||
           (at + 1 < len && text[at] == form[at + 1] && text[at + 1] == form[at]);
}

static size_t count_letters(const char *text, size_t len)
{
    size_t letters = 0;
    for (size_t i = 0; i < len; i++)
        letters += text[i] != ' ';
    return letters;
}

/* Whether a variant is looked for in disguise too. */
static bool is_wanted(const struct matcher_lists *lists, const struct variants *variants,
                      const struct variants_item *item)
{
    char form[VARIANTS_BYTES_MAX * FOLD_GROWTH_MAX + 2 + FOLD_SLACK_BYTES];
    const char *text = variants->bytes + item->at;
    if (item->form >= lists->forms_count)
        return false;
    if (item->kind == VARIANTS_TURNED)
        return true;
    if (!is_ascii(text, item->len))
        return false;
    size_t letters = count_letters(text, item->len);
    if (item->kind == VARIANTS_INFLECTED)
        return letters >= SQUEEZE_NUMBER_LETTERS_MIN;
    struct lists_text listed = lists->forms[item->form].text;
    if ((item->kind != VARIANTS_TYPO && item->kind != VARIANTS_ALIKE) ||
        letters < SQUEEZE_TYPO_LETTERS_MIN || listed.len > VARIANTS_BYTES_MAX)
        return false;
    size_t len = fold_text(lists_at(lists, listed), listed.len, form) - 2;
    return item->kind == VARIANTS_ALIKE || is_near(text, item->len, form + 1, len);
}

int squeeze_more_keep(const struct matcher_lists *lists, const struct variants *variants,
                      struct squeeze_index *index)
{
    size_t len = 0;
    index->more = malloc((variants->count + 1) * sizeof *index->more);
    index->more_bytes = malloc(variants->bytes_len + 1);
    if (index->more == NULL || index->more_bytes == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < variants->count && !lists->unsqueezed; i++) {
        const struct variants_item *item = &variants->items[i];
        if (!is_wanted(lists, variants, item))
            continue;
        memcpy(index->more_bytes + len, variants->bytes + item->at, item->len);
        bool doubtful = item->doubtful ||
                        (item->kind != VARIANTS_TURNED &&
                         count_letters(variants->bytes + item->at, item->len) < SQUEEZE_TYPO_SURE);
        index->more[index->more_count++] =
            (struct squeeze_more){(uint32_t)len, item->len, item->form, item->kind, doubtful};
        len += item->len;
    }
    index->bytes = index->more_count * sizeof *index->more + len;
    return 0;
}
