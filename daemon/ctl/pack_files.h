/*
 * The packs of a ledger, as noticectl reads them. Changes nothing and takes no lock: a daemon may
 * be writing, so that the end of the last pack may be half there.
 */
#ifndef DAEMON_CTL_PACK_FILES_H
#define DAEMON_CTL_PACK_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/pack.h"

/* One frame. */
struct pack_entry {
    uint8_t sha256[DIGEST_BYTES];
    uint64_t pack, offset; /* the pack's first number, and where in it the frame begins */
    uint64_t erased_by;    /* seq, or PACK_NOT_ERASED */
    uint32_t frame_len;
    uint8_t fault; /* enum pack_fault, as far as its bytes were read */
};

struct pack_files_counts {
    uint64_t packs, blobs, bytes; /* bytes of the packs */
    uint64_t erased,
        tail_bytes; /* tail: what stands behind the last whole frame of the last pack */
};

struct pack_files;

/* Which blobs are looked for: at NULL: all. */
struct pack_wanted {
    const uint8_t (*at)[DIGEST_BYTES]; /* ascending, borrowed for the call */
    size_t count;
};

/* Opens the packs of a ledger, none when it has no blobs/, and lists what is in them of what is
   wanted, in 64 bytes each. check_jobs: so many threads read every blob, so that each entry's fault
   is known; all are wanted then. 0: none is read. 0 or -errno. */
int pack_files_open(const char *ledger, unsigned check_jobs, struct pack_wanted wanted,
                    struct pack_files **ret_files);

/* The entry of a blob: one that is whole before one that is not. NULL: there is none. */
const struct pack_entry *pack_files_find(const struct pack_files *files,
                                         const uint8_t sha256[DIGEST_BYTES]);

/* Reads a blob. PACK_OK and *ret_blob, until the next call, *ret_len bytes; or what is wrong with
   it; -errno. */
int pack_files_read(struct pack_files *files, const struct pack_entry *entry,
                    const uint8_t **ret_blob, size_t *ret_len);

/* The first pack that cannot be walked to its end, its tail apart, or that has a blob whose bytes
   are wrong. PACK_OK: there is none. */
struct pack_damage {
    enum pack_fault fault;
    uint64_t pack, offset;
};
/* The first thing that is wrong with the packs themselves. */
struct pack_damage pack_files_damage(const struct pack_files *files);

/* All entries, by SHA-256. */
size_t pack_files_count(const struct pack_files *files);
const struct pack_entry *pack_files_at(const struct pack_files *files, size_t index);

/* What there is. */
struct pack_files_counts pack_files_counts(const struct pack_files *files);

#define PACK_FILES_NAME_BYTES 40u

/* Its path below the ledger: blobs/<20 digits>.pack */
void pack_files_name(uint64_t pack, char ret_name[PACK_FILES_NAME_BYTES]);

/* Frees; NULL is fine. Returns NULL. */
struct pack_files *pack_files_close(struct pack_files *files);

#endif
