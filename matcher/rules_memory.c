/*
 * Copying and freeing rules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/rules.h"

/* A copy of count items, at least one byte so that NULL means no memory. */
static int copy_items(void *ret_items, const void *items, size_t count, size_t size)
{
    void *copy = malloc(count * size + 1);
    if (copy == NULL)
        return -ENOMEM;
    if (count > 0)
        memcpy(copy, items, count * size);
    memcpy(ret_items, &copy, sizeof copy);
    return 0;
}

int rules_copy(const struct rules *rules, struct rules **ret_copy)
{
    *ret_copy = NULL;
    if (rules == NULL)
        return 0;
    struct rules *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        return -ENOMEM;
    const struct {
        void *to;
        const void *from;
        size_t count, size;
    } parts[] = {
        {&copy->items, rules->items, rules->count, sizeof *rules->items},
        {&copy->nodes, rules->nodes, rules->nodes_count, sizeof *rules->nodes},
        {&copy->terms, rules->terms, rules->terms_count, sizeof *rules->terms},
        {&copy->phrases, rules->phrases, rules->phrases_count, sizeof *rules->phrases},
        {&copy->regexes, rules->regexes, rules->regexes_count, sizeof *rules->regexes},
        {&copy->sellers, rules->sellers, rules->sellers_count, sizeof *rules->sellers},
        {&copy->entries, rules->entries, rules->entries_count, sizeof *rules->entries},
        {&copy->prices, rules->prices, rules->prices_count, sizeof *rules->prices},
        {&copy->examples, rules->examples, rules->examples_count, sizeof *rules->examples},
        {&copy->mark_of, rules->mark_of, rules->mark_of_count, sizeof *rules->mark_of},
    };
    int done = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && done == 0; i++)
        done = copy_items(parts[i].to, parts[i].from, parts[i].count, parts[i].size);
    copy->count = copy->room = rules->count;
    copy->nodes_count = copy->nodes_room = rules->nodes_count;
    copy->terms_count = copy->terms_room = rules->terms_count;
    copy->phrases_count = copy->phrases_room = rules->phrases_count;
    copy->regexes_count = copy->regexes_room = rules->regexes_count;
    copy->sellers_count = copy->sellers_room = rules->sellers_count;
    copy->entries_count = copy->entries_room = rules->entries_count;
    copy->prices_count = copy->prices_room = rules->prices_count;
    copy->examples_count = copy->examples_room = rules->examples_count;
    copy->mark_of_count = copy->mark_of_room = rules->mark_of_count;
    copy->sources_count = rules->sources_count;
    copy->marks_unknown = rules->marks_unknown;
    if (done < 0)
        copy = rules_close(copy);
    *ret_copy = copy;
    return done;
}

struct rules *rules_close(struct rules *rules)
{
    if (rules == NULL)
        return NULL;
    free(rules->items);
    free(rules->nodes);
    free(rules->terms);
    free(rules->phrases);
    free(rules->regexes);
    free(rules->sellers);
    free(rules->entries);
    free(rules->prices);
    free(rules->examples);
    free(rules->mark_of);
    free(rules);
    return NULL;
}
