/*
 * A merchant's strikes with their arithmetic.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/set.h"
#include "daemon/knowledge/strike_candidates.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"

static struct knowledge_text notice_name(const struct facts *facts, uint32_t notice)
{
    const struct record *sent = facts_record(facts, facts->notices[notice].record);
    return names_text(&facts->records.names, things_name(&facts->notices_named, sent->subject));
}

static struct knowledge_text merchant_name(const struct facts *facts, uint32_t merchant)
{
    return names_text(&facts->records.names, things_name(&facts->merchants, merchant));
}

static enum knowledge_fate fate_of(enum strike_fate fate)
{
    switch (fate) {
    case STRIKE_COUNTED:
        return KNOWLEDGE_FATE_COUNTED;
    case STRIKE_UNSURE:
        return KNOWLEDGE_FATE_UNSURE;
    case STRIKE_REPEATED:
        return KNOWLEDGE_FATE_REPEATED;
    case STRIKE_TOO_SOON:
        return KNOWLEDGE_FATE_TOO_SOON;
    case STRIKE_EXPIRED:
        return KNOWLEDGE_FATE_EXPIRED;
    }
    assert(false);
    return KNOWLEDGE_FATE_COUNTED;
}

static void set_established(struct knowledge_strike *strike, struct moment at, int64_t validity_s)
{
    strike->has_established = true;
    strike->established_ns = at.at_ns;
    strike->established_unc_ms = (uint32_t)(at.unc_ns / MOMENT_NS_PER_MS);
    strike->expires_ns = moment_plus(at, validity_s).at_ns;
}

/* What the last count left in the scratch. NULL when out of memory. */
static struct knowledge_strike *list_strikes(const struct facts *facts,
                                             const struct strikes_scratch *scratch,
                                             int64_t validity_s, size_t *ret_count)
{
    size_t count = 0;
    struct knowledge_strike *strikes = vector_zeroed(
        scratch->candidates_count + scratch->refused_count + scratch->issued_max_count,
        sizeof *strikes);
    if (strikes == NULL)
        return NULL;
    for (size_t i = 0; i < scratch->candidates_count; i++) {
        const struct strike_candidate *candidate = &scratch->candidates[i];
        struct knowledge_strike *strike = &strikes[count++];
        strike->name = notice_name(facts, candidate->notice);
        strike->surely = fate_of(candidate->lower);
        strike->possibly = fate_of(candidate->upper);
        const struct record *sent = facts_record(facts, facts->notices[candidate->notice].record);
        strike->right =
            names_text(&facts->records.names, record_list(&facts->records, sent)->right);
        strike->kind = names_text(&facts->records.names, sent->word);
        strike->from = merchant_name(facts, candidate->from);
        set_established(strike, candidate->established, candidate->policy->validity_s);
    }
    for (size_t i = 0; i < scratch->refused_count; i++) {
        const struct strikes_refused *refused = &scratch->refused[i];
        struct knowledge_strike *strike = &strikes[count++];
        strike->name = notice_name(facts, refused->notice);
        strike->surely = refused->no_policy ? KNOWLEDGE_FATE_NO_POLICY : KNOWLEDGE_FATE_REFUSED;
        strike->possibly = strike->surely;
        strike->reason = refused->reason;
    }
    for (size_t i = 0; i < scratch->issued_max_count; i++) {
        struct knowledge_strike *strike = &strikes[count++];
        strike->name = scratch->issued_max[i].text;
        strike->issued = true;
        strike->from = merchant_name(facts, scratch->issued_max[i].from);
        if (scratch->issued_max[i].doubted)
            strike->surely = KNOWLEDGE_FATE_UNSURE;
        set_established(strike, scratch->issued_max[i].issued, validity_s);
    }
    *ret_count = count;
    return strikes;
}

