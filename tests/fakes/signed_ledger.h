/*
 * A small ledger on disk as it stands when the writer, the tiles and the sealer have done their
 * work, for what reads it.
 */
#ifndef TESTS_FAKES_SIGNED_LEDGER_H
#define TESTS_FAKES_SIGNED_LEDGER_H

#include <stdint.h>

#include "daemon/ledger/note_key.h"

#define SIGNED_LEDGER_RECORDS 700u
#define SIGNED_LEDGER_SECOND  300u /* first record of the second segment */

/* Writes it below the folder `path`, which exists: feed/ in two segments, tile/ with the partial
   tiles of all five checkpoints, checkpoints.log, checkpoint, key.vkey. */
void signed_ledger_write(const char *path, struct note_key *ret_key);

/* Writes the same records as an exported tree. */
void signed_ledger_write_tree(const char *path);

#endif
