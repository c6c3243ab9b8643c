/*
 * The order: does the platform know of it, and is the merchant bound by it (domain 2.1,
 * decree_known and merchant_bound)?
 */
#ifndef KNOWLEDGE_DECREE_H
#define KNOWLEDGE_DECREE_H

#include "daemon/knowledge/cluster.h"
#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/ids.h"

/* An act's best order that does not bind the merchant, found once for each act. */
struct decree_unbound {
    bool found;
    uint32_t entered;
};

struct decree {
    struct answer known, bound;
};

/* What decree_find works with; zeroed at first. */
struct decree_scratch {
    uint32_t *parties; /* order.party and order.dismissed of a cluster, by order */
    size_t parties_room;
    uint32_t act; /* that `unbound` is of, + 1 */
    struct decree_unbound unbound;
};

/* The order that shows most for the act (a record of kind support). `same` are the merchants that
   are verified as one, `linked` also those that are only asserted. 0 or -ENOMEM. */
int decree_find(const struct facts *facts, struct ids *ids, struct decree_scratch *scratch,
                uint32_t act, const struct cluster *same, const struct cluster *linked,
                struct decree *ret_decree);

/* Frees what it holds. */
void decree_close(struct decree_scratch *scratch);

#endif
