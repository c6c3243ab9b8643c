/*
 * One question: what concerns the listing or merchant is read again where it stands, made a set,
 * and the set is asked for its roads.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/roads.h"
#include "daemon/knowledge/tell.h"
#include "daemon/warnings_core.h"

/* While nothing about it is recorded, it is not asked about more often: only time can have changed
   the answer. */
#define ASKED_NS INT64_C(60000000000)

/* A question under way. */
struct question {
    struct warnings *warnings;
    const struct warnings_record *record;
    enum warning_by by;
    struct warning warning; /* of the road under way, */
    struct warning chosen;  /* and of the one that began first, for an act for no listing */
    bool has_chosen;
};

static const struct knowledge_text none = {NULL, 0};

/* Whether an event of this kind may end a road, or begin one; others are not waited for. */
static bool moves_roads(const struct knowledge_event *event)
{
    switch (event->kind) {
    case KNOWLEDGE_ACCOUNT:
    case KNOWLEDGE_COUNTER_DECISION:
    case KNOWLEDGE_COUNTER_FILED:
    case KNOWLEDGE_NOTICE_ACK:
    case KNOWLEDGE_NOTICE_CORRECT:
    case KNOWLEDGE_NOTICE_DECISION:
    case KNOWLEDGE_NOTICE_RECEIVED:
    case KNOWLEDGE_NOTICE_SENT:
    case KNOWLEDGE_NOTICE_WITHDRAW:
    case KNOWLEDGE_RESTORE:
    case KNOWLEDGE_STRIKE:
    case KNOWLEDGE_TAKEDOWN:
        return true;
    case KNOWLEDGE_SIGHTING:
        return event->state == KNOWLEDGE_STATE_GONE;
    case KNOWLEDGE_OTHER:
    case KNOWLEDGE_CHANNEL:
    case KNOWLEDGE_COVERAGE:
    case KNOWLEDGE_LISTING:
    case KNOWLEDGE_MERCHANT_LINK:
    case KNOWLEDGE_ORDER:
    case KNOWLEDGE_ORDER_ACK:
    case KNOWLEDGE_ORDER_DISMISSED:
    case KNOWLEDGE_ORDER_PARTY:
    case KNOWLEDGE_ORDER_SERVED:
    case KNOWLEDGE_ORDER_VACATED:
    case KNOWLEDGE_POLICY:
    case KNOWLEDGE_SUPPORT:
    case KNOWLEDGE_KINDS_COUNT:
        break;
    }
    return false;
}

int warnings_item(void *context, const struct evidence_item *item)
{
    struct warnings *warnings = context;
    if (moves_roads(item->event) && item->event->at_ns > warnings->latest_ns)
        warnings->latest_ns = item->event->at_ns;
    return knowledge_add(warnings->set, item->event);
}

int warnings_see(void *context, const struct evidence_item *item)
{
    struct warnings *warnings = context;
    return trail_see(warnings->trail, item);
}

int warnings_find(void *context, int64_t key, trail_take *take, void *take_context)
{
    const struct warnings *warnings = context;
    const struct ties_thing *thing = ties_find(warnings->ties, key);
    int result = 0;
    for (uint32_t i = thing == NULL ? 0 : thing->first; i != 0 && result == 0;) {
        const struct tie *tie = ties_at(warnings->ties, i);
        i = tie->next;
        result = take(take_context, &tie->place);
    }
    return result;
}

static int add_seq(struct warning *warning, uint64_t seq)
{
    size_t at = warning->rests_count;
    for (; at > 0 && warning->rests[at - 1] >= seq; at--)
        if (warning->rests[at - 1] == seq)
            return 0;
    if (warning->rests_count == WARNING_RESTS_MAX) {
        warning->more++;
        return 0;
    }
    memmove(warning->rests + at + 1, warning->rests + at,
            (warning->rests_count - at) * sizeof *warning->rests);
    warning->rests[at] = seq;
    warning->rests_count++;
    return 0;
}

