/*
 * The conditions of a rule, read into a tree in preorder without recursion.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "matcher/rules_reading.h"
#include "matcher/rules_value.h"

/* Mappings and lists within each other: a list of each depth, a mapping around each, and one in it.
 */
#define FRAMES_MAX (2 * RULES_DEPTH_MAX + 2)

/* A mapping whose keys, or a list whose items, are being read. */
struct frame {
    uint32_t node; /* whose end it will set */
    const struct yaml_node *map, *next;
    uint16_t fields;
    bool is_list;
    bool is_last; /* of a mapping: the second time around, for expressions */
};

struct conditions {
    struct rules_reading *reading;
    uint32_t rule_index;
    struct rules_rule *rule;
    struct frame frames[FRAMES_MAX];
    size_t depth, lists;
    int done;
};

static const char *const condition_keys[] = {"any",         "all",     "none",      "near",
                                             "price_below", "sellers", "platforms", "regex"};

bool rules_is_condition(const struct yaml_node *node)
{
    for (size_t i = 0; i < sizeof condition_keys / sizeof condition_keys[0]; i++)
        if (yaml_key_is(node, condition_keys[i]))
            return true;
    return false;
}

static void note(struct conditions *conditions, int result)
{
    if (conditions->done != -ENOMEM && result < 0)
        conditions->done = result;
}

/* Adds a node; its end is right for a leaf. RULES_NONE if it cannot. */
static uint32_t add_node(struct conditions *conditions, struct rules_node node)
{
    struct rules_reading *reading = conditions->reading;
    struct rules *rules = reading->rules;
    uint32_t index = (uint32_t)rules->nodes_count;
    if (index - conditions->rule->node == RULES_NODES_OF_ONE || index == RULES_NODES_MAX) {
        note(conditions, rules_fail(reading, node.at.line, node.at.column,
                                    "more than %u conditions in a rule, or %u in all",
                                    RULES_NODES_OF_ONE, RULES_NODES_MAX));
        return RULES_NONE;
    }
    int grown =
        lists_grow((void **)&rules->nodes, &rules->nodes_room, (size_t)index + 1, sizeof node);
    note(conditions, grown);
    if (grown < 0)
        return RULES_NONE;
    node.end = index + 1;
    rules->nodes[rules->nodes_count++] = node;
    return index;
}

static uint32_t find_term(struct conditions *conditions, const struct yaml_node *name,
                          const char *key)
{
    struct rules_reading *reading = conditions->reading;
    uint32_t term = rules_find_term(reading, name, conditions->rule_index);
    if (term == RULES_NONE && name->kind == YAML_SCALAR)
        note(conditions, rules_fail_at(reading, name, "%s: there are no terms of the name %.*s",
                                       key, (int)(name->len < 128 ? name->len : 128), name->text));
    else if (term == RULES_NONE)
        note(conditions, rules_fail_at(reading, name, "%s: must be the name of terms", key));
    return term;
}

/* The two words of near: terms, or the mark. */
static int take_near_words(struct conditions *conditions, const struct yaml_node *words,
                           struct rules_node *node)
{
    struct rules_reading *reading = conditions->reading;
    const struct yaml_node *first = words->kind == YAML_LIST ? rules_first(reading, words) : NULL;
    const struct yaml_node *second = first == NULL ? NULL : rules_next(reading, first);
    if (second == NULL || rules_next(reading, second) != NULL)
        return rules_fail_at(reading, words, "near: words must be two names of terms, or mark");
    bool first_is_mark = yaml_is(first, "mark"), second_is_mark = yaml_is(second, "mark");
    if (first_is_mark && second_is_mark)
        return rules_fail_at(reading, words, "near: the mark is always near itself");
    if ((first_is_mark || second_is_mark) && conditions->rule->marks == RULES_MARKS_NONE)
        return rules_fail_at(reading, words, "near: the rule has no marks");
    node->first = first_is_mark ? RULES_NONE : find_term(conditions, first, "near");
    node->second = second_is_mark ? RULES_NONE : find_term(conditions, second, "near");
    conditions->rule->of_mark = conditions->rule->of_mark || first_is_mark || second_is_mark;
    return 0;
}

