/*
 * Which marks a rule speaks of.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/rules_reading.h"

static int index_marks(struct rules_reading *reading)
{
    const struct matcher_lists *lists = reading->lists;
    if (lists_ids_open(&reading->marks, lists->marks_count) < 0)
        return -ENOMEM;
    for (uint32_t i = 0; i < lists->marks_count; i++)
        (void)lists_ids_add(&reading->marks, lists, lists->marks[i].id, i); /* all differ */
    return 0;
}

static int add_mark(struct rules_reading *reading, const struct yaml_node *node, uint32_t mark)
{
    struct rules *rules = reading->rules;
    if (rules->mark_of_count == RULES_MARKS_OF_MAX)
        return rules_fail_at(reading, node, "marks: more than %u in all rules", RULES_MARKS_OF_MAX);
    int done = lists_grow((void **)&rules->mark_of, &rules->mark_of_room, rules->mark_of_count + 1,
                          sizeof mark);
    if (done == 0)
        rules->mark_of[rules->mark_of_count++] = mark;
    return done;
}

static int take_mark(struct rules_reading *reading, const struct yaml_node *node)
{
    if (node->kind != YAML_SCALAR || node->len == 0)
        return rules_fail_at(reading, node, "marks: must be all, the id of a mark, or a list");
    if (reading->rules->marks_unknown)
        return 0;
    int done = reading->marks.slots == NULL ? index_marks(reading) : 0;
    if (done < 0)
        return done;
    uint32_t mark = lists_ids_find(&reading->marks, reading->lists, node->text, node->len);
    if (mark == LISTS_IDS_NONE)
        return rules_fail_at(reading, node, "marks: no mark has the id %.*s",
                             (int)(node->len < 128 ? node->len : 128), node->text);
    return add_mark(reading, node, mark);
}

static int take_category(struct rules_reading *reading, const struct yaml_node *node)
{
    const struct matcher_lists *lists = reading->lists;
    size_t before = reading->rules->mark_of_count;
    if (node->kind != YAML_SCALAR || node->len == 0)
        return rules_fail_at(reading, node, "category: must be a category of marks, or a list");
    if (reading->rules->marks_unknown)
        return 0;
    for (uint32_t i = 0; i < lists->marks_count; i++) {
        struct lists_text text = lists->marks[i].category;
        if (text.len != node->len || memcmp(lists_at(lists, text), node->text, node->len) != 0)
            continue;
        int added = add_mark(reading, node, i);
        if (added < 0)
            return added;
    }
    if (reading->rules->mark_of_count > before)
        return 0;
    return rules_fail_at(reading, node, "category: no mark is of the category %.*s",
                         (int)(node->len < 128 ? node->len : 128), node->text);
}

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Sorts the marks from first on, each once. Returns how many there are. */
static uint32_t sort_marks(struct rules *rules, uint32_t first)
{
    size_t count = rules->mark_of_count - first, kept = 0;
    if (count == 0)
        return 0;
    uint32_t *list = rules->mark_of + first;
    qsort(list, count, sizeof *list, by_number);
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || list[kept - 1] != list[i])
            list[kept++] = list[i];
    rules->mark_of_count = first + kept;
    return (uint32_t)kept;
}

int rules_take_marks(struct rules_reading *reading, const struct yaml_node *map,
                     struct rules_rule *rule)
{
    struct rules *rules = reading->rules;
    const struct yaml_node *marks = rules_find(reading, map, "marks");
    const struct yaml_node *category = rules_find(reading, map, "category");
    int done = 0;
    rule->mark = (uint32_t)rules->mark_of_count;
    if (marks != NULL && yaml_is(marks, "all")) {
        rule->marks = RULES_MARKS_ALL;
        if (category == NULL)
            return 0;
        return rules_fail_at(reading, category, "category: all marks are meant already");
    }
    const struct yaml_node *const lists[] = {marks, category};
    for (size_t i = 0; i < 2; i++) {
        const struct yaml_node *node = lists[i];
        if (node == NULL)
            continue;
        rule->marks = RULES_MARKS_SOME;
        const struct yaml_node *item = node->kind == YAML_MAP ? NULL : rules_first(reading, node);
        if (item == NULL)
            done = rules_fail_at(reading, node, "%s: %s", i == 0 ? "marks" : "category",
                                 node->kind == YAML_MAP ? "must be a word or a list of words"
                                                        : "is empty: the rule can never apply");
        for (; item != NULL && done != -ENOMEM;
             item = item == node ? NULL : rules_next(reading, item)) {
            int taken = i == 0 ? take_mark(reading, item) : take_category(reading, item);
            done = taken < 0 && done != -ENOMEM ? taken : done;
        }
    }
    rule->marks_count = sort_marks(rules, rule->mark);
    return done;
}
