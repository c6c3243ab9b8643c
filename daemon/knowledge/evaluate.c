/*
 * The elements in the order of the domain's table 2.1, and the result.
 */
#include "daemon/knowledge/evaluate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/remained.h"

/* The listing that shows most, and what it shows. */
struct road {
    uint32_t listing; /* THINGS_NONE: the merchant has none */
    struct remained remained;
};

static enum knowledge_answer weaker(enum knowledge_answer a, enum knowledge_answer b)
{
    return a < b ? a : b;
}

static enum knowledge_answer weight(const struct remained *remained)
{
    return weaker(remained->known.answer, remained->active.answer);
}

/* Domain 2.1, knowledge: "best of min(listing_known, listing_remained_active)"; then the one that
   shows more in sum; then the act's own listing; then the first by name. */
static bool is_better(const struct facts *facts, const struct road *a, const struct road *b,
                      uint32_t act_listing)
{
    if (b->listing == THINGS_NONE)
        return true;
    if (weight(&a->remained) != weight(&b->remained))
        return weight(&a->remained) > weight(&b->remained);
    unsigned sum_a = (unsigned)a->remained.known.answer + (unsigned)a->remained.active.answer;
    unsigned sum_b = (unsigned)b->remained.known.answer + (unsigned)b->remained.active.answer;
    if (sum_a != sum_b)
        return sum_a > sum_b;
    if ((a->listing == act_listing) != (b->listing == act_listing))
        return a->listing == act_listing;
    return facts_compare_listings(facts, a->listing, b->listing) < 0;
}

static void take_listing(struct evaluator *evaluator, uint32_t listing,
                         const struct remained_act *act, uint32_t act_listing, struct road *best)
{
    size_t mark = evaluator->ids.count;
    struct road next = {.listing = listing};
    next.remained = remained_listing(evaluator->facts, &evaluator->ids, listing, act);
    if (is_better(evaluator->facts, &next, best, act_listing))
        *best = next;
    else
        evaluator->ids.count = mark;
}

/* Over all listings of the merchant. One that no notice names shows nothing: of those only the
   act's own and the first by name can be chosen, and no other is looked at. */
static struct road find_road(struct evaluator *evaluator, const struct record *record,
                             const struct remained_act *act)
{
    const struct facts *facts = evaluator->facts;
    struct answer nothing = answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_NO_NOTICE);
    struct road best = {.remained = {.known = nothing, .active = nothing}};
    for (size_t i = 0; i < evaluator->same.count; i++) {
        uint32_t merchant = evaluator->same.members[i];
        struct index_slice listings = facts_of(facts, FACTS_MERCHANT_LISTINGS, merchant);
        for (size_t j = 0; j < listings.count; j++)
            take_listing(evaluator, listings.at[j], act, record->listing, &best);
        if (facts->first_listing[merchant] != THINGS_NONE)
            take_listing(evaluator, facts->first_listing[merchant], act, record->listing, &best);
    }
    if (cluster_has(&evaluator->same, facts->merchant_of[record->listing]))
        take_listing(evaluator, record->listing, act, record->listing, &best);
    return best;
}

static bool is_word(struct knowledge_text word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (word.len == strlen(list[i]) && memcmp(word.at, list[i], word.len) == 0)
            return true;
    return false;
}

/* Domain 1.3. Affirmative: "advertising, preferred status, or other support" (op. at 7). */
bool evaluate_is_affirmative(struct knowledge_text kind)
{
    static const char *const affirmative[] = {
        "sponsored_ad",  "promo_email",    "push_promo",   "preferred_status", "featured_placement",
        "campaign_slot", "coupon_subsidy", "search_boost", "livestream_slot",  "ad_credit",
    };
    return is_word(kind, affirmative, sizeof affirmative / sizeof *affirmative);
}

/* Infrastructure: "merely part of [the defendants'] infrastructure" (op. at 3, quoting Twitter).
   Who made it neither proves nor defeats: no "carte blanche" for what is "automatically or
   algorithmically generated" (op. at 6). */
static struct answer affirmative_act(struct evaluator *evaluator, const struct record *act)
{
    static const char *const infrastructure[] = {
        "hosting", "organic_search", "recommendation", "payment", "messaging",
    };
    const struct records *records = &evaluator->facts->records;
    struct knowledge_text kind = names_text(&records->names, act->word);
    struct knowledge_text id = record_id(records, act);
    if (evaluate_is_affirmative(kind))
        return answer_by(&evaluator->ids, KNOWLEDGE_SHOWN,
                         act->state == KNOWLEDGE_STATE_ALGORITHMIC ? KNOWLEDGE_REASON_ALGORITHMIC
                         : act->state == KNOWLEDGE_STATE_HUMAN     ? KNOWLEDGE_REASON_HUMAN
                                                                   : KNOWLEDGE_REASON_UNKNOWN,
                         id);
    bool known = is_word(kind, infrastructure, sizeof infrastructure / sizeof *infrastructure);
    return answer_by(&evaluator->ids, KNOWLEDGE_NOT_SHOWN,
                     known ? KNOWLEDGE_REASON_INFRASTRUCTURE : KNOWLEDGE_REASON_KIND_UNKNOWN, id);
}