/* One platform's count. */
static int tell_tally(struct knowledge *knowledge, uint32_t merchant,
                      const struct strikes_question *question, knowledge_take_tally *take,
                      void *context)
{
    const struct facts *facts = &knowledge->facts;
    struct evaluator *evaluator = &knowledge->evaluator;
    struct strikes counted;
    evaluator->ids.count = 0;
    if (strikes_count(facts, &evaluator->ids, &evaluator->strikes, question, &evaluator->same,
                      &evaluator->linked, &counted) < 0 ||
        evaluator->ids.failed)
        return -ENOMEM;
    struct knowledge_tally tally = {
        .platform =
            names_text(&facts->records.names, things_name(&facts->platforms, question->platform)),
        .merchant = merchant_name(facts, merchant),
        .has_threshold = counted.has_threshold,
        .threshold = counted.threshold,
        .strikes_min = counted.min,
        .strikes_max = counted.max,
        .answer = counted.over.answer,
        .reason = counted.over.reason,
    };
    const struct record *record =
        facts_policy_record(facts, question->platform, question->at.at_ns);
    if (record != NULL) {
        const struct record_policy *policy = &facts->records.policies[record->detail - 1];
        tally.policy = record_id(&facts->records, record);
        tally.validity_s = policy->validity_s;
        tally.counter_window_s = policy->counter_window_s;
        tally.spacing_in_days = policy->spacing_in_days;
        tally.spacing = policy->spacing;
        tally.spacing_count = policy->spacing_count;
        tally.lapse = policy->lapse;
        tally.counter_days = policy->counter_days;
        tally.per_right = policy->per_right;
        tally.per_kind = policy->per_kind;
    }
    struct knowledge_strike *strikes =
        list_strikes(facts, &evaluator->strikes, tally.validity_s, &tally.strikes_count);
    if (strikes == NULL)
        return -ENOMEM;
    tally.strikes = strikes;
    int result = take(context, &tally);
    free(strikes);
    return result;
}

/* Whether the merchant, or one that may be the same, has to do with the platform. */
static bool has_to_do(const struct knowledge *knowledge, const struct record *record)
{
    const struct cluster *linked = &knowledge->evaluator.linked;
    return record->platform != THINGS_NONE &&
           (cluster_has(linked, record->merchant) ||
            (record->state == KNOWLEDGE_STATE_TRANSFERRED && cluster_has(linked, record->other)) ||
            (record->listing != THINGS_NONE &&
             cluster_has(linked, knowledge->facts.merchant_of[record->listing])));
}

/* [platform]: to be told of: those that the merchant has to do with; without any, those that have a
   policy. NULL when out of memory. */
static bool *find_platforms(const struct knowledge *knowledge)
{
    const struct facts *facts = &knowledge->facts;
    bool *wanted = vector_zeroed(facts->platforms.count + 1, sizeof *wanted);
    bool any = false;
    for (size_t i = 0; i < facts->records.count && wanted != NULL; i++) {
        const struct record *record = facts_record(facts, (uint32_t)i);
        bool has = has_to_do(knowledge, record);
        wanted[record->platform] = wanted[record->platform] || has;
        any = any || has;
    }
    for (uint32_t platform = 1; platform <= facts->platforms.count && wanted != NULL && !any;
         platform++)
        wanted[platform] = facts_of(facts, FACTS_PLATFORM_POLICIES, platform).count > 0;
    return wanted;
}

int knowledge_strikes(struct knowledge *knowledge, const struct knowledge_filter *filter,
                      int64_t at_ns, knowledge_take_tally *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    struct evaluator *evaluator = &knowledge->evaluator;
    struct strikes_question question = {.at = {.at_ns = at_ns}};
    int result = 0;
    assert(knowledge->built);
    uint32_t only = things_find(&facts->platforms, 0, names_find(names, filter->platform));
    uint32_t merchant = things_find(&facts->merchants, 0, names_find(names, filter->merchant));
    if (merchant == THINGS_NONE || (filter->platform.at != NULL && only == THINGS_NONE))
        return 0;
    cluster_find(&evaluator->same, facts, merchant, question.at, false);
    cluster_find(&evaluator->linked, facts, merchant, question.at, true);
    evaluator->strikes.keeps_refused = true;
    bool *wanted = find_platforms(knowledge);
    if (wanted == NULL)
        return -ENOMEM;
    for (uint32_t platform = 1; platform <= facts->platforms.count && result == 0; platform++) {
        if (only != THINGS_NONE ? platform != only : !wanted[platform])
            continue;
        question.platform = platform;
        result = tell_tally(knowledge, merchant, &question, take, context);
    }
    evaluator->strikes.keeps_refused = false;
    free(wanted);
    return result;
}
