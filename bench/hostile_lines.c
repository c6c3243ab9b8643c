/*
 * Hostile listings from names and cues.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/hostile.h"
#include "bench/words.h"

#define TEXT_BYTES_MAX (65536u) /* of most kinds */

struct text {
    char *at;
    size_t len, max;
};

/* Whether it fits. */
static bool put(struct text *text, const char *bytes, size_t len)
{
    if (text->len + len > text->max)
        return false;
    memcpy(text->at + text->len, bytes, len);
    text->len += len;
    return true;
}

static bool put_text(struct text *text, const char *bytes)
{
    return put(text, bytes, strlen(bytes));
}

static const char *cue(size_t i)
{
    return words_languages[i % WORDS_LANGUAGES].cues[i / WORDS_LANGUAGES % WORDS_CUES];
}

static bool put_entities(struct text *text, const char *name)
{
    char reference[16];
    bool fits = true;
    for (; fits && *name != '\0'; name++) {
        (void)snprintf(reference, sizeof reference, "&#%d;", (unsigned char)*name);
        fits = (unsigned char)*name < 0x80 ? put_text(text, reference) : put(text, name, 1);
    }
    return fits;
}

/* What may be put in the place of a letter. */
static const char *leet(const char *letter)
{
    static const char signs[] = "4bcd3fgh1jklmn0pqr5t|vwxyz";
    return *letter >= 'a' && *letter <= 'z' ? &signs[*letter - 'a'] : letter;
}

static bool put_leet(struct text *text, const char *name)
{
    bool fits = true;
    for (; fits && *name != '\0'; name++)
        fits = put(text, leet(name), 1);
    return fits;
}

/* n1.k.z for nike: the last letter is another, so that nothing is found and all is read. */
static bool put_disguised_miss(struct text *text, const char *name)
{
    bool fits = true;
    for (size_t i = 0; fits && name[i] != '\0'; i++) {
        bool ends = (name[i + 1] & 0xc0) != 0x80;
        const char *letter = name[i + 1] == '\0' && (name[i] & 0x80) == 0
                                 ? (name[i] == 'z' ? "k" : "z")
                             : i % 3 == 1 ? leet(&name[i])
                                          : &name[i];
        fits = put(text, letter, 1) && (i == 0 || !ends || put(text, ".", 1));
    }
    return fits;
}

static bool put_spelled(struct text *text, const char *name)
{
    bool fits = true;
    for (; fits && *name != '\0'; name++)
        fits = put(text, name, 1) && ((name[1] & 0xc0) == 0x80 || put(text, ".", 1));
    return fits;
}

/* One more piece of a kind's text; whether it fits. */
static bool put_piece(struct text *text, enum hostile_kind kind, const char *name, size_t i)
{
    size_t len = strlen(name);
    switch (kind) {
    case HOSTILE_NEAR_MISS:
        while (len > 1 && (name[len - 1] & 0xc0) == 0x80)
            len--;
        return put(text, name, len - 1) && put(text, " ", 1);
    case HOSTILE_LETTER:
        return put(text, "a", 1);
    case HOSTILE_MARKS:
        return put_text(text, name) && put(text, " ", 1);
    case HOSTILE_CUES:
        return put_text(text, i == 0 ? name : cue(i)) && put(text, " ", 1);
    case HOSTILE_MIXED:
        return put_text(text, i % 2 == 0 ? name : cue(i / 2)) && put(text, " ", 1);
    case HOSTILE_COMBINING:
        return put_text(text, i % 1000 == 0 ? " a" : "\u0323");
    case HOSTILE_ENTITIES:
        return put_entities(text, name) && put(text, " ", 1);
    case HOSTILE_DIGITS:
        return put_leet(text, name) && put(text, " ", 1);
    case HOSTILE_SPELLED:
        return put_spelled(text, name) && put(text, " ", 1);
    case HOSTILE_DISGUISED_MISS:
        return put_disguised_miss(text, name) && put(text, " ", 1);
    case HOSTILE_KINDS_COUNT:
        break;
    }
    assert(false);
    return false;
}

const char *hostile_name(enum hostile_kind kind)
{
    static const char *const names[HOSTILE_KINDS_COUNT] = {
        "hostile.near_miss", "hostile.letter",        "hostile.marks",    "hostile.cues",
        "hostile.mixed",     "hostile.combining",     "hostile.entities", "hostile.digits",
        "hostile.spelled",   "hostile.disguised_miss"};
    assert(kind < HOSTILE_KINDS_COUNT);
    return names[kind];
}

size_t hostile_line(enum hostile_kind kind, const struct names *names, char *out)
{
    static const char head[] =
        "{\"platform\":\"p\",\"listing_id\":\"h\",\"title\":\"hostile\",\"description\":\"";
    assert(names->count > 0);
    size_t max = kind == HOSTILE_MARKS ? HOSTILE_BYTES_MAX - 256 : TEXT_BYTES_MAX;
    struct text text = {.at = out, .max = max};
    (void)put_text(&text, head); /* there is room */
    size_t pieces = kind == HOSTILE_MARKS && names->count > 10000 ? 10000 : SIZE_MAX;
    for (size_t i = 0; i < pieces && put_piece(&text, kind, names->text[i % names->count], i); i++)
        continue;
    while (text.len > 0 && (text.at[text.len - 1] & 0x80) != 0)
        text.len--; /* the last piece may be cut inside a character */
    text.max += 8;
    (void)put_text(&text, "\"}\n"); /* there is room */
    return text.len;
}
