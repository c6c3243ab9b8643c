/*
 * Which records stand under which key, in memory: no more than the roads to knowledge need
 * (knowledge/roads.h). Of a listing's sightings only what can matter is kept. Knows no event and no
 * file.
 *
 * All that is held stands within one bound of bytes. At the bound the thing that was put to least
 * recently makes room, with all its ties, unless it is kept; when all are kept, what comes is not
 * held, and counted.
 */
#ifndef DAEMON_TIES_H
#define DAEMON_TIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/feed_lines.h"

#define TIES_ACTIVE_MAX     8u  /* sightings of a listing as active, for which others stand in */
#define TIES_LOOSE_GONE_MAX 4u  /* as gone, of a listing that no notice names */
#define TIES_GONE_MAX       16u /* as gone; and as active, each the last before a removal */
#define TIES_HELD_MAX       4u  /* sightings that are dated ahead */
#define TIES_RELIED_MAX     8u  /* sightings that warnings rest on */
#define TIES_LISTING_MAX    8u  /* merchants that a listing was registered for */
#define TIES_MAX            (1u << 27)

/* What a tie's record is, as far as it matters here. */
enum tie_role {
    TIE_RECORD = 0,
    TIE_LISTING, /* a registration: it names the listing's merchant */
    TIE_REMOVAL, /* a takedown */
    TIE_RESTORE, /* a removed listing was put back */
    TIE_HELD,    /* a sighting that is dated ahead of its record */
    TIE_ACTIVE,  /* a live sighting */
    TIE_RELIED,  /* the same, once more, for a warning that rests on it */
    TIE_GONE,
    TIE_STILL_GONE, /* seen as gone again, with nothing in between: the latest of these */
};

struct tie {
    struct line_place place;
    uint32_t next; /* from 1; 0: the last */
    enum tie_role role;
    uint32_t platform; /* of a registration or sighting: tells platforms apart that share a name */
    int64_t at_ns;
    int64_t merchant; /* of a registration: the merchant's key */
};

/* A key: a listing, a merchant, a notice, ... */
struct ties_thing {
    int64_t key;
    uint32_t first, last;   /* of its ties, from 1; 0: none */
    uint32_t before, after; /* from 1, of those that may make room, by when they were put to */
    bool kept;              /* it makes no room */
    bool noticed;           /* a listing that a notice names; a merchant that may have strikes */
    bool held;              /* an id of an event that is dated ahead of its record */
    uint64_t changed;       /* seq of the last record that may have changed what it shows, plus 1 */
    bool was_open;          /* of a merchant, when it was asked about last by a sighting */
    uint64_t asked;         /* seq, plus 1, at which its road was asked about, and when */
    int64_t asked_ns;
    uint32_t waiting; /* whoever uses the thing: of what is asked about later; 0: nothing */
};

struct ties;

/* Whether it is a sighting as active. */
static inline bool ties_is_active(const struct tie *tie)
{
    return tie->role == TIE_ACTIVE || tie->role == TIE_RELIED;
}

/* Makes an empty one, which holds at most so many bytes. NULL when out of memory. */
struct ties *ties_open(size_t bytes_max);

/* The thing, new or known, which dies with the next call that may add one; NULL: there is no room.
   0 or -ENOMEM. */
int ties_add(struct ties *ties, int64_t key, struct ties_thing **ret_thing);

/* The thing; NULL: there is none. */
struct ties_thing *ties_find(const struct ties *ties, int64_t key);

/* From now on it makes no room for others. */
void ties_keep(struct ties *ties, struct ties_thing *thing);

/* Ties a record to a thing, if there is room. 0 or -ENOMEM. */
int ties_put(struct ties *ties, int64_t key, const struct tie *tie);

/* Another stands in the place of the thing's tie of that number from now on. */
void ties_replace(struct ties *ties, struct ties_thing *thing, uint32_t old, const struct tie *tie);

/* As ties_put, for a registration of a listing: of one merchant the latest by date is kept, and of
   merchants the latest TIES_LISTING_MAX. 1: it is another merchant than those before; 0 or -ENOMEM.
 */
int ties_put_listing(struct ties *ties, int64_t key, const struct tie *tie);

/* The same for a live sighting of the listing, or one that is dated ahead (TIE_HELD), of which the
   latest stay. Of one that no notice names the latest as active is held, and the latest as gone: a
   notice may be recorded late. Of others, of those as active the last before each removal that is
   known stays, as it tells for any notice whether the listing was active after it, and so does the
   last of all; and the latest of those for which one of these stands in, should a removal be
   recorded late. Of those as gone the first after it was active or restored stay, the latest such,
   and the last of all. What is dropped closes or opens no road, but for a removal between two
   notices that was only seen and TIES_GONE_MAX removals ago, and in the past where a removal is
   recorded TIES_ACTIVE_MAX sightings late, unless ties_rely was called for what came before it. */
int ties_put_sighting(struct ties *ties, int64_t key, const struct tie *tie);

/* Whatever comes, a live sighting that is held stays (its record is `seq`), until this was asked
   for TIES_RELIED_MAX later ones of the listing. Nothing of another record. 0 or -ENOMEM. */
int ties_rely(struct ties *ties, int64_t key, uint64_t seq);

/* The ties of a thing: ties_at(ties, thing->first), then of ->next, until 0. */
const struct tie *ties_at(const struct ties *ties, uint32_t number);

/* The last registration of the platform's by date; NULL: none. */
const struct tie *ties_registration(const struct ties *ties, const struct ties_thing *listing,
                                    uint32_t platform);

/* Bytes that it holds. */
size_t ties_bytes(const struct ties *ties);

/* Records that there was no room for, as all that is held is kept; and things that made room. */
uint64_t ties_refused(const struct ties *ties);
uint64_t ties_evicted(const struct ties *ties);

/* Frees; NULL is fine. Returns NULL. */
struct ties *ties_close(struct ties *ties);

#endif
