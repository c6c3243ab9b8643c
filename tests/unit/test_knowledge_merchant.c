/*
 * The road of strikes, the order, the act, and who is the same merchant. Each test is a rule of the
 * domain, sections 2.1 to 2.4.
 */
#include "tests/unit/knowledge_rig.h"

#define ACT_LATE "2023-01-31T00:00:00Z"

static void add_listings(void)
{
    add("{'id':'reg2','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L2','merchant':'M1'"
        "}");
    add("{'id':'reg3','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L3','merchant':'M1'"
        "}");
}

/* The platform upholds the notice that day at 20:00 and removes the listing. */
static void add_upheld(const char *name, const char *listing, int day)
{
    add_notice(name, listing, day);
    addf("{'id':'nd-%s','type':'notice.decision','at':'2023-01-%02dT20:00:00Z','notice':'%s',"
         "'outcome':'upheld'}",
         name, day, name);
    addf("{'id':'t-%s','type':'takedown','at':'2023-01-%02dT20:00:00Z','listing':'%s'}", name, day,
         listing);
}

static void begin_three(void)
{
    begin();
    add_listings();
    add_upheld("N1", "L1", 5);
    add_upheld("N2", "L2", 12);
    add_upheld("N3", "L3", 19);
}

static void three_upheld_notices_are_three_strikes(void **state)
{
    (void)state;
    begin_three();
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "shown strikes_3_of_3 N1,N2,N3");
    shows("knowledge", "shown strikes_3_of_3");
    shows("for_benefit", "shown inferred_merchant_level");
    shows("result", "all_elements_shown");
}

static void the_act_must_come_after_the_last_strike(void **state)
{
    (void)state;
    begin_three();
    add_act("2023-01-19T20:00:00Z");
    shows("merchant_over_threshold", "not_shown not_established N1,N2");
}

static void orders_do_not_generate_strikes(void **state)
{
    (void)state;
    begin();
    add("{'id':'o2','type':'order','at':'2022-12-03T00:00:00Z','order':'O2'}");
    add("{'id':'op2','type':'order.party','at':'2022-12-03T00:00:00Z','order':'O2','merchant':'M1'"
        "}");
    add("{'id':'o3','type':'order','at':'2022-12-04T00:00:00Z','order':'O3'}");
    add("{'id':'op3','type':'order.party','at':'2022-12-04T00:00:00Z','order':'O3','merchant':'M1'"
        "}");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "not_shown orders_do_not_generate_strikes");
    shows("strikes", "0..0");
}

static void a_kind_that_the_policy_does_not_strike_adds_no_strike(void **state)
{
    (void)state;
    begin();
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'portal','kind':'trademark','has':['location','right'],'listings':['L1']}");
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "not_shown kind_not_a_strike");
}

static void strikes_closer_than_the_spacing_are_one(void **state)
{
    (void)state;
    begin();
    add_listings();
    add_upheld("N1", "L1", 5);
    add_upheld("N2", "L2", 7); /* two days after */
    add_upheld("N3", "L3", 8); /* three days after the first, which is the last that counted */
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "not_shown orders_do_not_generate_strikes N1,N3");
}

static void two_notices_on_a_listing_never_removed_are_one_strike(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'nd1','type':'notice.decision','at':'2023-01-06T00:00:00Z','notice':'N1',"
        "'outcome':'upheld'}");
    add_notice("N2", "L1", 12);
    add("{'id':'nd2','type':'notice.decision','at':'2023-01-13T00:00:00Z','notice':'N2',"
        "'outcome':'upheld'}");
    add_act(ACT_LATE);
    shows("strikes", "1..1");
}

static void notice_after_removal_adds_a_strike_again(void **state)
{
    (void)state;
    begin();
    add_upheld("N1", "L1", 5);
    add_upheld("N2", "L1", 12);
    add_act(ACT_LATE);
    shows("strikes", "2..2");
}

static void strikes_expire_at_the_end_of_their_validity(void **state)
{
    (void)state;
    begin_three();
    add_act("2024-01-05T20:00:00Z");
    shows("merchant_over_threshold", "not_shown strike_expired N2,N3");
}

static void a_lapsed_window_counts_surely_only_where_the_feed_is_complete(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_act(ACT_LATE);
    shows("strikes", "0..1");

    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'cv','type':'coverage','at':'2023-02-01T00:00:00Z','platform':'P','kind':'counter',"
        "'from':'2023-01-01T00:00:00Z','to':'2023-02-01T00:00:00Z'}");
    add_act(ACT_LATE);
    shows("strikes", "1..1");
}

