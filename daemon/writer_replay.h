/*
 * Reading the feed again: whole lines in order, across segments, while the writer opens. What is
 * derived from the lines (the tree, what was seen before) is brought up to them by it.
 */
#ifndef DAEMON_WRITER_REPLAY_H
#define DAEMON_WRITER_REPLAY_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/writer_core.h"

#define WRITER_WINDOW_BYTES (1u << 20)

/* The bytes of a segment from front to back, through WRITER_WINDOW_BYTES of the caller's. */
struct writer_window {
    struct journal *journal;
    uint64_t first, offset; /* of bytes[0] in the segment */
    char *bytes;
    size_t len;
};

/* Drops `taken` bytes from the front and reads more behind the rest. 1 when there is more, 0 at the
   end of the segment, -errno. */
int writer_window_move(struct writer_window *window, size_t taken);

/* Reads exactly len bytes of a segment. 0; -EBADMSG: it ends before them; -errno. */
int writer_read_at(struct journal *feed, uint64_t first, char *bytes, size_t len, uint64_t offset);

/* Takes one line without its newline; all of it is borrowed. kind is RECORD_KINDS_COUNT when this
   build does not know it. Not 0: the replay ends, and returns that. */
typedef int writer_visit(void *context, const struct record_head *head, enum record_kind kind,
                         const char *line, size_t len);

/* Hands the records [from_seq, found->next_seq) to visit. Only between writer_recover_feed and the
   start of the journals; may be called more than once, each time reading no more of the feed than
   from from_seq on. A line that is not the record whose turn it is: -EBADMSG, and nothing after it
   is visited. 0; what visit said, without words; -errno with *reterr_error. */
int writer_replay(struct writer_core *core, const struct writer_found *found, uint64_t from_seq,
                  writer_visit *visit, void *context, struct writer_error *reterr_error);

#endif
