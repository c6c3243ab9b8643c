/*
 * Who is the same merchant at a time: verified links are a union; asserted links only widen the
 * upper bound (domain 2.1, merchant_bound).
 */
#ifndef KNOWLEDGE_CLUSTER_H
#define KNOWLEDGE_CLUSTER_H

#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/moment.h"

struct cluster {
    uint32_t *members; /* merchants, the one asked about first */
    size_t count;
    uint32_t *marks; /* [merchant]: turn, when it is a member */
    uint32_t turn;
};

/* Memory for clusters among the facts' merchants. 0 or -ENOMEM; cluster_close after either. */
int cluster_open(struct cluster *ret_cluster, const struct facts *facts);

/* Becomes the merchants that links older than the act join with this one. */
void cluster_find(struct cluster *cluster, const struct facts *facts, uint32_t merchant,
                  struct moment act, bool asserted);

/* Becomes the members of another, or empty where that is NULL; a merchant joins. */
void cluster_begin(struct cluster *cluster, const struct facts *facts, const struct cluster *from);
void cluster_add(struct cluster *cluster, uint32_t merchant);

enum cluster_ways {
    CLUSTER_HEIRS = 1,  /* whom a member gave an account */
    CLUSTER_GIVERS = 2, /* who gave a member one */
    CLUSTER_LINKED = 4, /* by a link that nobody rejected, whenever */
};

/* All join whom these ways lead to. */
void cluster_spread(struct cluster *cluster, const struct facts *facts, unsigned ways);

/* Becomes the members of another, and whoever all ways lead to from these. */
void cluster_reach(struct cluster *cluster, const struct facts *facts, const struct cluster *from);

/* For cluster_find: whatever links there are. */
static const struct moment cluster_ever = {INT64_MAX, 0};

/* Whether the merchant is a member; THINGS_NONE never is. */
static inline bool cluster_has(const struct cluster *cluster, uint32_t merchant)
{
    return merchant != THINGS_NONE && cluster->marks[merchant] == cluster->turn;
}

/* Frees what it holds. */
void cluster_close(struct cluster *cluster);

#endif
