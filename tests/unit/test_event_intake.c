/*
 * A line with a type becomes the records that it must, for those who may write its kind.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event.h"
#include "daemon/event_intake.h"
#include "daemon/event_kinds.h"
#include "daemon/listing.h"
#include "daemon/writer.h"
#include "tests/fakes/test.h"

#define ORIGIN_HEAD ",\"source\":\"src\",\"conn\":7,\"line\":3,\"sha256\":\"sha256:"

static struct event_intake *intake;
static struct queue *queue;
static struct event_outcome outcome;
static char line[JSON_BYTES_MAX + JSON_SLACK_BYTES + 1];
static size_t line_len;
static struct event_request request;

static int open_all(void **state)
{
    (void)state;
    intake = event_intake_open();
    request = (struct event_request){.bytes = line,
                                     .source = "src",
                                     .source_len = 3,
                                     .connection = 7,
                                     .line = 3,
                                     .peer = {.known = true, .uid = 11, .gid = 12},
                                     .kinds = event_kinds_all(),
                                     .synced = true,
                                     .ticket = 5};
    return intake == NULL ? -1 : queue_open(2u * QUEUE_ENTRY_BYTES_MAX, &queue);
}

static int close_all(void **state)
{
    (void)state;
    intake = event_intake_close(intake);
    queue = queue_close(queue);
    return 0;
}

/* ' stands for ". */
static int take(const char *text)
{
    line_len = strlen(text);
    assert_true(line_len <= JSON_BYTES_MAX);
    for (size_t i = 0; i < line_len; i++)
        line[i] = text[i] == '\'' ? '"' : text[i];
    memset(line + line_len, '#', JSON_SLACK_BYTES);
    request.len = line_len;
    return event_intake_line(intake, queue, &request, &outcome);
}

/* The bodies in the next entry, behind what names the event. */
static struct writer_event head;
static struct writer_record records[EVENT_PARTS_MAX];
static const char *bodies[EVENT_PARTS_MAX];

static void next_entry(void)
{
    unsigned type;
    size_t len;
    queue_publish(queue);
    const char *entry = queue_peek(queue, &type, &len);
    assert_non_null(entry);
    assert_int_equal(type, WRITER_ENTRY_EVENT);
    memcpy(&head, entry, sizeof head);
    assert_true(head.records_count <= EVENT_PARTS_MAX);
    size_t at = sizeof head + head.source_len + head.id_len;
    for (uint32_t i = 0; i < head.records_count; i++) {
        memcpy(&records[i], entry + at, sizeof records[i]);
        at += sizeof records[i];
        bodies[i] = entry + at;
        at += records[i].body_len;
    }
    assert_int_equal(at, len);
}

static void body_is(size_t index, const char *after_hash)
{
    const char *body = bodies[index];
    size_t len = records[index].body_len, head_len = strlen(ORIGIN_HEAD);
    assert_true(len > head_len + 65);
    assert_memory_equal(body, ORIGIN_HEAD, head_len);
    size_t rest = len - head_len - 64;
    if (rest != strlen(after_hash) || memcmp(body + head_len + 64, after_hash, rest) != 0)
        fail_msg("%.*s\nis not\n%s", (int)rest, body + head_len + 64, after_hash);
}

static void done_with_entry(void)
{
    queue_pop(queue);
}

