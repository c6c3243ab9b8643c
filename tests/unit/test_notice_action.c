/*
 * The track without an order. Goal: of each noticed listing it says what findings say of it at the
 * same time, and nothing of orders and acts. Method: the world of knowledge_rig.h.
 */
#include "daemon/knowledge/notice_action.h"
#include "tests/unit/knowledge_rig.h"

#define DAY_NS INT64_C(86400000000000)
#define JAN_1  INT64_C(1672531200000000000) /* 2023-01-01T00:00:00Z */

static char told[512];

static int take(void *context, const struct knowledge_notice_action *action)
{
    static const struct knowledge_finding none = {0};
    char known[KNOWLEDGE_REASON_BYTES], active[KNOWLEDGE_REASON_BYTES];
    size_t len = strlen(told);
    (void)context;
    knowledge_reason_name(&none, action->known.reason, known);
    knowledge_reason_name(&none, action->active.reason, active);
    (void)snprintf(told + len, sizeof told - len, "%.*s %.*s %s: %s %s, %s %s;",
                   (int)action->listing.len, action->listing.at, (int)action->merchant.len,
                   action->merchant.at == NULL ? "" : action->merchant.at,
                   knowledge_result_name(action->result),
                   knowledge_answer_name(action->known.answer), known,
                   knowledge_answer_name(action->active.answer), active);
    return 0;
}

static void says(const struct knowledge_filter *filter, int64_t at_ns, const char *expected)
{
    if (!built)
        assert_int_equal(knowledge_build(knowledge), 0);
    built = true;
    told[0] = '\0';
    assert_int_equal(knowledge_notice_actions(knowledge, filter, at_ns, take, NULL), 0);
    assert_string_equal(told, expected);
}

static void a_listing_active_despite_notice_is_shown_without_order_and_act(void **state)
{
    static const struct knowledge_filter all = {0};
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-09T12:00:00Z");
    says(&all, JAN_1 + 9 * DAY_NS,
         "L1 M1 all_elements_shown: shown grade_B, shown active_after_grace;");
    /* Before the notice, and as soon as it is known, within grace. */
    says(&all, JAN_1 + 3 * DAY_NS,
         "L1 M1 elements_missing: not_shown act_before_notice, not_shown act_before_notice;");
    assert_int_equal(knowledge_last_ns(knowledge), INT64_C(1673265600000000000));
}

static void prompt_removal_rebuts_and_a_listing_without_merchant_is_told(void **state)
{
    static const struct knowledge_filter all = {0}, of_m1 = {.merchant = {"M1", 2}},
                                         of_q = {.platform = {"Q", 1}};
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_notice("N2", "L0", 5);
    addf("{'id':'t','type':'takedown','at':'2023-01-05T20:00:00Z','listing':'L1'}");
    /* By name: L0 is nobody's. */
    says(&all, JAN_1 + 9 * DAY_NS,
         "L0  elements_missing: shown grade_B, not_shown no_active_sighting_after_grace;"
         "L1 M1 elements_missing: shown grade_B, rebutted promptly_removed;");
    says(&of_m1, JAN_1 + 9 * DAY_NS,
         "L1 M1 elements_missing: shown grade_B, rebutted promptly_removed;");
    says(&of_q, JAN_1 + 9 * DAY_NS, "");
}

static void a_pending_counter_notice_leaves_it_open(void **state)
{
    static const struct knowledge_filter all = {0};
    (void)state;
    begin();
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-09T12:00:00Z");
    addf("{'id':'c','type':'counter.filed','at':'2023-01-10T00:00:00Z','notice':'N1'}");
    says(&all, JAN_1 + 11 * DAY_NS,
         "L1 M1 indeterminate: indeterminate counter_pending, indeterminate counter_pending;");
}

static void it_says_what_a_finding_of_that_time_says(void **state)
{
    static const struct knowledge_filter all = {0};
    (void)state;
    begin_under(NULL); /* the default grace */
    add_notice("N1", "L1", 5);
    add_seen("s1", "active", "2023-01-06T10:00:00Z"); /* not after it */
    add_act("2023-01-09T00:00:00Z");
    says(&all, JAN_1 + 8 * DAY_NS,
         "L1 M1 elements_missing: shown grade_B, not_shown no_active_sighting_after_grace;");
    shows("listing_known", "shown grade_B ns-N1,nr-N1");
    shows("listing_remained_active", "not_shown no_active_sighting_after_grace");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listing_active_despite_notice_is_shown_without_order_and_act),
        cmocka_unit_test(prompt_removal_rebuts_and_a_listing_without_merchant_is_told),
        cmocka_unit_test(a_pending_counter_notice_leaves_it_open),
        cmocka_unit_test(it_says_what_a_finding_of_that_time_says),
    };
    return cmocka_run_group_tests(tests, rig_open, rig_close);
}
