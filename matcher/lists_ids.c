/*
 * A set of ids: open addressing over borrowed texts.
 */
#include "matcher/lists_ids.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct lists_ids_slot {
    const char *text; /* NULL: free */
    size_t len;
};

int lists_ids_open(struct lists_ids *ids, size_t count)
{
    size_t slots = 16;
    while (slots < count * 2)
        slots *= 2;
    ids->mask = slots - 1;
    ids->slots = calloc(slots, sizeof *ids->slots);
    return ids->slots == NULL ? -ENOMEM : 0;
}

bool lists_ids_add(struct lists_ids *ids, const char *text, size_t len)
{
    uint64_t hash = 14695981039346656037ull; /* FNV-1a */
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (uint8_t)text[i]) * 1099511628211ull;
    size_t at = (size_t)(hash ^ hash >> 32) & ids->mask;
    for (; ids->slots[at].text != NULL; at = (at + 1) & ids->mask)
        if (ids->slots[at].len == len && memcmp(ids->slots[at].text, text, len) == 0)
            return false;
    ids->slots[at] = (struct lists_ids_slot){text, len};
    return true;
}

void lists_ids_close(struct lists_ids *ids)
{
    free(ids->slots);
    ids->slots = NULL;
}

size_t lists_ids_lines(const char *text, size_t len)
{
    size_t lines = 1;
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}
