/*
 * An event is decoded by the table of its type, or rejected for the first fault in the order that
 * event.h states.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "tests/fakes/test.h"

static struct event_decoder *decoder;
static struct knowledge_event event;
static struct reject reject;
static char buffer[JSON_BYTES_MAX + JSON_SLACK_BYTES + 1];

static int open_all(void **state)
{
    (void)state;
    decoder = event_open();
    return decoder == NULL ? -1 : 0;
}

static int close_all(void **state)
{
    (void)state;
    decoder = event_close(decoder);
    return 0;
}

/* ' stands for ". */
static enum reject_code decode_scoped(const char *text, bool scoped)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        buffer[i] = text[i] == '\'' ? '"' : text[i];
    memset(buffer + len, '#', JSON_SLACK_BYTES);
    return event_decode(decoder, buffer, len, scoped, &event, &reject);
}

static enum reject_code decode(const char *text)
{
    return decode_scoped(text, false);
}

static void is_text(struct knowledge_text text, const char *expected)
{
    assert_non_null(text.at);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.at, expected, text.len);
}

static void a_notice_arrives_whole(void **state)
{
    (void)state;
    assert_int_equal(decode("{'listings':['L1','L2'],'has':['location'],'kind':'counterfeit',"
                            "'channel':'portal','notice':'N1','platform':'P','unc_ms':5000,"
                            "'at':'2023-01-05T10:00:00+01:00','type':'notice.sent','id':'n:1',"
                            "'part':[2,3]}"),
                     REJECT_NONE);
    assert_int_equal(event.kind, KNOWLEDGE_NOTICE_SENT);
    is_text(event.id, "n:1");
    is_text(event.platform, "P");
    is_text(event.subject, "N1");
    is_text(event.other, "portal");
    is_text(event.word, "counterfeit");
    assert_int_equal(event.unc_ms, 5000);
    assert_int_equal(event.at_ns, INT64_C(1672909200) * 1000000000);
    assert_true(event.listings.given);
    assert_int_equal(event.listings.count, 2);
    is_text(event.listings.at[1], "L2");
    is_text(event.words.at[0], "location");
    assert_int_equal(event.part, 2);
    assert_int_equal(event.parts, 3);
}

static void a_policy_arrives_whole(void **state)
{
    (void)state;
    assert_int_equal(
        decode("{'id':'p','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P','grace_s':60,"
               "'required':['right'],'strike':{'kinds':['a','b'],'threshold':3,'validity_s':9,"
               "'spacing_s':[1,2],'established':'decision_or_lapse','counter_window_s':7}}"),
        REJECT_NONE);
    assert_int_equal(event.policy.grace_s, 60);
    assert_true(event.policy.has_strike);
    assert_true(event.policy.lapse);
    assert_int_equal(event.policy.threshold, 3);
    assert_int_equal(event.policy.spacing_count, 2);
    assert_int_equal(event.policy.spacing[1], 2);
    assert_int_equal(event.policy.counter_window_s, 7);
    assert_int_equal(event.policy.kinds.count, 2);
    assert_int_equal(event.words.count, 1);
}

static void what_is_not_said_has_the_stated_default(void **state)
{
    (void)state;
    assert_int_equal(decode("{'id':'s','type':'sighting','at':'2023-01-01T00:00:00Z','listing':'L',"
                            "'state':'active','platform':null}"),
                     REJECT_NONE);
    assert_true(event.live);
    assert_null(event.platform.at);
    assert_int_equal(event.unc_ms, 0);
    assert_false(event.listings.given);
    assert_int_equal(
        decode("{'id':'p','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P'}"),
        REJECT_NONE);
    assert_int_equal(event.policy.grace_s, KNOWLEDGE_GRACE_S);
    assert_false(event.policy.has_strike);
}

#define HEAD "'id':'e','at':'2023-01-01T00:00:00Z',"

