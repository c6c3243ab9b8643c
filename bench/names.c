/*
 * Marks that nobody owns, and the lists that the matcher reads.
 */
#include "bench/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/words.h"

#define LINE_BYTES_MAX 4096u

uint64_t names_draw(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15u;
    uint64_t z = *state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static char *put(char *at, const char *text)
{
    size_t len = strlen(text);
    memcpy(at, text, len);
    return at + len;
}

static size_t put_word(char *at, uint64_t *state, unsigned syllables)
{
    static const char *const onsets[] = {
        "b",  "br", "d", "dr", "f", "g",  "gl", "h",  "j", "k", "kl", "l", "m",  "n",  "p",  "pr",
        "qu", "r",  "s", "st", "t", "tr", "v",  "vr", "w", "x", "y",  "z", "zw", "sh", "ch", "th"};
    static const char *const vowels[] = {"a", "e", "i", "o", "u", "ai", "eo", "ou"};
    static const char *const codas[] = {"", "", "", "n", "x", "r", "l", "z"};
    char *begin = at;
    for (unsigned i = 0; i < syllables; i++) {
        uint64_t draw = names_draw(state);
        at = put(at, onsets[draw & 31]);
        at = put(at, vowels[(draw >> 8) & 7]);
        at = put(at, codas[(draw >> 16) & 7]);
    }
    begin[0] = (char)(begin[0] - 'a' + 'A');
    return (size_t)(at - begin);
}

static int compare(const void *left, const void *right)
{
    return strcmp(left, right);
}

int names_make(size_t count, struct names *ret_names)
{
    struct names names = {.text = calloc(count, sizeof *names.text)};
    char(*sorted)[NAMES_BYTES_MAX] = calloc(count, sizeof *sorted);
    if (names.text == NULL || sorted == NULL) {
        names_close(&names);
        free(sorted);
        return -ENOMEM;
    }
    /* The number makes them distinct and keeps smaller sets prefixes of larger ones: nine in ten
       end in a second word that encodes it, the others are long single words. */
    uint64_t state = 7;
    for (size_t i = 0; i < count; i++) {
        char *at = names.text[i];
        at += put_word(at, &state, i % 10 == 0 ? 3 : 2);
        *at++ = i % 10 == 0 ? 'q' : ' ';
        size_t number = i;
        do {
            *at++ = "bdfgklmnprstvwxz"[number & 15];
            *at++ = "aeio"[(number >> 4) & 3];
            number >>= 6;
        } while (number > 0);
        *at = '\0';
    }
    names.count = count;
    memcpy(sorted, names.text, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            (void)fprintf(stderr, "bench: %s is there twice, going on\n", sorted[i]);
    free(sorted);
    *ret_names = names;
    return 0;
}

/* The cell of this column in a line; NULL when it is not there. */
static const char *cell(const char *line, size_t column, size_t *ret_len)
{
    for (; column > 0 && line != NULL; column--) {
        line = strchr(line, '\t');
        line = line == NULL ? NULL : line + 1;
    }
    if (line != NULL)
        *ret_len = strcspn(line, "\t\r\n");
    return line;
}

int names_read(const char *path, struct names *ret_names)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -errno;
    struct names names = {0};
    char line[LINE_BYTES_MAX];
    size_t column = SIZE_MAX;
    int result = 0;
    while (result == 0 && fgets(line, sizeof line, file) != NULL) {
        size_t len = 0;
        const char *at = NULL;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        for (size_t i = 0; column == SIZE_MAX && (at = cell(line, i, &len)) != NULL; i++)
            if (len == 4 && memcmp(at, "mark", 4) == 0) {
                column = i;
                line[0] = '\0';
            }
        at = cell(line, column, &len);
        if (line[0] == '\0' || at == NULL || len == 0 || len >= NAMES_BYTES_MAX)
            continue;
        void *larger = reallocarray(names.text, names.count + 1, sizeof *names.text);
        if (larger == NULL) {
            result = -ENOMEM;
            break;
        }
        names.text = larger;
        memcpy(names.text[names.count], at, len);
        names.text[names.count++][len] = '\0';
    }
    (void)fclose(file); /* it was only read */
    if (result == 0 && names.count == 0)
        result = -EINVAL;
    if (result == 0)
        *ret_names = names;
    else
        names_close(&names);
    return result;
}

int names_join(const struct names *one, const struct names *other, struct names *ret_names)
{
    struct names names = {.count = one->count + other->count};
    names.text = calloc(names.count + 1, sizeof *names.text);
    if (names.text == NULL)
        return -ENOMEM;
    if (one->count > 0)
        memcpy(names.text, one->text, one->count * sizeof *names.text);
    if (other->count > 0)
        memcpy(names.text + one->count, other->text, other->count * sizeof *names.text);
    *ret_names = names;
    return 0;
}

char *names_list(const struct names *names, size_t varied, size_t *ret_len)
{
    char *list = NULL;
    FILE *out = open_memstream(&list, ret_len);
    if (out == NULL)
        return NULL;
    (void)fputs("mark_id\tmark\tcategory\tgeneric\taliases\tvariants\n", out);
    for (size_t i = 0; i < names->count; i++)
        (void)fprintf(out, "B%05zu\t%s\tbench\t0\t\t%s\n", i + 1, names->text[i],
                      i < varied ? "1" : "");
    return fclose(out) == 0 ? list : NULL;
}

char *names_cues(size_t *ret_len)
{
    char *list = NULL;
    FILE *out = open_memstream(&list, ret_len);
    if (out == NULL)
        return NULL;
    (void)fputs("cue_id\tlang\tphrase\tstrength\n", out);
    for (size_t i = 0; i < WORDS_LANGUAGES; i++)
        for (size_t j = 0; j < WORDS_CUES; j++)
            (void)fprintf(out, "Q%02zu%zu\t%s\t%s\t3\n", i, j, words_languages[i].language,
                          words_languages[i].cues[j]);
    return fclose(out) == 0 ? list : NULL;
}

void names_close(struct names *names)
{
    free(names->text);
    *names = (struct names){0};
}
