/*
 * The blobs of a ledger beside the records that name them, for noticectl verify.
 */
#ifndef DAEMON_CTL_VERIFY_BLOBS_H
#define DAEMON_CTL_VERIFY_BLOBS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/pack_files.h"
#include "daemon/ledger/verify.h"

/* A blob that a record is about. */
struct verify_blob {
    uint8_t sha256[DIGEST_BYTES];
    uint64_t seq;
};

struct verify_blob_list {
    struct verify_blob *at;
    size_t count, room;
};

/* All zero before verify_blobs_open. */
struct verify_blobs {
    struct pack_files *files;
    struct verify_blob_list doubtful; /* named, and not found whole */
    struct verify_blob_list erases;   /* what erase records list */
    uint64_t named;                   /* by records that say that the bytes were kept */
    uint64_t erased, unerased;        /* of these: gone, or to go, as an erase record says */
    int error;                        /* -ENOMEM, sticky */
};

/* Reads the packs of a ledger, each blob's bytes too, with so many threads. To be called once the
   end of what is read of the feed is fixed: then no record can name a later blob. 0 or -errno. */
int verify_blobs_open(const char *ledger, unsigned jobs, struct verify_blobs *blobs);

/* Takes the records of a chunk of the feed, hashed. */
void verify_blobs_join(struct verify_blobs *blobs, const struct verify_chunk *chunk);

/* Says what is wrong, if nothing else was. durable_now: how many records are durable by now, which
   may be more than were read; a mark that names one past them is by nobody. 0 or -errno. */
int verify_blobs_finish(struct verify_blobs *blobs, struct verify *verify, uint64_t durable_now);

/* Frees what it points to. */
void verify_blobs_free(struct verify_blobs *blobs);

#endif
