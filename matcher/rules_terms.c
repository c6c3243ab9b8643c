/*
 * Named lists of words, and named lists of sellers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/rules_reading.h"

static bool has_name(const struct rules_reading *reading, struct lists_text name, const char *text,
                     size_t len)
{
    return name.len == len && memcmp(lists_at(reading->lists, name), text, len) == 0;
}

static int add_phrase(struct rules_reading *reading, const struct yaml_node *node, uint32_t term)
{
    struct rules *rules = reading->rules;
    struct rules_phrase phrase = {.term = term, .at = rules_at_node(reading, node)};
    if (rules->phrases_count == RULES_PHRASES_MAX)
        return rules_fail_at(reading, node, "more than %u words in all terms", RULES_PHRASES_MAX);
    int done = rules_take_text(reading, node, "terms", LISTS_TEXT_BYTES_MAX, &phrase.text);
    if (done < 0)
        return done;
    phrase.core = lists_core(node->text, phrase.text);
    if (phrase.core.len == 0)
        return rules_fail_at(reading, node,
                             "terms: the text folds to nothing: it holds no letter or digit");
    done = lists_grow((void **)&rules->phrases, &rules->phrases_room, rules->phrases_count + 1,
                      sizeof phrase);
    if (done == 0)
        rules->phrases[rules->phrases_count++] = phrase;
    return done;
}

static int take_term(struct rules_reading *reading, const struct yaml_node *node, uint32_t rule)
{
    struct rules *rules = reading->rules;
    uint32_t index = (uint32_t)rules->terms_count;
    struct rules_term term = {.rule = rule,
                              .phrase = (uint32_t)rules->phrases_count,
                              .at = {reading->source, node->key_line, node->key_column}};
    if (index == RULES_TERMS_MAX)
        return rules_fail_at(reading, node, "more than %u terms", RULES_TERMS_MAX);
    if (yaml_key_is(node, "mark"))
        return rules_fail(reading, node->key_line, node->key_column,
                          "terms: the name mark is taken: it is the mark that was found");
    int done = rules_take_name(reading, node, "terms", &term.name);
    const struct yaml_node *item = node->kind == YAML_MAP ? NULL : rules_first(reading, node);
    if (item == NULL)
        return rules_fail_at(reading, node, "terms: %.*s must be a list of words",
                             (int)node->key_len, node->key);
    for (; item != NULL && done != -ENOMEM;
         item = item == node ? NULL : rules_next(reading, item)) {
        done = lists_worse(done, add_phrase(reading, item, index));
    }
    term.phrases_count = (uint32_t)rules->phrases_count - term.phrase;
    if (done == -ENOMEM)
        return done;
    int grown =
        lists_grow((void **)&rules->terms, &rules->terms_room, rules->terms_count + 1, sizeof term);
    if (grown == 0)
        rules->terms[rules->terms_count++] = term; /* a bad one too: it is no unknown name */
    return grown < 0 ? grown : done;
}

int rules_take_terms(struct rules_reading *reading, const struct yaml_node *map, uint32_t rule)
{
    int done = 0;
    if (map->kind != YAML_MAP)
        return rules_fail_at(reading, map, "terms: must be a mapping of names to words");
    for (const struct yaml_node *node = rules_first(reading, map); node != NULL && done != -ENOMEM;
         node = rules_next(reading, node)) {
        done = lists_worse(done, take_term(reading, node, rule));
    }
    return done;
}

uint32_t rules_find_term(struct rules_reading *reading, const struct yaml_node *name, uint32_t rule)
{
    struct rules *rules = reading->rules;
    uint32_t found = RULES_NONE;
    if (name->kind != YAML_SCALAR)
        return RULES_NONE;
    for (uint32_t i = 0; i < rules->terms_count; i++) {
        const struct rules_term *term = &rules->terms[i];
        bool own = term->rule == rule;
        bool seen = own || (term->rule == RULES_NONE && term->at.source == reading->source);
        if (!seen || !has_name(reading, term->name, name->text, name->len))
            continue;
        if (found == RULES_NONE || own)
            found = i; /* a rule's own terms hide those of the file */
    }
    if (found != RULES_NONE)
        rules->terms[found].used = true;
    return found;
}

int rules_add_entry(struct rules_reading *reading, struct rules_entry entry)
{
    struct rules *rules = reading->rules;
    if (rules->entries_count == RULES_ENTRIES_MAX)
        return rules_fail(reading, entry.at.line, entry.at.column,
                          "more than %u sellers and platforms", RULES_ENTRIES_MAX);
    int done = lists_grow((void **)&rules->entries, &rules->entries_room, rules->entries_count + 1,
                          sizeof entry);
    if (done == 0)
        rules->entries[rules->entries_count++] = entry;
    return done;
}

