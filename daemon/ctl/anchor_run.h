/*
 * What the words of noticectl anchor share: the ledger, whom to trust, and adding one proof.
 */
#ifndef DAEMON_CTL_ANCHOR_RUN_H
#define DAEMON_CTL_ANCHOR_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/anchor_files.h"
#include "daemon/ledger/policy.h"

#define ANCHOR_URLS_MAX 8u

/* As the command line says; strings are borrowed from it. */
struct anchor_run {
    const char *ledger, *socket;
    const char *urls[ANCHOR_URLS_MAX];
    size_t urls_count;
    uint64_t old_size;
    bool no_ca;
    int ledger_fd;
    struct token_pem pem;
    char *ca_bytes, *chain_bytes, *policy_bytes; /* malloc'ed */
    struct policy *policy;                       /* malloc'ed; the witnesses that are known */
    struct anchor_source *source;                /* malloc'ed; of the proof that is looked at */
};

/* Adds one proof: finds the checkpoint that it is about, verifies it, stores it in anchors/ and has
   the running noticed record it. label names it in messages. CTL_OK, also when it is recorded
   already; CTL_REFUSED: it proves nothing; CTL_UNREACHABLE: it is stored, and there is no noticed
   to record it; CTL_USAGE. Prints what was done, or why not. */
int anchor_add(struct anchor_run *run, const char *label, const uint8_t *bytes, size_t len);

/* Posts the newest query of outbox/ to each URL with curl and adds the replies. As above. */
int anchor_send(struct anchor_run *run);

/* The seq of the anchor record with this token_sha256, or RECORD_NO_SEQ. 0; -errno. */
int anchor_find(const char *ledger, const uint8_t sha256[32], uint64_t *ret_seq);

/* Prints the anchor records of the ledger. CTL_OK or CTL_USAGE. */
int anchor_list(const char *ledger);

#endif
