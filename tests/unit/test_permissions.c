/*
 * Who may write what, and that it changes while others ask.
 */
#include "daemon/permissions.h"
#include "tests/fakes/test.h"

static const struct event_peer peer = {.known = true, .uid = 7, .gid = 8};
static const struct event_peer nobody = {.known = false};

static event_kinds_set may(struct permissions *permissions, const struct event_peer *who)
{
    unsigned turn;
    event_kinds_set kinds = permissions_of(permissions, who, &turn);
    assert_int_equal(turn, permissions_turn(permissions));
    return kinds;
}

static void who_is_not_named_may_write_nothing(void **state)
{
    (void)state;
    struct permissions_pair pair;
    struct permissions_rules rules = {.crawl = {.kinds = 1}, .notice = {.kinds = 6}};
    permissions_open(&pair, &rules);
    assert_int_equal(may(&pair.crawl, &nobody), 1);
    assert_int_equal(may(&pair.notice, &nobody), 6); /* nobody is named: all may */
    rules.notice.uids = (struct config_ids){.at = {1, 7}, .count = 2};
    permissions_change(&pair, &rules);
    assert_int_equal(may(&pair.notice, &nobody), 0);
    assert_int_equal(may(&pair.notice, &peer), 6);
    rules.notice.uids = (struct config_ids){.at = {8}, .count = 1};
    permissions_change(&pair, &rules);
    assert_int_equal(may(&pair.notice, &peer), 0);
    rules.notice.gids = (struct config_ids){.at = {8}, .count = 1};
    permissions_change(&pair, &rules);
    assert_int_equal(may(&pair.notice, &peer), 6);
}

static void only_a_change_counts_as_one(void **state)
{
    (void)state;
    struct permissions_pair pair;
    struct permissions_rules rules = {.crawl = {.kinds = 1},
                                      .notice = {.kinds = 2, .gids = {.at = {3}, .count = 1}}};
    permissions_open(&pair, &rules);
    permissions_change(&pair, &rules);
    assert_int_equal(permissions_turn(&pair.crawl), 0);
    assert_int_equal(permissions_turn(&pair.notice), 0);
    rules.notice.gids.at[0] = 4;
    permissions_change(&pair, &rules);
    assert_int_equal(permissions_turn(&pair.crawl), 0);
    assert_int_equal(permissions_turn(&pair.notice), 1);
    rules.crawl.kinds = 3;
    permissions_change(&pair, &rules);
    assert_int_equal(permissions_turn(&pair.crawl), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_not_named_may_write_nothing),
        cmocka_unit_test(only_a_change_counts_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
