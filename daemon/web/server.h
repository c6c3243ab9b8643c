/*
 * The HTTP server of noticed-web: which path is what, and what it holds at most. GET and HEAD only.
 * Of its connections (daemon/web/guests.h) one that is silent for 10 s in a request or between two,
 * or a reader of records that takes nothing for 30 s, is closed; when many are there, the idlest.
 */
#ifndef DAEMON_WEB_SERVER_H
#define DAEMON_WEB_SERVER_H

#include <stdbool.h>

/* What is shown; NULL: nothing of the kind. Borrowed as long as the server runs. */
struct server_config {
    const char *ledger, *metrics, *reports;
};

struct server;

/* Serves on a listening socket, which is its own from then on, by threads of its own. 0; -EPERM:
   it is no unix socket and no loopback address; -errno. */
int server_start(const struct server_config *config, int listen_fd, struct server **ret_server);

/* Ends all connections, and waits for their threads. NULL is fine. Returns NULL. */
struct server *server_stop(struct server *server);

#endif
