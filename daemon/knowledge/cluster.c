/*
 * A walk over links, breadth first.
 */
#include "daemon/knowledge/cluster.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/vector.h"

int cluster_open(struct cluster *ret_cluster, const struct facts *facts)
{
    size_t count = facts->merchants.count + 1;
    ret_cluster->members = vector_zeroed(count, sizeof *ret_cluster->members);
    ret_cluster->marks = vector_zeroed(count, sizeof *ret_cluster->marks);
    ret_cluster->count = 0;
    ret_cluster->turn = 0;
    return ret_cluster->members == NULL || ret_cluster->marks == NULL ? -ENOMEM : 0;
}

static void join(struct cluster *cluster, uint32_t merchant)
{
    if (cluster_has(cluster, merchant))
        return;
    cluster->marks[merchant] = cluster->turn;
    cluster->members[cluster->count++] = merchant;
}

static void begin(struct cluster *cluster, const struct facts *facts)
{
    cluster->count = 0;
    if (++cluster->turn == 0) {
        memset(cluster->marks, 0, (facts->merchants.count + 1) * sizeof *cluster->marks);
        cluster->turn = 1;
    }
}

void cluster_find(struct cluster *cluster, const struct facts *facts, uint32_t merchant,
                  struct moment act, bool asserted)
{
    assert(merchant != THINGS_NONE);
    begin(cluster, facts);
    join(cluster, merchant);
    for (size_t next = 0; next < cluster->count; next++) {
        struct index_slice links = facts_of(facts, FACTS_MERCHANT_LINKS, cluster->members[next]);
        for (size_t i = 0; i < links.count; i++) {
            const struct record *link = facts_record(facts, links.at[i]);
            bool counts = link->state == KNOWLEDGE_STATE_VERIFIED ||
                          (asserted && link->state == KNOWLEDGE_STATE_ASSERTED);
            if (!counts || moment_before(record_moment(link), act) != MOMENT_YES)
                continue;
            join(cluster, link->merchant);
            join(cluster, link->other);
        }
    }
}

void cluster_begin(struct cluster *cluster, const struct facts *facts, const struct cluster *from)
{
    begin(cluster, facts);
    for (size_t i = 0; from != NULL && i < from->count; i++)
        join(cluster, from->members[i]);
}

void cluster_add(struct cluster *cluster, uint32_t merchant)
{
    assert(merchant != THINGS_NONE);
    join(cluster, merchant);
}

void cluster_spread(struct cluster *cluster, const struct facts *facts, unsigned ways)
{
    static const enum facts_index indexes[] = {FACTS_MERCHANT_ACCOUNT, FACTS_MERCHANT_GIVEN,
                                               FACTS_MERCHANT_LINKS};
    for (size_t next = 0; next < cluster->count; next++) {
        for (size_t way = 0; way < sizeof indexes / sizeof *indexes; way++) {
            if (!(ways & 1u << way))
                continue;
            struct index_slice beside = facts_of(facts, indexes[way], cluster->members[next]);
            for (size_t i = 0; i < beside.count; i++) {
                const struct record *record = facts_record(facts, beside.at[i]);
                if (record->other == THINGS_NONE || record->state == KNOWLEDGE_STATE_REJECTED)
                    continue;
                join(cluster, record->merchant);
                join(cluster, record->other);
            }
        }
    }
}

void cluster_reach(struct cluster *cluster, const struct facts *facts, const struct cluster *from)
{
    cluster_begin(cluster, facts, from);
    cluster_spread(cluster, facts, CLUSTER_HEIRS | CLUSTER_GIVERS | CLUSTER_LINKED);
}

void cluster_close(struct cluster *cluster)
{
    free(cluster->members);
    free(cluster->marks);
    *cluster = (struct cluster){0};
}
