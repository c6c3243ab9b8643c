/*
 * The module's face: events in, findings out, and the names of both.
 */
#include "daemon/knowledge/knowledge.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/set.h"
#include "daemon/knowledge/vector.h"

static_assert(KNOWLEDGE_REASONS_COUNT <= 64, "sets of reasons are bits of a uint64_t");

const char *knowledge_answer_name(enum knowledge_answer answer)
{
    static const char *const names[KNOWLEDGE_ANSWERS_COUNT] = {
        [KNOWLEDGE_NOT_SHOWN] = "not_shown",
        [KNOWLEDGE_REBUTTED] = "rebutted",
        [KNOWLEDGE_INDETERMINATE] = "indeterminate",
        [KNOWLEDGE_SHOWN] = "shown",
    };
    assert(answer < KNOWLEDGE_ANSWERS_COUNT);
    return names[answer];
}

const char *knowledge_element_name(enum knowledge_element_name element)
{
    static const char *const names[KNOWLEDGE_ELEMENTS_COUNT] = {
        [KNOWLEDGE_DECREE_KNOWN] = "decree_known",
        [KNOWLEDGE_MERCHANT_BOUND] = "merchant_bound",
        [KNOWLEDGE_LISTING_KNOWN] = "listing_known",
        [KNOWLEDGE_LISTING_REMAINED_ACTIVE] = "listing_remained_active",
        [KNOWLEDGE_MERCHANT_OVER_THRESHOLD] = "merchant_over_threshold",
        [KNOWLEDGE_KNOWLEDGE] = "knowledge",
        [KNOWLEDGE_AFFIRMATIVE_ACT] = "affirmative_act",
        [KNOWLEDGE_ACT_AFTER_KNOWLEDGE] = "act_after_knowledge",
        [KNOWLEDGE_ACT_CONNECTED] = "act_connected",
        [KNOWLEDGE_FOR_BENEFIT] = "for_benefit",
    };
    assert(element < KNOWLEDGE_ELEMENTS_COUNT);
    return names[element];
}

const char *knowledge_result_name(enum knowledge_result result)
{
    static const char *const names[] = {
        [KNOWLEDGE_ALL_SHOWN] = "all_elements_shown",
        [KNOWLEDGE_MISSING] = "elements_missing",
        [KNOWLEDGE_OPEN] = "indeterminate",
    };
    assert(result < sizeof names / sizeof *names);
    return names[result];
}

#define REASON(name, text, meaning) {text, meaning},
static const struct {
    const char *name, *meaning;
} reasons[KNOWLEDGE_REASONS_COUNT] = {KNOWLEDGE_REASONS(REASON)};
#undef REASON

void knowledge_reason_name(const struct knowledge_finding *finding, enum knowledge_reason reason,
                           char ret_name[KNOWLEDGE_REASON_BYTES])
{
    int len;
    assert(reason < KNOWLEDGE_REASONS_COUNT);
    if (reason != KNOWLEDGE_REASON_STRIKES)
        len = snprintf(ret_name, KNOWLEDGE_REASON_BYTES, "%s", reasons[reason].name);
    else if ((int64_t)finding->strikes_min >= finding->threshold)
        len = snprintf(ret_name, KNOWLEDGE_REASON_BYTES, "strikes_%zu_of_%lld",
                       finding->strikes_min, (long long)finding->threshold);
    else
        len = snprintf(ret_name, KNOWLEDGE_REASON_BYTES, "strikes_%zu_to_%zu_of_%lld",
                       finding->strikes_min, finding->strikes_max, (long long)finding->threshold);
    assert(len > 0);
    assert((size_t)len < KNOWLEDGE_REASON_BYTES);
}

const char *knowledge_reason_meaning(enum knowledge_reason reason)
{
    assert(reason < KNOWLEDGE_REASONS_COUNT);
    return reasons[reason].meaning;
}

bool knowledge_needs(enum knowledge_element_name element)
{
    return element != KNOWLEDGE_LISTING_KNOWN && element != KNOWLEDGE_LISTING_REMAINED_ACTIVE &&
           element != KNOWLEDGE_MERCHANT_OVER_THRESHOLD;
}

struct knowledge *knowledge_open(uint64_t seed)
{
    struct knowledge *knowledge = calloc(1, sizeof *knowledge);
    if (knowledge == NULL)
        return NULL;
    knowledge->facts.records.ids.seed = seed;
    knowledge->facts.records.names.seed = seed;
    return knowledge;
}

int knowledge_add(struct knowledge *knowledge, const struct knowledge_event *event)
{
    assert(!knowledge->built);
    return records_add(&knowledge->facts.records, event);
}

int knowledge_build(struct knowledge *knowledge)
{
    assert(!knowledge->built);
    knowledge->built = true;
    int result = facts_build(&knowledge->facts);
    if (result == 0)
        result = evaluate_open(&knowledge->evaluator, &knowledge->facts);
    if (result < 0)
        return result;
    const struct records *records = &knowledge->facts.records;
    knowledge->record_of = vector_zeroed(records->ids.count + 1, sizeof *knowledge->record_of);
    if (knowledge->record_of == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < records->count; i++)
        knowledge->record_of[records->at[i].id] = (uint32_t)i + 1;
    return 0;
}

