/*
 * Hash tables with open addressing. A platform, a listing and a notice are each known by 64 bits of
 * SHA-256, so that nobody makes two that are taken for one.
 */
#include "daemon/ctl/named_listings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/digest.h"

#define SLOTS_MIN    ((size_t)64)
#define NOTICES_MAX  ((size_t)1 << 24) /* whose platforms are known */
#define LISTINGS_MAX 4096u             /* of one record: it has 16 KiB */

/* Of a text below another key; 0 for one that no record can hold. */
static uint64_t key_of(uint64_t above, struct view_text text)
{
    uint8_t bytes[RECORD_LINE_BYTES_MAX + sizeof above], digest[DIGEST_BYTES];
    uint64_t key;
    if (text.at == NULL || text.len > RECORD_LINE_BYTES_MAX)
        return 0;
    memcpy(bytes, &above, sizeof above);
    memcpy(bytes + sizeof above, text.at, text.len);
    digest_sha256(bytes, sizeof above + text.len, digest);
    memcpy(&key, digest, sizeof key);
    return key == 0 ? 1 : key;
}

static struct named_slot *find_slot(struct named_slot *slots, size_t slots_count, uint64_t key)
{
    size_t slot = (size_t)key & (slots_count - 1);
    while (slots[slot].key != 0 && slots[slot].key != key)
        slot = (slot + 1) & (slots_count - 1);
    return &slots[slot];
}

static int grow(struct named_table *table)
{
    size_t room = table->slots_count == 0 ? SLOTS_MIN : 2 * table->slots_count;
    struct named_slot *slots = calloc(room, sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->slots_count; i++)
        if (table->slots[i].key != 0)
            *find_slot(slots, room, table->slots[i].key) = table->slots[i];
    free(table->slots);
    table->slots = slots;
    table->slots_count = room;
    return 0;
}

/* The slot of this key, made with this value when there was none. NULL: out of memory, or full. */
static struct named_slot *put(struct named_table *table, uint64_t key, uint64_t value)
{
    bool full = table->count == NAMED_LISTINGS_MAX;
    if (!full && 2 * (table->count + 1) > table->slots_count && grow(table) < 0)
        return NULL;
    struct named_slot *slot = find_slot(table->slots, table->slots_count, key);
    if (slot->key == 0 && full)
        return NULL;
    if (slot->key == 0) {
        table->count++;
        *slot = (struct named_slot){key, value};
    }
    return slot;
}

static const struct named_slot *get(const struct named_table *table, uint64_t key)
{
    if (table->count == 0 || key == 0)
        return NULL;
    const struct named_slot *slot = find_slot(table->slots, table->slots_count, key);
    return slot->key == key ? slot : NULL;
}

static struct view_text text_of(const struct json_value *value)
{
    return value == NULL || value->type != JSON_STRING
               ? (struct view_text){0}
               : (struct view_text){.at = value->text, .len = value->len};
}

/* The listing was named by that record. 0, -ENOMEM or -E2BIG. */
static int name_listing(struct named_listings *named, uint64_t platform, uint64_t seq,
                        struct view_text listing)
{
    uint64_t key = key_of(platform, listing);
    if (key == 0)
        return 0;
    struct named_slot *slot = put(&named->listings, key, seq);
    if (slot == NULL)
        return named->listings.count == NAMED_LISTINGS_MAX ? -E2BIG : -ENOMEM;
    slot->value = seq < slot->value ? seq : slot->value;
    return 0;
}

/* The notice.sent of what records about it named before. */
struct found {
    struct named_listings *named;
    uint64_t platform, seq;
    int result;
};

static void name_found(void *context, struct knowledge_text listing)
{
    struct found *found = context;
    const struct view_text text = {.at = listing.at, .len = listing.len};
    if (found->result == 0)
        found->result = name_listing(found->named, found->platform, found->seq, text);
}

/* platform 0: that of the notice, which is not known yet. */
static int take_list(struct named_listings *named, uint64_t platform, const struct view *view,
                     const char *member)
{
    const struct json_value *list = view_rest(view, member);
    struct view_text notice = text_of(view_rest(view, "notice"));
    if (list == NULL || list->type != JSON_ARRAY)
        return 0;
    if (named->elements == NULL)
        named->elements = calloc(LISTINGS_MAX, sizeof *named->elements);
    if (named->elements == NULL)
        return -ENOMEM;
    size_t count = json_elements(list, named->elements, LISTINGS_MAX);
    for (size_t i = 0; i < count && i < LISTINGS_MAX; i++) {
        struct view_text listing = text_of(&named->elements[i]);
        int result = 0;
        if (platform != 0)
            result = name_listing(named, platform, view->seq, listing);
        else
            notice_platforms_wait(named->notices, (struct knowledge_text){notice.at, notice.len},
                                  (struct knowledge_text){listing.at, listing.len});
        if (result < 0)
            return result;
    }
    return 0;
}

/* The key of the platform that a record of a notice gives or, by its id, means. 0: that of nobody.
 *ret_error is 0, -ENOMEM or -E2BIG. */
static uint64_t platform_of(struct named_listings *named, const struct view *view, int *ret_error)
{
    struct view_text id = text_of(view_rest(view, "notice")), platform = view->platform;
    const struct knowledge_text notice = {id.at, id.len};
    if (named->notices == NULL)
        named->notices = notice_platforms_open(NOTICES_MAX);
    *ret_error = named->notices == NULL ? -ENOMEM : 0;
    if (named->notices == NULL)
        return 0;
    if (view_is(view->kind, "notice.sent") && platform.at != NULL) {
        struct found found = {named, key_of(0, platform), view->seq, 0};
        notice_platforms_take(named->notices, notice,
                              (struct knowledge_text){platform.at, platform.len});
        notice_platforms_end_wait(named->notices, notice, name_found, &found);
        *ret_error = found.result;
    }
    if (platform.at == NULL) {
        struct knowledge_text of_notice = notice_platforms_find(named->notices, notice);
        platform = (struct view_text){.at = of_notice.at, .len = of_notice.len};
    }
    return key_of(0, platform);
}

int named_listings_take(struct named_listings *named, const struct view *view)
{
    static const char family[] = "notice.";
    int result = 0;
    if (view->kind.len < sizeof family || memcmp(view->kind.at, family, sizeof family - 1) != 0 ||
        view_is(view->kind, "notice.draft"))
        return 0;
    uint64_t platform = platform_of(named, view, &result);
    if (result == 0)
        result = take_list(named, platform, view, "listings");
    if (result == 0)
        result = take_list(named, platform, view, "add");
    return result;
}

bool named_listings_has(const struct named_listings *named, const struct view *view)
{
    uint64_t platform = key_of(0, view->platform);
    const struct named_slot *slot =
        platform == 0 ? NULL : get(&named->listings, key_of(platform, view->listing));
    return slot != NULL && slot->value < view->seq;
}

void named_listings_close(struct named_listings *named)
{
    free(named->listings.slots);
    named->notices = notice_platforms_close(named->notices);
    free(named->elements);
    *named = (struct named_listings){0};
}
