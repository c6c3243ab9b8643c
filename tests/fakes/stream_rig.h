/*
 * A stream on a backend with clients at the other ends, for tests: every line that is delivered is
 * compared with what a naive splitter finds in the text that its client sends. One thread: the
 * clients write without blocking between turns.
 */
#ifndef TESTS_FAKES_STREAM_RIG_H
#define TESTS_FAKES_STREAM_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"

#define RIG_CLIENTS_MAX 1100u

struct rig;

struct rig_client {
    struct rig *rig;
    struct stream_peer *peer; /* NULL after ended */
    int fd;                   /* the client's end; -1: closed */
    const char *text;         /* what it sends */
    size_t len;
    size_t sent;
    size_t hold;      /* it sends no further than this for now */
    size_t piece_max; /* of one write */
    bool shut_when_sent;
    size_t at; /* where the next line must start */
    size_t lines;
    size_t too_long;
    size_t unterminated;
    size_t order; /* of its first line among all lines */
    bool ended;
    enum stream_end end;
    int error;
    uint64_t discarded;
    unsigned sent_calls;
    unsigned eof_calls;
};

/* What the test does with a line, after the rig has checked it; as stream_handler.line. */
typedef int rig_decide(struct rig *rig, struct rig_client *client,
                       const struct stream_frame *frame);

struct rig {
    struct backend *backend;
    struct stream *stream;
    rig_decide *decide; /* NULL: every line is taken */
    void (*on_sent)(struct rig *rig, struct rig_client *client);
    bool keep_at_eof;
    uint64_t random;
    struct rig_client *parked; /* whose frame must come first */
    uint64_t parked_offset;
    size_t lines;
    size_t held_max; /* of provided buffers, seen between turns */
    size_t clients_count;
    struct rig_client clients[RIG_CLIENTS_MAX];
    unsigned descriptors; /* open before */
};

/* A test that runs once on each real backend, for a table of tests. */
extern enum backend_kind rig_kinds[2];
#define RIG_BOTH(test)                                                                             \
    {"uring: " #test, test, NULL, NULL, &rig_kinds[0]},                                            \
    {                                                                                              \
        "poll: " #test, test, NULL, NULL, &rig_kinds[1]                                            \
    }

/* Opens backend (its kind is in *state) and stream; carry_bytes_total 0: 64 MiB. */
struct rig *rig_open(void **state, unsigned buffers, size_t carry_bytes_total);

/* A connected client that sends len bytes of text, which stay the test's. */
struct rig_client *rig_connect(struct rig *rig, const char *text, size_t len);

/* The same over loopback TCP. */
struct rig_client *rig_connect_tcp(struct rig *rig, const char *text, size_t len);

/* A file with this text, or a pipe (the client writes it); nonblock: the reading end of the pipe.
 */
struct rig_client *rig_file(struct rig *rig, const char *text, size_t len);
struct rig_client *rig_pipe(struct rig *rig, const char *text, size_t len, bool nonblock);

/* Clients write what they can; one turn. */
void rig_turn(struct rig *rig);
/* Turns until nothing is left to happen: everything sent and every byte received that can be. */
void rig_settle(struct rig *rig);
/* Turns, resuming whenever parked, until the client has ended (or this many lines came). */
void rig_until_ended(struct rig *rig, const struct rig_client *client);
void rig_until_all_ended(struct rig *rig);
void rig_until_lines(struct rig *rig, size_t lines);

/* Closes all; fails the test when a buffer is still held or a descriptor was left open. */
void rig_close(struct rig *rig);

/* A number in [0, below), of the rig's own reproducible sequence. */
uint64_t rig_random(struct rig *rig, uint64_t below);

/* Lines of random length up to line_max (mostly short; empty, CRLF, NULs and 8-bit bytes among
   them) filling exactly len bytes, the last of which is a newline. The test frees it. */
char *rig_text(struct rig *rig, size_t len, size_t line_max);

/* Open descriptors of this process. */
unsigned rig_descriptors(void);

#endif
