/*
 * Notices in an array in the order in which they came, and a table to find them. There are few
 * platforms: they are compared one by one, the latest found first.
 *
 * Encoded: refused, the number of platforms, of their bytes, of notices, and of listings that wait;
 * then each platform's length, all their bytes, for each notice its key and its platform's number,
 * and for each listing its notice's key, its length and its bytes; numbers of 64 bits,
 * little-endian.
 */
#include "daemon/notice_platforms.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/index_keys.h"
#include "daemon/knowledge/vector.h"
#include "daemon/ledger/little_endian.h"

#define HEAD_BYTES  40u
#define ENTRY_BYTES 16u /* of a notice, and before a listing's bytes */

struct name {
    size_t at, len; /* in texts, or in listings */
};

struct entry {
    int64_t key;
    uint32_t platform; /* number in names */
};

/* A listing that waits for its notice. */
struct waiting {
    int64_t key; /* of the notice */
    struct name listing;
};

struct notice_platforms {
    size_t max;
    uint64_t refused;
    struct entry *entries;
    size_t count, room;
    uint32_t *slots; /* number in entries, from 1 */
    size_t slots_count;
    struct name *names;
    size_t names_count, names_room;
    char *texts;
    size_t texts_len, texts_room;
    struct waiting *waiting;
    size_t waiting_count, waiting_room;
    char *listings; /* texts of those that wait, in their order */
    size_t listings_len, listings_room;
    size_t latest; /* number of the platform that was found last */
};

struct notice_platforms *notice_platforms_open(size_t max)
{
    struct notice_platforms *platforms = calloc(1, sizeof *platforms);
    if (platforms != NULL)
        platforms->max = max;
    return platforms;
}

static size_t find_slot(const struct notice_platforms *platforms, int64_t key)
{
    size_t slot = (size_t)key & (platforms->slots_count - 1); /* of a SHA-256: mixed well */
    while (platforms->slots[slot] != 0 && platforms->entries[platforms->slots[slot] - 1].key != key)
        slot = (slot + 1) & (platforms->slots_count - 1);
    return slot;
}

static int64_t key_of(struct knowledge_text notice)
{
    static const struct knowledge_text none = {NULL, 0};
    return index_key(INDEX_NOTICE, none, notice);
}

static bool is_bearable(struct knowledge_text text)
{
    return text.at != NULL && text.len <= EVENT_TEXT_BYTES_MAX;
}

static bool is_name(const struct notice_platforms *platforms, size_t number,
                    struct knowledge_text text)
{
    const struct name *name = &platforms->names[number];
    return name->len == text.len &&
           (text.len == 0 || memcmp(platforms->texts + name->at, text.at, text.len) == 0);
}

/* The platform's number, new or known. 0 or -ENOMEM. */
static int add_name(struct notice_platforms *platforms, struct knowledge_text text,
                    uint32_t *ret_number)
{
    size_t number = platforms->latest;
    if (number >= platforms->names_count || !is_name(platforms, number, text))
        for (number = 0; number < platforms->names_count; number++)
            if (is_name(platforms, number, text))
                break;
    if (number == platforms->names_count) {
        if (number >= NOTICE_PLATFORMS_MAX)
            return -ENOMEM;
        struct name *names =
            vector_room(platforms->names, &platforms->names_room, number, 1, sizeof *names);
        if (names == NULL)
            return -ENOMEM;
        platforms->names = names;
        char *texts = vector_room(platforms->texts, &platforms->texts_room, platforms->texts_len,
                                  text.len + 1, 1);
        if (texts == NULL)
            return -ENOMEM;
        platforms->texts = texts;
        if (text.len > 0)
            memcpy(texts + platforms->texts_len, text.at, text.len);
        names[platforms->names_count++] = (struct name){platforms->texts_len, text.len};
        platforms->texts_len += text.len;
    }
    platforms->latest = number;
    *ret_number = (uint32_t)number;
    return 0;
}

/* 0; -ENOMEM: or it is full. */
static int add_entry(struct notice_platforms *platforms, int64_t key, uint32_t platform)
{
    if (platforms->count >= platforms->max)
        return -ENOMEM;
    struct entry *entries =
        vector_room(platforms->entries, &platforms->room, platforms->count, 1, sizeof *entries);
    if (entries == NULL)
        return -ENOMEM;
    platforms->entries = entries;
    int grown = vector_slots(&platforms->slots, &platforms->slots_count, platforms->count);
    if (grown < 0)
        return -ENOMEM;
    for (size_t i = 0; grown > 0 && i < platforms->count; i++)
        platforms->slots[find_slot(platforms, entries[i].key)] = (uint32_t)i + 1;
    platforms->slots[find_slot(platforms, key)] = (uint32_t)platforms->count + 1;
    entries[platforms->count++] = (struct entry){key, platform};
    return 0;
}

