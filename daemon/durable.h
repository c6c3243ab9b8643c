/*
 * state/durable: how far the feed is durable, for readers in other processes. They take no lock and
 * are never waited for. The writer stores through its backend, readers read with plain calls.
 */
#ifndef DAEMON_DURABLE_H
#define DAEMON_DURABLE_H

#include "daemon/ledger/position.h"
#include "io/backend.h"

#define DURABLE_NAME "durable"
#define DURABLE_PATH "state/" DURABLE_NAME /* below the ledger's folder */

/* Reader: opens the file of a ledger. Returns an fd that the caller closes, or -errno; -ENOENT when
   the ledger has none (a bare copy of feed/). */
int durable_open(const char *ledger);

/* Reader: the position now. 0; -ENODATA when nothing is durable yet; -errno. Any process, at any
   time: a store that is under way is seen whole or not at all. */
int durable_read(int fd, struct position *ret_position);

/* Writer's side. */
struct durable_store {
    struct backend *backend;
    int fd; /* -1: not open */
    uint64_t generation;
};

/* Writer: opens state/<name> below the ledger's folder dir_fd, made with its folder when missing,
   and says what was stored last. 0 and *ret_found true with *ret_position, or false when there is
   none; -errno. */
int durable_store_open(struct durable_store *ret_store, struct backend *backend, int dir_fd,
                       const char *name, bool *ret_found, struct position *ret_position);

/* Writer: stores the position. 0 or -errno; an error leaves readers behind and endangers nothing.
 */
int durable_store_put(struct durable_store *store, const struct position *position);

/* Writer: makes what was stored survive a power loss too, and closes. A store that is not open is
   fine. */
void durable_store_close(struct durable_store *store);

#endif
