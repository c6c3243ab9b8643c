/*
 * Orders in force, their service, and their parties.
 */
#include "daemon/knowledge/decree.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/vector.h"

/*
 * An order:
 *
 *     ENTERED --order.served or order.ack, by platform--> SERVED --expires--> EXPIRED
 *        |                                                  +--order.vacated--> VACATED
 *        +--order.dismissed, by merchant--> DISMISSED
 *
 *   ENTERED -> SERVED [service_of]: "actual knowledge of the judicial decree" (op. at 2, quoting
 *       Arista); Rule 65(d)(2): "actual notice ... by personal service or otherwise".
 *   -> EXPIRED, VACATED [is_in_force]: an order that may have been vacated before the act counts
 *       as vacated: doubt is never used against anybody here.
 *   -> DISMISSED [bound_by]: "a party subject to the decree" (op. at 2) no longer.
 */

/* Entered surely before the act, and neither vacated nor expired then. */
static bool is_in_force(const struct facts *facts, const struct record *order, struct moment act)
{
    if (moment_before(record_moment(order), act) != MOMENT_YES)
        return false;
    if (order->detail != 0 && facts->records.spans[order->detail - 1].to_ns <= act.at_ns)
        return false;
    struct index_slice records = facts_of(facts, FACTS_ORDER_RECORDS, order->subject);
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (record->kind == KNOWLEDGE_ORDER_VACATED &&
            moment_before(record_moment(record), act) != MOMENT_NO)
            return false;
    }
    return true;
}

static bool is_service(const struct record *record, enum knowledge_kind kind, uint32_t platform)
{
    return record->kind == kind && record->platform == platform;
}

/* Whether the act's platform was served or acknowledged before the act. */
static enum knowledge_answer service_of(const struct facts *facts, const struct record *order,
                                        const struct record *act)
{
    enum knowledge_answer answer = KNOWLEDGE_NOT_SHOWN;
    struct index_slice records = facts_of(facts, FACTS_ORDER_RECORDS, order->subject);
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (!is_service(record, KNOWLEDGE_ORDER_SERVED, act->platform) &&
            !is_service(record, KNOWLEDGE_ORDER_ACK, act->platform))
            continue;
        enum moment_order before = moment_before(record_moment(record), record_moment(act));
        if (before == MOMENT_YES)
            return KNOWLEDGE_SHOWN;
        if (before == MOMENT_UNKNOWN)
            answer = KNOWLEDGE_INDETERMINATE;
    }
    return answer;
}

static void add_service(const struct facts *facts, struct ids *ids, enum knowledge_kind kind,
                        const struct record *order, const struct record *act)
{
    struct index_slice records = facts_of(facts, FACTS_ORDER_RECORDS, order->subject);
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (is_service(record, kind, act->platform) &&
            moment_before(record_moment(record), record_moment(act)) == MOMENT_YES)
            ids_add(ids, record_id(&facts->records, record));
    }
}

static struct answer describe_service(const struct facts *facts, struct ids *ids,
                                      const struct record *order, const struct record *act)
{
    struct answer answer = {.answer = service_of(facts, order, act)};
    size_t begin = ids->count;
    ids_add(ids, record_id(&facts->records, order));
    if (answer.answer == KNOWLEDGE_SHOWN) {
        answer.reason = KNOWLEDGE_REASON_SERVED;
        add_service(facts, ids, KNOWLEDGE_ORDER_SERVED, order, act);
        add_service(facts, ids, KNOWLEDGE_ORDER_ACK, order, act);
    } else {
        answer.reason = answer.answer == KNOWLEDGE_INDETERMINATE
                            ? KNOWLEDGE_REASON_CLOCK_UNCERTAINTY
                            : KNOWLEDGE_REASON_ORDER_NOT_SERVED;
    }
    answer.ids = ids_since(ids, begin);
    return answer;
}

/* The cluster's records of one order. */
struct group {
    const uint32_t *at;
    size_t count;
};

static bool is_dismissed(const struct facts *facts, struct group group, uint32_t merchant,
                         struct moment act)
{
    for (size_t i = 0; i < group.count; i++) {
        const struct record *record = facts_record(facts, group.at[i]);
        if (record->kind == KNOWLEDGE_ORDER_DISMISSED && record->merchant == merchant &&
            moment_before(record_moment(record), act) != MOMENT_NO)
            return true;
    }
    return false;
}

/* Whether the order binds the merchant; *ret_party is the record that says so, where one does. */
static struct answer bound_by(const struct facts *facts, struct group group, struct moment act,
                              const struct cluster *same, const struct record **ret_party)
{
    struct answer answer = answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_NOT_A_PARTY);
    bool named = false;
    *ret_party = NULL;
    for (size_t i = 0; i < group.count; i++) {
        const struct record *record = facts_record(facts, group.at[i]);
        if (record->kind != KNOWLEDGE_ORDER_PARTY)
            continue;
        bool verified = cluster_has(same, record->merchant);
        named = named || verified;
        if (is_dismissed(facts, group, record->merchant, act))
            continue;
        if (verified) {
            *ret_party = record;
            return answer_of(KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_PARTY);
        }
        if (*ret_party == NULL) {
            *ret_party = record;
            answer = answer_of(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_IDENTITY_ASSERTED);
        }
    }
    if (*ret_party == NULL && named)
        answer = answer_of(KNOWLEDGE_REBUTTED, KNOWLEDGE_REASON_DISMISSED);
    return answer;
}

