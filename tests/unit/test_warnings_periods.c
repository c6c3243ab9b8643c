/*
 * Which period a warning is of. Goal: one in each period in which a road is open without a break,
 * whatever its beginning is found to be later, and after a crash at any place. Method: small feeds,
 * and starts after each.
 */
#include "tests/unit/warnings_rig.h"

static void a_beginning_that_moves_while_the_road_stays_open_is_not_warned_of_again(void **state)
{
    static const char brief[] =
        "{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P','grace_s':86400,"
        "'required':['location','right'],'strike':{'kinds':['counterfeit'],'threshold':3,"
        "'validity_s':2592000,'spacing_s':[259200],'established':'decision_or_lapse',"
        "'counter_window_s':432000}}";
    (void)state;
    /* The first of four strikes expires: three are left. */
    rig_begin(brief);
    put_strikes(4);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 1);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-02-06T00:00:00Z");
    assert_int_equal(given_count, 1);
    /* It falls under the threshold, and reaches it again. */
    put_act("'merchant':'P/M1'", "preferred_status", "2023-02-20T00:00:00Z");
    assert_int_equal(given_count, 1);
    for (int i = 0; i < 3; i++)
        putf("{'id':'k%d','type':'strike','at':'2023-02-2%dT00:00:00Z','platform':'P','merchant':"
             "'P/M1','strike':'S%d','action':'issued'}",
             i, i + 1, i);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-02-25T00:00:00Z");
    assert_int_equal(given_count, 2);
    rig_end();
    /* The platform issues its own over those that were counted. */
    rig_begin(rig_policy);
    put_strikes(3);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-25T00:00:00Z");
    for (int i = 0; i < 4; i++)
        putf("{'id':'k%d','type':'strike','at':'2023-01-2%dT00:00:00Z','platform':'P','merchant':"
             "'P/M1','strike':'S%d','action':'issued'}",
             i, i + 5, i);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-30T00:00:00Z");
    assert_int_equal(given_count, 1);
    rig_end();
}

static void a_road_that_was_found_shut_is_warned_of_anew_though_it_began_earlier(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N2", "L1", 20);
    put_seen("L1", "active", "2023-01-22T00:00:00Z");
    assert_int_equal(given_count, 1);
    const struct rig_warning first = given[0];
    put_own(&first);
    putf("{'id':'w','type':'notice.withdraw','at':'2023-01-23T00:00:00Z','platform':'P','notice':"
         "'N2','reason':'error'}");
    put_seen("L1", "active", "2023-01-23T12:00:00Z"); /* shut */
    put_notice("N0", "L1", 10);                       /* recorded late */
    put_seen("L1", "active", "2023-01-25T00:00:00Z");
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-25T01:00:00Z");
    assert_int_equal(given_count, 3);
    assert_true(given[1].since_ns < given[0].since_ns);
    put_seen("L1", "active", "2023-01-26T00:00:00Z");
    assert_int_equal(given_count, 3);
    /* Killed after the first was a record, and before the others were. */
    rig_restart();
    assert_int_equal(given_count, 2);
    rig_end();
}

static void a_record_of_an_older_period_takes_no_warning_of_a_newer_one_away(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 1);
    put_seen("L1", "active", "2023-01-05T00:00:00Z");
    put_takedown("L1", "2023-01-06T00:00:00Z");
    putf("{'id':'re','type':'restore','at':'2023-01-07T00:00:00Z','platform':'P','listing':'L1',"
         "'actor':'platform'}");
    put_seen("L1", "active", "2023-01-08T00:00:00Z");
    assert_int_equal(given_count, 2);
    const struct rig_warning first = given[0];
    put_own(&first); /* killed before the second was a record */
    rig_restart();
    assert_int_equal(given_count, 1);
    assert_true(given[0].since_ns > first.since_ns);
    const struct rig_warning second = given[0];
    put_own(&second);
    rig_restart();
    assert_int_equal(given_count, 0);
    rig_end();
}

static void a_restart_repeats_no_warning_and_loses_none(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 5);
    put_seen("L1", "active", "2023-01-09T00:00:00Z");
    assert_int_equal(given_count, 1);
    /* Killed before the warning was a record: the next start gives it. */
    rig_restart();
    assert_int_equal(given_count, 1);
    assert_int_equal(given[0].on, records_count - 1);
    /* Its record, and one more restart. */
    const struct rig_warning recorded = given[0];
    put_own(&recorded);
    rig_restart();
    assert_int_equal(given_count, 0);
    put_seen("L1", "active", "2023-01-10T00:00:00Z");
    assert_int_equal(given_count, 0);
    /* An act whose warning was lost, on a road that was closed since. */
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-11T00:00:00Z");
    assert_int_equal(given_count, 1);
    put_takedown("L1", "2023-01-12T00:00:00Z");
    rig_restart();
    assert_int_equal(given_count, 0);
    /* A later period is warned of, though the record has a warning of the one before. */
    putf("{'id':'r1','type':'restore','at':'2023-01-13T00:00:00Z','platform':'P','listing':'L1',"
         "'actor':'platform'}");
    put_seen("L1", "active", "2023-01-14T00:00:00Z");
    assert_int_equal(given_count, 1);
    rig_restart();
    assert_int_equal(given_count, 1);
    assert_int_equal(given[0].by, WARNING_BY_SIGHTING);
    rig_end();
}

static void put_back(const char *id, const char *at)
{
    putf("{'id':'%s','type':'restore','at':'%s','platform':'P','listing':'L1','actor':'platform'}",
         id, at);
}

