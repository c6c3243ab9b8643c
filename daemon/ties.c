/*
 * Things in a hash table, and for each a chain of ties.
 */
#include "daemon/ties.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/vector.h"

struct ties {
    struct ties_thing *things;
    size_t things_count, things_room;
    uint32_t *slots; /* number of the thing, from 1 */
    size_t slots_count;
    struct tie *at;
    size_t count, room;
    size_t loose, loose_max;
    uint64_t refused;
};

static size_t find_slot(const struct ties *ties, int64_t key)
{
    uint64_t mixed = (uint64_t)key * UINT64_C(0x9e3779b97f4a7c15);
    size_t slot = (size_t)(mixed ^ mixed >> 32) & (ties->slots_count - 1);
    while (ties->slots[slot] != 0 && ties->things[ties->slots[slot] - 1].key != key)
        slot = (slot + 1) & (ties->slots_count - 1);
    return slot;
}

struct ties *ties_open(size_t loose_max)
{
    struct ties *ties = calloc(1, sizeof *ties);
    if (ties == NULL)
        return NULL;
    ties->loose_max = loose_max;
    return ties;
}

struct ties_thing *ties_find(const struct ties *ties, int64_t key)
{
    if (ties->things_count == 0)
        return NULL;
    uint32_t number = ties->slots[find_slot(ties, key)];
    return number == 0 ? NULL : &ties->things[number - 1];
}

struct ties_thing *ties_add(struct ties *ties, int64_t key)
{
    struct ties_thing *there = ties_find(ties, key);
    if (there != NULL)
        return there;
    struct ties_thing *things =
        vector_room(ties->things, &ties->things_room, ties->things_count, 1, sizeof *things);
    if (things == NULL)
        return NULL;
    ties->things = things;
    int grown = vector_slots(&ties->slots, &ties->slots_count, ties->things_count);
    if (grown < 0)
        return NULL;
    for (size_t i = 0; grown > 0 && i < ties->things_count; i++)
        ties->slots[find_slot(ties, things[i].key)] = (uint32_t)i + 1;
    things[ties->things_count] = (struct ties_thing){.key = key};
    ties->slots[find_slot(ties, key)] = (uint32_t)ties->things_count + 1;
    return &things[ties->things_count++];
}

int ties_put(struct ties *ties, int64_t key, const struct tie *tie)
{
    if (ties->count >= TIES_MAX)
        return -EOVERFLOW;
    struct tie *at = vector_room(ties->at, &ties->room, ties->count, 1, sizeof *at);
    if (at == NULL)
        return -ENOMEM;
    ties->at = at;
    struct ties_thing *thing = ties_add(ties, key);
    if (thing == NULL)
        return -ENOMEM;
    at[ties->count] = *tie;
    at[ties->count++].next = 0;
    uint32_t number = (uint32_t)ties->count;
    if (thing->first == 0)
        thing->first = number;
    else
        at[thing->last - 1].next = number;
    thing->last = number;
    if (tie->role != TIE_ACTIVE)
        thing->changed = tie->place.seq + 1;
    return 0;
}

/* Within the bound. */
static int put_loose(struct ties *ties, int64_t key, const struct tie *tie)
{
    if (ties->loose >= ties->loose_max) {
        ties->refused++;
        return 0;
    }
    ties->loose++;
    return ties_put(ties, key, tie);
}

int ties_put_listing(struct ties *ties, int64_t key, const struct tie *tie)
{
    const struct ties_thing *thing = ties_find(ties, key);
    bool loose = thing == NULL || !thing->noticed;
    return loose ? put_loose(ties, key, tie) : ties_put(ties, key, tie);
}

/* What a listing's sightings of one role and platform come to. */
struct seen {
    size_t count, replaceable_count;
    struct tie *oldest, *replaceable; /* the oldest for which another stands in; or NULL */
};

/* Whether a later sighting as active stands in for this one: no removal lies between. */
static bool has_later(const struct ties *ties, const struct ties_thing *thing,
                      const struct tie *active)
{
    int64_t next_ns = INT64_MAX, removed_ns = INT64_MAX;
    for (uint32_t i = thing->first; i != 0; i = ties->at[i - 1].next) {
        const struct tie *tie = &ties->at[i - 1];
        if (tie->platform != active->platform || tie->at_ns < active->at_ns)
            continue;
        bool removal = tie->role == TIE_GONE || tie->role == TIE_REMOVAL;
        if (removal && tie->at_ns < removed_ns)
            removed_ns = tie->at_ns;
        bool later = tie->at_ns > active->at_ns || tie->place.seq > active->place.seq;
        if (tie->role == TIE_ACTIVE && later && tie->at_ns < next_ns)
            next_ns = tie->at_ns;
    }
    return next_ns != INT64_MAX && (next_ns == active->at_ns || removed_ns >= next_ns);
}

