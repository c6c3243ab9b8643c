/*
 * What of the candidates counts, what still stands, and whether the threshold is reached.
 */
#include "daemon/knowledge/strikes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/deadline.h"
#include "daemon/knowledge/remained.h"
#include "daemon/knowledge/strike_candidates.h"
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
 *   -> STRUCK, OVER [count]: a notice through the designated channel, of a kind that the policy
 *       strikes, established by the platform's decision or by the lapse of the counter-notice's
 *       window. "Temporary restraining orders and preliminary injunction orders do not generate
 *       strikes" (op. at 7): no order is looked at here.
 *   -> CLEAR [count]: validity is half-open, [E, E + validity); asked at the time of the act.
 *   OVER -> CLOSED [over_threshold]: the platform acted: rebutted.
 *
 * STRUCK(n) and OVER hold as an interval: `min` takes what is sure, `max` what is possible.
 */

static uint32_t listing_at(const struct counting *counting,
                           const struct strike_candidate *candidate, size_t item)
{
    return counting->facts->items[candidate->items[item]].listing;
}

/* A strike by this candidate. */
static struct strike strike_of(const struct facts *facts, const struct strike_candidate *candidate)
{
    const struct record *sent = facts_record(facts, facts->notices[candidate->notice].record);
    const struct names *names = &facts->records.names;
    return (struct strike){
        .at = candidate->since,
        .text = names_text(names, things_name(&facts->notices_named, sent->subject)),
        .right = record_list(&facts->records, sent)->right,
        .kind = sent->word,
    };
}

/* Whether all of the notice's listings were open already: counted, and never removed since. Two
   notices on one listing that was never removed are one strike (domain 2.3). */
static bool is_repeated(const struct counting *counting, const struct strike_candidate *candidate)
{
    const struct strikes_scratch *scratch = counting->scratch;
    for (size_t i = 0; i < candidate->items_count; i++) {
        uint32_t listing = listing_at(counting, candidate, i);
        if (scratch->opened[listing] != scratch->turn ||
            remained_removed_between(counting->facts, listing, scratch->opened_ns[listing],
                                     candidate->known.at_ns))
            return false;
    }
    return true;
}

/* Domain 2.4: the next counts only when established a spacing after the last that counted: surely
   for the lower end, possibly for the upper. */
static bool is_spaced(const struct facts *facts, const struct strike_candidate *candidate,
                      struct moment last, size_t counted, bool definite)
{
    const struct record_policy *policy = candidate->policy;
    if (policy->spacing_count > 0) {
        size_t step =
            counted - 1 < policy->spacing_count - 1 ? counted - 1 : policy->spacing_count - 1;
        last = deadline_spacing(&facts->records, policy, last, step);
    }
    if (definite)
        return moment_low(candidate->established) >= moment_high(last);
    return moment_high(candidate->established) >= moment_low(last);
}

static bool is_alive(const struct strike_candidate *candidate, struct moment act, bool definite)
{
    int64_t validity_ns = candidate->policy->validity_s * MOMENT_NS_PER_S;
    if (definite)
        return moment_high(act) < moment_sum(moment_low(candidate->established), validity_ns);
    return moment_low(act) < moment_sum(moment_high(candidate->established), validity_ns);
}

static void open_listings(const struct counting *counting, const struct strike_candidate *candidate)
{
    struct strikes_scratch *scratch = counting->scratch;
    for (size_t i = 0; i < candidate->items_count; i++) {
        uint32_t listing = listing_at(counting, candidate, i);
        if (scratch->opened[listing] == scratch->turn)
            continue;
        scratch->opened[listing] = scratch->turn;
        scratch->opened_ns[listing] = candidate->known.at_ns;
    }
}

