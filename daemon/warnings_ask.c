/*
 * One question: what concerns the listing or merchant is read again where it stands, made a set,
 * and the set is asked for its roads.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/knowledge/roads.h"
#include "daemon/knowledge/tell.h"
#include "daemon/knowledge/vector.h"
#include "daemon/warnings_core.h"

/* While nothing about it is recorded, it is not asked about more often: only time, or what came
   with another date, can have changed the answer. The second is for a merchant that was not warned
   of: it bounds what the sightings of all its listings cost. */
#define ASKED_NS          INT64_C(60000000000)
#define ASKED_MERCHANT_NS INT64_C(1000000000)

/* So many beginnings are followed back from the road that is open to the one that was warned of. */
#define STEPS_MAX 64u

/* What the set says of a road. */
struct answer {
    bool open, begun; /* begun: surely before what came */
    struct warning warning;
    char shown[KNOWLEDGE_REASON_BYTES]; /* the warning's */
};

/* A question under way. */
struct question {
    struct warnings *warnings;
    const struct warnings_record *record;
    enum warning_by by;
    bool waited;           /* for warnings_live */
    struct answer listing; /* for an act for no listing: of that road which began first */
    struct answer strikes;
    struct warning *resting; /* whose records are being added */
};

/* The same road at an earlier instant. */
struct past {
    bool by_strikes, open;
    int64_t since_ns; /* of that which began first */
};

static const struct knowledge_text none = {NULL, 0};

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
        (void)add_seq(question->resting, seqs[i]);
    return 0;
}

/* Whether what came is an act for a merchant as a whole. */
static bool is_of_no_listing(const struct question *question)
{
    const struct knowledge_event *event = question->record->event;
    return event->kind == KNOWLEDGE_SUPPORT && event->listing.at == NULL;
}

static int take_road(void *context, const struct knowledge_road *road)
{
    struct question *question = context;
    struct warnings *warnings = question->warnings;
    const struct knowledge_event *event = question->record->event;
    struct answer *answer = road->by_strikes ? &question->strikes : &question->listing;
    answer->open = true;
    if (!road->begun || (answer->begun && answer->warning.since_ns <= road->since_ns))
        return 0;
    answer->begun = true;
    memcpy(answer->shown, road->shown, sizeof answer->shown);
    answer->warning = (struct warning){
        .platform = event->platform,
        .listing = road->by_strikes ? event->listing : road->listing,
        /* Who was named, though it is one with another that was registered. */
        .merchant = event->merchant.at != NULL ? event->merchant : road->merchant,
        .about_merchant = road->by_strikes || is_of_no_listing(question),
        .by_strikes = road->by_strikes,
        .shown = {answer->shown, strlen(answer->shown)},
        .since_ns = road->since_ns,
        .by = question->by,
        .act = event->word,
        .on = question->record->place.seq,
    };
    question->resting = &answer->warning;
    for (size_t i = 0; i < road->ids_count; i++) {
        if (road->notices)
            (void)knowledge_notice_ids(warnings->set, road->ids[i], add_id, question);
        else
            (void)add_id(question, road->ids[i]);
    }
    return 0;
}

static int take_past(void *context, const struct knowledge_road *road)
{
    struct past *past = context;
    if (road->by_strikes != past->by_strikes || (past->open && past->since_ns <= road->since_ns))
        return 0;
    past->open = true;
    past->since_ns = road->since_ns;
    return 0;
}

/* Whether an open road is not that which was warned of already. The set is asked for the instant
   before the road began, from there for the one before that, and so on back to the warning: only if
   it was shut at one of them is the period another. 1, 0 or -ENOMEM. */