/* "nevertheless persists in providing ... support" (op. at 7): surely after the road began. */
static struct answer act_after(const struct start *start, enum knowledge_answer knowledge,
                               const struct record *act)
{
    if (knowledge < KNOWLEDGE_INDETERMINATE || !start->given)
        return answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_NO_KNOWLEDGE);
    struct moment begin = {start->at_ns, start->unc_ns};
    switch (moment_before(begin, record_moment(act))) {
    case MOMENT_YES:
        return answer_of(KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_AFTER);
    case MOMENT_UNKNOWN:
        return answer_of(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_CLOCK_UNCERTAINTY);
    case MOMENT_NO:
        break;
    }
    return answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_WITHIN_GRACE);
}

/* "fails to connect the purported repeat infringers to the 'affirmative conduct'" (op. at 7). */
static struct answer act_connected(struct evaluator *evaluator, const struct record *act,
                                   uint32_t listing)
{
    const struct facts *facts = evaluator->facts;
    uint32_t target = evaluate_target(facts, act);
    struct answer answer = answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_OTHER_MERCHANT);
    if (target == THINGS_NONE)
        answer.reason = KNOWLEDGE_REASON_TARGET_UNRESOLVED;
    else if (cluster_has(&evaluator->same, target) && act->listing != THINGS_NONE &&
             act->listing == listing)
        answer = answer_of(KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_SAME_LISTING);
    else if (cluster_has(&evaluator->same, target))
        answer = answer_of(KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_SAME_MERCHANT);
    else if (cluster_has(&evaluator->linked, target))
        answer = answer_of(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_IDENTITY_ASSERTED);
    return answer_by(&evaluator->ids, answer.answer, answer.reason,
                     record_id(&facts->records, act));
}

/* "taken for the benefit of, or to assist" (op. at 4, Havens): always an inference, and never one
   from support for another listing on the road of one listing. */
static struct answer for_benefit(const struct answer *connected, enum knowledge_answer knowledge,
                                 bool by_strikes, const struct record *act, uint32_t listing)
{
    if (connected->answer < KNOWLEDGE_INDETERMINATE || knowledge < KNOWLEDGE_INDETERMINATE)
        return answer_of(KNOWLEDGE_NOT_SHOWN, KNOWLEDGE_REASON_NO_CONNECTED_ACT);
    if (connected->answer == KNOWLEDGE_INDETERMINATE)
        return answer_of(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_IDENTITY_ASSERTED);
    if (by_strikes || act->listing == THINGS_NONE)
        return answer_of(KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_INFERRED_MERCHANT);
    if (act->listing == listing)
        return answer_of(KNOWLEDGE_SHOWN, KNOWLEDGE_REASON_INFERRED_LISTING);
    return answer_of(KNOWLEDGE_INDETERMINATE, KNOWLEDGE_REASON_OTHER_LISTING);
}

/* Domain 2.1, knowledge: the better of two roads; the listing's where both show as much. "(because
   ... , for example)" (op. at 7) is not exhaustive; nothing else is computed. */
static struct answer knowledge(const struct remained *remained, const struct answer *over,
                               bool by_strikes)
{
    if (by_strikes)
        return answer_of(over->answer, over->reason);
    bool active = remained->active.answer <= remained->known.answer;
    return answer_of(weight(remained), active ? remained->active.reason : remained->known.reason);
}

static enum knowledge_result result_of(const struct answer *answers)
{
    enum knowledge_result result = KNOWLEDGE_ALL_SHOWN;
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++) {
        if (!knowledge_needs((enum knowledge_element_name)i))
            continue;
        if (answers[i].answer < KNOWLEDGE_INDETERMINATE)
            return KNOWLEDGE_MISSING;
        if (answers[i].answer == KNOWLEDGE_INDETERMINATE)
            result = KNOWLEDGE_OPEN;
    }
    return result;
}

