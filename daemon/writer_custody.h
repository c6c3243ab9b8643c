/*
 * Holds and erases, as the ledger's writer judges and carries them out. For writer*.c and their
 * tests alone; the writer's thread.
 */
#ifndef DAEMON_WRITER_CUSTODY_H
#define DAEMON_WRITER_CUSTODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/pack.h"
#include "daemon/ledger/record.h"

struct writer_core;

/*
 *   IDLE -> LISTED     [begin]  a durable record says that something is to be erased
 *   LISTED -> MARKING  [next_pack]  there is one more pack
 *   MARKING -> ZEROING [end_pass]   something in it was marked, and the marks are durable
 *   MARKING -> LISTED  [end_pass]   nothing in it is to be erased
 *   ZEROING -> LISTED  [end_pass]   the zeros are durable
 *   LISTED -> IDLE     [finish]     that was the last pack
 *
 * Whoever asked is told at the last edge; everything else goes on meanwhile. A step that has no
 * descriptor is repeated with the next turn, and [begin] from IDLE.
 * What is no pack under a pack's name, or a damaged one, is passed by and told.
 */
enum writer_erase_state {
    WRITER_ERASE_IDLE = 0,
    WRITER_ERASE_LISTED,
    WRITER_ERASE_MARKING,
    WRITER_ERASE_ZEROING,
};

struct writer_erase {
    enum writer_erase_state state;
    uint64_t durable_next; /* records below it are durable */
    bool awaited;          /* somebody waits: nothing of queue is told until nothing is due */
    unsigned queue;        /* where the latest hold or erase came from */

    uint64_t below; /* what records below it say is being erased */
    int folder_fd, torn_fd, fd;
    uint64_t *packs; /* first numbers; at: the next one */
    size_t count, at;
    uint64_t last_pack, last_end; /* of the pack that grows: what is behind it is not looked at */
    struct pack_walk walk;
    bool any;     /* something was written in this pass */
    bool damaged; /* a pack could not be read to its end */
    bool waits;   /* the latest step had no descriptor */
    uint8_t *bytes;
};

/* Appends a hold or an erase, unless it is refused; lane answer 0 says. */
void writer_append_custody(struct writer_core *core, unsigned index,
                           const struct record_draft *draft);

/* Records below size are durable now. */
void writer_erase_durable(struct writer_core *core, uint64_t size);

/* Whether the queue's durable position must not move: its erase is not done. */
bool writer_erase_holds(const struct writer_core *core, unsigned index);

/* Erases some of what durable records say is to be erased. Returns whether there is more to do at
   once; what could not be done is the writer's failure. */
bool writer_erase_turn(struct writer_core *core);

/* Leaves the rest to the next start. */
void writer_erase_close(struct writer_core *core);

#endif
