/*
 * Candidates of strikes out of notices. "Temporary restraining orders and preliminary injunction
 * orders do not generate strikes" (op. at 7): no order is looked at here.
 */
#include "daemon/knowledge/strike_candidates.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/deadline.h"
#include "daemon/knowledge/notices.h"
#include "daemon/knowledge/succession.h"
#include "daemon/knowledge/vector.h"

static const struct facts_item *item_at(const struct counting *counting, uint32_t item)
{
    return &counting->facts->items[item];
}

/* Remembers that a notice is no candidate, and why. 0 or -ENOMEM. */
static int refuse(struct counting *counting, uint32_t notice, enum knowledge_reason reason,
                  bool no_policy)
{
    struct strikes_scratch *scratch = counting->scratch;
    if (!no_policy)
        strike_because(counting, reason);
    if (!scratch->keeps_refused)
        return 0;
    struct strikes_refused *refused = vector_room(scratch->refused, &scratch->refused_room,
                                                  scratch->refused_count, 1, sizeof *refused);
    if (refused == NULL)
        return -ENOMEM;
    scratch->refused = refused;
    refused[scratch->refused_count++] = (struct strikes_refused){notice, reason, no_policy};
    return 0;
}

static int compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

int strike_gather(const struct counting *counting, enum facts_index which,
                  const struct cluster *members, size_t *ret_count)
{
    struct strikes_scratch *scratch = counting->scratch;
    size_t count = 0;
    for (size_t i = 0; i < members->count; i++) {
        struct index_slice numbers = facts_of(counting->facts, which, members->members[i]);
        uint32_t *at =
            vector_room(scratch->items, &scratch->items_room, count, numbers.count, sizeof *at);
        if (at == NULL)
            return -ENOMEM;
        scratch->items = at;
        for (size_t j = 0; j < numbers.count; j++)
            at[count++] = numbers.at[j];
    }
    if (count > 1)
        qsort(scratch->items, count, sizeof *scratch->items, compare_numbers);
    *ret_count = count;
    return 0;
}

/* Notices that name a listing of the merchant's, all without effect: why. */
static int take_unmet(struct counting *counting, size_t items_count)
{
    const struct facts *facts = counting->facts;
    int result = 0;
    for (size_t i = 0; i < counting->linked->count; i++) {
        struct index_slice unmet =
            facts_of(facts, FACTS_MERCHANT_UNMET, counting->linked->members[i]);
        for (size_t j = 0; j < unmet.count; j++) {
            const struct facts_notice *notice = &facts->notices[unmet.at[j]];
            if (facts_record(facts, notice->record)->platform != counting->platform)
                continue;
            /* One with an item of the merchant's is a candidate, whatever else it names. */
            bool met = false;
            size_t low = 0, high = items_count;
            while (low < high && !met) {
                size_t middle = low + (high - low) / 2;
                uint32_t at = item_at(counting, counting->scratch->items[middle])->notice;
                met = at == unmet.at[j];
                if (at < unmet.at[j])
                    low = middle + 1;
                else
                    high = middle;
            }
            if (met)
                continue;
            counting->why |= notice->why;
            if (notice->why != 0 && result == 0)
                result = refuse(counting, unmet.at[j],
                                (enum knowledge_reason)__builtin_ctzll(notice->why), false);
        }
    }
    return result;
}

static bool is_kind(const struct facts *facts, const struct record_policy *policy, uint32_t kind)
{
    for (uint32_t i = 0; i < policy->kinds_count; i++)
        if (facts->records.pool[policy->kinds + i] == kind)
            return true;
    return false;
}

/* The platform's first decision, or the last rejected counter-notice's past an instant. */
static const struct record *find_decision(const struct facts *facts, const struct record *sent,
                                          enum knowledge_kind kind, int64_t past_ns)
{
    struct index_slice records = facts_of(facts, FACTS_NOTICE_RECORDS, sent->subject);
    const struct record *found = NULL;
    for (size_t i = 0; i < records.count; i++) {
        const struct record *record = facts_record(facts, records.at[i]);
        if (record->kind != kind)
            continue;
        if (kind == KNOWLEDGE_NOTICE_DECISION && record->state == KNOWLEDGE_STATE_UPHELD)
            return record;
        if (kind == KNOWLEDGE_COUNTER_DECISION && record->state == KNOWLEDGE_STATE_REJECTED &&
            record->at_ns > past_ns)
            found = record;
    }
    return found;
}

