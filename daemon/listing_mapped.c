/*
 * A line of somebody else's shape: JSON -> struct listing through a field map. Knows the fields'
 * rules and what a map finds; knows no socket, matcher or record.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/json_tape.h"
#include "daemon/listing_fields.h"
#include "daemon/map.h"

#define WORDS_SHOWN_BYTES 80u
#define SECOND_NS         INT64_C(1000000000)
#define SECONDS_FROM      INT64_C(1000000000) /* of 2001: ten digits */
#define SECONDS_MAX       INT64_C(9223372035) /* in int64_t nanoseconds, with any fraction */
#define TIME_BYTES_MAX    64u                 /* of one without an offset */

/* A description on its way: one string stands where it is, several are copied behind each other. */
struct parts {
    struct map_line *line;
    struct listing_text *at; /* MAP_PARTS_MAX */
    size_t count, joined;    /* kept apart; strings in all */
    char *text;              /* where they are copied */
    size_t len, len_max;
};

static enum reject_code add_part(void *context, const struct map_value *value)
{
    struct parts *parts = context;

    if (value->at == NULL)
        return REJECT_NONE; /* `noticectl map test` tells of it */
    /* len counts a newline behind the last string, which one that fills the room has not. */
    if (parts->len > parts->len_max || value->len > parts->len_max - parts->len)
        return reject_set(parts->line->reject, REJECT_TOO_LONG,
                          "description: with the title it has more than %u bytes", JSON_BYTES_MAX);
    parts->joined++;
    if (parts->joined == 1) {
        parts->at[parts->count++] = (struct listing_text){value->at, value->len};
        parts->len = value->len + 1; /* and a newline, if another one comes */
        return REJECT_NONE;
    }
    if (parts->joined == 2) {
        memcpy(parts->text, parts->at[0].at, parts->at[0].len);
        parts->at[0].at = parts->text;
    }
    char *at = parts->text + parts->len;
    at[-1] = '\n';
    memcpy(at, value->at, value->len);
    parts->len += value->len + 1;
    if (parts->count == MAP_PARTS_MAX)
        parts->at[parts->count - 1].len =
            (size_t)(at - parts->at[parts->count - 1].at) + value->len;
    else
        parts->at[parts->count++] = (struct listing_text){at, value->len};
    return REJECT_NONE;
}

/* All strings of the description; each is a part that no mark or cue reaches across. */
static enum reject_code map_description(struct map_line *line, struct listing_text *parts_at,
                                        size_t len_max, struct listing_text *ret_text,
                                        size_t *ret_count)
{
    struct parts parts = {.line = line, .at = parts_at, .text = line->room, .len_max = len_max};
    enum reject_code code = map_each(line, MAP_DESCRIPTION, add_part, &parts);

    *ret_text = (struct listing_text){0};
    *ret_count = parts.count;
    if (code != REJECT_NONE || parts.count == 0)
        return code;
    *ret_text = parts.at[0];
    if (parts.joined > 1) {
        *ret_text = (struct listing_text){parts.text, parts.len - 1};
        line->room += parts.len;
    }
    return REJECT_NONE;
}

/* "title: missing: nothing at /name, /title" */
static enum reject_code missing(const struct map_line *line, enum map_key key)
{
    char words[WORDS_SHOWN_BYTES + 4] = "";
    size_t len = 0, count = map_words_count(line->map, key);

    for (size_t i = 0; i < count; i++) {
        const char *word = map_word(line->map, key, i);
        size_t word_len = strlen(word);
        if (len + 2 + word_len > WORDS_SHOWN_BYTES)
            break;
        if (i > 0) {
            memcpy(words + len, ", ", 2);
            len += 2;
        }
        memcpy(words + len, word, word_len);
        len += word_len;
    }
    words[len] = '\0';
    return reject_set(line->reject, REJECT_MISSING_FIELD, "%s: missing: map %s finds nothing at %s",
                      map_key_name(key), map_name(line->map), words);
}

/* One field and its text; NULL: it is not there. */
static enum reject_code map_field(struct map_line *line, enum field field,
                                  struct listing_text *ret_text, bool *ret_is_string)
{
    const struct field_rule *rule = &fields[field];
    const enum map_key key = (enum map_key)field;
    struct map_value value = {.at = NULL};
    enum reject_code code = map_value(line, key, rule->bytes_max, &value);

