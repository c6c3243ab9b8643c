/*
 * Which notices may be strikes against a merchant, since when, and how surely (domain 2.4).
 */
#ifndef KNOWLEDGE_STRIKE_CANDIDATES_H
#define KNOWLEDGE_STRIKE_CANDIDATES_H

#include "daemon/knowledge/cluster.h"
#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/strikes.h"

/* What became of a candidate, at one end of the interval. */
enum strike_fate {
    STRIKE_COUNTED = 0,
    STRIKE_UNSURE,   /* not counted at the lower end: something about it is in doubt */
    STRIKE_REPEATED, /* its listings were noticed before, and never removed since */
    STRIKE_TOO_SOON, /* within the spacing of the one counted before */
    STRIKE_EXPIRED,  /* counted, but no longer standing */
};

/* A notice that may be a strike, with those of its listings that are the merchant's. */
struct strike_candidate {
    struct moment established, known;
    const struct record_policy *policy;
    uint32_t notice; /* in facts.notices */
    bool sure;
    bool passed;         /* accounts that passed to others decide whether it is theirs */
    bool alone;          /* of strike_bounds.c, between its steps */
    uint32_t from;       /* another merchant, whose account it came with; or THINGS_NONE */
    struct moment since; /* when it came, or else was established */
    const uint32_t *items;
    size_t items_count;
    enum strike_fate lower, upper;
};

/* One count for one merchant and act. */
struct counting {
    const struct facts *facts;
    struct strikes_scratch *scratch;
    uint32_t platform;
    struct moment at;
    const struct cluster *same, *linked;
    const struct cluster *reached; /* linked, and whose accounts passed to or from these */
    uint64_t why;                  /* bits 1 << enum knowledge_reason */
    size_t candidates;             /* of scratch->candidates */
};

/* Remembers why something does not count. */
static inline void strike_because(struct counting *counting, enum knowledge_reason reason)
{
    counting->why |= UINT64_C(1) << reason;
}

/* Fills scratch->candidates, sorted by when they were established. 0 or -ENOMEM. */
int strike_candidates_find(struct counting *counting);

/* Sorts and keeps apart the numbers that an index gives for several merchants: those of `which` of
   all members, into scratch->items. 0 or -ENOMEM. */
int strike_gather(const struct counting *counting, enum facts_index which,
                  const struct cluster *members, size_t *ret_count);

#endif
