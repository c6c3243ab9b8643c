/*
 * Strikes of which transfers leave open whose they are: nothing is sure then, and both ends of the
 * interval hold. Method: the world of succession_rig.h; and random histories, whose interval must
 * hold whatever a doubtful transfer was.
 */
#include "tests/unit/succession_rig.h"

static void strikes_of_an_account_that_was_given_twice_may_be_with_either(void **state)
{
    static const char *const asked[] = {"M1", "M2", "M3"};
    (void)state;
    for (int way = 0; way < 6; way++) {
        const char *merchant = asked[way % 3];
        begin_with(CARRIES);
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-10T00:00:00Z");
        /* in between, M1 was given another business: that is what it gave to M3 */
        if (way >= 3)
            pass("M9", "M1", "2023-01-11T00:00:00Z");
        pass("M1", "M3", "2023-01-12T00:00:00Z");
        act_for(merchant, "2023-01-20T00:00:00Z");
        bool surely = way >= 3 && strcmp(merchant, "M2") == 0;
        bool never = way >= 3 && strcmp(merchant, "M3") == 0;
        shows_of(merchant, "strikes", surely ? "2..2" : never ? "0..0" : "0..2");
    }
}

static void a_strike_is_possible_for_each_of_several_givers(void **state)
{
    static const char *const asked[] = {"M1", "M2", "M5", "M6", "M7"};
    static const char *const strikes[] = {"0..2", "0..2", "0..2", "0..0", "2..2"};
    (void)state;
    for (int way = 0; way < 5; way++) {
        begin_with(CARRIES);
        /* nobody had registered these listings when they were noticed */
        for (int i = 3; i <= 4; i++) {
            strike(i, 2 * i - 4);
            moved(i, "late", "2023-01-15T00:00:00Z", "M7");
        }
        pass("M1", "M2", "2023-01-09T00:00:00Z");
        pass("M2", "M7", "2023-01-10T00:00:00Z");
        pass("M5", "M7", "2023-01-11T00:00:00Z");
        /* given to M5 only after M5 gave on what it had */
        pass("M6", "M5", "2023-01-12T00:00:00Z");
        act_for(asked[way], "2023-01-20T00:00:00Z");
        /* whoever's they were, they came to M7; that M5 may keep them is said nowhere */
        shows_of(asked[way], "strikes", strikes[way]);
    }
}

static void a_listing_of_an_account_given_twice_is_surely_nobodys(void **state)
{
    (void)state;
    begin_with("");
    moved(1, "first", "2022-01-03T00:00:00Z", "M0");
    moved(2, "first", "2022-01-03T00:00:00Z", "M0");
    pass("M0", "M1", "2022-02-01T00:00:00Z");
    pass("M0", "M2", "2022-03-01T00:00:00Z");
    strike(1, 2);
    strike(2, 4);
    moved(1, "last", "2023-01-15T00:00:00Z", "M2");
    moved(2, "last", "2023-01-15T00:00:00Z", "M2");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "0..2");
}

static void past_all_bounds_a_strike_is_possible_and_not_sure(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    for (int i = 10; i < 60; i++) {
        char to[8];
        (void)snprintf(to, sizeof to, "R%d", i % 100);
        pass("M1", to, "2023-01-10T00:00:00Z");
    }
    act_for("R59", "2023-01-20T00:00:00Z");
    shows_of("R59", "strikes", "0..2");
}

/* A policy of two strikes, eight days apart, that stand for twenty. */
static void begin_spaced(const char *more)
{
    char own[1024];
    (void)snprintf(own, sizeof own,
                   "{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P',"
                   "'grace_s':86400,'required':['location'],'strike':{'kinds':['counterfeit'],"
                   "'threshold':2,'validity_s':1728000,'spacing_s':[691200],"
                   "'established':'decision'%s}}",
                   more);
    begin_under(own);
    add("{'id':'reg2','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L2',"
        "'merchant':'M2'}");
}

