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

/* Record i of these is a sighting whose bytes were kept, as blob i / 9 in one of two packs; the
   first two of them were erased by record SIGNED_LEDGER_ERASE. */
#define SIGNED_LEDGER_HAS_BLOB(i) ((i) % 9 == 7)
#define SIGNED_LEDGER_ERASE       652u
#define SIGNED_LEDGER_PACK        40u /* first blob of the second pack */

/* Writes it below the folder `path`, which exists: feed/ in two segments, tile/ with the partial
   tiles of all five checkpoints, blobs/, checkpoints.log, checkpoint, key.vkey. */
void signed_ledger_write(const char *path, struct note_key *ret_key);

/* Writes the same records as an exported tree. */
void signed_ledger_write_tree(const char *path);

#endif
