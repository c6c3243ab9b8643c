/*
 * The road of one listing: what puts a platform on notice of it, what ends that, and what shows
 * that it stayed active despite it. Each test is a rule of the domain, sections 2.1 to 2.3.
 */
#include "tests/unit/knowledge_rig.h"

#define SEEN_LATE "2023-01-09T00:00:00Z" /* long after notice and grace */
#define ACT_LATE  "2023-01-10T00:00:00Z"

/* Notice N1 of L1 on the 5th at 10:00, seen live on the 9th, advertised on the 10th. */
static void begin_active(void)
{
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", SEEN_LATE);
    add_act(ACT_LATE);
}

static void a_listing_live_after_notice_and_grace_shows_all_elements(void **state)
{
    (void)state;
    begin_active();
    shows("listing_known", "shown grade_B ns-N1,nr-N1");
    shows("listing_remained_active", "shown active_after_grace s1");
    shows("knowledge", "shown active_after_grace");
    shows("act_after_knowledge", "shown after");
    shows("act_connected", "shown same_listing ad");
    shows("for_benefit", "shown inferred_same_listing");
    shows("result", "all_elements_shown");
}

static void a_notice_that_was_only_sent_puts_nobody_on_notice(void **state)
{
    (void)state;
    begin();
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'portal','kind':'counterfeit','has':['location','right'],'listings':['L1']}");
    add_seen("s1", "active", SEEN_LATE);
    add_act(ACT_LATE);
    shows("listing_known", "not_shown sent_not_received");
    shows("listing_remained_active", "not_shown sent_not_received");
}

static void a_draft_is_no_notice(void **state)
{
    (void)state;
    begin();
    add("{'id':'d','type':'notice.draft','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'listings':['L1']}");
    add_act(ACT_LATE);
    shows("listing_known", "not_shown no_notice");
}

static void a_match_is_no_notice(void **state)
{
    (void)state;
    begin();
    add("{'id':'m','type':'match','at':'2023-01-05T10:00:00Z','listing':'L1','class':'counterfeit'"
        "}");
    add_seen("s1", "active", SEEN_LATE);
    add_act(ACT_LATE);
    shows("knowledge", "not_shown no_notice");
}

static void an_incomplete_notice_counts_from_its_correction_on(void **state)
{
    (void)state;
    begin();
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'portal','kind':'counterfeit','has':['right'],'listings':['L1']}");
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    add_act(ACT_LATE);
    shows("listing_known", "not_shown notice_incomplete");

    begin();
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'portal','kind':'counterfeit','has':['right'],'listings':['L1']}");
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    add("{'id':'c','type':'notice.correct','at':'2023-01-09T00:00:00Z','notice':'N1',"
        "'has':['location'],'add':['L2']}");
    add_act(ACT_LATE);
    shows("listing_known", "shown grade_B ns,c");
    shows("listing_remained_active", "not_shown no_active_sighting_after_grace");
}

static void a_notice_by_another_channel_counts_only_when_acknowledged_by_name(void **state)
{
    static const char sent[] =
        "{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'P','notice':'N1',"
        "'channel':'mail','kind':'counterfeit','has':['location','right'],'listings':['L1']}";
    (void)state;
    begin();
    add(sent);
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    add_act(ACT_LATE);
    shows("listing_known", "not_shown outside_designated_channel");

    begin();
    add(sent);
    add("{'id':'na','type':'notice.ack','at':'2023-01-06T00:00:00Z','notice':'N1',"
        "'listings':['L1']}");
    add_act(ACT_LATE);
    shows("listing_known", "shown grade_C ns,na");
}

static void an_acknowledged_notice_of_the_designated_channel_has_the_best_grade(void **state)
{
    (void)state;
    begin_active();
    add("{'id':'na','type':'notice.ack','at':'2023-01-06T00:00:00Z','notice':'N1',"
        "'listings':['L1']}");
    shows("listing_known", "shown grade_A ns-N1,nr-N1,na");
}

static void the_act_must_come_after_notice(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", SEEN_LATE);
    add_act("2023-01-05T10:00:00Z");
    shows("listing_known", "not_shown act_before_notice ns-N1,nr-N1");
    shows("act_after_knowledge", "not_shown no_knowledge_at_act");
}

static void the_act_must_come_after_grace(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", SEEN_LATE);
    add_act("2023-01-06T10:00:00Z");
    shows("knowledge", "shown active_after_grace");
    shows("act_after_knowledge", "not_shown within_grace");
}

static void clocks_that_overlap_leave_it_open(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", SEEN_LATE);
    add("{'id':'ad','type':'support','at':'2023-01-06T10:00:02Z','unc_ms':5000,'platform':'P',"
        "'kind':'sponsored_ad','listing':'L1'}");
    shows("act_after_knowledge", "indeterminate clock_uncertainty");
    shows("result", "indeterminate");
}

