/*
 * Making, copying and freeing the pair of lists.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/lists.h"
#include "matcher/rules.h"

int matcher_lists_open(struct matcher_lists **ret_lists)
{
    struct matcher_lists *lists = calloc(1, sizeof *lists);
    if (lists == NULL)
        return -ENOMEM;
    *ret_lists = lists;
    return 0;
}

void matcher_lists_set_variants(struct matcher_lists *lists, enum matcher_variants variants)
{
    lists->variants = variants;
}

void matcher_lists_set_squeeze(struct matcher_lists *lists, bool on)
{
    lists->unsqueezed = !on;
}

struct matcher_lists *matcher_lists_close(struct matcher_lists *lists)
{
    if (lists == NULL)
        return NULL;
    free(lists->arena);
    free(lists->marks);
    free(lists->forms);
    free(lists->cues);
    lists->rules = rules_close(lists->rules);
    free(lists);
    return NULL;
}

/* A copy of count items, at least one byte so that NULL means no memory. */
static void *copy_items(const void *items, size_t count, size_t size)
{
    void *copy = malloc(count * size + 1);
    if (copy != NULL && count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

int lists_copy(const struct matcher_lists *lists, struct matcher_lists **ret_copy)
{
    struct matcher_lists *copy = calloc(1, sizeof *copy);
    if (copy == NULL)
        return -ENOMEM;
    copy->arena = copy_items(lists->arena, lists->arena_len, 1);
    copy->marks = copy_items(lists->marks, lists->marks_count, sizeof *lists->marks);
    copy->forms = copy_items(lists->forms, lists->forms_count, sizeof *lists->forms);
    copy->cues = copy_items(lists->cues, lists->cues_count, sizeof *lists->cues);
    copy->arena_len = copy->arena_room = lists->arena_len;
    copy->marks_count = copy->marks_room = lists->marks_count;
    copy->forms_count = copy->forms_room = lists->forms_count;
    copy->cues_count = copy->cues_room = lists->cues_count;
    copy->variants = lists->variants;
    copy->unsqueezed = lists->unsqueezed;
    int done = rules_copy(lists->rules, &copy->rules);
    if (done < 0 || copy->arena == NULL || copy->marks == NULL || copy->forms == NULL ||
        copy->cues == NULL) {
        (void)matcher_lists_close(copy); /* always NULL */
        return -ENOMEM;
    }
    *ret_copy = copy;
    return 0;
}