static void a_doubtful_strike_that_expired_takes_none_from_the_upper_end(void **state)
{
    (void)state;
    for (int doubt = 0; doubt < 2; doubt++) {
        begin_spaced(CARRIES);
        strike(1, 2); /* of M1, and with its account perhaps M2's */
        strike(2, 6); /* too soon after that, if that is M2's */
        addf("{'id':'tr','type':'merchant.transfer','at':'2023-01-03T00:00:00Z','unc_ms':%d,"
             "'platform':'P','merchant':'M1','to':'M2'}",
             doubt ? 86400000 : 0);
        act_for("M2", "2023-01-24T00:00:00Z"); /* the first expired on the 22nd */
        shows_of("M2", "strikes", doubt ? "0..1" : "0..0");
        /* while it stands, one of the two counts in either case */
        begin_spaced(CARRIES);
        strike(1, 2);
        strike(2, 6);
        addf("{'id':'tr','type':'merchant.transfer','at':'2023-01-03T00:00:00Z','unc_ms':%d,"
             "'platform':'P','merchant':'M1','to':'M2'}",
             doubt ? 86400000 : 0);
        act_for("M2", "2023-01-20T00:00:00Z");
        shows_of("M2", "strikes", "1..1");
    }
}

static void a_strike_that_a_doubtful_one_may_have_repeated_is_not_sure(void **state)
{
    (void)state;
    for (int doubt = 0; doubt < 2; doubt++) {
        begin_spaced(CARRIES);
        /* N2 and N3 of one listing, which M1 had first, and nobody removed */
        add("{'id':'reg3','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L3',"
            "'merchant':'M1'}");
        for (int i = 0; i < 2; i++) {
            add_notice(i == 0 ? "N3" : "N4", "L3", i == 0 ? 2 : 14);
            addf("{'id':'nd%d','type':'notice.decision','at':'2023-01-%02dT20:00:00Z',"
                 "'notice':'N%d','outcome':'upheld'}",
                 i, i == 0 ? 2 : 14, i + 3);
        }
        addf("{'id':'tr','type':'merchant.transfer','at':'2023-01-03T00:00:00Z','unc_ms':%d,"
             "'platform':'P','merchant':'M1','to':'M2'}",
             doubt ? 86400000 : 0);
        moved(3, "last", "2023-01-05T00:00:00Z", "M2");
        act_for("M2", "2023-01-24T00:00:00Z");
        shows_of("M2", "strikes", doubt ? "0..1" : "0..0");
    }
}

/* Six notices of four listings, some removed in between; half of these are of an account that
   passes to M2 on that day, give or take some hours. */
static void begin_history(unsigned seed, int day, int unc_h)
{
    begin_spaced(CARRIES);
    for (int i = 3; i <= 4; i++)
        addf("{'id':'reg%d','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L%d',"
             "'merchant':'M%d'}",
             i, i, i - 2);
    for (int i = 0; i < 6; i++) {
        char name[8], listing[8];
        int at;
        seed = seed * 1103515245u + 12345u;
        at = 1 + (int)(seed >> 16) % 24;
        (void)snprintf(name, sizeof name, "N%d", i % 10);
        (void)snprintf(listing, sizeof listing, "L%d", 1 + (int)(seed >> 8) % 4);
        add_notice(name, listing, at);
        addf("{'id':'nd%d','type':'notice.decision','at':'2023-01-%02dT20:00:00Z',"
             "'notice':'N%d','outcome':'upheld'}",
             i, at, i);
        if ((seed >> 24) % 2)
            addf("{'id':'t%d','type':'takedown','at':'2023-01-%02dT22:00:00Z','listing':'%s'}", i,
                 at, listing);
    }
    addf("{'id':'tr','type':'merchant.transfer','at':'2023-01-%02dT03:00:00Z','unc_ms':%d,"
         "'platform':'P','merchant':'M1','to':'M2'}",
         day, unc_h * 3600000);
    act_for("M2", "2023-01-26T00:00:00Z");
}

static void read_strikes(size_t *ret_min, size_t *ret_max)
{
    struct rig_wanted wanted = {.merchant = "M2", .element = "strikes", .found = ""};
    ask(&wanted);
    assert_int_equal(sscanf(wanted.found, "%zu..%zu", ret_min, ret_max), 2);
}

static void the_interval_holds_whatever_the_doubtful_transfer_was(void **state)
{
    size_t wide = 0;
    (void)state;
    for (unsigned seed = 1; seed <= 200; seed++) {
        size_t min, max;
        begin_history(seed, 13, 12 * 24);
        read_strikes(&min, &max);
        assert_true(min <= max);
        wide += min < max;
        for (int day = 2; day <= 24; day += 2) {
            size_t least, most;
            begin_history(seed, day, 0);
            read_strikes(&least, &most);
            if (least < min || most > max || least != most)
                fail_msg("seed %u, passed on day %d: %zu..%zu, but %zu..%zu in doubt", seed, day,
                         least, most, min, max);
        }
    }
    assert_true(wide > 50);
}

