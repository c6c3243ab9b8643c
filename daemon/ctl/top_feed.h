/*
 * What top shows of the records: matches by mark, warnings, the newest of both. Reads the feed as
 * tail does, from a window behind its end on.
 */
#ifndef DAEMON_CTL_TOP_FEED_H
#define DAEMON_CTL_TOP_FEED_H

#include <stddef.h>
#include <stdint.h>

#define TOP_FEED_MARKS_MAX  512u /* matches of further marks count under no name */
#define TOP_FEED_MARK_BYTES 64u  /* of a mark's id, with NUL */
#define TOP_FEED_LINE_BYTES 800u /* of a line for people, escaped, with NUL */
#define TOP_FEED_LAST_MAX   24u
#define TOP_FEED_WINDOW     5000u /* records before the end, at the start */

struct top_mark {
    char id[TOP_FEED_MARK_BYTES];
    uint64_t matches;
};

struct top_feed {
    uint64_t records, matches, warnings;       /* since the window began */
    struct top_mark marks[TOP_FEED_MARKS_MAX]; /* most matches first */
    size_t marks_count;
    char last[TOP_FEED_LAST_MAX][TOP_FEED_LINE_BYTES]; /* a ring of matches and warnings */
    uint64_t last_count;                               /* put into it so far */
};

struct top_reader;

/* Opens the feed of a ledger, at the window. 0 or -errno; -ENOENT: there is none. */
int top_reader_open(const char *ledger, struct top_reader **ret_reader);

/* Takes in what is durable now. 0, or -errno of reading. */
int top_reader_step(struct top_reader *reader, struct top_feed *feed);

/* Frees; NULL is fine. Returns NULL. */
struct top_reader *top_reader_close(struct top_reader *reader);

#endif
