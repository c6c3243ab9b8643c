/*
 * Growing arrays and tables of numbers: room doubles. Knows no element.
 */
#ifndef KNOWLEDGE_VECTOR_H
#define KNOWLEDGE_VECTOR_H

#include <stddef.h>
#include <stdint.h>

#define VECTOR_ELEMENTS_MAX 0xfffffff0u /* numbers of elements fit uint32_t */

/* Makes room for `more` elements of `bytes` each behind the `count` that are there. Returns the
   array, moved perhaps, and *room as it is then; NULL when out of memory or past
   VECTOR_ELEMENTS_MAX, with the old array and room in place. */
void *vector_room(void *at, size_t *room, size_t count, size_t more, size_t bytes);

/* An array of count zeroed elements, never of no bytes. NULL when out of memory. */
void *vector_zeroed(size_t count, size_t bytes);

/* Makes room for one more number beside the `used` that a hash table holds, at most half of whose
   slots are taken: their count is a power of two, or 0 at first. 0: there was room; 1: the table is
   a new, greater, empty one, into which all numbers are to be put again; -ENOMEM with the old one
   in place. */
int vector_slots(uint32_t **slots, size_t *slots_count, size_t used);

#endif
