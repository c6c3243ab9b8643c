/*
 * A set of events written as JSON, and what is found in it: shared by the tests of rules. Events
 * are written with ' for ", as nearly every line of those tests is one. The world that they begin
 * with is that of the scenarios: platform P with a policy of three strikes, a designated channel
 * `portal` and another `mail`; M1 with listing L1, bound by order O1, which was served.
 */
#ifndef TESTS_UNIT_KNOWLEDGE_RIG_H
#define TESTS_UNIT_KNOWLEDGE_RIG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/findings_print.h"
#include "daemon/event.h"
#include "daemon/knowledge/knowledge.h"
#include "tests/fakes/test.h"

#define RIG_LINE_BYTES 8192u

static struct event_decoder *decoder;
static struct knowledge *knowledge;
static bool built; /* knowledge_build was called */

static const char policy[] =
    "{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P','grace_s':86400,"
    "'required':['location','right'],'strike':{'kinds':['counterfeit'],'threshold':3,"
    "'validity_s':31536000,'spacing_s':[259200],'established':'decision_or_lapse',"
    "'counter_window_s':432000}}";
static const char *const world[] = {
    "{'id':'ch1','type':'channel','at':'2022-01-01T00:00:00Z','platform':'P','channel':'portal',"
    "'class':'designated'}",
    "{'id':'ch2','type':'channel','at':'2022-01-01T00:00:00Z','platform':'P','channel':'mail',"
    "'class':'other'}",
    "{'id':'reg1','type':'listing','at':'2022-01-02T00:00:00Z','platform':'P','listing':'L1',"
    "'merchant':'M1'}",
    "{'id':'o1','type':'order','at':'2022-12-01T00:00:00Z','order':'O1'}",
    "{'id':'os1','type':'order.served','at':'2022-12-02T00:00:00Z','order':'O1','platform':'P'}",
    "{'id':'op1','type':'order.party','at':'2022-12-01T00:00:00Z','order':'O1','merchant':'M1'}",
};

static inline void add(const char *text)
{
    static char bytes[RIG_LINE_BYTES + JSON_SLACK_BYTES];
    struct knowledge_event event;
    struct reject reject = {0};
    size_t len = strlen(text);
    assert_true(len < RIG_LINE_BYTES);
    for (size_t i = 0; i < len; i++)
        bytes[i] = text[i] == '\'' ? '"' : text[i];
    if (event_decode(decoder, bytes, len, false, &event, &reject) != REJECT_NONE)
        fail_msg("%s: %s", text, reject.detail);
    assert_int_equal(knowledge_add(knowledge, &event), 0);
}

/* Begins a set: the world with its policy, or one of the test's own, or without (NULL). */
static inline void begin_under(const char *own_policy)
{
    knowledge = knowledge_close(knowledge);
    knowledge = knowledge_open(7);
    built = false;
    assert_non_null(knowledge);
    if (own_policy != NULL)
        add(own_policy);
    for (size_t i = 0; i < sizeof world / sizeof *world; i++)
        add(world[i]);
}

static inline void begin(void)
{
    begin_under(policy);
}

/* Adds an event that is printf-formatted. */
static inline void addf(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void addf(const char *format, ...)
{
    char text[RIG_LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_true(len > 0 && (size_t)len < sizeof text);
    add(text);
}

/* A complete notice through the designated channel, sent and received that day. */
static inline void add_notice(const char *name, const char *listing, int day)
{
    addf("{'id':'ns-%s','type':'notice.sent','at':'2023-01-%02dT09:59:00Z','platform':'P','notice':"
         "'%s','channel':'portal','kind':'counterfeit','has':['location','right'],"
         "'listings':['%s']}",
         name, day, name, listing);
    addf("{'id':'nr-%s','type':'notice.received','at':'2023-01-%02dT10:00:00Z','notice':'%s'}",
         name, day, name);
}

static inline void add_seen(const char *id, const char *state, const char *at)
{
    addf("{'id':'%s','type':'sighting','at':'%s','listing':'L1','state':'%s'}", id, at, state);
}

/* An advertisement for listing L1, act `ad`. */
static inline void add_act(const char *at)
{
    addf("{'id':'ad','type':'support','at':'%s','platform':'P','kind':'sponsored_ad','gen':'human',"
         "'listing':'L1'}",
         at);
}

struct rig_wanted {
    const char *merchant, *element;
    char found[256];
};

static inline int rig_take(void *context, const struct knowledge_finding *finding)
{
    struct rig_wanted *wanted = context;
    char reason[KNOWLEDGE_REASON_BYTES];
    if (finding->act.len != 2 || memcmp(finding->act.at, "ad", 2) != 0 ||
        finding->merchant.len != strlen(wanted->merchant) ||
        memcmp(finding->merchant.at, wanted->merchant, finding->merchant.len) != 0)
        return 0;
    if (strcmp(wanted->element, "result") == 0)
        (void)snprintf(wanted->found, sizeof wanted->found, "%s",
                       knowledge_result_name(finding->result));
    if (strcmp(wanted->element, "strikes") == 0)
        (void)snprintf(wanted->found, sizeof wanted->found, "%zu..%zu", finding->strikes_min,
                       finding->strikes_max);
    for (unsigned i = 0; i < KNOWLEDGE_ELEMENTS_COUNT; i++) {
        const struct knowledge_element *element = &finding->elements[i];
        if (strcmp(wanted->element, knowledge_element_name((enum knowledge_element_name)i)) != 0)
            continue;
        knowledge_reason_name(finding, element->reason, reason);
        int len = snprintf(wanted->found, sizeof wanted->found, "%s %s",
                           knowledge_answer_name(element->answer), reason);
        for (size_t j = 0; j < element->ids_count; j++)
            len += snprintf(wanted->found + len, sizeof wanted->found - (size_t)len, "%c%.*s",
                            j == 0 ? ' ' : ',', (int)element->ids[j].len, element->ids[j].at);
    }
    return 0;
}

/* What act `ad` against the merchant shows, into wanted->found: "answer reason id,id" of an
   element, or `result`, or `strikes` as "min..max". Builds the set the first time. */
static inline void ask(struct rig_wanted *wanted)
{
    static const struct knowledge_filter all = {0};
    if (!built)
        assert_int_equal(knowledge_build(knowledge), 0);
    built = true;
    assert_int_equal(knowledge_findings(knowledge, &all, rig_take, wanted), 0);
}

static inline void shows_of(const char *merchant, const char *element, const char *expected)
{
    struct rig_wanted wanted = {.merchant = merchant, .element = element, .found = "no finding"};
    ask(&wanted);
    assert_string_equal(wanted.found, expected);
}

static inline void shows(const char *element, const char *expected)
{
    shows_of("M1", element, expected);
}

static inline int rig_open(void **state)
{
    (void)state;
    decoder = event_open();
    return decoder == NULL ? -1 : 0;
}

static inline int rig_close(void **state)
{
    (void)state;
    knowledge = knowledge_close(knowledge);
    decoder = event_close(decoder);
    return 0;
}

#endif
