/*
 * The compiler process: compiles lists away from the daemon's threads, in one child a job with
 * limits on time and memory (DESIGN 9.15). Forked before any thread; noticed itself never forks
 * later.
 */
#ifndef DAEMON_COMPILER_H
#define DAEMON_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ruleset.h"

#define COMPILER_REQUEST_BYTES_MAX 65536u

struct compiler_limits {
    uint32_t seconds;   /* of processor time */
    uint32_t mebibytes; /* of address space; not applied under a sanitizer */
};

struct compiler;

/* Forks the compiler process. Call before the first thread. It ends when the daemon's end of its
   socket closes, whatever the daemon's end was. 0 or -errno. */
int compiler_open(struct compiler **ret_compiler);

/* Sends a job; one at a time. 0; -EMSGSIZE when the paths are too long together; -EPIPE when the
   process is gone; -errno. */
int compiler_request(struct compiler *compiler, const struct ruleset_file *files,
                     size_t files_count, const struct compiler_limits *limits);

/* Readable when the answer to the last request is there. */
int compiler_fd(const struct compiler *compiler);

/* Takes the answer. 0 and a ruleset; -EAGAIN: not there yet; other -errno with a sentence in
   reterr_text: the lists are bad, or the child ran into a limit, or the process is gone. */
int compiler_result(struct compiler *compiler, struct ruleset **ret_ruleset,
                    char reterr_text[RULESET_ERROR_BYTES]);

/* Whether the process is there: false once its end of the socket is closed. */
bool compiler_alive(const struct compiler *compiler);

/* Closes the socket and waits for the process to end. NULL is fine. Returns NULL. */
struct compiler *compiler_close(struct compiler *compiler);

#endif
