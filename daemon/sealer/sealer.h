/*
 * The sealer: signs the checkpoints of one log, each of which must grow from the one before
 * (DESIGN 9.13). Knows no socket: bytes in, bytes out. One thread.
 */
#ifndef SEALER_SEALER_H
#define SEALER_SEALER_H

#include <stddef.h>

#include "daemon/ledger/note_key.h"
#include "daemon/ledger/seal.h"
#include "daemon/sealer/sealed.h"

/* In sealer.c the picture. */
enum sealer_state {
    SEALER_EMPTY = 0,
    SEALER_SEALED,
    SEALER_FAILED,
};

struct sealer {
    enum sealer_state state;
    const struct note_signer *signer; /* borrowed */
    struct sealed_store store;
    struct sealed last;
};

/* Reads the state in the folder dir_fd and locks it; all three are borrowed as long as the sealer
   is used. The key signs notes (NOTE_KEY_ED25519). 0, or what sealed_open() said. */
int sealer_open(struct sealer *sealer, const struct note_signer *signer, struct backend *backend,
                int dir_fd);

/* Answers one request, whatever its bytes are. What is sealed is durable before this returns: a
   request that is sent again, because its answer was lost, gets the same signature. Returns the
   answer's length, at least 1. */
size_t sealer_answer(struct sealer *sealer, const void *bytes, size_t len,
                     char ret_answer[SEAL_ANSWER_BYTES_MAX]);

#endif
