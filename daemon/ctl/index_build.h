/*
 * From the feed to the index: each record under its keys, in batches, from where the index ends.
 */
#ifndef DAEMON_CTL_INDEX_BUILD_H
#define DAEMON_CTL_INDEX_BUILD_H

#include "daemon/ctl/index_db.h"
#include "daemon/feed.h"

enum index_mode {
    INDEX_TEMP = 0, /* into temp, without transaction */
    INDEX_FILE,     /* into the file, batch by batch, each with its end */
    INDEX_QUICK,    /* the same, and nothing is kept should the host crash */
};

/* Puts the records [from, until) in, at most those that are durable; *ret_end is the seq after the
   last of them. 0, -EBADMSG where the feed is damaged, -ESTALE for events into temp that do not
   say their platform, -errno. */
int index_build(struct index_db *db, struct feed *feed, uint64_t from, uint64_t until,
                enum index_mode mode, uint64_t *ret_end);

/* Whether the index was made of this ledger, and where it ends. 1; 0: of another one, or the ledger
   is shorter; -errno. */
int index_fits(struct index_db *db, struct feed *feed, uint64_t *ret_end);

#endif
