/*
 * Checkpoints (C2SP tlog-checkpoint): how large the tree is and what its root is, signed; and the
 * log of all of them, checkpoints.log. Pure.
 */
#ifndef LEDGER_CHECKPOINT_H
#define LEDGER_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/note.h"

#define CHECKPOINT_BODY_BYTES_MAX (NOTE_NAME_BYTES_MAX + 80u)       /* of one that we write */
#define CHECKPOINT_BYTES_MAX      (2u * NOTE_NAME_BYTES_MAX + 256u) /* and our signature */
#define CHECKPOINT_TORN_BYTES_MAX 2048u /* no entry of ours is longer: what a crash can tear */

struct checkpoint {
    const char *origin; /* borrowed, as long as the text */
    size_t origin_len;
    uint64_t size;
    struct merkle_hash root;
    bool extended; /* lines follow that we do not know; they are signed too */
};

/* Reads the text of a note. TLOG_OK, or what is wrong. */
enum tlog_fault checkpoint_parse(const char *text, size_t len, struct checkpoint *ret_checkpoint);

/* Appends the three lines of the text; extension lines are never written. */
void checkpoint_format(struct text *out, const struct checkpoint *checkpoint);

/* Reads a whole checkpoint that the log's key has signed, and whose origin is the key's name.
   TLOG_OK, or what is wrong. Both results borrow from the bytes. */
enum tlog_fault checkpoint_open(const char *bytes, size_t len, const struct note_key *key,
                                struct note *ret_note, struct checkpoint *ret_checkpoint);

/* Appends a whole checkpoint of the signer's log: text, blank line, signature. */
void checkpoint_sign(struct text *out, const struct note_signer *signer, uint64_t size,
                     const struct merkle_hash *root);

/* Whether one may follow the other in a log: TLOG_OK, TLOG_SHRINKS or TLOG_EQUIVOCATION. That the
   smaller tree is the beginning of the larger is for a proof to show. */
enum tlog_fault checkpoint_follows(const struct checkpoint *before,
                                   const struct checkpoint *checkpoint);

/* Appends a checkpoint's bytes as an entry of checkpoints.log (format: top of checkpoint.c). */
void checkpoint_log_put(struct text *out, const char *bytes, size_t len);

/* Finds the next entry at the front of the log's bytes: its checkpoint is the first *ret_len of
   them, the entry *ret_step. True; false when the bytes end within an entry: more are needed, or
   it was torn. */
bool checkpoint_log_next(const char *bytes, size_t len, size_t *ret_len, size_t *ret_step);

#endif