static void a_start_gives_the_warning_of_a_new_period_of_what_was_warned_of(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 1);
    put_seen("L1", "active", "2023-01-05T00:00:00Z");
    const struct rig_warning first = given[0];
    put_own(&first);
    put_takedown("L1", "2023-01-06T00:00:00Z");
    put_seen("L1", "active", "2023-01-06T12:00:00Z"); /* shut */
    put_back("r1", "2023-01-07T00:00:00Z");
    put_seen("L1", "active", "2023-01-08T00:00:00Z");
    assert_int_equal(given_count, 2);
    rig_restart(); /* killed before the second was a record */
    assert_int_equal(given_count, 1);
    assert_true(given[0].since_ns > first.since_ns);
    rig_end();
    /* The same of a merchant's strikes, by acts that name it. */
    rig_begin(rig_policy);
    put_strikes(3);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-25T00:00:00Z");
    const struct rig_warning over = given[0];
    put_own(&over);
    putf("{'id':'w','type':'notice.withdraw','at':'2023-01-26T00:00:00Z','platform':'P','notice':"
         "'N1','reason':'error'}");
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-27T00:00:00Z"); /* shut */
    for (int i = 0; i < 3; i++)
        putf("{'id':'k%d','type':'strike','at':'2023-01-2%dT00:00:00Z','platform':'P','merchant':"
             "'P/M1','strike':'S%d','action':'issued'}",
             i, i + 7, i);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-30T00:00:00Z");
    assert_int_equal(given_count, 2);
    rig_restart();
    assert_int_equal(given_count, 1);
    rig_end();
}

static void
of_two_warnings_of_one_record_the_second_is_not_lost_with_the_first_recorded(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_strikes(3);
    put_notice("N5", "L1", 16);
    put_back("r1", "2023-01-16T12:00:00Z");
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-20T00:00:00Z");
    put_seen("L1", "active", "2023-01-21T00:00:00Z");
    assert_int_equal(given_count, 3); /* strikes by the act; both roads by the sighting */
    assert_int_equal(given[1].on, given[2].on);
    const struct rig_warning first = given[0], second = given[1], lost = given[2];
    put_own(&first);
    put_own(&second);
    rig_restart();
    assert_int_equal(given_count, 1);
    assert_int_equal(given[0].by_strikes, lost.by_strikes);
    assert_int_equal(given[0].on, lost.on);
    rig_end();
}

static void
what_came_after_a_recorded_warning_is_not_lost_for_one_before_it_dated_later(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 5);
    put_notice("N2", "L2", 15);
    put_takedown("L1", "2023-01-05T12:00:00Z");
    put_seen("L1", "active", "2023-01-20T00:00:00Z"); /* shut */
    put_seen("L2", "active", "2023-01-20T00:00:00Z");
    assert_int_equal(given_count, 1);
    const struct rig_warning other = given[0];
    put_back("r1", "2023-01-06T00:00:00Z"); /* recorded late */
    put_seen("L1", "active", "2023-01-19T00:00:00Z");
    assert_int_equal(given_count, 2);
    put_own(&other); /* killed before the other was a record */
    rig_restart();
    assert_int_equal(given_count, 1);
    assert_string_equal(given[0].listing, "L1");
    rig_end();
}

static void an_act_is_asked_about_though_a_sighting_asked_just_now(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 1);
    put_seen("L1", "active", "2023-01-05T00:00:00Z");
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-05T01:00:00Z");
    assert_int_equal(given_count, 2);
    put_takedown("L1", "2023-01-06T00:00:00Z");
    put_back("r1", "2023-01-07T00:00:00Z");
    gap_ns = 1000000;
    put_seen("L1", "active", "2023-01-08T00:00:00Z");
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-08T00:00:01Z");
    assert_int_equal(given_count, 4);
    rig_end();
}

/* The listing that was warned of first was seen often since; that it was removed before is recorded
   late. Before the removal both listings were active at once: that is one period. */
static void a_removal_recorded_after_many_sightings_doubles_no_warning_of_a_merchant(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 1);
    put_notice("N2", "L2", 6);
    put_seen("L1", "active", "2023-01-03T00:00:00Z");
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-04T00:00:00Z");
    assert_int_equal(given_count, 2);
    assert_true(given[1].about_merchant);
    const struct rig_warning of_listing = given[0], of_merchant = given[1];
    put_own(&of_listing);
    put_own(&of_merchant);
    put_seen("L2", "active", "2023-01-09T00:00:00Z");
    assert_int_equal(given_count, 3);
    const struct rig_warning of_other = given[2];
    put_own(&of_other);
    for (int day = 12; day < 24; day++) {
        char at[32];
        (void)snprintf(at, sizeof at, "2023-01-%02dT00:00:00Z", day);
        put_seen("L1", "active", at);
    }
    put_takedown("L1", "2023-01-10T00:00:00Z");
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 3);
    rig_restart();
    assert_int_equal(given_count, 0);
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-26T00:00:00Z");
    assert_int_equal(given_count, 0);
    rig_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_beginning_that_moves_while_the_road_stays_open_is_not_warned_of_again),
        cmocka_unit_test(a_road_that_was_found_shut_is_warned_of_anew_though_it_began_earlier),
        cmocka_unit_test(a_record_of_an_older_period_takes_no_warning_of_a_newer_one_away),
        cmocka_unit_test(a_restart_repeats_no_warning_and_loses_none),
        cmocka_unit_test(a_start_gives_the_warning_of_a_new_period_of_what_was_warned_of),
        cmocka_unit_test(
            of_two_warnings_of_one_record_the_second_is_not_lost_with_the_first_recorded),
        cmocka_unit_test(
            what_came_after_a_recorded_warning_is_not_lost_for_one_before_it_dated_later),
        cmocka_unit_test(a_removal_recorded_after_many_sightings_doubles_no_warning_of_a_merchant),
        cmocka_unit_test(an_act_is_asked_about_though_a_sighting_asked_just_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
