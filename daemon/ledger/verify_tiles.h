/*
 * The tiles' part of verification; for verify.c alone.
 */
#ifndef LEDGER_VERIFY_TILES_H
#define LEDGER_VERIFY_TILES_H

#include "daemon/ledger/verify.h"

/* As tile_sink: compares a tile that the records make with the stored one and with the partial ones
   beside it. context is the struct verify. */
int verify_tile(void *context, const struct tile_id *id, const uint8_t *bytes, size_t len);

/* The tree has the signed size: its partial tiles must be there and be the records'. */
void verify_signed_edge(struct verify *verify);

/* The records have ended: compares whatever partial tiles there are at their end. */
void verify_edge(struct verify *verify);

/* The records are not what was signed: finds out whether the stored tiles are, and with them which
   record is not; else names the tile or the root. */
void verify_blame(struct verify *verify);

#endif