bool knowledge_problem_at(const struct knowledge *knowledge, size_t index,
                          struct knowledge_text *ret_id, enum knowledge_problem *ret_problem)
{
    const struct records *records = &knowledge->facts.records;
    assert(knowledge->built);
    if (index >= records->problems_count)
        return false;
    *ret_id = names_text(&records->ids, records->problems[index].id);
    *ret_problem = records->problems[index].incomplete ? KNOWLEDGE_INCOMPLETE : KNOWLEDGE_CONFLICT;
    return true;
}

/* A walk over the findings that are wanted. */
struct walk {
    struct knowledge *knowledge;
    uint32_t platform, merchant; /* 0: all */
    bool connected;
    knowledge_take *take;
    void *context;
};

static int take_one(const struct walk *walk, uint32_t act, uint32_t merchant)
{
    struct knowledge_finding finding;
    if (walk->merchant != THINGS_NONE && walk->merchant != merchant)
        return 0;
    int result = evaluate(&walk->knowledge->evaluator, act, merchant, &finding);
    return result < 0 ? result : walk->take(walk->context, &finding);
}

/* The act's target and the parties to orders that may be one with it, by name. */
static int take_connected(const struct walk *walk, uint32_t act, uint32_t target)
{
    const struct facts *facts = &walk->knowledge->facts;
    struct cluster *cluster = &walk->knowledge->evaluator.linked;
    cluster_find(cluster, facts, target, record_moment(facts_record(facts, act)), true);
    if (cluster->count == 1)
        return take_one(walk, act, target);
    /* The evaluation makes clusters of its own: what is chosen is copied. */
    uint32_t *chosen = vector_zeroed(cluster->count, sizeof *chosen);
    size_t count = 0;
    int result = chosen == NULL ? -ENOMEM : 0;
    for (size_t i = 0; i < cluster->count && result == 0; i++)
        if (cluster->members[i] == target || facts_is_party(facts, cluster->members[i]))
            chosen[count++] = cluster->members[i];
    if (result == 0)
        facts_sort_merchants(facts, chosen, count);
    for (size_t i = 0; i < count && result == 0; i++)
        result = take_one(walk, act, chosen[i]);
    free(chosen);
    return result;
}

/* The act's target and the parties to orders, by name. */
static int take_act(const struct walk *walk, uint32_t act)
{
    const struct facts *facts = &walk->knowledge->facts;
    const struct record *record = facts_record(facts, act);
    uint32_t target = evaluate_target(facts, record);
    bool done = target == THINGS_NONE;
    int result = 0;
    if (walk->platform != THINGS_NONE && walk->platform != record->platform)
        return 0;
    if (walk->connected && target != THINGS_NONE)
        return take_connected(walk, act, target);
    for (size_t i = 0; i < facts->parties_count && result == 0; i++) {
        uint32_t party = facts->parties[i];
        int order =
            done ? 1
                 : names_compare(&facts->records.names, things_name(&facts->merchants, target),
                                 things_name(&facts->merchants, party));
        if (!done && order < 0)
            result = take_one(walk, act, target);
        done = done || order <= 0;
        if (result == 0)
            result = take_one(walk, act, party);
    }
    return done || result != 0 ? result : take_one(walk, act, target);
}

static int compare_numbers(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

/* The acts as they happened: settled records stand in the order of time, then of ids. NULL when out
   of memory. */
static uint32_t *order_acts(const struct facts *facts)
{
    uint32_t *acts = vector_zeroed(facts->acts_count, sizeof *acts);
    if (acts == NULL)
        return NULL;
    if (facts->acts_count > 0)
        memcpy(acts, facts->acts, facts->acts_count * sizeof *acts);
    if (facts->acts_count > 1)
        qsort(acts, facts->acts_count, sizeof *acts, compare_numbers);
    return acts;
}

int knowledge_findings(struct knowledge *knowledge, const struct knowledge_filter *filter,
                       knowledge_take *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    struct walk walk = {
        .knowledge = knowledge, .connected = filter->connected, .take = take, .context = context};
    int result = 0;
    assert(knowledge->built);
    walk.platform = things_find(&facts->platforms, 0, names_find(names, filter->platform));
    walk.merchant = things_find(&facts->merchants, 0, names_find(names, filter->merchant));
    uint32_t id = names_find(&facts->records.ids, filter->act);
    /* A name that no record holds selects nothing. */
    if ((filter->platform.at != NULL && walk.platform == THINGS_NONE) ||
        (filter->merchant.at != NULL && walk.merchant == THINGS_NONE) ||
        (filter->act.at != NULL && id == NAMES_NONE))
        return 0;
    uint32_t *acts = facts->acts;
    if (filter->by_time) {
        acts = order_acts(facts);
        if (acts == NULL)
            return -ENOMEM;
    }
    for (size_t i = 0; i < facts->acts_count && result == 0; i++)
        if (id == NAMES_NONE || facts_record(facts, acts[i])->id == id)
            result = take_act(&walk, acts[i]);
    if (filter->by_time)
        free(acts);
    return result;
}

struct knowledge *knowledge_close(struct knowledge *knowledge)
{
    if (knowledge == NULL)
        return NULL;
    evaluate_close(&knowledge->evaluator);
    facts_close(&knowledge->facts);
    free(knowledge->record_of);
    free(knowledge);
    return NULL;
}
