/*
 * A hash table from keys to dense numbers, and counting-sorted indexes.
 */
#include "daemon/knowledge/things.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/vector.h"

/* Keys are our own dense numbers, which nobody outside can choose: mixing is enough. */
static size_t find_slot(const struct things *things, uint64_t key)
{
    uint64_t mixed = key * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (mixed ^ mixed >> 32) & (things->slots_count - 1);
    while (things->slots[slot] != THINGS_NONE && things->keys[things->slots[slot] - 1] != key)
        slot = (slot + 1) & (things->slots_count - 1);
    return slot;
}

static int grow_slots(struct things *things)
{
    int grown = vector_slots(&things->slots, &things->slots_count, things->count);
    for (size_t i = 0; grown > 0 && i < things->count; i++)
        things->slots[find_slot(things, things->keys[i])] = (uint32_t)(i + 1);
    return grown < 0 ? grown : 0;
}

int things_add(struct things *things, uint32_t platform, uint32_t name, uint32_t *ret_number)
{
    uint64_t key = (uint64_t)platform << 32 | name;
    if (name == 0) {
        *ret_number = THINGS_NONE;
        return 0;
    }
    if (grow_slots(things) < 0)
        return -ENOMEM;
    size_t slot = find_slot(things, key);
    if (things->slots[slot] == THINGS_NONE) {
        uint64_t *keys = vector_room(things->keys, &things->room, things->count, 1, sizeof *keys);
        if (keys == NULL)
            return -ENOMEM;
        things->keys = keys;
        things->keys[things->count++] = key;
        things->slots[slot] = (uint32_t)things->count;
    }
    *ret_number = things->slots[slot];
    return 0;
}

uint32_t things_find(const struct things *things, uint32_t platform, uint32_t name)
{
    if (name == 0 || things->slots_count == 0)
        return THINGS_NONE;
    return things->slots[find_slot(things, (uint64_t)platform << 32 | name)];
}

void things_close(struct things *things)
{
    free(things->keys);
    free(things->slots);
    *things = (struct things){0};
}

int index_open(struct index *ret_index, size_t owners)
{
    uint32_t *ends = vector_zeroed(owners, sizeof *ends);
    if (ends == NULL)
        return -ENOMEM;
    *ret_index = (struct index){.ends = ends, .owners = owners};
    return 0;
}

/* Counts become beginnings; index_put moves each to its end. */
int index_ready(struct index *index)
{
    assert(index->items == NULL);
    for (size_t owner = 0; owner < index->owners; owner++) {
        uint32_t begin = (uint32_t)index->count;
        index->count += index->ends[owner];
        if (index->count > VECTOR_ELEMENTS_MAX)
            return -EOVERFLOW;
        index->ends[owner] = begin;
    }
    index->items = vector_zeroed(index->count, sizeof *index->items);
    return index->items == NULL ? -ENOMEM : 0;
}

void index_close(struct index *index)
{
    free(index->ends);
    free(index->items);
    *index = (struct index){0};
}
