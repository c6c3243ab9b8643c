/*
 * A bundle while it is made: what bundle*.c share.
 */
#ifndef DAEMON_CTL_BUNDLE_RUN_H
#define DAEMON_CTL_BUNDLE_RUN_H

#include <limits.h>
#include <stdio.h>

#include "daemon/ctl/bundle.h"
#include "daemon/ctl/bundle_facts.h"
#include "daemon/ctl/bundle_out.h"
#include "daemon/ctl/bundle_pick.h"
#include "daemon/ctl/ledger_files.h"
#include "daemon/ledger/checkpoint.h"

#define BUNDLE_CHECKPOINT_BYTES 65536u
#define BUNDLE_TEXT_BYTES       4096u
#define BUNDLE_PROOFS_ALL_MAX   10000u /* records of a full bundle that each have a proof file */

/* A record that has a proof. */
struct bundle_proved {
    uint64_t seq;
    struct merkle_hash leaf;
};

/* Kept bytes that a record erases. */
struct bundle_erased {
    uint8_t sha256[DIGEST_BYTES];
    uint64_t by; /* its seq */
};

/* On the heap. */
struct bundle {
    const struct bundle_order *order;
    int ledger_fd;
    struct ledger_files *files; /* for whole files; lines are read through another one */
    struct bundle_out out;
    struct bundle_pick pick;
    struct bundle_facts facts;
    struct note_key key;
    char vkey[NOTE_KEY_TEXT_BYTES_MAX];
    struct note note;             /* borrows from checkpoint_bytes, and so the next */
    struct checkpoint checkpoint; /* that bounds everything */
    size_t checkpoint_len;
    char checkpoint_bytes[BUNDLE_CHECKPOINT_BYTES];
    bool partial;
    char item[BUNDLE_TEXT_BYTES], when[TIME_TEXT_BYTES], host[256];
    char source[PATH_MAX]; /* the ledger's folder, from the root */

    struct bundle_proved *proved; /* of every record in the bundle */
    size_t proved_count, proved_room;
    uint8_t (*blobs)[DIGEST_BYTES]; /* that its sightings name as kept */
    size_t blobs_count, blobs_room;
    struct bundle_erased *erased; /* by records that the checkpoint covers */
    size_t erased_count, erased_room;
    uint64_t blobs_unshown; /* that were erased by records which the checkpoint does not cover */
    char *programs, *anchors, *sources; /* open_memstream: for the declaration, and hashes */
    size_t programs_len, anchors_len, sources_len;
};

/* Reads the ledger's lines, once or twice, and writes those that are wanted, and the files that are
   made of them. CTL_OK, or CTL_USAGE after printing why. */
int bundle_records(struct bundle *bundle);

/* Writes proofs, consistency proofs, and what is copied: checkpoints.log, anchors, sources, policy.
   After bundle_records. CTL_OK or CTL_USAGE, as above. */
int bundle_proof_files(struct bundle *bundle);
int bundle_copies(struct bundle *bundle);

/* Notes kept bytes that a record of the bundle names, or those that it erases. line has no newline.
   0 or -ENOMEM. */
int bundle_blobs_note(struct bundle *bundle, const struct verify_line *line, const char *text,
                      size_t len);

/* Writes blobs.jsonl and erased.txt, if any were noted. After bundle_records. CTL_OK or CTL_USAGE,
   as above. */
int bundle_blobs(struct bundle *bundle);

/* Writes scope.json, custody.jsonl and the texts; an error is kept in bundle->out. After
   bundle_records. */
void bundle_words(struct bundle *bundle);

/* Says what could not be written. CTL_USAGE. */
int bundle_cannot_write(const struct bundle *bundle, int error);

#endif
