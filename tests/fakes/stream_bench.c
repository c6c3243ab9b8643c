/* See stream_bench.h. */
#include "tests/fakes/stream_bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/test.h"

static int on_line(void *context, struct stream_peer *peer, const struct stream_frame *frame)
{
    struct bench *bench = context;
    (void)peer;
    if (bench->refuse) {
        return -EAGAIN;
    }
    assert_true(bench->len + frame->len + 2 < sizeof bench->text);
    memcpy(bench->text + bench->len, frame->bytes, frame->len);
    bench->len += frame->len;
    bench->text[bench->len++] = '|';
    bench->text[bench->len] = '\0';
    return 0;
}

static void on_opened(void *context, struct stream_peer *peer)
{
    (void)context;
    (void)peer;
}

static void on_ended(void *context, struct stream_peer *peer, enum stream_end end, int error,
                     uint64_t discarded_bytes)
{
    struct bench *bench = context;
    (void)peer;
    bench->ended++;
    bench->end = end;
    bench->error = error;
    bench->discarded = discarded_bytes;
}

static void on_sent(void *context, struct stream_peer *peer)
{
    struct bench *bench = context;
    (void)peer;
    bench->sent++;
}

static struct bench *bench_open(void)
{
    static const struct stream_handler handler = {
        .line = on_line, .opened = on_opened, .ended = on_ended, .sent = on_sent};
    static const struct stream_limits limits = {
        .peers_max = 4, .carry_bytes_total = STREAM_CARRY_BYTES_MIN + 300000};
    struct bench *bench = calloc(1, sizeof *bench);
    assert_non_null(bench);
    script_open(&bench->script);
    assert_int_equal(stream_open(&bench->script.base, &limits, &handler, bench, &bench->stream), 0);
    return bench;
}

struct bench *bench_socket(void)
{
    struct bench *bench = bench_open();
    assert_int_equal(stream_adopt_socket(bench->stream, BENCH_FD, &bench->peer), 0);
    return bench;
}

struct bench *bench_file(ssize_t pread_result)
{
    struct bench *bench = bench_open();
    bench->script.pread_result = pread_result;
    assert_int_equal(stream_adopt_file(bench->stream, BENCH_FD, &bench->peer), 0);
    return bench;
}

void bench_close(struct bench *bench)
{
    assert_null(stream_close(bench->stream));
    script_close(&bench->script);
    free(bench);
}

struct script_op *bench_receiving(struct bench *bench)
{
    return script_find(&bench->script, SCRIPT_RECV, BENCH_FD);
}

void bench_receive(struct bench *bench, const char *text, unsigned flags)
{
    struct script_op *op = bench_receiving(bench);
    assert_non_null(op);
    script_bytes(&bench->script, op, text, strlen(text), flags);
}
