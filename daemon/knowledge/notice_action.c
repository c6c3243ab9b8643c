/*
 * Asked of the code that findings ask, at a time instead of for an act. "Continues to supply ... to
 * one whom it knows" (Inwood), of particular listings (Tiffany v. eBay, 600 F.3d 93): domain 2.1.
 */
#include "daemon/knowledge/notice_action.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/remained.h"
#include "daemon/knowledge/set.h"
#include "daemon/knowledge/vector.h"

/* Whether a notice to the platform names the listing, with effect or without. */
static bool is_named(const struct facts *facts, uint32_t listing, uint32_t platform)
{
    struct index_slice items = facts_of(facts, FACTS_LISTING_ITEMS, listing);
    struct index_slice unmet = facts_of(facts, FACTS_LISTING_UNMET, listing);
    for (size_t i = 0; i < items.count; i++) {
        const struct facts_notice *notice = &facts->notices[facts->items[items.at[i]].notice];
        if (facts_record(facts, notice->record)->platform == platform)
            return true;
    }
    for (size_t i = 0; i < unmet.count; i++)
        if (facts_record(facts, facts->notices[unmet.at[i]].record)->platform == platform)
            return true;
    return false;
}

static struct knowledge_element element_of(const struct answer *answer, const struct ids *ids)
{
    return (struct knowledge_element){.answer = answer->answer,
                                      .reason = answer->reason,
                                      .ids = ids->at + answer->ids.begin,
                                      .ids_count = answer->ids.count};
}

static enum knowledge_result result_of(enum knowledge_answer known, enum knowledge_answer active)
{
    enum knowledge_answer weaker = known < active ? known : active;
    if (weaker < KNOWLEDGE_INDETERMINATE)
        return KNOWLEDGE_MISSING;
    return weaker == KNOWLEDGE_INDETERMINATE ? KNOWLEDGE_OPEN : KNOWLEDGE_ALL_SHOWN;
}

static int take_one(struct knowledge *knowledge, uint32_t platform, uint32_t listing, int64_t at_ns,
                    knowledge_take_action *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    const struct record_policy *policy = facts_policy(facts, platform, at_ns);
    struct ids *ids = &knowledge->evaluator.ids;
    const struct remained_act act = {platform, {.at_ns = at_ns}, policy};
    ids->count = 0;
    struct remained remained = remained_listing(facts, ids, listing, &act);
    if (ids->failed)
        return -ENOMEM;
    const struct knowledge_notice_action action = {
        .platform = names_text(names, things_name(&facts->platforms, platform)),
        .listing = names_text(names, things_name(&facts->listings, listing)),
        .merchant = names_text(names, things_name(&facts->merchants, facts->merchant_of[listing])),
        .grace = facts_grace(facts, platform, at_ns),
        .result = result_of(remained.known.answer, remained.active.answer),
        .known = element_of(&remained.known, ids),
        .active = element_of(&remained.active, ids),
    };
    return take(context, &action);
}

static int compare(const void *left, const void *right, void *context)
{
    return facts_compare_listings(context, *(const uint32_t *)left, *(const uint32_t *)right);
}

/* The noticed listings, of the merchants if some are given, by name; to be freed. NULL: out of
 * memory.
 */
static uint32_t *listings_by_name(const struct facts *facts, const struct cluster *merchants,
                                  size_t *ret_count)
{
    uint32_t *listings = vector_zeroed(facts->noticed, sizeof *listings);
    size_t count = 0;
    for (uint32_t listing = 1; listings != NULL && listing <= facts->noticed; listing++)
        if (merchants == NULL || cluster_has(merchants, facts->merchant_of[listing]))
            listings[count++] = listing;
    if (count > 1)
        qsort_r(listings, count, sizeof *listings, compare, (void *)(uintptr_t)facts);
    *ret_count = count;
    return listings;
}

int knowledge_notice_actions(struct knowledge *knowledge, const struct knowledge_filter *filter,
                             int64_t at_ns, knowledge_take_action *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    assert(knowledge->built);
    uint32_t only = things_find(&facts->platforms, 0, names_find(names, filter->platform));
    uint32_t merchant = things_find(&facts->merchants, 0, names_find(names, filter->merchant));
    if ((filter->platform.at != NULL && only == THINGS_NONE) ||
        (filter->merchant.at != NULL && merchant == THINGS_NONE))
        return 0;
    struct cluster *merchants = merchant == THINGS_NONE ? NULL : &knowledge->evaluator.same;
    if (merchants != NULL)
        cluster_find(merchants, facts, merchant, (struct moment){at_ns, 0}, false);
    size_t count;
    uint32_t *listings = listings_by_name(facts, merchants, &count);
    int result = listings == NULL ? -ENOMEM : 0;
    for (size_t i = 0; i < count && result == 0; i++)
        for (uint32_t platform = 1; platform <= facts->platforms.count && result == 0; platform++)
            if ((only == THINGS_NONE || only == platform) && is_named(facts, listings[i], platform))
                result = take_one(knowledge, platform, listings[i], at_ns, take, context);
    free(listings);
    return result;
}

int64_t knowledge_last_ns(const struct knowledge *knowledge)
{
    const struct records *records = &knowledge->facts.records;
    assert(knowledge->built);
    return records->count == 0 ? INT64_MIN : records->at[records->count - 1].at_ns;
}
