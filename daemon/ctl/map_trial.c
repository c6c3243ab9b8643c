/*
 * Lines through a map, counted by field and word. The daemon's own decoder judges each line.
 */
#include "daemon/ctl/map_trial.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/lines.h"
#include "daemon/ctl/term.h"
#include "daemon/json_tape.h"
#include "daemon/listing.h"

#define EXAMPLE_BYTES 40u

struct word_counts {
    uint64_t lines;
    uint64_t
        wrong_lines;   /* in which it pointed to something of no use that no other word tells of */
    const char *wrong; /* what that was, at last */
    size_t example_len;
    char example[EXAMPLE_BYTES];
};

struct trial {
    const struct map *map;
    struct json_parser *parser;
    struct arena arena;
    struct lines *lines;
    uint64_t taken, refused;
    uint64_t found[MAP_KEYS_COUNT]; /* lines in which a key gave something */
    struct word_counts words[MAP_KEYS_COUNT][MAP_WORDS_MAX];
    enum map_key key;                 /* the one in hand */
    bool seen[MAP_WORDS_MAX];         /* its words that gave something in this line */
    const char *wrong[MAP_WORDS_MAX]; /* what others of them pointed to */
};

static void note(struct trial *trial, unsigned word, const char *at, size_t len)
{
    struct word_counts *counts = &trial->words[trial->key][word];

    if (trial->seen[word])
        return;
    trial->seen[word] = true;
    counts->lines++;
    if (counts->example_len > 0)
        return;
    counts->example_len = len < EXAMPLE_BYTES ? len : EXAMPLE_BYTES;
    while (counts->example_len < len && counts->example_len > 0 &&
           ((unsigned char)at[counts->example_len] & 0xC0) == 0x80)
        counts->example_len--; /* not inside a character */
    memcpy(counts->example, at, counts->example_len);
}

static enum reject_code note_each(void *context, const struct map_value *value)
{
    struct trial *trial = context;

    if (value->at == NULL)
        trial->wrong[value->word] = value->wrong;
    else
        note(trial, value->word, value->at, value->len);
    return REJECT_NONE;
}

static bool is_within(const char *word, const char *of)
{
    const size_t len = strlen(of);

    return strncmp(word, of, len) == 0 && word[len] == '/';
}

/* Whether another word tells of what this one could not take: one that goes further, or one that
   gave something and goes less far: /brand/name took what /brand could not. */
static bool is_told(const struct trial *trial, unsigned number)
{
    const char *word = map_word(trial->map, trial->key, number);

    for (size_t i = 0; i < map_words_count(trial->map, trial->key); i++) {
        const char *other = map_word(trial->map, trial->key, i);
        if ((trial->seen[i] && is_within(word, other)) ||
            ((trial->seen[i] || trial->wrong[i] != NULL) && is_within(other, word)))
            return true;
    }
    return false;
}

static void count_wrong(struct trial *trial)
{
    for (unsigned i = 0; i < MAP_WORDS_MAX; i++)
        if (trial->wrong[i] != NULL && !trial->seen[i] && !is_told(trial, i)) {
            trial->words[trial->key][i].wrong_lines++;
            trial->words[trial->key][i].wrong = trial->wrong[i];
        }
}

/* Faults were told by the decoder: here they only end the counting of a key. */
static void count_key(struct trial *trial, struct map_line *line, enum map_key key)
{
    struct map_value value = {.at = NULL};
    bool holds = false;

    trial->key = key;
    memset(trial->seen, 0, sizeof(trial->seen));
    memset(trial->wrong, 0, sizeof(trial->wrong));
    if (key == MAP_DESCRIPTION)
        (void)map_each(line, key, note_each, trial);
    else if (key < MAP_TEXTS_COUNT) {
        if (map_value(line, key, 0, &value) == REJECT_NONE &&
            (value.at != NULL || value.wrong != NULL))
            (void)note_each(trial, &value); /* always REJECT_NONE */
    } else if (map_holds(line, key, &holds) == REJECT_NONE && holds) {
        trial->found[key]++;
    }
    count_wrong(trial);
    for (size_t i = 0; i < MAP_WORDS_MAX; i++)
        if (trial->seen[i]) {
            trial->found[key]++;
            break;
        }
}

static void count_line(struct trial *trial, const struct line *read)
{
    static char room[JSON_ROOM_BYTES(JSON_BYTES_MAX) + MAP_TEXTS_COUNT * MAP_ROOM_BYTES];
    struct reject reject;
    bool surrogate;
    struct map_line line = {.map = trial->map, .parser = trial->parser, .reject = &reject};

    line.room = room + JSON_ROOM_BYTES(JSON_BYTES_MAX);
    if (json_parse_into(trial->parser, read->at, read->len, room, &line.tape, &surrogate) !=
            JSON_OK ||
        map_begin(&line) != REJECT_NONE)
        return;
    for (enum map_key key = 0; key < MAP_KEYS_COUNT; key++)
        if (key != MAP_ROOT && key != MAP_WHERE && key != MAP_ZONE)
            count_key(trial, &line, key);
}

