/*
 * One run of noticectl verify, and its result in JSON.
 */
#ifndef DAEMON_CTL_VERIFY_RUN_H
#define DAEMON_CTL_VERIFY_RUN_H

#include <stdint.h>

#include "daemon/ctl/hash_pool.h"
#include "daemon/ctl/ledger_files.h"
#include "daemon/ctl/verify_anchors.h"
#include "daemon/ctl/verify_blobs.h"
#include "daemon/ledger/verify.h"

/* Where the key is from. */
enum verify_key { VERIFY_KEY_NONE = 0, VERIFY_KEY_GIVEN, VERIFY_KEY_LEDGER, VERIFY_KEY_POLICY };

/* Strings are the command line's. */
struct verify_run {
    const char *ledger, *vkey, *compare, *output, *policy_path, *ca_path;
    uint64_t min_size, jobs;
    enum verify_key key_source;
    struct note_key key;
    struct ledger_files *files;
    struct hash_pool *pool;
    struct verify *verify;
    char *compare_bytes, *policy_bytes, *ca_bytes; /* malloc'ed */
    struct policy *policy;                         /* malloc'ed; NULL: none is given */
    struct verify_anchors anchors;
    struct verify_blobs blobs;
};

/* Prints the result, which is complete. CTL_OK, CTL_REFUSED when there is damage, or CTL_USAGE when
   it cannot be written. */
int verify_print(const struct verify_run *run);

#endif
