/*
 * Random histories of few listings beside a set of everything that was recorded, which is asked for
 * its roads: shared by the tests that compare warnings with it.
 */
#ifndef TESTS_UNIT_WARNINGS_HISTORIES_H
#define TESTS_UNIT_WARNINGS_HISTORIES_H

#include <time.h>

#include "daemon/knowledge/roads.h"
#include "tests/unit/warnings_rig.h"

#define LISTINGS 5
#define NOTICES  4
#define EVENTS   90
#define DAY_NS   INT64_C(86400000000000)
#define UNC_MS   90000 /* uncertainties are below it */
#define UNC_NS   (UNC_MS * INT64_C(1000000))

/* What the test knows of an event that may move a road. */
struct moving {
    int64_t at_ns;
    int listing, notice, merchant; /* -1: none */
};

/* What the whole set says of the road under a key. */
struct road {
    char key[200];
    bool by_strikes, open, begun;
    int64_t since_ns;
    int64_t first_ns; /* when the first of those that are open begins, which may be later */
};

static char texts[EVENTS + 16][1024];
static size_t texts_count;
static struct moving moving[EVENTS];
static size_t moving_count;
static bool named[NOTICES][LISTINGS];
static uint64_t chance;
static char wanted[8][300];
static size_t wanted_count;
static enum warning_by by;

static inline int draw(int below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (int)(chance % (uint64_t)below);
}

static inline int merchant_of(int listing)
{
    return listing < 4 ? 1 : 2;
}

static inline void decode(struct event_decoder *decoder, const char *text,
                          struct knowledge_event *event)
{
    static char bytes[2048 + JSON_SLACK_BYTES];
    struct reject reject = {0};
    size_t len = strlen(text);
    assert_true(len < 2048);
    for (size_t i = 0; i < len; i++)
        bytes[i] = text[i] == '\'' ? '"' : text[i];
    if (event_decode(decoder, bytes, len, true, event, &reject) != REJECT_NONE)
        fail_msg("%s: %s", text, reject.detail);
}

static inline bool concerns(const struct moving *event, int listing)
{
    return event->listing == listing || (event->notice >= 0 && named[event->notice][listing]);
}

/* The date past which a road must still be open. */
static inline int64_t until(int listing, int merchant, int64_t at_ns)
{
    int64_t latest = INT64_MIN;
    for (size_t i = 0; i < moving_count; i++) {
        bool counts = merchant != 0 && moving[i].merchant == merchant;
        for (int l = 0; l < LISTINGS; l++) {
            bool noticed = false;
            for (int n = 0; n < NOTICES; n++)
                noticed = noticed || named[n][l];
            bool asked = l == listing || (merchant != 0 && merchant_of(l) == merchant && noticed);
            counts = counts || (asked && concerns(&moving[i], l));
        }
        if (counts && moving[i].at_ns > latest)
            latest = moving[i].at_ns;
    }
    return latest >= at_ns ? latest + 1 : at_ns;
}

/* Of several under one key, for an act for no listing, that which began first. */
static inline int take_road(void *context, const struct knowledge_road *road)
{
    struct road *kept = context;
    if (road->by_strikes != kept->by_strikes)
        return 0;
    if (!kept->open || road->since_ns < kept->first_ns)
        kept->first_ns = road->since_ns;
    kept->open = true;
    if (road->begun && (!kept->begun || road->since_ns < kept->since_ns)) {
        kept->begun = true;
        kept->since_ns = road->since_ns;
    }
    return 0;
}

/* Adds what is open and has begun, whether or not it was warned of before. */
static inline void note(struct knowledge *set, const struct knowledge_roads_question *asked,
                        struct road *road)
{
    assert_int_equal(knowledge_roads(set, asked, take_road, road), 0);
    if (road->begun)
        (void)snprintf(wanted[wanted_count++], sizeof wanted[0], "%s since %lld", road->key,
                       (long long)road->since_ns);
}

typedef void visit_road(struct knowledge *set, const struct knowledge_roads_question *asked,
                        struct road *road);