    /* What is only too long is said to be so. */
    if (code == REJECT_NONE && value.at == NULL && rule->bytes_max > 0)
        code = map_value(line, key, 0, &value);
    *ret_text = (struct listing_text){0};
    *ret_is_string = value.is_string;
    if (code != REJECT_NONE)
        return code;
    if (value.at == NULL && (rule->rules & RULE_REQUIRED) == 0)
        return REJECT_NONE;
    if (value.at == NULL && value.wrong == NULL)
        return missing(line, key);
    if (value.at == NULL)
        return reject_set(line->reject, REJECT_BAD_TYPE, "%s: %s is %s, must be a string or number",
                          rule->name, map_word(line->map, key, value.word), value.wrong);
    if (value.len == 0 && (rule->rules & (RULE_REQUIRED | RULE_FILLED)) == 0)
        return REJECT_NONE;
    *ret_text = (struct listing_text){value.at, value.len};
    return judge_text(line->reject, rule, value.at, value.len, value.is_string);
}

/* Seconds or milliseconds since 1970, with or without a fraction: ten or thirteen digits, so that
   20260304 and 202603041015 are neither. 0 or -EINVAL. */
static int parse_epoch(struct listing_text text, int64_t *ret_wall_ns)
{
    int64_t whole = 0, fraction = 0, unit = SECOND_NS;
    size_t at = 0;

    for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++) {
        if (whole > SECONDS_MAX * 1000 / 10)
            return -EINVAL;
        whole = 10 * whole + (text.at[at] - '0');
    }
    if (at < text.len && text.at[at] == '.')
        for (at++; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++) {
            unit /= 10; /* past the ninth digit: nothing */
            fraction += unit * (text.at[at] - '0');
        }
    if (at != text.len)
        return -EINVAL;
    if (whole >= SECONDS_FROM * 1000 && whole <= SECONDS_MAX * 1000)
        *ret_wall_ns = whole * (SECOND_NS / 1000) + fraction / 1000;
    else if (whole >= SECONDS_FROM && whole <= SECONDS_MAX)
        *ret_wall_ns = whole * SECOND_NS + fraction;
    else
        return -EINVAL;
    return 0;
}

/* Makes RFC 3339 of what crawlers write: records quote it (DESIGN 9.17). What cannot be made is
   left, and refused by what judges it. */
static void make_time(struct map_line *line, struct listing_text *text)
{
    char *room = line->room;
    int64_t ns = 0;

    if (text->at == NULL || text->len > TIME_BYTES_MAX)
        return;
    if (parse_epoch(*text, &ns) == 0) {
        time_text_format(ns, room);
        *text = (struct listing_text){room, TIME_TEXT_BYTES - 1};
    } else if (map_words_count(line->map, MAP_ZONE) > 0 &&
               time_text_parse(text->at, text->len, &ns) < 0) {
        const char *zone = map_word(line->map, MAP_ZONE, 0);
        size_t len = strlen(zone);
        memcpy(room, text->at, text->len);
        memcpy(room + text->len, zone, len);
        if (time_text_parse(room, text->len + len, &ns) == 0)
            *text = (struct listing_text){room, text->len + len};
    }
    line->room += TIME_BYTES_MAX + TIME_TEXT_BYTES;
}

/* Says where the page's own copy is. What is no such name is left out, and no reason to refuse the
   page. */
static enum reject_code map_capture(struct map_line *line, enum map_key key,
                                    struct listing_text *ret_text)
{
    struct map_value value = {.at = NULL};
    enum reject_code code = map_value(line, key, LISTING_CAPTURE_BYTES_MAX, &value);

    for (size_t i = 0; i < value.len && value.at != NULL; i++)
        if (value.at[i] < ' ' || value.at[i] > '~' || value.at[i] == '"' || value.at[i] == '\\')
            value.at = NULL;
    if (code == REJECT_NONE && value.at != NULL && value.len > 0)
        *ret_text = (struct listing_text){value.at, value.len};
    return code;
}

