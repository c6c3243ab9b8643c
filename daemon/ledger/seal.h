/*
 * What the ledger's writer and the sealer say to each other (DESIGN 9.13), as bytes: a request to
 * sign a checkpoint, and its answer. Each is one packet of a SOCK_SEQPACKET socket, in text that a
 * person can read; the formats stand at the top of seal.c. Pure; any thread; allocates nothing.
 *
 * A request carries the proof that the tree grows from the size that was sealed last, so that the
 * sealer, which never sees a record, signs only what follows from what it has signed before.
 */
#ifndef LEDGER_SEAL_H
#define LEDGER_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/merkle_proof.h"

#define SEAL_HASH_LINE_BYTES 45u /* 44 digits and a newline */
#define SEAL_REQUEST_BYTES_MAX                                                                     \
    (64u + MERKLE_PROOF_MAX * SEAL_HASH_LINE_BYTES + CHECKPOINT_BODY_BYTES_MAX)
#define SEAL_SIGNATURE_BYTES_MAX (NOTE_NAME_BYTES_MAX + 128u) /* the line, with its newline */
#define SEAL_REASON_BYTES_MAX    200u
#define SEAL_ANSWER_BYTES_MAX    512u

/* clang-format off */
#define SEAL_STATUSES(STATUS)                                                                      \
    STATUS(SIGNED,      200) /* signed */                                                          \
    STATUS(MALFORMED,   400) /* the request is not one */                                          \
    STATUS(REFUSED,     403) /* another log */                                                     \
    STATUS(OTHER_SIZE,  409) /* prove from the size that was sealed last */                        \
    STATUS(OTHER_ROOT,  410) /* another root of this size was sealed */                            \
    STATUS(BAD_PROOF,   422) /* the proof does not lead from the sealed tree to this one */        \
    STATUS(NOT_WRITTEN, 500) /* the sealer cannot write its own state */                           \
    STATUS(NOT_READY,   503) /* the sealer cannot answer now */
/* clang-format on */

enum seal_status {
#define STATUS(symbol, code) SEAL_##symbol,
    SEAL_STATUSES(STATUS)
#undef STATUS
        SEAL_STATUSES_COUNT
};

/* The three digits that stand in an answer. */
unsigned seal_status_code(enum seal_status status);

struct seal_request {
    uint64_t old_size;         /* what the asker believes to be sealed last; 0: nothing yet */
    struct merkle_proof proof; /* that the tree of old_size is the beginning of the checkpoint's */
    struct checkpoint checkpoint; /* its origin is borrowed */
    const char *text;             /* the checkpoint's text, which is to be signed; borrowed */
    size_t text_len;
};

struct seal_answer {
    enum seal_status status;
    const char *signature;        /* SIGNED: the note's signature line with its newline; borrowed */
    size_t signature_len;         /* nobody has verified it: checkpoint_open does */
    uint64_t last_size;           /* OTHER_SIZE: what was sealed last ... */
    struct merkle_hash last_root; /* ... and its root */
    const char *reason;           /* all others, for people: printable ASCII; borrowed */
    size_t reason_len;
};

/* Writes a request into room bytes: the proof of proof_count hashes, at most MERKLE_PROOF_MAX, and
   the checkpoint's text of len bytes as checkpoint_format writes it. Returns its length; 0 when it
   does not fit, which SEAL_REQUEST_BYTES_MAX always does. */
size_t seal_request_format(void *out, size_t room, uint64_t old_size,
                           const struct merkle_hash *proof, size_t proof_count,
                           const char *checkpoint_text, size_t len);

/* Reads one. TLOG_OK, or what is wrong: BAD_HEADER, BAD_SIZE (of its own lines or of the
   checkpoint), TOO_MANY, BAD_PROOF_HASH, CUT, BAD_ORIGIN, BAD_ROOT, or BAD_EXTENSION: lines after
   the root are never signed. Nothing is trusted or verified yet. Borrows from the bytes. */
enum tlog_fault seal_request_parse(const void *bytes, size_t len, struct seal_request *ret_request);

/* Write an answer into room bytes. Return its length; 0 when it does not fit, which
   SEAL_ANSWER_BYTES_MAX always does: that of a signature line with its newline ... */
size_t seal_answer_format_signed(void *out, size_t room, const char *line, size_t len);

/* ... that another size was sealed last ... */
size_t seal_answer_format_other_size(void *out, size_t room, uint64_t last_size,
                                     const struct merkle_hash *last_root);

/* ... and all others; of the reason, which ends with a NUL, printable ASCII is kept, "?" stands for
   the rest, and SEAL_REASON_BYTES_MAX is where it is cut. */
size_t seal_answer_format_refusal(void *out, size_t room, enum seal_status status,
                                  const char *reason);

/* Reads one. 0, or -EBADMSG when it is no answer. Borrows from the bytes. */
int seal_answer_parse(const void *bytes, size_t len, struct seal_answer *ret_answer);

#endif