static int is_new(const struct question *question, const struct knowledge_roads_question *asked,
                  const struct warning *warning)
{
    const struct warnings *warnings = question->warnings;
    const int64_t key = warning_key(warning);
    int64_t since_ns = warning->since_ns;
    for (unsigned i = 0; i < STEPS_MAX; i++) {
        enum warnings_period period = warnings_period(warnings, key, since_ns);
        if (period != WARNINGS_PERIOD_LATER)
            return period == WARNINGS_PERIOD_NEW;
        struct knowledge_roads_question before = *asked;
        struct past past = {.by_strikes = warning->by_strikes};
        before.at_ns = before.until_ns = since_ns - 1;
        before.unc_ms = 0;
        int result = knowledge_roads(warnings->set, &before, take_past, &past);
        if (result < 0)
            return result;
        if (!past.open || past.since_ns >= since_ns)
            return 1;
        since_ns = past.since_ns;
    }
    return 1;
}

/* Gives the warning, if one is due; key: its, whether the road is open or not. */
static int use_answer(const struct question *question, const struct knowledge_roads_question *asked,
                      const struct answer *answer, int64_t key)
{
    struct warnings *warnings = question->warnings;
    if (!answer->open)
        warnings_shut(warnings, key, asked->until_ns);
    if (!answer->begun)
        return 0;
    int result = is_new(question, asked, &answer->warning);
    return result <= 0 ? result : warnings_give(warnings, &answer->warning);
}

/* What names the warning of a road, were it given now. */
static int64_t key_of(const struct question *question, bool by_strikes,
                      struct knowledge_text merchant)
{
    const struct knowledge_event *event = question->record->event;
    const struct warning warning = {.platform = event->platform,
                                    .listing = event->listing,
                                    .merchant = merchant,
                                    .about_merchant = by_strikes || is_of_no_listing(question),
                                    .by_strikes = by_strikes,
                                    .by = question->by};
    return warning_key(&warning);
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
        question->listing.open = question->listing.begun = false;
        question->strikes.open = question->strikes.begun = false;
        result = knowledge_roads(warnings->set, &asked, take_road, question);
        if (result == 0 && (merchant == 0 || asked.all_listings))
            result = use_answer(question, &asked, &question->listing,
                                key_of(question, false, asked.merchant));
        if (result == 0 && merchant != 0)
            result = use_answer(question, &asked, &question->strikes,
                                key_of(question, true, asked.merchant));
    }
    warnings->set = knowledge_close(warnings->set);
    return result;
}

/* Whether it was asked about less than that ago, and nothing was recorded of it since. Notes that
   it is. Of sightings there are many; an act is always asked about, and so is what waited. */
static bool asked_just_now(const struct question *question, int64_t key, int64_t within_ns)
{
    if (question->by != WARNING_BY_SIGHTING || question->waited)
        return false;
    const struct warnings_record *record = question->record;
    struct ties_thing *thing = ties_find(question->warnings->ties, key);
    uint64_t changed = thing->changed;
    if (question->warnings->all_changed > changed)
        changed = question->warnings->all_changed;
    int64_t past_ns = record->wall_ns - thing->asked_ns;
    if (thing->asked > changed && past_ns >= 0 && past_ns < within_ns)
        return true;
    thing->asked = record->place.seq + 1;
    thing->asked_ns = record->wall_ns;
    return false;
}

/* For warnings_live: of what came with that date, or an earlier one, or before, this is asked about
   instead. */
static int note_waiting(struct warnings *warnings, struct ties_thing *thing,
                        const struct warnings_waiting *now)
{
    for (uint32_t i = thing->waiting; i != 0; i = warnings->waiting[i - 1].next) {
        struct warnings_waiting *there = &warnings->waiting[i - 1];
        if (there->platform != now->platform || there->by != now->by ||
            there->by_date != now->by_date)
            continue;
        if (now->by_date && now->at_ns < there->at_ns)
            return 0;
        uint32_t next = there->next;
        *there = *now;
        there->next = next;
        return 0;
    }
    struct warnings_waiting *waiting = vector_room(warnings->waiting, &warnings->waiting_room,
                                                   warnings->waiting_count, 1, sizeof *waiting);
    if (waiting == NULL)
        return -ENOMEM;
    warnings->waiting = waiting;
    waiting[warnings->waiting_count] = *now;
    waiting[warnings->waiting_count++].next = thing->waiting;
    thing->waiting = (uint32_t)warnings->waiting_count;
    return 0;
}

