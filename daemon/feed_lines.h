/*
 * Lines of the feed by their places, in any order. Takes no lock; shows what stands there.
 */
#ifndef DAEMON_FEED_LINES_H
#define DAEMON_FEED_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/json.h"
#include "daemon/ledger/record.h"

#define FEED_LINES_FILES_MAX 64u /* segments that are open at once */

/* Where a record's line stands, as feed_place says it. */
struct line_place {
    uint64_t seq, segment, offset;
    uint32_t len; /* without the newline */
};

struct feed_lines;

/* Opens the feed of the ledger in this folder. 0, -ENOENT, -ENAMETOOLONG, -ENOMEM or -errno. */
int feed_lines_open(const char *ledger, struct feed_lines **ret_lines);

/* The line at a place, borrowed until the next call, with JSON_SLACK_BYTES zeros behind it. 0;
   -ESTALE: no such record stands there; -errno. */
int feed_lines_at(struct feed_lines *lines, const struct line_place *place, const char **ret_line);

/* Frees; NULL is fine. Returns NULL. */
struct feed_lines *feed_lines_close(struct feed_lines *lines);

#endif
