/*
 * What policies say beyond the oracle: thresholds against one right and of one kind, and what a
 * transfer of an account does to its strikes (domain 1.5, 2.3). Method: the world of
 * knowledge_rig.h.
 */
#include "daemon/knowledge/tell.h"
#include "tests/unit/knowledge_rig.h"

#define ACT_LATE "2023-01-31T00:00:00Z"

/* Four in total, and what `more` says; two kinds strike. */
static void begin_with(const char *more)
{
    char own[1024];
    (void)snprintf(own, sizeof own,
                   "{'id':'pol','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P',"
                   "'grace_s':86400,'required':['location'],'strike':{'kinds':['counterfeit',"
                   "'copyright'],'threshold':4,'validity_s':31536000,'spacing_s':[],"
                   "'established':'decision'%s}}",
                   more);
    begin_under(own);
    for (int i = 2; i <= 5; i++)
        addf("{'id':'reg%d','type':'listing','at':'2022-01-02T00:00:00Z','listing':'L%d',"
             "'merchant':'M1'}",
             i, i);
}

/* Notice Ni of listing Li on day 2i, upheld and removed; without a right when it is "". */
static void strike(int i, const char *right, const char *kind)
{
    char about[64] = "";
    if (right[0] != '\0')
        (void)snprintf(about, sizeof about, "'right':'%s',", right);
    addf(
        "{'id':'ns-N%d','type':'notice.sent','at':'2023-01-%02dT09:00:00Z','platform':'P','notice':"
        "'N%d','channel':'portal','kind':'%s',%s'has':['location'],'listings':['L%d']}",
        i, 2 * i, i, kind, about, i);
    addf("{'id':'nr-N%d','type':'notice.received','at':'2023-01-%02dT10:00:00Z','notice':'N%d'}", i,
         2 * i, i);
    addf("{'id':'nd-N%d','type':'notice.decision','at':'2023-01-%02dT20:00:00Z','notice':'N%d',"
         "'outcome':'upheld'}",
         i, 2 * i, i);
    addf("{'id':'t-N%d','type':'takedown','at':'2023-01-%02dT20:00:00Z','listing':'L%d'}", i, 2 * i,
         i);
}

static void three_against_one_right_are_enough_where_the_policy_says_so(void **state)
{
    (void)state;
    begin_with(",'per_right':3");
    strike(1, "US1", "counterfeit");
    strike(2, "US2", "counterfeit");
    strike(3, "US1", "copyright");
    add_act("2023-01-07T00:00:00Z");
    shows("merchant_over_threshold", "not_shown orders_do_not_generate_strikes N1,N2,N3");
    begin_with(",'per_right':3");
    strike(1, "US1", "counterfeit");
    strike(2, "US2", "counterfeit");
    strike(3, "US1", "copyright");
    strike(5, "US1", "counterfeit");
    add("{'id':'nd-dup','type':'notice.withdraw','at':'2023-01-05T00:00:00Z','notice':'N2',"
        "'reason':'error'}");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "shown strikes_for_one_right N1,N3,N5");
    shows("strikes", "3..3");
    shows("knowledge", "shown strikes_for_one_right");
    shows("act_after_knowledge", "shown after");
    shows("result", "all_elements_shown");
}

static void the_act_must_come_after_the_last_strike_against_that_right(void **state)
{
    (void)state;
    begin_with(",'per_right':2");
    strike(1, "US1", "counterfeit");
    strike(2, "US2", "counterfeit");
    strike(3, "US1", "counterfeit");
    add_act("2023-01-06T19:59:59Z");
    shows("merchant_over_threshold", "not_shown not_established N1,N2");
}

static void three_in_total_do_not_reach_a_total_of_four(void **state)
{
    (void)state;
    begin_with(",'per_right':3");
    strike(1, "US1", "counterfeit");
    strike(2, "US2", "counterfeit");
    strike(3, "US3", "counterfeit");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "not_shown orders_do_not_generate_strikes N1,N2,N3");
}

static void four_in_total_are_enough_whatever_they_are_against(void **state)
{
    (void)state;
    begin_with(",'per_right':3");
    strike(1, "US1", "counterfeit");
    strike(2, "US2", "counterfeit");
    strike(3, "US3", "counterfeit");
    strike(4, "US4", "counterfeit");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "shown strikes_4_of_4 N1,N2,N3,N4");
}

