/*
 * Listings from a seed.
 */
#include "bench/lines.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/vocabulary.h"
#include "bench/words.h"

#define TEXT_BYTES_MAX 3072u

struct writer {
    char *at;
    size_t len, room;
};

static void put(struct writer *writer, const char *text)
{
    size_t len = strlen(text);
    assert(writer->len + len < writer->room);
    memcpy(writer->at + writer->len, text, len);
    writer->len += len;
}

static void put_code_point(struct writer *writer, uint32_t cp)
{
    char bytes[5] = {0};
    if (cp < 0x80) {
        bytes[0] = (char)cp;
    } else if (cp < 0x800) {
        bytes[0] = (char)(0xc0 | cp >> 6);
        bytes[1] = (char)(0x80 | (cp & 63));
    } else if (cp < 0x10000) {
        bytes[0] = (char)(0xe0 | cp >> 12);
        bytes[1] = (char)(0x80 | (cp >> 6 & 63));
        bytes[2] = (char)(0x80 | (cp & 63));
    } else {
        bytes[0] = (char)(0xf0 | cp >> 18);
        bytes[1] = (char)(0x80 | (cp >> 12 & 63));
        bytes[2] = (char)(0x80 | (cp >> 6 & 63));
        bytes[3] = (char)(0x80 | (cp & 63));
    }
    put(writer, bytes);
}

