/*
 * What a witness must not forget: for each log the last checkpoint that it signed; and the forks it
 * was shown, kept as evidence.
 */
#ifndef DAEMON_CTL_WITNESS_STATE_H
#define DAEMON_CTL_WITNESS_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/cosign.h"

/* A state folder, held by this process alone while it is open. About 130 KiB: on the heap. */
struct witness_state {
    int folder_fd, lock_fd;
    char name[80]; /* file of the log that was loaded last */
    struct cosign_state last;
    size_t len; /* of bytes */
    char bytes[COSIGN_REQUEST_BYTES_MAX + COSIGN_LINE_BYTES_MAX];
};

/* Opens the folder, which is made (0700) when it is missing. 0 or -errno. */
int witness_state_open(const char *path, struct witness_state **ret_state);

/* Waits for the folder's lock: until witness_state_unlock no other witness answers from it. 0 or
   -errno. */
int witness_state_lock(struct witness_state *state);
void witness_state_unlock(struct witness_state *state);

/* Loads what was signed last for a log, whose checkpoint must carry the witness's own signature.
   0, also when there is none (state->last.any is false); -EBADMSG: the file is not what this
   witness wrote; -errno. */
int witness_state_load(struct witness_state *state, const char *origin, size_t origin_len,
                       const struct note_key *own);

/* Makes a checkpoint with our signature line the last one of the log that was loaded; durable when
   it returns 0. Or -errno: then the answer must not leave. */
int witness_state_store(struct witness_state *state, const char *note, size_t note_len,
                        const char *line, size_t line_len);

/* Keeps the signed checkpoint of the log that was loaded, and another one that contradicts it, in
   one file, as checkpoints.log has them. *ret_name is its name in the folder, borrowed. 0 or
   -errno. */
int witness_state_keep_fork(struct witness_state *state, const char *note, size_t note_len,
                            const struct checkpoint *checkpoint, const char **ret_name);

/* Closes and frees. NULL is fine. Returns NULL. */
struct witness_state *witness_state_close(struct witness_state *state);

#endif
