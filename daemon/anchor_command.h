/*
 * The control command "anchor": facts of a verified anchor, validated, into a record; its number
 * when it is durable. Control thread only.
 */
#ifndef DAEMON_ANCHOR_COMMAND_H
#define DAEMON_ANCHOR_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/command_record.h"
#include "daemon/ledger/anchor.h"

#define ANCHOR_COMMAND_MEMBERS_MAX 12u
#define ANCHOR_COMMAND_ERROR_BYTES 160u

/* Reads the facts from the members of the command: those of the record, and "cmd". 0, or -EINVAL
   with what is wrong in reterr_text. */
int anchor_command_read(const struct json_member *members, size_t count, struct anchor *ret_anchor,
                        char reterr_text[ANCHOR_COMMAND_ERROR_BYTES]);

/* Puts the record into the queue of this index, into which only the caller's thread puts; nothing
   else may be put there while it waits, so that its number is known. 0; -EINVAL when the ledger has
   not so many durable records as the checkpoint claims; -EBUSY: one is on its way, or another
   command's record is (busy), which may be told late; -EAGAIN: the
   ledger takes no record now. reterr_text says so. */
int anchor_command_put(struct command_record *record, struct writer *writer, unsigned queue_index,
                       const struct anchor *anchor, bool busy,
                       char reterr_text[ANCHOR_COMMAND_ERROR_BYTES]);

/* Whether the record has become durable; then *ret_seq is its number, and the next may be put. */
bool anchor_command_done(struct command_record *record, struct writer *writer, unsigned queue_index,
                         uint64_t *ret_seq);

#endif