static void a_contested_notice_is_no_strike(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'cf','type':'counter.filed','at':'2023-01-06T00:00:00Z','notice':'N1'}");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "not_shown not_established");
}

static void a_withdrawn_notice_is_no_strike(void **state)
{
    (void)state;
    begin();
    add_upheld("N1", "L1", 5);
    add("{'id':'w','type':'notice.withdraw','at':'2023-01-06T00:00:00Z','notice':'N1',"
        "'reason':'duplicate'}");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "not_shown notice_withdrawn");
}

static void strikes_that_the_platform_issued_override_upward(void **state)
{
    (void)state;
    begin();
    for (int i = 1; i <= 3; i++)
        addf("{'id':'s%d','type':'strike','at':'2023-01-1%dT00:00:00Z','platform':'P','strike':'S%"
             "d',"
             "'merchant':'M1','action':'issued'}",
             i, i, i);
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "shown strikes_3_of_3 s1,s2,s3");
}

static void a_revoked_strike_does_not_count(void **state)
{
    (void)state;
    begin();
    for (int i = 1; i <= 3; i++)
        addf("{'id':'s%d','type':'strike','at':'2023-01-1%dT00:00:00Z','platform':'P','strike':'S%"
             "d',"
             "'merchant':'M1','action':'issued'}",
             i, i, i);
    add("{'id':'sr','type':'strike','at':'2023-03-01T00:00:00Z','platform':'P','strike':'S2',"
        "'merchant':'M1','action':'revoked'}");
    add_act(ACT_LATE);
    shows("strikes", "2..2");
}

static void a_closed_account_rebuts_the_road_of_strikes(void **state)
{
    (void)state;
    begin_three();
    add("{'id':'ac','type':'account','at':'2023-01-20T00:00:00Z','platform':'P','merchant':'M1',"
        "'state':'closed'}");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "rebutted account_closed ac");
}

static void without_a_policy_strikes_are_not_computable(void **state)
{
    (void)state;
    begin_under(NULL);
    add_upheld("N1", "L1", 5);
    add_act(ACT_LATE);
    shows("strikes", "0..0");
}

static void an_order_that_was_not_served_is_not_known(void **state)
{
    (void)state;
    begin();
    add("{'id':'ad','type':'support','at':'2022-12-02T00:00:00Z','platform':'P','kind':"
        "'sponsored_ad','listing':'L1'}"); /* the very instant of service */
    shows("decree_known", "not_shown order_not_served o1");
    shows("merchant_bound", "shown party op1");
}

static void an_order_served_on_another_platform_is_not_known_to_this_one(void **state)
{
    (void)state;
    begin();
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'Q','kind':"
        "'sponsored_ad','merchant':'M1'}");
    shows("decree_known", "not_shown order_not_served o1");
}

static void a_vacated_order_binds_nobody(void **state)
{
    (void)state;
    begin();
    add("{'id':'ov','type':'order.vacated','at':'2023-01-10T00:00:00Z','order':'O1'}");
    add_act(ACT_LATE);
    shows("decree_known", "not_shown no_order_in_force");
    shows("merchant_bound", "not_shown not_a_party");
}

static void an_expired_order_binds_nobody(void **state)
{
    (void)state;
    begin();
    add("{'id':'o2','type':'order','at':'2022-11-01T00:00:00Z','order':'O2',"
        "'expires':'2023-01-31T00:00:00Z'}");
    add("{'id':'os2','type':'order.served','at':'2022-11-02T00:00:00Z','order':'O2','platform':'P'"
        "}");
    add("{'id':'op2','type':'order.party','at':'2022-11-01T00:00:00Z','order':'O2','merchant':'M2'"
        "}");
    add_act(ACT_LATE);
    shows_of("M2", "merchant_bound", "not_shown not_a_party");
    shows_of("M2", "decree_known", "shown served_or_acknowledged o1,os1");
}

static void a_dismissed_party_is_rebutted(void **state)
{
    (void)state;
    begin();
    add("{'id':'od','type':'order.dismissed','at':'2023-01-10T00:00:00Z','order':'O1',"
        "'merchant':'M1'}");
    add_act(ACT_LATE);
    shows("merchant_bound", "rebutted dismissed");
}

static void a_verified_link_makes_two_merchants_one(void **state)
{
    (void)state;
    begin();
    add("{'id':'k','type':'merchant.link','at':'2022-12-01T00:00:00Z','a':'M9','b':'M1',"
        "'status':'verified'}");
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'P','kind':"
        "'sponsored_ad','merchant':'M9'}");
    shows_of("M9", "merchant_bound", "shown party op1");
    shows_of("M1", "act_connected", "shown same_merchant ad");
}

