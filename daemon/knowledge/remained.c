/*
 * The listing's machine (domain 2.3), asked for one notice and one act at a time.
 */
#include "daemon/knowledge/remained.h"

#include <string.h>

#include "daemon/knowledge/deadline.h"
#include "daemon/knowledge/notices.h"

/*
 * A listing, from the time K at which a notice of it took effect:
 *
 *     NOTIFIED --removed by K + grace--> REMOVED_PROMPT --seller--> RELISTED_BY_SELLER
 *        |                                     |  \--platform--> RESTORED_BY_PLATFORM
 *        +--live after K + grace--> PERSISTING |   \--after counter--> RESTORED_AFTER_COUNTER
 *                                       |      |
 *                                       +--removed--> REMOVED_LATE --the same three ways-->
 *
 *   NOTIFIED -> PERSISTING [seen_active]: "a particular infringing listing remains active despite
 *       notice" (op. at 7). An absent sighting never proves it.
 *   NOTIFIED -> REMOVED_PROMPT [after_removal]: "promptly removed infringing listings ... upon
 *       being made aware of such listings" (op. at 6): rebutted.
 *   PERSISTING -> REMOVED_LATE [after_removal]: removed before the act: rebutted for the act.
 *   REMOVED -> RELISTED_BY_SELLER, RESTORED_AFTER_COUNTER [after_removal, remained]: a new notice
 *       is needed.
 *   REMOVED -> RESTORED_BY_PLATFORM [remained]: the platform itself put it back: knowledge begins
 *       again at that time, without grace (domain 2.2).
 */

/* What is asked of one listing and one notice. */
struct question {
    const struct facts *facts;
    struct ids *ids;
    uint32_t listing;
    struct moment known, act, grace_end;
    struct index_slice removals;
    size_t after_known; /* first of removals past K */
    size_t before_act;  /* end of those before the act: [after_known, before_act) lie between */
};

static bool is_restore(const struct question *question, size_t removal)
{
    return facts_record(question->facts, question->removals.at[removal])->kind == KNOWLEDGE_RESTORE;
}

static const struct record *removal_at(const struct question *question, size_t removal)
{
    return facts_record(question->facts, question->removals.at[removal]);
}

static struct knowledge_text id_of(const struct question *question, const struct record *record)
{
    return record_id(&question->facts->records, record);
}

static struct moment listing_moment(const struct question *question, uint32_t record)
{
    return record_moment(facts_record(question->facts, record));
}

static int64_t widest_ns(const struct question *question)
{
    return question->facts->listing_unc_ms[question->listing] * MOMENT_NS_PER_MS;
}

/* The first live sighting as active surely after the removal and not surely after the act. */
static const struct record *find_relisted(const struct question *question, struct moment removed)
{
    struct index_slice active = facts_of(question->facts, FACTS_LISTING_ACTIVE, question->listing);
    int64_t until = moment_sum(moment_high(question->act), widest_ns(question));
    for (size_t i = facts_after(question->facts, active, removed.at_ns); i < active.count; i++) {
        struct moment seen = listing_moment(question, active.at[i]);
        if (seen.at_ns > until)
            break;
        if (moment_before(removed, seen) == MOMENT_YES &&
            moment_before(seen, question->act) != MOMENT_NO)
            return facts_record(question->facts, active.at[i]);
    }
    return NULL;
}

/* Whether it was seen live surely after the grace time and before the removal. */
static bool seen_before(const struct question *question, const struct record *removal)
{
    struct index_slice active = facts_of(question->facts, FACTS_LISTING_ACTIVE, question->listing);
    size_t i = facts_after(question->facts, active, question->grace_end.at_ns);
    for (; i < active.count; i++) {
        struct moment seen = listing_moment(question, active.at[i]);
        if (seen.at_ns >= removal->at_ns)
            return false;
        if (moment_before(question->grace_end, seen) == MOMENT_YES)
            return true;
    }
    return false;
}

/* The last thing before the act was a removal. */
static struct answer after_removal(const struct question *question)
{
    size_t begin = question->ids->count, first = question->before_act;
    for (size_t i = question->before_act; i-- > question->after_known;)
        first = is_restore(question, i) ? first : i;
    for (size_t i = question->after_known; i < question->before_act; i++)
        ids_add(question->ids, id_of(question, removal_at(question, i)));

