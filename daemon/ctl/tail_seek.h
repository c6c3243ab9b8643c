/*
 * Where in the feed tail begins.
 */
#ifndef DAEMON_CTL_TAIL_SEEK_H
#define DAEMON_CTL_TAIL_SEEK_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/ctl/cursor.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/view.h"
#include "daemon/feed.h"

#define TAIL_STOPS_MAX 2u

/* What ends a seek that takes long: one of these becomes what its events, or poll's errors, say. */
struct tail_stop {
    struct pollfd fds[TAIL_STOPS_MAX];
    nfds_t count;
};

/* The seq that follows the cursor, or with `at` the cursor's own; 0 for the one before all. 0;
   -ENODATA: no such record is there; -ESTALE: another record stands in its place; -errno of
   reading. */
int tail_seek_cursor(struct feed *feed, const struct cursor *cursor, bool at, uint64_t *ret_from);

/* The cursor of the record before seq `from`: without a hash when that record is not there. 0 or
   -errno. */
int tail_seek_before(struct feed *feed, uint64_t from, struct cursor *ret_cursor);

/* A seq before which no record is from this time or later, unless the clock was set back by more
   than an hour since: read from the names and first lines of the segments. 0 or -errno. */
int tail_seek_since(struct feed *feed, const char *ledger, int64_t since_ns, uint64_t *ret_from);

/* The seq of the first of the last `lines` records at or past `from` that pass; with too few the
   first that passes, with none the end. 0; -ECANCELED: told to stop;
   -errno. */
int tail_seek_last(struct feed *feed, struct filter *filter, struct view_reader *reader,
                   struct tail_stop *stop, uint64_t from, uint64_t lines, uint64_t *ret_first);

/* Tells the filter of all notices that can be read now. 0; -ECANCELED as above; -errno. */
int tail_seek_notices(struct feed *feed, struct filter *filter, struct view_reader *reader,
                      struct tail_stop *stop);

#endif