static void an_event_is_kept_whole_and_spelled_in_ascii(void **state)
{
    (void)state;
    assert_int_equal(take(" { 'id' : 'a:1','type':'takedown', 'at':'2023-01-05T10:00:00+01:00',\t"
                          "'platform':'P','listing':'\xc3\xa9\\u00e9\\/\\n\xf0\x9f\x98\x80"
                          "\\ud83d\\ude00\\ud800\x7f','unc_ms':7,'x\\u0079':[1.50,-0,1E3,"
                          "123456789012345678901234567890,{'a':null,'b':[ ]}],'note':'' } "),
                     0);
    assert_int_equal(outcome.kind, RECORD_TAKEDOWN);
    next_entry();
    assert_int_equal(head.ticket, 5);
    assert_int_equal(head.records_count, 1);
    assert_int_equal(records[0].kind, RECORD_TAKEDOWN);
    assert_int_equal(records[0].holes_count, 0);
    body_is(0, "\",\"uid\":11,\"gid\":12,\"event\":{\"id\":\"a:1\",\"type\":\"takedown\","
               "\"at\":\"2023-01-05T10:00:00+01:00\",\"platform\":\"P\","
               "\"listing\":\"\\u00e9\\u00e9/\\n\\ud83d\\ude00\\ud83d\\ude00\\ufffd\\u007f\","
               "\"unc_ms\":7,\"xy\":[1.50,-0,1E3,123456789012345678901234567890,"
               "{\"a\":null,\"b\":[]}],\"note\":\"\"}}");
    uint8_t digest[DIGEST_BYTES];
    digest_sha256(line, line_len, digest);
    assert_memory_equal(head.sha256, digest, sizeof digest);
    done_with_entry();
}

static void what_noticed_adds_is_named(void **state)
{
    (void)state;
    request.peer.known = false;
    assert_int_equal(take("{'unc_ms':null,'at':null,'id':'s','type':'sighting','platform':'P',"
                          "'listing':'L','state':'gone'}"),
                     0);
    next_entry();
    body_is(0, "\",\"added\":[\"at\",\"unc_ms\"],\"event\":{\"id\":\"s\",\"type\":\"sighting\","
               "\"platform\":\"P\",\"listing\":\"L\",\"state\":\"gone\",\"at\":\"\","
               "\"unc_ms\":50}}");
    assert_int_equal(records[0].holes_count, 1);
    assert_int_equal(records[0].holes[0].kind, RECORD_HOLE_TIME);
    assert_memory_equal(bodies[0] + records[0].holes[0].at - 6, "\"at\":\"\"", 7);
    done_with_entry();
    request.peer.known = true;
}

static const struct {
    const char *more, *unc;
    bool synced;
} uncertainties[] = {
    {"'src':'platform'", "30000", true}, {"'src':'counsel'", "60000", true},
    {"'src':'court'", "60000", false},   {"'x':1", "60000", true},
    {"'src':'crawler'", "50", true},     {"'src':'crawler'", "5000", false},
    {"'src':'matcher'", "5000", false},  {"'unc_ms':0", "0", false},
};

static void uncertainty_is_explicit_by_who_says_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof uncertainties / sizeof uncertainties[0]; i++) {
        char text[256], wanted[64];
        request.synced = uncertainties[i].synced;
        (void)snprintf(text, sizeof text,
                       "{'id':'n','type':'notice.received','at':'2023-01-05T10:00:00Z',"
                       "'notice':'N',%s}",
                       uncertainties[i].more);
        assert_int_equal(take(text), 0);
        next_entry();
        int len = snprintf(wanted, sizeof wanted, "\"unc_ms\":%s}}", uncertainties[i].unc);
        assert_memory_equal(bodies[0] + records[0].body_len - (size_t)len, wanted, (size_t)len);
        done_with_entry();
    }
    request.synced = true;
}

