/*
 * The variants of marks by a slow and obvious generator, written from the definitions in variants.h
 * and variants_typo.h: sets are arrays, keys have places on a board, words are read from the files.
 * Only for forms of the letters a-z and spaces. Inflected forms are taken as given.
 */
#ifndef TESTS_UNIT_VARIANTS_NAIVE_H
#define TESTS_UNIT_VARIANTS_NAIVE_H

#include <stdio.h>

#include "matcher/variants.h"
#include "matcher/words.h"
#include "tests/unit/matcher_test.h"

#define NAIVE_MAX   20000
#define NAIVE_BYTES 64

struct naive_item {
    char text[NAIVE_BYTES];
    uint32_t mark;
    enum variants_kind kind;
    bool doubtful;
};

struct naive_set {
    struct naive_item items[NAIVE_MAX];
    size_t count;
};

/* The words of the three files; common ones have a mark. */
static struct {
    char text[24];
    bool common;
} naive_words[90000];
static size_t naive_words_count;

static void naive_read_words(void)
{
    static const char *const files[] = {"common.txt", "ours.txt", "known.txt"};
    for (size_t i = 0; i < 3 && naive_words_count < 70000; i++) {
        char path[64], line[256], whole[64] = "", token[64];
        (void)snprintf(path, sizeof path, "matcher/words/%s", files[i]);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        while (fgets(line, sizeof line, file) != NULL) {
            int taken = 0;
            for (char *at = line; line[0] != '#' && sscanf(at, "%63s%n", token, &taken) == 1;
                 at += taken) {
                char word[128];
                bool adds = token[0] == '-';
                (void)snprintf(word, sizeof word, "%s%s", adds ? whole : "", token + adds);
                if (!adds)
                    (void)snprintf(whole, sizeof whole, "%s", token);
                if (strlen(word) < 3)
                    continue;
                assert_true(naive_words_count < 90000);
                (void)snprintf(naive_words[naive_words_count].text, 24, "%.23s", word);
                naive_words[naive_words_count++].common = i < 2;
            }
        }
        (void)fclose(file); /* only read from */
    }
}

/* Whether b is a with one letter less, more or other, or two neighbours exchanged, and not a. */
static bool naive_one_slip(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b), at = 0;
    if (a_len > b_len + 1 || b_len > a_len + 1)
        return false;
    while (a[at] != '\0' && a[at] == b[at])
        at++;
    if (a[at] == '\0' && b[at] == '\0')
        return false;
    if (a_len == b_len && strcmp(a + at + 1, b + at + 1) == 0)
        return true;
    if (a_len == b_len)
        return a[at] == b[at + 1] && a[at + 1] == b[at] && strcmp(a + at + 2, b + at + 2) == 0;
    return a_len > b_len ? strcmp(a + at + 1, b + at) == 0 : strcmp(a + at, b + at + 1) == 0;
}

static bool naive_near_common(const char *word)
{
    for (size_t i = 0; i < naive_words_count; i++)
        if (naive_words[i].common && naive_one_slip(word, naive_words[i].text))
            return true;
    return false;
}

static enum words_kind naive_find(const char *word)
{
    return words_find(word, strlen(word)); /* the files against the table is a test of its own */
}

/* Whether key b touches key a, on a board whose rows are shifted by a quarter and a half key. */
static bool naive_touches(char a, char b, bool same_row)
{
    static const char *const rows[] = {"qwertyuiop", "asdfghjkl", "zxcvbnm"};
    static const double shift[] = {0, 0.25, 0.75};
    double x[2] = {0, 0}, y[2] = {0, 0};
    for (int key = 0; key < 2; key++)
        for (int row = 0; row < 3; row++) {
            const char *at = strchr(rows[row], key == 0 ? a : b);
            if (at != NULL) {
                x[key] = (double)(at - rows[row]) + shift[row];
                y[key] = row;
            }
        }
    double dx = x[0] - x[1], dy = y[0] - y[1];
    if (a == b || dx > 1 || dx < -1 || dy > 1 || dy < -1)
        return false;
    return !same_row || (dy < 0.5 && dy > -0.5);
}

/* Whether a letter stands in the place of the other on AZERTY or QWERTZ. */
static bool naive_twins(char a, char b)
{
    static const char *const twins[] = {"aq", "zw", "zy", "lm"};
    for (size_t i = 0; i < 4; i++)
        if (a != b && strchr(twins[i], a) != NULL && strchr(twins[i], b) != NULL)
            return true;
    return false;
}