/* All records of one event. */
static int add_id(void *context, struct knowledge_text id)
{
    struct question *question = context;
    uint64_t seqs[WARNING_RESTS_MAX];
    size_t count = knowledge_seqs(question->warnings->set, id, seqs, WARNING_RESTS_MAX);
    for (size_t i = 0; i < count && i < WARNING_RESTS_MAX; i++)
        (void)add_seq(&question->warning, seqs[i]);
    return 0;
}

static int take_road(void *context, const struct knowledge_road *road)
{
    struct question *question = context;
    struct warnings *warnings = question->warnings;
    const struct knowledge_event *event = question->record->event;
    bool no_listing = event->kind == KNOWLEDGE_SUPPORT && event->listing.at == NULL;
    question->warning = (struct warning){
        .platform = event->platform,
        .listing = road->by_strikes ? event->listing : road->listing,
        /* Who was named, though it is one with another that was registered. */
        .merchant = event->merchant.at != NULL ? event->merchant : road->merchant,
        .about_merchant = road->by_strikes || no_listing,
        .by_strikes = road->by_strikes,
        .shown = {road->shown, strlen(road->shown)},
        .since_ns = road->since_ns,
        .by = question->by,
        .act = event->word,
        .on = question->record->place.seq,
    };
    for (size_t i = 0; i < road->ids_count; i++) {
        if (road->notices)
            (void)knowledge_notice_ids(warnings->set, road->ids[i], add_id, question);
        else
            (void)add_id(question, road->ids[i]);
    }
    if (!no_listing || road->by_strikes)
        return warnings_give(warnings, &question->record->place, &question->warning);
    /* For the merchant as a whole one listing's road is told, that began first. */
    if (question->has_chosen && question->chosen.since_ns <= road->since_ns)
        return 0;
    question->chosen = question->warning;
    question->chosen.shown = (struct knowledge_text){"active_after_grace", 18};
    question->has_chosen = true;
    return 0;
}

/* Makes the set of what stands under the listing, the merchant (0: none), and the platform. */
static int make_set(struct question *question, int64_t merchant)
{
    static const struct knowledge_text whole = {"", 0}, coverage = {"coverage", 8};
    struct warnings *warnings = question->warnings;
    const struct knowledge_event *event = question->record->event;
    struct trail *trail = warnings->trail;
    /* The seed is of hash tables: where the loader put us is enough chance. */
    warnings->set = knowledge_open((uint64_t)(uintptr_t)warnings);
    if (warnings->set == NULL)
        return -ENOMEM;
    warnings->latest_ns = INT64_MIN;
    trail_begin(trail);
    evidence_begin(warnings->evidence);
    int result = trail_key(trail, index_key(INDEX_GLOBAL, event->platform, whole));
    if (result == 0 && merchant != 0)
        result = trail_key(trail, index_key(INDEX_GLOBAL, event->platform, coverage));
    if (result == 0 && merchant != 0)
        result = trail_key(trail, merchant);
    if (result == 0 && event->listing.at != NULL)
        result = trail_key(trail, warnings_listing_key(event->listing));
    if (result == 0)
        result = trail_walk(trail, warnings->evidence);
    if (result == 0)
        result = evidence_finish(warnings->evidence);
    return result < 0 ? result : knowledge_build(warnings->set);
}

static int ask(struct question *question, int64_t merchant)
{
    struct warnings *warnings = question->warnings;
    const struct knowledge_event *event = question->record->event;
    int result = make_set(question, merchant);
    if (result == 0) {
        struct knowledge_roads_question asked = {.platform = event->platform,
                                                 .listing = merchant == 0 ? event->listing : none,
                                                 .at_ns = event->at_ns,
                                                 .unc_ms = event->unc_ms,
                                                 .until_ns = event->at_ns};
        if (merchant != 0)
            asked.merchant =
                event->merchant.at != NULL
                    ? event->merchant
                    : knowledge_listing_merchant(warnings->set, event->platform, event->listing);
        asked.all_listings = merchant != 0 && event->listing.at == NULL;
        /* Just after what was recorded last: a removal of that instant has ended it. */
        if (warnings->latest_ns >= event->at_ns)
            asked.until_ns = warnings->latest_ns + 1;
        result = knowledge_roads(warnings->set, &asked, take_road, question);
    }
    if (result == 0 && question->has_chosen)
        result = warnings_give(warnings, &question->record->place, &question->chosen);
    warnings->set = knowledge_close(warnings->set);
    return result;
}