static void link_of(const char *a, const char *b, const char *status)
{
    addf("{'id':'ln%s%s','type':'merchant.link','at':'2022-01-01T00:00:00Z','a':'%s','b':'%s',"
         "'status':'%s'}",
         a, b, a, b, status);
}

static void a_transfer_without_carrying_shows_no_strike_by_a_link_of_the_receiver(void **state)
{
    (void)state;
    for (int way = 0; way < 8; way++) {
        bool verified = way & 1, giver = way & 2, other = way & 4;
        begin_with("");
        link_of(giver ? "M0" : "M2", giver ? "M1" : "M3", verified ? "verified" : "asserted");
        for (int i = 1; i <= 2 && giver; i++)
            moved(i, "first", "2022-01-03T00:00:00Z", "M0");
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-10T00:00:00Z");
        for (int i = 1; i <= 2; i++)
            moved(i, "last", "2023-01-12T00:00:00Z", giver ? "M2" : "M3");
        act_for(other ? "M3" : "M2", "2023-01-20T00:00:00Z");
        shows_of(other ? "M3" : "M2", "strikes", other && giver ? "0..0" : "0..2");
    }
}

static void a_listing_of_linked_accounts_is_of_each_before_the_transfer(void **state)
{
    static const char *const asked[] = {"M1", "M2"};
    (void)state;
    for (int way = 0; way < 2; way++) {
        begin_with(CARRIES);
        link_of("M2", "M3", "asserted");
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-10T00:00:00Z");
        for (int i = 1; i <= 2; i++)
            moved(i, "last", "2023-01-12T00:00:00Z", "M3");
        act_for(asked[way], "2023-01-08T00:00:00Z");
        shows_of(asked[way], "strikes", "0..2");
    }
}

static void policies_that_the_clocks_do_not_order_against_a_transfer_leave_both_open(void **state)
{
    static const char *const asked[] = {"M1", "M2"};
    (void)state;
    for (int way = 0; way < 8; way++) {
        const char *merchant = asked[way & 1];
        bool first = way & 2, fuzzy = way & 4;
        begin_with(first ? CARRIES : "");
        addf("{'id':'pol2','type':'policy','at':'2023-01-09T00:00:00Z','unc_ms':%d,'platform':'P',"
             "'grace_s':86400,'required':['location'],'strike':{'kinds':['counterfeit'],"
             "'threshold':2,'validity_s':31536000,'spacing_s':[],'established':'decision'%s}}",
             fuzzy ? 259200000 : 0, first ? "" : CARRIES);
        strike(1, 2);
        strike(2, 4);
        addf("{'id':'tr','type':'merchant.transfer','at':'2023-01-10T00:00:00Z','unc_ms':%d,"
             "'platform':'P','merchant':'M1','to':'M2'}",
             fuzzy ? 0 : 172800000);
        act_for(merchant, "2023-01-20T00:00:00Z");
        shows_of(merchant, "strikes", "0..2");
    }
}

static void an_account_passed_along_links_of_its_owner_keeps_strikes_for_who_is_next(void **state)
{
    (void)state;
    for (int verified = 0; verified < 2; verified++) {
        begin_with("");
        addf("{'id':'pol2','type':'policy','at':'2023-01-11T00:00:00Z','platform':'P',"
             "'grace_s':86400,'required':['location'],'strike':{'kinds':['counterfeit'],"
             "'threshold':2,'validity_s':31536000,'spacing_s':[],'established':'decision'%s}}",
             CARRIES);
        link_of("M1", "M9", verified ? "verified" : "asserted");
        link_of("M9", "M2", "verified");
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-10T00:00:00Z");
        pass("M2", "M3", "2023-01-12T00:00:00Z");
        act_for("M3", "2023-01-20T00:00:00Z");
        shows_of("M3", "strikes", verified ? "2..2" : "0..2");
    }
}

