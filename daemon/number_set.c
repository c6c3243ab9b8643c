/*
 * A hash table with open addressing.
 */
#include "daemon/number_set.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MIN ((size_t)64)

/* Where the number is, or where it goes. */
static size_t find_slot(const uint64_t *slots, size_t slots_count, uint64_t number)
{
    uint64_t mixed = number * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(mixed ^ mixed >> 32) & (slots_count - 1);
    while (slots[slot] != 0 && slots[slot] != number + 1)
        slot = (slot + 1) & (slots_count - 1);
    return slot;
}

static int grow(struct number_set *set)
{
    size_t room = set->slots_count == 0 ? SLOTS_MIN : 2 * set->slots_count;
    uint64_t *slots = calloc(room, sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < set->slots_count; i++)
        if (set->slots[i] != 0)
            slots[find_slot(slots, room, set->slots[i] - 1)] = set->slots[i];
    free(set->slots);
    set->slots = slots;
    set->slots_count = room;
    return 0;
}

int number_set_add(struct number_set *set, uint64_t number)
{
    assert(number != UINT64_MAX);
    if (2 * (set->count + 1) > set->slots_count && grow(set) < 0)
        return -ENOMEM;
    size_t slot = find_slot(set->slots, set->slots_count, number);
    if (set->slots[slot] != 0)
        return 0;
    set->slots[slot] = number + 1;
    set->count++;
    return 1;
}

bool number_set_has(const struct number_set *set, uint64_t number)
{
    return set->count > 0 && set->slots[find_slot(set->slots, set->slots_count, number)] != 0;
}

void number_set_clear(struct number_set *set)
{
    if (set->count > 0)
        memset(set->slots, 0, set->slots_count * sizeof *set->slots);
    set->count = 0;
}

void number_set_close(struct number_set *set)
{
    free(set->slots);
    *set = (struct number_set){0};
}