static void the_first_fault_is_told(void **state)
{
    static const struct {
        const char *text, *detail;
        enum reject_code code;
    } rows[] = {
        {"{", "line: ", REJECT_BAD_JSON},
        {"[1]", "line: is an array, must be an object", REJECT_BAD_TYPE},
        {"{}", "id: missing", REJECT_MISSING_FIELD},
        {"{'id':'e','\\u0069d':'e'}", "id: is there twice", REJECT_DUP_KEY},
        {"{'id':7}", "id: is a number, must be a string", REJECT_BAD_TYPE},
        {"{'id':'a b'}", "id: only letters", REJECT_BAD_VALUE},
        {"{'id':''}", "id: is empty", REJECT_BAD_VALUE},
        {"{'id':'e','at':'2023-01-01T00:00:00Z'}", "type: missing", REJECT_MISSING_FIELD},
        {"{'id':'e','type':'order'}", "at: missing", REJECT_MISSING_FIELD},
        {"{'id':'e','type':'order','at':'2023-01-01T00:00:00'}", "at: not RFC", REJECT_BAD_TIME},
        {"{" HEAD "'type':'order','unc_ms':1.5}", "unc_ms: is a number, must be an integer",
         REJECT_BAD_TYPE},
        {"{" HEAD "'type':'order','unc_ms':-1}", "unc_ms: must be from 0", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'order','unc_ms':2678400001}", "unc_ms: must be", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'order','order':'O','part':[1,1]}", "part: an event", REJECT_NOT_ALLOWED},
        {"{" HEAD "'type':'notice.ack','notice':'N','part':[0,1]}", "part: must", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'notice.ack','notice':'N','part':[3,2]}", "part: must", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'order'}", "order: missing", REJECT_MISSING_FIELD},
        {"{" HEAD "'type':'order','order':null}", "order: missing", REJECT_MISSING_FIELD},
        {"{" HEAD "'type':'order','order':'a\\u0000b'}", "order: holds a NUL", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'order','order':'O','expires':'x'}", "expires: not", REJECT_BAD_TIME},
        {"{" HEAD "'type':'account','platform':'P/Q'}", "platform: holds a '/'", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'account','platform':'P','merchant':'M','state':'odd'}",
         "state: odd is not known", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'sighting','listing':'L','state':'gone','via':'fax'}", "via: fax",
         REJECT_BAD_VALUE},
        {"{" HEAD "'type':'notice.ack','notice':'N','listings':'L'}", "listings: is a string",
         REJECT_BAD_TYPE},
        {"{" HEAD "'type':'notice.ack','notice':'N','listings':[1]}", "listings: is a number",
         REJECT_BAD_TYPE},
        {"{" HEAD "'type':'policy','platform':'P','strike':[]}", "strike: is an array",
         REJECT_BAD_TYPE},
        {"{" HEAD "'type':'policy','platform':'P','strike':{}}", "strike.kinds: missing",
         REJECT_MISSING_FIELD},
        {"{" HEAD "'type':'policy','platform':'P','strike':{'kinds':[],'threshold':0,"
         "'validity_s':1}}",
         "strike.threshold: must be from 1", REJECT_BAD_VALUE},
        {"{" HEAD "'type':'policy','platform':'P','strike':{'kinds':[],'threshold':1,"
         "'validity_s':1,'established':'decision_or_lapse'}}",
         "strike.counter_window_s: missing", REJECT_MISSING_FIELD},
        {"{" HEAD "'type':'policy','platform':'P','strike':{'kinds':[],'threshold':1,"
         "'validity_s':3155760001}}",
         "strike.validity_s: must be from 0", REJECT_BAD_VALUE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(decode(rows[i].text), rows[i].code);
        assert_int_equal(reject.code, rows[i].code);
        if (strncmp(reject.detail, rows[i].detail, strlen(rows[i].detail)) != 0)
            fail_msg("%s: %s", rows[i].text, reject.detail);
    }
}

static void only_intake_asks_events_about_listings_for_their_platform(void **state)
{
    static const char text[] = "{" HEAD "'type':'takedown','listing':'L','actor':'platform'}";
    (void)state;
    assert_int_equal(decode_scoped(text, false), REJECT_NONE);
    assert_int_equal(decode_scoped(text, true), REJECT_MISSING_FIELD);
    assert_string_equal(reject.detail, "platform: missing");
}

static void a_type_that_nobody_knows_is_no_fault(void **state)
{
    (void)state;
    assert_int_equal(decode("{" HEAD "'type':'weather','part':'some'}"), REJECT_NONE);
    assert_int_equal(event.kind, KNOWLEDGE_OTHER);
}