static int take_entry_value(struct rules_reading *reading, const struct yaml_node *node,
                            struct rules_entry *entry)
{
    struct lists_text unused;
    if (yaml_key_is(node, "platform"))
        return rules_take_text(reading, node, "platform", 2 * LISTS_ID_BYTES_MAX, &entry->platform);
    if (yaml_key_is(node, "seller"))
        return rules_take_text(reading, node, "seller", 2 * LISTS_ID_BYTES_MAX, &entry->seller);
    if (yaml_key_is(node, "from"))
        return rules_take_day(reading, node, &entry->from_ns);
    if (yaml_key_is(node, "until"))
        return rules_take_day(reading, node, &entry->until_ns);
    if (yaml_key_is(node, "note"))
        return rules_take_text(reading, node, "note", RULES_NOTE_BYTES_MAX, &unused);
    return rules_fail(reading, node->key_line, node->key_column,
                      "%.*s: must be platform, seller, from, until or note", (int)node->key_len,
                      node->key);
}

static int take_entry(struct rules_reading *reading, const struct yaml_node *map)
{
    struct rules_entry entry = {
        .from_ns = INT64_MIN, .until_ns = INT64_MAX, .at = rules_at_node(reading, map)};
    int done = 0;
    if (map->kind != YAML_MAP)
        return rules_fail_at(reading, map,
                             "sellers: each is a mapping: platform, seller, from, until");
    for (const struct yaml_node *node = rules_first(reading, map); node != NULL;
         node = rules_next(reading, node)) {
        done = lists_worse(done, take_entry_value(reading, node, &entry));
    }
    if (done == 0 && entry.platform.len == 0)
        done = rules_fail_at(reading, map, "platform: is missing");
    if (done == 0 && entry.from_ns >= entry.until_ns)
        done = rules_fail_at(reading, map,
                             "until: must be a day after from; "
                             "it is the first day on which it no longer holds");
    return done < 0 ? done : rules_add_entry(reading, entry);
}

static int compare_text(const struct matcher_lists *lists, struct lists_text a, struct lists_text b)
{
    int order = memcmp(lists_at(lists, a), lists_at(lists, b), a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_seller(const void *left, const void *right, void *context)
{
    const struct rules_entry *a = left, *b = right;
    const struct matcher_lists *lists = context;
    int order = compare_text(lists, a->platform, b->platform);
    if (order == 0)
        order = compare_text(lists, a->seller, b->seller);
    return order != 0 ? order : (a->from_ns > b->from_ns) - (a->from_ns < b->from_ns);
}

void rules_sort_entries(struct rules_reading *reading, uint32_t first, uint32_t end)
{
    if (end > first)
        qsort_r(reading->rules->entries + first, end - first, sizeof *reading->rules->entries,
                by_seller, reading->lists);
}

static int take_seller_list(struct rules_reading *reading, const struct yaml_node *node)
{
    struct rules *rules = reading->rules;
    struct rules_sellers list = {.source = reading->source,
                                 .first = (uint32_t)rules->entries_count,
                                 .at = {reading->source, node->key_line, node->key_column}};
    if (rules->sellers_count == RULES_SELLERS_MAX)
        return rules_fail_at(reading, node, "more than %u lists of sellers", RULES_SELLERS_MAX);
    if (node->kind != YAML_LIST || node->first == YAML_NONE)
        return rules_fail_at(reading, node, "sellers: %.*s must be a list of sellers",
                             (int)(node->key_len < 64 ? node->key_len : 64), node->key);
    int done = rules_take_name(reading, node, "sellers", &list.name);
    for (const struct yaml_node *item = rules_first(reading, node); item != NULL && done != -ENOMEM;
         item = rules_next(reading, item)) {
        done = lists_worse(done, take_entry(reading, item));
    }
    list.end = (uint32_t)rules->entries_count;
    rules_sort_entries(reading, list.first, list.end);
    int grown = lists_grow((void **)&rules->sellers, &rules->sellers_room, rules->sellers_count + 1,
                           sizeof list);
    if (grown == 0)
        rules->sellers[rules->sellers_count++] = list;
    return grown < 0 ? grown : done;
}

int rules_take_sellers(struct rules_reading *reading, const struct yaml_node *map)
{
    int done = 0;
    if (map->kind != YAML_MAP)
        return rules_fail_at(reading, map, "sellers: must be a mapping of names to lists");
    for (const struct yaml_node *node = rules_first(reading, map); node != NULL && done != -ENOMEM;
         node = rules_next(reading, node)) {
        done = lists_worse(done, take_seller_list(reading, node));
    }
    return done;
}
