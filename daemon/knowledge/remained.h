/*
 * One listing at the time of an act: did the platform know of it, and did it stay active despite
 * that (domain 2.1, listing_known and listing_remained_active)?
 */
#ifndef KNOWLEDGE_REMAINED_H
#define KNOWLEDGE_REMAINED_H

#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/ids.h"
#include "daemon/knowledge/moment.h"

struct remained {
    struct answer known, active;
    struct start start; /* of the knowledge that a removal would have ended */
    bool on_notice;     /* by the best notice, since known_ns */
    int64_t known_ns;
};

/* The act's side of the question. */
struct remained_act {
    uint32_t platform;
    struct moment at;
    const struct record_policy *policy; /* its grace time; NULL: none is in force */
};

/* The best that the platform's notices show for the listing (a thing of facts->listings). */
struct remained remained_listing(const struct facts *facts, struct ids *ids, uint32_t listing,
                                 const struct remained_act *act);

/* Whether a takedown, or a live sighting as gone, lies between two instants, both excluded. */
bool remained_removed_between(const struct facts *facts, uint32_t listing, int64_t from_ns,
                              int64_t to_ns);

#endif
