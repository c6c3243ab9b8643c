/*
 * Proof files (C2SP tlog-proof, *.tlog-proof): that one record is in the ledger, with the
 * checkpoint that says so, to be verified without the ledger. Pure.
 */
#ifndef LEDGER_PROOF_H
#define LEDGER_PROOF_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/merkle_proof.h"

#define PROOF_EXTRA_BYTES_MAX 65536u

struct proof {
    uint64_t index;
    struct merkle_proof path;
    const char *extra; /* base 64, borrowed; NULL: none. Nobody signs it. */
    size_t extra_len;
    const char *checkpoint; /* the whole note, borrowed */
    size_t checkpoint_len;
};

/* Reads a proof file. TLOG_OK, or what is wrong with its own lines; the checkpoint is only cut out.
   Borrows from the bytes. */
enum tlog_fault proof_parse(const char *bytes, size_t len, struct proof *ret_proof);

/* Appends the file. */
void proof_format(struct text *out, const struct proof *proof);

/* Whether the proof shows that the record of this leaf hash is in the log of the key. TLOG_OK and
 *ret_checkpoint, which borrows from the proof, or what is wrong. */
enum tlog_fault proof_verify(const struct proof *proof, const struct merkle_hash *leaf,
                             const struct note_key *key, struct checkpoint *ret_checkpoint);

#endif
