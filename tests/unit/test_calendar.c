/*
 * Business days: when periods end, what findings make of them, and the file of a calendar.
 */
#include "daemon/ctl/calendar.h"
#include "daemon/knowledge/calendar.h"
#include "daemon/time_text.h"
#include "tests/unit/knowledge_rig.h"

#define WEEKEND ((1u << 5) | (1u << 6)) /* Saturday, Sunday */

static int64_t ns(const char *time)
{
    int64_t at = 0;
    assert_int_equal(time_text_parse(time, strlen(time), &at), 0);
    return at;
}

static int32_t day(const char *date)
{
    char time[32];
    (void)snprintf(time, sizeof time, "%sT00:00:00Z", date);
    return (int32_t)(ns(time) / INT64_C(86400000000000));
}

static struct knowledge_calendar year_2026(const int32_t *exceptions, size_t count)
{
    return (struct knowledge_calendar){.weekend = WEEKEND,
                                       .from_day = day("2026-01-01"),
                                       .until_day = day("2026-12-31"),
                                       .exceptions = exceptions,
                                       .exceptions_count = count};
}

static void ends(const struct knowledge_calendar *calendar, const char *trigger, int64_t days,
                 const char *end)
{
    struct moment at = calendar_end(calendar, (struct moment){ns(trigger), 0}, days);
    assert_int_equal(at.at_ns, ns(end));
    assert_int_equal(at.unc_ns, 0);
}

static void the_day_of_the_notice_and_the_weekend_do_not_count(void **state)
{
    (void)state;
    struct knowledge_calendar calendar = year_2026(NULL, 0);
    ends(&calendar, "2026-01-02T10:00:00Z", 1, "2026-01-06T00:00:00Z"); /* Friday: Monday */
    ends(&calendar, "2026-01-03T10:00:00Z", 1, "2026-01-06T00:00:00Z"); /* Saturday: Monday */
    ends(&calendar, "2026-01-05T00:00:00Z", 5, "2026-01-13T00:00:00Z"); /* a week: Monday */
    ends(&calendar, "2026-01-05T23:59:59Z", 5, "2026-01-13T00:00:00Z");
    ends(&calendar, "2026-01-05T10:00:00Z", 0, "2026-01-05T10:00:00Z");
}

static void days_are_those_of_the_calendars_own_zone(void **state)
{
    (void)state;
    struct knowledge_calendar calendar = year_2026(NULL, 0);
    calendar.offset_s = 8 * 3600;
    /* Friday 20:00 UTC is Saturday there; Monday ends at 16:00 UTC. */
    ends(&calendar, "2026-01-02T20:00:00Z", 1, "2026-01-05T16:00:00Z");
    ends(&calendar, "2026-01-01T15:59:59Z", 1, "2026-01-02T16:00:00Z");
    ends(&calendar, "2026-01-01T16:00:00Z", 1, "2026-01-05T16:00:00Z");
}

static void a_holiday_does_not_count_and_a_worked_saturday_does(void **state)
{
    (void)state;
    const int32_t exceptions[] = {day("2026-02-14"), day("2026-02-16"), day("2026-02-17")};
    struct knowledge_calendar calendar = year_2026(exceptions, 3);
    ends(&calendar, "2026-02-13T10:00:00Z", 1, "2026-02-15T00:00:00Z");
    ends(&calendar, "2026-02-13T10:00:00Z", 2, "2026-02-19T00:00:00Z");
    assert_true(calendar_is_business(&calendar, day("2026-02-14")));
    assert_false(calendar_is_business(&calendar, day("2026-02-15")));
    assert_false(calendar_is_business(&calendar, day("2026-02-17")));
    assert_false(calendar_is_business(&calendar, -4)); /* 1969-12-28, a Sunday */
    assert_true(calendar_is_business(&calendar, -3));
}

static void past_the_calendar_no_end_is_sure(void **state)
{
    (void)state;
    struct knowledge_calendar calendar = year_2026(NULL, 0);
    struct moment at = calendar_end(&calendar, (struct moment){ns("2026-12-31T10:00:00Z"), 0}, 1);
    assert_int_equal(moment_low(at), ns("2027-01-02T00:00:00Z"));
    assert_int_equal(moment_high(at), ns("2028-01-03T00:00:00Z"));
    at = calendar_end(&calendar, (struct moment){ns("2025-12-31T10:00:00Z"), 0}, 1);
    assert_int_equal(moment_low(at), ns("2026-01-02T00:00:00Z"));
    assert_true(at.unc_ns > 0);
}

