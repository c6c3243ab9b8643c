/*
 * What records are about (listings, merchants, notices, ...) as dense numbers from 1, each kind of
 * thing with its own; and indexes from a thing to its records. Knows no rule.
 */
#ifndef KNOWLEDGE_THINGS_H
#define KNOWLEDGE_THINGS_H

#include <stddef.h>
#include <stdint.h>

#define THINGS_NONE 0u

/* Things of one kind; zeroed, there are none. A key is the name's number, with that of the platform
   in the upper half where ids are scoped by platform (DESIGN 9.3). */
struct things {
    uint64_t *keys; /* [number - 1] */
    size_t count, room;
    uint32_t *slots;
    size_t slots_count;
};

/* The thing's number, new or known; THINGS_NONE when `name` is 0. 0 or -ENOMEM. */
int things_add(struct things *things, uint32_t platform, uint32_t name, uint32_t *ret_number);

/* The thing's number, THINGS_NONE when there is none. */
uint32_t things_find(const struct things *things, uint32_t platform, uint32_t name);

/* The number of the thing's name, and of its platform's. */
static inline uint32_t things_name(const struct things *things, uint32_t number)
{
    return number == THINGS_NONE ? 0 : (uint32_t)things->keys[number - 1];
}

static inline uint32_t things_platform(const struct things *things, uint32_t number)
{
    return number == THINGS_NONE ? 0 : (uint32_t)(things->keys[number - 1] >> 32);
}

/* Frees what it holds; it is empty again. */
void things_close(struct things *things);

/* For each owner the items that were put, in the order in which they were put. Filled in two
   passes over the same puts: the first counts. */
struct index {
    uint32_t *ends; /* [owner]: where its items end, and those of owner + 1 begin */
    uint32_t *items;
    size_t owners, count;
};

/* Owners are 0..owners - 1. Then index_count for all, index_ready, index_put for all. Both that can
   fail: 0, -ENOMEM, or -EOVERFLOW past VECTOR_ELEMENTS_MAX items. */
int index_open(struct index *ret_index, size_t owners);
int index_ready(struct index *index);

/* One put of the first pass, and of the second. */
static inline void index_count(struct index *index, uint32_t owner)
{
    index->ends[owner]++;
}

static inline void index_put(struct index *index, uint32_t owner, uint32_t item)
{
    index->items[index->ends[owner]++] = item;
}

struct index_slice {
    const uint32_t *at;
    size_t count;
};

/* The owner's items; dies with the index. */
static inline struct index_slice index_of(const struct index *index, uint32_t owner)
{
    uint32_t begin = owner == 0 ? 0 : index->ends[owner - 1];
    return (struct index_slice){index->items + begin, index->ends[owner] - begin};
}

/* Frees what it holds. */
void index_close(struct index *index);

#endif
