/*
 * Reads the files of a spool folder (io/spool.h) into the ledger, one after the other: each is
 * given to a lane, and moved away once all its lines are decided and durable. Knows lanes; knows no
 * line.
 *
 * A file is a session of its own (DESIGN 9.6), named after its inode and its time of writing, and
 * its name is the source: after a crash in the middle it is read from its start again, and what has
 * its record gets no second one.
 *
 *   IDLE -> READING   [take: a lane has it]
 *   IDLE -> SETTLING  [take: it cannot be read]
 *   READING -> SETTLING [read: the lane has told how it ended]
 *   SETTLING -> IDLE  [settle: it is moved, or has vanished]
 */
#ifndef DAEMON_SPOOLER_H
#define DAEMON_SPOOLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/lane.h"

struct spooler;

/* Takes the folder. What was read is removed, or else kept in done/. Lines come from *source, the
   lanes' sources[source_index], which is written to between files. What is pointed to is borrowed
   for the life of the spooler. 0; -ENOMEM; -errno as spool_open. */
int spooler_open(const char *folder, bool remove, struct lane_source *source, unsigned source_index,
                 struct spooler **ret_spooler);

/* The lanes that files are given to, likewise borrowed; before the first step. wake_fd is an
   eventfd that the lane writes to when a file has ended. */
void spooler_use(struct spooler *spooler, struct lane *const *lanes, size_t lanes_count,
                 int wake_fd);

/* Goes as far as it can at this boot time without waiting; what happened is logged. NULL is
   fine. One thread. */
void spooler_step(struct spooler *spooler, uint64_t now_ns);

/* What became of its files, as of the latest step. */
struct spooler_state {
    uint64_t read, failed; /* whose lines all are decided; that are none, or could not be read */
    size_t waiting;        /* that the latest look met, less those that were read since; not all
                              where the folder holds more than SPOOL_NAMES_MAX */
    size_t stuck;          /* that noticed is done with and cannot move away */
    const char *reading;   /* the source name of the one that a lane has; "": none */
    const char *trouble;   /* what is tried again; "": nothing */
};

/* The texts are valid until the next step, on the thread that calls that. */
struct spooler_state spooler_state(const struct spooler *spooler);

/* Frees; the lanes must have ended. NULL is fine. Returns NULL. */
struct spooler *spooler_close(struct spooler *spooler);

#endif
