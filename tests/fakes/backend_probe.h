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
    unsigned buffer_ids[PROBE_RESULTS_MAX]; /* of those with BACKEND_BUFFER, in their order */
    unsigned buffer_count;
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

/* A backend to test on; *state of a test points to one. */
struct probe_kind {
    const char *name;
    enum backend_kind kind;
    unsigned cq_entries; /* uring: 0 for the usual ones; few make completions overflow */
};

/* Opens the backend that *state names; buffers as given. */
struct backend *probe_open(void **state, unsigned buffers);

/* An empty file without a name. */
int probe_file(void);

/* A connected pair of close-on-exec stream sockets; the first for the backend. */
void probe_socketpair(int *ret_ours, int *ret_theirs);

/* Sends as much as fits now of the stream from *sent up to end, without waiting. */
void probe_send_some(int fd, size_t *sent, size_t end);

/* The three entries of a test table: the test on each real backend. */
extern struct probe_kind probe_kinds[3];
#define PROBE_ON_EACH(test)                                                                        \
    {"uring: " #test, test, NULL, NULL, &probe_kinds[0]},                                          \
        {"uring, 16 completions: " #test, test, NULL, NULL, &probe_kinds[1]},                      \
    {                                                                                              \
        "poll: " #test, test, NULL, NULL, &probe_kinds[2]                                          \
    }

#endif