static struct seen seen_as(struct ties *ties, const struct ties_thing *thing,
                           const struct tie *like)
{
    struct seen seen = {0};
    for (uint32_t i = thing->first; i != 0; i = ties->at[i - 1].next) {
        struct tie *tie = &ties->at[i - 1];
        if (tie->role != like->role || tie->platform != like->platform)
            continue;
        seen.count++;
        if (seen.oldest == NULL || tie->at_ns < seen.oldest->at_ns)
            seen.oldest = tie;
        if (tie->role != TIE_ACTIVE || !has_later(ties, thing, tie))
            continue;
        seen.replaceable_count++;
        if (seen.replaceable == NULL || tie->at_ns < seen.replaceable->at_ns)
            seen.replaceable = tie;
    }
    return seen;
}

/* Whether it was seen as gone before this, and neither as active nor restored since. */
static bool is_gone_already(const struct ties *ties, const struct ties_thing *thing,
                            const struct tie *now)
{
    int64_t gone_ns = INT64_MIN, back_ns = INT64_MIN;
    for (uint32_t i = thing->first; i != 0; i = ties->at[i - 1].next) {
        const struct tie *tie = &ties->at[i - 1];
        if (tie->at_ns > now->at_ns || tie->platform != now->platform)
            continue;
        if ((tie->role == TIE_GONE || tie->role == TIE_STILL_GONE) && tie->at_ns > gone_ns)
            gone_ns = tie->at_ns;
        if ((tie->role == TIE_ACTIVE || tie->role == TIE_RESTORE) && tie->at_ns > back_ns)
            back_ns = tie->at_ns;
    }
    return gone_ns != INT64_MIN && gone_ns > back_ns;
}

static void replace(struct ties_thing *thing, struct tie *old, const struct tie *tie)
{
    uint32_t next = old->next;
    *old = *tie;
    old->next = next;
    if (tie->role != TIE_ACTIVE)
        thing->changed = tie->place.seq + 1;
}

/* How many sightings are kept that are like this one. */
static size_t room_for(enum tie_role role, bool loose)
{
    switch (role) {
    case TIE_ACTIVE:
        return loose ? 1 : TIES_ACTIVE_MAX + TIES_GONE_MAX;
    case TIE_GONE:
        return loose ? TIES_LOOSE_GONE_MAX : TIES_GONE_MAX;
    case TIE_STILL_GONE:
    case TIE_RECORD:
    case TIE_LISTING:
    case TIE_REMOVAL:
    case TIE_RESTORE:
        break;
    }
    return 1;
}

int ties_put_sighting(struct ties *ties, int64_t key, const struct tie *tie)
{
    struct tie now = *tie;
    assert(now.role == TIE_ACTIVE || now.role == TIE_GONE);
    struct ties_thing *thing = ties_find(ties, key);
    if (thing == NULL)
        return put_loose(ties, key, &now);
    bool loose = !thing->noticed;
    if (!loose && now.role == TIE_GONE && is_gone_already(ties, thing, &now))
        now.role = TIE_STILL_GONE;
    struct seen seen = seen_as(ties, thing, &now);
    if (!loose && seen.replaceable_count >= TIES_ACTIVE_MAX) {
        if (now.at_ns > seen.replaceable->at_ns || !has_later(ties, thing, &now))
            replace(thing, seen.replaceable, &now);
        return 0;
    }
    if (seen.count < room_for(now.role, loose))
        return loose ? put_loose(ties, key, &now) : ties_put(ties, key, &now);
    assert(seen.oldest != NULL); /* there is room for one at least */
    if (now.at_ns > seen.oldest->at_ns)
        replace(thing, seen.oldest, &now);
    return 0;
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
    return sizeof *ties + ties->room * sizeof *ties->at + ties->things_room * sizeof *ties->things +
           ties->slots_count * sizeof *ties->slots;
}

uint64_t ties_refused(const struct ties *ties)
{
    return ties->refused;
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
