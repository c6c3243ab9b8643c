/*
 * Warnings out of a feed, record by record. Goal: one for each listing or merchant, road and kind
 * of thing that came, in each period in which the records show the road to be open, and none else;
 * the same after a restart. Method: small feeds for both sides.
 */
#include "tests/unit/warnings_rig.h"

static void a_listing_seen_active_after_notice_and_grace_is_warned_of_once(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_seen("L1", "active", "2023-01-02T00:00:00Z");
    put_notice("N1", "L1", 5);
    put_seen("L1", "active", "2023-01-06T09:59:59Z"); /* within grace */
    assert_int_equal(given_count, 0);
    put_seen("L1", "active", "2023-01-06T10:00:01Z");
    assert_int_equal(given_count, 1);
    const struct rig_warning *first = &given[0];
    assert_string_equal(first->listing, "L1");
    assert_string_equal(first->merchant, "P/M1");
    assert_string_equal(first->shown, "active_after_grace");
    assert_false(first->by_strikes);
    assert_int_equal(first->by, WARNING_BY_SIGHTING);
    assert_int_equal(first->on, records_count - 1);
    assert_int_equal(first->since_ns, INT64_C(1672999200000000000)); /* 2023-01-06T10:00:00Z */
    /* It rests on the notice, its receipt and the sighting. */
    assert_int_equal(first->rests_count, 3);
    assert_int_equal(first->rests[0], 8);
    assert_int_equal(first->rests[1], 9);
    assert_int_equal(first->rests[2], records_count - 1);
    for (unsigned i = 0; i < 20; i++)
        put_seen("L1", "active", "2023-01-09T10:00:01Z");
    assert_int_equal(given_count, 1);
    rig_end();
}

static void a_prompt_removal_gives_no_warning(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 5);
    put_takedown("L1", "2023-01-06T08:00:00Z");
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-10T00:00:00Z");
    put_seen("L1", "gone", "2023-01-10T00:00:00Z");
    /* One that its seller lists again is no longer that which the notice was of. */
    put_seen("L1", "active", "2023-01-11T00:00:00Z");
    assert_int_equal(given_count, 0);
    rig_end();
}

static void an_act_on_an_open_road_is_warned_of_beside_the_sighting_and_once(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 5);
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-08T00:00:00Z"); /* not yet seen active */
    assert_int_equal(given_count, 0);
    put_seen("L1", "active", "2023-01-09T00:00:00Z");
    put_act("'listing':'L1'", "hosting", "2023-01-09T12:00:00Z"); /* infrastructure */
    put_act("'listing':'L1'", "something", "2023-01-09T12:00:00Z");
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-06T09:00:00Z"); /* was within grace */
    assert_int_equal(given_count, 1);
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-10T00:00:00Z");
    assert_int_equal(given_count, 2);
    assert_int_equal(given[1].by, WARNING_BY_SUPPORT);
    assert_string_equal(given[1].act, "sponsored_ad");
    assert_int_equal(given[1].on, records_count - 1);
    put_act("'listing':'L1'", "promo_email", "2023-01-11T00:00:00Z");
    put_act("'listing':'L2'", "sponsored_ad", "2023-01-11T00:00:00Z"); /* another listing */
    put_act("'listing':'L5'", "sponsored_ad", "2023-01-11T00:00:00Z"); /* another merchant */
    assert_int_equal(given_count, 2);
    /* For the merchant as a whole. */
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-12T00:00:00Z");
    assert_int_equal(given_count, 3);
    assert_true(given[2].about_merchant);
    assert_string_equal(given[2].listing, "L1");
    assert_string_equal(given[2].merchant, "P/M1");
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-13T00:00:00Z");
    put_act("'merchant':'P/M2'", "preferred_status", "2023-01-13T00:00:00Z");
    assert_int_equal(given_count, 3);
    rig_end();
}

