/*
 * The real noticed in a folder of its own, and a client that feeds it: for measuring from outside.
 */
#ifndef BENCH_DAEMON_H
#define BENCH_DAEMON_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bench/load.h"

#define DAEMON_PATH_BYTES 96u

struct daemon {
    pid_t pid;
    char folder[DAEMON_PATH_BYTES];
    char crawl[DAEMON_PATH_BYTES + 16];
};

/* Writes lists and configuration into folder, which is made and holds a fresh ledger, and starts
   the program; returns when its socket takes connections. extra is more of the configuration. 0, or
   -errno after saying why on stderr. */
int daemon_start(struct daemon *ret_daemon, const char *program, const char *folder, const char *io,
                 const char *extra, const struct load *load);

/* Resident bytes of the daemon, without its compiler process; 0 when gone. */
uint64_t daemon_resident_bytes(const struct daemon *daemon);

/* Processor time of the daemon so far, in steps of the kernel's clock tick. */
uint64_t daemon_cpu_ns(const struct daemon *daemon);

/* SIGTERM and wait. Returns its exit status, or 128 + the signal that ended it. */
int daemon_stop(struct daemon *daemon);

/* A client, in the caller's process: connects, asks for acks, sends bytes and returns when all
   count lines are acknowledged. 0, or -errno; -EPROTO when a line is refused. */
int daemon_feed(const char *socket_path, const char *bytes, size_t len, uint64_t count);

#endif
