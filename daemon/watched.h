/*
 * The listings and merchants whose every sighting is recorded (DESIGN 9.2, 9.11), and which
 * merchant a recorded listing belongs to. A function of the records in their order, so that it can
 * be rebuilt from the ledger. Belongs to the ledger's writer; lanes ask its filter. Knows no
 * record's text.
 *
 * What a notice, an order, an act and the like named is never put out; what merely matched, or was
 * seen because of its merchant, makes room for others when the set is full, the least recently seen
 * first.
 */
#ifndef DAEMON_WATCHED_H
#define DAEMON_WATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/fingerprint.h"
#include "daemon/watched_filter.h"

#define WATCHED_ENTRIES_MAX 100000000u

/* A listing or a merchant. */
struct watched_name {
    struct fingerprint print; /* fingerprint_listing or fingerprint_merchant */
    uint64_t hash;            /* watched_hash; not 0 */
};

struct watched_counts {
    uint64_t held;    /* entries, those that are only known included */
    uint64_t named;   /* of these, never put out */
    uint64_t evicted; /* put out since the ledger began */
    uint64_t refused; /* had no room since the ledger began, as all were named */
};

struct watched;
struct gradual;

/* Makes an empty set of at most max entries, 1 to WATCHED_ENTRIES_MAX. 0 or -ENOMEM. */
int watched_open(size_t max, struct watched **ret_watched);

/* For the lanes, until watched_close. */
const struct watched_filter *watched_lanes_filter(const struct watched *watched);

/* Whether its sightings are recorded: it was named, or matched and not put out since. */
bool watched_holds(const struct watched *watched, const struct watched_name *name);

/* A notice or the like named it. 0; -ENOSPC: all entries are named ones, and it is counted. */
int watched_add_named(struct watched *watched, const struct watched_name *name);

/* It matched. Without room for it it is counted as refused. */
void watched_add_matched(struct watched *watched, const struct watched_name *name);

/* It was seen: of those that may be put out it is the last one now. */
void watched_touch(struct watched *watched, const struct watched_name *name);

/* Which merchant a listing belongs to, and whether this is on record already. */
void watched_set_merchant(struct watched *watched, const struct watched_name *listing,
                          const struct fingerprint *merchant);
bool watched_is_of(const struct watched *watched, const struct watched_name *listing,
                   const struct fingerprint *merchant);

/* What is held now, and what made room or had none. */
struct watched_counts watched_counts(const struct watched *watched);

/* The set as bytes, for a snapshot: sets with the same past have the same bytes. They are all there
   when watched_copy has ended, which may be while the set changes. 0 or -ENOMEM. */
size_t watched_encoded_bytes(const struct watched *watched);
int watched_encode(struct watched *watched, uint8_t *ret_bytes);
struct gradual *watched_copy(struct watched *watched);

/* Fills an empty set. 0; -EBADMSG: not what watched_encode writes, or more than fits; -ENOMEM. On
   an error the set is only good for watched_close. */
int watched_decode(struct watched *watched, const uint8_t *bytes, size_t len);

/* Frees; the lanes are gone. NULL is fine. Returns NULL. */
struct watched *watched_close(struct watched *watched);

#endif