/* Adds a text once for each mark, and of a kind: a sure one instead of a doubtful one. */
static void naive_add_as(struct naive_set *set, const char *text, struct naive_item like)
{
    size_t i = 0;
    while (i < set->count &&
           (set->items[i].mark != like.mark || strcmp(set->items[i].text, text) != 0))
        i++;
    if (i < set->count && (like.doubtful || !set->items[i].doubtful))
        return;
    assert_true(i < NAIVE_MAX);
    (void)snprintf(like.text, sizeof like.text, "%s", text);
    set->items[i] = like;
    set->count += i == set->count;
}

static void naive_add(struct naive_set *set, const char *text, uint32_t mark,
                      enum variants_kind kind)
{
    naive_add_as(set, text, (struct naive_item){.mark = mark, .kind = kind});
}

/* Adds word with cut letters at a place replaced. */
static void naive_put(struct naive_set *set, const char *word, size_t at, size_t cut,
                      const char *put)
{
    char text[256];
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)at, word, put, word + at + cut);
    if (strcmp(text, word) != 0 && text[0] != '\0')
        naive_add(set, text, 0, VARIANTS_TYPO);
}

static void naive_oversights(struct naive_set *set, const char *word)
{
    for (size_t i = 0; i + 1 < strlen(word); i++) {
        naive_put(set, word, i, 2, (char[]){word[i + 1], word[i], '\0'});
        if (word[i] == word[i + 1])
            naive_put(set, word, i, 1, "");
    }
    for (size_t i = 0; i < strlen(word); i++)
        naive_put(set, word, i, 0, (char[]){word[i], '\0'});
}

static void naive_omissions(struct naive_set *set, const char *word)
{
    for (size_t i = 1; i < strlen(word); i++)
        if (strspn(word + i, "s") < strlen(word + i))
            naive_put(set, word, i, 1, "");
}

/* Every slip of a word of a-z. */
static void naive_slips(struct naive_set *set, const char *word)
{
    static const char *const sounds[][2] = {
        {"ph", "f"},  {"c", "k"},   {"ck", "k"},  {"ck", "c"},  {"x", "ks"},
        {"x", "cs"},  {"i", "y"},   {"s", "z"},   {"ou", "u"},  {"qu", "kw"},
        {"qu", "kv"}, {"sh", "ch"}, {"l", "r"},   {"v", "w"},   {"ee", "i"},
        {"oo", "u"},  {"ow", "ou"}, {"ow", "oh"}, {"ow", "oe"}, {"ow", "ouw"}};
    naive_oversights(set, word);
    for (size_t i = 0; i < strlen(word); i++) {
        naive_put(set, word, i, 1, "");
        for (char c = 'a'; c <= 'z'; c++) {
            char put[] = {c, '\0'};
            bool vowels = strchr("aeiou", c) != NULL && strchr("aeiou", word[i]) != NULL;
            if (vowels || naive_touches(word[i], c, false) || naive_twins(word[i], c))
                naive_put(set, word, i, 1, put);
            if (naive_touches(word[i], c, true) || naive_twins(word[i], c))
                naive_put(set, word, i + 1, 0, put);
        }
        for (size_t k = 0; k < sizeof sounds / sizeof sounds[0]; k++)
            for (size_t way = 0; way < 2; way++) {
                size_t len = strlen(sounds[k][way]);
                if (strncmp(word + i, sounds[k][way], len) == 0)
                    naive_put(set, word, i, len, sounds[k][1 - way]);
            }
    }
}

static size_t naive_letters(const char *text)
{
    size_t letters = 0;
    for (; *text != '\0'; text++)
        letters += *text != ' ';
    return letters;
}

/* Whether text is a sure one of a set, of whatever mark and of a better kind than kind. */
static bool naive_has(const struct naive_set *set, const char *text, enum variants_kind kind)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].kind < kind && !set->items[i].doubtful &&
            strcmp(set->items[i].text, text) == 0)
            return true;
    return false;
}

/* Whether a run of some words of text, not all, is a listed form of the mark. */
static bool naive_hides(const struct naive_set *set, const char *text, uint32_t mark)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct naive_item *item = &set->items[i];
        char spaced[NAIVE_BYTES + 2], inner[NAIVE_BYTES + 2];
        (void)snprintf(spaced, sizeof spaced, " %s ", text);
        (void)snprintf(inner, sizeof inner, " %s ", item->text);
        if (item->kind == VARIANTS_LISTED && item->mark == mark && strlen(inner) < strlen(spaced) &&
            strstr(spaced, inner) != NULL)
            return true;
    }
    return false;
}

