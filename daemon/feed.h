/*
 * Reading the feed while it grows: lines in order, across segments, up to the durable end and no
 * further. For tools in other processes; takes no lock and is never waited for.
 */
#ifndef DAEMON_FEED_H
#define DAEMON_FEED_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/record.h"

struct feed;

/* Opens the feed of the ledger in folder `ledger`, to read from its first record. A ledger without
   state/durable (a copy of feed/ alone) is read to its last whole line. 0; -ENOENT: there is no
   feed; -errno. */
int feed_open(const char *ledger, struct feed **ret_feed);

/* Continues with record seq, or with the first one after it that there is. Past the end is fine:
   then that record comes once it is written. 0 or -errno. */
int feed_seek(struct feed *feed, uint64_t seq);

/* The seq after the last record that can be read now, below the bound. What comes next is to be
   sought anew. 0 or -errno. */
int feed_find_end(struct feed *feed, uint64_t *ret_end);

/* Continues with the last `count` records that can be read now. 0 or -errno. */
int feed_seek_last(struct feed *feed, uint64_t count);

/* From now on no record from this seq on is given; UINT64_MAX, as at first: all are. */
void feed_bound(struct feed *feed, uint64_t seq);

#define FEED_SLACK_BYTES 64u /* readable bytes after every line */

/* The next line without its newline, borrowed until the next call, and its seq. 1; 0: nothing more
   is durable now, ask again later; -EBADMSG: the feed is damaged here; -errno. */
int feed_next(struct feed *feed, const char **ret_line, size_t *ret_len, uint64_t *ret_seq);

/* The common fields of the line that feed_next gave last, borrowed, and its kind, which is
   RECORD_KINDS_COUNT when this build does not know it. */
const struct record_head *feed_head(const struct feed *feed, enum record_kind *ret_kind);

/* Where the line that feed_next gave last stands: the number of its segment, and its first byte. */
void feed_place(const struct feed *feed, uint64_t *ret_segment, uint64_t *ret_offset);

/* Where feed_next goes on: the record's seq, the number of its segment, and the byte there. After
   -EBADMSG the damage is there, or after a seek behind it. */
void feed_next_place(const struct feed *feed, uint64_t *ret_seq, uint64_t *ret_segment,
                     uint64_t *ret_offset);

/* The seq after the last durable record, as of the last call; 0 when there is none. */
uint64_t feed_end(const struct feed *feed);

/* Frees. NULL is fine. Returns NULL. */
struct feed *feed_close(struct feed *feed);

#endif
