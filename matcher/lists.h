/*
 * Marks and cues as listed, before anything is compiled. Private to the matcher.
 */
#ifndef MATCHER_LISTS_H
#define MATCHER_LISTS_H

#include <errno.h>

#include "matcher/matcher.h"

#define LISTS_TEXT_BYTES_MAX 1024u      /* one mark, alias or phrase */
#define LISTS_ID_BYTES_MAX   128u       /* one id, category or language */
#define LISTS_FORMS_MAX      1000000u   /* marks and aliases together */
#define LISTS_PROBLEMS_MAX   100u       /* told of one text */
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

/* Called for each thing that is wrong with a text; the error dies when it returns. */
typedef void lists_problem(void *context, const struct matcher_error *error);

struct lists_first {
    struct matcher_error *error;
    bool seen;
};

/* A lists_problem that keeps the first; the context is a struct lists_first. */
void lists_keep_first(void *context, const struct matcher_error *error);

/* As matcher_lists_add_marks and _add_cues, but goes on after a problem and tells
   LISTS_PROBLEMS_MAX of them. The lists are unchanged if there was any: -EINVAL. */
int lists_read_marks(struct matcher_lists *lists, const char *tsv, size_t len,
                     lists_problem *problem, void *context);
int lists_read_cues(struct matcher_lists *lists, const char *tsv, size_t len,
                    lists_problem *problem, void *context);

/* Whether a text may be an id, category or language, which people read in records and messages: it
   holds no control character, and none that shows as nothing or turns the order of the others.
   Otherwise which it holds, and where. */
bool lists_is_label(const char *text, size_t len, uint32_t *reterr_code_point, size_t *reterr_at);

/* Of what has come so far and what comes now: the first error, but no memory goes before all. */
static inline int lists_worse(int before, int now)
{
    return before == 0 || now == -ENOMEM ? now : before;
}

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