static int compare_strikes(const void *left, const void *right)
{
    const struct strike *a = left, *b = right;
    if (a->at.at_ns != b->at.at_ns)
        return a->at.at_ns < b->at.at_ns ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* Those that came with an account stand here since they came. */
static void sort_standing(const struct counting *counting, struct strike *alive, size_t count)
{
    if (!counting->facts->transfers || count < 2)
        return;
    for (size_t i = 0; i < count; i++)
        alive[i].place = i;
    qsort(alive, count, sizeof *alive, compare_strikes);
}

/* One end of the interval: the strikes that stand, into alive, which has room for all. Returns how
   many. */
static size_t count(struct counting *counting, bool definite, struct strike *alive)
{
    struct strikes_scratch *scratch = counting->scratch;
    struct moment last = {0};
    size_t counted = 0, standing = 0;
    if (++scratch->turn == 0) {
        memset(scratch->opened, 0, (counting->facts->noticed + 1) * sizeof *scratch->opened);
        scratch->turn = 1;
    }
    for (size_t i = 0; i < counting->candidates; i++) {
        struct strike_candidate *candidate = &scratch->candidates[i];
        enum strike_fate *fate = definite ? &candidate->lower : &candidate->upper;
        *fate = STRIKE_COUNTED;
        if (definite && !candidate->sure)
            *fate = STRIKE_UNSURE;
        else if (is_repeated(counting, candidate))
            *fate = STRIKE_REPEATED;
        else if (counted > 0 && !is_spaced(counting->facts, candidate, last, counted, definite))
            *fate = STRIKE_TOO_SOON;
        if (*fate != STRIKE_COUNTED)
            continue;
        last = candidate->established;
        counted++;
        open_listings(counting, candidate);
        if (is_alive(candidate, counting->at, definite))
            alive[standing++] = strike_of(counting->facts, candidate);
        else
            *fate = STRIKE_EXPIRED;
    }
    sort_standing(counting, alive, standing);
    if (standing < counted)
        strike_because(counting, KNOWLEDGE_REASON_STRIKE_EXPIRED);
    return standing;
}

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
    sort_standing(counting, issued, scratch->issued_count);
    sort_standing(counting, possible, scratch->issued_max_count);
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
    strikes->min = count(counting, true, min);
    strikes->max = count(counting, false, max);
    return 0;
}

/* The threshold is reached for sure, or possibly, or not; and since when. */
static void judge(const struct counting *counting, struct ids *ids,
                  const struct record_policy *policy, struct strikes *strikes)
{
    const struct strikes_scratch *scratch = counting->scratch;
    const size_t begin = ids->count;
    struct strike_reach reach = {0};
    struct answer *over = &strikes->over;
    bool possibly = false;
    if (policy != NULL) {
        reach = strike_reach_find(policy, scratch->min, strikes->min, scratch->issued,
                                  scratch->issued_count, true, scratch->order);
        possibly = !reach.reached;
        if (possibly)
            reach = strike_reach_find(policy, scratch->max, strikes->max, scratch->issued_max,
                                      scratch->issued_max_count, false, scratch->order);
    }
    *over = answer_of(KNOWLEDGE_NOT_SHOWN, reach.reason);
    if (reach.reached)
        over->answer = possibly ? KNOWLEDGE_INDETERMINATE : KNOWLEDGE_SHOWN;
    else
        over->reason = why_below(counting);
    bool upper = reach.reached && possibly;
    size_t count = upper ? strikes->max : strikes->min;
    size_t issued = upper ? scratch->issued_max_count : scratch->issued_count;
    /* What the platform issued itself overrides upward (domain 2.4). */
    strikes->by_notice = issued <= count;
    const struct strike *told = strikes->by_notice ? upper ? scratch->max : scratch->min
                                : upper            ? scratch->issued_max
                                                   : scratch->issued;
    tell_reached(ids, &reach, told, strikes->by_notice ? count : issued);
    over->ids = ids_since(ids, begin);
    if (scratch->issued_count > strikes->min)
        strikes->min = scratch->issued_count;
    if (scratch->issued_max_count > strikes->max)
        strikes->max = scratch->issued_max_count;
    if (!reach.reached)
        return;
    strikes->start = (struct start){true, reach.at.at_ns, reach.at.unc_ns};
    const struct record *closed = find_closed(counting);
    if (closed != NULL) {
        strikes->by_notice = false;
        *over = answer_by(ids, KNOWLEDGE_REBUTTED, KNOWLEDGE_REASON_ACCOUNT_CLOSED,
                          record_id(&counting->facts->records, closed));
    }
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
