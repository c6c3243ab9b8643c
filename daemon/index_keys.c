/*
 * The keys of events.
 */
#include "daemon/index_keys.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/event.h"

#define OWN_ID_BYTES 48u

static_assert(EVENT_TEXT_BYTES_MAX * 2 + 2 <= 1100, "a key's text fits");

int64_t index_key(enum index_thing thing, struct knowledge_text platform,
                  struct knowledge_text name)
{
    uint8_t text[1100], digest[DIGEST_BYTES];
    size_t len = 0;
    uint64_t key = 0;
    assert(platform.len + name.len + 2 <= sizeof text);
    text[len++] = (uint8_t)thing;
    if (platform.len > 0)
        memcpy(text + len, platform.at, platform.len);
    len += platform.len;
    text[len++] = 0; /* no text holds one */
    if (name.len > 0)
        memcpy(text + len, name.at, name.len);
    len += name.len;
    digest_sha256(text, len, digest);
    for (unsigned i = 0; i < 8; i++)
        key = key << 8 | digest[i];
    return (int64_t)key;
}

static bool parse_number(const char *at, size_t len, uint64_t *ret_number)
{
    uint64_t number = 0;
    if (len == 0 || len > 19 || (len > 1 && at[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        number = 10 * number + (uint64_t)(at[i] - '0');
    }
    *ret_number = number;
    return true;
}

int index_own_id(struct knowledge_text id, uint64_t *ret_seq)
{
    uint64_t run;
    const char *point = id.len > OWN_ID_BYTES ? NULL : memchr(id.at, '.', id.len);
    if (point == NULL)
        return -ENOENT;
    size_t head = (size_t)(point - id.at), tail = id.len - head - 1;
    bool own = (head == 7 && memcmp(id.at, "listing", 7) == 0) || parse_number(id.at, head, &run);
    return own && parse_number(point + 1, tail, ret_seq) ? 0 : -ENOENT;
}

/* Whether the id says the very record that holds it: then that number is key enough. */
static bool is_own(const struct knowledge_event *event, const struct index_origin *origin)
{
    char own[OWN_ID_BYTES];
    uint64_t seq;
    if (index_own_id(event->id, &seq) < 0 || seq != origin->seq)
        return false;
    (void)snprintf(own, sizeof own, "%llu.%llu", (unsigned long long)origin->run,
                   (unsigned long long)origin->seq);
    if (event->kind == KNOWLEDGE_SIGHTING)
        return event->id.len == strlen(own) && memcmp(event->id.at, own, event->id.len) == 0;
    return event->kind == KNOWLEDGE_LISTING && event->id.at[0] == 'l';
}

/* Keys under way. */
struct keys {
    const struct knowledge_event *event;
    index_take_key *take;
    void *context;
    int result;
};

static void put(struct keys *keys, enum index_thing thing, struct knowledge_text platform,
                struct knowledge_text name)
{
    if (keys->result == 0)
        keys->result = keys->take(keys->context, index_key(thing, platform, name));
}

static void put_name(struct keys *keys, enum index_thing thing, struct knowledge_text name)
{
    if (name.at != NULL)
        put(keys, thing, (struct knowledge_text){NULL, 0}, name);
}

static void put_listings(struct keys *keys)
{
    const struct knowledge_event *event = keys->event;
    for (size_t i = 0; i < event->listings.count; i++)
        put(keys, INDEX_LISTING, event->platform, event->listings.at[i]);
}

static void put_support(struct keys *keys)
{
    const struct knowledge_event *event = keys->event;
    put_name(keys, INDEX_MERCHANT, event->merchant);
    if (event->listing.at != NULL)
        put(keys, INDEX_LISTING, event->platform, event->listing);
    if (event->listing.at == NULL && event->merchant.at == NULL)
        put_name(keys, INDEX_UNRESOLVED, (struct knowledge_text){"", 0});
}

/* By kind, as the rules look for it. */
static void put_kind(struct keys *keys)
{
    const struct knowledge_event *event = keys->event;
    switch (event->kind) {
    case KNOWLEDGE_CHANNEL:
    case KNOWLEDGE_COVERAGE:
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
    case KNOWLEDGE_POLICY:
        put_name(keys, INDEX_GLOBAL, (struct knowledge_text){"", 0});
        break;
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_PARTY:
        put_name(keys, INDEX_MERCHANT, event->merchant);
        put_name(keys, INDEX_PARTIES, event->subject);
        break;
    case KNOWLEDGE_ACCOUNT:
    case KNOWLEDGE_MERCHANT_LINK:
        put_name(keys, INDEX_MERCHANT, event->merchant);
        put_name(keys, INDEX_MERCHANT, event->other);
        break;
    case KNOWLEDGE_STRIKE:
        put_name(keys, INDEX_MERCHANT, event->merchant);
        put_name(keys, INDEX_STRIKE, event->subject);
        break;
    case KNOWLEDGE_LISTING:
        put_name(keys, INDEX_MERCHANT, event->merchant);
        put(keys, INDEX_LISTING, event->platform, event->listing);
        break;
    case KNOWLEDGE_RESTORE:
    case KNOWLEDGE_SIGHTING:
    case KNOWLEDGE_TAKEDOWN:
        put(keys, INDEX_LISTING, event->platform, event->listing);
        break;
    case KNOWLEDGE_SUPPORT:
        put_support(keys);
        break;
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_SENT:
        put_name(keys, INDEX_NOTICE, event->subject);
        put_listings(keys);
        break;
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_WITHDRAW:
        put_name(keys, INDEX_NOTICE, event->subject);
        break;
    case KNOWLEDGE_OTHER:
        put_name(keys, INDEX_NOTICE, event->subject);
        put_name(keys, INDEX_MERCHANT, event->merchant);
        if (event->listing.at != NULL)
            put(keys, INDEX_LISTING, event->platform, event->listing);
        break;
    case KNOWLEDGE_KINDS_COUNT:
        assert(false);
        break;
    }
}

int index_keys(const struct knowledge_event *event, const struct index_origin *origin,
               index_take_key *take, void *context)
{
    struct keys keys = {event, take, context, 0};
    if (!is_own(event, origin))
        put_name(&keys, INDEX_ID, event->id);
    /* A review is found under the event that it reviews. */
    if (event->kind == KNOWLEDGE_OTHER)
        put_name(&keys, INDEX_ID, event->subject);
    put_kind(&keys);
    return keys.result;
}