/* Domain 2.3, EFFECTIVE -> ESTABLISHED, and when. */
static bool is_established(const struct counting *counting, const struct record *sent,
                           struct strike_candidate *candidate)
{
    const struct facts *facts = counting->facts;
    const struct record *upheld = find_decision(facts, sent, KNOWLEDGE_NOTICE_DECISION, 0);
    if (upheld != NULL) {
        candidate->established = record_moment(upheld);
        return true;
    }
    if (!candidate->policy->lapse)
        return false;
    candidate->established = deadline_counter(&facts->records, candidate->policy, candidate->known);
    const struct record *rejected =
        find_decision(facts, sent, KNOWLEDGE_COUNTER_DECISION, candidate->established.at_ns);
    if (rejected != NULL)
        candidate->established = record_moment(rejected);
    /* A lapse is sure only where the feed of counter-notices is known to be complete. */
    if (!facts_covered(facts, counting->platform, candidate->known.at_ns,
                       candidate->established.at_ns))
        candidate->sure = false;
    return true;
}

/* Whether the notice still stands for any of the listings, and is not contested for one; why not
   otherwise. */
static bool does_stand(const struct counting *counting, const struct strike_candidate *candidate,
                       enum knowledge_reason *ret_reason)
{
    bool any = false, contested = false;
    enum knowledge_reason first = KNOWLEDGE_REASON_NOT_ESTABLISHED;
    for (size_t i = 0; i < candidate->items_count; i++) {
        struct notices_standing standing =
            notices_standing(counting->facts, item_at(counting, candidate->items[i]), counting->at);
        if (i == 0)
            first = standing.reason;
        any = any || standing.answer != KNOWLEDGE_REBUTTED;
        contested = contested || (standing.answer == KNOWLEDGE_INDETERMINATE &&
                                  standing.reason != KNOWLEDGE_REASON_CLOCK_UNCERTAINTY);
    }
    *ret_reason = any ? KNOWLEDGE_REASON_NOT_ESTABLISHED : first;
    return any && !contested;
}

/* Since when the notice is known, and under which policy. */
static void describe(const struct counting *counting, struct strike_candidate *candidate)
{
    const struct facts *facts = counting->facts;
    candidate->sure = true;
    candidate->known = notices_moment(item_at(counting, candidate->items[0]));
    for (size_t i = 0; i < candidate->items_count; i++) {
        const struct facts_item *item = item_at(counting, candidate->items[i]);
        if (item->at_ns < candidate->known.at_ns)
            candidate->known = notices_moment(item);
    }
    candidate->policy = facts_policy(facts, counting->platform, candidate->known.at_ns);
}

/* What transfers made of the strike for one of its listings; *ret_from: whose it was before. */
static struct succession succession_for(const struct counting *counting,
                                        const struct facts_item *item, struct moment known,
                                        struct moment established, uint32_t *ret_from)
{
    const struct strikes_question question = {counting->platform, counting->at};
    const struct succession_strike strike = {THINGS_NONE, known, established};
    struct succession_owners owners;
    succession_owners(counting->facts, counting->platform, item->listing, known, &owners);
    return succession_of_listing(counting->facts, &question, &strike, &owners, counting->same,
                                 counting->linked, ret_from);
}

/* Whether the strike is the merchant's at the time asked about, for one of its listings at least:
   accounts may have passed from one to another. */
static bool is_theirs(const struct counting *counting, struct strike_candidate *candidate)
{
    bool any = false;
    candidate->since = candidate->established;
    for (size_t i = 0; i < candidate->items_count; i++) {
        const struct facts_item *item = item_at(counting, candidate->items[i]);
        uint32_t from;
        struct succession found =
            succession_for(counting, item, candidate->known, candidate->established, &from);
        if (!found.sure)
            candidate->sure = false;
        if (found.came || found.open || (!found.sure && cluster_has(counting->same, from)))
            candidate->passed = true;
        /* The first of its listings to come brings it. */
        bool first =
            found.possible &&
            (!any || !found.came ||
             (candidate->from != THINGS_NONE && found.since.at_ns < candidate->since.at_ns));
        any = any || found.possible;
        if (!first)
            continue;
        candidate->from = found.came ? from : THINGS_NONE;
        candidate->since = candidate->established;
        if (found.came && found.since.at_ns > candidate->established.at_ns)
            candidate->since = found.since;
    }
    return any;
}