static void try_line(struct trial *trial, const char *name, const struct line *line)
{
    struct listing listing;
    struct reject reject;
    enum reject_code code = REJECT_NONE;

    if (strspn(line->at, " \t\r") >= line->len)
        return;
    arena_reset(&trial->arena);
    if (line->bytes > line->len)
        code = reject_set(&reject, REJECT_TOO_LONG, "line: %llu bytes, at most %u are taken",
                          (unsigned long long)line->bytes, LINES_LINE_BYTES_MAX);
    else
        code = listing_decode_mapped(trial->parser, trial->map, line->at, line->len, &trial->arena,
                                     &listing, &reject);
    if (code == REJECT_NONE) {
        trial->taken++;
    } else {
        trial->refused++;
        ctl_message("%s:%llu: %s: %s", name, (unsigned long long)line->number,
                    reject_code_name(code), reject.detail);
    }
    if (code != REJECT_TOO_LONG)
        count_line(trial, line);
}

static int try_file(struct trial *trial, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    struct line line = {0};
    int result = LINES_LINE;

    if (fd == -1)
        return ctl_error("cannot open %s: %s", name, ctl_errno(errno));
    lines_start(trial->lines, fd);
    while (result > 0) {
        result = lines_next(trial->lines, &line);
        if (result == LINES_LINE)
            try_line(trial, name, &line);
    }
    if (!standard)
        (void)close(fd); /* only read from */
    return result < 0 ? ctl_error("cannot read %s: %s", name, input_error(result)) : CTL_OK;
}

/* What words pointed to and could not take. */
static void print_wrong(const struct trial *trial, enum map_key key)
{
    for (size_t i = 0; i < map_words_count(trial->map, key); i++) {
        const struct word_counts *word = &trial->words[key][i];
        if (word->wrong_lines > 0)
            printf("%-16s %9s  %-28s %9llu  not taken: %s\n", "", "", map_word(trial->map, key, i),
                   (unsigned long long)word->wrong_lines, word->wrong);
    }
}

static void print_key(const struct trial *trial, const struct term *term, enum map_key key)
{
    const uint64_t all = trial->taken + trial->refused;
    const size_t count = map_words_count(trial->map, key);
    bool first = true;

    if (count == 0)
        return;
    double share = all == 0 ? 0 : 100.0 * (double)(all - trial->found[key]) / (double)all;
    if (key >= MAP_GONE) {
        printf("%-16s %9s  %-28s %9llu\n", map_key_name(key), "", "holds",
               (unsigned long long)trial->found[key]);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct word_counts *word = &trial->words[key][i];
        if (word->lines == 0)
            continue;
        if (first)
            printf("%-16s %8.1f%%  ", map_key_name(key), share);
        else
            printf("%-16s %9s  ", "", "");
        printf("%-28s %9llu  ", map_word(trial->map, key, i), (unsigned long long)word->lines);
        term_print(term, word->example, word->example_len);
        printf("\n");
        first = false;
    }
    if (first)
        printf("%-16s %8.1f%%  nothing\n", map_key_name(key), share);
    print_wrong(trial, key);
}

static int print(const struct trial *trial)
{
    struct term term = term_open(stdout, TERM_COLOUR_NEVER);

    const unsigned long long all = trial->taken + trial->refused;

    printf("%llu lines: %llu would be taken, %llu refused\n\n", all,
           (unsigned long long)trial->taken, (unsigned long long)trial->refused);
    printf("%-16s %9s  %-28s %9s  %s\n", "field", "missing", "filled by", "lines", "example");
    for (enum map_key key = 0; key < MAP_KEYS_COUNT; key++)
        if (key != MAP_ROOT && key != MAP_WHERE && key != MAP_ZONE)
            print_key(trial, &term, key);
    return ctl_finish();
}

int map_trial(const struct map *map, int count, char **names)
{
    struct trial *trial = calloc(1, sizeof(*trial));
    int exit_code = CTL_OK;

    if (trial == NULL)
        return ctl_error("map: %s", ctl_errno(ENOMEM));
    trial->map = map;
    trial->parser = json_open();
    trial->lines = lines_open();
    if (trial->parser == NULL || trial->lines == NULL ||
        arena_open(&trial->arena, LISTING_ARENA_BYTES_MAX) < 0)
        exit_code = ctl_error("map: %s", ctl_errno(ENOMEM));
    for (int i = 0; i < count && exit_code == CTL_OK; i++)
        exit_code = try_file(trial, names[i]);
    if (exit_code == CTL_OK)
        exit_code = print(trial);
    if (exit_code == CTL_OK && trial->refused > 0)
        exit_code = CTL_REJECTED;
    (void)lines_close(trial->lines); /* both give NULL */
    (void)json_close(trial->parser);
    arena_close(&trial->arena);
    free(trial);
    return exit_code;
}
