/*
 * Standard output for somebody who has to know what of it was taken: a stream that gathers, and a
 * write that a signal ends even when nobody reads.
 */
#ifndef DAEMON_CTL_OUTPUT_H
#define DAEMON_CTL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "daemon/ctl/interrupt.h"

#define OUTPUT_BYTES 65536u /* gathered before output_full says so */

struct output {
    FILE *stream; /* print into this one */
    int fd;       /* borrowed */
    bool file;    /* a regular one, which can be synced */
    char *text;
    size_t len; /* as of the last fflush */
    struct interrupt *interrupt;
};

/* interrupt is borrowed; it may be one that was not opened: then signals end the process as ever. 0
   or -ENOMEM. */
int output_open(struct output *output, int fd, struct interrupt *interrupt);

/* Whether it is time to write. */
bool output_full(struct output *output);

/* Writes all that was printed. 0; -EINTR: a signal came before all of it was taken, and the rest is
   dropped; after a signal nothing is waited for; -errno. */
int output_write(struct output *output);

/* What was written is on disk, when it went into a file. 0 or -errno. */
int output_sync(const struct output *output);

/* Frees; one that was zeroed is fine. */
void output_close(struct output *output);

#endif
