/*
 * The lists that findings walk over, and small questions to the facts.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/vector.h"

static int compare_acts(const void *left, const void *right, void *context)
{
    const struct facts *facts = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return names_compare(&facts->records.ids, facts->records.at[a].id, facts->records.at[b].id);
}

static int compare_merchants(const void *left, const void *right, void *context)
{
    const struct facts *facts = context;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return names_compare(&facts->records.names, things_name(&facts->merchants, a),
                         things_name(&facts->merchants, b));
}

void facts_sort_merchants(const struct facts *facts, uint32_t *merchants, size_t count)
{
    if (count > 1)
        qsort_r(merchants, count, sizeof *merchants, compare_merchants, (void *)(uintptr_t)facts);
}

bool facts_is_party(const struct facts *facts, uint32_t merchant)
{
    struct index_slice records = facts_of(facts, FACTS_MERCHANT_PARTIES, merchant);
    for (size_t i = 0; i < records.count; i++)
        if (facts_record(facts, records.at[i])->kind == KNOWLEDGE_ORDER_PARTY)
            return true;
    return false;
}

static size_t count_kind(const struct facts *facts, enum knowledge_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < facts->records.count; i++)
        count += facts->records.at[i].kind == kind;
    return count;
}

/* The numbers of all records of a kind; NULL when out of memory. */
static uint32_t *list_kind(const struct facts *facts, enum knowledge_kind kind, size_t *ret_count)
{
    uint32_t *list = vector_zeroed(count_kind(facts, kind), sizeof *list);
    *ret_count = 0;
    for (size_t i = 0; i < facts->records.count && list != NULL; i++)
        if (facts->records.at[i].kind == kind)
            list[(*ret_count)++] = (uint32_t)i;
    return list;
}

static int compare_coverage(const void *left, const void *right)
{
    const struct facts_coverage *a = left, *b = right;
    if (a->platform != b->platform)
        return a->platform < b->platform ? -1 : 1;
    return (a->from_ns > b->from_ns) - (a->from_ns < b->from_ns);
}

/* Coverage sorted by platform and beginning, each with the latest end so far. */
static int fill_coverage(struct facts *facts)
{
    size_t count = count_kind(facts, KNOWLEDGE_COVERAGE);
    facts->coverage = vector_zeroed(count, sizeof *facts->coverage);
    if (facts->coverage == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < facts->records.count; i++) {
        const struct record *record = &facts->records.at[i];
        if (record->kind != KNOWLEDGE_COVERAGE || record->state != KNOWLEDGE_STATE_COUNTER)
            continue;
        const struct record_span *span = &facts->records.spans[record->detail - 1];
        facts->coverage[facts->coverage_count++] =
            (struct facts_coverage){record->platform, span->from_ns, span->to_ns};
    }
    qsort(facts->coverage, facts->coverage_count, sizeof *facts->coverage, compare_coverage);
    for (size_t i = 1; i < facts->coverage_count; i++) {
        const struct facts_coverage *before = &facts->coverage[i - 1];
        struct facts_coverage *at = &facts->coverage[i];
        if (before->platform == at->platform && before->to_ns > at->to_ns)
            at->to_ns = before->to_ns;
    }
    return 0;
}

/* The merchants of order.party, each once, sorted by name. */
static int fill_parties(struct facts *facts)
{
    uint32_t *parties = list_kind(facts, KNOWLEDGE_ORDER_PARTY, &facts->parties_count);
    if (parties == NULL)
        return -ENOMEM;
    facts->parties = parties;
    for (size_t i = 0; i < facts->parties_count; i++)
        parties[i] = facts->records.at[parties[i]].merchant;
    facts_sort_merchants(facts, parties, facts->parties_count);
    size_t count = 0;
    for (size_t i = 0; i < facts->parties_count; i++)
        if (count == 0 || parties[i] != parties[count - 1])
            parties[count++] = parties[i];
    facts->parties_count = count;
    return 0;
}

int facts_list(struct facts *facts)
{
    facts->acts = list_kind(facts, KNOWLEDGE_SUPPORT, &facts->acts_count);
    facts->entered = list_kind(facts, KNOWLEDGE_ORDER, &facts->entered_count);
    if (facts->acts == NULL || facts->entered == NULL || fill_parties(facts) < 0 ||
        fill_coverage(facts) < 0)
        return -ENOMEM;
    qsort_r(facts->acts, facts->acts_count, sizeof *facts->acts, compare_acts, facts);
    return 0;
}

size_t facts_after(const struct facts *facts, struct index_slice slice, int64_t at_ns)
{
    size_t low = 0, high = slice.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (facts->records.at[slice.at[middle]].at_ns <= at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct record *facts_policy_record(const struct facts *facts, uint32_t platform,
                                         int64_t at_ns)
{
    struct index_slice policies = facts_of(facts, FACTS_PLATFORM_POLICIES, platform);
    size_t after = facts_after(facts, policies, at_ns);
    return after == 0 ? NULL : facts_record(facts, policies.at[after - 1]);
}

const struct record_policy *facts_policy(const struct facts *facts, uint32_t platform,
                                         int64_t at_ns)
{
    const struct record *record = facts_policy_record(facts, platform, at_ns);
    return record == NULL ? NULL : &facts->records.policies[record->detail - 1];
}

struct knowledge_grace facts_grace(const struct facts *facts, uint32_t platform, int64_t at_ns)
{
    struct knowledge_grace grace = {.seconds = KNOWLEDGE_GRACE_S};
    const struct record *record = facts_policy_record(facts, platform, at_ns);
    if (record != NULL) {
        const struct record_policy *policy = &facts->records.policies[record->detail - 1];
        grace = (struct knowledge_grace){record_id(&facts->records, record), policy->grace_s,
                                         policy->grace_days};
    }
    return grace;
}

bool facts_covered(const struct facts *facts, uint32_t platform, int64_t from_ns, int64_t to_ns)
{
    size_t low = 0, high = facts->coverage_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct facts_coverage *at = &facts->coverage[middle];
        if (at->platform < platform || (at->platform == platform && at->from_ns <= from_ns))
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && facts->coverage[low - 1].platform == platform &&
           facts->coverage[low - 1].to_ns >= to_ns;
}

int facts_compare_listings(const struct facts *facts, uint32_t a, uint32_t b)
{
    const struct names *names = &facts->records.names;
    int order = names_compare(names, things_platform(&facts->listings, a),
                              things_platform(&facts->listings, b));
    if (order != 0)
        return order;
    return names_compare(names, things_name(&facts->listings, a), things_name(&facts->listings, b));
}
