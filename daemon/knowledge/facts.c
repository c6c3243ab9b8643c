/*
 * Things and indexes out of settled records. What notices came to is notices.c's.
 *
 * The order matters: listings that notices name are made first, so that they are 1..noticed and
 * what is kept for each of them stays small beside ten million that are only seen.
 */
#include "daemon/knowledge/facts.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/notices.h"
#include "daemon/knowledge/vector.h"

static uint32_t scope_of(const struct facts *facts, uint32_t platform_name)
{
    return facts->scoped ? platform_name : 0;
}

/* Ids count by platform when every record whose listing or channel id needs one has one; else they
   are global, as in the oracle (DESIGN 9.3). */
static bool is_scoped(const struct records *records)
{
    for (size_t i = 0; i < records->count; i++) {
        const struct record *record = &records->at[i];
        bool needs = record->listing != 0 || record->kind == KNOWLEDGE_CHANNEL;
        if (needs && record->platform == 0)
            return false;
    }
    return true;
}

/* Which things a record's subject is; NULL: none. */
static struct things *subjects_of(struct facts *facts, enum knowledge_kind kind)
{
    switch (kind) {
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
        return &facts->notices_named;
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_PARTY:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
        return &facts->orders;
    case KNOWLEDGE_STRIKE:
        return &facts->strikes;
    case KNOWLEDGE_CHANNEL:
        return &facts->channels;
    case KNOWLEDGE_OTHER:
    case KNOWLEDGE_ACCOUNT:
    case KNOWLEDGE_COVERAGE:
    case KNOWLEDGE_LISTING:
    case KNOWLEDGE_MERCHANT_LINK:
    case KNOWLEDGE_POLICY:
    case KNOWLEDGE_RESTORE:
    case KNOWLEDGE_SIGHTING:
    case KNOWLEDGE_SUPPORT:
    case KNOWLEDGE_TAKEDOWN:
    case KNOWLEDGE_KINDS_COUNT:
        break;
    }
    return NULL;
}

/* Names become things, but for listings. */
static int make_things(struct facts *facts)
{
    int result = 0;
    for (size_t i = 0; i < facts->records.count && result == 0; i++) {
        struct record *record = &facts->records.at[i];
        uint32_t scope = scope_of(facts, record->platform);
        struct things *subjects = subjects_of(facts, (enum knowledge_kind)record->kind);
        if (subjects != NULL)
            result = things_add(subjects, subjects == &facts->channels ? scope : 0, record->subject,
                                &record->subject);
        if (result == 0 && record->kind == KNOWLEDGE_NOTICE_SENT)
            result = things_add(&facts->channels, scope, record->other, &record->other);
        if (result == 0 &&
            (record->kind == KNOWLEDGE_MERCHANT_LINK || record->kind == KNOWLEDGE_ACCOUNT))
            result = things_add(&facts->merchants, 0, record->other, &record->other);
        if (result == 0)
            result = things_add(&facts->merchants, 0, record->merchant, &record->merchant);
        if (result == 0)
            result = things_add(&facts->platforms, 0, record->platform, &record->platform);
    }
    return result;
}

/* The same for listings. */
static int make_listings(struct facts *facts)
{
    int result = 0;
    facts->noticed = facts->listings.count;
    for (size_t i = 0; i < facts->records.count && result == 0; i++) {
        struct record *record = &facts->records.at[i];
        uint32_t platform = things_name(&facts->platforms, record->platform);
        result = things_add(&facts->listings, scope_of(facts, platform), record->listing,
                            &record->listing);
    }
    return result;
}

static int open_tables(struct facts *facts)
{
    facts->merchant_of = vector_zeroed(facts->listings.count + 1, sizeof *facts->merchant_of);
    facts->first_listing = vector_zeroed(facts->merchants.count + 1, sizeof *facts->first_listing);
    facts->listing_unc_ms = vector_zeroed(facts->listings.count + 1, sizeof(uint32_t));
    facts->revoked = vector_zeroed(facts->strikes.count + 1, sizeof *facts->revoked);
    if (facts->merchant_of == NULL || facts->first_listing == NULL ||
        facts->listing_unc_ms == NULL || facts->revoked == NULL)
        return -ENOMEM;
    return 0;
}

