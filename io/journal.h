/*
 * Bytes to disk in order: a folder of append-only segments named <20 digits>.<suffix>, written at
 * explicit offsets, one batch in flight while the next one gathers, made durable by fdatasync.
 * Knows no record: the caller says where lines end, when to start a segment and how it is named.
 *
 * Group commit is natural: a batch starts when the caller asks and none is in flight; there is no
 * timer. Space is reserved without changing the visible size before a batch is formed, so that a
 * full disk is a state of waiting and not a failure (DESIGN 9.12). Some of it, the reserve, is kept
 * back for what must not wait for others: bytes of the common share leave it alone. An error of
 * fdatasync, or any other error of a write, is final: the journal is poisoned, nothing is retried.
 */
#ifndef IO_JOURNAL_H
#define IO_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/backend.h"

#define JOURNAL_BATCH_BYTES_MAX (1u << 20)
#define JOURNAL_AHEAD_BYTES     (4u << 20) /* allocated at a time, when there is so much */

/* Which space bytes may take. */
enum journal_share {
    JOURNAL_COMMON = 0,   /* what is free; the reserve stays */
    JOURNAL_RESERVED = 1, /* the reserve too */
};
#define JOURNAL_SHARES 2u

struct journal;

/* A segment as found on disk. */
struct journal_segment {
    uint64_t first; /* the number in its name */
    uint64_t bytes; /* visible size */
};

struct journal_handler {
    /* The batch started by the last journal_commit is durable: all bytes below end of segment
       first. Called from within a turn of the backend. */
    void (*durable)(void *context, uint64_t first, uint64_t end);
    /* Poisoned for good: no more batches. error is a -errno. */
    void (*failed)(void *context, int error);
};

/* Opens (and makes, 0750) the folder `name` below dir_fd, takes its lock, retrying for 1 s, and
   lists the segments, whose names end with suffix, a literal. Nothing may be appended before
   journal_start. 0; -EWOULDBLOCK: another process holds the lock; -errno. */
int journal_open(struct backend *backend, int dir_fd, const char *name, const char *suffix,
                 const struct journal_handler *handler, void *context,
                 struct journal **ret_journal);

/* The segments found, ascending by first; borrowed until journal_start. */
const struct journal_segment *journal_segments(const struct journal *journal, size_t *ret_count);

/* Reads from a segment; as pread. */
ssize_t journal_read(struct journal *journal, uint64_t first, void *bytes, size_t len,
                     uint64_t offset);

/* Moves the bytes of the last segment from `end` on into <torn_dir>/<name> and makes the segment
   end there: first the copy and both folders are made durable, then the segment is cut. Resumable:
   after a crash in between it does the same again. 0 or -errno. torn_dir stands below dir_fd. */
int journal_cut_tail(struct journal *journal, const char *torn_dir, uint64_t end);

/* Only the copy of it: for whoever tells of it before the segment is cut. The turn that the copy's
   name has (segment_torn_name), or -errno. */
int journal_copy_tail(struct journal *journal, const char *torn_dir, uint64_t end);

/* Starts appending: to the last segment if there is one, else to a new segment `first`, whose file
   and folder are made durable before this returns. Keeps <name>/current pointing at it; on a full
   disk it may lag behind. reserve_bytes are allocated behind the last batch from here on, and stay
   allocated when the journal is closed, as far as there is space and the file system can. */
int journal_start(struct journal *journal, uint64_t first, uint64_t reserve_bytes);

/* Room in the gathering batch. */
size_t journal_room(const struct journal *journal);

/* Whether there is space on the disk for len more bytes, which is theirs then. false: the share
   waits, until journal_retry finds space; or the journal is poisoned. Where the file system cannot
   allocate it is always true, and a write finds out. */
bool journal_has_space(struct journal *journal, size_t len, enum journal_share share);

/* Bytes of the reserve that are left. */
uint64_t journal_reserve_left(const struct journal *journal);

/* Appends to the gathering batch; copies. 0; -EAGAIN when there is no room (commit first); -EIO
   when poisoned. len <= JOURNAL_BATCH_BYTES_MAX. */
int journal_append(struct journal *journal, const void *bytes, size_t len);

/* Makes the gathered bytes a batch, if there are any and there is none yet, and starts nothing:
   what is appended from here on belongs to the next one. */
void journal_form(struct journal *journal);

/* Starts making the formed batch durable; without one, what is gathered, if no batch is in flight.
   true if a batch is in flight afterwards. */
bool journal_commit(struct journal *journal);

bool journal_busy(const struct journal *journal); /* a batch is formed, or in flight, or waits */
bool journal_in_flight(const struct journal *journal); /* it is being written or synced just now */
size_t journal_gathered(const struct journal *journal);

/* The disk is full for this share: until there is space for a batch of the common share and all of
   the reserve, or for what was asked for of the reserved one. A batch that a write found no space
   for makes both wait. */
bool journal_waiting(const struct journal *journal, enum journal_share share);
void journal_retry(struct journal *journal); /* try again for space, the reserve first; cheap */

/* Starts a new segment `first`; only when nothing is gathered and no batch is in flight. The old
   one's unused space is released and both are made durable before this returns. 0; -ENOSPC or
   -EDQUOT: the disk is full; -EMFILE or -ENFILE: no descriptor is free: after these four nothing
   has changed, and the old segment takes more; other -errno (poisoned). */
int journal_rotate(struct journal *journal, uint64_t first);

uint64_t journal_first(const struct journal *journal); /* of the current segment */
uint64_t journal_end(const struct journal *journal);   /* its durable end in bytes */

/* Closes without committing what is gathered or waits for space; the lock goes. Only when no batch
   is being written or synced, or poisoned. NULL is fine. Returns NULL. */
struct journal *journal_close(struct journal *journal);

/* The same when the backend has failed and was closed: only the memory goes, the descriptors and
   the lock end with the process. NULL is fine. Returns NULL. */
struct journal *journal_abandon(struct journal *journal);

#endif
