/*
 * The inside of a map: its words as they are kept. Only map.c and map_line.c know it.
 */
#ifndef DAEMON_MAP_WORD_H
#define DAEMON_MAP_WORD_H

#include "daemon/map.h"

enum map_word_kind {
    MAP_WORD_POINTER = 0,
    MAP_WORD_HOST,
    MAP_WORD_TEXT,
};

struct map_word {
    enum map_word_kind kind;
    bool has_text;    /* of a condition: it must be this text */
    const char *text; /* within written */
    size_t text_len;
    struct map_pointer pointer;
    size_t len;
    char written[]; /* and zeros: JSON_SLACK_BYTES readable bytes follow */
};

struct map {
    char name[MAP_NAME_BYTES_MAX + 1];
    struct {
        size_t count;
        struct map_word *words[MAP_WORDS_MAX];
    } keys[MAP_KEYS_COUNT];
};

#endif
