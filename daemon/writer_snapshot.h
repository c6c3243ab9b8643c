/*
 * Snapshots of what is derived from the records, in the ledger's state/ (DESIGN 9.10): for the
 * writer's core alone.
 */
#ifndef DAEMON_WRITER_SNAPSHOT_H
#define DAEMON_WRITER_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/ledger/record.h"
#include "daemon/snapshot.h"
#include "io/backend.h"
#include "io/journal.h"

#define WRITER_SNAPSHOT_NS    60000000000u /* between two, when something changed */
#define WRITER_SNAPSHOTS_KEPT 2u

enum writer_snapshot_state {
    WRITER_SNAPSHOT_IDLE = 0,
    WRITER_SNAPSHOT_WRITING,
    WRITER_SNAPSHOT_SYNCING,
};

struct writer_snapshot {
    struct backend *backend;
    int folder_fd;                        /* state/; -1: not open */
    uint64_t kept[WRITER_SNAPSHOTS_KEPT]; /* seqs of those there, newest first; 0: none */
    uint64_t changes;                     /* of derived, when the newest was copied */
    uint64_t due_ns;                      /* not before this, unless rotated */
    bool rotated;                         /* a segment was begun since */

    enum writer_snapshot_state state;
    int error; /* sticky: a write or sync failed otherwise than for space */
    int fd;
    struct snapshot_head head;
    struct derived *derived; /* that it is of */
    uint8_t *bytes, *scratch;
    size_t len, written, hashed;
    uint8_t digest[DIGEST_BYTES];
    uint64_t taken_changes;
    struct backend_op op;
};

struct writer_core;
struct writer_found;

/* Opens state/ and fills core->derived, which is empty, from the newest snapshot that lies inside
   the ledger that was found; *ret_seq is its seq, 0 when there is none that is good. What is
   damaged is told in the log. 0, or -errno of the disk or memory. */
int writer_snapshot_open(struct writer_core *core, const struct writer_found *found,
                         uint64_t *ret_seq);

/* Whether one is to be taken now; then nothing more is to be gathered until writer_snapshot_take.
 */
bool writer_snapshot_due(const struct writer_core *core);

/* Begins to copy what is derived and to write it. Only when every record is durable. */
void writer_snapshot_take(struct writer_core *core);

/* Ends: waits for what is being written; final: everything is durable and nothing follows, so that
   one more is written if anything changed. */
void writer_snapshot_close(struct writer_core *core, bool final);

#endif