static void a_closing_rebuts_only_what_had_surely_come_by_then(void **state)
{
    static const char *const at[] = {"05T00:00:00Z','unc_ms':0", "10T00:00:00Z','unc_ms':3600000",
                                     "12T00:00:00Z','unc_ms':0"};
    static const char *const answers[] = {"shown strikes_2_of_2 N1,N2",
                                          "indeterminate clock_uncertainty N1,N2",
                                          "rebutted account_closed ac"};
    (void)state;
    for (int way = 0; way < 3; way++) {
        begin_with(CARRIES);
        strike(1, 2);
        strike(2, 4);
        pass("M1", "M2", "2023-01-10T00:00:00Z");
        addf("{'id':'ac','type':'account','at':'2023-01-%s,'platform':'P','merchant':'M2',"
             "'state':'closed'}",
             at[way]);
        act_for("M2", "2023-01-20T00:00:00Z");
        shows_of("M2", "merchant_over_threshold", answers[way]);
    }
}

static void receivers_that_are_one_merchant_leave_no_doubt(void **state)
{
    (void)state;
    begin_with(CARRIES);
    link_of("M2", "M3", "verified");
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M2", "2023-01-10T00:00:00Z");
    pass("M1", "M3", "2023-01-12T00:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "2..2");
}

static void an_account_passed_to_itself_is_passed_to_nobody(void **state)
{
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    pass("M1", "M1", "2023-01-10T00:00:00Z");
    pass("M1", "M2", "2023-01-12T00:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "2..2");
}

static void a_strike_that_may_become_one_only_later_may_pass_on_before_that(void **state)
{
    (void)state;
    begin_with(CARRIES);
    addf("{'id':'pol2','type':'policy','at':'2023-01-02T16:00:00Z','platform':'P',"
         "'grace_s':86400,'required':['location'],'strike':{'kinds':['counterfeit'],"
         "'threshold':2,'validity_s':31536000,'spacing_s':[],'established':'decision'}}");
    strike(1, 2); /* known at ten, a strike at twenty hours */
    pass("M1", "M2", "2023-01-02T15:00:00Z");
    pass("M2", "M3", "2023-01-02T17:00:00Z");
    act_for("M2", "2023-01-20T00:00:00Z");
    shows_of("M2", "strikes", "0..1");
}

static void a_chain_of_accounts_past_the_bound_leaves_it_open(void **state)
{
    char from[8] = "M1", to[8];
    (void)state;
    begin_with(CARRIES);
    strike(1, 2);
    strike(2, 4);
    for (int i = 0; i < 40; i++) {
        char at[32];
        (void)snprintf(to, sizeof to, "C%d", i % 100);
        (void)snprintf(at, sizeof at, "2023-01-10T00:%02d:00Z", i);
        pass(from, to, at);
        memcpy(from, to, sizeof from);
    }
    act_for(to, "2023-01-20T00:00:00Z");
    shows_of(to, "strikes", "0..2");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(strikes_of_an_account_that_was_given_twice_may_be_with_either),
        cmocka_unit_test(a_strike_is_possible_for_each_of_several_givers),
        cmocka_unit_test(a_listing_of_an_account_given_twice_is_surely_nobodys),
        cmocka_unit_test(past_all_bounds_a_strike_is_possible_and_not_sure),
        cmocka_unit_test(a_doubtful_strike_that_expired_takes_none_from_the_upper_end),
        cmocka_unit_test(a_strike_that_a_doubtful_one_may_have_repeated_is_not_sure),
        cmocka_unit_test(the_interval_holds_whatever_the_doubtful_transfer_was),
        cmocka_unit_test(a_transfer_without_carrying_shows_no_strike_by_a_link_of_the_receiver),
        cmocka_unit_test(a_listing_of_linked_accounts_is_of_each_before_the_transfer),
        cmocka_unit_test(policies_that_the_clocks_do_not_order_against_a_transfer_leave_both_open),
        cmocka_unit_test(an_account_passed_along_links_of_its_owner_keeps_strikes_for_who_is_next),
        cmocka_unit_test(a_closing_rebuts_only_what_had_surely_come_by_then),
        cmocka_unit_test(receivers_that_are_one_merchant_leave_no_doubt),
        cmocka_unit_test(an_account_passed_to_itself_is_passed_to_nobody),
        cmocka_unit_test(a_strike_that_may_become_one_only_later_may_pass_on_before_that),
        cmocka_unit_test(a_chain_of_accounts_past_the_bound_leaves_it_open),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