static uint64_t below(uint64_t *state, uint64_t limit)
{
    return names_draw(state) % limit;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* One letter of a disguised name. */
static void put_disguised(struct writer *writer, char c, unsigned technique, bool first)
{
    char reference[16];
    uint32_t lower = (uint32_t)(c | 0x20) - 'a';
    switch (technique) {
    case 0: /* full width */
        put_code_point(writer, (uint32_t)c - 0x20 + 0xff00);
        break;
    case 1: /* a zero-width space before every letter but the first */
        if (!first)
            put_code_point(writer, 0x200b);
        put_code_point(writer, (uint32_t)c);
        break;
    case 2: /* a character reference */
        (void)snprintf(reference, sizeof reference, "&#%d;", c);
        put(writer, reference);
        break;
    case 3: /* a dot below */
        put_code_point(writer, (uint32_t)c);
        put_code_point(writer, 0x323);
        break;
    case 4: /* mathematical bold */
        put_code_point(writer, 0x1d41a + lower);
        break;
    case 5: /* circled */
        put_code_point(writer, 0x24d0 + lower);
        break;
    case 6: /* digits for letters */
        put_code_point(writer, (uint32_t)("4bcd3fgh1jklmn0pqrs7uvwxyz"[lower]));
        break;
    default: /* letters apart */
        if (!first)
            put(writer, ".");
        put_code_point(writer, (uint32_t)c);
        break;
    }
}

static void put_name(struct writer *writer, const char *name, uint64_t *state, bool disguised)
{
    unsigned technique = (unsigned)below(state, 8);
    bool first = true;
    for (const char *at = name; *at != '\0'; at++) {
        if (disguised && is_letter(*at)) {
            put_disguised(writer, *at, technique, first);
        } else {
            const char byte[2] = {*at, '\0'};
            put(writer, byte);
        }
        first = *at == ' ';
    }
}

static void put_sentence(struct writer *writer, const struct words *words, uint64_t which,
                         uint64_t *state)
{
    const char *sentence = words->sentences[which % WORDS_SENTENCES];
    size_t before = strcspn(sentence, "%");
    if (sentence[before] == '\0') {
        put(writer, sentence);
        return;
    }
    char head[256];
    (void)snprintf(head, sizeof head, "%.*s", (int)before, sentence);
    put(writer, head);
    put(writer, words->things[below(state, WORDS_THINGS)]);
    put(writer, sentence + before + 1);
}

/* A sentence of made-up words, as long as the sentences of people. */
static void put_made_up(struct writer *writer, size_t language, uint64_t *state)
{
    bool spaced = words_languages[language].spaced;
    unsigned count = 6 + (unsigned)below(state, 8);
    for (unsigned i = 0; i < count; i++) {
        char word[VOCABULARY_BYTES_MAX];
        vocabulary_word(language, state, word);
        put(writer, word);
        put(writer, i + 1 == count ? "." : spaced ? " " : "");
    }
}

/* Texts of a listing, decided by its content number alone, so that a later sighting is the same. */
static void write_texts(const struct lines *lines, uint64_t content, struct writer *title,
                        struct writer *description)
{
    uint64_t state = content;
    /* English is two lines in five, as in many markets */
    size_t language = below(&state, 5) < 2 ? 0 : below(&state, WORDS_LANGUAGES);
    const struct words *words = &words_languages[language];
    const char *gap = words->spaced ? " " : "";
    bool marked = below(&state, 1000) < lines->marked;
    unsigned manner = (unsigned)below(&state, 3);
    if (marked) {
        put_name(title, lines->names->text[below(&state, lines->names->count)], &state,
                 manner == 2);
        put(title, " ");
        if (manner == 1) {
            put(title, words->cues[below(&state, WORDS_CUES)]);
            put(title, " ");
        }
    }
    put(title, words->qualities[below(&state, WORDS_QUALITIES)]);
    put(title, gap);
    put(title, words->things[below(&state, WORDS_THINGS)]);
    char number[32];
    (void)snprintf(number, sizeof number, " %u cm #%u", 10 + (unsigned)below(&state, 90),
                   (unsigned)below(&state, 100000));
    put(title, number);
    unsigned sentences = 3 + (unsigned)below(&state, 8);
    uint64_t which = below(&state, WORDS_SENTENCES), stride = 1 + 2 * below(&state, 4);
    for (unsigned i = 0; i < sentences; i++) {
        if (i % 3 == 0)
            put_sentence(description, words, which + i * stride, &state);
        else
            put_made_up(description, language, &state);
        if (i + 1 < sentences)
            put(description, i % 3 == 2 ? "\n" : gap);
    }
}

/* A JSON string; escaped: non-ASCII of the BMP as \uXXXX. */
static void put_json(struct writer *writer, const struct writer *text, bool escaped)
{
    put(writer, "\"");
    for (size_t i = 0; i < text->len;) {
        unsigned char c = (unsigned char)text->at[i];
        char bytes[8] = {0};
        size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
        memcpy(bytes, text->at + i, len);
        if (c == '"' || c == '\\')
            (void)snprintf(bytes, sizeof bytes, "\\%c", c);
        else if (c == '\n')
            (void)snprintf(bytes, sizeof bytes, "\\n");
        else if (escaped && (len == 2 || len == 3)) {
            unsigned cp = c & (len == 2 ? 0x1fu : 0x0fu);
            for (size_t j = 1; j < len; j++)
                cp = cp << 6 | ((unsigned char)text->at[i + j] & 0x3fu);
            (void)snprintf(bytes, sizeof bytes, "\\u%04x", cp & 0xffffu);
        }
        put(writer, bytes);
        i += len;
    }
    put(writer, "\"");
}

void lines_start(struct lines *lines, const struct names *names, uint64_t seed, unsigned marked)
{
    assert(names->count > 0);
    *lines =
        (struct lines){.names = names, .state = seed * 0x2545f4914f6cdd1du + 1, .marked = marked};
}

/* A new listing, or (15 in 100) one seen before. */
static struct lines_seen choose(struct lines *lines)
{
    size_t slot = below(&lines->state, LINES_SEEN_MAX);
    bool again = below(&lines->state, 100) < 15 && lines->seen[slot].id != 0;
    if (!again)
        lines->seen[slot] =
            (struct lines_seen){.id = lines->number,
                                .seller = below(&lines->state, 20000),
                                .content = names_draw(&lines->state),
                                .platform = (unsigned)below(&lines->state, WORDS_PLATFORMS)};
    return lines->seen[slot];
}

size_t lines_next(struct lines *lines, char *out)
{
    char title_bytes[TEXT_BYTES_MAX], description_bytes[TEXT_BYTES_MAX], head[512];
    struct writer title = {.at = title_bytes, .room = sizeof title_bytes};
    struct writer description = {.at = description_bytes, .room = sizeof description_bytes};
    struct writer line = {.at = out, .room = LINES_BYTES_MAX};
    lines->number++;
    struct lines_seen seen = choose(lines);
    write_texts(lines, seen.content, &title, &description);
    const char *platform = words_platforms[seen.platform];
    (void)snprintf(head, sizeof head,
                   "{\"platform\":\"%s\",\"listing_id\":\"L%llu\",\"seller_id\":\"s%llu\","
                   "\"url\":\"https://%s.example/item/L%llu\",\"title\":",
                   platform, (unsigned long long)seen.id, (unsigned long long)seen.seller, platform,
                   (unsigned long long)seen.id);
    put(&line, head);
    bool escaped = seen.content % 12 == 0;
    put_json(&line, &title, escaped);
    put(&line, ",\"description\":");
    put_json(&line, &description, escaped);
    uint64_t second = lines->number / 50;
    (void)snprintf(
        head, sizeof head,
        ",\"price\":\"%llu.%02llu\",\"currency\":\"%s\","
        "\"observed_at\":\"2026-01-%02lluT%02llu:%02llu:%02llu.%03lluZ\"}\n",
        (unsigned long long)(seen.content % 300), (unsigned long long)(seen.content % 100),
        words_currencies[seen.platform], (unsigned long long)(1 + second / 86400 % 28),
        (unsigned long long)(second / 3600 % 24), (unsigned long long)(second / 60 % 60),
        (unsigned long long)(second % 60), (unsigned long long)(lines->number % 50 * 20));
    put(&line, head);
    return line.len;
}
