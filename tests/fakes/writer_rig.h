/*
 * A real writer for tests: on a real backend, in a folder, with a way to wait until something is
 * durable.
 */
#ifndef TESTS_FAKES_WRITER_RIG_H
#define TESTS_FAKES_WRITER_RIG_H

#include <stdint.h>

#include "daemon/queue.h"
#include "daemon/writer.h"

#define RIG_LANES         3u /* queues 0 .. RIG_LANES - 1; one more is for a stop record */
#define RIG_SECOND_NS     1000000000u
#define RIG_START_RECORDS 2u /* start and clock of a clean run */

/* Small queues, segments of 5,000 records. */
struct writer_config rig_writer_config(enum backend_kind io, const char *ledger);

/* Opens it; the test fails with its words when it cannot. */
struct writer *rig_writer_open(const struct writer_config *config);

/* Waits for the writer, for as long as it takes. */
void rig_wait_until_durable(const struct queue *queue, uint64_t position);

#endif
