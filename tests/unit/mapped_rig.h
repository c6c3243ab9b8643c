/*
 * What the tests of mapped lines share: the built-in maps, maps of a few words, and lines in memory
 * that a sanitizer guards.
 */
#ifndef TESTS_UNIT_MAPPED_RIG_H
#define TESTS_UNIT_MAPPED_RIG_H

#include <stdlib.h>
#include <string.h>

#include "daemon/map.h"
#include "daemon/maps.h"
#include "tests/unit/listing_rig.h"

#define BASE "platform==p", "listing_id=/id", "title=/t"

static struct maps *maps;
static struct listing listing;
static struct reject reject;

static int open_maps(void **state)
{
    return maps_open(&maps) < 0 ? -1 : open_all(state);
}

static int close_maps(void **state)
{
    maps = maps_close(maps);
    return close_all(state);
}

/* In memory of its own, so that a sanitizer sees what is read behind it. */
static inline enum reject_code decode_len(const struct map *map, const char *line, size_t len)
{
    char *exact = malloc(len + JSON_SLACK_BYTES);

    assert_non_null(exact);
    memcpy(exact, line, len);
    memset(exact + len, '7', JSON_SLACK_BYTES);
    arena_reset(&arena);
    enum reject_code code =
        listing_decode_mapped(parser, map, exact, len, &arena, &listing, &reject);
    free(exact);
    if (code == REJECT_NONE) {
        assert_int_equal(listing.line.len, len);
        assert_memory_equal(listing.line.at, line, len);
    } else {
        assert_int_equal(arena.used, 0);
        assert_int_equal(reject.code, code);
    }
    return code;
}

static inline enum reject_code decode(const struct map *map, const char *line)
{
    return decode_len(map, line, strlen(line));
}

/* A map of "key=word", ended by NULL. */
static inline struct map *make(const char *const *words)
{
    char problem[MAP_PROBLEM_BYTES];
    struct map *map = NULL;

    assert_int_equal(map_open("m", &map), 0);
    for (; *words != NULL; words++) {
        const char *equals = strchr(*words, '=');
        enum map_key key = map_key_named(*words, (size_t)(equals - *words));
        assert_true(key < MAP_KEYS_COUNT);
        if (map_add(map, key, equals + 1, strlen(equals + 1), problem) < 0)
            fail_msg("%s: %s", *words, problem);
    }
    return map;
}

static inline void is_text(struct listing_text found, const char *wanted)
{
    if (wanted == NULL) {
        assert_null(found.at);
        return;
    }
    assert_non_null(found.at);
    if (found.len != strlen(wanted) || memcmp(found.at, wanted, found.len) != 0)
        fail_msg("%.*s, not %s", (int)found.len, found.at, wanted);
}

#endif
