/*
 * The records of a feed as somebody who follows it wants them: from a place on, those that pass a
 * filter, and whether a signature covers them. What noticectl tail and noticed-web share. Reads
 * files alone, so that no daemon waits for it; prints nothing. One thread.
 */
#ifndef DAEMON_CTL_FOLLOW_H
#define DAEMON_CTL_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/cursor.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/tail_seek.h"
#include "daemon/ctl/view.h"

/* Where to begin. Zeroed: with the last 0 records that pass, which is with what comes next. */
struct follow_from {
    bool all; /* of the records from the place on; else the last `lines` of them that pass */
    uint64_t lines;
    bool has_since;
    int64_t since_ns;
    bool has_cursor, cursor_at; /* whether there is one, and whether its record is given too */
    struct cursor cursor;
};

struct follow_record {
    const char *line; /* without its newline; dies with the next follow_next, as view does */
    size_t len;
    uint64_t seq;
    const struct view *view; /* only of FOLLOW_RECORD */
    bool provisional;        /* under no signed checkpoint, as far as is known */
};

enum follow_result {
    FOLLOW_NONE = 0,    /* nothing more for now; ask again later */
    FOLLOW_RECORD = 1,  /* one that passes */
    FOLLOW_OTHER = 2,   /* one that does not; it was read all the same */
    FOLLOW_DAMAGED = 3, /* a line that no noticed writes; what follows can be read */
};

struct follow;

/* Opens nothing yet; ledger and filter are borrowed. checkpointed: only signed records are given.
   stop is copied, its descriptors are borrowed: they end follow_seek.
   NULL when out of memory. */
struct follow *follow_new(const char *ledger, struct filter *filter, bool checkpointed,
                          const struct tail_stop *stop);

/* Opens the feed. 0; -ENOENT: there is none yet; -EBADMSG: what stands in the place of a segment
   is no file; -errno. */
int follow_open(struct follow *follow);

/* Goes to the first record that is asked for. *ret_before unless NULL: the cursor of the record
   before it. 0; -ENODATA: the cursor's record is not there; -ESTALE: another one has its number;
   -ECANCELED: told to stop; -E2BIG: more notices than --post-notice can hold;
   -EKEYREJECTED: the checkpoint is not believed (follow_signed says why); -errno. */
int follow_seek(struct follow *follow, const struct follow_from *from, struct cursor *ret_before);

/* The next record: enum follow_result; -EBADMSG: the feed is damaged at follow_damage; -errno. */
int follow_next(struct follow *follow, struct follow_record *ret_record);

/* Whether no record up to the time that the filter asks for is to be expected any more: one past it
   was read, or the clock is past it, by more than a record waits for its disk. */
bool follow_is_over(const struct follow *follow);

/* How many records are under a signature, as of the last look, and why the checkpoint was not
   believed, static; NULL: nothing to say. */
uint64_t follow_signed(const struct follow *follow, const char **ret_fault);

/* After -EBADMSG: the seq of the record that cannot be read, the number of its segment, and the
   byte there at or behind which the damage is. */
void follow_damage(const struct follow *follow, uint64_t *ret_seq, uint64_t *ret_segment,
                   uint64_t *ret_offset);

/* Frees; NULL is fine. Returns NULL. */
struct follow *follow_close(struct follow *follow);

#endif
