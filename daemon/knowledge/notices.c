/*
 * The notice's machine (domain 2.3), run once for each notice.sent over all that was recorded of
 * it.
 */
#include "daemon/knowledge/notices.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/vector.h"

/*
 * A notice, for each listing that it names:
 *
 *     SENT --received, complete--> EFFECTIVE --counter.filed--> CONTESTED
 *      |  \--received, incomplete--> DEFECTIVE    |  ^               |
 *      |                                |         |  +--rejected-----+
 *      |                                |         |                  +--accepted--> VOID
 *      +--ack or decision by name--> EFFECTIVE    +--decision rejected--> DISPUTED
 *                                       ^         +--withdrawn: error--> VOID, else ENDED
 *                       correct --------+
 *
 *   SENT -> EFFECTIVE [take_received]: received in a designated channel with all that the policy
 *       then in force requires. op. at 7: only the "designated process for reporting" counts.
 *   SENT -> DEFECTIVE [take_received]: received, but incomplete (17 U.S.C. 512(c)(3)(B)(i)).
 *   any -> EFFECTIVE [take_corrections]: a correction completes it, or adds a listing; from then.
 *   any -> EFFECTIVE [take_acknowledged]: in any channel, when the platform itself names the
 *       listing: what it acknowledges it knows ("upon being made aware of such listings", op. at
 * 6). EFFECTIVE -> CONTESTED, VOID, DISPUTED, ENDED [notices_standing].
 *
 * EFFECTIVE holds from the item's time on, with grade A (designated and acknowledged), B
 * (designated) or C (another channel, acknowledged). In the other states nothing is known.
 */

/* One notice while it is made. */
struct making {
    struct facts *facts;
    const struct record *sent;
    uint32_t sent_number;
    uint32_t notice;           /* in facts->notices */
    size_t first;              /* of its items */
    uint64_t *item_of;         /* [name]: notice + 1 in the upper half, item in the lower */
    struct index_slice others; /* records of this notice */
};

static const uint32_t *listings_of(const struct making *making, const struct record *record,
                                   uint32_t *ret_count)
{
    const struct record_list *list = record_list(&making->facts->records, record);
    *ret_count = list->listings_count;
    return list->listings_count == 0 ? NULL : making->facts->records.pool + list->listings;
}

static struct facts_item *find_item(const struct making *making, uint32_t name)
{
    uint64_t place = making->item_of[name];
    return place >> 32 == (uint64_t)making->notice + 1 ? &making->facts->items[(uint32_t)place]
                                                       : NULL;
}

/* A link of the item's chain of records. 0 or -ENOMEM. */
static int add_basis(struct facts *facts, struct facts_item *item, uint32_t record)
{
    struct facts_basis *basis =
        vector_room(facts->basis, &facts->basis_room, facts->basis_count, 1, sizeof *basis);
    if (basis == NULL)
        return -ENOMEM;
    facts->basis = basis;
    basis[facts->basis_count++] = (struct facts_basis){.record = record};
    uint32_t number = (uint32_t)facts->basis_count;
    if (item->basis == 0)
        item->basis = number;
    else
        basis[item->basis_last - 1].next = number;
    item->basis_last = number;
    return 0;
}

/* The item as it is known from `record` on: notice.sent and that record are its basis. */
static int set_item(const struct making *making, struct facts_item *item, uint32_t record,
                    enum facts_grade grade)
{
    const struct record *from = facts_record(making->facts, record);
    item->at_ns = from->at_ns;
    item->unc_ms = from->unc_ms;
    item->grade = grade;
    item->basis = item->basis_last = 0;
    int result = add_basis(making->facts, item, making->sent_number);
    return result < 0 ? result : add_basis(making->facts, item, record);
}

static int new_item(const struct making *making, uint32_t name, struct facts_item **ret_item)
{
    struct facts *facts = making->facts;
    struct facts_item *items =
        vector_room(facts->items, &facts->items_room, facts->items_count, 1, sizeof *items);
    if (items == NULL)
        return -ENOMEM;
    facts->items = items;
    struct facts_item *item = &items[facts->items_count];
    *item = (struct facts_item){.notice = making->notice};
    uint32_t platform = things_name(&facts->platforms, making->sent->platform);
    if (things_add(&facts->listings, facts->scoped ? platform : 0, name, &item->listing) < 0)
        return -ENOMEM;
    making->item_of[name] = ((uint64_t)making->notice + 1) << 32 | facts->items_count++;
    *ret_item = item;
    return 0;
}

/* The listing is known from `record` on, unless it was known before. */
static int put(const struct making *making, uint32_t name, uint32_t record)
{
    struct facts_item *item = find_item(making, name);
    if (item != NULL && facts_record(making->facts, record)->at_ns >= item->at_ns)
        return 0;
    if (item == NULL && new_item(making, name, &item) < 0)
        return -ENOMEM;
    return set_item(making, item, record, FACTS_GRADE_B);
}

static int put_all(const struct making *making, const struct record *named, uint32_t record)
{
    uint32_t count;
    const uint32_t *names = listings_of(making, named, &count);
    int result = 0;
    for (uint32_t i = 0; i < count && result == 0; i++)
        result = put(making, names[i], record);
    return result;
}