static void an_asserted_link_only_leaves_it_open(void **state)
{
    (void)state;
    begin();
    add("{'id':'k','type':'merchant.link','at':'2022-12-01T00:00:00Z','a':'M9','b':'M1',"
        "'status':'asserted'}");
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'P','kind':"
        "'sponsored_ad','merchant':'M9'}");
    shows_of("M9", "merchant_bound", "indeterminate identity_asserted_only op1");
    shows_of("M1", "act_connected", "indeterminate identity_asserted_only ad");
}

static void a_link_made_after_the_act_does_not_count(void **state)
{
    (void)state;
    begin();
    add("{'id':'k','type':'merchant.link','at':'2023-02-01T00:00:00Z','a':'M9','b':'M1',"
        "'status':'verified'}");
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'P','kind':"
        "'sponsored_ad','merchant':'M9'}");
    shows_of("M1", "act_connected", "not_shown other_merchant ad");
}

static void an_act_for_nobody_known_is_not_connected(void **state)
{
    (void)state;
    begin();
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'P','kind':"
        "'promo_email','listing':'L77'}");
    shows("act_connected", "not_shown target_unresolved ad");
}

static void infrastructure_is_no_affirmative_act(void **state)
{
    (void)state;
    begin();
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'P','kind':"
        "'organic_search','gen':'algorithmic','listing':'L1'}");
    shows("affirmative_act", "not_shown infrastructure ad");
}

static void an_unknown_kind_of_support_is_not_shown(void **state)
{
    (void)state;
    begin();
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'P','kind':"
        "'warehousing','listing':'L1'}");
    shows("affirmative_act", "not_shown kind_unknown ad");
}

static void an_algorithm_neither_proves_nor_defeats(void **state)
{
    (void)state;
    begin_three();
    add("{'id':'ad','type':'support','at':'2023-01-31T00:00:00Z','platform':'P','kind':"
        "'promo_email','gen':'algorithmic','listing':'L1'}");
    shows("affirmative_act", "shown algorithmic ad");
    shows("result", "all_elements_shown");
}

static void support_for_another_listing_leaves_benefit_open_on_the_listing_road(void **state)
{
    (void)state;
    begin();
    add_listings();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-09T00:00:00Z");
    add("{'id':'ad','type':'support','at':'2023-01-10T00:00:00Z','platform':'P','kind':"
        "'sponsored_ad','listing':'L2'}");
    shows("knowledge", "shown active_after_grace");
    shows("for_benefit", "indeterminate other_listing_of_same_merchant");
    shows("result", "indeterminate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_upheld_notices_are_three_strikes),
        cmocka_unit_test(the_act_must_come_after_the_last_strike),
        cmocka_unit_test(orders_do_not_generate_strikes),
        cmocka_unit_test(a_kind_that_the_policy_does_not_strike_adds_no_strike),
        cmocka_unit_test(strikes_closer_than_the_spacing_are_one),
        cmocka_unit_test(two_notices_on_a_listing_never_removed_are_one_strike),
        cmocka_unit_test(notice_after_removal_adds_a_strike_again),
        cmocka_unit_test(strikes_expire_at_the_end_of_their_validity),
        cmocka_unit_test(a_lapsed_window_counts_surely_only_where_the_feed_is_complete),
        cmocka_unit_test(a_contested_notice_is_no_strike),
        cmocka_unit_test(a_withdrawn_notice_is_no_strike),
        cmocka_unit_test(strikes_that_the_platform_issued_override_upward),
        cmocka_unit_test(a_revoked_strike_does_not_count),
        cmocka_unit_test(a_closed_account_rebuts_the_road_of_strikes),
        cmocka_unit_test(without_a_policy_strikes_are_not_computable),
        cmocka_unit_test(an_order_that_was_not_served_is_not_known),
        cmocka_unit_test(an_order_served_on_another_platform_is_not_known_to_this_one),
        cmocka_unit_test(a_vacated_order_binds_nobody),
        cmocka_unit_test(an_expired_order_binds_nobody),
        cmocka_unit_test(a_dismissed_party_is_rebutted),
        cmocka_unit_test(a_verified_link_makes_two_merchants_one),
        cmocka_unit_test(an_asserted_link_only_leaves_it_open),
        cmocka_unit_test(a_link_made_after_the_act_does_not_count),
        cmocka_unit_test(an_act_for_nobody_known_is_not_connected),
        cmocka_unit_test(infrastructure_is_no_affirmative_act),
        cmocka_unit_test(an_unknown_kind_of_support_is_not_shown),
        cmocka_unit_test(an_algorithm_neither_proves_nor_defeats),
        cmocka_unit_test(support_for_another_listing_leaves_benefit_open_on_the_listing_road),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
