/*
 * Which records are kept at hand, and under which things: those that the roads rest on, but not the
 * support and orders, which open none.
 */
#include <errno.h>

#include "daemon/warnings_core.h"

/* A record being tied. */
struct tying {
    struct warnings *warnings;
    const struct warnings_record *record;
    struct tie tie;
    bool keeps;   /* what it is tied to makes no room */
    bool only_id; /* it is tied to its id alone, if that is a key */
};

static const struct knowledge_text none = {NULL, 0};

static int put_key(void *context, int64_t key)
{
    const struct tying *tying = context;
    struct ties *ties = tying->warnings->ties;
    struct ties_thing *thing;
    if (tying->only_id && key != index_key(INDEX_ID, none, tying->record->event->id))
        return 0;
    int result = ties_add(ties, key, &thing);
    if (result < 0 || thing == NULL)
        return result;
    if (tying->keeps)
        ties_keep(ties, thing);
    return ties_put(ties, key, &tying->tie);
}

static int put_all_keys(struct tying *tying)
{
    const struct index_origin origin = {tying->record->place.seq, tying->record->run};
    struct knowledge_event event = *tying->record->event;
    event.platform = none; /* see warnings_listing_key */
    tying->tie.platform = warnings_platform(tying->record->event->platform);
    return index_keys(&event, &origin, put_key, tying);
}

/* What is of a listing alone stands under its id, too: another body of that contradicts it. */
static int put_id(struct tying *tying)
{
    uint64_t seq;
    if (index_own_id(tying->record->event->id, &seq) == 0 && seq == tying->record->place.seq)
        return 0; /* the daemon's own, which nobody contradicts */
    tying->tie.role = TIE_RECORD;
    tying->only_id = true;
    return put_all_keys(tying);
}

static int put(struct tying *tying, struct knowledge_text platform, const char *name, size_t len)
{
    struct knowledge_text text = {name, len};
    return put_key(tying, index_key(INDEX_GLOBAL, platform, text));
}

/* From now on its roads are asked about. 0 or -ENOMEM. */
static int mark(struct tying *tying, int64_t key)
{
    struct ties_thing *thing;
    int result = ties_add(tying->warnings->ties, key, &thing);
    if (result < 0 || thing == NULL)
        return result;
    ties_keep(tying->warnings->ties, thing);
    tying->warnings->noticed += thing->noticed ? 0 : 1;
    thing->noticed = true;
    thing->changed = tying->record->place.seq + 1;
    return 0;
}

/* What may move roads of things that the record does not name. */
static int put_for_all(struct tying *tying)
{
    tying->warnings->all_changed = tying->record->place.seq + 1;
    return put_all_keys(tying);
}

static int mark_merchant(struct tying *tying, struct knowledge_text merchant)
{
    return merchant.at == NULL ? 0 : mark(tying, index_key(INDEX_MERCHANT, none, merchant));
}

/* What tells of two merchants. */
static int put_pair(struct tying *tying)
{
    const struct knowledge_event *event = tying->record->event;
    int result = put_for_all(tying);
    if (result == 0)
        result = mark_merchant(tying, event->merchant);
    return result < 0 ? result : mark_merchant(tying, event->other);
}

/* A noticed listing's registration stands with its merchant, too. */
static int put_registration(struct tying *tying, const struct tie *tie)
{
    struct tie copy = *tie;
    copy.role = TIE_RECORD;
    int result = ties_put(tying->warnings->ties, tie->merchant, &copy);
    return result < 0 ? result : mark(tying, tie->merchant);
}

/* Something about a notice that names the listing. */
static int notice_listing(struct tying *tying, int64_t key)
{
    struct ties *ties = tying->warnings->ties;
    const struct ties_thing *thing = ties_find(ties, key);
    bool known = thing != NULL && thing->noticed;
    int result = mark(tying, key);
    thing = ties_find(ties, key);
    for (uint32_t i = thing == NULL ? 0 : thing->first, next; i != 0 && result == 0; i = next) {
        /* What is put may move the ties, and the things. */
        struct tie tie = *ties_at(ties, i);
        next = tie.next;
        if (tie.role != TIE_LISTING)
            continue;
        result = known ? mark(tying, tie.merchant) : put_registration(tying, &tie);
    }
    return result;
}

static int tie_notice(struct tying *tying)
{
    const struct knowledge_event *event = tying->record->event;
    int result = put_all_keys(tying);
    if (event->listings.count == 0)
        tying->warnings->all_changed = tying->record->place.seq + 1;
    for (size_t i = 0; i < event->listings.count && result == 0; i++)
        result = notice_listing(tying, warnings_listing_key(event->listings.at[i]));
    return result;
}

