/*
 * Which events concern a merchant, or a listing.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/set.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"

/* What is marked, by thing. */
struct concern {
    const struct facts *facts;
    const struct cluster *merchants; /* NULL: not asked for */
    uint32_t listing;                /* THINGS_NONE: likewise */
    bool *listings, *notices, *orders, *strikes, *platforms;
};

static bool is_notice(enum knowledge_kind kind)
{
    return kind == KNOWLEDGE_COUNTER_DECISION || kind == KNOWLEDGE_COUNTER_FILED ||
           (kind >= KNOWLEDGE_NOTICE_ACK && kind <= KNOWLEDGE_NOTICE_WITHDRAW);
}

static bool is_order(enum knowledge_kind kind)
{
    return kind >= KNOWLEDGE_ORDER && kind <= KNOWLEDGE_ORDER_VACATED;
}

static bool is_merchant(const struct concern *concern, uint32_t merchant)
{
    return concern->merchants != NULL && cluster_has(concern->merchants, merchant);
}

/* The listings that are asked for, and the notices that name one of them. */
static void mark_listings(const struct concern *concern)
{
    const struct facts *facts = concern->facts;
    for (uint32_t listing = 1; listing <= facts->listings.count; listing++)
        concern->listings[listing] =
            listing == concern->listing || is_merchant(concern, facts->merchant_of[listing]);
    for (size_t i = 0; i < facts->items_count; i++)
        if (concern->listings[facts->items[i].listing])
            concern->notices[facts_record(facts, facts->notices[facts->items[i].notice].record)
                                 ->subject] = true;
    for (size_t i = 0; i < facts->unmet_count; i += 2)
        if (concern->listings[facts->unmet[i + 1]])
            concern->notices[facts_record(facts, facts->notices[facts->unmet[i]].record)->subject] =
                true;
}

/* Whether the record names what is asked for, by itself. */
static bool names_it(const struct concern *concern, const struct record *record)
{
    if (record->listing != THINGS_NONE && concern->listings[record->listing])
        return true;
    return is_merchant(concern, record->merchant) ||
           ((record->kind == KNOWLEDGE_MERCHANT_LINK || record->kind == KNOWLEDGE_ACCOUNT) &&
            is_merchant(concern, record->other));
}

/* What is reached through those that name it: orders, strikes, platforms. */
static void mark_reached(const struct concern *concern)
{
    const struct facts *facts = concern->facts;
    for (size_t i = 0; i < facts->records.count; i++) {
        const struct record *record = facts_record(facts, (uint32_t)i);
        enum knowledge_kind kind = (enum knowledge_kind)record->kind;
        bool notice = is_notice(kind) && concern->notices[record->subject];
        if (!notice && !names_it(concern, record))
            continue;
        concern->platforms[record->platform] = true;
        if (is_order(kind))
            concern->orders[record->subject] = true;
        if (kind == KNOWLEDGE_STRIKE)
            concern->strikes[record->subject] = true;
    }
    concern->platforms[THINGS_NONE] = false;
}

/* A notice.draft or notice.clarify, which no rule reads: its subject is a name, no thing. */
static bool is_marked_name(const struct concern *concern, uint32_t name)
{
    uint32_t thing = name == 0 ? THINGS_NONE : things_find(&concern->facts->notices_named, 0, name);
    return thing != THINGS_NONE && concern->notices[thing];
}

static bool concerns(const struct concern *concern, const struct record *record)
{
    enum knowledge_kind kind = (enum knowledge_kind)record->kind;
    if (names_it(concern, record))
        return true;
    if (is_notice(kind))
        return concern->notices[record->subject];
    if (is_order(kind))
        return kind != KNOWLEDGE_ORDER_PARTY && kind != KNOWLEDGE_ORDER_DISMISSED &&
               concern->orders[record->subject];
    switch (kind) {
    case KNOWLEDGE_STRIKE:
        return concern->strikes[record->subject];
    case KNOWLEDGE_CHANNEL:
    case KNOWLEDGE_COVERAGE:
    case KNOWLEDGE_POLICY:
        return concern->platforms[record->platform];
    case KNOWLEDGE_OTHER:
        return is_marked_name(concern, record->subject);
    case KNOWLEDGE_ACCOUNT:
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_LISTING:
    case KNOWLEDGE_MERCHANT_LINK:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_PARTY:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
    case KNOWLEDGE_RESTORE:
    case KNOWLEDGE_SIGHTING:
    case KNOWLEDGE_SUPPORT:
    case KNOWLEDGE_TAKEDOWN:
    case KNOWLEDGE_KINDS_COUNT:
        break;
    }
    return false;
}

static int walk(const struct concern *concern, knowledge_take_id *take, void *context)
{
    const struct facts *facts = concern->facts;
    int result = 0;
    mark_listings(concern);
    mark_reached(concern);
    for (size_t i = 0; i < facts->records.count && result == 0; i++) {
        const struct record *record = facts_record(facts, (uint32_t)i);
        if (concerns(concern, record))
            result = take(context, record_id(&facts->records, record));
    }
    return result;
}

/* The listings of this name, on the platform if one is given: the first there is. */
static uint32_t find_listing(const struct facts *facts, uint32_t name, uint32_t platform)
{
    for (uint32_t listing = 1; listing <= facts->listings.count && name != 0; listing++)
        if (things_name(&facts->listings, listing) == name &&
            (platform == 0 || !facts->scoped ||
             things_platform(&facts->listings, listing) == platform))
            return listing;
    return THINGS_NONE;
}

int knowledge_concerns(struct knowledge *knowledge, const struct knowledge_filter *filter,
                       struct knowledge_text listing, knowledge_take_id *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    struct concern concern = {.facts = facts};
    int result = -ENOMEM;
    assert(knowledge->built);
    uint32_t merchant = things_find(&facts->merchants, 0, names_find(names, filter->merchant));
    if (merchant != THINGS_NONE) {
        cluster_find(&knowledge->evaluator.same, facts, merchant, cluster_ever, false);
        concern.merchants = &knowledge->evaluator.same;
    }
    concern.listing =
        find_listing(facts, names_find(names, listing), names_find(names, filter->platform));
    if (concern.merchants == NULL && concern.listing == THINGS_NONE)
        return 0;
    concern.listings = vector_zeroed(facts->listings.count + 1, sizeof(bool));
    concern.notices = vector_zeroed(facts->notices_named.count + 1, sizeof(bool));
    concern.orders = vector_zeroed(facts->orders.count + 1, sizeof(bool));
    concern.strikes = vector_zeroed(facts->strikes.count + 1, sizeof(bool));
    concern.platforms = vector_zeroed(facts->platforms.count + 1, sizeof(bool));
    if (concern.listings != NULL && concern.notices != NULL && concern.orders != NULL &&
        concern.strikes != NULL && concern.platforms != NULL)
        result = walk(&concern, take, context);
    free(concern.listings);
    free(concern.notices);
    free(concern.orders);
    free(concern.strikes);
    free(concern.platforms);
    return result;
}