/* Each listing once, in its order, in parts that each fit and can be joined. */
static void a_long_notice_is_cut_into_parts(void **state)
{
    (void)state;
    static char text[JSON_BYTES_MAX];
    static struct knowledge_event event;
    static char part[RECORD_BODY_BYTES_MAX + JSON_SLACK_BYTES];
    struct event_decoder *decoder = event_open();
    struct reject reject;
    size_t at = 0, seen = 0, listings = 6000;
    uint8_t rest[DIGEST_BYTES];
    at += (size_t)snprintf(text, sizeof text, "{'id':'n','type':'notice.sent','listings':[");
    for (size_t i = 0; i < listings; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s'L\\u00e9%zu%s'", i > 0 ? "," : "",
                               i, i % 100 == 0 ? "\\\\,\\']" : "");
    (void)snprintf(text + at, sizeof text - at,
                   "],'at':'2023-01-05T10:00:00Z','platform':'P','notice':'N'}");
    for (char *quote = strstr(text, "\\'"); quote != NULL; quote = strstr(quote, "\\'"))
        quote[1] = 'n'; /* an escaped quote cannot be written with ' for " */
    assert_int_equal(take(text), 0);
    next_entry();
    assert_true(head.records_count > 5);
    for (uint32_t i = 0; i < head.records_count; i++) {
        static const char key[] = "\"event\":";
        char *event_at = memmem(bodies[i], records[i].body_len, key, sizeof key - 1);
        assert_non_null(event_at);
        size_t len = (size_t)(bodies[i] + records[i].body_len - event_at) - sizeof key;
        memcpy(part, event_at + sizeof key - 1, len);
        memset(part + len, 0, JSON_SLACK_BYTES);
        if (event_decode(decoder, part, len, true, &event, &reject) != REJECT_NONE)
            fail_msg("part %u: %s", i, reject.detail);
        assert_int_equal(event.part, i + 1);
        assert_int_equal(event.parts, head.records_count);
        if (i == 0)
            memcpy(rest, event.rest, sizeof rest);
        assert_memory_equal(event.rest, rest, sizeof rest);
        assert_true(event.listings.count > 0);
        for (size_t j = 0; j < event.listings.count; j++, seen++) {
            char wanted[32];
            int wanted_len = snprintf(wanted, sizeof wanted, "L\xc3\xa9%zu", seen);
            assert_true(event.listings.at[j].len >= (size_t)wanted_len);
            assert_memory_equal(event.listings.at[j].at, wanted, (size_t)wanted_len);
        }
        assert_true(records[i].body_len <= RECORD_BODY_BYTES_MAX - 64);
    }
    assert_int_equal(seen, listings);
    done_with_entry();
    decoder = event_close(decoder);
}

static void what_cannot_be_cut_is_too_long(void **state)
{
    (void)state;
    static char text[JSON_BYTES_MAX], filler[20001];
    static const char *const others[] = {
        "'type':'takedown','platform':'P','listing':'L'", "'type':'notice.correct','notice':'N'",
        "'type':'notice.ack','notice':'N','listings':['L']",
        "'type':'notice.ack','notice':'N','listings':[]", "'type':'notice.ack','notice':'N'"};
    memset(filler, 'x', sizeof filler - 1);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        (void)snprintf(text, sizeof text, "{'id':'n','at':'2023-01-05T10:00:00Z',%s,'note':'%s'}",
                       others[i], filler);
        assert_int_equal(take(text), -EBADMSG);
        assert_int_equal(outcome.reject.code, REJECT_TOO_LONG);
        assert_false(outcome.refused);
    }
}

static const struct {
    const char *text;
    enum reject_code code;
    const char *detail;
    bool refused;
} faults[] = {
    {"{'id':'a','type':'order'}", REJECT_MISSING_FIELD, "at: missing", false},
    {"{'type':'order','at':'2023-01-05T10:00:00Z','order':'O'}", REJECT_MISSING_FIELD,
     "id: missing", false},
    {"{'id':'a','type':'order','at':'2023-01-05','order':'O'}", REJECT_BAD_TIME, "at: ", false},
    {"{'id':'a','type':'takedown','at':'2023-01-05T10:00:00Z','listing':'L'}", REJECT_MISSING_FIELD,
     "platform: missing", false},
    {"{'id':'a','type':'ordre','at':'2023-01-05T10:00:00Z'}", REJECT_BAD_VALUE,
     "type: ordre is not known", false},
    {"{'id':'a','type':'match','at':'2023-01-05T10:00:00Z'}", REJECT_NOT_ALLOWED,
     "type: match may not be written here: only noticed itself", true},
    {"{'id':'a','type':'stop'}", REJECT_NOT_ALLOWED, "type: stop may not", true},
    {"{'id':'a','type':'notice.ack','at':'2023-01-05T10:00:00Z','notice':'N','part':[1,2]}",
     REJECT_NOT_ALLOWED, "part: send the whole event", false},
};

static void every_fault_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        assert_int_equal(take(faults[i].text), -EBADMSG);
        assert_int_equal(outcome.reject.code, faults[i].code);
        assert_memory_equal(outcome.reject.detail, faults[i].detail, strlen(faults[i].detail));
        assert_int_equal(outcome.refused, faults[i].refused);
    }
}