static int take_near(struct conditions *conditions, const struct yaml_node *map,
                     struct rules_node *node)
{
    struct rules_reading *reading = conditions->reading;
    bool has_words = false, has_within = false;
    int done = 0;
    if (map->kind != YAML_MAP)
        return rules_fail_at(reading, map, "near: must be a mapping: words, within, ordered");
    for (const struct yaml_node *at = rules_first(reading, map); at != NULL;
         at = rules_next(reading, at)) {
        int taken = 0;
        if (yaml_key_is(at, "words")) {
            has_words = true;
            taken = take_near_words(conditions, at, node);
        } else if (yaml_key_is(at, "within")) {
            has_within = true;
            taken = rules_take_number(reading, at, "within", 0, RULES_WITHIN_MAX, &node->within);
        } else if (yaml_key_is(at, "ordered")) {
            node->ordered = yaml_is(at, "true");
            if (!node->ordered && !yaml_is(at, "false"))
                taken = rules_fail_at(reading, at, "ordered: must be true or false");
        } else {
            taken = rules_fail(reading, at->key_line, at->key_column,
                               "near: %.*s: must be words, within or ordered", (int)at->key_len,
                               at->key);
        }
        done = lists_worse(done, taken);
    }
    if (!has_words || !has_within)
        done = lists_worse(done, rules_fail_at(reading, map, "near: %s is missing",
                                               has_words ? "within" : "words"));
    return done;
}

static int take_amount(struct rules_reading *reading, const struct yaml_node *at)
{
    struct rules *rules = reading->rules;
    struct rules_price price = {.currency = ""};
    bool good = at->key_len == 3;
    for (size_t i = 0; i < 3 && good; i++)
        good = at->key[i] >= 'A' && at->key[i] <= 'Z';
    if (!good)
        return rules_fail(reading, at->key_line, at->key_column,
                          "price_below: must be a currency such as USD");
    memcpy(price.currency, at->key, 3);
    int done = rules_take_text(reading, at, "price_below", RULES_DECIMAL_BYTES, &price.amount);
    if (done < 0)
        return done;
    if (!rules_value_is_amount(at->text, at->len))
        return rules_fail_at(reading, at, "price_below: must be an amount such as 24.90");
    if (rules->prices_count == RULES_PRICES_MAX)
        return rules_fail_at(reading, at, "more than %u prices", RULES_PRICES_MAX);
    done = lists_grow((void **)&rules->prices, &rules->prices_room, rules->prices_count + 1,
                      sizeof price);
    if (done == 0)
        rules->prices[rules->prices_count++] = price;
    return done;
}

static int take_price(struct conditions *conditions, const struct yaml_node *map,
                      struct rules_node *node)
{
    struct rules_reading *reading = conditions->reading;
    int done = 0;
    if (map->kind != YAML_MAP || map->first == YAML_NONE)
        return rules_fail_at(reading, map,
                             "price_below: must be a mapping of currencies to amounts");
    node->first = (uint32_t)reading->rules->prices_count;
    for (const struct yaml_node *at = rules_first(reading, map); at != NULL;
         at = rules_next(reading, at))
        done = lists_worse(done, take_amount(reading, at));
    node->second = (uint32_t)reading->rules->prices_count;
    return done;
}

static int take_listed(struct conditions *conditions, const struct yaml_node *name,
                       struct rules_node *node)
{
    struct rules_reading *reading = conditions->reading;
    struct rules *rules = reading->rules;
    for (size_t i = 0; i < rules->sellers_count && name->kind == YAML_SCALAR; i++) {
        struct rules_sellers *list = &rules->sellers[i];
        if (list->source != reading->source || list->name.len != name->len ||
            memcmp(lists_at(reading->lists, list->name), name->text, name->len) != 0)
            continue;
        list->used = true;
        node->first = list->first;
        node->second = list->end;
        return 0;
    }
    return rules_fail_at(reading, name, "sellers: must be the name of a list of sellers");
}