/* What the last record of its kind says, whenever it is asked. */
static int fill_tables(struct facts *facts)
{
    if (open_tables(facts) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < facts->records.count; i++) {
        const struct record *record = &facts->records.at[i];
        if (record->kind == KNOWLEDGE_LISTING)
            facts->merchant_of[record->listing] = record->merchant;
        if (record->kind == KNOWLEDGE_SIGHTING &&
            record->unc_ms > facts->listing_unc_ms[record->listing])
            facts->listing_unc_ms[record->listing] = record->unc_ms;
        if (record->kind == KNOWLEDGE_STRIKE && record->state == KNOWLEDGE_STATE_REVOKED)
            facts->revoked[record->subject] = true;
        if (record->kind == KNOWLEDGE_ACCOUNT && record->other != THINGS_NONE)
            facts->transfers = true;
    }
    for (uint32_t listing = 1; listing <= facts->listings.count; listing++) {
        uint32_t merchant = facts->merchant_of[listing];
        uint32_t *first = &facts->first_listing[merchant];
        if (merchant == THINGS_NONE)
            continue;
        if (*first == THINGS_NONE || facts_compare_listings(facts, listing, *first) < 0)
            *first = listing;
    }
    return 0;
}

static int fill_channels(struct facts *facts)
{
    facts->designated = vector_zeroed(facts->channels.count + 1, sizeof *facts->designated);
    if (facts->designated == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < facts->records.count; i++) {
        const struct record *record = &facts->records.at[i];
        if (record->kind == KNOWLEDGE_CHANNEL)
            facts->designated[record->subject] = record->state == KNOWLEDGE_STATE_DESIGNATED;
    }
    return 0;
}

/* One pass over all that is put into the indexes [first, end). */
struct pass {
    struct facts *facts;
    enum facts_index first, end;
    bool second;
};

static void put(const struct pass *pass, enum facts_index which, uint32_t owner, size_t item)
{
    if (which < pass->first || which >= pass->end || owner == THINGS_NONE)
        return;
    if (pass->second)
        index_put(&pass->facts->index[which], owner, (uint32_t)item);
    else
        index_count(&pass->facts->index[which], owner);
}

static void put_sighting(const struct pass *pass, const struct record *record, size_t number)
{
    bool live = (record->flags & RECORD_LIVE) != 0;
    if (record->state == KNOWLEDGE_STATE_ACTIVE)
        put(pass, live ? FACTS_LISTING_ACTIVE : FACTS_LISTING_CACHED, record->listing, number);
    else if (record->state == KNOWLEDGE_STATE_GONE && live)
        put(pass, FACTS_LISTING_REMOVALS, record->listing, number);
}

static void put_record(const struct pass *pass, const struct record *record, size_t number)
{
    switch ((enum knowledge_kind)record->kind) {
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
        put(pass, FACTS_NOTICE_RECORDS, record->subject, number);
        break;
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
        put(pass, FACTS_ORDER_RECORDS, record->subject, number);
        break;
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_PARTY:
        put(pass, FACTS_MERCHANT_PARTIES, record->merchant, number);
        break;
    case KNOWLEDGE_POLICY:
        put(pass, FACTS_PLATFORM_POLICIES, record->platform, number);
        break;
    case KNOWLEDGE_RESTORE:
    case KNOWLEDGE_TAKEDOWN:
        put(pass, FACTS_LISTING_REMOVALS, record->listing, number);
        break;
    case KNOWLEDGE_SIGHTING:
        put_sighting(pass, record, number);
        break;
    case KNOWLEDGE_MERCHANT_LINK:
        put(pass, FACTS_MERCHANT_LINKS, record->merchant, number);
        if (record->other != record->merchant)
            put(pass, FACTS_MERCHANT_LINKS, record->other, number);
        break;
    case KNOWLEDGE_STRIKE:
        if (record->state == KNOWLEDGE_STATE_ISSUED)
            put(pass, FACTS_MERCHANT_STRIKES, record->merchant, number);
        break;
    case KNOWLEDGE_ACCOUNT:
        put(pass, FACTS_MERCHANT_ACCOUNT, record->merchant, number);
        put(pass, FACTS_MERCHANT_GIVEN, record->other, number);
        break;
    case KNOWLEDGE_LISTING:
        if (record->listing <= pass->facts->noticed)
            put(pass, FACTS_LISTING_REGISTERED, record->listing, number);
        break;
    case KNOWLEDGE_OTHER:
    case KNOWLEDGE_CHANNEL:
    case KNOWLEDGE_COVERAGE:
    case KNOWLEDGE_SUPPORT:
    case KNOWLEDGE_KINDS_COUNT:
        break;
    }
}