static bool has_word(const struct making *making, const struct record *record, uint32_t word)
{
    const struct record_list *list = record_list(&making->facts->records, record);
    for (uint32_t i = 0; i < list->words_count; i++)
        if (making->facts->records.pool[list->words + i] == word)
            return true;
    return false;
}

/* Whether the notice, with a correction perhaps, has what the policy in force at that time requires
   (domain 1.3). Without a policy nothing is required. */
static bool is_complete(const struct making *making, const struct record *at,
                        const struct record *correction)
{
    const struct record_policy *policy =
        facts_policy(making->facts, making->sent->platform, at->at_ns);
    for (uint32_t i = 0; policy != NULL && i < policy->required_count; i++) {
        uint32_t word = making->facts->records.pool[policy->required + i];
        if (!has_word(making, making->sent, word) &&
            (correction == NULL || !has_word(making, correction, word)))
            return false;
    }
    return true;
}

static uint64_t bit(enum knowledge_reason reason)
{
    return UINT64_C(1) << reason;
}

/* Domain 2.3, SENT -> EFFECTIVE(B) or DEFECTIVE. */
static int take_received(const struct making *making, uint64_t *why)
{
    bool received = false;
    int result = 0;
    for (size_t i = 0; i < making->others.count && result == 0; i++) {
        const struct record *record = facts_record(making->facts, making->others.at[i]);
        bool counts = record->kind == KNOWLEDGE_NOTICE_RECEIVED;
        received = received || counts || record->kind == KNOWLEDGE_NOTICE_ACK ||
                   record->kind == KNOWLEDGE_NOTICE_DECISION;
        if (counts && !is_complete(making, record, NULL))
            *why |= bit(KNOWLEDGE_REASON_NOTICE_INCOMPLETE);
        else if (counts)
            result = put_all(making, making->sent, making->others.at[i]);
    }
    if (!received)
        *why |= bit(KNOWLEDGE_REASON_SENT_NOT_RECEIVED);
    return result;
}

/* Domain 2.3, DEFECTIVE or EFFECTIVE -> EFFECTIVE(B) from the correction on. */
static int take_corrections(const struct making *making)
{
    int result = 0;
    for (size_t i = 0; i < making->others.count && result == 0; i++) {
        const struct record *record = facts_record(making->facts, making->others.at[i]);
        if (record->kind != KNOWLEDGE_NOTICE_CORRECT || !is_complete(making, record, record))
            continue;
        result = put_all(making, making->sent, making->others.at[i]);
        if (result == 0)
            result = put_all(making, record, making->others.at[i]);
    }
    return result;
}

/* Domain 2.3, any channel -> EFFECTIVE(A or C): K = min(previous K, ack.at). */
static int acknowledge(const struct making *making, uint32_t name, uint32_t record,
                       enum facts_grade grade)
{
    struct facts_item *item = find_item(making, name);
    if (item != NULL && item->at_ns <= facts_record(making->facts, record)->at_ns) {
        item->grade = grade;
        return add_basis(making->facts, item, record);
    }
    if (item == NULL && new_item(making, name, &item) < 0)
        return -ENOMEM;
    return set_item(making, item, record, grade);
}

static int take_acknowledged(const struct making *making, enum knowledge_kind kind,
                             enum facts_grade grade)
{
    int result = 0;
    for (size_t i = 0; i < making->others.count && result == 0; i++) {
        const struct record *record = facts_record(making->facts, making->others.at[i]);
        uint32_t count;
        const uint32_t *names = listings_of(making, record, &count);
        for (uint32_t j = 0; record->kind == kind && j < count && result == 0; j++)
            result = acknowledge(making, names[j], making->others.at[i], grade);
    }
    return result;
}

/* Listings that the notice names without effect: pairs of notice and listing. */
static int add_unmet(const struct making *making)
{
    struct facts *facts = making->facts;
    uint32_t platform = things_name(&facts->platforms, making->sent->platform), count;
    const uint32_t *names = listings_of(making, making->sent, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (find_item(making, names[i]) != NULL)
            continue;
        uint32_t *unmet =
            vector_room(facts->unmet, &facts->unmet_room, facts->unmet_count, 2, sizeof *unmet);
        if (unmet == NULL)
            return -ENOMEM;
        facts->unmet = unmet;
        unmet[facts->unmet_count] = making->notice;
        if (things_add(&facts->listings, facts->scoped ? platform : 0, names[i],
                       &unmet[facts->unmet_count + 1]) < 0)
            return -ENOMEM;
        facts->unmet_count += 2;
    }
    return 0;
}

