/*
 * What rules do to the hits of a listing.
 */
#include <assert.h>

#include "matcher/rules_leaf.h"
#include "matcher/sort.h"

/* Whether rule a speaks before rule b: the stronger class, then the one read first. */
static bool goes_before(const struct rules *rules, uint32_t a, uint32_t b)
{
    if (b == RULES_NONE)
        return true;
    if (rules->items[a].class != rules->items[b].class)
        return rules->items[a].class > rules->items[b].class;
    return a < b;
}

/* Takes a rule for a hit if it holds and goes before the best so far. */
static void try_rule(struct matcher *matcher, uint32_t rule, const struct scan_found *found,
                     uint32_t *best)
{
    const struct matcher_lists *lists = matcher->db->lists;
    if (matcher->rules->only != RULES_NONE && matcher->rules->only != rule)
        return;
    if (!goes_before(lists->rules, rule, *best))
        return;
    if (found->alone && !lists->rules->items[rule].has_text)
        return; /* DESIGN 9.19: a generic mark never counts alone */
    if (rules_run_holds(matcher, rule, found))
        *best = rule;
}

static uint32_t best_rule(struct matcher *matcher, const struct scan_found *found)
{
    const struct rules_set *set = &matcher->db->rules;
    uint32_t mark = found->hit.mark, best = RULES_NONE;
    for (uint32_t i = set->mark_first[mark]; i < set->mark_first[mark + 1]; i++)
        try_rule(matcher, set->mark_rules[i], found, &best);
    for (size_t i = 0; i < set->all_count; i++)
        try_rule(matcher, set->all[i], found, &best);
    return best;
}

/* The best rule that reports a place, RULES_NONE if none of them holds. */
static uint32_t best_report(struct matcher *matcher, const struct rules_place *place)
{
    uint32_t term = place->term;
    struct scan_found found = {.begin = place->begin, .end = place->end};
    const struct rules_set *set = &matcher->db->rules;
    const struct rules *rules = matcher->db->lists->rules;
    uint32_t best = RULES_NONE;
    for (uint32_t i = set->term_first[term]; i < set->term_first[term + 1]; i++) {
        uint32_t rule = set->term_rules[i];
        bool other = matcher->rules->only != RULES_NONE && matcher->rules->only != rule;
        if (!other && goes_before(rules, rule, best) && rules_run_holds(matcher, rule, &found))
            best = rule;
    }
    return best;
}

static bool before_by_span(const void *left, const void *right)
{
    const struct scan_found *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin;
    if (a->end != b->end)
        return a->end > b->end;
    if (a->hit.class != b->hit.class)
        return a->hit.class > b->hit.class;
    return a->hit.rule < b->hit.rule;
}

/* Adds the places of terms that rules report, each span once, none inside another of its term. */
static size_t add_reports(struct matcher *matcher, size_t found, uint64_t *lost)
{
    const struct rules_run *run = matcher->rules;
    struct scan_found *items = matcher->found;
    size_t first = found;
    uint32_t term = RULES_NONE, outer_end = 0;
    for (size_t i = 0; i < run->places_count; i++) {
        const struct rules_place *place = &run->places[i];
        if (place->term != term) {
            term = place->term;
            outer_end = 0;
        }
        bool inner = place->end <= outer_end;
        outer_end = inner ? outer_end : place->end;
        uint32_t rule = inner ? RULES_NONE : best_report(matcher, place);
        if (rule == RULES_NONE)
            continue;
        if (found == SCAN_FOUND_MAX) {
            ++*lost;
            continue;
        }
        enum matcher_class class = matcher->db->lists->rules->items[rule].class;
        items[found++] = (struct scan_found){
            .begin = place->begin,
            .end = place->end,
            .form = SCAN_NO_FORM,
            .phrase = place->phrase,
            .hit = {.mark = MATCHER_NO_MARK, .class = class, .has_rule = true, .rule = rule},
        };
    }
    sort_in_place(items + first, found - first, sizeof *items, before_by_span);
    size_t kept = first;
    for (size_t i = first; i < found; i++) {
        bool again = kept > first && items[kept - 1].begin == items[i].begin &&
                     items[kept - 1].end == items[i].end;
        if (!again)
            items[kept++] = items[i];
    }
    return kept;
}

size_t rules_apply(struct matcher *matcher, size_t found, uint64_t *lost)
{
    struct scan_found *items = matcher->found;
    size_t kept = 0;
    for (size_t i = 0; i < found; i++) {
        struct scan_found item = items[i];
        uint32_t rule = best_rule(matcher, &item);
        item.hit.has_rule = rule != RULES_NONE;
        item.hit.rule = item.hit.has_rule ? rule : 0;
        if (item.hit.has_rule || !item.alone)
            items[kept++] = item;
    }
    return add_reports(matcher, kept, lost);
}

void rules_classes(struct matcher *matcher, size_t found)
{
    const struct rules *rules = matcher->db->lists->rules;
    for (size_t i = 0; i < found; i++) {
        struct matcher_hit *hit = &matcher->found[i].hit;
        if (hit->has_rule)
            hit->class = rules->items[hit->rule].class;
    }
}
