/*
 * Things in a hash table, and for each a chain of ties.
 *
 * Invariants: (1) a thing that is not kept stands in the list, the one that was put to least
 * recently first; (2) numbers of things and ties stay theirs until they are free; those that are
 * stand in chains of their own; (3) the table's slots name each thing once, without a free slot
 * between its home and it.
 */
#include "daemon/ties.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/vector.h"

/* A thing with the slots that it takes, of which between two and four are one's. */
#define THING_BYTES (sizeof(struct ties_thing) + 4 * sizeof(uint32_t))

struct ties {
    size_t bytes_max;
    struct ties_thing *things;
    size_t things_count, things_room, things_used;
    uint32_t free_thing;     /* by `after` */
    uint32_t oldest, latest; /* ends of the list */
    uint32_t *slots;         /* number of the thing, from 1 */
    size_t slots_count;
    struct tie *at;
    size_t count, room, used;
    uint32_t free_tie;
    uint64_t refused, evicted;
};

static size_t home_of(const struct ties *ties, int64_t key)
{
    uint64_t mixed = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(mixed ^ mixed >> 32) & (ties->slots_count - 1);
}

static size_t find_slot(const struct ties *ties, int64_t key)
{
    size_t slot = home_of(ties, key);
    while (ties->slots[slot] != 0 && ties->things[ties->slots[slot] - 1].key != key)
        slot = (slot + 1) & (ties->slots_count - 1);
    return slot;
}

/* As watched.c's: those behind the hole move up. */
static void empty_slot(struct ties *ties, size_t slot)
{
    const size_t mask = ties->slots_count - 1;
    for (size_t at = (slot + 1) & mask; ties->slots[at] != 0; at = (at + 1) & mask) {
        size_t home = home_of(ties, ties->things[ties->slots[at] - 1].key);
        if (((at - home) & mask) < ((at - slot) & mask))
            continue;
        ties->slots[slot] = ties->slots[at];
        slot = at;
    }
    ties->slots[slot] = 0;
}

struct ties *ties_open(size_t bytes_max)
{
    struct ties *ties = calloc(1, sizeof *ties);
    if (ties == NULL)
        return NULL;
    ties->bytes_max = bytes_max;
    return ties;
}

struct ties_thing *ties_find(const struct ties *ties, int64_t key)
{
    if (ties->things_used == 0)
        return NULL;
    uint32_t number = ties->slots[find_slot(ties, key)];
    return number == 0 ? NULL : &ties->things[number - 1];
}

static void leave_list(struct ties *ties, const struct ties_thing *thing)
{
    if (thing->before == 0)
        ties->oldest = thing->after;
    else
        ties->things[thing->before - 1].after = thing->after;
    if (thing->after == 0)
        ties->latest = thing->before;
    else
        ties->things[thing->after - 1].before = thing->before;
}

static void join_list(struct ties *ties, struct ties_thing *thing)
{
    uint32_t number = (uint32_t)(thing - ties->things) + 1;
    thing->before = ties->latest;
    thing->after = 0;
    if (ties->latest == 0)
        ties->oldest = number;
    else
        ties->things[ties->latest - 1].after = number;
    ties->latest = number;
}

void ties_keep(struct ties *ties, struct ties_thing *thing)
{
    if (!thing->kept)
        leave_list(ties, thing);
    thing->kept = true;
}

static size_t used_bytes(const struct ties *ties)
{
    return ties->things_used * THING_BYTES + ties->used * sizeof *ties->at;
}

/* The thing that was put to least recently, with all its ties. */
static void evict(struct ties *ties)
{
    uint32_t number = ties->oldest;
    struct ties_thing *thing = &ties->things[number - 1];
    leave_list(ties, thing);
    if (thing->first != 0) {
        for (uint32_t i = thing->first; i != 0; i = ties->at[i - 1].next)
            ties->used--;
        ties->at[thing->last - 1].next = ties->free_tie;
        ties->free_tie = thing->first;
    }
    empty_slot(ties, find_slot(ties, thing->key));
    thing->after = ties->free_thing;
    ties->free_thing = number;
    ties->things_used--;
    ties->evicted++;
}

/* Whether there is room for one more of so many bytes, but not by the thing of this key; if not it
   is counted. */
static bool make_room(struct ties *ties, int64_t key, size_t bytes)
{
    while (used_bytes(ties) + bytes > ties->bytes_max || ties->used >= TIES_MAX) {
        if (ties->things == NULL || ties->oldest == 0 ||
            ties->things[ties->oldest - 1].key == key) {
            ties->refused++;
            return false;
        }
        evict(ties);
    }
    return true;
}