/* Where listings and merchants meet notices. */
static void put_notices(const struct pass *pass)
{
    const struct facts *facts = pass->facts;
    if (pass->end != FACTS_INDEXES_COUNT)
        return;
    for (size_t i = 0; i < facts->items_count; i++) {
        uint32_t listing = facts->items[i].listing;
        put(pass, FACTS_LISTING_ITEMS, listing, i);
        put(pass, FACTS_MERCHANT_ITEMS, facts->merchant_of[listing], i);
    }
    for (size_t i = 0; i < facts->unmet_count; i += 2) {
        uint32_t listing = facts->unmet[i + 1];
        put(pass, FACTS_LISTING_UNMET, listing, facts->unmet[i]);
        put(pass, FACTS_MERCHANT_UNMET, facts->merchant_of[listing], facts->unmet[i]);
    }
    for (uint32_t listing = 1; listing <= facts->noticed; listing++)
        put(pass, FACTS_MERCHANT_LISTINGS, facts->merchant_of[listing], listing);
}

static size_t owners_of(const struct facts *facts, enum facts_index which)
{
    switch (which) {
    case FACTS_NOTICE_RECORDS:
        return facts->notices_named.count;
    case FACTS_PLATFORM_POLICIES:
        return facts->platforms.count;
    case FACTS_LISTING_ACTIVE:
    case FACTS_LISTING_CACHED:
    case FACTS_LISTING_REMOVALS:
        return facts->listings.count;
    case FACTS_LISTING_ITEMS:
    case FACTS_LISTING_UNMET:
    case FACTS_LISTING_REGISTERED:
        return facts->noticed;
    case FACTS_MERCHANT_LISTINGS:
    case FACTS_MERCHANT_ITEMS:
    case FACTS_MERCHANT_UNMET:
    case FACTS_MERCHANT_LINKS:
    case FACTS_MERCHANT_PARTIES:
    case FACTS_MERCHANT_STRIKES:
    case FACTS_MERCHANT_ACCOUNT:
    case FACTS_MERCHANT_GIVEN:
        return facts->merchants.count;
    case FACTS_ORDER_RECORDS:
        return facts->orders.count;
    case FACTS_INDEXES_COUNT:
        break;
    }
    assert(false);
    return 0;
}

static int fill_indexes(struct facts *facts, enum facts_index first, enum facts_index end)
{
    struct pass pass = {.facts = facts, .first = first, .end = end};
    int result = 0;
    for (unsigned i = first; i < end && result == 0; i++)
        result = index_open(&facts->index[i], owners_of(facts, (enum facts_index)i) + 1);
    for (unsigned turn = 0; turn < 2 && result == 0; turn++) {
        pass.second = turn == 1;
        for (unsigned i = first; i < end && pass.second && result == 0; i++)
            result = index_ready(&facts->index[i]);
        if (result < 0)
            break;
        for (size_t i = 0; i < facts->records.count; i++)
            put_record(&pass, &facts->records.at[i], i);
        put_notices(&pass);
    }
    return result;
}

int facts_build(struct facts *facts)
{
    int result = records_settle(&facts->records);
    if (result < 0)
        return result;
    facts->scoped = is_scoped(&facts->records);
    result = make_things(facts);
    if (result == 0)
        result = fill_channels(facts);
    if (result == 0)
        result = fill_indexes(facts, FACTS_NOTICE_RECORDS, FACTS_LISTING_ACTIVE);
    if (result == 0)
        result = notices_build(facts);
    if (result == 0)
        result = make_listings(facts);
    if (result == 0)
        result = fill_tables(facts);
    if (result == 0)
        result = fill_indexes(facts, FACTS_LISTING_ACTIVE, FACTS_INDEXES_COUNT);
    if (result == 0)
        result = facts_list(facts);
    return result;
}

void facts_close(struct facts *facts)
{
    things_close(&facts->platforms);
    things_close(&facts->listings);
    things_close(&facts->merchants);
    things_close(&facts->notices_named);
    things_close(&facts->orders);
    things_close(&facts->strikes);
    things_close(&facts->channels);
    for (size_t i = 0; i < FACTS_INDEXES_COUNT; i++)
        index_close(&facts->index[i]);
    records_close(&facts->records);
    free(facts->notices);
    free(facts->items);
    free(facts->basis);
    free(facts->unmet);
    free(facts->merchant_of);
    free(facts->first_listing);
    free(facts->listing_unc_ms);
    free(facts->designated);
    free(facts->revoked);
    free(facts->coverage);
    free(facts->acts);
    free(facts->entered);
    free(facts->parties);
    *facts = (struct facts){0};
}
