/*
 * The log of checkpoints in verification: that it lacks none that the ledger itself remembers. For
 * verify.c alone.
 */
#ifndef LEDGER_VERIFY_PAST_H
#define LEDGER_VERIFY_PAST_H

#include "daemon/ledger/verify.h"

/* Reads what state/tiles remembers: before the checkpoint and the log, which a daemon that runs
   makes larger. */
void verify_past_begin(struct verify *verify);

/* The tree has the size of the log's entry, which is now behind. */
void verify_past_logged(struct verify *verify);

/* Takes a start record, of len bytes without its newline: it names the checkpoint of before. */
void verify_past_start(struct verify *verify, uint64_t seq, const char *line, size_t len);

/* After the last record. Unless there is other damage, what is missing becomes it. */
void verify_past_finish(struct verify *verify);

#endif