    struct answer answer = answer_of(KNOWLEDGE_REBUTTED, KNOWLEDGE_REASON_REMOVED_BEFORE_ACT);
    const struct record *removal = removal_at(question, first);
    const struct record *relisted =
        find_relisted(question, record_moment(removal_at(question, question->before_act - 1)));
    if (relisted != NULL) {
        ids_add(question->ids, id_of(question, relisted));
        answer = answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_RELISTED);
    } else if (moment_before(question->grace_end, record_moment(removal)) != MOMENT_YES) {
        answer = answer_of(KNOWLEDGE_REBUTTED, KNOWLEDGE_REASON_PROMPTLY_REMOVED);
    } else if (removal->kind == KNOWLEDGE_SIGHTING && !seen_before(question, removal)) {
        /* Found gone: when it went is only bounded from above. */
        answer = answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_REMOVAL_TIME_UNKNOWN);
    }
    answer.ids = ids_since(question->ids, begin);
    return answer;
}

/* The first removal past an instant; NULL: none. */
static const struct record *next_removal(const struct question *question, int64_t after_ns)
{
    size_t i = facts_after(question->facts, question->removals, after_ns);
    while (i < question->removals.count && is_restore(question, i))
        i++;
    return i < question->removals.count ? removal_at(question, i) : NULL;
}

/* Removals past K that may or may not lie before the act. */
static bool doubtful_removals(const struct question *question, struct answer *ret_answer)
{
    size_t begin = question->ids->count;
    for (size_t i = question->after_known; i < question->removals.count; i++) {
        const struct record *record = removal_at(question, i);
        if (record->kind != KNOWLEDGE_RESTORE &&
            moment_before(record_moment(record), question->act) == MOMENT_UNKNOWN)
            ids_add(question->ids, id_of(question, record));
    }
    *ret_answer = answer_of(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_CLOCK_UNCERTAINTY);
    ret_answer->ids = ids_since(question->ids, begin);
    return ret_answer->ids.count > 0;
}

/* A live sighting surely past `grace_end` shows it; one that may be makes it indeterminate. Only
   those until the next removal count. */
static struct answer seen_active(const struct question *question, const struct record *until)
{
    const struct facts *facts = question->facts;
    struct index_slice active = facts_of(facts, FACTS_LISTING_ACTIVE, question->listing);
    const struct record *doubtful = NULL;
    int64_t from = moment_sum(moment_low(question->grace_end), -widest_ns(question));
    for (size_t i = facts_after(facts, active, moment_sum(from, -1)); i < active.count; i++) {
        const struct record *seen = facts_record(facts, active.at[i]);
        if (until != NULL && seen->at_ns > until->at_ns)
            break;
        enum moment_order before = moment_before(question->grace_end, record_moment(seen));
        if (before == MOMENT_YES)
            return answer_by(question->ids, KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_ACTIVE_AFTER_GRACE,
                             id_of(question, seen));
        doubtful = before == MOMENT_UNKNOWN ? seen : doubtful;
    }
    if (doubtful != NULL)
        return answer_by(question->ids, KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_CLOCK_UNCERTAINTY,
                         id_of(question, doubtful));
    struct index_slice cached = facts_of(facts, FACTS_LISTING_CACHED, question->listing);
    for (size_t i = facts_after(facts, cached, question->grace_end.at_ns); i < cached.count; i++)
        if (moment_before(question->grace_end, listing_moment(question, cached.at[i])) ==
            MOMENT_YES)
            return answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_SIGHTING_NOT_LIVE);
    return answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_NO_ACTIVE_SIGHTING);
}

/* Whether it stayed active from K to the act. *ret_start stays as it is when nothing begins. */
static struct answer remained(struct question *question, struct start *ret_start)
{
    int64_t past_ns = question->known.at_ns;
    struct answer doubt;
    if (question->before_act > question->after_known) {
        const struct record *last = removal_at(question, question->before_act - 1);
        if (last->kind != KNOWLEDGE_RESTORE)
            return after_removal(question);
        if (last->state != KNOWLEDGE_STATE_PLATFORM || (last->flags & RECORD_AFTER_COUNTER) != 0)
            return answer_by(question->ids, KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_RELISTED,
                             id_of(question, last));
        question->grace_end = record_moment(last);
        past_ns = last->at_ns;
    }
    *ret_start = (struct start){true, question->grace_end.at_ns, question->grace_end.unc_ns};
    if (doubtful_removals(question, &doubt))
        return doubt;
    return seen_active(question, next_removal(question, past_ns));
}