static void a_notice_that_names_no_right_leaves_it_open(void **state)
{
    (void)state;
    begin_with(",'per_right':3");
    strike(1, "US1", "counterfeit");
    strike(2, "", "counterfeit");
    strike(3, "US1", "counterfeit");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "indeterminate strikes_for_one_right N1,N2,N3");
    shows("knowledge", "indeterminate strikes_for_one_right");
}

static void strikes_that_the_platform_issued_may_be_against_any_right(void **state)
{
    (void)state;
    begin_with(",'per_right':3");
    for (int i = 1; i <= 3; i++)
        addf("{'id':'st%d','type':'strike','at':'2023-01-0%dT00:00:00Z','platform':'P','merchant':"
             "'M1','strike':'S%d','action':'issued'}",
             i, i, i);
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "indeterminate strikes_for_one_right st1,st2,st3");
}

static void strikes_of_one_kind_are_counted_by_kind(void **state)
{
    (void)state;
    begin_with(",'per_kind':2");
    strike(1, "US1", "copyright");
    strike(2, "US1", "counterfeit");
    strike(3, "US2", "copyright");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "shown strikes_for_one_kind N1,N3");
}

static void transfer(const char *at, const char *more)
{
    addf("{'id':'tr','type':'merchant.transfer','at':'%s','platform':'P','merchant':'M1'%s}", at,
         more);
}

static void strikes_do_not_follow_a_transfer(void **state)
{
    (void)state;
    begin_with(",'per_right':2");
    strike(1, "US1", "counterfeit");
    strike(2, "US1", "counterfeit");
    transfer("2023-01-05T00:00:00Z", "");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "not_shown transferred_since");
    shows("strikes", "0..0");
}

static void strikes_follow_a_transfer_where_the_policy_says_so(void **state)
{
    (void)state;
    begin_with(",'per_right':2,'transfer_carries':true");
    strike(1, "US1", "counterfeit");
    strike(2, "US1", "counterfeit");
    transfer("2023-01-05T00:00:00Z", "");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "shown strikes_for_one_right N1,N2");
}

static void a_transfer_after_the_act_changes_nothing(void **state)
{
    (void)state;
    begin_with(",'per_right':2");
    strike(1, "US1", "counterfeit");
    strike(2, "US1", "counterfeit");
    transfer("2023-02-05T00:00:00Z", "");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "shown strikes_for_one_right N1,N2");
}

static void a_transfer_between_notice_and_strike_leaves_it_open(void **state)
{
    (void)state;
    begin_with(",'per_right':2");
    strike(1, "US1", "counterfeit");
    strike(2, "US1", "counterfeit");
    transfer("2023-01-02T12:00:00Z", "");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "indeterminate strikes_for_one_right N1,N2");
    shows("strikes", "1..2");
}

static void a_strike_issued_while_the_account_may_have_been_transferred_is_possible(void **state)
{
    (void)state;
    begin_with("");
    for (int i = 1; i <= 4; i++)
        addf("{'id':'s%d','type':'strike','at':'2023-01-1%dT00:00:00Z','platform':'P',"
             "'strike':'S%d','merchant':'M1','action':'issued'}",
             i, i, i);
    transfer("2023-01-11T00:00:02Z", ",'unc_ms':5000");
    add_act("2023-01-31T00:00:00Z");
    shows("strikes", "3..4");
    shows("merchant_over_threshold", "indeterminate strikes_3_to_4_of_4 s1,s2,s3,s4");
}

static void a_transfer_does_not_open_a_closed_account(void **state)
{
    (void)state;
    begin_with(",'per_right':2,'transfer_carries':true");
    strike(1, "US1", "counterfeit");
    strike(2, "US1", "counterfeit");
    add("{'id':'ac','type':'account','at':'2023-01-10T00:00:00Z','platform':'P','merchant':'M1',"
        "'state':'closed'}");
    transfer("2023-01-11T00:00:00Z", "");
    add_act(ACT_LATE);
    shows("merchant_over_threshold", "rebutted account_closed ac");
}