static enum reject_code map_support(struct map_line *line, unsigned *ret_support)
{
    enum reject_code code = REJECT_NONE;

    *ret_support = 0;
    for (enum map_key key = MAP_SUPPORT; key < MAP_SUPPORT_END && code == REJECT_NONE; key++) {
        bool holds = false;
        code = map_holds(line, key, &holds);
        *ret_support |= (unsigned)holds << (key - MAP_SUPPORT);
    }
    return code;
}

/* All fields, in their order; the first fault is told. */
static enum reject_code map_fields(struct map_line *line, struct listing_text texts[FIELD_TYPE],
                                   struct listing *ret_listing)
{
    static const char gone[4 + JSON_SLACK_BYTES] = "gone";
    struct listing_text *parts = (void *)line->room;
    enum reject_code code = REJECT_NONE;
    bool holds = false;

    static_assert((int)FIELD_TYPE == (int)MAP_FIELDS_COUNT &&
                      (int)FIELD_OBSERVED_AT == (int)MAP_OBSERVED_AT,
                  "a map's keys begin with the fields, in their order");
    line->room += MAP_PARTS_MAX * sizeof(parts[0]);
    for (unsigned i = 0; i < FIELD_TYPE && code == REJECT_NONE; i++) {
        enum field field = (enum field)i;
        bool is_string;
        if (field == FIELD_DESCRIPTION)
            code = map_description(line, parts, JSON_BYTES_MAX - texts[FIELD_TITLE].len,
                                   &texts[field], &ret_listing->parts_count);
        else
            code = map_field(line, field, &texts[field], &is_string);
        if (code == REJECT_NONE && texts[field].at != NULL)
            code = judge_word(line->reject, field, texts[field]);
    }
    ret_listing->parts = parts;
    if (code == REJECT_NONE)
        code = map_holds(line, MAP_GONE, &holds);
    if (holds)
        texts[FIELD_STATE] = (struct listing_text){gone, 4};
    if (code == REJECT_NONE)
        code = map_capture(line, MAP_CAPTURE_ID, &ret_listing->capture_id);
    if (code == REJECT_NONE)
        code = map_capture(line, MAP_CAPTURE_DIGEST, &ret_listing->capture_digest);
    if (code == REJECT_NONE)
        code = map_support(line, &ret_listing->support);
    if (code != REJECT_NONE)
        return code;
    make_time(line, &texts[FIELD_OBSERVED_AT]);
    return judge_together(line->reject, texts, &ret_listing->observed_at_ns);
}

enum reject_code listing_decode_mapped(struct json_parser *parser, const struct map *map,
                                       const char *bytes, size_t len, struct arena *arena,
                                       struct listing *ret_listing, struct reject *reterr_reject)
{
    struct listing_text texts[FIELD_TYPE];
    struct listing listing = {.observed_at_ns = 0};
    bool surrogate = false;

    static_assert(LISTING_MAPPED_BYTES_MAX >=
                      JSON_BYTES_MAX + 16 + MAP_PARTS_MAX * sizeof(struct listing_text) +
                          MAP_TEXTS_COUNT * MAP_ROOM_BYTES + TIME_BYTES_MAX + TIME_TEXT_BYTES,
                  "whatever a map writes has room");
    char *room = arena_take(arena, LISTING_ARENA_BYTES_MAX);
    struct map_line line = {.map = map, .parser = parser, .reject = reterr_reject};
    enum json_status status = json_parse_into(parser, bytes, len, room, &line.tape, &surrogate);
    enum reject_code code =
        status == JSON_OK ? map_begin(&line) : reject_text(status, parser, reterr_reject);
    line.room = room + arena_aligned(JSON_ROOM_BYTES(len < JSON_BYTES_MAX ? len : JSON_BYTES_MAX));
    if (code == REJECT_NONE)
        code = map_fields(&line, texts, &listing);
    if (code != REJECT_NONE) {
        arena_give_back(arena, room);
        return code;
    }
    hand_over(texts, &listing);
    listing.surrogate = surrogate;
    listing.line = (struct listing_text){room, len};
    *ret_listing = listing;
    arena_give_back(arena, line.room);
    return REJECT_NONE;
}
