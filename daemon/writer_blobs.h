/*
 * The packs of a ledger, as its writer keeps them: which bytes they hold already, and new ones that
 * are gathered with the batch whose records name them. For writer*.c and their tests alone.
 */
#ifndef DAEMON_WRITER_BLOBS_H
#define DAEMON_WRITER_BLOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/dedupe.h"
#include "daemon/digest.h"
#include "daemon/durable.h"
#include "daemon/ledger/pack.h"
#include "io/journal.h"

#define WRITER_BLOBS_NAME "blobs" /* of state/blobs: how far the packs are durable */

struct writer_core;
struct writer_error;

/* The last pack, and the one before: what a crash tore off it may be in a new one. */
#define WRITER_BLOBS_ENDS 2u

struct writer_blobs {
    struct journal *packs;
    struct pack_coder *coder;
    struct dedupe *window;        /* blobs that are in the packs, by number */
    struct durable_store durable; /* seq: of the blob that comes next */
    uint64_t next;                /* number of the next blob */
    uint64_t flight_next;         /* of the batch in flight */
    bool flight;                  /* the batch in flight waits for its blobs */
    bool rotating;                /* due, and there was no space or no descriptor */
    bool torn;                    /* found at the start: the last pack is to end at torn_from */
    uint64_t torn_from;
    uint64_t ends[WRITER_BLOBS_ENDS]; /* first numbers of the packs that were the last ones */
    size_t ends_count;
    uint8_t frame[PACK_FRAME_BYTES_MAX];
};

/* Makes it empty and looks at what there is, whose journal is open; changes nothing. 0, or -errno
   with *reterr_error: -EBADMSG: durable bytes of the last pack are gone or changed. */
int writer_blobs_open(struct writer_core *core, struct writer_error *reterr_error);

/* Sets aside what a crash left at the end of the last pack. */
int writer_blobs_cut(struct writer_core *core, struct writer_error *reterr_error);

/* Stores again the whole blobs that are in torn/, of the ends of the last packs: without
   state/blobs nobody knows whether a record names them. Each start looks, so that one that dies
   leaves them to the next. For want of space they stay in torn/, which is logged. */
void writer_blobs_restore(struct writer_core *core);

/* Gathers these bytes, unless they are in a pack already. */
void writer_blobs_put(struct writer_core *core, const uint8_t sha256[DIGEST_BYTES],
                      const void *bytes, size_t len);

/* The blobs of the batch in flight are durable. */
void writer_blobs_durable(struct writer_core *core);

/* Frees the memory; one that is all zero is fine. */
void writer_blobs_close(struct writer_core *core);

#endif
