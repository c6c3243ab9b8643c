/*
 * To whom strikes belong once an account was transferred to another (domain 2.3). Method: the world
 * of succession_rig.h.
 */
#include "tests/unit/succession_rig.h"

static void strikes_go_with_a_business_where_the_policy_says_so(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "2..2");
    shows_of("M2", "merchant_over_threshold", "shown strikes_2_of_2 N1,N2");
    shows_of("M2", "act_after_knowledge", "shown after");
    /* whether the account that gave them away keeps them is said nowhere */
    shows_of("M1", "strikes", "0..2");
    shows_of("M1", "merchant_over_threshold", "indeterminate strikes_0_to_2_of_2 N1,N2");
}

static void strikes_do_not_go_with_a_business_where_no_policy_says_so(void **state)
{
    (void)state;
    begin_with("");
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "0..0");
    shows_of("M2", "merchant_over_threshold", "not_shown no_notice");
    shows_of("M1", "merchant_over_threshold", "not_shown transferred_since");
}

static void a_listing_that_moves_with_a_business_takes_no_strike_along(void **state)
{
    (void)state;
    for (int carries = 0; carries < 2; carries++) {
        begin_with(carries ? CARRIES : "");
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-10T00:00:00Z");
        for (int i = 1; i <= 2; i++)
            addf("{'id':'moved%d','type':'listing','at':'2023-01-11T00:00:00Z','listing':'L%d',"
                 "'merchant':'M2'}",
                 i, i);
        act_for("M2", "2023-01-20T00:00:00Z");
        shows_of("M2", "strikes", carries ? "2..2" : "0..0");
        shows_of("M1", "strikes", carries ? "0..2" : "0..0");
    }
}

static void a_strike_for_what_came_after_the_transfer_is_the_old_accounts(void **state)
{
    (void)state;
    begin_with(CARRIES);
    pass("M1", "M2", "2023-01-03T00:00:00Z");
    strike(1, 4);
    strike(2, 6);
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "0..0");
    shows_of("M1", "merchant_over_threshold", "shown strikes_2_of_2 N1,N2");
}

static void an_act_before_the_transfer_finds_the_strikes_where_they_were(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    act_for("M2", "2023-01-09T00:00:00Z");
    shows_of("M2", "strikes", "0..0");
    shows_of("M1", "strikes", "2..2");
}