static const struct entry *find(const struct notice_platforms *platforms, int64_t key)
{
    if (platforms->count == 0)
        return NULL;
    uint32_t number = platforms->slots[find_slot(platforms, key)];
    return number == 0 ? NULL : &platforms->entries[number - 1];
}

void notice_platforms_take(struct notice_platforms *platforms, struct knowledge_text notice,
                           struct knowledge_text platform)
{
    uint32_t number;
    if (!is_bearable(notice) || !is_bearable(platform))
        return;
    int64_t key = key_of(notice);
    if (find(platforms, key) == NULL &&
        (add_name(platforms, platform, &number) < 0 || add_entry(platforms, key, number) < 0))
        platforms->refused++;
}

struct knowledge_text notice_platforms_find(const struct notice_platforms *platforms,
                                            struct knowledge_text notice)
{
    const struct entry *entry = is_bearable(notice) ? find(platforms, key_of(notice)) : NULL;
    if (entry == NULL)
        return (struct knowledge_text){NULL, 0};
    const struct name *name = &platforms->names[entry->platform];
    return (struct knowledge_text){platforms->texts + name->at, name->len};
}

/* 0; -ENOMEM: or it is full. */
static int add_waiting(struct notice_platforms *platforms, int64_t key,
                       struct knowledge_text listing)
{
    if (platforms->waiting_count == NOTICE_PLATFORMS_WAITING_MAX)
        return -ENOMEM;
    struct waiting *waiting = vector_room(platforms->waiting, &platforms->waiting_room,
                                          platforms->waiting_count, 1, sizeof *waiting);
    if (waiting == NULL)
        return -ENOMEM;
    platforms->waiting = waiting;
    char *listings = vector_room(platforms->listings, &platforms->listings_room,
                                 platforms->listings_len, listing.len + 1, 1);
    if (listings == NULL)
        return -ENOMEM;
    platforms->listings = listings;
    if (listing.len > 0)
        memcpy(listings + platforms->listings_len, listing.at, listing.len);
    waiting[platforms->waiting_count++] =
        (struct waiting){key, {platforms->listings_len, listing.len}};
    platforms->listings_len += listing.len;
    return 0;
}

void notice_platforms_wait(struct notice_platforms *platforms, struct knowledge_text notice,
                           struct knowledge_text listing)
{
    if (!is_bearable(notice) || !is_bearable(listing))
        return;
    int64_t key = key_of(notice);
    for (size_t i = 0; i < platforms->waiting_count; i++) {
        const struct waiting *there = &platforms->waiting[i];
        if (there->key == key && there->listing.len == listing.len &&
            (listing.len == 0 ||
             memcmp(platforms->listings + there->listing.at, listing.at, listing.len) == 0))
            return;
    }
    if (add_waiting(platforms, key, listing) < 0)
        platforms->refused++;
}

void notice_platforms_end_wait(struct notice_platforms *platforms, struct knowledge_text notice,
                               notice_platforms_found *found, void *context)
{
    if (platforms->waiting_count == 0 || !is_bearable(notice))
        return;
    int64_t key = key_of(notice);
    size_t kept = 0, kept_len = 0;
    for (size_t i = 0; i < platforms->waiting_count; i++) {
        struct waiting now = platforms->waiting[i];
        const char *text = platforms->listings + now.listing.at;
        if (now.key == key) {
            found(context, (struct knowledge_text){text, now.listing.len});
            continue;
        }
        memmove(platforms->listings + kept_len, text, now.listing.len);
        now.listing.at = kept_len;
        kept_len += now.listing.len;
        platforms->waiting[kept++] = now;
    }
    platforms->waiting_count = kept;
    platforms->listings_len = kept_len;
}

uint64_t notice_platforms_refused(const struct notice_platforms *platforms)
{
    return platforms->refused;
}

size_t notice_platforms_encoded_bytes(const struct notice_platforms *platforms)
{
    return HEAD_BYTES + platforms->names_count * 8 + platforms->texts_len +
           (platforms->count + platforms->waiting_count) * ENTRY_BYTES + platforms->listings_len;
}

static uint8_t *put(uint8_t *at, uint64_t value)
{
    little_endian_put_u64(at, value);
    return at + 8;
}