static void a_clock_in_doubt_at_midnight_leaves_a_day_in_doubt(void **state)
{
    (void)state;
    struct knowledge_calendar calendar = year_2026(NULL, 0);
    struct moment about = {ns("2026-01-06T00:00:00Z"), INT64_C(1000000000)};
    struct moment at = calendar_end(&calendar, about, 1);
    assert_int_equal(moment_low(at), ns("2026-01-07T00:00:00Z"));
    assert_int_equal(moment_high(at), ns("2026-01-08T00:00:00Z"));
}

#define CALENDAR(until)                                                                            \
    "'calendar':{'name':'x','zone':'+00:00','from':'2023-01-01','until':'" until                   \
    "','weekend':['sat','sun'],'holidays':['2023-01-09'],'workdays':[]}"
#define POLICY(until)                                                                              \
    "{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P',"                      \
    "'grace_business_days':2,'required':['location'],'strike':{'kinds':['counterfeit'],"           \
    "'threshold':1,'validity_s':31536000,'established':'decision_or_lapse',"                       \
    "'counter_window_business_days':3}," CALENDAR(until) "}"

/* The notice of Thursday 2023-01-05: two days are Friday and, past a holiday, Tuesday. */
static void the_grace_time_may_be_of_business_days(void **state)
{
    (void)state;
    begin_under(POLICY("2023-12-31"));
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-10T23:59:59Z");
    add_act("2023-01-20T00:00:00Z");
    shows("listing_remained_active", "not_shown no_active_sighting_after_grace");
    begin_under(POLICY("2023-12-31"));
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-11T00:00:01Z");
    add_act("2023-01-20T00:00:00Z");
    shows("listing_remained_active", "shown active_after_grace s1");
    shows("act_after_knowledge", "shown after");
    begin_under(POLICY("2023-12-31"));
    add_notice("N1", "L1", 5);
    add("{'id':'t1','type':'takedown','at':'2023-01-10T20:00:00Z','listing':'L1'}");
    add_act("2023-01-20T00:00:00Z");
    shows("listing_remained_active", "rebutted promptly_removed t1");
}

static void the_window_of_a_counter_notice_may_be_of_business_days(void **state)
{
    (void)state;
    static const char *const acts[] = {"2023-01-11T23:59:59Z", "2023-01-12T00:00:01Z"};
    static const char *const answers[] = {"not_shown not_established", "shown strikes_1_of_1 N1"};
    for (unsigned i = 0; i < 2; i++) {
        begin_under(POLICY("2023-12-31"));
        add_notice("N1", "L1", 5);
        add("{'id':'cv','type':'coverage','at':'2023-02-01T00:00:00Z','platform':'P','kind':"
            "'counter','from':'2023-01-01T00:00:00Z','to':'2023-02-01T00:00:00Z'}");
        add_act(acts[i]);
        shows("merchant_over_threshold", answers[i]);
    }
}

/* "5 then 7 working days between strikes" (domain 1.5); here 2, from Thursday 2023-01-05. */
static void the_spacing_of_strikes_may_be_of_business_days(void **state)
{
    static const char *const strikes[] = {"1..1", "2..2"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        begin_under("{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P',"
                    "'required':['location'],'strike':{'kinds':['counterfeit'],'threshold':3,"
                    "'validity_s':31536000,'established':'decision','spacing_s':[0],"
                    "'spacing_business_days':[2]}," CALENDAR("2023-12-31") "}");
        add("{'id':'reg2','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L2','merchant':"
            "'M1'}");
        for (int k = 1; k <= 2; k++) {
            addf("{'id':'nd%d','type':'notice.decision','at':'2023-01-%02dT20:00:00Z','notice':"
                 "'N%d','outcome':'upheld'}",
                 k, k == 1 ? 5 : 10 + i, k);
            add_notice(k == 1 ? "N1" : "N2", k == 1 ? "L1" : "L2", 4 + k);
        }
        add_act("2023-01-20T00:00:00Z");
        shows("strikes", strikes[i]);
    }
}

static void nothing_is_late_for_sure_past_the_calendar(void **state)
{
    (void)state;
    begin_under(POLICY("2023-01-06"));
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-19T00:00:00Z");
    add_act("2023-01-20T00:00:00Z");
    shows("listing_remained_active", "indeterminate clock_uncertainty s1");
}

static void refused(const char *text, const char *detail)
{
    static char bytes[RIG_LINE_BYTES + JSON_SLACK_BYTES];
    struct knowledge_event event;
    struct reject reject = {0};
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++)
        bytes[i] = text[i] == '\'' ? '"' : text[i];
    assert_int_not_equal(event_decode(decoder, bytes, len, true, &event, &reject), REJECT_NONE);
    assert_string_equal(reject.detail, detail);
}