/* Whether the notice may be a strike: 1; 0 when not, and why was remembered; -ENOMEM. */
static int make_candidate(struct counting *counting, struct strike_candidate *candidate)
{
    const struct facts *facts = counting->facts;
    const struct facts_notice *notice = &facts->notices[candidate->notice];
    const struct record *sent = facts_record(facts, notice->record);
    enum knowledge_reason reason = KNOWLEDGE_REASON_NOT_ESTABLISHED;
    describe(counting, candidate);
    if (!notice->designated)
        return refuse(counting, candidate->notice, KNOWLEDGE_REASON_OUTSIDE_CHANNEL, false);
    if (candidate->policy == NULL || !candidate->policy->has_strike)
        return refuse(counting, candidate->notice, reason, true);
    if (!is_kind(facts, candidate->policy, sent->word))
        return refuse(counting, candidate->notice, KNOWLEDGE_REASON_KIND_NOT_A_STRIKE, false);
    if (!does_stand(counting, candidate, &reason))
        return refuse(counting, candidate->notice, reason, false);
    enum moment_order before = MOMENT_NO;
    if (is_established(counting, sent, candidate))
        before = moment_before(candidate->established, counting->at);
    if (before == MOMENT_NO)
        return refuse(counting, candidate->notice, KNOWLEDGE_REASON_NOT_ESTABLISHED, false);
    if (before == MOMENT_UNKNOWN)
        candidate->sure = false;
    if (!is_theirs(counting, candidate))
        return refuse(counting, candidate->notice, KNOWLEDGE_REASON_TRANSFERRED, false);
    return 1;
}

/* Whether the listing was the merchant's, or may have been. */
static bool was_theirs(const struct counting *counting, const struct facts_item *item)
{
    struct succession_owners owners;
    succession_owners(counting->facts, counting->platform, item->listing, notices_moment(item),
                      &owners);
    for (size_t i = 0; i < owners.count; i++)
        if (cluster_has(counting->linked, owners.at[i]))
            return true;
    return false;
}

/* Of a notice's items, keeps those of listings that were the merchant's, or may have come with an
   account. Returns how many. */
static size_t keep_theirs(const struct counting *counting, uint32_t *items, size_t count)
{
    static const struct moment not_yet = {INT64_MAX, 0};
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct facts_item *item = item_at(counting, items[i]);
        uint32_t from;
        if (was_theirs(counting, item) ||
            succession_for(counting, item, notices_moment(item), not_yet, &from).possible)
            items[kept++] = items[i];
    }
    return kept;
}

/* The candidates among the items, one for each notice. 0 or -ENOMEM. */
static int find_candidates(struct counting *counting, size_t items_count)
{
    struct strikes_scratch *scratch = counting->scratch;
    for (size_t begin = 0, end; begin < items_count; begin = end) {
        struct strike_candidate next = {
            .notice = item_at(counting, scratch->items[begin])->notice,
            .items = scratch->items + begin,
        };
        for (end = begin; end < items_count; end++)
            if (item_at(counting, scratch->items[end])->notice != next.notice)
                break;
        next.items_count = keep_theirs(counting, scratch->items + begin, end - begin);
        uint32_t sent = counting->facts->notices[next.notice].record;
        if (facts_record(counting->facts, sent)->platform != counting->platform ||
            next.items_count == 0)
            continue;
        int made = make_candidate(counting, &next);
        if (made < 0)
            return made;
        if (made == 0)
            continue;
        struct strike_candidate *candidates =
            vector_room(scratch->candidates, &scratch->candidates_room, counting->candidates, 1,
                        sizeof *candidates);
        if (candidates == NULL)
            return -ENOMEM;
        scratch->candidates = candidates;
        candidates[counting->candidates++] = next;
    }
    return 0;
}

static int compare_candidates(const void *left, const void *right, void *context)
{
    const struct strike_candidate *a = left, *b = right;
    const struct facts *facts = context;
    if (a->established.at_ns != b->established.at_ns)
        return a->established.at_ns < b->established.at_ns ? -1 : 1;
    uint32_t sent_a = facts->notices[a->notice].record, sent_b = facts->notices[b->notice].record;
    int order =
        names_compare(&facts->records.names,
                      things_name(&facts->notices_named, facts_record(facts, sent_a)->subject),
                      things_name(&facts->notices_named, facts_record(facts, sent_b)->subject));
    return order != 0 ? order : (a->notice > b->notice) - (a->notice < b->notice);
}

int strike_candidates_find(struct counting *counting)
{
    size_t items_count;
    int result = strike_gather(counting, FACTS_MERCHANT_ITEMS, counting->reached, &items_count);
    if (result == 0)
        result = find_candidates(counting, items_count);
    if (result < 0)
        return result;
    result = take_unmet(counting, items_count);
    if (result < 0)
        return result;
    if (counting->candidates > 1)
        qsort_r(counting->scratch->candidates, counting->candidates,
                sizeof *counting->scratch->candidates, compare_candidates,
                (void *)(uintptr_t)counting->facts);
    return 0;
}
