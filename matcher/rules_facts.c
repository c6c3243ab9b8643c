/*
 * Facts of a listing: its price, its seller, its platform.
 */
#include <string.h>

#include "matcher/rules_leaf.h"
#include "matcher/rules_value.h"

enum rules_value rules_leaf_price(const struct matcher *matcher, const struct rules_node *node)
{
    const struct matcher_lists *lists = matcher->db->lists;
    const struct matcher_facts *fact = matcher->rules->fact;
    if (fact->price == NULL || fact->currency == NULL || fact->currency_len != 3)
        return RULES_UNKNOWN;
    for (uint32_t i = node->first; i < node->second; i++) {
        const struct rules_price *price = &lists->rules->prices[i];
        int order = 0;
        bool same = true;
        for (size_t k = 0; k < 3; k++)
            same = same && (fact->currency[k] & ~0x20) == price->currency[k];
        if (!same)
            continue;
        if (rules_value_compare(fact->price, fact->price_len, lists_at(lists, price->amount),
                                price->amount.len, &order) < 0)
            return RULES_UNKNOWN;
        return order < 0 ? RULES_YES : RULES_NO;
    }
    return RULES_UNKNOWN;
}

static int compare(const struct matcher_lists *lists, struct lists_text a, const char *b,
                   size_t b_len)
{
    size_t len = a.len < b_len ? a.len : b_len;
    int order = len == 0 ? 0 : memcmp(lists_at(lists, a), b, len);
    return order != 0 ? order : (a.len > b_len) - (a.len < b_len);
}

/* What the entries of one seller, or of the platform as a whole if seller_len is 0, say. */
static enum rules_value entry_holds(const struct matcher *matcher, const struct rules_node *node,
                                    const char *seller, size_t seller_len)
{
    const struct matcher_lists *lists = matcher->db->lists;
    const struct matcher_facts *fact = matcher->rules->fact;
    const struct rules_entry *entries = lists->rules->entries;
    uint32_t low = node->first, high = node->second;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare(lists, entries[middle].platform, fact->platform, fact->platform_len);
        if (order == 0)
            order = compare(lists, entries[middle].seller, seller, seller_len);
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    enum rules_value value = RULES_NO;
    for (uint32_t i = low; i < node->second && value != RULES_YES; i++) {
        const struct rules_entry *entry = &entries[i];
        if (compare(lists, entry->platform, fact->platform, fact->platform_len) != 0 ||
            compare(lists, entry->seller, seller, seller_len) != 0)
            break;
        bool dated = entry->from_ns != INT64_MIN || entry->until_ns != INT64_MAX;
        if (dated && !fact->has_observed)
            value = RULES_UNKNOWN;
        else if (!dated ||
                 (fact->observed_ns >= entry->from_ns && fact->observed_ns < entry->until_ns))
            value = RULES_YES;
    }
    return value;
}

/* Whether the list names any seller of the listing's platform. */
static bool names_sellers(const struct matcher *matcher, const struct rules_node *node)
{
    const struct matcher_lists *lists = matcher->db->lists;
    const struct matcher_facts *fact = matcher->rules->fact;
    for (uint32_t i = node->first; i < node->second; i++) {
        const struct rules_entry *entry = &lists->rules->entries[i];
        if (entry->seller.len > 0 &&
            compare(lists, entry->platform, fact->platform, fact->platform_len) == 0)
            return true;
    }
    return false;
}

enum rules_value rules_leaf_listed(const struct matcher *matcher, const struct rules_node *node)
{
    const struct matcher_facts *fact = matcher->rules->fact;
    if (fact->platform == NULL)
        return RULES_UNKNOWN;
    enum rules_value value = entry_holds(matcher, node, "", 0);
    if (value == RULES_YES)
        return value;
    enum rules_value seller = RULES_NO;
    if (fact->seller != NULL && fact->seller_len > 0)
        seller = entry_holds(matcher, node, fact->seller, fact->seller_len);
    else if (names_sellers(matcher, node))
        seller = RULES_UNKNOWN;
    return seller > value ? seller : value;
}
