/*
 * What the platform issued itself, and whether the threshold is reached.
 */
#include "daemon/knowledge/strikes.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/strike_bounds.h"
#include "daemon/knowledge/strike_candidates.h"
#include "daemon/knowledge/strike_count.h"
#include "daemon/knowledge/strike_reach.h"
#include "daemon/knowledge/succession.h"
#include "daemon/knowledge/vector.h"

/*
 * A merchant under a policy of N strikes:
 *
 *     CLEAR --established--> STRUCK(1 .. N-1) --established--> OVER(N) --account closed--> CLOSED
 *       ^                        |                               |
 *       +---expired, revoked-----+---------expired, revoked------+
 *
 *   -> STRUCK, OVER [strike_count]: a notice through the designated channel, of a kind that the
 *       policy strikes, established by the platform's decision or by the lapse of the
 *       counter-notice's window. "Temporary restraining orders and preliminary injunction orders
 *       do not generate strikes" (op. at 7): no order is looked at here.
 *   -> CLEAR [strike_count]: validity is half-open, [E, E + validity); asked at the time of the
 *       act.
 *   OVER -> CLOSED [find_closed]: the platform acted: rebutted.
 *
 * STRUCK(n) and OVER hold as an interval: `min` takes what is sure, `max` what is possible.
 */

/* Strikes that the platform itself recorded and did not revoke, in the order of time (domain 2.4):
   those that surely are this owner's, and those that possibly are. 0 or -ENOMEM. */
static int find_issued(const struct counting *counting, const struct record_policy *policy)
{
    const struct facts *facts = counting->facts;
    struct strikes_scratch *scratch = counting->scratch;
    size_t found;
    if (strike_gather(counting, FACTS_MERCHANT_STRIKES, counting->reached, &found) < 0)
        return -ENOMEM;
    struct strike *issued =
        vector_room(scratch->issued, &scratch->issued_room, 0, found, sizeof *issued);
    if (issued == NULL)
        return -ENOMEM;
    scratch->issued = issued;
    struct strike *possible =
        vector_room(scratch->issued_max, &scratch->issued_max_room, 0, found, sizeof *possible);
    if (possible == NULL)
        return -ENOMEM;
    scratch->issued_max = possible;
    scratch->issued_count = scratch->issued_max_count = 0;
    const struct strikes_question question = {counting->platform, counting->at};
    for (size_t i = 0; i < found; i++) {
        const struct record *record = facts_record(facts, scratch->items[i]);
        struct moment at = record_moment(record);
        if (record->platform != counting->platform || facts->revoked[record->subject] ||
            moment_before(at, counting->at) != MOMENT_YES)
            continue;
        if (policy != NULL && moment_high(counting->at) >=
                                  moment_sum(moment_low(at), policy->validity_s * MOMENT_NS_PER_S))
            continue;
        const struct succession_strike given = {record->merchant, at, at};
        struct succession owned =
            succession_of(facts, &question, &given, counting->same, counting->same);
        if (!owned.possible)
            continue;
        struct strike strike = {.at = owned.came ? owned.since : at,
                                .issued = at,
                                .text = record_id(&facts->records, record),
                                .from = owned.came ? record->merchant : THINGS_NONE,
                                .doubted = !owned.sure};
        possible[scratch->issued_max_count++] = strike;
        if (owned.sure)
            issued[scratch->issued_count++] = strike;
    }
    strike_sort(counting, issued, scratch->issued_count);
    strike_sort(counting, possible, scratch->issued_max_count);
    return 0;
}

/* Appends the ids of the strikes that it rests on. */
static void tell_reached(struct ids *ids, const struct strike_reach *reach,
                         const struct strike *told, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t group =
            reach->reason == KNOWLEDGE_REASON_STRIKES_RIGHT ? told[i].right : told[i].kind;
        if (reach->reached && reach->reason != KNOWLEDGE_REASON_STRIKES && reach->group != 0 &&
            group != 0 && group != reach->group)
            continue;
        ids_add(ids, told[i].text);
    }
}