void notice_platforms_encode(const struct notice_platforms *platforms, uint8_t *ret_bytes)
{
    uint8_t *at = put(ret_bytes, platforms->refused);
    at = put(at, platforms->names_count);
    at = put(at, platforms->texts_len);
    at = put(at, platforms->count);
    at = put(at, platforms->waiting_count);
    for (size_t i = 0; i < platforms->names_count; i++)
        at = put(at, platforms->names[i].len);
    if (platforms->texts_len > 0)
        memcpy(at, platforms->texts, platforms->texts_len);
    at += platforms->texts_len;
    for (size_t i = 0; i < platforms->count; i++) {
        at = put(at, (uint64_t)platforms->entries[i].key);
        at = put(at, platforms->entries[i].platform);
    }
    for (size_t i = 0; i < platforms->waiting_count; i++) {
        const struct waiting *waiting = &platforms->waiting[i];
        at = put(at, (uint64_t)waiting->key);
        at = put(at, waiting->listing.len);
        if (waiting->listing.len > 0)
            memcpy(at, platforms->listings + waiting->listing.at, waiting->listing.len);
        at += waiting->listing.len;
    }
}

/* The rest of what is decoded: exactly so many listings that wait. 0, -EBADMSG or -ENOMEM. */
static int decode_waiting(struct notice_platforms *platforms, const uint8_t *at, size_t len,
                          uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (len < ENTRY_BYTES)
            return -EBADMSG;
        uint64_t text_len = little_endian_get_u64(at + 8);
        if (text_len > EVENT_TEXT_BYTES_MAX || text_len > len - ENTRY_BYTES)
            return -EBADMSG;
        const struct knowledge_text listing = {(const char *)at + ENTRY_BYTES, (size_t)text_len};
        if (add_waiting(platforms, (int64_t)little_endian_get_u64(at), listing) < 0)
            return -ENOMEM;
        at += ENTRY_BYTES + text_len;
        len -= ENTRY_BYTES + text_len;
    }
    return len == 0 ? 0 : -EBADMSG;
}

int notice_platforms_decode(struct notice_platforms *platforms, const uint8_t *bytes, size_t len)
{
    if (len < HEAD_BYTES)
        return -EBADMSG;
    const uint64_t names = little_endian_get_u64(bytes + 8);
    const uint64_t texts = little_endian_get_u64(bytes + 16);
    const uint64_t count = little_endian_get_u64(bytes + 24);
    const uint64_t waiting = little_endian_get_u64(bytes + 32);
    if (names > NOTICE_PLATFORMS_MAX || texts > len || count > platforms->max || count > len ||
        waiting > NOTICE_PLATFORMS_WAITING_MAX)
        return -EBADMSG;
    const uint64_t fixed = HEAD_BYTES + names * 8 + texts + count * ENTRY_BYTES;
    if (len < fixed)
        return -EBADMSG;
    platforms->refused = little_endian_get_u64(bytes);
    const uint8_t *lengths = bytes + HEAD_BYTES, *text = lengths + names * 8;
    const uint8_t *entry = text + texts;
    int result = 0;
    for (uint64_t i = 0; i < names && result == 0; i++) {
        uint64_t name_len = little_endian_get_u64(lengths + i * 8);
        uint32_t number;
        if (name_len > EVENT_TEXT_BYTES_MAX || name_len > (uint64_t)(entry - text))
            return -EBADMSG;
        const struct knowledge_text name = {(const char *)text, (size_t)name_len};
        result = add_name(platforms, name, &number);
        if (result == 0 && number != i)
            return -EBADMSG; /* it came before */
        text += name_len;
    }
    if (result == 0 && text != entry)
        return -EBADMSG;
    for (uint64_t i = 0; i < count && result == 0; i++, entry += ENTRY_BYTES) {
        int64_t key = (int64_t)little_endian_get_u64(entry);
        uint64_t number = little_endian_get_u64(entry + 8);
        if (number >= names || find(platforms, key) != NULL)
            return -EBADMSG;
        result = add_entry(platforms, key, (uint32_t)number);
    }
    if (result == 0)
        result = decode_waiting(platforms, bytes + fixed, len - (size_t)fixed, waiting);
    return result;
}

struct notice_platforms *notice_platforms_close(struct notice_platforms *platforms)
{
    if (platforms == NULL)
        return NULL;
    free(platforms->entries);
    free(platforms->slots);
    free(platforms->names);
    free(platforms->texts);
    free(platforms->waiting);
    free(platforms->listings);
    free(platforms);
    return NULL;
}