static void a_removal_closes_the_road_and_what_the_platform_puts_back_opens_it_anew(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 5);
    put_seen("L1", "active", "2023-01-09T00:00:00Z");
    assert_int_equal(given_count, 1);
    put_takedown("L1", "2023-01-10T00:00:00Z");
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-11T00:00:00Z");
    /* An act from before the removal that comes to the record after it stops nobody. */
    put_act("'listing':'L1'", "sponsored_ad", "2023-01-09T12:00:00Z");
    put_seen("L1", "active", "2023-01-09T13:00:00Z");
    assert_int_equal(given_count, 1);
    putf("{'id':'r1','type':'restore','at':'2023-01-12T00:00:00Z','platform':'P','listing':'L1',"
         "'actor':'platform'}");
    put_seen("L1", "active", "2023-01-12T00:00:01Z");
    assert_int_equal(given_count, 2);
    assert_true(given[1].since_ns > given[0].since_ns);
    put_seen("L1", "active", "2023-01-13T00:00:00Z");
    assert_int_equal(given_count, 2);
    rig_end();
}

static void a_listing_found_gone_is_not_warned_of_however_often_it_is_seen_again(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_notice("N1", "L1", 5);
    put_seen("L1", "gone", "2023-01-06T00:00:00Z");
    for (unsigned day = 7; day < 29; day++) {
        char at[32];
        (void)snprintf(at, sizeof at, "2023-01-%02uT00:00:00Z", day);
        put_seen("L1", "active", at);
    }
    assert_int_equal(given_count, 0);
    rig_end();
}

static void a_notice_that_is_withdrawn_or_contested_closes_the_road(void **state)
{
    static const char *const closing[] = {
        "{'id':'x','type':'notice.withdraw','at':'2023-01-07T00:00:00Z','platform':'P','notice':"
        "'N1','reason':'error'}",
        "{'id':'x','type':'notice.withdraw','at':'2023-01-07T00:00:00Z','platform':'P','notice':"
        "'N1','reason':'settled'}",
        "{'id':'x','type':'counter.filed','at':'2023-01-07T00:00:00Z','platform':'P','notice':"
        "'N1'}",
        "{'id':'x','type':'notice.decision','at':'2023-01-07T00:00:00Z','platform':'P','notice':"
        "'N1','outcome':'rejected','listings':['L1']}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof closing / sizeof *closing; i++) {
        rig_begin(rig_policy);
        put_notice("N1", "L1", 5);
        put(closing[i]);
        put_seen("L1", "active", "2023-01-09T00:00:00Z");
        put_act("'listing':'L1'", "sponsored_ad", "2023-01-10T00:00:00Z");
        assert_int_equal(given_count, 0);
        rig_end();
    }
}

static void a_notice_outside_the_designated_channel_opens_no_road(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    putf("{'id':'n','type':'notice.sent','at':'2023-01-05T00:00:00Z','platform':'P','notice':'N1',"
         "'channel':'mail','kind':'counterfeit','has':['location','right'],'listings':['L1']}");
    putf("{'id':'r','type':'notice.received','at':'2023-01-05T00:00:00Z','platform':'P','notice':"
         "'N1'}");
    put_seen("L1", "active", "2023-01-09T00:00:00Z");
    assert_int_equal(given_count, 0);
    /* Unless the platform acknowledges it by name. */
    putf("{'id':'k','type':'notice.ack','at':'2023-01-05T01:00:00Z','platform':'P','notice':'N1',"
         "'listings':['L1']}");
    put_seen("L1", "active", "2023-01-09T00:00:01Z");
    assert_int_equal(given_count, 1);
    rig_end();
}

