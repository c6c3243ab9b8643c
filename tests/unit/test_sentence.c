/*
 * Events as sentences: every type has one, what is not said is left out, hostile text is escaped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/sentence.h"
#include "tests/fakes/test.h"

#define MEMBERS 32u

static char printed[4096];

/* Prints the event, with ' for ", into `printed`. */
static void print(const char *event)
{
    char bytes[2048 + JSON_SLACK_BYTES] = {0};
    struct json_parser *parser = json_open();
    struct json_member members[MEMBERS];
    struct json_value root;
    bool surrogate;
    size_t len = strlen(event);
    FILE *stream = fmemopen(printed, sizeof printed, "w");
    assert_non_null(parser);
    assert_non_null(stream);
    assert_true(len < 2048);
    for (size_t i = 0; i < len; i++)
        bytes[i] = event[i] == '\'' ? '"' : event[i];
    assert_int_equal(json_parse(parser, bytes, len, &root, &surrogate), JSON_OK);
    struct term term = {.stream = stream};
    sentence_print(&term, members, json_members(&root, members, MEMBERS));
    assert_int_equal(fclose(stream), 0);
    parser = json_close(parser);
    assert_null(parser);
}

static void says(const char *event, const char *sentence)
{
    print(event);
    assert_string_equal(printed, sentence);
}

static void what_is_not_said_is_left_out(void **state)
{
    (void)state;
    says("{'type':'takedown','listing':'L1'}", "Listing L1 was taken down.");
    says("{'type':'takedown','listing':'L1','actor':'platform','reason':'x'}",
         "Listing L1 was taken down by the platform; reason: x.");
    says("{'type':'takedown','listing':'L1','actor':null}", "Listing L1 was taken down.");
    says("{'type':'takedown'}", "Listing (not said) was taken down.");
    says("{'type':'order','order':'O','kind':'PI'}", "Order O was entered, a PI.");
}

static void long_lists_are_cut_and_counted(void **state)
{
    (void)state;
    says("{'type':'notice.ack','notice':'N','listings':['a','b','c','d','e','f','g']}",
         "The platform acknowledged notice N, naming a, b, c, d, e and 2 more.");
    says("{'type':'notice.ack','notice':'N','listings':[]}",
         "The platform acknowledged notice N, naming none.");
}

static void unknown_types_and_hostile_text_are_safe(void **state)
{
    (void)state;
    says("{'type':'weather'}", "An event of another kind, weather.");
    says("{'id':'a'}", "An event of another kind, (not said).");
    says("{'type':'notice.received','notice':'\\u001b[2J\\u202e{listing}[x]'}",
         "The platform received notice \\u{1b}[2J\\u{202e}{listing}[x].");
}

static void every_type_of_the_domain_has_a_sentence(void **state)
{
    static const char *const types[] = {
        "account",
        "channel",
        "counter.decision",
        "counter.filed",
        "coverage",
        "listing",
        "merchant.link",
        "notice.ack",
        "notice.clarify",
        "notice.correct",
        "notice.decision",
        "notice.draft",
        "notice.received",
        "notice.sent",
        "notice.withdraw",
        "order",
        "order.ack",
        "order.dismissed",
        "order.party",
        "order.served",
        "order.vacated",
        "policy",
        "restore",
        "review",
        "sighting",
        "strike",
        "support",
        "takedown",
        "merchant",
        "merchant.transfer",
        "platform",
        "platform.admission",
        "right",
        "right_holder",
    };
    char event[64];
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        (void)snprintf(event, sizeof event, "{'type':'%s'}", types[i]);
        print(event);
        assert_null(strstr(printed, "another kind"));
        assert_int_equal(printed[strlen(printed) - 1], '.');
    }
}

static void spans_and_times_are_read_at_a_glance(void **state)
{
    static const struct {
        int64_t ns;
        const char *span;
    } rows[] = {
        {0, "0 s"},
        {50000000, "0.050 s"},
        {5000000000, "5 s"},
        {5250000000, "5.250 s"},
        {90000000000, "1 min"},
        {3600000000000, "1 h"},
        {39540000000000, "10 h 59 min"},
        {86400000000000, "1 d"},
        {97200000000000, "1 d 3 h"},
    };
    char span[SENTENCE_SPAN_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sentence_span(rows[i].ns, span);
        assert_string_equal(span, rows[i].span);
    }
    FILE *stream = fmemopen(printed, sizeof printed, "w");
    assert_non_null(stream);
    sentence_time(stream, -1000000, 43200000);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(printed, "1969-12-31 23:59:59.999 UTC (give or take 12 h)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_said_is_left_out),
        cmocka_unit_test(long_lists_are_cut_and_counted),
        cmocka_unit_test(unknown_types_and_hostile_text_are_safe),
        cmocka_unit_test(every_type_of_the_domain_has_a_sentence),
        cmocka_unit_test(spans_and_times_are_read_at_a_glance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