static int take_platforms(struct conditions *conditions, const struct yaml_node *list,
                          struct rules_node *node)
{
    struct rules_reading *reading = conditions->reading;
    const struct yaml_node *item = list->kind == YAML_MAP ? NULL : rules_first(reading, list);
    int done = 0;
    node->first = (uint32_t)reading->rules->entries_count;
    if (item == NULL)
        return rules_fail_at(reading, list, "platforms: must be a platform, or a list of them");
    for (; item != NULL; item = item == list ? NULL : rules_next(reading, item)) {
        struct rules_entry entry = {
            .from_ns = INT64_MIN, .until_ns = INT64_MAX, .at = rules_at_node(reading, item)};
        int taken =
            rules_take_text(reading, item, "platforms", 2 * LISTS_ID_BYTES_MAX, &entry.platform);
        done = lists_worse(done, taken < 0 ? taken : rules_add_entry(reading, entry));
    }
    node->second = (uint32_t)reading->rules->entries_count;
    rules_sort_entries(reading, node->first, node->second);
    return done;
}

/* Begins any, all or none. */
static void take_list(struct conditions *conditions, const struct frame *above,
                      const struct yaml_node *list)
{
    struct rules_reading *reading = conditions->reading;
    enum rules_kind kind = yaml_key_is(list, "any")   ? RULES_ANY
                           : yaml_key_is(list, "all") ? RULES_ALL
                                                      : RULES_NOT_ANY;
    struct rules_node node = {.kind = kind, .at = rules_at_node(reading, list)};
    if (list->kind == YAML_MAP || rules_first(reading, list) == NULL ||
        (list->kind == YAML_SCALAR && list->len == 0)) {
        note(conditions, rules_fail_at(reading, list,
                                       "%.*s: must be a list of names of terms and "
                                       "conditions",
                                       (int)list->key_len, list->key));
        return;
    }
    if (conditions->lists == RULES_DEPTH_MAX) {
        note(conditions, rules_fail_at(reading, list, "conditions within %u others: at most %u",
                                       RULES_DEPTH_MAX, RULES_DEPTH_MAX));
        return;
    }
    uint32_t index = add_node(conditions, node);
    if (index == RULES_NONE)
        return;
    assert(conditions->depth < FRAMES_MAX);
    conditions->lists++;
    conditions->frames[conditions->depth++] = (struct frame){.node = index,
                                                             .map = list,
                                                             .next = rules_first(reading, list),
                                                             .fields = above->fields,
                                                             .is_list = true};
}

/* Begins a mapping of conditions. */
static void take_map(struct conditions *conditions, const struct yaml_node *map, uint16_t fields)
{
    struct rules_reading *reading = conditions->reading;
    const struct yaml_node *own = rules_find(reading, map, "fields");
    bool root = conditions->depth == 0;
    if (own != NULL && !root)
        note(conditions, rules_take_fields(reading, own, &fields));
    if (!root && rules_first(reading, map) == NULL) {
        note(conditions, rules_fail_at(reading, map, "a condition is empty"));
        return;
    }
    struct rules_node node = {.kind = RULES_ALL, .at = rules_at_node(reading, map)};
    uint32_t index = add_node(conditions, node);
    if (index == RULES_NONE)
        return;
    assert(conditions->depth < FRAMES_MAX);
    conditions->frames[conditions->depth++] = (struct frame){
        .node = index, .map = map, .next = rules_first(reading, map), .fields = fields};
}

static void take_leaf(struct conditions *conditions, const struct frame *above,
                      const struct yaml_node *value)
{
    struct rules_reading *reading = conditions->reading;
    struct rules_node node = {.fields = above->fields, .at = rules_at_node(reading, value)};
    int done = 0;
    if (yaml_key_is(value, "near")) {
        node.kind = RULES_NEAR;
        done = take_near(conditions, value, &node);
    } else if (yaml_key_is(value, "price_below")) {
        node.kind = RULES_PRICE;
        done = take_price(conditions, value, &node);
    } else if (yaml_key_is(value, "sellers")) {
        node.kind = RULES_LISTED;
        done = take_listed(conditions, value, &node);
    } else if (yaml_key_is(value, "platforms")) {
        node.kind = RULES_LISTED;
        done = take_platforms(conditions, value, &node);
    } else {
        node.kind = RULES_REGEX;
        done = rules_take_regex(reading, value, conditions->rule_index, &node.first);
    }
    note(conditions, done);
    if (done == 0)
        (void)add_node(conditions, node); /* notes what is wrong itself */
}