int ties_add(struct ties *ties, int64_t key, struct ties_thing **ret_thing)
{
    *ret_thing = ties_find(ties, key);
    if (*ret_thing != NULL || !make_room(ties, key, THING_BYTES))
        return 0;
    uint32_t number = ties->free_thing;
    if (number == 0) {
        struct ties_thing *things =
            vector_room(ties->things, &ties->things_room, ties->things_count, 1, sizeof *things);
        if (things == NULL)
            return -ENOMEM;
        ties->things = things;
        int grown = vector_slots(&ties->slots, &ties->slots_count, ties->things_count);
        if (grown < 0)
            return -ENOMEM;
        /* All numbers up to the count are taken when none is free. */
        for (size_t i = 0; grown > 0 && i < ties->things_count; i++)
            ties->slots[find_slot(ties, things[i].key)] = (uint32_t)i + 1;
        number = (uint32_t)++ties->things_count;
    } else {
        assert(ties->things != NULL); /* as one is free */
        ties->free_thing = ties->things[number - 1].after;
    }
    struct ties_thing *thing = &ties->things[number - 1];
    *thing = (struct ties_thing){.key = key};
    ties->slots[find_slot(ties, key)] = number;
    ties->things_used++;
    join_list(ties, thing);
    *ret_thing = thing;
    return 0;
}

static void note_change(struct ties_thing *thing, const struct tie *tie)
{
    if (!ties_is_active(tie))
        thing->changed = tie->place.seq + 1;
}

int ties_put(struct ties *ties, int64_t key, const struct tie *tie)
{
    struct ties_thing *thing;
    int result = ties_add(ties, key, &thing);
    if (result < 0 || thing == NULL || !make_room(ties, key, sizeof *tie))
        return result;
    uint32_t number = ties->free_tie;
    if (number == 0) {
        struct tie *at = vector_room(ties->at, &ties->room, ties->count, 1, sizeof *at);
        if (at == NULL)
            return -ENOMEM;
        ties->at = at;
        number = (uint32_t)++ties->count;
    } else {
        ties->free_tie = ties->at[number - 1].next;
    }
    ties->used++;
    ties->at[number - 1] = *tie;
    ties->at[number - 1].next = 0;
    if (thing->first == 0)
        thing->first = number;
    else
        ties->at[thing->last - 1].next = number;
    thing->last = number;
    if (!thing->kept) {
        leave_list(ties, thing);
        join_list(ties, thing);
    }
    note_change(thing, tie);
    return 0;
}

void ties_replace(struct ties *ties, struct ties_thing *thing, uint32_t old, const struct tie *tie)
{
    struct tie *there = &ties->at[old - 1];
    uint32_t next = there->next;
    *there = *tie;
    there->next = next;
    note_change(thing, tie);
}

int ties_put_listing(struct ties *ties, int64_t key, const struct tie *tie)
{
    struct ties_thing *thing = ties_find(ties, key);
    uint32_t oldest = 0;
    size_t count = 0;
    for (uint32_t i = thing == NULL ? 0 : thing->first; i != 0; i = ties->at[i - 1].next) {
        const struct tie *there = &ties->at[i - 1];
        if (there->role != TIE_LISTING || there->platform != tie->platform)
            continue;
        if (there->merchant == tie->merchant) {
            if (tie->at_ns >= there->at_ns)
                ties_replace(ties, thing, i, tie);
            return 0;
        }
        count++;
        if (oldest == 0 || there->at_ns < ties->at[oldest - 1].at_ns)
            oldest = i;
    }
    if (count < TIES_LISTING_MAX) {
        int result = ties_put(ties, key, tie);
        return result < 0 ? result : 1;
    }
    if (tie->at_ns < ties->at[oldest - 1].at_ns)
        return 0;
    ties_replace(ties, thing, oldest, tie);
    return 1;
}

const struct tie *ties_at(const struct ties *ties, uint32_t number)
{
    assert(number <= ties->count);
    return number == 0 ? NULL : &ties->at[number - 1];
}

const struct tie *ties_registration(const struct ties *ties, const struct ties_thing *listing,
                                    uint32_t platform)
{
    const struct tie *last = NULL;
    for (uint32_t i = listing->first; i != 0; i = ties->at[i - 1].next) {
        const struct tie *tie = &ties->at[i - 1];
        if (tie->role == TIE_LISTING && tie->platform == platform &&
            (last == NULL || tie->at_ns >= last->at_ns))
            last = tie;
    }
    return last;
}

size_t ties_bytes(const struct ties *ties)
{
    return used_bytes(ties);
}

uint64_t ties_refused(const struct ties *ties)
{
    return ties->refused;
}

uint64_t ties_evicted(const struct ties *ties)
{
    return ties->evicted;
}

struct ties *ties_close(struct ties *ties)
{
    if (ties == NULL)
        return NULL;
    free(ties->things);
    free(ties->slots);
    free(ties->at);
    free(ties);
    return NULL;
}
