/*
 * The control command "blob": a hold, a release or an erase of kept bytes, into a record; what
 * became of it when that is durable and done. Control thread only.
 */
#ifndef DAEMON_BLOB_COMMAND_H
#define DAEMON_BLOB_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/command_record.h"
#include "daemon/ledger/blob_ref.h"

#define BLOB_COMMAND_TEXT_BYTES  400u /* of authority and of reason, with NUL */
#define BLOB_COMMAND_ERROR_BYTES 256u
#define BLOB_COMMAND_ID_BYTES    516u /* of a merchant, with NUL */

struct blob_command {
    enum record_kind kind; /* RECORD_HOLD or RECORD_ERASE */
    bool held;             /* of a hold: false releases */
    char authority[BLOB_COMMAND_TEXT_BYTES], reason[BLOB_COMMAND_TEXT_BYTES];
    bool ledger;                          /* a hold of everything; or */
    char merchant[BLOB_COMMAND_ID_BYTES]; /* of this merchant, not ""; or else */
    size_t count;                         /* of blobs, 1..BLOB_REF_LIST_MAX */
    uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];
    uint32_t uid; /* who asks, as the kernel says */
};

/* Reads the command's members: "action" (hold, release, erase), "authority", "reason", and one of
   "blobs", "merchant", "scope". 0, or -EINVAL with what is wrong in reterr_text. */
int blob_command_read(const struct json_member *members, size_t count,
                      struct blob_command *ret_command, char reterr_text[BLOB_COMMAND_ERROR_BYTES]);

/* Puts it into the queue of this index, into which only the caller's thread puts. 0; -EBUSY: one is
   on its way, or the caller says that it is busy; -EAGAIN: the ledger takes no record now.
   reterr_text says so. */
int blob_command_put(struct command_record *record, struct writer *writer, unsigned queue_index,
                     const struct blob_command *command, bool busy,
                     char reterr_text[BLOB_COMMAND_ERROR_BYTES]);

/* Whether it is done, or refused: then the next may be put, *ret_seq is the record's number, and
   reterr_text is empty or says why there is none. */
bool blob_command_done(struct command_record *record, struct writer *writer, unsigned queue_index,
                       uint64_t *ret_seq, char reterr_text[BLOB_COMMAND_ERROR_BYTES]);

#endif
