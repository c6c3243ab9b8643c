/*
 * Warnings beside a set of everything that was recorded. Goal: what is kept at hand, and read
 * again, answers as all records do, in whatever order they come. Method: random histories of few
 * listings; after each sighting and act the whole set is asked for its roads.
 */
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

/* One that was expected so far. */
struct expected {
    char key[200];
    int64_t since_ns;
    bool shut; /* was found shut since */
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
static struct expected expected[1024];
static size_t expected_count;
static uint64_t chance;
static char wanted[8][300];
static size_t wanted_count;
static enum warning_by by;

static int draw(int below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return (int)(chance % (uint64_t)below);
}

static int merchant_of(int listing)
{
    return listing < 4 ? 1 : 2;
}

static void decode(struct event_decoder *decoder, const char *text, struct knowledge_event *event)
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

static bool concerns(const struct moving *event, int listing)
{
    return event->listing == listing || (event->notice >= 0 && named[event->notice][listing]);
}

/* The date past which a road must still be open. */
static int64_t until(int listing, int merchant, int64_t at_ns)
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
static int take_road(void *context, const struct knowledge_road *road)
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

/* Whether the road was shut at any quarter of an hour in between: one that begins later is. While
   it is not sure that it has begun already it is not shut, but its period begins. */
static bool was_shut(struct knowledge *set, const struct knowledge_roads_question *asked,
                     bool by_strikes, int64_t from_ns, int64_t until_ns)
{
    for (int64_t at_ns = from_ns + UNC_NS; at_ns < until_ns; at_ns += DAY_NS / 96) {
        struct knowledge_roads_question question = *asked;
        struct road road = {.by_strikes = by_strikes};
        question.at_ns = question.until_ns = at_ns;
        question.unc_ms = 0;
        assert_int_equal(knowledge_roads(set, &question, take_road, &road), 0);
        if (!road.open || road.first_ns > at_ns)
            return true;
    }
    return false;
}

/* Adds to what is wanted. */
static void want(struct knowledge *set, const struct knowledge_roads_question *asked,
                 struct road *road)
{
    assert_int_equal(knowledge_roads(set, asked, take_road, road), 0);
    size_t i = 0;
    while (i < expected_count && strcmp(expected[i].key, road->key) != 0)
        i++;
    if (!road->open && i < expected_count && asked->until_ns > expected[i].since_ns)
        expected[i].shut = true;
    if (!road->begun)
        return;
    if (i < expected_count) {
        int64_t given_ns = expected[i].since_ns;
        if (road->since_ns == given_ns ||
            (!expected[i].shut &&
             !was_shut(set, asked, road->by_strikes, given_ns, road->since_ns)))
            return;
    } else {
        (void)snprintf(expected[expected_count++].key, sizeof expected[0].key, "%s", road->key);
    }
    expected[i].since_ns = road->since_ns;
    expected[i].shut = false;
    (void)snprintf(wanted[wanted_count++], sizeof wanted[0], "%s since %lld", road->key,
                   (long long)road->since_ns);
}

/* What the whole set says of one that came. */
static void ask_all(struct event_decoder *decoder, int listing, int merchant)
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
        want(set, &question, &road);
        question.listing.at = NULL;
    }
    question.merchant = (struct knowledge_text){merchant_name, (size_t)merchant_len};
    question.all_listings = merchant != 0;
    question.until_ns = until(merchant != 0 ? -1 : listing, whose, event.at_ns);
    if (merchant != 0) {
        (void)snprintf(road.key, sizeof road.key, "merchant %s by %d", merchant_name, by);
        want(set, &question, &road);
    }
    (void)snprintf(strikes.key, sizeof strikes.key, "strikes %s by %d", merchant_name, by);
    want(set, &question, &strikes);
    set = knowledge_close(set);
}

/* A day between 2023-01-01 and 2023-02-10, mostly later than the one before. */
static int64_t day_of(int event)
{
    int day = draw(4) == 0 ? draw(40) : event * 40 / EVENTS;
    return INT64_C(1672531200000000000) + day * DAY_NS + draw(24) * (DAY_NS / 24);
}