static void a_policy_that_counts_business_days_has_a_whole_calendar(void **state)
{
    (void)state;
#define HEAD "{'id':'p','type':'policy','at':'2023-01-01T00:00:00Z','platform':'P',"
    refused(HEAD "'grace_business_days':3}",
            "calendar: missing, as grace_business_days counts its days");
    refused(HEAD "'strike':{'kinds':[],'threshold':1,'validity_s':1,'spacing_business_days':[5]}}",
            "calendar: missing, as strike.spacing_business_days counts its days");
    refused(HEAD "'grace_business_days':367," CALENDAR("2023-12-31") "}",
            "grace_business_days: must be from 0 to 366");
    refused(HEAD CALENDAR("2022-12-31") "}", "calendar.until: must be no earlier than from, not "
                                             "2022-12-31");
    refused(HEAD CALENDAR("2023-02-30") "}", "calendar.until: must be a date like 2026-01-31, not "
                                             "2023-02-30");
    refused(HEAD "'calendar':{'zone':'Z','from':'2023-01-01','until':'2023-01-01','weekend':[]}}",
            "calendar.zone: must be an offset like +08:00, not Z");
    refused(HEAD "'calendar':{'zone':'+01:00','from':'2023-01-01','until':'2023-01-01'}}",
            "calendar.weekend: missing");
}

static void reads(const char *file, const char *expected)
{
    char json[CALENDAR_JSON_MAX], why[CALENDAR_WHY_BYTES], found[CALENDAR_WHY_BYTES + 32];
    struct text text = text_into(json, sizeof json);
    size_t line;
    int result = calendar_parse(file, strlen(file), &text, &line, why);
    if (result == 0)
        (void)snprintf(found, sizeof found, "%.*s", (int)(text.len < 150 ? text.len : 150), json);
    else
        (void)snprintf(found, sizeof found, "%zu: %s", line, why);
    if (result == 0)
        found[strcspn(found, "#")] = '\0';
    assert_memory_equal(found, expected, strlen(expected));
}

static void a_calendars_file_is_read_or_the_line_is_named(void **state)
{
    (void)state;
#define WHOLE                                                                                      \
    "calendar cn # 2026\n\nzone +08:00\nfrom 2026-01-01\nuntil 2026-12-31\nweekend sat sun\n"
    reads(WHOLE "holiday 2026-02-17\r\nworkday 2026-02-14 # Saturday",
          "{\"name\":\"cn\",\"zone\":\"+08:00\",\"from\":\"2026-01-01\",\"until\":\"2026-12-31\","
          "\"weekend\":[\"sat\",\"sun\"],\"holidays\":[\"2026-02-17\"],\"workdays\":[\"202");
    reads(WHOLE "holiday 2026-02-30\n", "7: no date like 2026-01-31: 2026-02-30");
    reads(WHOLE "holidays 2026-02-17\n", "7: not known: holidays");
    reads(WHOLE "holiday 2026-02-17 2026-02-18\n", "7: one word too many: 2026-02-18");
    reads(WHOLE "zone +09:00\n", "7: is there twice: zone");
    reads(WHOLE "weekend fri\n", "7: weekend is there twice");
    reads(WHOLE "holiday 2027-01-01\n", "0: a day outside of from and until: 2027-01-01");
    reads("zone 08:00\n", "1: no offset like +08:00: 08:00");
    reads("zone +18:00\n", "1: no offset like +08:00: +18:00");
    reads("calendar\n", "1: one word of up to 128 bytes must follow");
    reads("weekend sat son\n", "1: no day of the week, as mon tue wed thu fri sat sun: son");
    reads("weekend mon tue wed thu fri sat sun\n", "1: all seven days are weekend");
    reads("calendar cn\nzone +08:00\nfrom 2026-01-01\nuntil 2026-12-31\n", "0: missing: weekend");
    reads("", "0: missing: calendar");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_day_of_the_notice_and_the_weekend_do_not_count),
        cmocka_unit_test(days_are_those_of_the_calendars_own_zone),
        cmocka_unit_test(a_holiday_does_not_count_and_a_worked_saturday_does),
        cmocka_unit_test(past_the_calendar_no_end_is_sure),
        cmocka_unit_test(a_clock_in_doubt_at_midnight_leaves_a_day_in_doubt),
        cmocka_unit_test(the_grace_time_may_be_of_business_days),
        cmocka_unit_test(the_window_of_a_counter_notice_may_be_of_business_days),
        cmocka_unit_test(the_spacing_of_strikes_may_be_of_business_days),
        cmocka_unit_test(nothing_is_late_for_sure_past_the_calendar),
        cmocka_unit_test(a_policy_that_counts_business_days_has_a_whole_calendar),
        cmocka_unit_test(a_calendars_file_is_read_or_the_line_is_named),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
