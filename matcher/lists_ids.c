/*
 * Numbers by id: open addressing over texts in the arena.
 */
#include "matcher/lists_ids.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/hash.h"

struct lists_ids_slot {
    struct lists_text id; /* empty: free */
    uint32_t number;
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

/* The slot of an id, or the free one where it would stand. */
static struct lists_ids_slot *slot_of(const struct lists_ids *ids,
                                      const struct matcher_lists *lists, const char *id, size_t len)
{
    uint64_t hash = hash_feed_bytes(HASH_BEGIN, id, len);
    for (size_t at = (size_t)(hash ^ hash >> 32) & ids->mask;; at = (at + 1) & ids->mask) {
        struct lists_ids_slot *slot = &ids->slots[at];
        if (slot->id.len == 0 ||
            (slot->id.len == len && memcmp(lists_at(lists, slot->id), id, len) == 0))
            return slot;
    }
}

bool lists_ids_add(struct lists_ids *ids, const struct matcher_lists *lists, struct lists_text id,
                   uint32_t number)
{
    assert(id.len > 0);
    struct lists_ids_slot *slot = slot_of(ids, lists, lists_at(lists, id), id.len);
    if (slot->id.len > 0)
        return false;
    *slot = (struct lists_ids_slot){id, number};
    return true;
}

uint32_t lists_ids_find(const struct lists_ids *ids, const struct matcher_lists *lists,
                        const char *id, size_t len)
{
    const struct lists_ids_slot *slot = slot_of(ids, lists, id, len);
    return slot->id.len > 0 ? slot->number : LISTS_IDS_NONE;
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
