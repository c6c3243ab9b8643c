/*
 * What a map finds in one line. Knows the tape; knows no rule that a field must keep.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "daemon/map_word.h"

static enum reject_code fault(struct map_line *line, enum map_key key, const struct map_word *word,
                              enum map_found found)
{
    if (found == MAP_FOUND_STEPS)
        return reject_set(line->reject, REJECT_BAD_VALUE,
                          "line: has more members than a map looks at (%u)", MAP_STEPS_MAX);
    assert(found == MAP_FOUND_TWICE);
    return reject_set(line->reject, REJECT_DUP_KEY, "%s: a member in %s is there twice",
                      map_key_name(key), word->written);
}

/* A string, or a number as it is written; false: it is neither. */
static bool read_text(const struct map_line *line, uint64_t index, struct map_value *ret_value)
{
    struct json_value value;

    ret_value->is_string = json_tape_type(line->tape, index) == '"';
    if (ret_value->is_string) {
        ret_value->at = json_tape_string(line->tape, index, &ret_value->len);
        return true;
    }
    (void)json_tape_read(line->tape, index, &value); /* where it ends */
    if (value.type != JSON_INTEGER && value.type != JSON_NUMBER)
        return false;
    json_spelling(line->parser, &value, &ret_value->at, &ret_value->len);
    return true;
}

static const char *type_name(const struct map_line *line, uint64_t index)
{
    struct json_value value;

    (void)json_tape_read(line->tape, index, &value); /* where it ends */
    return json_type_name(value.type);
}

static const char *find(const char *at, const char *end, const char *bytes)
{
    for (; at < end; at++)
        if (strchr(bytes, *at) != NULL && *at != '\0')
            return at;
    return end;
}

/* The host of an address into the room, in small letters and without "www."; nothing when there is
   none, or it is too long for a platform. */
static void take_host(struct map_line *line, struct map_value *value)
{
    const char *at = value->at, *end = at + value->len;
    const char *slashes = memmem(at, value->len, "//", 2);

    value->len = 0;
    if (slashes == NULL || (slashes > at && slashes[-1] != ':'))
        return;
    at = slashes + 2;
    end = find(at, end, "/?#\\");
    const char *user = memrchr(at, '@', (size_t)(end - at));
    if (user != NULL)
        at = user + 1;
    const char *bracket = memchr(at, ']', (size_t)(end - at));
    end = find(bracket == NULL ? at : bracket, end, ":");
    if (end - at > 4 && strncasecmp(at, "www.", 4) == 0)
        at += 4;
    size_t len = (size_t)(end - at);
    if (len >= MAP_ROOM_BYTES - JSON_SLACK_BYTES)
        return;
    for (size_t i = 0; i < len; i++)
        line->room[i] = at[i] >= 'A' && at[i] <= 'Z' ? (char)(at[i] - 'A' + 'a') : at[i];
    line->room[len] = '\0'; /* as a string on the tape has it */
    value->at = line->room; /* whoever keeps it moves the room on */
    value->len = len;
}

/* One value that a word points to, as text. False: it is of no use; *wrong then says what it is. */
static bool take_value(struct map_line *line, const struct map_word *word, uint64_t index,
                       size_t bytes_max, struct map_value *ret_value)
{
    const char type = json_tape_type(line->tape, index);

    if (type == 'n')
        return false;
    if ((word->kind == MAP_WORD_HOST && type != '"') || !read_text(line, index, ret_value)) {
        ret_value->wrong = type_name(line, index);
        return false;
    }
    if (word->kind == MAP_WORD_HOST)
        take_host(line, ret_value);
    return bytes_max == 0 || ret_value->len <= bytes_max;
}

/* The first value of a word that is of use; ret_value->at stays NULL without one. */
static enum reject_code first_of(struct map_line *line, enum map_key key, size_t number,
                                 size_t bytes_max, struct map_value *ret_value)
{
    const struct map_word *word = line->map->keys[key].words[number];
    struct map_value value = {.word = (unsigned)number};
    struct map_walk walk;
    enum map_found found = MAP_FOUND_END;
    uint64_t index;

    if (word->kind == MAP_WORD_TEXT) {
        *ret_value = (struct map_value){
            .at = word->text, .len = word->text_len, .is_string = true, .word = (unsigned)number};
        return REJECT_NONE;
    }
    map_walk_begin(&walk, line->tape, line->root, &word->pointer, &line->steps);
    while ((found = map_walk_next(&walk, &index)) == MAP_FOUND_VALUE) {
        if (take_value(line, word, index, bytes_max, &value) &&
            (value.len > 0 || ret_value->at == NULL))
            *ret_value = value;
        else if (value.wrong != NULL && ret_value->wrong == NULL && ret_value->at == NULL)
            *ret_value = (struct map_value){.word = value.word, .wrong = value.wrong};
        if (ret_value->at == NULL || ret_value->len == 0)
            continue;
        if (word->kind == MAP_WORD_HOST)
            line->room += ret_value->len + 1;
        return REJECT_NONE;
    }
    return found == MAP_FOUND_END ? REJECT_NONE : fault(line, key, word, found);
}

enum reject_code map_value(struct map_line *line, enum map_key key, size_t bytes_max,
                           struct map_value *ret_value)
{
    struct map_value value = {.at = NULL};
    enum reject_code code = REJECT_NONE;

    for (size_t i = 0; i < line->map->keys[key].count && code == REJECT_NONE; i++) {
        code = first_of(line, key, i, bytes_max, &value);
        if (value.at != NULL && value.len > 0)
            break;
    }
    if (code == REJECT_NONE)
        *ret_value = value;
    return code;
}

