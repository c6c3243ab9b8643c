/*
 * What the tests of the real backends share: an op that writes down its completions, and turning a
 * backend until something holds, with a bound on the turns and no sleep.
 */
#ifndef TESTS_FAKES_BACKEND_PROBE_H
#define TESTS_FAKES_BACKEND_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "io/backend.h"

#define PROBE_RESULTS_MAX 8192u

struct probe {
    struct backend_op op; /* first: done() finds the probe by it */
    unsigned done_count;
    int last_result;
    unsigned last_flags;
    bool ended; /* a done() without BACKEND_MORE came */
    int results[PROBE_RESULTS_MAX];
};

/* A zeroed probe that is ready to be started (again). */
void probe_ready(struct probe *probe);

/* Turns until the probe has at least this many completions. Fails the test after 10,000 turns or
   when the backend does. */
void probe_turn_until(struct backend *backend, const struct probe *probe, unsigned done_count);

/* Turns until the probe has ended. */
void probe_turn_until_ended(struct backend *backend, const struct probe *probe);

/* Turns without waiting, this many times. */
void probe_turns(struct backend *backend, unsigned count);

/* Runs one write, or one sync, to its end and returns its result. */
int probe_write(struct backend *backend, int fd, const void *bytes, size_t len, uint64_t offset);
int probe_sync(struct backend *backend, int fd);

/* Byte i of the stream that the tests send: depends on i in a way that shows any loss or swap. */
unsigned char probe_byte(size_t i);
void probe_fill(unsigned char *bytes, size_t len, size_t first);

/* Opens the backend whose kind is in *state; buffers as given. */
struct backend *probe_open(void **state, unsigned buffers);

#endif