/* The next key of a mapping; regular expressions come in a second round. False at the end. */
static bool step_map(struct conditions *conditions, struct frame *frame)
{
    struct rules_reading *reading = conditions->reading;
    const struct yaml_node *value = frame->next;
    bool root = conditions->depth == 1;
    if (value == NULL && frame->is_last)
        return false;
    if (value == NULL) {
        frame->is_last = true;
        frame->next = rules_first(reading, frame->map);
        return true;
    }
    frame->next = rules_next(reading, value);
    if (!rules_is_condition(value)) {
        if (!root && !frame->is_last && !yaml_key_is(value, "fields"))
            note(conditions,
                 rules_fail(reading, value->key_line, value->key_column,
                            "%.*s: a condition has no such key", (int)value->key_len, value->key));
        return true;
    }
    if (yaml_key_is(value, "regex") != frame->is_last)
        return true;
    if (yaml_key_is(value, "any") || yaml_key_is(value, "all") || yaml_key_is(value, "none"))
        take_list(conditions, frame, value);
    else
        take_leaf(conditions, frame, value);
    return true;
}

/* The next item of a list. False at the end. */
static bool step_list(struct conditions *conditions, struct frame *frame)
{
    const struct yaml_node *item = frame->next;
    if (item == NULL)
        return false;
    frame->next = item == frame->map ? NULL : rules_next(conditions->reading, item);
    if (item->kind == YAML_MAP) {
        take_map(conditions, item, frame->fields);
        return true;
    }
    struct rules_node node = {.kind = RULES_TERM,
                              .fields = frame->fields,
                              .at = rules_at_node(conditions->reading, item)};
    if (yaml_is(item, "mark")) {
        note(conditions, rules_fail_at(conditions->reading, item,
                                       "mark: is always there; it is a word for near only"));
        return true;
    }
    node.first = find_term(conditions, item, "conditions");
    if (node.first != RULES_NONE)
        (void)add_node(conditions, node); /* notes what is wrong itself */
    return true;
}

/* Whether the rule can only hold if something is read in the text beside the mark. Children stand
   behind their parents, so that going backwards meets them first. */
static bool needs_text(const struct rules_node *nodes, uint32_t begin, uint32_t end)
{
    bool needs[RULES_NODES_OF_ONE] = {false};
    assert(end > begin);
    assert(end - begin <= RULES_NODES_OF_ONE);
    for (uint32_t i = end; i > begin; i--) {
        const struct rules_node *node = &nodes[i - 1];
        bool some = false, every = true;
        for (uint32_t child = i; child < node->end; child = nodes[child].end) {
            some = some || needs[child - begin];
            every = every && needs[child - begin];
        }
        bool leaf =
            node->kind == RULES_TERM || node->kind == RULES_NEAR || node->kind == RULES_REGEX;
        needs[i - 1 - begin] =
            leaf || (node->kind == RULES_ALL && some) || (node->kind == RULES_ANY && every);
    }
    return needs[0];
}

int rules_take_conditions(struct rules_reading *reading, const struct yaml_node *map,
                          uint32_t rule_index, struct rules_rule *rule)
{
    struct conditions conditions = {.reading = reading, .rule_index = rule_index, .rule = rule};
    rule->node = (uint32_t)reading->rules->nodes_count;
    take_map(&conditions, map, rule->fields);
    while (conditions.depth > 0 && conditions.done != -ENOMEM) {
        struct frame *frame = &conditions.frames[conditions.depth - 1];
        if (frame->is_list ? step_list(&conditions, frame) : step_map(&conditions, frame))
            continue;
        reading->rules->nodes[frame->node].end = (uint32_t)reading->rules->nodes_count;
        conditions.lists -= frame->is_list ? 1 : 0;
        conditions.depth--;
    }
    rule->nodes_count = (uint32_t)reading->rules->nodes_count - rule->node;
    if (conditions.done == 0)
        rule->has_text =
            needs_text(reading->rules->nodes, rule->node, rule->node + rule->nodes_count);
    return conditions.done;
}
