/*
 * The verification of daemon/ledger/verify.h over a ledger on a simulated disk.
 */
#ifndef TESTS_FAKES_SEAL_CHECK_H
#define TESTS_FAKES_SEAL_CHECK_H

#include "daemon/ledger/verify.h"
#include "io/backend.h"

/* Verifies the ledger in the folder "ledger" and asserts that it is intact. Returns its signed
   size, 0 when nothing is signed. */
uint64_t seal_check(struct backend *backend, const struct note_key *key);

#endif
