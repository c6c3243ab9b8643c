/*
 * Thresholds, by sorting strikes into groups: n log n in the strikes that stand.
 */
#include "daemon/knowledge/strike_reach.h"

#include <assert.h>
#include <stdlib.h>

static int compare(const void *left, const void *right)
{
    const struct strike_order *a = left, *b = right;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* The M-th of two ascending runs of indexes, taken together. The caller knows that there are so
   many. */
static size_t merged(const struct strike_order *a, size_t a_count, const struct strike_order *b,
                     size_t b_count, size_t wanted)
{
    size_t i = 0, j = 0;
    uint32_t last = 0;
    while (i + j < wanted) {
        if (j == b_count || (i < a_count && a[i].index < b[j].index))
            last = a[i++].index;
        else
            last = b[j++].index;
    }
    return last;
}

/* Takes the threshold `wanted` of groups into *reach, if one reaches it earlier than what is there.
 */
static void reach_groups(const struct strike_stand *stand, size_t wanted, bool definite,
                         const struct strike_order *order, enum knowledge_reason reason,
                         struct strike_reach *reach)
{
    const struct strike *strikes = stand->at;
    size_t unknown = 0, count = stand->count;
    while (unknown < count && order[unknown].group == 0)
        unknown++;
    size_t spare = definite ? 0 : unknown;
    for (size_t begin = spare > 0 ? 0 : unknown, end; begin < count; begin = end) {
        for (end = begin; end < count && order[end].group == order[begin].group; end++)
            ;
        /* Those without a group, alone, may be of one that nothing else is of. */
        bool alone = order[begin].group == 0;
        size_t more = alone ? 0 : spare;
        if (end - begin + more < wanted || stand->most < wanted)
            continue;
        size_t index = merged(order + begin, end - begin, order, more, wanted);
        if (reach->reached && reach->at.at_ns <= strikes[index].at.at_ns)
            continue;
        *reach = (struct strike_reach){true, reason, strikes[index].at, order[begin].group};
    }
}

struct strike_reach strike_reach_find(const struct record_policy *policy,
                                      const struct strike_stand *stand, const struct strike *issued,
                                      size_t issued_count, bool definite,
                                      struct strike_order *scratch)
{
    const struct {
        int64_t wanted;
        enum knowledge_reason reason;
    } thresholds[] = {{policy->per_right, KNOWLEDGE_REASON_STRIKES_RIGHT},
                      {policy->per_kind, KNOWLEDGE_REASON_STRIKES_KIND}};
    const struct strike *strikes = stand->at;
    struct strike_reach reach = {0};
    for (size_t t = 0; t < sizeof thresholds / sizeof *thresholds; t++) {
        size_t wanted = (size_t)thresholds[t].wanted;
        bool right = thresholds[t].reason == KNOWLEDGE_REASON_STRIKES_RIGHT;
        if (wanted == 0)
            continue;
        for (size_t i = 0; i < stand->count; i++)
            scratch[i] =
                (struct strike_order){right ? strikes[i].right : strikes[i].kind, (uint32_t)i};
        if (stand->count > 1)
            qsort(scratch, stand->count, sizeof *scratch, compare);
        reach_groups(stand, wanted, definite, scratch, thresholds[t].reason, &reach);
        if (!definite && !reach.reached && issued_count >= wanted)
            reach = (struct strike_reach){true, thresholds[t].reason, issued[wanted - 1].at, 0};
    }
    /* The total: what the platform issued itself overrides upward (domain 2.4). */
    const struct strike *all = issued_count > stand->most ? issued : strikes;
    size_t all_count = issued_count > stand->most ? issued_count : stand->most;
    if (all_count < (size_t)policy->threshold)
        return reach;
    struct moment at = all[policy->threshold - 1].at;
    bool first = !reach.reached || at.at_ns <= reach.at.at_ns;
    return (struct strike_reach){true, KNOWLEDGE_REASON_STRIKES, first ? at : reach.at, 0};
}