static void support_and_sightings_of_a_merchant_over_the_threshold_are_warned_of(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_strikes(3);
    put_act("'listing':'L4'", "sponsored_ad", "2023-01-12T00:00:00Z"); /* two strikes then */
    assert_int_equal(given_count, 0);
    put_act("'listing':'L4'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 1);
    assert_true(given[0].by_strikes);
    assert_string_equal(given[0].merchant, "P/M1");
    assert_string_equal(given[0].shown, "strikes_3_of_3");
    assert_int_equal(given[0].rests_count, 9); /* of each notice: sent, received, upheld */
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-26T00:00:00Z");
    assert_int_equal(given_count, 1);
    put_seen("L4", "active", "2023-01-26T00:00:00Z");
    assert_int_equal(given_count, 2);
    assert_true(given[1].by_strikes);
    assert_int_equal(given[1].by, WARNING_BY_SIGHTING);
    put_seen("L4", "active", "2023-01-27T00:00:00Z");
    put_seen("L5", "active", "2023-01-27T00:00:00Z");
    assert_int_equal(given_count, 2);
    rig_end();
}

static void what_moves_a_road_of_others_is_seen_the_same_second(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    for (int day = 5; day <= 15; day += 5) {
        char name[16], listing[16], at[32];
        (void)snprintf(name, sizeof name, "N%d", day / 5);
        (void)snprintf(listing, sizeof listing, "L%d", day / 5);
        (void)snprintf(at, sizeof at, "2023-01-%02dT20:00:00Z", day);
        put_notice(name, listing, day);
        put_takedown(listing, at);
    }
    put_seen("L4", "active", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 0); /* nobody looked for counter-notices */
    recorded_ns -= RIG_LATER_NS - INT64_C(500000000);
    put("{'id':'cov','type':'coverage','at':'2023-01-25T00:00:01Z','platform':'P','kind':"
        "'counter','from':'2022-12-01T00:00:00Z','to':'2023-01-25T00:00:00Z'}");
    recorded_ns -= RIG_LATER_NS - INT64_C(100000000);
    put_seen("L4", "active", "2023-01-25T00:00:02Z");
    assert_int_equal(given_count, 1);
    recorded_ns -= RIG_LATER_NS - INT64_C(100000000);
    put_act("'listing':'L4'", "sponsored_ad", "2023-01-25T00:00:03Z");
    assert_int_equal(given_count, 2); /* an act always is */
    rig_end();
}

static void a_closed_account_or_no_policy_for_strikes_gives_no_warning_of_strikes(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_strikes(3);
    putf("{'id':'acc','type':'account','at':'2023-01-24T00:00:00Z','platform':'P','merchant':"
         "'P/M1','state':'closed'}");
    put_act("'listing':'L4'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 0);
    rig_end();
    rig_begin("{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P','grace_s':"
              "86400}");
    put_strikes(3);
    put_act("'listing':'L4'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 0);
    rig_end();
}

static void strikes_that_the_platform_issued_count_until_they_are_revoked(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    for (int i = 0; i < 3; i++)
        putf("{'id':'k%d','type':'strike','at':'2023-01-0%dT00:00:00Z','platform':'P','merchant':"
             "'P/M2','strike':'S%d','action':'issued'}",
             i, i + 1, i);
    put_seen("L5", "active", "2023-01-09T00:00:00Z");
    assert_int_equal(given_count, 1);
    assert_int_equal(given[0].rests_count, 3);
    putf("{'id':'kr','type':'strike','at':'2023-01-09T00:00:00Z','platform':'P','merchant':"
         "'P/M2','strike':'S1','action':'revoked'}");
    put_act("'listing':'L5'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 1);
    rig_end();
}

static void what_is_dated_ahead_of_its_record_moves_no_road_until_a_person_confirms_it(void **state)
{
    static const char *const removals[] = {"'type':'takedown','actor':'platform'",
                                           "'type':'sighting','state':'gone'"};
    (void)state;
    for (size_t i = 0; i < sizeof removals / sizeof *removals; i++) {
        rig_begin(rig_policy);
        put_notice("N1", "L1", 5);
        put_seen("L1", "active", "2024-09-09T00:00:00Z"); /* ahead of its record */
        put_act("'listing':'L1'", "sponsored_ad", "2024-09-09T00:00:00Z");
        assert_int_equal(given_count, 0);
        putf("{'id':'down','at':'2024-01-08T00:00:00Z','platform':'P','listing':'L1',%s}",
             removals[i]);
        recorded_ns = INT64_C(1706000000000000000); /* 2024-01-23 */
        put_seen("L1", "active", "2024-01-20T00:00:00Z");
        assert_int_equal(given_count, 1); /* the removal is held back: it was recorded too early */
        putf("{'id':'rev','type':'review','at':'2024-01-20T00:00:00Z','subject':'down','outcome':"
             "'confirmed'}");
        put_act("'listing':'L1'", "sponsored_ad", "2024-01-21T00:00:00Z");
        assert_int_equal(given_count, 1);
        rig_end();
    }
}

static void a_sighting_whose_id_has_another_body_on_another_listing_opens_no_road(void **state)
{
    (void)state;
    for (int same = 0; same < 2; same++) {
        rig_begin(rig_policy);
        put_notice("N1", "L1", 5);
        putf("{'id':'%s','type':'sighting','at':'2023-01-08T00:00:00Z','platform':'P','listing':"
             "'L2','state':'active'}",
             same == 1 ? "dup" : "other");
        putf("{'id':'dup','type':'sighting','at':'2023-01-08T00:00:00Z','platform':'P','listing':"
             "'L1','state':'active'}");
        assert_int_equal(given_count, same == 1 ? 0 : 1); /* findings leave both bodies out */
        rig_end();
    }
}

static void a_listing_of_a_linked_merchant_counts_once_the_link_is_verified(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_strikes(3);
    put_act("'listing':'L5'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 0);
    putf("{'id':'l1','type':'merchant.link','at':'2022-01-24T00:00:00Z','a':'P/M1','b':'P/M2',"
         "'status':'asserted'}");
    put_act("'listing':'L5'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 0);
    putf("{'id':'l2','type':'merchant.link','at':'2022-01-24T00:00:00Z','a':'P/M1','b':'P/M2',"
         "'status':'verified'}");
    put_act("'listing':'L5'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 1);
    assert_string_equal(given[0].merchant, "P/M2");
    rig_end();
}

static void strikes_that_go_with_a_business_are_warned_of_for_the_account_that_has_it(void **state)
{
    (void)state;
    rig_begin(rig_policy);
    put_strikes(3);
    put("{'id':'pol2','type':'policy','at':'2023-01-01T00:00:00Z','platform':'P','grace_s':86400,"
        "'required':['location','right'],'strike':{'kinds':['counterfeit'],'threshold':3,"
        "'validity_s':31536000,'spacing_s':[259200],'established':'decision',"
        "'transfer_carries':true}}");
    put_act("'listing':'L5'", "sponsored_ad", "2023-01-25T00:00:00Z");
    assert_int_equal(given_count, 0);
    put("{'id':'tr','type':'merchant.transfer','at':'2023-01-26T00:00:00Z','platform':'P',"
        "'merchant':'P/M1','to':'P/M2'}");
    put_act("'listing':'L5'", "sponsored_ad", "2023-01-27T00:00:00Z");
    assert_int_equal(given_count, 1);
    assert_true(given[0].by_strikes);
    assert_string_equal(given[0].merchant, "P/M2");
    put_act("'merchant':'P/M1'", "preferred_status", "2023-01-28T00:00:00Z");
    assert_int_equal(given_count, 1); /* whether the old account keeps them is in doubt */
    rig_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_seen_active_after_notice_and_grace_is_warned_of_once),
        cmocka_unit_test(a_prompt_removal_gives_no_warning),
        cmocka_unit_test(an_act_on_an_open_road_is_warned_of_beside_the_sighting_and_once),
        cmocka_unit_test(a_removal_closes_the_road_and_what_the_platform_puts_back_opens_it_anew),
        cmocka_unit_test(a_listing_found_gone_is_not_warned_of_however_often_it_is_seen_again),
        cmocka_unit_test(a_notice_that_is_withdrawn_or_contested_closes_the_road),
        cmocka_unit_test(a_notice_outside_the_designated_channel_opens_no_road),
        cmocka_unit_test(support_and_sightings_of_a_merchant_over_the_threshold_are_warned_of),
        cmocka_unit_test(what_moves_a_road_of_others_is_seen_the_same_second),
        cmocka_unit_test(a_closed_account_or_no_policy_for_strikes_gives_no_warning_of_strikes),
        cmocka_unit_test(strikes_that_the_platform_issued_count_until_they_are_revoked),
        cmocka_unit_test(
            what_is_dated_ahead_of_its_record_moves_no_road_until_a_person_confirms_it),
        cmocka_unit_test(a_sighting_whose_id_has_another_body_on_another_listing_opens_no_road),
        cmocka_unit_test(a_listing_of_a_linked_merchant_counts_once_the_link_is_verified),
        cmocka_unit_test(strikes_that_go_with_a_business_are_warned_of_for_the_account_that_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
