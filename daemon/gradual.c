/*
 * Pages of entries, in their order, but for those that something is about to change.
 */
#include "daemon/gradual.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#define PAGE_ENTRIES 64u /* a few KiB: what a change costs at most */

int gradual_begin(struct gradual *gradual, size_t count, uint8_t *to)
{
    gradual_end(gradual);
    if (count == 0)
        return 0;
    gradual->early = calloc(count / PAGE_ENTRIES / 64 + 1, sizeof *gradual->early);
    if (gradual->early == NULL)
        return -ENOMEM;
    gradual->to = to;
    gradual->count = count;
    gradual->next = 0;
    return 0;
}

static void copy_page(const struct gradual *gradual, size_t page)
{
    size_t end = (page + 1) * PAGE_ENTRIES;
    end = end < gradual->count ? end : gradual->count;
    for (size_t i = page * PAGE_ENTRIES; i < end; i++)
        gradual->encode(gradual->context, i, gradual->to + i * gradual->entry_bytes);
}

static bool is_early(const struct gradual *gradual, size_t page)
{
    return (gradual->early[page / 64] >> page % 64 & 1) != 0;
}

void gradual_before_change(struct gradual *gradual, size_t index)
{
    size_t page = index / PAGE_ENTRIES;
    if (gradual->to == NULL || index < gradual->next || index >= gradual->count ||
        is_early(gradual, page))
        return;
    copy_page(gradual, page);
    gradual->early[page / 64] |= UINT64_C(1) << page % 64;
}

void gradual_copy(struct gradual *gradual, const uint8_t *end)
{
    while (gradual->to != NULL && gradual->to + gradual->next * gradual->entry_bytes < end) {
        size_t page = gradual->next / PAGE_ENTRIES;
        if (!is_early(gradual, page))
            copy_page(gradual, page);
        gradual->next += PAGE_ENTRIES;
        if (gradual->next >= gradual->count)
            gradual_end(gradual);
    }
}

void gradual_end(struct gradual *gradual)
{
    free(gradual->early);
    gradual->early = NULL;
    gradual->to = NULL;
    gradual->count = gradual->next = 0;
}