/* A wrong event of a kind that is not one's own is refused for the kind. */
static void who_may_write_comes_before_whether_it_is_right(void **state)
{
    (void)state;
    request.kinds = event_kinds_named("sighting", 8) | event_kinds_named("coverage", 8);
    assert_int_equal(take("{'type':'takedown'}"), -EBADMSG);
    assert_int_equal(outcome.reject.code, REJECT_NOT_ALLOWED);
    assert_string_equal(outcome.reject.detail,
                        "type: takedown may not be written here by this sender");
    assert_true(outcome.refused);
    assert_int_equal(event_intake_refused(queue, &request, outcome.kind), 0);
    unsigned type;
    size_t len;
    queue_publish(queue);
    const char *entry = queue_peek(queue, &type, &len);
    struct writer_record record;
    memcpy(&record, entry, sizeof record);
    assert_int_equal(type, WRITER_ENTRY_RECORD);
    assert_int_equal(record.kind, RECORD_REFUSED);
    static const char end[] = "\",\"uid\":11,\"gid\":12,\"refused\":\"takedown\"}";
    assert_memory_equal(entry + len - strlen(end), end, strlen(end));
    done_with_entry();
    request.kinds = event_kinds_all();
}

static void a_full_queue_takes_nothing_and_the_line_comes_again(void **state)
{
    (void)state;
    static char text[16000];
    unsigned type, taken = 0, there = 0;
    size_t len;
    (void)snprintf(text, sizeof text,
                   "{'id':'n','at':'2023-01-05T10:00:00Z','type':'notice.draft','note':'%012000d'}",
                   0);
    while (take(text) == 0)
        taken++;
    queue_publish(queue);
    for (; queue_peek(queue, &type, &len) != NULL; there++)
        queue_pop(queue);
    assert_int_equal(there, taken);
    assert_true(taken > 100);
    assert_int_equal(take(text), 0);
    next_entry();
    done_with_entry();
}

static void kinds_have_names_and_families(void **state)
{
    (void)state;
    assert_int_equal(event_kinds_named("takedown", 8), UINT64_C(1) << RECORD_TAKEDOWN);
    assert_int_equal(event_kinds_named("counter.*", 9),
                     UINT64_C(1) << RECORD_COUNTER_FILED | UINT64_C(1) << RECORD_COUNTER_DECISION);
    assert_int_equal(event_kinds_named("all", 3), event_kinds_all());
    static const char *const none[] = {"",   "match",  "start",  "*",
                                       ".*", "notice", "order.", "nix.*"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(event_kinds_named(none[i], strlen(none[i])), 0);
    /* Each kind of the table has a name in the ledger. */
    static const enum record_kind ours[] = {
        RECORD_START,   RECORD_STOP,  RECORD_HEARTBEAT, RECORD_GAP,     RECORD_CLOCK,
        RECORD_RULESET, RECORD_MATCH, RECORD_WARNING,   RECORD_REFUSED, RECORD_ANCHOR,
        RECORD_KEY,     RECORD_HOLD,  RECORD_ERASE,     RECORD_CORRECT};
    event_kinds_set all = (UINT64_C(1) << RECORD_KINDS_COUNT) - 1;
    for (size_t i = 0; i < sizeof ours / sizeof ours[0]; i++)
        all &= ~(UINT64_C(1) << ours[i]);
    assert_int_equal(event_kinds_all() & all, event_kinds_all());
    assert_int_equal(event_kinds_all(), all & event_kinds_all());
    assert_true(__builtin_popcountll(event_kinds_all()) >= 34);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_kept_whole_and_spelled_in_ascii),
        cmocka_unit_test(what_noticed_adds_is_named),
        cmocka_unit_test(uncertainty_is_explicit_by_who_says_it),
        cmocka_unit_test(a_long_notice_is_cut_into_parts),
        cmocka_unit_test(what_cannot_be_cut_is_too_long),
        cmocka_unit_test(every_fault_is_named),
        cmocka_unit_test(who_may_write_comes_before_whether_it_is_right),
        cmocka_unit_test(a_full_queue_takes_nothing_and_the_line_comes_again),
        cmocka_unit_test(kinds_have_names_and_families),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
