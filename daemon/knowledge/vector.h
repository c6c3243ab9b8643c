/*
 * Growing arrays: room doubles. Knows no element.
 */
#ifndef KNOWLEDGE_VECTOR_H
#define KNOWLEDGE_VECTOR_H

#include <stddef.h>

#define VECTOR_ELEMENTS_MAX 0xfffffff0u /* numbers of elements fit uint32_t */

/* Makes room for `more` elements of `bytes` each behind the `count` that are there. Returns the
   array, moved perhaps, and *room as it is then; NULL when out of memory or past
   VECTOR_ELEMENTS_MAX, with the old array and room in place. */
void *vector_room(void *at, size_t *room, size_t count, size_t more, size_t bytes);

/* An array of count zeroed elements, never of no bytes. NULL when out of memory. */
void *vector_zeroed(size_t count, size_t bytes);

#endif
