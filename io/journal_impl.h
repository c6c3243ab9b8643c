/*
 * The inside of a journal, for its three files alone: journal.c (batches), journal_files.c (its
 * folder) and journal_space.c (what is allocated for it).
 */
#ifndef IO_JOURNAL_IMPL_H
#define IO_JOURNAL_IMPL_H

#include "io/journal.h"

#define JOURNAL_NAME_BYTES 32u
#define JOURNAL_NO_RESERVE UINT64_MAX /* the file system cannot: ENOSPC then comes from a write */

/*
 *              start        form, commit           all written           synced
 *    OPENED ----------> IDLE --------------> WRITING ------------> SYNCING ---------+
 *                         ^                   | ^ |                   |             |
 *                         +-------------------|-|-|-------------------|-------------+
 *                                    no space | | | any other error   | any error
 *                                             v | +---------+---------+
 *                                         WAITING           v
 *                                                       POISONED
 *
 *   OPENED -> IDLE     [journal_start]
 *   IDLE -> IDLE       [journal_rotate]     the segment is another one; or, full disk, the same
 *   IDLE -> FORMED     [journal_form]       what is gathered is the batch; none of it is written
 *   FORMED -> WRITING  [journal_commit]     space is reserved
 *   FORMED -> WAITING  [journal_commit]     there is no space to reserve
 *   WAITING -> WRITING [journal_retry]      space is reserved
 *   WRITING -> WRITING [journal_on_written] a short or interrupted write goes on from there
 *   WRITING -> WAITING [journal_on_written] ENOSPC in spite of the reserve: cut to the end
 *   WRITING -> SYNCING [journal_on_written] all bytes are written
 *   SYNCING -> IDLE    [journal_on_synced]  the end moves; the only edge that moves it
 *   any -> POISONED    [journal_poison]     for good
 *
 * Invariants:
 *   1. end is the durable end: every byte of the segment below it was synced, and no byte below it
 *      is ever written again.
 *   2. In IDLE nothing of a batch is past end. In FORMED and WAITING a batch waits in flight[],
 *      nothing of it is past end. In WRITING and SYNCING the bytes from end on are its.
 *   3. An error of a sync is final: the kernel marks the pages clean, and another sync would lie.
 *   4. The visible size is never past end + flight_len; what is reserved is not visible.
 *   5. Bytes of the common share are gathered only while reserve_bytes stay allocated behind them.
 */
enum journal_state {
    JOURNAL_OPENED = 0,
    JOURNAL_IDLE,
    JOURNAL_FORMED,
    JOURNAL_WAITING,
    JOURNAL_WRITING,
    JOURNAL_SYNCING,
    JOURNAL_POISONED,
};

struct journal {
    struct backend *backend;
    const struct journal_handler *handler;
    void *context;
    char name[JOURNAL_NAME_BYTES];
    const char *suffix; /* of segments */
    int dir_fd, folder_fd;

    struct journal_segment *segments; /* as found */
    size_t segments_count;
    int read_fd; /* of segment read_first; -1: none */
    uint64_t read_first;
    bool read_direct;

    enum journal_state state;
    int error;
    bool batch_waits;              /* for space, and both shares with it; until it is durable */
    size_t asked[JOURNAL_SHARES];  /* bytes that a share waits for; 0: it does not wait */
    bool unpointed;                /* no space to point `current` at the segment */
    int fd;                        /* of the current segment */
    uint64_t first, end, reserved; /* reserved: what is allocated ends here */
    uint64_t reserve_bytes;
    char *gathering, *flight; /* JOURNAL_BATCH_BYTES_MAX each, aligned for direct reads */
    size_t gathering_len, flight_len, written;
    struct backend_op write_op, sync_op;
};

/* The poisoned state, for good; tells the handler. error is a -errno. */
void journal_poison(struct journal *journal, int error);

/* Writes the batch in flight if space can be reserved for it, else it waits. */
void journal_start_batch(struct journal *journal);

/* Completions of the write and the sync of a batch. */
void journal_on_written(struct backend_op *op, const struct backend_completion *completion);
void journal_on_synced(struct backend_op *op, const struct backend_completion *completion);

/* Whether an error means that the disk is full, or the quota used up. */
bool journal_is_full(int error);

/* journal_space.c: allocates from the durable end up to `need` at least, and up to `want` as far as
   there is space. 0, or -errno when not even that is there. */
int journal_allocate(struct journal *journal, uint64_t need, uint64_t want);

/* What is to be allocated when a batch begins: another one may gather while it is in flight. */
uint64_t journal_wanted(const struct journal *journal);

/* journal_files.c: points `current` at the segment. 0, also when there is no space for it; else
   -errno. */
int journal_point(struct journal *journal);

#endif
