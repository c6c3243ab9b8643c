/*
 * Numbers by id: to refuse an id that is there already, and to find whose it is. Private to the
 * lists and rules.
 */
#ifndef MATCHER_LISTS_IDS_H
#define MATCHER_LISTS_IDS_H

#include "matcher/lists.h"

#define LISTS_IDS_NONE UINT32_MAX

/* Slots of ids in the lists' arena, which may move meanwhile; at most half of them are in use. */
struct lists_ids {
    struct lists_ids_slot *slots; /* NULL: not open */
    size_t mask;
};

/* Makes room for count ids. 0 or -ENOMEM. */
int lists_ids_open(struct lists_ids *ids, size_t count);

/* Adds a kept id, which is not empty, under its number; false if an equal one is in it. Not more
   often than opened for. */
bool lists_ids_add(struct lists_ids *ids, const struct matcher_lists *lists, struct lists_text id,
                   uint32_t number);

/* The number of an id, LISTS_IDS_NONE if it is not in it. */
uint32_t lists_ids_find(const struct lists_ids *ids, const struct matcher_lists *lists,
                        const char *id, size_t len);

/* Forgets all; it may not be open. */
void lists_ids_close(struct lists_ids *ids);

/* Upper bound of the rows in a text. */
size_t lists_ids_lines(const char *text, size_t len);

#endif
