/*
 * What the tests of the writer's memory share: a writer of one queue on a simulated disk, and
 * listings, matches and notices put into it as a lane does.
 */
#ifndef TESTS_FAKES_DERIVED_RIG_H
#define TESTS_FAKES_DERIVED_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/emit.h"
#include "daemon/writer_core.h"

struct derived_rig {
    struct writer_core core;
    struct backend *backend;
    struct queue *queue;
    struct emit emit;
};

extern struct derived_rig derived_rig;
extern const struct writer_config derived_rig_config; /* small bounds, so that they are met */

/* An empty disk with a writer that runs; and the end of both. */
void derived_rig_begin(void);
void derived_rig_finish(void);

/* A writer on the disk as it is. */
void derived_rig_open(void);
void derived_rig_close(void);

/* Until all that was put in is durable. */
void derived_rig_settle(void);

/* Window and set as bytes, which the caller frees. */
uint8_t *derived_rig_bytes(struct derived *derived, size_t *ret_len);

/* A line about listing id of a seller (0: none) of platform p, and what the matcher said of it;
   session
   "": none. */
void derived_rig_line(const char *session, uint64_t line, unsigned id, unsigned seller,
                      bool matches);

/* A notice that names two listings and a merchant. */
void derived_rig_notice(unsigned id);

#endif
