/*
 * Which events concern a merchant, or a listing.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "daemon/knowledge/came.h"
#include "daemon/knowledge/notices.h"
#include "daemon/knowledge/set.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"

/* A notice, or a strike, that is told of; and from whom all that is told of it came. */
struct told {
    bool is;
    struct came came;
};

/* What is marked, by thing. */
struct concern {
    const struct facts *facts;
    const struct cluster *merchants; /* NULL: not asked for */
    const struct cluster *reached;   /* whose accounts passed to or from these, if any did */
    uint32_t listing;                /* THINGS_NONE: likewise */
    bool *listings, *orders, *platforms;
    struct told *notices, *strikes;
    /* Whose accounts something came from, and where these went; and the merchants, and whose
       accounts may have come to them. */
    struct cluster from, to;
    int64_t since_ns; /* what came was known from then on */
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

/* What is the merchant's own in part is told as its own. */
static void mark(struct concern *concern, struct told *told, struct came came, struct moment known)
{
    if (!told->is || came.from == THINGS_NONE)
        told->came = came;
    told->is = true;
    if (came.from == THINGS_NONE)
        return;
    cluster_add(&concern->from, came.from);
    if (moment_low(known) < concern->since_ns)
        concern->since_ns = moment_low(known);
}

/* Marks the notice, known since then of the listing, if it concerns what is asked for. */
static void mark_notice(struct concern *concern, uint32_t notice, uint32_t listing,
                        struct moment known)
{
    const struct record *sent =
        facts_record(concern->facts, concern->facts->notices[notice].record);
    const struct strikes_question ever = {sent->platform, cluster_ever};
    struct came came = {THINGS_NONE, true};
    if (listing == concern->listing ||
        (concern->merchants != NULL && came_notice(concern->facts, &ever, listing, known,
                                                   concern->merchants, concern->reached, &came)))
        mark(concern, &concern->notices[sent->subject], came, known);
}

/* The listings that are asked for, and the notices that name one of them, or came. */
static void mark_listings(struct concern *concern)
{
    const struct facts *facts = concern->facts;
    for (uint32_t listing = 1; listing <= facts->listings.count; listing++)
        concern->listings[listing] =
            listing == concern->listing || is_merchant(concern, facts->merchant_of[listing]);
    for (size_t i = 0; i < facts->items_count; i++)
        mark_notice(concern, facts->items[i].notice, facts->items[i].listing,
                    notices_moment(&facts->items[i]));
    for (size_t i = 0; i < facts->unmet_count; i += 2)
        mark_notice(concern, facts->unmet[i], facts->unmet[i + 1],
                    record_moment(facts_record(facts, facts->notices[facts->unmet[i]].record)));
}

/* The strikes that the platform issued against others, and that came with their accounts. */
static void mark_strikes(struct concern *concern)
{
    const struct facts *facts = concern->facts;
    for (size_t i = 0; i < concern->reached->count && facts->transfers; i++) {
        struct index_slice strikes =
            facts_of(facts, FACTS_MERCHANT_STRIKES, concern->reached->members[i]);
        for (size_t j = 0; j < strikes.count; j++) {
            const struct record *issued = facts_record(facts, strikes.at[j]);
            const struct strikes_question ever = {issued->platform, cluster_ever};
            struct came came;
            if (came_strike(facts, &ever, issued, concern->merchants, &came))
                mark(concern, &concern->strikes[issued->subject], came, record_moment(issued));
        }
    }
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
static void mark_reached(struct concern *concern)
{
    const struct facts *facts = concern->facts;
    for (size_t i = 0; i < facts->records.count; i++) {
        const struct record *record = facts_record(facts, (uint32_t)i);
        enum knowledge_kind kind = (enum knowledge_kind)record->kind;
        bool notice = is_notice(kind) && concern->notices[record->subject].is;
        if (!notice && !names_it(concern, record))
            continue;
        concern->platforms[record->platform] = true;
        if (is_order(kind))
            concern->orders[record->subject] = true;
        if (kind == KNOWLEDGE_STRIKE)
            mark(concern, &concern->strikes[record->subject], (struct came){THINGS_NONE, true},
                 record_moment(record));
    }
    concern->platforms[THINGS_NONE] = false;
}

/* A notice.draft or notice.clarify, which no rule reads: its subject is a name, no thing. */
static const struct told *named_notice(const struct concern *concern, uint32_t name)
{
    return &concern->notices[name == 0 ? THINGS_NONE
                                       : things_find(&concern->facts->notices_named, 0, name)];
}

/* A transfer on a way by which something came, and that is not surely of before it. */
static bool is_passage(const struct concern *concern, const struct record *record)
{
    return concern->from.count > 0 && record->kind == KNOWLEDGE_ACCOUNT &&
           record->state == KNOWLEDGE_STATE_TRANSFERRED &&
           moment_high(record_moment(record)) >= concern->since_ns &&
           cluster_has(&concern->from, record->merchant) &&
           cluster_has(&concern->to, record->other);
}

/* Whether it is told of, and from whom it came. */
static bool concerns(const struct concern *concern, const struct record *record,
                     struct came *ret_came)
{
    enum knowledge_kind kind = (enum knowledge_kind)record->kind;
    const struct told *told = is_notice(kind)            ? &concern->notices[record->subject]
                              : kind == KNOWLEDGE_STRIKE ? &concern->strikes[record->subject]
                              : kind == KNOWLEDGE_OTHER  ? named_notice(concern, record->subject)
                                                         : NULL;
    *ret_came = (struct came){THINGS_NONE, true};
    if (names_it(concern, record) || is_passage(concern, record))
        return true;
    if (told != NULL) {
        *ret_came = told->came;
        return told->is;
    }
    if (is_order(kind))
        return kind != KNOWLEDGE_ORDER_PARTY && kind != KNOWLEDGE_ORDER_DISMISSED &&
               concern->orders[record->subject];
    return (kind == KNOWLEDGE_CHANNEL || kind == KNOWLEDGE_COVERAGE || kind == KNOWLEDGE_POLICY) &&
           concern->platforms[record->platform];
}

static int walk(struct concern *concern, knowledge_take_concern *take, void *context)
{
    const struct facts *facts = concern->facts;
    int result = 0;
    mark_listings(concern);
    if (concern->merchants != NULL)
        mark_strikes(concern);
    mark_reached(concern);
    cluster_spread(&concern->from, facts, CLUSTER_HEIRS);
    cluster_spread(&concern->to, facts, CLUSTER_GIVERS);
    for (size_t i = 0; i < facts->records.count && result == 0; i++) {
        const struct record *record = facts_record(facts, (uint32_t)i);
        struct came came;
        if (!concerns(concern, record, &came))
            continue;
        const struct knowledge_came told = {
            names_text(&facts->records.names, things_name(&facts->merchants, came.from)),
            came.sure};
        result = take(context, record_id(&facts->records, record), &told);
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
                       struct knowledge_text listing, knowledge_take_concern *take, void *context)
{
    const struct facts *facts = &knowledge->facts;
    const struct names *names = &facts->records.names;
    struct concern concern = {.facts = facts, .since_ns = INT64_MAX};
    int result = -ENOMEM;
    assert(knowledge->built);
    uint32_t merchant = things_find(&facts->merchants, 0, names_find(names, filter->merchant));
    if (merchant != THINGS_NONE) {
        cluster_find(&knowledge->evaluator.same, facts, merchant, cluster_ever, false);
        concern.merchants = &knowledge->evaluator.same;
        concern.reached = &knowledge->evaluator.strikes.reached;
        if (facts->transfers)
            cluster_reach(&knowledge->evaluator.strikes.reached, facts, concern.merchants);
    }
    concern.listing =
        find_listing(facts, names_find(names, listing), names_find(names, filter->platform));
    if (concern.merchants == NULL && concern.listing == THINGS_NONE)
        return 0;
    concern.listings = vector_zeroed(facts->listings.count + 1, sizeof(bool));
    concern.notices = vector_zeroed(facts->notices_named.count + 1, sizeof *concern.notices);
    concern.orders = vector_zeroed(facts->orders.count + 1, sizeof(bool));
    concern.strikes = vector_zeroed(facts->strikes.count + 1, sizeof *concern.strikes);
    concern.platforms = vector_zeroed(facts->platforms.count + 1, sizeof(bool));
    if (concern.listings != NULL && concern.notices != NULL && concern.orders != NULL &&
        concern.strikes != NULL && concern.platforms != NULL &&
        cluster_open(&concern.from, facts) == 0 && cluster_open(&concern.to, facts) == 0) {
        cluster_begin(&concern.from, facts, NULL);
        cluster_begin(&concern.to, facts, concern.merchants);
        result = walk(&concern, take, context);
    }
    cluster_close(&concern.from);
    cluster_close(&concern.to);
    free(concern.listings);
    free(concern.notices);
    free(concern.orders);
    free(concern.strikes);
    free(concern.platforms);
    return result;
}