static void a_transfer_between_notice_and_strike_leaves_both_open(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    pass("M1", "M2", "2023-01-02T15:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "0..1");
    shows_of("M1", "strikes", "0..1");
}

static void an_act_about_the_time_of_the_transfer_leaves_it_open(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    add("{'id':'ad','type':'support','at':'2023-01-10T00:00:02Z','unc_ms':5000,'platform':'P',"
        "'kind':'preferred_status','merchant':'M2'}");
    shows_of("M2", "strikes", "0..2");
    shows_of("M1", "strikes", "0..2");
    shows_of("M2", "act_after_knowledge", "indeterminate clock_uncertainty");
}

static void strikes_go_on_with_a_business_that_passes_twice(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    pass("M2", "M3", "2023-01-12T00:00:00Z");
    act_for("M3", "2023-01-20T00:00:00Z");
    shows_of("M3", "strikes", "2..2");
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    pass("M2", "M3", "2023-01-08T00:00:00Z");
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    act_for("M3", "2023-01-20T00:00:00Z");
    shows_of("M3", "strikes", "0..0");
}

static void accounts_that_pass_in_a_ring_come_to_an_end(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    pass("M2", "M1", "2023-01-10T00:00:00Z");
    pass("M3", "M3", "2023-01-10T00:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    /* which of the first two came first is said nowhere */
    shows_of("M2", "strikes", "0..2");
    shows_of("M1", "strikes", "0..2");
}

static void a_listing_registered_only_after_a_transfer_leaves_its_strikes_open(void **state)
{
    (void)state;
    for (int passed = 0; passed < 3; passed++) { /* not at all, before the act, after it */
        begin_with("");
        for (int i = 3; i <= 4; i++) {
            strike(i, 2 * i - 4);
            moved(i, "late", "2023-01-11T00:00:00Z", "M2");
        }
        if (passed > 0)
            pass("M1", "M2", "2023-01-10T00:00:00Z");
        act_for("M2", passed == 2 ? "2023-01-09T00:00:00Z" : "2023-01-20T00:00:00Z");
        shows_of("M2", "strikes", passed ? "0..2" : "2..2");
        shows_of("M1", "strikes", passed == 2 ? "0..2" : "0..0");
    }
}

static void strikes_are_of_whoever_had_the_business_at_the_notice(void **state)
{
    (void)state;
    for (int unsure = 0; unsure < 2; unsure++) {
        begin_with("");
        moved(1, "first", "2022-01-03T00:00:00Z", "M0");
        moved(2, "first", "2022-01-03T00:00:00Z", "M0");
        addf("{'id':'tr','type':'merchant.transfer','at':'2023-01-01T00:00:00Z','unc_ms':%d,"
             "'platform':'P','merchant':'M0','to':'M1'}",
             unsure ? 864000000 : 0);
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-14T00:00:00Z");
        moved(1, "last", "2023-01-15T00:00:00Z", "M2");
        moved(2, "last", "2023-01-15T00:00:00Z", "M2");
        act_for("M2", "2023-01-13T00:00:00Z");
        shows_of("M1", "strikes", unsure ? "0..2" : "2..2");
        shows_of("M2", "strikes", "0..0");
    }
}

static void the_names_of_records_do_not_order_transfers_whose_clocks_overlap(void **state)
{
    static const char *const asked[] = {"M2", "M3"};
    (void)state;
    for (int way = 0; way < 8; way++) {
        const char *merchant = asked[way & 1];
        int unc_ms = way & 2 ? 3600000 : 0;
        begin_with(CARRIES);
        strike(1, 2);
        strike(2, 4);
        addf("{'id':'m','type':'merchant.transfer','at':'2023-01-10T00:00:00Z','unc_ms':%d,"
             "'platform':'P','merchant':'M1','to':'M2'}",
             unc_ms);
        addf("{'id':'%s','type':'merchant.transfer','at':'2023-01-10T00:00:00Z','unc_ms':%d,"
             "'platform':'P','merchant':'M2','to':'M3'}",
             way & 4 ? "a" : "z", unc_ms);
        act_for(merchant, "2023-01-20T00:00:00Z");
        shows_of(merchant, "strikes", "0..2");
        shows_of("M1", "strikes", "0..2");
    }
}

static void nobody_sheds_strikes_by_passing_an_account_to_himself(void **state)
{
    (void)state;
    for (int verified = 0; verified < 2; verified++) {
        begin_with("");
        addf("{'id':'ln','type':'merchant.link','at':'2022-01-01T00:00:00Z','a':'M1','b':'M2',"
             "'status':'%s'}",
             verified ? "verified" : "asserted");
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-10T00:00:00Z");
        act_for("M2", "2023-01-20T00:00:00Z");
        shows_of("M2", "strikes", verified ? "2..2" : "0..2");
        shows_of("M1", "strikes", verified ? "2..2" : "0..2");
    }
}

static void strikes_that_pass_between_accounts_of_one_merchant_stay_sure(void **state)
{
    (void)state;
    begin_with(CARRIES);
    add("{'id':'ln','type':'merchant.link','at':'2022-01-01T00:00:00Z','a':'M1','b':'M2',"
        "'status':'verified'}");
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-02T15:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "2..2");
    shows_of("M1", "strikes", "2..2");
}

static void strikes_that_the_platform_issued_go_too(void **state)
{
    (void)state;
    begin_with(CARRIES);
    for (int i = 1; i <= 2; i++)
        addf("{'id':'s%d','type':'strike','at':'2023-01-0%dT00:00:00Z','platform':'P',"
             "'strike':'S%d','merchant':'M1','action':'issued'}",
             i, i, i);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "merchant_over_threshold", "shown strikes_2_of_2 s1,s2");
    shows_of("M1", "strikes", "0..2");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(strikes_go_with_a_business_where_the_policy_says_so),
        cmocka_unit_test(strikes_do_not_go_with_a_business_where_no_policy_says_so),
        cmocka_unit_test(a_listing_that_moves_with_a_business_takes_no_strike_along),
        cmocka_unit_test(a_strike_for_what_came_after_the_transfer_is_the_old_accounts),
        cmocka_unit_test(an_act_before_the_transfer_finds_the_strikes_where_they_were),
        cmocka_unit_test(a_transfer_between_notice_and_strike_leaves_both_open),
        cmocka_unit_test(an_act_about_the_time_of_the_transfer_leaves_it_open),
        cmocka_unit_test(strikes_go_on_with_a_business_that_passes_twice),
        cmocka_unit_test(a_listing_registered_only_after_a_transfer_leaves_its_strikes_open),
        cmocka_unit_test(strikes_are_of_whoever_had_the_business_at_the_notice),
        cmocka_unit_test(the_names_of_records_do_not_order_transfers_whose_clocks_overlap),
        cmocka_unit_test(nobody_sheds_strikes_by_passing_an_account_to_himself),
        cmocka_unit_test(accounts_that_pass_in_a_ring_come_to_an_end),
        cmocka_unit_test(strikes_that_pass_between_accounts_of_one_merchant_stay_sure),
        cmocka_unit_test(strikes_that_the_platform_issued_go_too),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
