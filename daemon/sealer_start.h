/*
 * How noticed comes to its sealer: its own child over a socketpair (seal.key), or one that runs as
 * a service (seal.socket). noticed itself never opens the key.
 */
#ifndef DAEMON_SEALER_START_H
#define DAEMON_SEALER_START_H

#include <stdbool.h>

#include "daemon/config.h"
#include "daemon/ledger/note_key.h"

#define SEALER_START_ERROR_BYTES 512u

struct sealer_link {
    bool any;            /* false: neither is configured, and the record is not signed */
    int fd;              /* SOCK_SEQPACKET, non-blocking, close-on-exec; -1: not connected */
    const char *socket;  /* of the service, for the door; NULL: it is our child */
    struct note_key key; /* its name is the log's origin; what the sealer answers must verify */
};

/* Looks at what the configuration says of the sealer, without starting or connecting to anything;
   reads the public key where it is configured. 0; -EINVAL with reterr_text, one line, when keys are
   missing or contradict each other or a file is not there. */
int sealer_check(const struct config *config, char reterr_text[SEALER_START_ERROR_BYTES]);

/* Before the first thread, as it may fork. With seal.key it starts noticed-sealer, found beside
   this program, else in PATH, with an environment of its own and no descriptor but its socket, and
   waits until it has said its public key; with seal.socket it connects, and when nobody is there
   yet it warns and goes on without, as the door tries again. With neither it warns that nothing is
   signed. *ret_link borrows from the config; its fd is the caller's. 0, or with reterr_text, one
   line that says what to do: -EINVAL: the configuration or the key is wrong; -EBADMSG: the sealer's
   state is; else what failed. The child ends when the last copy of the fd is closed; nobody waits
   for it. */
int sealer_start(const struct config *config, struct sealer_link *ret_link,
                 char reterr_text[SEALER_START_ERROR_BYTES]);

#endif
