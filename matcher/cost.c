/*
 * What a set costs before it is compiled, and whose the literals are.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/literals.h"
#include "matcher/matcher.h"

struct matcher_mark matcher_lists_mark(const struct matcher_lists *lists, uint32_t index)
{
    assert(index < lists->marks_count);
    const struct lists_mark *mark = &lists->marks[index];
    return (struct matcher_mark){
        .id = lists_at(lists, mark->id),
        .text = lists_at(lists, mark->text),
        .category = lists_at(lists, mark->category),
        .id_len = mark->id.len,
        .text_len = mark->text.len,
        .category_len = mark->category.len,
        .generic = mark->generic,
    };
}

static void count_target(const struct literals_target *target, size_t *by_mark,
                         struct matcher_cost *cost)
{
    size_t *const counts[VARIANTS_KINDS] = {
        [VARIANTS_LISTED] = &cost->listed,    [VARIANTS_INFLECTED] = &cost->inflected,
        [VARIANTS_JOINED] = &cost->joined,    [VARIANTS_SPLIT] = &cost->split,
        [VARIANTS_TYPO] = &cost->typo,        [VARIANTS_ALIKE] = &cost->disguised,
        [VARIANTS_APART] = &cost->disguised,  [VARIANTS_REVERSED] = &cost->disguised,
        [VARIANTS_TURNED] = &cost->disguised,
    };
    assert(target->variant < VARIANTS_KINDS);
    ++*counts[target->variant];
    by_mark[target->index]++;
}

/* Puts a mark among those with the most literals. */
static void rank(struct matcher_cost *cost, uint32_t mark, size_t literals)
{
    size_t at = cost->top_count;
    while (at > 0 && cost->top[at - 1].literals < literals)
        at--;
    if (at == MATCHER_COST_TOP)
        return;
    size_t kept = cost->top_count < MATCHER_COST_TOP ? cost->top_count : MATCHER_COST_TOP - 1;
    memmove(&cost->top[at + 1], &cost->top[at], (kept - at) * sizeof cost->top[0]);
    cost->top[at].mark = mark;
    cost->top[at].literals = literals;
    cost->top_count = kept + 1;
}

int matcher_lists_cost(const struct matcher_lists *lists, struct matcher_cost *ret_cost)
{
    struct literals literals = {0};
    struct matcher_cost cost = {0};
    size_t *by_mark = calloc(lists->marks_count + 1, sizeof *by_mark);
    struct variants variants = {0};
    int made = by_mark == NULL ? -ENOMEM : variants_make(lists, &variants);
    if (made == 0)
        made = literals_make(lists, &variants, &literals);
    variants_free(&variants);
    if (made == 0) {
        cost.literals = literals.count;
        for (uint32_t i = 0; i < literals.first[literals.count]; i++)
            if (literals.targets[i].kind == LITERALS_MARK)
                count_target(&literals.targets[i], by_mark, &cost);
        for (size_t i = 0; i < lists->marks_count; i++)
            rank(&cost, (uint32_t)i, by_mark[i]);
        *ret_cost = cost;
    }
    literals_free(&literals);
    free(by_mark);
    return made;
}
