/*
 * What was sealed last, on disk: the file `sealed` in the sealer's own folder, bound to one key.
 * For the one thread of noticed-sealer. Format and invariants stand at the top of sealed.c.
 */
#ifndef SEALER_SEALED_H
#define SEALER_SEALED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/note_key.h"
#include "io/backend.h"

#define SEALED_FILE "sealed"

struct sealed {
    bool any; /* false: nothing was ever sealed; the size is then 0 and the root that of no leaf */
    uint64_t size;
    struct merkle_hash root;
};

struct sealed_store {
    struct backend *backend;
    int dir_fd;
    char vkey[NOTE_KEY_TEXT_BYTES_MAX];
    bool failed; /* a sync failed: what is on disk is not known until the next start */
};

/* Locks the folder and reads its file. dir_fd and backend are borrowed as long as the store is
   used; the lock ends with dir_fd. 0 with *ret_sealed; -EWOULDBLOCK: another sealer has the folder;
   -EBADMSG: the file is damaged; -EKEYREJECTED: it is of another key; or what the disk said. */
int sealed_open(struct sealed_store *store, struct backend *backend, int dir_fd,
                const struct note_key *key, struct sealed *ret_sealed);

/* Makes it durable; its size is never smaller than that of the last one. 0: it is what every later
   start finds. Otherwise -errno: it may be or not be what the next start finds, so that nothing may
   be signed for it; after a failed sync -EIO for ever. */
int sealed_put(struct sealed_store *store, const struct sealed *sealed);

#endif