/* Why the threshold is not reached. */
static enum knowledge_reason why_below(const struct counting *counting)
{
    if (counting->why != 0)
        return (enum knowledge_reason)__builtin_ctzll(counting->why);
    for (size_t i = 0; i < counting->same->count; i++) {
        struct index_slice parties =
            facts_of(counting->facts, FACTS_MERCHANT_PARTIES, counting->same->members[i]);
        for (size_t j = 0; j < parties.count; j++)
            if (facts_record(counting->facts, parties.at[j])->kind == KNOWLEDGE_ORDER_PARTY)
                return KNOWLEDGE_REASON_ORDERS_NO_STRIKES;
    }
    return KNOWLEDGE_REASON_NO_NOTICE;
}

/* The platform's last word on the account before the act: closed, it acted on what it knew. */
static const struct record *find_closed(const struct counting *counting)
{
    const struct facts *facts = counting->facts;
    uint32_t last = UINT32_MAX;
    for (size_t i = 0; i < counting->same->count; i++) {
        struct index_slice accounts =
            facts_of(facts, FACTS_MERCHANT_ACCOUNT, counting->same->members[i]);
        for (size_t j = 0; j < accounts.count; j++) {
            const struct record *record = facts_record(facts, accounts.at[j]);
            bool counts = record->platform == counting->platform &&
                          record->state != KNOWLEDGE_STATE_TRANSFERRED &&
                          moment_before(record_moment(record), counting->at) == MOMENT_YES;
            if (counts && (last == UINT32_MAX || accounts.at[j] > last))
                last = accounts.at[j];
        }
    }
    if (last == UINT32_MAX || facts_record(facts, last)->state != KNOWLEDGE_STATE_CLOSED)
        return NULL;
    return facts_record(facts, last);
}

int strikes_open(struct strikes_scratch *ret_scratch, const struct facts *facts)
{
    *ret_scratch = (struct strikes_scratch){0};
    ret_scratch->opened_ns = vector_zeroed(facts->noticed + 1, sizeof *ret_scratch->opened_ns);
    ret_scratch->opened = vector_zeroed(facts->noticed + 1, sizeof *ret_scratch->opened);
    if (ret_scratch->opened_ns == NULL || ret_scratch->opened == NULL)
        return -ENOMEM;
    return facts->transfers ? cluster_open(&ret_scratch->reached, facts) : 0;
}

/* Both ends of the interval into scratch->min and max. 0 or -ENOMEM. */
static int count_both(struct counting *counting, struct strikes *strikes)
{
    struct strikes_scratch *scratch = counting->scratch;
    struct strike *min =
        vector_room(scratch->min, &scratch->min_room, 0, counting->candidates, sizeof *min);
    if (min == NULL)
        return -ENOMEM;
    scratch->min = min;
    struct strike *max =
        vector_room(scratch->max, &scratch->max_room, 0, counting->candidates, sizeof *max);
    if (max == NULL)
        return -ENOMEM;
    scratch->max = max;
    strikes->min = strike_count(counting, true, min);
    strikes->max = strike_count(counting, false, max);
    scratch->max_count = strikes->max;
    if (!strike_bounds_doubted(counting))
        return 0;
    strikes->min = strike_bounds_min(counting, min, strikes->min);
    strikes->max = strike_bounds_max(counting, max, &scratch->max_count);
    return 0;
}

/* A closed account rebuts. Where strikes came with another's account it is not enough that the
   merchant's own was closed before: the platform acted on them only if surely after they came. */
static void judge_closed(const struct counting *counting, struct ids *ids,
                         const struct strike *told, size_t count, struct strikes *strikes)
{
    const struct record *closed = find_closed(counting);
    struct moment reached = {strikes->start.at_ns, strikes->start.unc_ns};
    enum moment_order acted = MOMENT_YES;
    if (closed == NULL)
        return;
    for (size_t i = 0; i < count; i++)
        if (told[i].from != THINGS_NONE)
            acted = moment_before(reached, record_moment(closed));
    if (acted == MOMENT_NO)
        return;
    if (acted == MOMENT_UNKNOWN) {
        strikes->over.answer = KNOWLEDGE_INDETERMINATE;
        strikes->over.reason = KNOWLEDGE_REASON_CLOCK_UNCERTAINTY;
        return;
    }
    strikes->by_notice = false;
    strikes->over = answer_by(ids, KNOWLEDGE_REBUTTED, KNOWLEDGE_REASON_ACCOUNT_CLOSED,
                              record_id(&counting->facts->records, closed));
}

