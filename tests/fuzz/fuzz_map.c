/*
 * Any words as a map, and any line through it and through a built-in one: what is taken keeps the
 * rules of a listing, what is refused says why. The input's first line is "key word" separated by
 * tabs, its second the line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/listing.h"
#include "daemon/maps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_text(struct listing_text text, size_t max)
{
    static volatile char sum;

    check(text.len <= max);
    for (size_t i = 0; text.at != NULL && i < text.len + JSON_SLACK_BYTES; i++)
        sum = (char)(sum + text.at[i]);
}

static void check_listing(const struct listing *listing, const char *line, size_t len)
{
    size_t parts = 0;

    check(listing->platform.at != NULL && listing->platform.len > 0);
    check(memchr(listing->platform.at, '/', listing->platform.len) == NULL);
    check(listing->listing_id.len > 0 && listing->title.at != NULL);
    check_text(listing->platform, LISTING_ID_BYTES_MAX);
    check_text(listing->listing_id, LISTING_ID_BYTES_MAX);
    check_text(listing->title, JSON_BYTES_MAX);
    check_text(listing->description, JSON_BYTES_MAX - listing->title.len);
    check_text(listing->price, LISTING_WORD_BYTES_MAX);
    check_text(listing->observed_at, LISTING_ID_BYTES_MAX);
    check(listing->parts_count <= MAP_PARTS_MAX);
    for (size_t i = 0; i < listing->parts_count; i++) {
        check(listing->parts[i].at == listing->description.at + parts);
        parts += listing->parts[i].len + 1;
    }
    check(listing->parts_count == 0 || parts == listing->description.len + 1);
    check(listing->line.len == len && memcmp(listing->line.at, line, len) == 0);
}

static struct map *make(const char *words, size_t len)
{
    char problem[MAP_PROBLEM_BYTES] = "";
    struct map *map = NULL;

    check(map_open("fuzz", &map) == 0);
    for (size_t at = 0; at < len;) {
        const char *end = memchr(words + at, '\t', len - at);
        size_t word = end == NULL ? len - at : (size_t)(end - words) - at;
        const char *space = memchr(words + at, ' ', word);
        size_t name = space == NULL ? word : (size_t)(space - words) - at;
        enum map_key key = map_key_named(words + at, name);
        if (space != NULL && key < MAP_KEYS_COUNT &&
            map_add(map, key, space + 1, word - name - 1, problem) < 0)
            check(problem[0] != '\0');
        at += word + 1;
    }
    return map;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_parser *parser;
    static struct arena arena;
    static struct maps *maps;

    if (parser == NULL) {
        parser = json_open();
        check(parser != NULL && arena_open(&arena, LISTING_ARENA_BYTES_MAX) == 0);
        check(maps_open(&maps) == 0);
    }
    const uint8_t *newline = size == 0 ? NULL : memchr(data, '\n', size);
    if (newline == NULL)
        return 0;
    size_t words = (size_t)(newline - data), len = size - words - 1;
    struct map *map = make((const char *)data, words);
    char *line = malloc(len + JSON_SLACK_BYTES);
    check(line != NULL);
    if (len > 0)
        memcpy(line, newline + 1, len);
    memset(line + len, '1', JSON_SLACK_BYTES);
    for (size_t i = 0; i <= maps_count(maps); i++) {
        struct listing listing;
        struct reject reject = {.code = REJECT_NONE};
        const struct map *each = i == 0 ? map : maps_at(maps, i - 1);
        arena_reset(&arena);
        enum reject_code code =
            listing_decode_mapped(parser, each, line, len, &arena, &listing, &reject);
        check(reject.code == code);
        if (code == REJECT_NONE)
            check_listing(&listing, line, len);
        else
            check(arena.used == 0 && reject.detail[0] != '\0');
    }
    free(line);
    check(map_close(map) == NULL);
    return 0;
}
