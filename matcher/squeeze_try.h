/*
 * What is tried of a suspect that is read in full. Private to the squeeze.
 */
#ifndef MATCHER_SQUEEZE_TRY_H
#define MATCHER_SQUEEZE_TRY_H

#include "matcher/squeeze.h"
#include "matcher/squeeze_align.h"
#include "matcher/squeeze_quick.h"

#define SQUEEZE_WINDOW_LETTERS 512u

/* The suspect read before and its window, as raw offsets: ranges that begin in [from, end) and end
   in (begin, to] were tried then. */
struct squeeze_tried {
    size_t from, to, begin, end;
};

/* Letters around a suspect; after the last one stand two with a gap. */
struct squeeze_window {
    const struct squeeze_suspect *suspect;
    struct squeeze_tried tried;
    size_t count;
    bool whole; /* it reaches as far as it should: the last letter ends a word */
    struct squeeze_letter letters[SQUEEZE_WINDOW_LETTERS + 2];
};

struct squeeze_room {
    struct squeeze_suspect suspects[SQUEEZE_SUSPECTS_MAX];
    struct squeeze_quick quick;
    struct squeeze_window window;
    struct squeeze_letter masked[SQUEEZE_FORM_LETTERS_MAX];
};

/* What the search for suspects hands back to. */
struct squeeze_search {
    struct squeeze_room *room;
    const struct squeeze_index *index;
    const struct matcher_lists *lists;
    const char *text;
    size_t len;
    enum fold_path path;
    uint32_t field;
    uint32_t first; /* hits before it are of other fields */
    struct squeeze_tried tried[SQUEEZE_READING_LETTERS + 1]; /* zeroed: nothing */
    struct squeeze_found *found;
};

/* Adds the hits of all ranges of a window that touch its suspect, are words from end to end (or lie
   inside a long one) and begin early enough to be there whole. */
void squeeze_try(struct squeeze_search *search, const struct squeeze_window *window,
                 enum squeeze_reading reading);

/* Reads a suspect in full and tries what it holds, with words left and right of it or without. */
void squeeze_read_suspect(struct squeeze_search *search, const struct squeeze_suspect *suspect,
                          bool with_others);

#endif