static int make_notice(struct making *making)
{
    struct facts *facts = making->facts;
    struct facts_notice *notice = &facts->notices[making->notice];
    notice->record = making->sent_number;
    notice->designated = facts->designated[making->sent->other];
    making->others = facts_of(facts, FACTS_NOTICE_RECORDS, making->sent->subject);
    /* op. at 7: "repeatedly declined to use the designated process": such notices are without
       effect of their own. */
    int result = 0;
    if (!notice->designated)
        notice->why |= bit(KNOWLEDGE_REASON_OUTSIDE_CHANNEL);
    else
        result = take_received(making, &notice->why);
    if (result == 0 && notice->designated)
        result = take_corrections(making);
    enum facts_grade grade = notice->designated ? FACTS_GRADE_A : FACTS_GRADE_C;
    if (result == 0)
        result = take_acknowledged(making, KNOWLEDGE_NOTICE_ACK, grade);
    if (result == 0)
        result = take_acknowledged(making, KNOWLEDGE_NOTICE_DECISION, grade);
    return result < 0 ? result : add_unmet(making);
}

int notices_build(struct facts *facts)
{
    struct making making = {.facts = facts};
    int result = 0;
    making.item_of = vector_zeroed(facts->records.names.count + 1, sizeof *making.item_of);
    if (making.item_of == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < facts->records.count && result == 0; i++) {
        making.sent = facts_record(facts, (uint32_t)i);
        if (making.sent->kind != KNOWLEDGE_NOTICE_SENT)
            continue;
        struct facts_notice *notices = vector_room(facts->notices, &facts->notices_room,
                                                   facts->notices_count, 1, sizeof *notices);
        if (notices == NULL)
            result = -ENOMEM;
        if (result < 0)
            break;
        facts->notices = notices;
        making.notice = (uint32_t)facts->notices_count++;
        making.sent_number = (uint32_t)i;
        notices[making.notice] = (struct facts_notice){0};
        result = make_notice(&making);
    }
    free(making.item_of);
    return result;
}

/* Whether a record names the listing; one without a list means all of its notice. */
static bool covers(const struct facts *facts, const struct record *record, uint32_t name)
{
    const struct record_list *list = record_list(&facts->records, record);
    if (!list->given)
        return true;
    for (uint32_t i = 0; i < list->listings_count; i++)
        if (facts->records.pool[list->listings + i] == name)
            return true;
    return false;
}

static struct notices_standing standing(enum knowledge_answer answer, enum knowledge_reason reason,
                                        uint32_t record)
{
    return (struct notices_standing){answer, reason, record};
}

/* Domain 2.3: withdrawn in error (or as a duplicate) it is void from the start, otherwise it ends
   when it is withdrawn. */
static bool is_withdrawn(const struct facts *facts, struct index_slice records, uint32_t name,
                         struct moment act, struct notices_standing *ret_standing)
{
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (record->kind != KNOWLEDGE_NOTICE_WITHDRAW || !covers(facts, record, name))
            continue;
        enum moment_order before = moment_before(record_moment(record), act);
        if (record->state == KNOWLEDGE_STATE_ERROR || before == MOMENT_YES)
            *ret_standing =
                standing(KNOWLEDGE_REBUTTED, KNOWLEDGE_REASON_NOTICE_WITHDRAWN, records.at[i]);
        else if (before == MOMENT_UNKNOWN)
            *ret_standing = standing(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_CLOCK_UNCERTAINTY,
                                     records.at[i]);
        else
            continue;
        return true;
    }
    return false;
}

/* Whether any counter-notice to this notice was surely decided before the act. */
static bool is_decided(const struct facts *facts, struct index_slice records, struct moment act)
{
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (record->kind == KNOWLEDGE_COUNTER_DECISION &&
            moment_before(record_moment(record), act) == MOMENT_YES)
            return true;
    }
    return false;
}

struct notices_standing notices_standing(const struct facts *facts, const struct facts_item *item,
                                         struct moment act)
{
    const struct record *sent = facts_record(facts, facts->notices[item->notice].record);
    struct index_slice records = facts_of(facts, FACTS_NOTICE_RECORDS, sent->subject);
    uint32_t name = things_name(&facts->listings, item->listing);
    struct notices_standing result =
        standing(KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_GRADE_A, NOTICES_NO_RECORD);
    struct notices_standing rejected = result;

    if (is_withdrawn(facts, records, name, act, &result))
        return result;
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (record->kind == KNOWLEDGE_COUNTER_DECISION &&
            record->state == KNOWLEDGE_STATE_ACCEPTED && covers(facts, record, name))
            /* Domain 2.3, CONTESTED -> VOID: from the start, whenever it was decided. */
            return standing(KNOWLEDGE_REBUTTED, KNOWLEDGE_REASON_COUNTER_ACCEPTED, records.at[i]);
    }
    bool decided = is_decided(facts, records, act);
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (!covers(facts, record, name) || moment_before(act, record_moment(record)) == MOMENT_YES)
            continue;
        if (record->kind == KNOWLEDGE_COUNTER_FILED && !decided)
            result =
                standing(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_COUNTER_PENDING, records.at[i]);
        if (record->kind == KNOWLEDGE_NOTICE_DECISION && record->state == KNOWLEDGE_STATE_REJECTED)
            rejected = standing(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_PLATFORM_REJECTED,
                                records.at[i]);
    }
    /* A rejection by the platform is told before a pending counter-notice. */
    return rejected.record != NOTICES_NO_RECORD ? rejected : result;
}