static void equal_instants_are_not_after(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-06T10:00:00Z"); /* the very end of the grace time */
    add_act(ACT_LATE);
    shows("listing_remained_active", "not_shown no_active_sighting_after_grace");
}

static void prompt_removal_rebuts(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'t','type':'takedown','at':'2023-01-06T10:00:00Z','listing':'L1','actor':'platform'"
        "}");
    add_act(ACT_LATE);
    shows("listing_remained_active", "rebutted promptly_removed t");
    shows("knowledge", "rebutted promptly_removed");
    shows("result", "elements_missing");
}

static void late_removal_before_the_act_rebuts_for_that_act(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-07T00:00:00Z");
    add("{'id':'t','type':'takedown','at':'2023-01-08T00:00:00Z','listing':'L1','actor':'platform'"
        "}");
    add_act(ACT_LATE);
    shows("listing_remained_active", "rebutted removed_before_act t");
}

static void found_gone_late_leaves_the_time_of_removal_unknown(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("g", "gone", "2023-01-08T00:00:00Z");
    add_act(ACT_LATE);
    shows("listing_remained_active", "not_shown removal_time_unknown g");
}

static void a_removal_that_may_be_before_the_act_leaves_it_open(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-07T00:00:00Z");
    add("{'id':'t','type':'takedown','at':'2023-01-10T00:00:01Z','unc_ms':60000,'listing':'L1'}");
    add_act(ACT_LATE);
    shows("listing_remained_active", "indeterminate clock_uncertainty t");
}

static void what_the_seller_relists_needs_a_new_notice(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'t','type':'takedown','at':'2023-01-05T20:00:00Z','listing':'L1'}");
    add_seen("s1", "active", SEEN_LATE);
    add_act(ACT_LATE);
    shows("listing_remained_active", "not_shown relisted_without_new_notice t,s1");
}

static void what_the_platform_restores_is_known_again_without_grace(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'t','type':'takedown','at':'2023-01-05T20:00:00Z','listing':'L1'}");
    add("{'id':'r','type':'restore','at':'2023-01-08T00:00:00Z','listing':'L1','actor':'platform'"
        "}");
    add_seen("s1", "active", "2023-01-08T00:00:01Z");
    add_act("2023-01-08T00:00:02Z");
    shows("listing_remained_active", "shown active_after_grace s1");
    shows("act_after_knowledge", "shown after");
}

static void what_is_restored_after_a_counter_notice_is_not_known(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'t','type':'takedown','at':'2023-01-05T20:00:00Z','listing':'L1'}");
    add("{'id':'r','type':'restore','at':'2023-01-08T00:00:00Z','listing':'L1','actor':'platform',"
        "'reason':'counter_accepted'}");
    add_seen("s1", "active", SEEN_LATE);
    add_act(ACT_LATE);
    shows("listing_remained_active", "not_shown relisted_without_new_notice r");
}

static void an_absent_sighting_never_shows_activity(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_act(ACT_LATE);
    shows("listing_remained_active", "not_shown no_active_sighting_after_grace");
}

static void a_cached_page_is_not_live(void **state)
{
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add("{'id':'s1','type':'sighting','at':'2023-01-09T00:00:00Z','listing':'L1','state':'active',"
        "'via':'search_index'}");
    add("{'id':'g','type':'sighting','at':'2023-01-05T11:00:00Z','listing':'L1','state':'gone',"
        "'via':'cache'}"); /* and does not rebut either */
    add_act(ACT_LATE);
    shows("listing_remained_active", "not_shown sighting_not_live");
}

static void a_notice_withdrawn_in_error_is_void_from_the_start(void **state)
{
    (void)state;
    begin_active();
    add("{'id':'w','type':'notice.withdraw','at':'2023-02-01T00:00:00Z','notice':'N1',"
        "'reason':'error'}");
    shows("listing_known", "rebutted notice_withdrawn ns-N1,nr-N1,w");
}

static void a_notice_that_is_settled_later_stands_until_then(void **state)
{
    (void)state;
    begin_active();
    add("{'id':'w','type':'notice.withdraw','at':'2023-02-01T00:00:00Z','notice':'N1',"
        "'reason':'settled'}");
    shows("listing_known", "shown grade_B ns-N1,nr-N1");
}

static void a_pending_counter_notice_leaves_it_open(void **state)
{
    (void)state;
    begin_active();
    add("{'id':'cf','type':'counter.filed','at':'2023-01-06T00:00:00Z','notice':'N1',"
        "'listings':['L1']}");
    shows("listing_known", "indeterminate counter_pending ns-N1,nr-N1,cf");
    shows("listing_remained_active", "indeterminate counter_pending s1");
}

