/*
 * What a witness does (C2SP tlog-witness, tlog-cosignature): requests to sign a checkpoint, and the
 * decision about one. A witness says only that each tree it signed is the beginning of the next;
 * nothing about what stands in it. Pure: its state comes and goes through the caller.
 */
#ifndef LEDGER_COSIGN_H
#define LEDGER_COSIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/merkle_proof.h"
#include "daemon/ledger/policy.h"

#define COSIGN_REQUEST_BYTES_MAX 65536u                       /* of a whole request */
#define COSIGN_LINE_BYTES_MAX    (NOTE_NAME_BYTES_MAX + 128u) /* of our signature line */

/* An add-checkpoint request; the checkpoint is borrowed. */
struct cosign_request {
    uint64_t old_size; /* of the last checkpoint that the witness signed, as the log believes */
    struct merkle_proof proof;
    const char *checkpoint; /* the whole note */
    size_t checkpoint_len;
};

/* Reads a request. TLOG_OK, or what is wrong; the checkpoint is only cut out. */
enum tlog_fault cosign_parse(const char *bytes, size_t len, struct cosign_request *ret_request);

/* Appends the request. */
void cosign_format(struct text *out, const struct cosign_request *request);

/* The statuses of the protocol, which are those of HTTP. */
enum cosign_status {
    COSIGN_SIGN = 200,          /* sign, once the new state is durable */
    COSIGN_BAD_REQUEST = 400,   /* not a request, or the old size is larger than the new one */
    COSIGN_FORBIDDEN = 403,     /* none of the log's known keys signed it, or one did badly */
    COSIGN_UNKNOWN_LOG = 404,   /* its origin is none of the known logs' */
    COSIGN_CONFLICT = 409,      /* the old size is not that of the last one signed, or a fork */
    COSIGN_UNPROCESSABLE = 422, /* the tree is not shown to be the beginning of the new one */
};

/* The last checkpoint of a log that the witness signed. {0}: it has signed none. */
struct cosign_state {
    uint64_t size;
    struct merkle_hash root;
    bool any;
};

struct cosign_verdict {
    enum cosign_status status;
    enum tlog_fault why;          /* when it is not COSIGN_SIGN */
    bool fork;                    /* the log signed another root for a size already signed here */
    struct checkpoint checkpoint; /* with COSIGN_SIGN and when fork; borrows from the request */
};

/* Finds the log whose name is the checkpoint's origin among the policy's. COSIGN_SIGN when the
   checkpoint is validly signed by it: ask for its state, and then cosign_decide; else the status
   that refuses it, with *ret_why. ret_checkpoint borrows from the request. */
enum cosign_status cosign_open(const struct cosign_request *request, const struct policy *policy,
                               struct checkpoint *ret_checkpoint, enum tlog_fault *ret_why);

/* What to answer to an opened request when this is the state for the checkpoint's origin: never
   COSIGN_SIGN for a smaller tree, for another root of the same size, nor for one that the proof
   does not show to continue the last one. */
struct cosign_verdict cosign_decide(const struct cosign_request *request,
                                    const struct checkpoint *checkpoint,
                                    const struct cosign_state *state);

/* Appends an opened request's checkpoint with the signatures of the log's known keys alone: the
   rest of the lines is whatever the asker liked. */
void cosign_put_checkpoint(struct text *out, const struct cosign_request *request,
                           const struct policy *policy);

/* Appends the witness's signature line over an opened request's checkpoint, extension lines and
   all. time is in seconds since 1970; the signer's key is of NOTE_KEY_COSIGNATURE. */
void cosign_sign(struct text *out, const struct note_signer *signer,
                 const struct cosign_request *request, uint64_t time);

#endif