/* What one notice shows of the listing. */
static struct remained judge(const struct facts *facts, struct ids *ids,
                             const struct facts_item *item, const struct remained_act *act)
{
    struct moment known = notices_moment(item);
    struct remained result = {.on_notice = true, .known_ns = known.at_ns};
    size_t begin = ids->count;
    for (uint32_t basis = item->basis; basis != 0; basis = facts->basis[basis - 1].next)
        ids_add(ids,
                record_id(&facts->records, facts_record(facts, facts->basis[basis - 1].record)));

    enum moment_order before = moment_before(known, act->at);
    if (before == MOMENT_NO) {
        result.known = answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_ACT_BEFORE_NOTICE);
        result.active = result.known;
        result.known.ids = ids_since(ids, begin);
        return result;
    }
    struct notices_standing standing = notices_standing(facts, item, act->at);
    if (before == MOMENT_UNKNOWN) {
        result.known = answer_of(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_CLOCK_UNCERTAINTY);
    } else {
        if (standing.record != NOTICES_NO_RECORD)
            ids_add(ids, record_id(&facts->records, facts_record(facts, standing.record)));
        enum knowledge_reason grade =
            (enum knowledge_reason)(KNOWLEDGE_REASON_GRADE_A + item->grade);
        result.known = answer_of(standing.answer,
                                 standing.answer == KNOWLEDGE_SHOWN ? grade : standing.reason);
    }
    result.known.ids = ids_since(ids, begin);

    struct question question = {
        .facts = facts,
        .ids = ids,
        .listing = item->listing,
        .known = known,
        .act = act->at,
        .grace_end = deadline_grace(&facts->records, act->policy, known),
        .removals = facts_of(facts, FACTS_LISTING_REMOVALS, item->listing),
    };
    question.after_known = facts_after(facts, question.removals, known.at_ns);
    question.before_act = facts_after(facts, question.removals, moment_sum(act->at.at_ns, -1));
    result.active = remained(&question, &result.start);
    /* It cannot be more active despite notice than the notice is known. */
    if (result.known.answer != KNOWLEDGE_SHOWN && result.active.answer > result.known.answer) {
        result.active.answer = result.known.answer;
        result.active.reason = result.known.reason;
    }
    return result;
}

/* Domain 2.1: the notice that shows most of staying active, then of being known, then the first. */
static bool is_better(const struct remained *a, int64_t a_ns, const struct remained *b,
                      int64_t b_ns)
{
    if (a->active.answer != b->active.answer)
        return a->active.answer > b->active.answer;
    if (a->known.answer != b->known.answer)
        return a->known.answer > b->known.answer;
    return a_ns < b_ns;
}

/* No notice takes effect for the listing: why not, of those that name it. */
static struct remained without_notice(const struct facts *facts, uint32_t listing,
                                      uint32_t platform)
{
    struct index_slice unmet = facts_of(facts, FACTS_LISTING_UNMET, listing);
    uint64_t why = 0;
    for (size_t i = 0; i < unmet.count; i++) {
        const struct facts_notice *notice = &facts->notices[unmet.at[i]];
        if (facts_record(facts, notice->record)->platform == platform)
            why |= notice->why;
    }
    enum knowledge_reason reason =
        why == 0 ? KNOWLEDGE_REASON_NO_NOTICE : (enum knowledge_reason)__builtin_ctzll(why);
    struct answer answer = answer_of(KNOWLEDGE_NOT_SHOWN, reason);
    return (struct remained){.known = answer, .active = answer};
}

struct remained remained_listing(const struct facts *facts, struct ids *ids, uint32_t listing,
                                 const struct remained_act *act)
{
    struct remained best = {0};
    int64_t best_ns = 0;
    bool found = false;
    if (listing > facts->noticed)
        return without_notice(facts, THINGS_NONE, act->platform);
    struct index_slice items = facts_of(facts, FACTS_LISTING_ITEMS, listing);
    for (size_t i = 0; i < items.count; i++) {
        const struct facts_item *item = &facts->items[items.at[i]];
        const struct facts_notice *notice = &facts->notices[item->notice];
        if (facts_record(facts, notice->record)->platform != act->platform)
            continue;
        size_t mark = ids->count;
        struct remained next = judge(facts, ids, item, act);
        if (found && !is_better(&next, item->at_ns, &best, best_ns)) {
            ids->count = mark;
            continue;
        }
        best = next;
        best_ns = item->at_ns;
        found = true;
    }
    return found ? best : without_notice(facts, listing, act->platform);
}

bool remained_removed_between(const struct facts *facts, uint32_t listing, int64_t from_ns,
                              int64_t to_ns)
{
    struct index_slice removals = facts_of(facts, FACTS_LISTING_REMOVALS, listing);
    for (size_t i = facts_after(facts, removals, from_ns); i < removals.count; i++) {
        const struct record *record = facts_record(facts, removals.at[i]);
        if (record->at_ns >= to_ns)
            return false;
        if (record->kind != KNOWLEDGE_RESTORE)
            return true;
    }
    return false;
}