/* What the whole set says of one that came. */
static inline void ask_all(struct event_decoder *decoder, int listing, int merchant,
                           visit_road *visit)
{
    struct knowledge *set = knowledge_open(7);
    struct knowledge_event event;
    char listing_name[8], merchant_name[8];
    for (size_t i = 0; i < texts_count; i++) {
        decode(decoder, texts[i], &event);
        assert_int_equal(knowledge_add(set, &event), 0);
    }
    assert_int_equal(knowledge_build(set), 0);
    int whose = merchant != 0 ? merchant : merchant_of(listing);
    int listing_len = snprintf(listing_name, sizeof listing_name, "L%d", (listing + 1) % 10);
    int merchant_len = snprintf(merchant_name, sizeof merchant_name, "P/M%d", whose % 10);
    wanted_count = 0;
    struct knowledge_roads_question question = {
        .platform = {"P", 1}, .at_ns = event.at_ns, .unc_ms = event.unc_ms};
    struct road road = {.by_strikes = false}, strikes = {.by_strikes = true};
    if (merchant == 0) {
        question.listing = (struct knowledge_text){listing_name, (size_t)listing_len};
        question.until_ns = until(listing, 0, event.at_ns);
        (void)snprintf(road.key, sizeof road.key, "listing %s by %d", listing_name, by);
        visit(set, &question, &road);
        question.listing.at = NULL;
    }
    question.merchant = (struct knowledge_text){merchant_name, (size_t)merchant_len};
    question.all_listings = merchant != 0;
    question.until_ns = until(merchant != 0 ? -1 : listing, whose, event.at_ns);
    if (merchant != 0) {
        (void)snprintf(road.key, sizeof road.key, "merchant %s by %d", merchant_name, by);
        visit(set, &question, &road);
    }
    (void)snprintf(strikes.key, sizeof strikes.key, "strikes %s by %d", merchant_name, by);
    visit(set, &question, &strikes);
    set = knowledge_close(set);
}

/* A day between 2023-01-01 and 2023-02-10, mostly later than the one before. */
static inline int64_t day_of(int event)
{
    int day = draw(4) == 0 ? draw(40) : event * 40 / EVENTS;
    return INT64_C(1672531200000000000) + day * DAY_NS + draw(24) * (DAY_NS / 24);
}

