/*
 * Who may write which kinds of records on a socket: as the configuration says, and as it says anew
 * after a reload, while lanes ask. Knows no socket.
 */
#ifndef DAEMON_PERMISSIONS_H
#define DAEMON_PERMISSIONS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "daemon/config.h"
#include "daemon/event_intake.h"

struct permissions_rule {
    event_kinds_set kinds;
    struct config_ids uids, gids; /* both empty: anyone who reaches the socket */
};

/* What a configuration says of both sockets; files are read as what crawlers send is. */
struct permissions_rules {
    struct permissions_rule crawl, notice;
};

struct permissions {
    pthread_mutex_t mutex; /* guards the rule */
    struct permissions_rule rule;
    atomic_uint turn; /* changes so far */
};

/* Of both sockets. */
struct permissions_pair {
    struct permissions crawl, notice;
};

/* What the configuration says. */
void permissions_rules_of(const struct config *config, struct permissions_rules *ret_rules);

/* Begins with these, before any thread asks; the pair stays where it is, and holds nothing that
   would have to be freed. */
void permissions_open(struct permissions_pair *pair, const struct permissions_rules *rules);

/* From now on these hold. What is another is logged. Any thread. */
void permissions_change(struct permissions_pair *pair, const struct permissions_rules *rules);

/* The kinds that the peer may write, and the turn of that answer: it holds while permissions_turn
   is the same. Any thread. */
event_kinds_set permissions_of(struct permissions *permissions, const struct event_peer *peer,
                               unsigned *ret_turn);

static inline unsigned permissions_turn(const struct permissions *permissions)
{
    return atomic_load_explicit(&permissions->turn, memory_order_acquire);
}

#endif
