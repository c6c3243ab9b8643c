/*
 * A sealer in the test's own process. It keeps what noticed-sealer keeps: what was signed last,
 * whatever becomes of the ledger; it verifies each proof; and it remembers every root that it has
 * signed, so that a size with two roots is found.
 */
#ifndef TESTS_FAKES_SEAL_FAKE_H
#define TESTS_FAKES_SEAL_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/seal.h"
#include "daemon/writer.h"

#define SEAL_FAKE_SIZES_MAX 4096u

struct seal_fake {
    struct writer_seal_config config; /* for writer_config.seal */
    struct note_signer *signer;
    uint64_t size; /* signed last; 0: nothing */
    struct merkle_hash root;
    void *seal;
    bool answers;  /* false: it takes requests and says nothing */
    bool is_there; /* false: the door is shut */
    bool late;     /* it does not hear the first request through a door */
    bool at_once;  /* the first request through a door is answered within the call */
    size_t request_len;
    char request[SEAL_REQUEST_BYTES_MAX];
    uint64_t asked, signed_count, refused;
    uint64_t published_size, published_urgent; /* how many of them were urgent */
    bool was_signed[SEAL_FAKE_SIZES_MAX];
    struct merkle_hash roots[SEAL_FAKE_SIZES_MAX];
};

/* A fresh sealer; seals each interval_ns. */
void seal_fake_open(struct seal_fake *fake, uint64_t interval_ns);

/* Answers what was asked, if anything. Asserts that no size is asked for with two roots. */
void seal_fake_deliver(struct seal_fake *fake);

void seal_fake_close(struct seal_fake *fake);

#endif