static void a_rejected_counter_notice_lets_the_notice_stand(void **state)
{
    (void)state;
    begin_active();
    add("{'id':'cf','type':'counter.filed','at':'2023-01-06T00:00:00Z','notice':'N1',"
        "'listings':['L1']}");
    add("{'id':'cd','type':'counter.decision','at':'2023-01-07T00:00:00Z','notice':'N1',"
        "'outcome':'rejected'}");
    shows("listing_known", "shown grade_B ns-N1,nr-N1");
}

static void an_accepted_counter_notice_rebuts_whenever_it_is_decided(void **state)
{
    (void)state;
    begin_active();
    add("{'id':'cd','type':'counter.decision','at':'2023-03-07T00:00:00Z','notice':'N1',"
        "'outcome':'accepted','listings':['L1']}");
    shows("listing_known", "rebutted counter_accepted ns-N1,nr-N1,cd");
    shows("result", "elements_missing");
}

static void a_notice_that_the_platform_rejected_leaves_it_open(void **state)
{
    (void)state;
    begin_active();
    add("{'id':'nd','type':'notice.decision','at':'2023-01-06T00:00:00Z','notice':'N1',"
        "'outcome':'rejected'}");
    shows("listing_known", "indeterminate platform_rejected_notice ns-N1,nr-N1,nd");
}

static void a_notice_to_another_platform_counts_there_only(void **state)
{
    (void)state;
    begin();
    add("{'id':'ch9','type':'channel','at':'2022-01-01T00:00:00Z','platform':'Q','channel':'q',"
        "'class':'designated'}");
    add("{'id':'ns','type':'notice.sent','at':'2023-01-05T10:00:00Z','platform':'Q','notice':'N1',"
        "'channel':'q','kind':'counterfeit','has':['location','right'],'listings':['L1']}");
    add("{'id':'nr','type':'notice.received','at':'2023-01-05T10:00:00Z','notice':'N1'}");
    add_act(ACT_LATE);
    shows("listing_known", "not_shown no_notice");
}

static void without_a_policy_a_day_of_grace_is_given(void **state)
{
    (void)state;
    begin_under(NULL);
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", SEEN_LATE);
    add_act("2023-01-06T10:00:01Z");
    shows("act_after_knowledge", "shown after");
    shows("merchant_over_threshold", "not_shown orders_do_not_generate_strikes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_live_after_notice_and_grace_shows_all_elements),
        cmocka_unit_test(a_notice_that_was_only_sent_puts_nobody_on_notice),
        cmocka_unit_test(a_draft_is_no_notice),
        cmocka_unit_test(a_match_is_no_notice),
        cmocka_unit_test(an_incomplete_notice_counts_from_its_correction_on),
        cmocka_unit_test(a_notice_by_another_channel_counts_only_when_acknowledged_by_name),
        cmocka_unit_test(an_acknowledged_notice_of_the_designated_channel_has_the_best_grade),
        cmocka_unit_test(the_act_must_come_after_notice),
        cmocka_unit_test(the_act_must_come_after_grace),
        cmocka_unit_test(clocks_that_overlap_leave_it_open),
        cmocka_unit_test(equal_instants_are_not_after),
        cmocka_unit_test(prompt_removal_rebuts),
        cmocka_unit_test(late_removal_before_the_act_rebuts_for_that_act),
        cmocka_unit_test(found_gone_late_leaves_the_time_of_removal_unknown),
        cmocka_unit_test(a_removal_that_may_be_before_the_act_leaves_it_open),
        cmocka_unit_test(what_the_seller_relists_needs_a_new_notice),
        cmocka_unit_test(what_the_platform_restores_is_known_again_without_grace),
        cmocka_unit_test(what_is_restored_after_a_counter_notice_is_not_known),
        cmocka_unit_test(an_absent_sighting_never_shows_activity),
        cmocka_unit_test(a_cached_page_is_not_live),
        cmocka_unit_test(a_notice_withdrawn_in_error_is_void_from_the_start),
        cmocka_unit_test(a_notice_that_is_settled_later_stands_until_then),
        cmocka_unit_test(a_pending_counter_notice_leaves_it_open),
        cmocka_unit_test(a_rejected_counter_notice_lets_the_notice_stand),
        cmocka_unit_test(an_accepted_counter_notice_rebuts_whenever_it_is_decided),
        cmocka_unit_test(a_notice_that_the_platform_rejected_leaves_it_open),
        cmocka_unit_test(a_notice_to_another_platform_counts_there_only),
        cmocka_unit_test(without_a_policy_a_day_of_grace_is_given),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
