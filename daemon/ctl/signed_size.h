/*
 * How many records of a ledger stand under its newest checkpoint, while a daemon signs more. The
 * signature is checked with the ledger's own key.vkey; that this is the right key, and that the
 * records are those that were signed, is for verify to say.
 */
#ifndef DAEMON_CTL_SIGNED_SIZE_H
#define DAEMON_CTL_SIGNED_SIZE_H

#include <stddef.h>
#include <stdint.h>

#define SIGNED_SIZE_BYTES 8192u /* of a checkpoint; ours have some 300 */

struct signed_size {
    const char *ledger; /* borrowed */
    int folder_fd;      /* -1: not open yet */
    uint64_t size;      /* records under a signature, as far as is known; never less */
    const char *fault;  /* why the checkpoint was not believed, static; NULL: nothing to say */
    size_t len;         /* of the checkpoint that was looked at last */
    char bytes[SIGNED_SIZE_BYTES];
};

/* Opens nothing yet. */
struct signed_size signed_size_begin(const char *ledger);

/* Looks again. Returns the size; 0 when nothing is signed. */
uint64_t signed_size_look(struct signed_size *signed_size);

/* Gives the descriptor back. */
void signed_size_end(struct signed_size *signed_size);

#endif
