/*
 * A stream on the scripted backend with a handler that writes down what it is told.
 */
#ifndef TESTS_FAKES_STREAM_BENCH_H
#define TESTS_FAKES_STREAM_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "io/stream.h"
#include "tests/fakes/backend_script.h"

enum { BENCH_FD = 7, BENCH_OTHER_FD = 8 };

struct bench {
    struct script script;
    struct stream *stream;
    struct stream_peer *peer;
    char text[4096]; /* of the lines that were taken, each with "|" behind it */
    size_t len;
    bool refuse; /* -EAGAIN */
    unsigned sent;
    unsigned ended;
    enum stream_end end;
    int error;
    uint64_t discarded;
};

/* With one socket on BENCH_FD; or with a file whose first byte is read with this result. */
struct bench *bench_socket(void);
struct bench *bench_file(ssize_t pread_result);

/* Closes and frees; nothing may be left in flight or handed out. */
void bench_close(struct bench *bench);

/* The recv of BENCH_FD in flight, or NULL; and bytes for it. */
struct script_op *bench_receiving(struct bench *bench);
void bench_receive(struct bench *bench, const char *text, unsigned flags);

#endif