struct told {
    char policy[16];
    int64_t grace_s;
    bool late;
    size_t periods;
};

static int take_told(void *context, const struct knowledge_notice *notice)
{
    struct told *told = context;
    const struct knowledge_noticed *noticed = &notice->listings[0];
    assert_int_equal(notice->listings_count, 1);
    (void)snprintf(told->policy, sizeof told->policy, "%.*s", (int)noticed->grace.policy.len,
                   noticed->grace.policy.at == NULL ? "" : noticed->grace.policy.at);
    told->grace_s = noticed->grace.seconds;
    told->late = noticed->late;
    told->periods = noticed->persisted_count;
    return 0;
}

/* What a notice of January 5th comes to in the end, when L1 was seen live on the 7th and removed on
   the 8th, under a grace time of `first` days and, from `at`, one of `then` days. */
static struct told told_under(int first, const char *at, int then)
{
    static const struct knowledge_filter all = {0};
    struct told told = {0};
    begin_under(NULL);
    addf("{'id':'first','type':'policy','at':'2022-01-01T00:00:00Z','platform':'P','grace_s':%d,"
         "'required':['location']}",
         first * 86400);
    addf("{'id':'then','type':'policy','at':'%s','platform':'P','grace_s':%d,"
         "'required':['location']}",
         at, then * 86400);
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-07T00:00:00Z");
    add("{'id':'t1','type':'takedown','at':'2023-01-08T10:00:00Z','listing':'L1'}");
    assert_int_equal(knowledge_build(knowledge), 0);
    assert_int_equal(knowledge_notices(knowledge, &all, INT64_MAX, take_told, &told), 0);
    return told;
}

static void a_longer_grace_time_of_later_makes_no_late_removal_prompt(void **state)
{
    (void)state;
    struct told told = told_under(1, "2023-01-05T10:00:01Z", 7);
    assert_string_equal(told.policy, "first");
    assert_int_equal(told.grace_s, 86400);
    assert_true(told.late);
    assert_int_equal(told.periods, 1);
}

static void a_shorter_grace_time_of_later_makes_no_prompt_removal_late(void **state)
{
    (void)state;
    struct told told = told_under(7, "2023-01-05T10:00:01Z", 1);
    assert_string_equal(told.policy, "first");
    assert_int_equal(told.grace_s, 7 * 86400);
    assert_false(told.late);
    assert_int_equal(told.periods, 0);
}

static void the_policy_in_force_when_a_notice_takes_effect_gives_its_grace_time(void **state)
{
    (void)state;
    struct told told = told_under(7, "2023-01-05T10:00:00Z", 1);
    assert_string_equal(told.policy, "then");
    assert_true(told.late);
    assert_int_equal(told.periods, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_against_one_right_are_enough_where_the_policy_says_so),
        cmocka_unit_test(the_act_must_come_after_the_last_strike_against_that_right),
        cmocka_unit_test(three_in_total_do_not_reach_a_total_of_four),
        cmocka_unit_test(four_in_total_are_enough_whatever_they_are_against),
        cmocka_unit_test(a_notice_that_names_no_right_leaves_it_open),
        cmocka_unit_test(strikes_that_the_platform_issued_may_be_against_any_right),
        cmocka_unit_test(strikes_of_one_kind_are_counted_by_kind),
        cmocka_unit_test(strikes_do_not_follow_a_transfer),
        cmocka_unit_test(strikes_follow_a_transfer_where_the_policy_says_so),
        cmocka_unit_test(a_transfer_after_the_act_changes_nothing),
        cmocka_unit_test(a_transfer_between_notice_and_strike_leaves_it_open),
        cmocka_unit_test(a_strike_issued_while_the_account_may_have_been_transferred_is_possible),
        cmocka_unit_test(a_transfer_does_not_open_a_closed_account),
        cmocka_unit_test(a_longer_grace_time_of_later_makes_no_late_removal_prompt),
        cmocka_unit_test(a_shorter_grace_time_of_later_makes_no_prompt_removal_late),
        cmocka_unit_test(the_policy_in_force_when_a_notice_takes_effect_gives_its_grace_time),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
