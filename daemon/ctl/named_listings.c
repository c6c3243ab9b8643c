/*
 * A hash table with open addressing. A listing is known by 64 bits of SHA-256, so that nobody makes
 * two that are taken for one.
 */
#include "daemon/ctl/named_listings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/digest.h"

#define SLOTS_MIN    ((size_t)64)
#define LISTINGS_MAX 4096u /* of one record: it has 16 KiB */

/* Platform, length of the platform, listing: no two pairs give the same bytes. */
static uint64_t key_of(struct view_text platform, struct view_text listing)
{
    uint8_t bytes[RECORD_LINE_BYTES_MAX + sizeof(uint64_t)], digest[DIGEST_BYTES];
    uint64_t key = platform.len;
    size_t len = platform.len + listing.len + sizeof key;
    if (len > sizeof bytes)
        return 0;
    memcpy(bytes, &key, sizeof key);
    memcpy(bytes + sizeof key, platform.at, platform.len);
    memcpy(bytes + sizeof key + platform.len, listing.at, listing.len);
    digest_sha256(bytes, len, digest);
    memcpy(&key, digest, sizeof key);
    return key == 0 ? 1 : key;
}

static struct named_listing *find_slot(struct named_listing *slots, size_t slots_count,
                                       uint64_t key)
{
    size_t slot = (size_t)key & (slots_count - 1);
    while (slots[slot].key != 0 && slots[slot].key != key)
        slot = (slot + 1) & (slots_count - 1);
    return &slots[slot];
}

static int grow(struct named_listings *named)
{
    size_t room = named->slots_count == 0 ? SLOTS_MIN : 2 * named->slots_count;
    struct named_listing *slots = calloc(room, sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < named->slots_count; i++)
        if (named->slots[i].key != 0)
            *find_slot(slots, room, named->slots[i].key) = named->slots[i];
    free(named->slots);
    named->slots = slots;
    named->slots_count = room;
    return 0;
}

static int take_one(struct named_listings *named, struct view_text platform,
                    struct view_text listing, uint64_t seq)
{
    uint64_t key = key_of(platform, listing);
    if (key == 0)
        return 0;
    if (2 * (named->count + 1) > named->slots_count && grow(named) < 0)
        return -ENOMEM;
    struct named_listing *slot = find_slot(named->slots, named->slots_count, key);
    if (slot->key == 0)
        named->count++;
    if (slot->key == 0 || seq < slot->seq)
        *slot = (struct named_listing){.key = key, .seq = seq};
    return 0;
}

static int take_list(struct named_listings *named, const struct view *view,
                     const struct json_value *list)
{
    struct json_value listings[LISTINGS_MAX];
    if (list == NULL || list->type != JSON_ARRAY)
        return 0;
    size_t count = json_elements(list, listings, LISTINGS_MAX);
    int result = 0;
    for (size_t i = 0; i < count && i < LISTINGS_MAX && result == 0; i++) {
        struct view_text listing = {.at = listings[i].text, .len = listings[i].len};
        if (listings[i].type == JSON_STRING)
            result = take_one(named, view->platform, listing, view->seq);
    }
    return result;
}

int named_listings_take(struct named_listings *named, const struct view *view)
{
    static const char family[] = "notice.";
    if (view->kind.len < sizeof family || memcmp(view->kind.at, family, sizeof family - 1) != 0 ||
        view_is(view->kind, "notice.draft") || view->platform.at == NULL)
        return 0;
    int result = take_list(named, view, view_rest(view, "listings"));
    return result < 0 ? result : take_list(named, view, view_rest(view, "add"));
}

bool named_listings_has(const struct named_listings *named, const struct view *view)
{
    if (named->count == 0 || view->platform.at == NULL || view->listing.at == NULL)
        return false;
    uint64_t key = key_of(view->platform, view->listing);
    const struct named_listing *slot = find_slot(named->slots, named->slots_count, key);
    return key != 0 && slot->key == key && slot->seq < view->seq;
}

void named_listings_close(struct named_listings *named)
{
    free(named->slots);
    *named = (struct named_listings){0};
}
