/*
 * What came to a merchant with the account of another: what is told of the receiver, marked as the
 * giver's.
 */
#ifndef KNOWLEDGE_CAME_H
#define KNOWLEDGE_CAME_H

#include "daemon/knowledge/cluster.h"
#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/strikes.h"

/* Whose it was: another merchant, or THINGS_NONE; not sure: it may have been another's, or may not
   have come. Whether strikes followed is another question (succession.h). */
struct came {
    uint32_t from;
    bool sure;
};

/* Whether a notice of the listing, known since then, is one of the members', or may have come to
   them as strikes do (succession.h) at any time up to the one asked about; *ret_came: from whom.
   `reached` is what cluster_reach makes of the members; it is looked at only where accounts passed
   to others. */
bool came_notice(const struct facts *facts, const struct strikes_question *question,
                 uint32_t listing, struct moment known, const struct cluster *members,
                 const struct cluster *reached, struct came *ret_came);

/* The same of a strike that the platform issued. */
bool came_strike(const struct facts *facts, const struct strikes_question *question,
                 const struct record *issued, const struct cluster *members, struct came *ret_came);

#endif
