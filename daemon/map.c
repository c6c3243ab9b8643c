/*
 * Maps as they are written: keys and words. Knows no line.
 */
#include "daemon/map.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/map_word.h"
#include "daemon/time_text.h"

#define ZONE_BYTES_MAX 6u /* +hh:mm */

enum form {
    FORM_TEXT = 0, /* any word of a field */
    FORM_POINTER,  /* only a pointer */
    FORM_CONDITION,
    FORM_ZONE,
};

static const struct {
    const char *name;
    enum form form;
} keys[MAP_KEYS_COUNT] = {
    [MAP_PLATFORM] = {"platform", FORM_TEXT},
    [MAP_LISTING_ID] = {"listing_id", FORM_TEXT},
    [MAP_TITLE] = {"title", FORM_TEXT},
    [MAP_SELLER_ID] = {"seller_id", FORM_TEXT},
    [MAP_DESCRIPTION] = {"description", FORM_TEXT},
    [MAP_URL] = {"url", FORM_TEXT},
    [MAP_CURRENCY] = {"currency", FORM_TEXT},
    [MAP_PRICE] = {"price", FORM_TEXT},
    [MAP_STATE] = {"state", FORM_TEXT},
    [MAP_VIA] = {"via", FORM_TEXT},
    [MAP_STATUS] = {"status", FORM_TEXT},
    [MAP_OBSERVED_AT] = {"observed_at", FORM_TEXT},
    [MAP_CAPTURE_ID] = {"capture_id", FORM_TEXT},
    [MAP_CAPTURE_DIGEST] = {"capture_digest", FORM_TEXT},
    [MAP_ROOT] = {"root", FORM_POINTER},
    [MAP_WHERE] = {"where", FORM_CONDITION},
    [MAP_ZONE] = {"zone", FORM_ZONE},
    [MAP_GONE] = {"gone", FORM_CONDITION},
    /* What a platform does for a listing or its seller that counts as support
       (knowledge-domain 1.3, "affirmative"); a page can show that it was done. */
    [MAP_SUPPORT + 0] = {"support.sponsored_ad", FORM_CONDITION},
    [MAP_SUPPORT + 1] = {"support.promo_email", FORM_CONDITION},
    [MAP_SUPPORT + 2] = {"support.push_promo", FORM_CONDITION},
    [MAP_SUPPORT + 3] = {"support.preferred_status", FORM_CONDITION},
    [MAP_SUPPORT + 4] = {"support.featured_placement", FORM_CONDITION},
    [MAP_SUPPORT + 5] = {"support.campaign_slot", FORM_CONDITION},
    [MAP_SUPPORT + 6] = {"support.coupon_subsidy", FORM_CONDITION},
    [MAP_SUPPORT + 7] = {"support.search_boost", FORM_CONDITION},
    [MAP_SUPPORT + 8] = {"support.livestream_slot", FORM_CONDITION},
    [MAP_SUPPORT + 9] = {"support.ad_credit", FORM_CONDITION},
};

const char *map_key_name(enum map_key key)
{
    assert(key < MAP_KEYS_COUNT);
    return keys[key].name;
}

enum map_key map_key_named(const char *name, size_t len)
{
    enum map_key key = 0;

    while (key < MAP_KEYS_COUNT &&
           (strlen(keys[key].name) != len || memcmp(keys[key].name, name, len) != 0))
        key++;
    return key;
}

__attribute__((format(printf, 2, 3))) static int fail(char reterr_text[MAP_PROBLEM_BYTES],
                                                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reterr_text, MAP_PROBLEM_BYTES, format, arguments); /* a cut one is still one */
    va_end(arguments);
    return -EINVAL;
}

int map_open(const char *name, struct map **ret_map)
{
    struct map *map = calloc(1, sizeof(*map));

    if (map == NULL)
        return -ENOMEM;
    assert(strlen(name) <= MAP_NAME_BYTES_MAX);
    memcpy(map->name, name, strlen(name) + 1);
    *ret_map = map;
    return 0;
}

/* Z or +hh:mm: what makes a time of one that has none. */
static int parse_zone(struct map_word *word, char reterr_text[MAP_PROBLEM_BYTES])
{
    char time[sizeof("2026-01-01T00:00:00") + ZONE_BYTES_MAX] = "2026-01-01T00:00:00";
    size_t len = strlen(time);
    int64_t ns;

    if (word->len == 0 || word->len > ZONE_BYTES_MAX)
        return fail(reterr_text, "must be Z or an offset such as +01:00");
    memcpy(time + len, word->written, word->len);
    if (time_text_parse(time, len + word->len, &ns) < 0)
        return fail(reterr_text, "must be Z or an offset such as +01:00");
    word->text = word->written;
    word->text_len = word->len;
    return 0;
}

static int parse_pointer(struct map_word *word, size_t from, size_t to,
                         char reterr_text[MAP_PROBLEM_BYTES])
{
    char problem[MAP_POINTER_PROBLEM];

    if (map_pointer_parse(word->written + from, to - from, &word->pointer, problem) < 0)
        return fail(reterr_text, "%s: \"%.*s\"", problem, (int)(to - from < 64 ? to - from : 64),
                    word->written + from);
    return 0;
}