static void naive_offer(struct naive_set *set, const char *text, uint32_t mark,
                        enum variants_kind kind)
{
    if (!naive_has(set, text, kind) && !naive_hides(set, text, mark))
        naive_add(set, text, mark, kind);
}

/* Whether text is a doubtful one of another kind. */
static bool naive_is_doubted(const struct naive_set *set, const char *text, enum variants_kind kind)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->items[i].kind != kind && set->items[i].doubtful &&
            strcmp(set->items[i].text, text) == 0)
            return true;
    return false;
}

/* Drops the doubtful ones of set whose text is a sure one of others. */
static void naive_drop_known(struct naive_set *set, const struct naive_set *others)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++)
        if (!set->items[i].doubtful || !naive_has(others, set->items[i].text, VARIANTS_KINDS))
            set->items[kept++] = set->items[i];
    set->count = kept;
}

static void naive_join(struct naive_set *set, const char *form, uint32_t mark)
{
    char joined[NAIVE_BYTES];
    size_t len = 0;
    for (const char *at = form; *at != '\0'; at++)
        if (*at != ' ')
            joined[len++] = *at;
    joined[len] = '\0';
    if (strchr(form, ' ') != NULL && len >= 6 && naive_find(joined) == WORDS_NONE)
        naive_offer(set, joined, mark, VARIANTS_JOINED);
}

static void naive_split(struct naive_set *set, const char *form, uint32_t mark)
{
    size_t len = strlen(form);
    for (size_t at = 3; strchr(form, ' ') == NULL && len >= 9 && at + 3 <= len; at++) {
        char left[NAIVE_BYTES], split[NAIVE_BYTES * 2];
        (void)snprintf(left, sizeof left, "%.*s", (int)at, form);
        (void)snprintf(split, sizeof split, "%s %s", left, form + at);
        if (naive_find(left) != WORDS_COMMON || naive_find(form + at) != WORDS_COMMON)
            naive_offer(set, split, mark, VARIANTS_SPLIT);
    }
}

/* Offers the form with one of its words, which begins at at, misspelled. */
static void naive_offer_slips(struct naive_set *set, const char *form, struct naive_item item,
                              size_t at, const struct naive_set *slips)
{
    char one[NAIVE_BYTES];
    size_t len = strcspn(form + at, " ");
    bool phrase = strchr(form, ' ') != NULL;
    (void)snprintf(one, sizeof one, "%.*s", (int)len, form + at);
    for (size_t i = 0; i < slips->count; i++) {
        const char *slip = slips->items[i].text;
        char text[NAIVE_BYTES * 3];
        (void)snprintf(text, sizeof text, "%.*s%s%s", (int)at, form, slip, form + at + len);
        struct naive_item like = item;
        like.doubtful |= !phrase && naive_find(one) == WORDS_NONE && naive_near_common(slip);
        if (naive_find(slip) != WORDS_NONE || naive_hides(set, text, item.mark) ||
            naive_has(set, text, like.doubtful ? VARIANTS_KINDS : VARIANTS_TYPO) ||
            (like.doubtful && !phrase && strlen(slip) < 4) ||
            (like.doubtful && naive_is_doubted(set, text, VARIANTS_TYPO)))
            continue;
        naive_add_as(set, text, like);
    }
}

static void naive_misspell(struct naive_set *set, const char *form, uint32_t mark)
{
    static struct naive_set slips;
    struct naive_item sure = {.mark = mark, .kind = VARIANTS_TYPO}, doubtful = sure;
    bool phrase = strchr(form, ' ') != NULL;
    size_t letters = naive_letters(form), at = 0;
    doubtful.doubtful = true;
    for (const char *word = form; *word != '\0'; at = (size_t)(word - form)) {
        char one[NAIVE_BYTES];
        size_t len = strcspn(word, " ");
        (void)snprintf(one, sizeof one, "%.*s", (int)len, word);
        word += len + (word[len] == ' ');
        slips.count = 0;
        if (letters >= 8 && (!phrase || len >= 5)) {
            naive_slips(&slips, one);
            naive_offer_slips(set, form, sure, at, &slips);
        } else if (phrase ? letters >= 5 && len >= 3 : len >= 4) {
            naive_oversights(&slips, one);
            naive_offer_slips(set, form, (phrase ? letters >= 8 : len >= 5) ? sure : doubtful, at,
                              &slips);
            slips.count = 0;
            if (phrase ? letters >= 8 || len >= 4 : len > 4)
                naive_omissions(&slips, one);
            naive_offer_slips(set, form, doubtful, at, &slips);
        }
    }
}

#endif
