/*
 * A set of ids, to refuse one that is there already. Private to the lists.
 */
#ifndef MATCHER_LISTS_IDS_H
#define MATCHER_LISTS_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Slots of borrowed texts; at most half of them are in use. */
struct lists_ids {
    struct lists_ids_slot *slots;
    size_t mask;
};

/* Makes room for count ids. 0 or -ENOMEM. */
int lists_ids_open(struct lists_ids *ids, size_t count);

/* Adds a borrowed id; false if an equal one is in it. Not more often than opened for. */
bool lists_ids_add(struct lists_ids *ids, const char *text, size_t len);

/* Forgets all. */
void lists_ids_close(struct lists_ids *ids);

/* Upper bound of the rows in a text. */
size_t lists_ids_lines(const char *text, size_t len);

#endif
