/*
 * A rule behind a mutex, with a count of its changes so that nobody takes the mutex for a line.
 */
#include "daemon/permissions.h"

#include <string.h>

#include "daemon/log.h"

static bool holds(const struct config_ids *ids, uint32_t id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (ids->at[i] == id)
            return true;
    return false;
}

static bool same_ids(const struct config_ids *a, const struct config_ids *b)
{
    return a->count == b->count && memcmp(a->at, b->at, a->count * sizeof *a->at) == 0;
}

static bool is_same(const struct permissions_rule *a, const struct permissions_rule *b)
{
    return a->kinds == b->kinds && same_ids(&a->uids, &b->uids) && same_ids(&a->gids, &b->gids);
}

void permissions_rules_of(const struct config *config, struct permissions_rules *ret_rules)
{
    *ret_rules = (struct permissions_rules){
        .crawl = {.kinds = config->crawl_kinds},
        .notice = {config->notice_kinds, config->notice_uids, config->notice_gids}};
}

static void open_one(struct permissions *permissions, const struct permissions_rule *rule)
{
    (void)pthread_mutex_init(&permissions->mutex, NULL); /* cannot fail on Linux */
    permissions->rule = *rule;
    atomic_init(&permissions->turn, 0);
}

void permissions_open(struct permissions_pair *pair, const struct permissions_rules *rules)
{
    open_one(&pair->crawl, &rules->crawl);
    open_one(&pair->notice, &rules->notice);
}

/* Whether it is another rule. */
static bool change_one(struct permissions *permissions, const struct permissions_rule *rule)
{
    (void)pthread_mutex_lock(&permissions->mutex); /* ours, and never taken twice */
    bool another = !is_same(&permissions->rule, rule);
    permissions->rule = *rule;
    if (another)
        atomic_fetch_add_explicit(&permissions->turn, 1, memory_order_release);
    (void)pthread_mutex_unlock(&permissions->mutex); /* it is held */
    return another;
}

void permissions_change(struct permissions_pair *pair, const struct permissions_rules *rules)
{
    if (change_one(&pair->crawl, &rules->crawl))
        log_write(LOG_LEVEL_INFO, "reloaded: crawl.kinds has changed");
    if (change_one(&pair->notice, &rules->notice))
        log_write(LOG_LEVEL_INFO, "reloaded: notice.kinds, notice.uids or notice.gids has changed");
}

event_kinds_set permissions_of(struct permissions *permissions, const struct event_peer *peer,
                               unsigned *ret_turn)
{
    (void)pthread_mutex_lock(&permissions->mutex); /* as above */
    const struct permissions_rule *rule = &permissions->rule;
    bool may = rule->uids.count + rule->gids.count == 0 ||
               (peer->known && (holds(&rule->uids, peer->uid) || holds(&rule->gids, peer->gid)));
    event_kinds_set kinds = may ? rule->kinds : 0;
    *ret_turn = permissions_turn(permissions);
    (void)pthread_mutex_unlock(&permissions->mutex); /* as above */
    return kinds;
}