static int tie_listing(struct tying *tying)
{
    const struct knowledge_event *event = tying->record->event;
    struct ties *ties = tying->warnings->ties;
    int64_t key = warnings_listing_key(event->listing);
    tying->tie.role = TIE_LISTING;
    tying->tie.platform = warnings_platform(event->platform);
    tying->tie.merchant = index_key(INDEX_MERCHANT, none, event->merchant);
    int result = ties_put_listing(ties, key, &tying->tie);
    const struct ties_thing *thing = ties_find(ties, key);
    if (result > 0)
        result = thing == NULL || !thing->noticed ? 0 : put_registration(tying, &tying->tie);
    return result < 0 ? result : put_id(tying);
}

static int tie_sighting(struct tying *tying)
{
    const struct knowledge_event *event = tying->record->event;
    int64_t key = warnings_listing_key(event->listing);
    if (!event->live)
        return 0;
    tying->tie.platform = warnings_platform(event->platform);
    tying->tie.role = tying->record->ahead                     ? TIE_HELD
                      : event->state == KNOWLEDGE_STATE_ACTIVE ? TIE_ACTIVE
                                                               : TIE_GONE;
    int result = ties_put_sighting(tying->warnings->ties, key, &tying->tie);
    return result < 0 ? result : put_id(tying);
}

/* A review may release what is held back. */
static int tie_review(struct tying *tying)
{
    struct knowledge_text subject = tying->record->event->subject;
    int64_t key = index_key(INDEX_ID, none, subject);
    const struct ties_thing *thing =
        subject.at == NULL ? NULL : ties_find(tying->warnings->ties, key);
    if (thing == NULL || !thing->held)
        return 0;
    tying->warnings->all_changed = tying->record->place.seq + 1;
    tying->keeps = true;
    return put_key(tying, key);
}

/* Whether what it is about makes no room for others: people write such events, and a road may rest
   on any of them. Others come in masses, and matter once something of these names the same. */
static bool keeps(enum knowledge_kind kind)
{
    return kind != KNOWLEDGE_LISTING && kind != KNOWLEDGE_SIGHTING && kind != KNOWLEDGE_RESTORE &&
           kind != KNOWLEDGE_TAKEDOWN && kind != KNOWLEDGE_ACCOUNT && kind != KNOWLEDGE_OTHER;
}

static int tie_by_kind(struct tying *tying)
{
    const struct knowledge_event *event = tying->record->event;
    int result;
    tying->keeps = keeps(event->kind);
    switch (event->kind) {
    case KNOWLEDGE_POLICY:
    case KNOWLEDGE_CHANNEL:
        tying->warnings->all_changed = tying->record->place.seq + 1;
        return put(tying, event->platform, "", 0);
    case KNOWLEDGE_COVERAGE:
        if (event->state != KNOWLEDGE_STATE_COUNTER)
            return 0;
        tying->warnings->all_changed = tying->record->place.seq + 1;
        return put(tying, event->platform, "coverage", 8);
    case KNOWLEDGE_LISTING:
        return tie_listing(tying);
    case KNOWLEDGE_SIGHTING:
        return tie_sighting(tying);
    case KNOWLEDGE_RESTORE:
        tying->tie.role = TIE_RESTORE;
        return put_all_keys(tying);
    case KNOWLEDGE_TAKEDOWN:
        tying->tie.role = TIE_REMOVAL;
        return put_all_keys(tying);
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
        return tie_notice(tying);
    case KNOWLEDGE_STRIKE:
        result = put_for_all(tying);
        return result < 0 ? result : mark_merchant(tying, event->merchant);
    case KNOWLEDGE_ACCOUNT:
        if (event->other.at == NULL)
            return put_for_all(tying);
        tying->keeps = true; /* strikes may go with it */
        return put_pair(tying);
    case KNOWLEDGE_MERCHANT_LINK:
        return put_pair(tying);
    case KNOWLEDGE_OTHER:
        return tie_review(tying);
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_PARTY:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
    case KNOWLEDGE_SUPPORT:
    case KNOWLEDGE_KINDS_COUNT:
        break;
    }
    return 0;
}

int warnings_tie(struct warnings *warnings, const struct warnings_record *record)
{
    const struct knowledge_event *event = record->event;
    struct tying tying = {.warnings = warnings,
                          .record = record,
                          .tie = {.place = record->place, .at_ns = event->at_ns}};
    if (record->ahead && event->kind != KNOWLEDGE_OTHER && event->kind != KNOWLEDGE_SUPPORT) {
        struct ties_thing *thing;
        int result = ties_add(warnings->ties, index_key(INDEX_ID, none, event->id), &thing);
        if (result < 0)
            return result;
        if (thing != NULL)
            thing->held = true;
    }
    return tie_by_kind(&tying);
}
