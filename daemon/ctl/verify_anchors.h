/*
 * The anchors of a ledger as verify needs them: every checkpoint in anchors/ opened, every
 * time-stamp and every witness's signature judged.
 */
#ifndef DAEMON_CTL_VERIFY_ANCHORS_H
#define DAEMON_CTL_VERIFY_ANCHORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/anchor_files.h"
#include "daemon/ledger/policy.h"
#include "daemon/ledger/verify.h"

struct verify_anchors {
    /* Set by the caller. */
    const struct note_key *key;  /* of the log; NULL: not known, nothing is signed by it */
    const struct policy *policy; /* NULL: no witness is known */
    struct token_pem pem;        /* ca NULL: whose the time-stamps are is not judged */
    /* Set by verify_anchors_load. */
    struct verify_anchor *anchors; /* malloc'ed, sorted by size */
    size_t count, room;
    uint64_t checkpoints, tokens, cosignatures;
    bool witnessed; /* the policy is satisfied, by checkpoints up to this size */
    uint64_t witnessed_size;
    enum verify_fault fault; /* the first; VERIFY_OK: none */
    char file[VERIFY_FILE_BYTES], why[TOKEN_ERROR_BYTES];
};

/* Reads anchors/ and judges all that is in it, and the published checkpoint by the policy. 0; what
   proves nothing is in fault; -errno of reading. */
int verify_anchors_load(const char *ledger, struct verify_anchors *anchors);

/* Frees what was loaded. */
void verify_anchors_free(struct verify_anchors *anchors);

#endif