static void same_body(const char *a, const char *b, bool expected)
{
    uint8_t rest[KNOWLEDGE_DIGEST_BYTES];
    assert_int_equal(decode(a), REJECT_NONE);
    memcpy(rest, event.rest, sizeof rest);
    assert_int_equal(decode(b), REJECT_NONE);
    if ((memcmp(rest, event.rest, sizeof rest) == 0) != expected)
        fail_msg("%s and %s", a, b);
}

static void the_body_is_what_is_said_not_how_it_is_spelled(void **state)
{
    (void)state;
    same_body("{" HEAD "'type':'x','a':[1,{'c':2,'b':'\\u00e9'}]}",
              "{'a':[1,{'b':'\xc3\xa9','c':2}],'type':'x', 'at':'2023-01-01T00:00:00Z','id':'e'}",
              true);
    same_body("{" HEAD "'type':'x','a':[]}", "{" HEAD "'type':'x','a':{}}", false);
    same_body("{" HEAD "'type':'x','a':[[],1]}", "{" HEAD "'type':'x','a':[[1]]}", false);
    same_body("{" HEAD "'type':'x','a':1}", "{" HEAD "'type':'x','a':1.0}", false);
    same_body("{" HEAD "'type':'x','a':1.0}", "{" HEAD "'type':'x','a':1.00}", true);
    same_body("{" HEAD "'type':'x','a':'1'}", "{" HEAD "'type':'x','a':1}", false);
    same_body("{" HEAD "'type':'x','a':null}", "{" HEAD "'type':'x'}", false);
    same_body("{" HEAD "'type':'x','a':true}", "{" HEAD "'type':'x','a':false}", false);
    same_body("{" HEAD "'type':'x','ab':'c'}", "{" HEAD "'type':'x','a':'bc'}", false);
    /* listings and part are compared apart, as slices of them are joined */
    same_body("{" HEAD "'type':'notice.ack','notice':'N','listings':['L1'],'part':[1,2]}",
              "{" HEAD "'type':'notice.ack','notice':'N','listings':['L2']}", true);
    same_body("{" HEAD "'type':'x','listings':['L1']}", "{" HEAD "'type':'x','listings':['L2']}",
              false);
    /* the time is the body's spelling: 10:00Z and 11:00+01:00 are two bodies, as for the oracle */
    same_body("{'id':'e','at':'2023-01-01T10:00:00Z','type':'x'}",
              "{'id':'e','at':'2023-01-01T11:00:00+01:00','type':'x'}", false);
}

static void the_limits_of_values_are_refused(void **state)
{
    static char text[JSON_BYTES_MAX + 1];
    size_t len;
    (void)state;
    len = (size_t)snprintf(text, sizeof text, "{" HEAD "'type':'x','a':[");
    for (unsigned i = 0; i <= EVENT_VALUES_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, i == 0 ? "1" : ",1");
    (void)snprintf(text + len, sizeof text - len, "]}");
    assert_int_equal(decode(text), REJECT_BAD_VALUE);
    len = (size_t)snprintf(text, sizeof text,
                           "{" HEAD "'type':'notice.ack','notice':'N','listings':[");
    for (unsigned i = 0; i <= EVENT_VALUES_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, i == 0 ? "'a'" : ",'a'");
    (void)snprintf(text + len, sizeof text - len, "]}");
    assert_int_equal(decode(text), REJECT_BAD_VALUE);
    /* as many as fit, one array in the other as deep as JSON may be */
    len = (size_t)snprintf(text, sizeof text, "{" HEAD "'type':'x','a':");
    for (unsigned i = 0; i < JSON_DEPTH_MAX - 1; i++)
        text[len++] = '[';
    for (unsigned i = 0; i < JSON_DEPTH_MAX - 1; i++)
        text[len++] = ']';
    text[len++] = '}';
    text[len] = '\0';
    assert_int_equal(decode(text), REJECT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_notice_arrives_whole),
        cmocka_unit_test(a_policy_arrives_whole),
        cmocka_unit_test(what_is_not_said_has_the_stated_default),
        cmocka_unit_test(the_first_fault_is_told),
        cmocka_unit_test(only_intake_asks_events_about_listings_for_their_platform),
        cmocka_unit_test(a_type_that_nobody_knows_is_no_fault),
        cmocka_unit_test(the_body_is_what_is_said_not_how_it_is_spelled),
        cmocka_unit_test(the_limits_of_values_are_refused),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
