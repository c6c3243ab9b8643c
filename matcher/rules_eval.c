/*
 * Whether a rule holds: its tree of conditions, in three values.
 */
#include <assert.h>

#include "matcher/rules_leaf.h"

#define STACK_MAX (2 * RULES_DEPTH_MAX + 2) /* nodes with children within each other */

static enum rules_value leaf_holds(struct matcher *matcher, const struct rules_node *node,
                                   const struct scan_found *found)
{
    struct rules_run *run = matcher->rules;
    if (++run->leaves > RULES_LEAVES_MAX) {
        run->cut = true;
        return RULES_UNKNOWN;
    }
    switch (node->kind) {
    case RULES_TERM:
        return rules_leaf_term(run, node);
    case RULES_NEAR:
        return rules_leaf_near(matcher, node, found);
    case RULES_REGEX:
        return rules_leaf_regex(matcher, node);
    case RULES_PRICE:
        return rules_leaf_price(matcher, node);
    case RULES_LISTED:
        return rules_leaf_listed(matcher, node);
    case RULES_ALL:
    case RULES_ANY:
    case RULES_NOT_ANY:
        break;
    }
    assert(false); /* these have children */
    return RULES_UNKNOWN;
}

/* A node whose children are being looked at. */
struct open_node {
    enum rules_kind kind;
    enum rules_value value;
    uint32_t end;
};

/* Takes a child's value in. True when the others cannot change it any more. */
static bool take_value(struct open_node *node, enum rules_value value)
{
    if (node->kind == RULES_ALL) {
        node->value = value < node->value ? value : node->value;
        return node->value == RULES_NO;
    }
    node->value = value > node->value ? value : node->value;
    return node->value == RULES_YES;
}

static enum rules_value evaluate(struct matcher *matcher, const struct rules_rule *rule,
                                 const struct scan_found *found)
{
    const struct rules_node *nodes = matcher->db->lists->rules->nodes;
    struct open_node stack[STACK_MAX];
    size_t depth = 0;
    for (uint32_t at = rule->node;;) {
        enum rules_value value = RULES_NO;
        if (depth > 0 && at == stack[depth - 1].end) {
            depth--;
            value = stack[depth].value;
            if (stack[depth].kind == RULES_NOT_ANY)
                value = (enum rules_value)(RULES_YES - value);
        } else if (nodes[at].kind <= RULES_NOT_ANY) {
            assert(depth < STACK_MAX);
            stack[depth++] = (struct open_node){
                nodes[at].kind, nodes[at].kind == RULES_ALL ? RULES_YES : RULES_NO, nodes[at].end};
            at++;
            continue;
        } else {
            value = leaf_holds(matcher, &nodes[at], found);
            at++;
        }
        if (depth == 0)
            return value;
        if (take_value(&stack[depth - 1], value))
            at = stack[depth - 1].end;
    }
}

bool rules_run_holds(struct matcher *matcher, uint32_t index, const struct scan_found *found)
{
    struct rules_run *run = matcher->rules;
    const struct rules_rule *rule = &matcher->db->lists->rules->items[index];
    if (++run->leaves > RULES_LEAVES_MAX) {
        run->cut = true;
        return false;
    }
    if (!rules_leaf_in_fields(run->listing, rule->fields, found->begin))
        return false;
    if (rule->of_mark)
        return evaluate(matcher, rule, found) == RULES_YES;
    if (run->values[index] == RULES_UNSET) {
        run->values[index] = (uint8_t)evaluate(matcher, rule, found);
        run->touched[run->touched_count++] = index;
    }
    return run->values[index] == RULES_YES;
}