static int set_text(struct map_word *word, size_t from, char reterr_text[MAP_PROBLEM_BYTES])
{
    word->text = word->written + from;
    word->text_len = word->len - from;
    if (word->text_len > MAP_TEXT_BYTES_MAX)
        return fail(reterr_text, "a text is longer than %u bytes", MAP_TEXT_BYTES_MAX);
    return 0;
}

static int parse_text(struct map_word *word, char reterr_text[MAP_PROBLEM_BYTES])
{
    static const char host[] = "host:";
    const size_t host_len = sizeof(host) - 1;

    if (word->len > 0 && word->written[0] == '=') {
        word->kind = MAP_WORD_TEXT;
        return set_text(word, 1, reterr_text);
    }
    if (word->len > host_len && memcmp(word->written, host, host_len) == 0) {
        word->kind = MAP_WORD_HOST;
        return parse_pointer(word, host_len, word->len, reterr_text);
    }
    if (word->len == 0 || word->written[0] != '/')
        return fail(reterr_text,
                    "must be a pointer such as /name, =text, or host:/url, not "
                    "\"%.*s\"",
                    (int)(word->len < 64 ? word->len : 64), word->written);
    return parse_pointer(word, 0, word->len, reterr_text);
}

static int parse_condition(struct map_word *word, char reterr_text[MAP_PROBLEM_BYTES])
{
    const char *equals = memchr(word->written, '=', word->len);
    size_t end = equals == NULL ? word->len : (size_t)(equals - word->written);

    if (word->len == 0 || word->written[0] != '/')
        return fail(reterr_text,
                    "must be a pointer, or a pointer and what it is, such as /type=ad, not "
                    "\"%.*s\"",
                    (int)(word->len < 64 ? word->len : 64), word->written);
    word->has_text = equals != NULL;
    if (word->has_text && set_text(word, end + 1, reterr_text) < 0)
        return -EINVAL;
    return parse_pointer(word, 0, end, reterr_text);
}

static int parse(struct map_word *word, enum form form, char reterr_text[MAP_PROBLEM_BYTES])
{
    switch (form) {
    case FORM_TEXT:
        return parse_text(word, reterr_text);
    case FORM_POINTER:
        return parse_pointer(word, 0, word->len, reterr_text);
    case FORM_CONDITION:
        return parse_condition(word, reterr_text);
    case FORM_ZONE:
        return parse_zone(word, reterr_text);
    }
    assert(false);
    return -EINVAL;
}

int map_add(struct map *map, enum map_key key, const char *word, size_t len,
            char reterr_text[MAP_PROBLEM_BYTES])
{
    assert(key < MAP_KEYS_COUNT);
    const size_t max = keys[key].form == FORM_ZONE ? 1 : MAP_WORDS_MAX;

    if (map->keys[key].count == max)
        return fail(reterr_text, "takes at most %zu of them", max);
    if (len > MAP_POINTER_BYTES_MAX + 1 + MAP_TEXT_BYTES_MAX)
        return fail(reterr_text, "is longer than a pointer and a text");
    struct map_word *made = calloc(1, sizeof(*made) + len + JSON_SLACK_BYTES);
    if (made == NULL)
        return -ENOMEM;
    made->len = len;
    memcpy(made->written, word, len);
    int result = memchr(word, '\0', len) != NULL ? fail(reterr_text, "holds a NUL")
                                                 : parse(made, keys[key].form, reterr_text);
    if (result == 0 && key == MAP_DESCRIPTION && made->kind == MAP_WORD_HOST)
        result = fail(reterr_text, "a host is no text to look for marks in");
    if (result < 0) {
        free(made);
        return result;
    }
    map->keys[key].words[map->keys[key].count++] = made;
    return 0;
}

int map_inherit(struct map *map, const struct map *base)
{
    char problem[MAP_PROBLEM_BYTES];

    for (enum map_key key = 0; key < MAP_KEYS_COUNT; key++) {
        if (map->keys[key].count > 0)
            continue;
        for (size_t i = 0; i < base->keys[key].count; i++) {
            const struct map_word *word = base->keys[key].words[i];
            int result = map_add(map, key, word->written, word->len, problem);
            assert(result != -EINVAL); /* it was good once */
            if (result < 0)
                return result;
        }
    }
    return 0;
}

int map_check(const struct map *map, char reterr_text[MAP_PROBLEM_BYTES])
{
    static const enum map_key required[] = {MAP_PLATFORM, MAP_LISTING_ID, MAP_TITLE};

    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
        if (map->keys[required[i]].count == 0)
            return fail(reterr_text, "says nothing of %s, which every listing needs",
                        keys[required[i]].name);
    return 0;
}

const char *map_name(const struct map *map)
{
    return map->name;
}

size_t map_words_count(const struct map *map, enum map_key key)
{
    return map->keys[key].count;
}

const char *map_word(const struct map *map, enum map_key key, size_t index)
{
    assert(index < map->keys[key].count);
    return map->keys[key].words[index]->written;
}

struct map *map_close(struct map *map)
{
    if (map == NULL)
        return NULL;
    for (enum map_key key = 0; key < MAP_KEYS_COUNT; key++)
        for (size_t i = 0; i < map->keys[key].count; i++)
            free(map->keys[key].words[i]);
    free(map);
    return NULL;
}
