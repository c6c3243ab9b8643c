/*
 * The files of anchors in a ledger: outbox/<size>.{checkpoint,tsq}, what is to be time-stamped, and
 * anchors/<size>/, what has been. Format: top of anchor_files.c.
 */
#ifndef DAEMON_CTL_ANCHOR_FILES_H
#define DAEMON_CTL_ANCHOR_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/token.h"
#include "daemon/ledger/checkpoint.h"

#define ANCHOR_CHECKPOINT_MAX 65536u
#define ANCHOR_NAME_BYTES     48u /* of a token's file without its suffix, and NUL */

/* A checkpoint that may have been time-stamped. About 70 KiB: on the heap. */
struct anchor_source {
    uint64_t size;
    struct checkpoint checkpoint; /* borrows from bytes */
    struct note note;             /* likewise */
    size_t len, query_len;        /* query_len 0: there is no query */
    uint8_t bytes[ANCHOR_CHECKPOINT_MAX], query[TOKEN_QUERY_MAX];
};

enum anchor_sizes {
    ANCHOR_SIZES_ALL = 0,
    ANCHOR_SIZES_OUTBOX,  /* only those of outbox/ */
    ANCHOR_SIZES_QUERIES, /* only those of outbox/ that have a query */
    ANCHOR_SIZES_ADDED,   /* only those of anchors/ */
};

/* The sizes that outbox/ or anchors/ have a checkpoint for, largest first, each once; malloc'ed. 0
   or -errno. */
int anchor_files_sizes(int ledger_fd, enum anchor_sizes which, uint64_t **ret_sizes,
                       size_t *ret_count);

/* Reads the checkpoint of a size and its query, from anchors/<size>/ or else, with
   ANCHOR_SIZES_ALL, from outbox/. 0; -ENOENT;
   -EBADMSG: the file is no checkpoint of this size; -errno. */
int anchor_files_read(int ledger_fd, enum anchor_sizes which, uint64_t size,
                      struct anchor_source *ret_source);

/* The name of a token's or cosignature's file without its suffix: what of `who` may stand in a file
   name, at most 32 bytes, and 8 digits of the hash. */
void anchor_files_name(const char *who, const uint8_t sha256[32], char ret_name[ANCHOR_NAME_BYTES]);

/* Whether anchors/<size>/<name> has exactly these bytes. */
bool anchor_files_have(int ledger_fd, uint64_t size, const char *name, const void *bytes,
                       size_t len);

/* Makes anchors/<size>/ with the source's checkpoint, and its query if it has one, unless they are
   there. 0; -EEXIST: another checkpoint or query is; -errno. Durable. */
int anchor_files_begin(int ledger_fd, const struct anchor_source *source);

/* Writes anchors/<size>/<name>, durably. 0 or -errno. */
int anchor_files_put(int ledger_fd, uint64_t size, const char *name, const void *bytes, size_t len);

/* Removes what outbox/ has for sizes up to this one: a newer time-stamp covers their records as
   well, and one that comes now says nothing more. */
void anchor_files_sent(int ledger_fd, uint64_t size);

#endif
