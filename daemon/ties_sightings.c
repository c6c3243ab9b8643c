/*
 * Which sightings of a listing are held: what ties.h promises of ties_put_sighting. Knows the ties
 * of a thing, not where they are.
 */
#include <assert.h>

#include "daemon/ties.h"

/* What a listing's sightings of one role and platform come to. */
struct seen {
    size_t count, replaceable_count;
    uint32_t oldest, replaceable; /* numbers; the latter: the oldest for which another stands in */
};

/* Whether a later sighting as active stands in for this one: no removal lies between. */
static bool has_later(const struct ties *ties, const struct ties_thing *thing,
                      const struct tie *active)
{
    int64_t next_ns = INT64_MAX, removed_ns = INT64_MAX;
    for (uint32_t i = thing->first; i != 0; i = ties_at(ties, i)->next) {
        const struct tie *tie = ties_at(ties, i);
        if (tie->platform != active->platform || tie->at_ns < active->at_ns)
            continue;
        bool removal = tie->role == TIE_GONE || tie->role == TIE_REMOVAL;
        if (removal && tie->at_ns < removed_ns)
            removed_ns = tie->at_ns;
        bool later = tie->at_ns > active->at_ns || tie->place.seq > active->place.seq;
        if (ties_is_active(tie) && later && tie->at_ns < next_ns)
            next_ns = tie->at_ns;
    }
    return next_ns != INT64_MAX && (next_ns == active->at_ns || removed_ns >= next_ns);
}

static struct seen seen_as(const struct ties *ties, const struct ties_thing *thing,
                           const struct tie *like)
{
    struct seen seen = {0};
    for (uint32_t i = thing->first; i != 0; i = ties_at(ties, i)->next) {
        const struct tie *tie = ties_at(ties, i);
        if (tie->role != like->role || tie->platform != like->platform)
            continue;
        seen.count++;
        if (seen.oldest == 0 || tie->at_ns < ties_at(ties, seen.oldest)->at_ns)
            seen.oldest = i;
        if (tie->role != TIE_ACTIVE || !has_later(ties, thing, tie))
            continue;
        seen.replaceable_count++;
        if (seen.replaceable == 0 || tie->at_ns < ties_at(ties, seen.replaceable)->at_ns)
            seen.replaceable = i;
    }
    return seen;
}

/* Whether it was seen as gone before this, and neither as active nor restored since. */
static bool is_gone_already(const struct ties *ties, const struct ties_thing *thing,
                            const struct tie *now)
{
    int64_t gone_ns = INT64_MIN, back_ns = INT64_MIN;
    for (uint32_t i = thing->first; i != 0; i = ties_at(ties, i)->next) {
        const struct tie *tie = ties_at(ties, i);
        if (tie->at_ns > now->at_ns || tie->platform != now->platform)
            continue;
        if ((tie->role == TIE_GONE || tie->role == TIE_STILL_GONE) && tie->at_ns > gone_ns)
            gone_ns = tie->at_ns;
        if ((ties_is_active(tie) || tie->role == TIE_RESTORE) && tie->at_ns > back_ns)
            back_ns = tie->at_ns;
    }
    return gone_ns != INT64_MIN && gone_ns > back_ns;
}

/* How many sightings are kept that are like this one. */
static size_t room_for(enum tie_role role, bool loose)
{
    switch (role) {
    case TIE_ACTIVE:
        return loose ? 1 : TIES_ACTIVE_MAX + TIES_GONE_MAX;
    case TIE_GONE:
        return loose ? TIES_LOOSE_GONE_MAX : TIES_GONE_MAX;
    case TIE_HELD:
        return TIES_HELD_MAX;
    case TIE_STILL_GONE:
    case TIE_RECORD:
    case TIE_RELIED:
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
    assert(now.role == TIE_ACTIVE || now.role == TIE_GONE || now.role == TIE_HELD);
    struct ties_thing *thing = ties_find(ties, key);
    if (thing == NULL)
        return ties_put(ties, key, &now);
    bool loose = !thing->noticed;
    if (!loose && now.role == TIE_GONE && is_gone_already(ties, thing, &now))
        now.role = TIE_STILL_GONE;
    struct seen seen = seen_as(ties, thing, &now);
    if (!loose && seen.replaceable_count >= TIES_ACTIVE_MAX) {
        if (now.at_ns > ties_at(ties, seen.replaceable)->at_ns || !has_later(ties, thing, &now))
            ties_replace(ties, thing, seen.replaceable, &now);
        return 0;
    }
    if (seen.count < room_for(now.role, loose))
        return ties_put(ties, key, &now);
    assert(seen.oldest != 0); /* there is room for one at least */
    if (now.at_ns > ties_at(ties, seen.oldest)->at_ns)
        ties_replace(ties, thing, seen.oldest, &now);
    return 0;
}

int ties_rely(struct ties *ties, int64_t key, uint64_t seq)
{
    struct ties_thing *thing = ties_find(ties, key);
    const struct tie *wanted = NULL;
    uint32_t oldest = 0;
    size_t count = 0;
    for (uint32_t i = thing == NULL ? 0 : thing->first; i != 0; i = ties_at(ties, i)->next) {
        const struct tie *tie = ties_at(ties, i);
        if (tie->role == TIE_ACTIVE && tie->place.seq == seq)
            wanted = tie;
        if (tie->role != TIE_RELIED)
            continue;
        if (tie->place.seq == seq)
            return 0;
        count++;
        if (oldest == 0 || tie->at_ns < ties_at(ties, oldest)->at_ns)
            oldest = i;
    }
    if (wanted == NULL)
        return 0;
    struct tie relied = *wanted;
    relied.role = TIE_RELIED;
    if (count < TIES_RELIED_MAX)
        return ties_put(ties, key, &relied);
    if (relied.at_ns > ties_at(ties, oldest)->at_ns)
        ties_replace(ties, thing, oldest, &relied);
    return 0;
}
