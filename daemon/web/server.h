/*
 * The HTTP server of noticed-web: which path is what, and what it holds at most. GET and HEAD only.
 */
#ifndef DAEMON_WEB_SERVER_H
#define DAEMON_WEB_SERVER_H

#include <stdbool.h>

#define SERVER_CONNECTIONS_MAX 48u /* each has a thread; further ones wait or are closed */
#define SERVER_TIMEOUT_S       30u /* of a connection on which nothing moves */

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
