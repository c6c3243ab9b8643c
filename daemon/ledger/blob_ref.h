/*
 * Which blobs a record's line is about: what a sighting names, what a hold or an erase lists. Reads
 * only what noticed writes itself, never what it quotes from others. Pure.
 */
#ifndef LEDGER_BLOB_REF_H
#define LEDGER_BLOB_REF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/digest.h"
#include "daemon/ledger/record.h"
#include "daemon/ledger/text.h"

#define BLOB_REF_LIST_MAX 128u /* blobs that one hold or erase lists */

/* The blob whose bytes a sighting says were kept. line has no newline and is one of the ledger.
   false: it names none, or one that was not kept. */
bool blob_ref_kept(enum record_kind kind, const char *line, size_t len,
                   uint8_t ret_sha256[DIGEST_BYTES]);

/* The merchant of a sighting or of a hold, as it is written between its quotes, escaped. *ret_len
   0: none. */
const char *blob_ref_merchant(const char *line, size_t len, size_t *ret_len);

enum blob_ref_scope {
    BLOB_REF_BLOBS = 0, /* those of blob_ref_list */
    BLOB_REF_MERCHANT = 1,
    BLOB_REF_LEDGER = 2,
};

/* What a hold is about, and its "held". false: the line is none. */
bool blob_ref_hold(enum record_kind kind, const char *line, size_t len,
                   enum blob_ref_scope *ret_scope, bool *ret_held);

/* Appends the member that lists count blobs, at least one, as a record of a hold or an erase has it
   and as the command for one has it. */
void blob_ref_write_list(struct text *text, const uint8_t (*list)[DIGEST_BYTES], size_t count);

/* The blobs that a hold or an erase record lists; how many, BLOB_REF_LIST_MAX at most. 0 for any
   other kind. */
size_t blob_ref_list(enum record_kind kind, const char *line, size_t len,
                     uint8_t ret_list[BLOB_REF_LIST_MAX][DIGEST_BYTES]);

#endif
