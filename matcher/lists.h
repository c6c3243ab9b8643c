/*
 * Marks and cues as listed, before anything is compiled. Private to the matcher.
 */
#ifndef MATCHER_LISTS_H
#define MATCHER_LISTS_H

#include "matcher/matcher.h"

#define LISTS_TEXT_BYTES_MAX 1024u      /* one mark, alias or phrase */
#define LISTS_ID_BYTES_MAX   128u       /* one id, category or language */
#define LISTS_FORMS_MAX      1000000u   /* marks and aliases together */
#define LISTS_ARENA_MAX      (1u << 30) /* all strings together */

/* A string in the arena. */
struct lists_text {
    uint32_t at, len;
};

/* One way in which a mark is listed: its text or an alias. core is the text without what does not
   fold to letters at both ends: a hit as plain as the list has exactly these letters. */
struct lists_form {
    struct lists_text text, core;
    uint32_t mark;
};

struct lists_mark {
    struct lists_text id, text, category;
    bool generic;
    enum matcher_variants variants;
};

struct lists_cue {
    struct lists_text id, text, lang;
    unsigned strength;
};

struct matcher_lists {
    char *arena;
    struct lists_mark *marks;
    struct lists_form *forms; /* by mark, the mark's own text first */
    struct lists_cue *cues;
    size_t arena_len, arena_room;
    size_t marks_count, marks_room;
    size_t forms_count, forms_room;
    size_t cues_count, cues_room;
    enum matcher_variants variants; /* of marks that say nothing */
    bool unsqueezed;                /* disguised writing is not looked for */
    struct rules *rules;            /* NULL: none were added */
};

/* Copies the lists. 0 or -ENOMEM. */
int lists_copy(const struct matcher_lists *lists, struct matcher_lists **ret_copy);

/* Makes room for need items of size bytes. 0 or -ENOMEM. */
int lists_grow(void **items, size_t *room, size_t need, size_t size);

/* Copies a text into the arena, which may move. 0 or -ENOMEM. */
int lists_keep(struct matcher_lists *lists, const char *text, size_t len, struct lists_text *ret);

/* The part of a kept text that folds to letters; empty if there is none. text is its bytes. */
struct lists_text lists_core(const char *text, struct lists_text whole);

static inline const char *lists_at(const struct matcher_lists *lists, struct lists_text text)
{
    return lists->arena + text.at;
}

#endif
