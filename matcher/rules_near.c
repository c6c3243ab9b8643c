/*
 * Words: whether they are there, and near each other.
 */
#include <assert.h>

#include "matcher/rules_leaf.h"

static enum rules_value not_found(const struct rules_run *run)
{
    return run->cut ? RULES_UNKNOWN : RULES_NO;
}

/* The first place of a term that begins at or behind a batch offset. */
static size_t first_behind(const struct rules_run *run, uint32_t term, uint32_t offset)
{
    size_t low = 0, high = run->places_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct rules_place *place = &run->places[middle];
        if (place->term < term || (place->term == term && place->begin < offset))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The number of places, by end, that are of lesser terms or of this one and end at or before a
   batch offset: the last of them is the one that ends there. */
static size_t count_before(const struct rules_run *run, uint32_t term, uint32_t offset)
{
    size_t low = 0, high = run->places_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct rules_place *place = &run->ends[middle];
        if (place->term < term || (place->term == term && place->end <= offset))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_field(uint16_t fields, uint32_t field)
{
    return (fields >> field & 1) != 0;
}

enum rules_value rules_leaf_term(const struct rules_run *run, const struct rules_node *node)
{
    const struct scan_listing *listing = run->listing;
    for (uint32_t field = 0; field < listing->fields_count; field++) {
        if (!has_field(node->fields, field))
            continue;
        size_t at = first_behind(run, node->first, listing->field_begin[field]);
        if (at < run->places_count && run->places[at].term == node->first &&
            run->places[at].begin < listing->field_begin[field + 1])
            return RULES_YES;
    }
    return not_found(run);
}

static uint32_t count_chars(const char *bytes, size_t len)
{
    uint32_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((uint8_t)bytes[i] & 0xC0) != 0x80;
    return count;
}

/* Code points of the listing's folded text before a batch offset. */
static uint32_t chars_before(struct matcher *matcher, uint32_t offset)
{
    struct rules_run *run = matcher->rules;
    const char *text = matcher->batch + run->listing->begin;
    uint32_t len = run->listing->end - run->listing->begin;
    if (!run->has_chars) {
        uint32_t total = 0;
        for (uint32_t block = 0; block * RULES_BLOCK < len; block++) {
            uint32_t begin = block * RULES_BLOCK;
            uint32_t take = len - begin < RULES_BLOCK ? len - begin : RULES_BLOCK;
            run->chars[block] = total;
            total += count_chars(text + begin, take);
        }
        run->has_chars = true;
    }
    uint32_t at = offset - run->listing->begin;
    uint32_t block = at / RULES_BLOCK;
    return run->chars[block] + count_chars(text + (size_t)block * RULES_BLOCK, at % RULES_BLOCK);
}

struct span {
    uint32_t begin, end;
};

/* Whether a term stands behind a span, near enough, in one of the fields. */
static bool stands_behind(struct matcher *matcher, struct span span, uint32_t term,
                          const struct rules_node *node)
{
    const struct rules_run *run = matcher->rules;
    for (uint32_t field = 0; field < run->listing->fields_count; field++) {
        if (!has_field(node->fields, field))
            continue;
        uint32_t begin = run->listing->field_begin[field];
        size_t at = first_behind(run, term, span.end > begin ? span.end : begin);
        const struct rules_place *place = &run->places[at];
        if (at == run->places_count || place->term != term ||
            place->begin >= run->listing->field_begin[field + 1])
            continue;
        if (chars_before(matcher, place->begin) - chars_before(matcher, span.end) <= node->within)
            return true;
    }
    return false;
}

static bool stands_before(struct matcher *matcher, struct span span, uint32_t term,
                          const struct rules_node *node)
{
    const struct rules_run *run = matcher->rules;
    for (uint32_t field = 0; field < run->listing->fields_count; field++) {
        if (!has_field(node->fields, field))
            continue;
        uint32_t end = run->listing->field_begin[field + 1];
        size_t at = count_before(run, term, span.begin < end ? span.begin : end);
        const struct rules_place *place = &run->ends[at == 0 ? 0 : at - 1];
        if (at == 0 || place->term != term || place->begin < run->listing->field_begin[field])
            continue;
        if (chars_before(matcher, span.begin) - chars_before(matcher, place->end) <= node->within)
            return true;
    }
    return false;
}

bool rules_leaf_in_fields(const struct scan_listing *listing, uint16_t fields, uint32_t offset)
{
    for (uint32_t field = 0; field < listing->fields_count; field++)
        if (offset >= listing->field_begin[field] && offset < listing->field_begin[field + 1])
            return has_field(fields, field);
    return false;
}

/* Whether the other of the two stands near a place of the first. */
static bool is_near(struct matcher *matcher, struct span span, uint32_t other, bool span_is_first,
                    const struct rules_node *node)
{
    if (!rules_leaf_in_fields(matcher->rules->listing, node->fields, span.begin))
        return false;
    bool behind = !node->ordered || span_is_first, before = !node->ordered || !span_is_first;
    return (behind && stands_behind(matcher, span, other, node)) ||
           (before && stands_before(matcher, span, other, node));
}

enum rules_value rules_leaf_near(struct matcher *matcher, const struct rules_node *node,
                                 const struct scan_found *found)
{
    struct rules_run *run = matcher->rules;
    if (node->first == RULES_NONE || node->second == RULES_NONE) {
        bool mark_is_first = node->first == RULES_NONE;
        uint32_t other = mark_is_first ? node->second : node->first;
        assert(found != NULL);
        struct span span = {found->begin, found->end};
        return is_near(matcher, span, other, mark_is_first, node) ? RULES_YES : not_found(run);
    }
    for (size_t at = first_behind(run, node->first, 0);
         at < run->places_count && run->places[at].term == node->first; at++) {
        struct span span = {run->places[at].begin, run->places[at].end};
        if (is_near(matcher, span, node->second, true, node))
            return RULES_YES;
        run->leaves++;
    }
    return not_found(run);
}