/* The threshold is reached for sure, or possibly, or not; and since when. */
static void judge(const struct counting *counting, struct ids *ids,
                  const struct record_policy *policy, struct strikes *strikes)
{
    const struct strikes_scratch *scratch = counting->scratch;
    const size_t begin = ids->count;
    struct strike_reach reach = {0};
    struct answer *over = &strikes->over;
    const struct strike_stand min = {scratch->min, strikes->min, strikes->min};
    const struct strike_stand max = {scratch->max, scratch->max_count, strikes->max};
    bool possibly = false;
    if (policy != NULL) {
        reach = strike_reach_find(policy, &min, scratch->issued, scratch->issued_count, true,
                                  scratch->order);
        possibly = !reach.reached;
        if (possibly)
            reach = strike_reach_find(policy, &max, scratch->issued_max, scratch->issued_max_count,
                                      false, scratch->order);
    }
    *over = answer_of(KNOWLEDGE_NOT_SHOWN, reach.reason);
    if (reach.reached)
        over->answer = possibly ? KNOWLEDGE_INDETERMINATE : KNOWLEDGE_SHOWN;
    else
        over->reason = why_below(counting);
    bool upper = reach.reached && possibly;
    const struct strike_stand *stand = upper ? &max : &min;
    size_t issued = upper ? scratch->issued_max_count : scratch->issued_count;
    /* What the platform issued itself overrides upward (domain 2.4). */
    strikes->by_notice = issued <= stand->most;
    const struct strike *told = upper ? scratch->issued_max : scratch->issued;
    tell_reached(ids, &reach, strikes->by_notice ? stand->at : told,
                 strikes->by_notice ? stand->count : issued);
    over->ids = ids_since(ids, begin);
    if (scratch->issued_count > strikes->min)
        strikes->min = scratch->issued_count;
    if (scratch->issued_max_count > strikes->max)
        strikes->max = scratch->issued_max_count;
    if (!reach.reached)
        return;
    strikes->start = (struct start){true, reach.at.at_ns, reach.at.unc_ns};
    const struct strike *rest = strikes->by_notice ? stand->at : told;
    judge_closed(counting, ids, rest, strikes->by_notice ? stand->count : issued, strikes);
}

int strikes_count(const struct facts *facts, struct ids *ids, struct strikes_scratch *scratch,
                  const struct strikes_question *question, const struct cluster *same,
                  const struct cluster *linked, struct strikes *ret_strikes)
{
    struct counting counting = {.facts = facts,
                                .scratch = scratch,
                                .platform = question->platform,
                                .at = question->at,
                                .same = same,
                                .linked = linked,
                                .reached = linked};
    const struct record_policy *policy =
        facts_policy(facts, question->platform, question->at.at_ns);
    struct strikes strikes = {0};
    scratch->refused_count = 0;
    if (facts->transfers) {
        cluster_reach(&scratch->reached, facts, linked);
        counting.reached = &scratch->reached;
    }
    if (policy != NULL && !policy->has_strike)
        policy = NULL;
    if (strike_candidates_find(&counting) < 0 || count_both(&counting, &strikes) < 0 ||
        find_issued(&counting, policy) < 0)
        return -ENOMEM;
    struct strike_order *order =
        vector_room(scratch->order, &scratch->order_room, 0, counting.candidates, sizeof *order);
    if (order == NULL)
        return -ENOMEM;
    scratch->order = order;
    scratch->candidates_count = counting.candidates;
    strikes.has_threshold = policy != NULL;
    strikes.threshold = policy != NULL ? policy->threshold : 0;
    judge(&counting, ids, policy, &strikes);
    *ret_strikes = strikes;
    return 0;
}

void strikes_close(struct strikes_scratch *scratch)
{
    free(scratch->items);
    free(scratch->candidates);
    free(scratch->min);
    free(scratch->max);
    free(scratch->issued);
    free(scratch->issued_max);
    free(scratch->refused);
    free(scratch->order);
    free(scratch->opened_ns);
    free(scratch->opened);
    cluster_close(&scratch->reached);
    *scratch = (struct strikes_scratch){0};
}
