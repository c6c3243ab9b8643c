/*
 * Sorting in place, in n log n steps whatever the order was: the path of a listing allocates
 * nothing, and qsort may. Private to the matcher.
 */
#ifndef MATCHER_SORT_H
#define MATCHER_SORT_H

#include <stdbool.h>
#include <stddef.h>

#define SORT_ITEM_BYTES_MAX 256u

/* Whether the item at left comes before the one at right. */
typedef bool sort_before(const void *left, const void *right);

/* Sorts count items of size bytes each, size <= SORT_ITEM_BYTES_MAX. Items of which neither comes
   before the other may change places. */
void sort_in_place(void *items, size_t count, size_t size, sort_before *before);

#endif
