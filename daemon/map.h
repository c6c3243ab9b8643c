/*
 * Field maps: what of somebody else's JSON object is which field of a listing (DESIGN 3). A map is
 * made of words in a configuration or on a command line and does not change after that. Knows
 * pointers and the parsed line; knows no rule that a field must keep (listing_mapped.c does).
 *
 * A word of a field is one of
 *   /a/b         what the JSON Pointer (map_pointer.h) points to: a string that is not empty, or a
 *                number; of observed_at, ten digits are seconds since 1970 and thirteen
 *                milliseconds, with a fraction or without
 *   host:/a/b    the host in the address it points to, in small letters, without "www."
 *   =text        the text itself
 * Of several words the first that gives something holds; of description all do, in their order,
 * but for numbers. A word of a condition (where, gone, support) is /a/b, which holds when that is
 * true, a number other than 0 or a string that is not empty, or /a/b=text, which holds when it is
 * that text or whole number. Of several words one must hold.
 */
#ifndef DAEMON_MAP_H
#define DAEMON_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/map_pointer.h"
#include "daemon/reject.h"

#define MAP_NAME_BYTES_MAX 64u /* [A-Za-z0-9_:-]: a source's, but for the dot, which parts keys */
#define MAP_WORDS_MAX      32u /* of one key */
#define MAP_TEXT_BYTES_MAX 256u
#define MAP_PROBLEM_BYTES  192u
#define MAP_PARTS_MAX      15u /* of a description, kept apart; what is more joins the last one */
#define MAP_STEPS_MAX      262144u /* members and elements looked at for one line */
#define MAP_ROOM_BYTES     (256u + JSON_SLACK_BYTES)

/* What a map may say, in the order of a listing's fields; then the conditions. */
enum map_key {
    MAP_PLATFORM = 0,
    MAP_LISTING_ID,
    MAP_TITLE,
    MAP_SELLER_ID,
    MAP_DESCRIPTION,
    MAP_URL,
    MAP_CURRENCY,
    MAP_PRICE,
    MAP_STATE,
    MAP_VIA,
    MAP_STATUS,
    MAP_OBSERVED_AT,
    MAP_FIELDS_COUNT,
    MAP_CAPTURE_ID = MAP_FIELDS_COUNT, /* of the page's copy that the line was made of */
    MAP_CAPTURE_DIGEST,
    MAP_TEXTS_COUNT,
    MAP_ROOT = MAP_TEXTS_COUNT, /* where the object is: the whole line unless given */
    MAP_WHERE,                  /* which of them it is */
    MAP_ZONE,                   /* of a time without an offset: Z or +hh:mm */
    MAP_GONE,                   /* state is gone */
    MAP_SUPPORT,                /* the first act of support; one key each */
    MAP_SUPPORT_END = MAP_SUPPORT + 10,
    MAP_KEYS_COUNT = MAP_SUPPORT_END,
};

struct map;

/* "platform", ..., "support.sponsored_ad", ...; static. And the key of a name; MAP_KEYS_COUNT:
   there is none. */
const char *map_key_name(enum map_key key);
enum map_key map_key_named(const char *name, size_t len);

/* Makes an empty map. 0 or -ENOMEM. */
int map_open(const char *name, struct map **ret_map);

/* Adds a word to a key. 0; -EINVAL with what is wrong with it in reterr_text; -ENOMEM. */
int map_add(struct map *map, enum map_key key, const char *word, size_t len,
            char reterr_text[MAP_PROBLEM_BYTES]);

/* Takes over the words of those keys that have none in map. 0 or -ENOMEM. */
int map_inherit(struct map *map, const struct map *base);

/* Whether the map can make a listing: it has words for platform, listing_id and title. 0, or
   -EINVAL with what is missing. */
int map_check(const struct map *map, char reterr_text[MAP_PROBLEM_BYTES]);

/* Its name; and how many words a key has, and one of them, as written. Borrowed from the map. */
const char *map_name(const struct map *map);
size_t map_words_count(const struct map *map, enum map_key key);
const char *map_word(const struct map *map, enum map_key key, size_t index);

/* Frees; NULL is fine. Returns NULL. */
struct map *map_close(struct map *map);

/* One line that is being mapped; map_begin sets the last two. */
struct map_line {
    const struct map *map;
    const struct json_parser *parser;
    const struct json_tape *tape; /* of the parser's last document */
    char *room;                   /* goes up by what is written: at most MAP_ROOM_BYTES a value */
    struct reject *reject;        /* where a fault goes */
    uint64_t steps;               /* left */
    uint64_t root;                /* of the object, on the tape */
};

/* What a word gave. at is followed by JSON_SLACK_BYTES readable bytes, wherever it is. */
struct map_value {
    const char *at; /* NULL: no word gave anything */
    size_t len;
    bool is_string;    /* as against a number as written */
    unsigned word;     /* which one it was */
    const char *wrong; /* without a value: what stood at that word that is of no use ("an object");
                          NULL: nothing */
};

/* Finds the object in the line. REJECT_NONE; bad_type, missing_field: it is not there; bad_value:
   several are picked, or the line has more members than are looked at; dup_key. */
enum reject_code map_begin(struct map_line *line);

/* The value of a field. A value longer than bytes_max gives nothing, unless that is 0. An empty
   string holds when nothing else does. REJECT_NONE, or bad_value or dup_key as above. */
enum reject_code map_value(struct map_line *line, enum map_key key, size_t bytes_max,
                           struct map_value *ret_value);

/* Hands each string of a field to `each`, in their order, until that returns something else than
   REJECT_NONE; and, with at NULL and what it is in wrong, what is of no use: an array, object or
   bool, or what has no elements where the word has a `*`. A number, null or empty string is passed
   over. Returns what each did, or REJECT_NONE, bad_value or dup_key. */
enum reject_code map_each(struct map_line *line, enum map_key key,
                          enum reject_code (*each)(void *context, const struct map_value *value),
                          void *context);

/* Whether a condition holds; one without words does not. Faults as above. */
enum reject_code map_holds(struct map_line *line, enum map_key key, bool *ret_holds);

#endif