enum reject_code map_each(struct map_line *line, enum map_key key,
                          enum reject_code (*each)(void *context, const struct map_value *value),
                          void *context)
{
    enum reject_code code = REJECT_NONE;

    for (size_t i = 0; i < line->map->keys[key].count && code == REJECT_NONE; i++) {
        const struct map_word *word = line->map->keys[key].words[i];
        struct map_value value = {.word = (unsigned)i};
        struct map_walk walk;
        enum map_found found = MAP_FOUND_END;
        uint64_t index;
        if (word->kind == MAP_WORD_TEXT) {
            value = (struct map_value){
                .at = word->text, .len = word->text_len, .is_string = true, .word = (unsigned)i};
            code = each(context, &value);
            continue;
        }
        map_walk_begin(&walk, line->tape, line->root, &word->pointer, &line->steps);
        while (code == REJECT_NONE && (found = map_walk_next(&walk, &index)) == MAP_FOUND_VALUE) {
            value = (struct map_value){.word = (unsigned)i};
            if (take_value(line, word, index, 0, &value) && value.is_string ? value.len > 0
                                                                            : value.wrong != NULL)
                code = each(context, &value);
        }
        value = (struct map_value){.word = (unsigned)i, .wrong = "no array or object"};
        if (code == REJECT_NONE && found == MAP_FOUND_END && walk.blocked)
            code = each(context, &value);
        if (code == REJECT_NONE && found != MAP_FOUND_END)
            code = fault(line, key, word, found);
    }
    return code;
}

static bool is_text(const struct map_word *word, const char *at, size_t len)
{
    return len == word->text_len && memcmp(at, word->text, len) == 0;
}

/* Whether what a condition points to is what it says. Numbers are compared as such: to find how
   each is written would cost a walk over the line. */
static bool is_so(const struct map_line *line, const struct map_word *word, uint64_t index)
{
    struct json_value value;
    char integer[24];

    (void)json_tape_read(line->tape, index, &value); /* where it ends */
    switch (value.type) {
    case JSON_BOOL:
        return word->has_text
                   ? is_text(word, value.boolean ? "true" : "false", value.boolean ? 4 : 5)
                   : value.boolean;
    case JSON_STRING:
        return word->has_text ? is_text(word, value.text, value.len) : value.len > 0;
    case JSON_INTEGER:
        (void)snprintf(integer, sizeof(integer), "%lld", (long long)value.integer); /* it fits */
        return word->has_text ? is_text(word, integer, strlen(integer)) : value.integer != 0;
    case JSON_NUMBER:
        return !word->has_text && (value.number < 0 || value.number > 0);
    case JSON_NULL:
    case JSON_ARRAY:
    case JSON_OBJECT:
        return false;
    }
    assert(false);
    return false;
}

enum reject_code map_holds(struct map_line *line, enum map_key key, bool *ret_holds)
{
    for (size_t i = 0; i < line->map->keys[key].count; i++) {
        const struct map_word *word = line->map->keys[key].words[i];
        struct map_walk walk;
        enum map_found found = MAP_FOUND_END;
        uint64_t index;
        map_walk_begin(&walk, line->tape, line->root, &word->pointer, &line->steps);
        while ((found = map_walk_next(&walk, &index)) == MAP_FOUND_VALUE) {
            if (!is_so(line, word, index))
                continue;
            *ret_holds = true;
            return REJECT_NONE;
        }
        if (found != MAP_FOUND_END)
            return fault(line, key, word, found);
    }
    *ret_holds = false;
    return REJECT_NONE;
}

/* Counts the objects that a word of `root` leads to and that are wanted; the last is line->root. */
static enum reject_code pick(struct map_line *line, const struct map_word *word, size_t *ret_count)
{
    const bool any = line->map->keys[MAP_WHERE].count == 0;
    struct map_walk walk;
    enum map_found found = MAP_FOUND_END;
    uint64_t index, picked = JSON_TAPE_ROOT;
    size_t count = 0;

    map_walk_begin(&walk, line->tape, JSON_TAPE_ROOT, &word->pointer, &line->steps);
    while ((found = map_walk_next(&walk, &index)) == MAP_FOUND_VALUE) {
        bool holds = any;
        if (json_tape_type(line->tape, index) != '{')
            continue;
        line->root = index;
        enum reject_code code = any ? REJECT_NONE : map_holds(line, MAP_WHERE, &holds);
        if (code != REJECT_NONE)
            return code;
        if (holds) {
            picked = index;
            count++;
        }
    }
    line->root = picked;
    *ret_count = count;
    return found == MAP_FOUND_END ? REJECT_NONE : fault(line, MAP_ROOT, word, found);
}

enum reject_code map_begin(struct map_line *line)
{
    static const struct map_word whole = {.kind = MAP_WORD_POINTER};
    const size_t words = line->map->keys[MAP_ROOT].count;
    enum reject_code code = REJECT_NONE;
    size_t count = 0;

    line->steps = MAP_STEPS_MAX;
    if (words == 0)
        code = pick(line, &whole, &count);
    for (size_t i = 0; i < words && count == 0 && code == REJECT_NONE; i++)
        code = pick(line, line->map->keys[MAP_ROOT].words[i], &count);
    if (code != REJECT_NONE || count == 1)
        return code;
    if (count > 1)
        return reject_set(line->reject, REJECT_BAD_VALUE,
                          "line: holds %zu objects that the map %s takes, must hold one: send each "
                          "as a line of its own",
                          count, line->map->name);
    if (words == 0 && json_tape_type(line->tape, JSON_TAPE_ROOT) != '{')
        return reject_set(line->reject, REJECT_BAD_TYPE, "line: is %s, must be an object",
                          type_name(line, JSON_TAPE_ROOT));
    return reject_set(line->reject, REJECT_MISSING_FIELD,
                      "line: holds no object that the map %s takes", line->map->name);
}
