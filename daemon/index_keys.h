/*
 * Under which things an event is found again: its listing, its merchant, its notice, ... Pure.
 */
#ifndef DAEMON_INDEX_KEYS_H
#define DAEMON_INDEX_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/event.h"

enum index_thing {
    INDEX_GLOBAL = 0, /* policies, channels, coverage, orders but their parties, gaps, starts */
    INDEX_UNRESOLVED, /* support without listing and merchant */
    INDEX_ID,         /* all events of one id, and the reviews of it */
    INDEX_LISTING,    /* by platform and listing; without platform for events that have none */
    INDEX_MERCHANT,
    INDEX_NOTICE,
    INDEX_PARTIES, /* of an order */
    INDEX_STRIKE,
};

/* The key of a thing. Two things may share one, at a chance of 2^-64: then more is read than is
   needed, which changes no answer. platform.at and name.at may be NULL. */
int64_t index_key(enum index_thing thing, struct knowledge_text platform,
                  struct knowledge_text name);

/* What the record is that holds the event. */
struct index_origin {
    uint64_t seq, run;
};

/* Takes one key of the event. Not 0 ends the walk with that value. */
typedef int index_take_key(void *context, int64_t key);

/* Hands over each key that the event is to be found under; a key may come twice. A daemon's own
   event, whose id says the number of its record, has no key for its id. 0, or what `take`
   returned. */
int index_keys(const struct knowledge_event *event, const struct index_origin *origin,
               index_take_key *take, void *context);

/* Whether the id is of the form that the daemon gives, <run>.<seq> or listing.<seq>: *ret_seq. */
int index_own_id(struct knowledge_text id, uint64_t *ret_seq);

#endif
