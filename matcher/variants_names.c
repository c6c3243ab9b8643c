/*
 * A set of names: open addressing over offsets, grown before it is half full.
 */
#include "matcher/variants_names.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "matcher/hash.h"

struct variants_names_slot {
    uint64_t hash;
    uint32_t at, len; /* len 0: free */
    uint32_t owner, mark;
    enum variants_kind kind;
    bool doubtful;
};

static uint64_t hash_of(const char *name, size_t len, uint32_t owner)
{
    uint64_t hash = hash_feed_bytes(HASH_BEGIN ^ owner, name, len);
    return hash ^ hash >> 32;
}

/* The slot of a name, or the free one where it would stand. */
static struct variants_names_slot *find(const struct variants_names *names,
                                        const struct variants *variants, const char *name,
                                        size_t len, uint32_t owner)
{
    uint64_t hash = hash_of(name, len, owner);
    for (size_t at = (size_t)hash & names->mask;; at = (at + 1) & names->mask) {
        struct variants_names_slot *slot = &names->slots[at];
        if (slot->len == 0 || (slot->hash == hash && slot->owner == owner && slot->len == len &&
                               memcmp(variants->bytes + slot->at, name, len) == 0))
            return slot;
    }
}

int variants_names_open(struct variants_names *names, size_t count)
{
    size_t slots = 64;
    while (slots < count * 2)
        slots *= 2;
    *names = (struct variants_names){calloc(slots, sizeof *names->slots), slots - 1, 0};
    return names->slots == NULL ? -ENOMEM : 0;
}

static int grow(struct variants_names *names)
{
    struct variants_names more;
    int opened = variants_names_open(&more, names->mask + 1);
    if (opened < 0)
        return opened;
    for (size_t i = 0; i <= names->mask; i++) {
        if (names->slots[i].len == 0)
            continue;
        size_t at = (size_t)names->slots[i].hash & more.mask;
        while (more.slots[at].len != 0)
            at = (at + 1) & more.mask;
        more.slots[at] = names->slots[i];
    }
    more.count = names->count;
    free(names->slots);
    *names = more;
    return 0;
}

int variants_names_put(struct variants *variants, const char *name, size_t len, uint32_t *ret_at)
{
    size_t need = variants->bytes_len + len;
    if (need > UINT32_MAX)
        return -ENOMEM;
    if (need > variants->bytes_room) {
        size_t room = need + need / 2 + 1024;
        char *more = realloc(variants->bytes, room);
        if (more == NULL)
            return -ENOMEM;
        variants->bytes = more;
        variants->bytes_room = room;
    }
    memcpy(variants->bytes + variants->bytes_len, name, len);
    *ret_at = (uint32_t)variants->bytes_len;
    variants->bytes_len = need;
    return 0;
}

int variants_names_add(struct variants_names *names, const struct variants *variants,
                       struct variants_item name, uint32_t owner, uint32_t mark)
{
    int grown = names->count * 2 > names->mask ? grow(names) : 0;
    if (grown < 0)
        return grown;
    const char *text = variants->bytes + name.at;
    struct variants_names_slot *slot = find(names, variants, text, name.len, owner);
    if (slot->len != 0 && (name.doubtful || !slot->doubtful)) {
        if (slot->kind != name.kind || slot->doubtful != name.doubtful || slot->mark == mark)
            return 0;
        slot->mark = mark;
        return 1;
    }
    names->count += slot->len == 0;
    *slot = (struct variants_names_slot){
        .hash = hash_of(text, name.len, owner),
        .at = name.at,
        .len = name.len,
        .owner = owner,
        .mark = mark,
        .kind = name.kind,
        .doubtful = name.doubtful,
    };
    return 1;
}

bool variants_names_have(const struct variants_names *names, const struct variants *variants,
                         const char *name, size_t len, uint32_t owner)
{
    return find(names, variants, name, len, owner)->len != 0;
}

bool variants_names_are_sure(const struct variants_names *names, const struct variants *variants,
                             const char *name, size_t len)
{
    const struct variants_names_slot *slot = find(names, variants, name, len, VARIANTS_NAMES_ANY);
    return slot->len != 0 && !slot->doubtful;
}

void variants_names_close(struct variants_names *names)
{
    free(names->slots);
    names->slots = NULL;
}