/* The last by date may have been looked at before the last that came. */
static int wait_for_live(const struct question *question, struct ties_thing *thing,
                         bool of_merchant)
{
    const struct knowledge_event *event = question->record->event;
    struct warnings_waiting now = {.place = question->record->place,
                                   .at_ns = event->at_ns,
                                   .platform = warnings_platform(event->platform),
                                   .by = question->by,
                                   .by_date = true,
                                   .of_merchant = of_merchant};
    int result = note_waiting(question->warnings, thing, &now);
    now.by_date = false;
    return result < 0 ? result : note_waiting(question->warnings, thing, &now);
}

static int ask_listing(struct question *question)
{
    const struct knowledge_event *event = question->record->event;
    struct warnings *warnings = question->warnings;
    int64_t key = warnings_listing_key(event->listing);
    struct ties_thing *thing = ties_find(warnings->ties, key);
    if (thing == NULL || !thing->noticed)
        return 0;
    bool given = warnings_were_given(warnings, key_of(question, false, none));
    if (!warnings->live) {
        int result = wait_for_live(question, thing, false);
        if (result < 0 || !given || asked_just_now(question, key, INT64_MAX))
            return result;
        return ask(question, 0);
    }
    return given && asked_just_now(question, key, ASKED_NS) ? 0 : ask(question, 0);
}

/* The merchant that is named, or else that the listing was registered for; 0: none is known. */
static int64_t merchant_key(const struct question *question)
{
    const struct knowledge_event *event = question->record->event;
    const struct ties *ties = question->warnings->ties;
    if (event->merchant.at != NULL)
        return index_key(INDEX_MERCHANT, none, event->merchant);
    const struct ties_thing *listing =
        event->listing.at == NULL ? NULL : ties_find(ties, warnings_listing_key(event->listing));
    const struct tie *tie =
        listing == NULL ? NULL
                        : ties_registration(ties, listing, warnings_platform(event->platform));
    return tie == NULL ? 0 : tie->merchant;
}

static int ask_merchant(struct question *question)
{
    struct warnings *warnings = question->warnings;
    int64_t key = merchant_key(question);
    struct ties_thing *thing = key == 0 ? NULL : ties_find(warnings->ties, key);
    if (thing == NULL || !thing->noticed)
        return 0;
    if (!warnings->live) {
        struct knowledge_text merchant = question->record->event->merchant;
        int result = wait_for_live(question, thing, true);
        bool given = merchant.at != NULL &&
                     (warnings_were_given(warnings, key_of(question, true, merchant)) ||
                      warnings_were_given(warnings, key_of(question, false, merchant)));
        if (result < 0 || !given || asked_just_now(question, key, INT64_MAX))
            return result;
        return ask(question, key);
    }
    if (asked_just_now(question, key, thing->was_open ? ASKED_NS : ASKED_MERCHANT_NS))
        return 0;
    int result = ask(question, key);
    if (question->by == WARNING_BY_SIGHTING)
        ties_find(warnings->ties, key)->was_open = question->strikes.begun;
    return result;
}

int warnings_ask(struct warnings *warnings, const struct warnings_record *record,
                 enum warnings_whose whose)
{
    const struct knowledge_event *event = record->event;
    struct question question = {
        .warnings = warnings, .record = record, .waited = whose != WARNINGS_BOTH};
    bool support = event->kind == KNOWLEDGE_SUPPORT && knowledge_is_affirmative(event->word);
    bool seen =
        event->kind == KNOWLEDGE_SIGHTING && event->state == KNOWLEDGE_STATE_ACTIVE && event->live;
    if (record->ahead || event->platform.at == NULL || (!support && !seen))
        return 0;
    question.by = support ? WARNING_BY_SUPPORT : WARNING_BY_SIGHTING;
    int result =
        whose == WARNINGS_MERCHANT || event->listing.at == NULL ? 0 : ask_listing(&question);
    return result != 0 || whose == WARNINGS_LISTING ? result : ask_merchant(&question);
}