static void describe(const struct evaluator *evaluator, const struct record *act, uint32_t merchant,
                     const struct road *road, struct knowledge_finding *finding)
{
    const struct facts *facts = evaluator->facts;
    const struct names *names = &facts->records.names;
    finding->act = record_id(&facts->records, act);
    finding->act_at_ns = act->at_ns;
    finding->act_unc_ms = act->unc_ms;
    finding->kind = names_text(names, act->word);
    finding->merchant = names_text(names, things_name(&facts->merchants, merchant));
    finding->platform = names_text(names, things_name(&facts->platforms, act->platform));
    finding->selective = (act->flags & RECORD_SELECTIVE) != 0;
    finding->listing = names_text(names, things_name(&facts->listings, road->listing));
    finding->grace = facts_grace(facts, act->platform, act->at_ns);
    if (!road->remained.on_notice)
        return;
    finding->grace_then = facts_grace(facts, act->platform, road->remained.known_ns);
    finding->changed_grace = finding->grace_then.seconds != finding->grace.seconds ||
                             finding->grace_then.days != finding->grace.days;
}

int evaluate(struct evaluator *evaluator, uint32_t act, uint32_t merchant,
             struct knowledge_finding *ret_finding)
{
    const struct facts *facts = evaluator->facts;
    const struct record *record = facts_record(facts, act);
    struct ids *ids = &evaluator->ids;
    struct answer answers[KNOWLEDGE_ELEMENTS_COUNT] = {0};
    const struct strikes_question counted = {record->platform, record_moment(record)};
    struct strikes strikes;
    struct decree decree;

    ids->count = 0;
    cluster_find(&evaluator->same, facts, merchant, record_moment(record), false);
    cluster_find(&evaluator->linked, facts, merchant, record_moment(record), true);
    if (decree_find(facts, ids, &evaluator->decree, act, &evaluator->same, &evaluator->linked,
                    &decree) < 0 ||
        strikes_count(facts, ids, &evaluator->strikes, &counted, &evaluator->same,
                      &evaluator->linked, &strikes) < 0)
        return -ENOMEM;
    *ret_finding = (struct knowledge_finding){0};
    const struct remained_act question = {record->platform, record_moment(record),
                                          facts_policy(facts, record->platform, record->at_ns)};
    struct road road = find_road(evaluator, record, &question);
    bool by_strikes = weight(&road.remained) < strikes.over.answer;
    const struct start *start = by_strikes ? &strikes.start : &road.remained.start;

    answers[KNOWLEDGE_DECREE_KNOWN] = decree.known;
    answers[KNOWLEDGE_MERCHANT_BOUND] = decree.bound;
    answers[KNOWLEDGE_LISTING_KNOWN] = road.remained.known;
    answers[KNOWLEDGE_LISTING_REMAINED_ACTIVE] = road.remained.active;
    answers[KNOWLEDGE_MERCHANT_OVER_THRESHOLD] = strikes.over;
    struct answer *known = &answers[KNOWLEDGE_KNOWLEDGE];
    *known = knowledge(&road.remained, &strikes.over, by_strikes);
    answers[KNOWLEDGE_AFFIRMATIVE_ACT] = affirmative_act(evaluator, record);
    answers[KNOWLEDGE_ACT_AFTER_KNOWLEDGE] = act_after(start, known->answer, record);
    struct answer *connected = &answers[KNOWLEDGE_ACT_CONNECTED];
    *connected = act_connected(evaluator, record, road.listing);
    answers[KNOWLEDGE_FOR_BENEFIT] =
        for_benefit(connected, known->answer, by_strikes, record, road.listing);
    if (ids->failed)
        return -ENOMEM;

    describe(evaluator, record, merchant, &road, ret_finding);
    ret_finding->by_strikes = by_strikes;
    ret_finding->strikes_min = strikes.min;
    ret_finding->strikes_max = strikes.max;
    ret_finding->has_threshold = strikes.has_threshold;
    ret_finding->threshold = strikes.threshold;
    ret_finding->result = result_of(answers);
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++)
        ret_finding->elements[i] = (struct knowledge_element){.answer = answers[i].answer,
                                                              .reason = answers[i].reason,
                                                              .ids = ids->at + answers[i].ids.begin,
                                                              .ids_count = answers[i].ids.count};
    ret_finding->elements[KNOWLEDGE_MERCHANT_OVER_THRESHOLD].notices = strikes.by_notice;
    return 0;
}

uint32_t evaluate_target(const struct facts *facts, const struct record *act)
{
    return act->merchant != THINGS_NONE ? act->merchant : facts->merchant_of[act->listing];
}

int evaluate_open(struct evaluator *ret_evaluator, const struct facts *facts)
{
    *ret_evaluator = (struct evaluator){.facts = facts};
    if (cluster_open(&ret_evaluator->same, facts) < 0 ||
        cluster_open(&ret_evaluator->linked, facts) < 0 ||
        strikes_open(&ret_evaluator->strikes, facts) < 0)
        return -ENOMEM;
    return 0;
}

void evaluate_close(struct evaluator *evaluator)
{
    free(evaluator->ids.at);
    cluster_close(&evaluator->same);
    cluster_close(&evaluator->linked);
    decree_close(&evaluator->decree);
    strikes_close(&evaluator->strikes);
    *evaluator = (struct evaluator){0};
}