static inline const char *time_of(int64_t at_ns)
{
    static char text[32];
    time_t seconds = (time_t)(at_ns / 1000000000);
    struct tm tm;
    assert_non_null(gmtime_r(&seconds, &tm));
    assert_true(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
    return text;
}

static inline void move(int64_t at_ns, int listing, int notice, int merchant)
{
    moving[moving_count++] = (struct moving){at_ns, listing, notice, merchant};
}

/* The members of a random event about a notice, behind its id and date; what: below 8. */
static inline void make_notice(char members[512], int64_t at_ns, int what)
{
    static const char *const outcomes[] = {"upheld", "upheld", "rejected"};
    int listing = draw(LISTINGS), notice = draw(NOTICES), other = draw(LISTINGS);
    move(at_ns, -1, notice, -1);
    if (what < 2) {
        named[notice][listing] = named[notice][other] = true;
        (void)snprintf(members, 512,
                       "'type':'notice.sent','notice':'N%d','channel':'%s','kind':'%s','has':["
                       "'location','right'],'listings':['L%d','L%d']",
                       notice, draw(8) == 0 ? "mail" : "portal",
                       draw(6) == 0 ? "copyright" : "counterfeit", listing + 1, other + 1);
    } else if (what < 5) {
        (void)snprintf(members, 512, "'type':'notice.received','notice':'N%d'", notice);
    } else if (what == 5) {
        named[notice][listing] = true;
        (void)snprintf(members, 512,
                       "'type':'notice.decision','notice':'N%d','outcome':'%s','listings':['L%d']",
                       notice, outcomes[draw(3)], listing + 1);
    } else if (what == 6) {
        (void)snprintf(members, 512, "'type':'notice.decision','notice':'N%d','outcome':'upheld'",
                       notice);
    } else {
        (void)snprintf(members, 512, "'type':'%s','notice':'N%d','reason':'resolved'",
                       draw(2) == 0 ? "counter.filed" : "notice.withdraw", notice);
    }
}

/* The same of any event. Returns whether it may ask for roads. */
static inline bool make_event(char members[512], int64_t at_ns, int *ret_listing, int *ret_merchant)
{
    int listing = draw(LISTINGS), size = 512, what = draw(20);
    *ret_listing = listing;
    *ret_merchant = 0;
    if (what < 8) {
        make_notice(members, at_ns, what);
        return false;
    }
    switch (what) {
    case 8:
        move(at_ns, listing, -1, -1);
        (void)snprintf(members, (size_t)size,
                       "'type':'takedown','listing':'L%d','actor':'platform'", listing + 1);
        return false;
    case 9:
        move(at_ns, listing, -1, -1);
        (void)snprintf(members, (size_t)size, "'type':'restore','listing':'L%d','actor':'%s'",
                       listing + 1, draw(3) == 0 ? "seller" : "platform");
        return false;
    case 10:
        move(at_ns, listing, -1, -1);
        (void)snprintf(members, (size_t)size, "'type':'sighting','listing':'L%d','state':'gone'",
                       listing + 1);
        return false;
    case 11:
        *ret_merchant = 1 + draw(2);
        move(at_ns, -1, -1, *ret_merchant);
        (void)snprintf(members, (size_t)size,
                       "'type':'strike','merchant':'P/M%d','strike':'S%d','action':'%s'",
                       *ret_merchant, 4 * *ret_merchant + draw(4),
                       draw(4) == 0 ? "revoked" : "issued");
        return false;
    case 12:
        *ret_merchant = 1 + draw(2);
        by = WARNING_BY_SUPPORT;
        (void)snprintf(members, (size_t)size,
                       "'type':'support','kind':'preferred_status','merchant':'P/M%d'",
                       *ret_merchant);
        return true;
    case 13:
    case 14:
        by = WARNING_BY_SUPPORT;
        (void)snprintf(members, (size_t)size,
                       "'type':'support','kind':'sponsored_ad','listing':"
                       "'L%d'",
                       listing + 1);
        return true;
    default:
        by = WARNING_BY_SIGHTING;
        (void)snprintf(members, (size_t)size, "'type':'sighting','listing':'L%d','state':'active'",
                       listing + 1);
        return true;
    }
}

/* Event number i with these members, among the texts of the history, where it stays. */
static inline char *write_event(int i, int64_t at_ns, int unc_ms, const char *members)
{
    char *text = texts[texts_count++];
    (void)snprintf(text, sizeof texts[0], "{'id':'x%d','at':'%s','unc_ms':%d,'platform':'P',%s}", i,
                   time_of(at_ns), unc_ms, members);
    return text;
}

/* Of the set under way, as their records stand in the feed. */
static struct rig_warning recorded[EVENTS * 3];
static size_t recorded_count;

static inline void record_given(void)
{
    for (size_t i = 0; i < given_count; i++) {
        assert_true(recorded_count < sizeof recorded / sizeof *recorded);
        recorded[recorded_count++] = given[i];
        put_own(&given[i]);
    }
}

/* A start by all records may warn of what a record told late; but not again of what has one. */
static inline void restart_repeats_none(void)
{
    rig_restart();
    for (size_t i = 0; i < given_count; i++)
        for (size_t k = 0; k < recorded_count; k++) {
            const struct rig_warning *now = &given[i], *before = &recorded[k];
            if (now->by_strikes == before->by_strikes && now->by == before->by &&
                now->about_merchant == before->about_merchant &&
                strcmp(now->about_merchant ? now->merchant : now->listing,
                       now->about_merchant ? before->merchant : before->listing) == 0)
                assert_int_not_equal(now->since_ns, before->since_ns);
        }
}

/* "listing L1 by 0", and since when. */
static inline void spell(const struct rig_warning *warning, bool since, char ret_text[300])
{
    int len = snprintf(ret_text, 300, "%s %s by %d",
                       warning->by_strikes       ? "strikes"
                       : warning->about_merchant ? "merchant"
                                                 : "listing",
                       warning->about_merchant ? warning->merchant : warning->listing, warning->by);
    if (since)
        (void)snprintf(ret_text + len, 300 - (size_t)len, " since %lld",
                       (long long)warning->since_ns);
}

static inline bool is_wanted(const char *told)
{
    for (size_t w = 0; w < wanted_count; w++)
        if (strcmp(told, wanted[w]) == 0)
            return true;
    return false;
}

static inline void begin_history(long set)
{
    chance = 0x9e3779b97f4a7c15u ^ (uint64_t)(set + 1);
    texts_count = moving_count = recorded_count = 0;
    memset(named, 0, sizeof named);
    rig_begin(rig_policy);
    (void)snprintf(texts[texts_count++], sizeof texts[0], "%s", rig_policy);
    for (size_t i = 0; i < sizeof rig_world / sizeof *rig_world; i++)
        (void)snprintf(texts[texts_count++], sizeof texts[0], "%s", rig_world[i]);
}

#endif
