/*
 * Whether an erase may be recorded while merchants are held: whose the bytes are, all sightings are
 * asked. For writer*.c and their tests alone; the writer's thread.
 */
#ifndef DAEMON_WRITER_OWNER_H
#define DAEMON_WRITER_OWNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/blob_ref.h"
#include "daemon/ledger/record.h"

struct writer_core;

/*
 *   IDLE -> WAITING     [begin]   an erase is asked for, and merchants are held
 *   WAITING -> READING  [open]    every record that was appended before it is durable
 *   READING -> DECIDING           a held merchant's sighting was found, or all were read, or the
 *                                 feed cannot be read
 *   DECIDING -> IDLE    [decide]  it is appended, or refused
 *
 * Records that are appended meanwhile are looked at as they come. A step that has no descriptor or
 * no space is repeated with a later turn. Everything else goes on meanwhile.
 */
enum writer_owner_state {
    WRITER_OWNER_IDLE = 0,
    WRITER_OWNER_WAITING,
    WRITER_OWNER_READING,
    WRITER_OWNER_DECIDING,
};

struct writer_owner {
    enum writer_owner_state state;
    unsigned queue; /* where the erase came from */
    uint64_t below; /* records before it */
    bool held;      /* by sha256's merchant */
    bool unknown;   /* which merchant that is: it is held on the safe side */
    bool unread;
    uint8_t sha256[DIGEST_BYTES];
    size_t count;
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];
    size_t body_len;
    char body[RECORD_BODY_BYTES_MAX];

    int folder_fd, fd;  /* fd -1: no segment is open */
    uint64_t *segments; /* first numbers; at: the next one */
    size_t segments_count, at;
    uint64_t offset; /* in the open one */
    char *bytes;     /* a window of it */
};

/* Begins with an erase of the count blobs in list, whose draft is copied. Only when it is idle. */
void writer_owner_begin(struct writer_core *core, unsigned queue, const struct record_draft *draft,
                        const uint8_t (*list)[DIGEST_BYTES], size_t count);

/* A record was appended; line is without its newline. */
void writer_owner_line(struct writer_core *core, enum record_kind kind, const char *line,
                       size_t len);

/* One step. Whether there is more to do at once. */
bool writer_owner_turn(struct writer_core *core);

/* Gives up: what was not recorded was never told. */
void writer_owner_close(struct writer_core *core);

#endif