static int compare_parties(const void *left, const void *right, void *context)
{
    const struct facts *facts = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    uint32_t order_a = facts->records.at[a].subject, order_b = facts->records.at[b].subject;
    if (order_a != order_b)
        return order_a < order_b ? -1 : 1;
    return (a > b) - (a < b);
}

/* What the orders say of the cluster, by order and time. 0 or -ENOMEM. */
static int gather(const struct facts *facts, struct decree_scratch *scratch,
                  const struct cluster *linked, size_t *ret_count)
{
    *ret_count = 0;
    for (size_t i = 0; i < linked->count; i++) {
        struct index_slice parties = facts_of(facts, FACTS_MERCHANT_PARTIES, linked->members[i]);
        uint32_t *at = vector_room(scratch->parties, &scratch->parties_room, *ret_count,
                                   parties.count, sizeof *at);
        if (at == NULL)
            return -ENOMEM;
        scratch->parties = at;
        for (size_t j = 0; j < parties.count; j++)
            at[(*ret_count)++] = parties.at[j];
    }
    if (*ret_count > 1)
        qsort_r(scratch->parties, *ret_count, sizeof *scratch->parties, compare_parties,
                (void *)(uintptr_t)facts);
    return 0;
}

/* An order that was looked at, to be compared with others. */
struct candidate {
    const struct record *order; /* NULL: none yet */
    const struct record *party;
    struct answer bound;
    enum knowledge_answer known;
};

/* Binds more, is known more, was entered earlier, stands earlier in the record. */
static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (b->order == NULL)
        return true;
    if (a->bound.answer != b->bound.answer)
        return a->bound.answer > b->bound.answer;
    if (a->known != b->known)
        return a->known > b->known;
    if (a->order->at_ns != b->order->at_ns)
        return a->order->at_ns < b->order->at_ns;
    return a->order < b->order;
}

/* Every record of kind order under the group's name. */
static void take_group(const struct facts *facts, struct group group, const struct record *act,
                       const struct cluster *same, struct candidate *best)
{
    uint32_t order = facts_record(facts, group.at[0])->subject;
    struct index_slice records = facts_of(facts, FACTS_ORDER_RECORDS, order);
    struct candidate next = {0};
    next.bound = bound_by(facts, group, record_moment(act), same, &next.party);
    for (size_t i = 0; i < records.count && next.bound.answer > KNOWLEDGE_NOT_SHOWN; i++) {
        next.order = facts_record(facts, records.at[i]);
        if (next.order->kind != KNOWLEDGE_ORDER ||
            !is_in_force(facts, next.order, record_moment(act)))
            continue;
        next.known = service_of(facts, next.order, act);
        if (is_better(&next, best))
            *best = next;
    }
}

/* The best order in force, whomever it binds. Orders stand in the order of time, so that the first
   that is known to be served is the best. */
static struct decree_unbound find_unbound(const struct facts *facts, const struct record *act)
{
    struct decree_unbound best = {0};
    enum knowledge_answer known = KNOWLEDGE_NOT_SHOWN;
    for (size_t i = 0; i < facts->entered_count && known != KNOWLEDGE_SHOWN; i++) {
        const struct record *order = facts_record(facts, facts->entered[i]);
        if (order->at_ns > record_moment(act).at_ns)
            break;
        if (!is_in_force(facts, order, record_moment(act)))
            continue;
        enum knowledge_answer next = service_of(facts, order, act);
        if (best.found && next <= known)
            continue;
        best = (struct decree_unbound){true, facts->entered[i]};
        known = next;
    }
    return best;
}

int decree_find(const struct facts *facts, struct ids *ids, struct decree_scratch *scratch,
                uint32_t act, const struct cluster *same, const struct cluster *linked,
                struct decree *ret_decree)
{
    const struct record *record = facts_record(facts, act);
    struct candidate best = {0};
    size_t count;
    if (gather(facts, scratch, linked, &count) < 0)
        return -ENOMEM;
    for (size_t begin = 0, end; begin < count; begin = end) {
        struct group group = {scratch->parties + begin, 0};
        uint32_t order = facts_record(facts, group.at[0])->subject;
        for (end = begin; end < count; end++)
            if (facts_record(facts, scratch->parties[end])->subject != order)
                break;
        group.count = end - begin;
        take_group(facts, group, record, same, &best);
    }
    if (best.order == NULL) {
        if (scratch->act != act + 1)
            scratch->unbound = find_unbound(facts, record);
        scratch->act = act + 1;
        best.bound = answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_NOT_A_PARTY);
        if (scratch->unbound.found)
            best.order = facts_record(facts, scratch->unbound.entered);
    }
    ret_decree->bound = best.bound;
    if (best.party != NULL)
        ret_decree->bound = answer_by(ids, best.bound.answer, best.bound.reason,
                                      record_id(&facts->records, best.party));
    ret_decree->known = best.order != NULL
                            ? describe_service(facts, ids, best.order, record)
                            : answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_NO_ORDER);
    return 0;
}

void decree_close(struct decree_scratch *scratch)
{
    free(scratch->parties);
    *scratch = (struct decree_scratch){0};
}