static const char *time_of(int64_t at_ns)
{
    static char text[32];
    time_t seconds = (time_t)(at_ns / 1000000000);
    struct tm tm;
    assert_non_null(gmtime_r(&seconds, &tm));
    assert_true(strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0);
    return text;
}

static void move(int64_t at_ns, int listing, int notice, int merchant)
{
    moving[moving_count++] = (struct moving){at_ns, listing, notice, merchant};
}

/* The members of a random event about a notice, behind its id and date; what: below 8. */
static void make_notice(char members[512], int64_t at_ns, int what)
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
static bool make_event(char members[512], int64_t at_ns, int *ret_listing, int *ret_merchant)
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

/* Of the set under way, as their records stand in the feed. */
static struct rig_warning recorded[EVENTS * 3];
static size_t recorded_count;

static void record_given(void)
{
    for (size_t i = 0; i < given_count; i++) {
        assert_true(recorded_count < sizeof recorded / sizeof *recorded);
        recorded[recorded_count++] = given[i];
        put_own(&given[i]);
    }
}

/* A start by all records may warn of what a record told late; but not again of what has one. */
static void restart_repeats_none(void)
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

static void what_is_kept_at_hand_warns_as_the_whole_record_does(void **state)
{
    (void)state;
    struct event_decoder *decoder = event_open();
    const char *sets = getenv("WARNINGS_SETS"); /* NOLINT(concurrency-mt-unsafe): one thread */
    long count = sets == NULL ? 60 : strtol(sets, NULL, 10);
    unsigned all = 0;
    for (long set = 0; set < count; set++) {
        chance = 0x9e3779b97f4a7c15u ^ (uint64_t)(set + 1);
        texts_count = moving_count = expected_count = recorded_count = 0;
        memset(named, 0, sizeof named);
        rig_begin(rig_policy);
        (void)snprintf(texts[texts_count++], sizeof texts[0], "%s", rig_policy);
        for (size_t i = 0; i < sizeof rig_world / sizeof *rig_world; i++)
            (void)snprintf(texts[texts_count++], sizeof texts[0], "%s", rig_world[i]);
        for (int i = 0; i < EVENTS; i++) {
            char members[512];
            int listing, merchant;
            int64_t at_ns = day_of(i);
            bool asks = make_event(members, at_ns, &listing, &merchant);
            char *text = texts[texts_count++];
            (void)snprintf(text, sizeof texts[0],
                           "{'id':'x%d','at':'%s','unc_ms':%d,'platform':'P',%s}", i,
                           time_of(at_ns), draw(3) == 0 ? draw(UNC_MS) : 0, members);
            given_count = 0;
            put(text);
            wanted_count = 0;
            if (asks)
                ask_all(decoder, listing, merchant);
            all += (unsigned)wanted_count;
            record_given();
            bool same = wanted_count == given_count;
            char last[300] = "none";
            for (size_t k = 0; k < given_count && same; k++) {
                char told[300];
                const struct rig_warning *warning = &given[k];
                (void)snprintf(told, sizeof told, "%s %s by %d since %lld",
                               warning->by_strikes       ? "strikes"
                               : warning->about_merchant ? "merchant"
                                                         : "listing",
                               warning->about_merchant ? warning->merchant : warning->listing,
                               warning->by, (long long)warning->since_ns);
                bool found = false;
                for (size_t w = 0; w < wanted_count; w++)
                    found = found || strcmp(told, wanted[w]) == 0;
                same = found;
                (void)snprintf(last, sizeof last, "%s", told);
            }
            if (!same)
                fail_msg("set %ld, event %d %s: %zu warnings, wanted %zu; first %s / %s", set, i,
                         text, given_count, wanted_count, last,
                         wanted_count > 0 ? wanted[0] : "none");
        }
        restart_repeats_none();
        rig_end();
    }
    assert_true(all > (unsigned)count); /* the histories are worth something */
    decoder = event_close(decoder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_at_hand_warns_as_the_whole_record_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