/* Whether it was asked about just now, and nothing was recorded of it since. Notes that it is. */
static bool asked_just_now(const struct question *question, int64_t key, bool settled)
{
    const struct warnings_record *record = question->record;
    struct ties_thing *thing = ties_find(question->warnings->ties, key);
    uint64_t changed = thing->changed;
    if (question->warnings->notices_changed > changed)
        changed = question->warnings->notices_changed;
    int64_t past_ns = record->wall_ns - thing->asked_ns;
    if (settled && thing->asked > changed && past_ns >= 0 && past_ns < ASKED_NS)
        return true;
    thing->asked = record->place.seq + 1;
    thing->asked_ns = record->wall_ns;
    return false;
}

/* Its key, were it given now. */
static int64_t key_of(const struct question *question, bool by_strikes,
                      struct knowledge_text merchant)
{
    const struct knowledge_event *event = question->record->event;
    const struct warning warning = {.platform = event->platform,
                                    .listing = event->listing,
                                    .merchant = merchant,
                                    .about_merchant = by_strikes,
                                    .by_strikes = by_strikes,
                                    .by = question->by};
    return warning_key(&warning);
}

static int ask_listing(struct question *question, bool anew)
{
    const struct knowledge_event *event = question->record->event;
    struct warnings *warnings = question->warnings;
    int64_t key = warnings_listing_key(event->listing);
    const struct ties_thing *thing = ties_find(warnings->ties, key);
    if (thing == NULL || !thing->noticed)
        return 0;
    bool given = warnings_were_given(warnings, key_of(question, false, none));
    return asked_just_now(question, key, given && !anew) ? 0 : ask(question, 0);
}

static int ask_merchant(struct question *question, bool anew)
{
    const struct knowledge_event *event = question->record->event;
    struct warnings *warnings = question->warnings;
    int64_t key = 0;
    if (event->merchant.at != NULL) {
        key = index_key(INDEX_MERCHANT, none, event->merchant);
    } else if (event->listing.at != NULL) {
        const struct ties_thing *listing =
            ties_find(warnings->ties, warnings_listing_key(event->listing));
        const struct tie *tie =
            listing == NULL
                ? NULL
                : ties_registration(warnings->ties, listing, warnings_platform(event->platform));
        key = tie == NULL ? 0 : tie->merchant;
    }
    const struct ties_thing *thing = key == 0 ? NULL : ties_find(warnings->ties, key);
    if (thing == NULL || !thing->noticed)
        return 0;
    /* An act is always asked about; of sightings there are many. */
    bool settled = question->by == WARNING_BY_SIGHTING && !anew;
    return asked_just_now(question, key, settled) ? 0 : ask(question, key);
}

int warnings_ask(struct warnings *warnings, const struct warnings_record *record, bool anew)
{
    const struct knowledge_event *event = record->event;
    struct question question = {.warnings = warnings, .record = record};
    bool support = event->kind == KNOWLEDGE_SUPPORT && knowledge_is_affirmative(event->word);
    bool seen =
        event->kind == KNOWLEDGE_SIGHTING && event->state == KNOWLEDGE_STATE_ACTIVE && event->live;
    if (record->ahead || event->platform.at == NULL || (!support && !seen))
        return 0;
    question.by = support ? WARNING_BY_SUPPORT : WARNING_BY_SIGHTING;
    int result = event->listing.at == NULL ? 0 : ask_listing(&question, anew);
    return result != 0 ? result : ask_merchant(&question, anew);
}
