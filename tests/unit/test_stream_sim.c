/*
 * Streams on the simulated backend under chaos: completions late, reordered, short, multishot ops
 * that end for no reason, many seeds. Peers are paused, parked, closed and hung up at random; every
 * line is compared with the text that was pushed, and the same seed gives the same run.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "io/backend_sim.h"
#include "io/stream.h"
#include "tests/fakes/test.h"

enum { PEERS = 12, TEXT = 300000, TURNS_MAX = 200000 };

struct sim_client {
    struct stream_peer *peer;
    int fd; /* the test's end; -1: a file */
    size_t pushed;
    size_t at; /* where the next line must start */
    bool hung_up;
    bool closed; /* by us, so that lines may be missing */
    bool ended;
    bool paused;
    size_t replies;
    size_t pulled;
};

struct sim_run {
    struct backend *backend;
    struct stream *stream;
    const char *text;
    uint64_t random;
    struct sim_client *opening;
    struct sim_client clients[PEERS];
    size_t ended;
};

static uint64_t below(struct sim_run *run, uint64_t limit)
{
    run->random = run->random * 6364136223846793005u + 1442695040888963407u;
    return (run->random >> 33) % limit;
}

static int on_line(void *context, struct stream_peer *peer, const struct stream_frame *frame)
{
    struct sim_run *run = context;
    struct sim_client *client = stream_peer_user(peer);
    assert_false(client->closed);
    assert_false(client->paused);
    assert_int_equal(frame->offset, client->at);
    assert_true(client->at + frame->len <= TEXT);
    assert_int_equal(memcmp(frame->bytes, run->text + client->at, frame->len), 0);
    bool terminated = frame->kind != STREAM_LINE_UNTERMINATED;
    if (terminated) {
        assert_int_equal(run->text[client->at + frame->line_bytes], '\n');
    }
    switch (below(run, 60)) {
    case 0:
        return -EAGAIN;
    case 1:
        client->paused = true;
        stream_pause_peer(peer);
        break;
    case 2:
        client->replies += stream_send(peer, run->text, 5000) == 0 ? 1 : 0;
        break;
    default:
        break;
    }
    if (below(run, 4000) == 0) {
        client->closed = true;
        stream_close_peer(peer);
    }
    client->at += frame->line_bytes + (terminated ? 1 : 0);
    return 0;
}

static void on_opened(void *context, struct stream_peer *peer)
{
    struct sim_run *run = context;
    run->opening->peer = peer;
    stream_peer_set_user(peer, run->opening);
}

static void on_ended(void *context, struct stream_peer *peer, enum stream_end end, int error,
                     uint64_t discarded_bytes)
{
    struct sim_run *run = context;
    struct sim_client *client = stream_peer_user(peer);
    assert_false(client->ended);
    assert_int_equal(error, 0);
    client->ended = true;
    run->ended++;
    if (!client->closed) {
        assert_int_equal(end, STREAM_END_EOF);
        assert_int_equal(client->at + discarded_bytes, client->fd < 0 ? TEXT : client->pushed);
    }
}

static void on_sent(void *context, struct stream_peer *peer)
{
    (void)context;
    (void)peer;
}

/* Lines of many lengths, some longer than a buffer. */
static char *make_text(struct sim_run *run)
{
    char *text = malloc(TEXT);
    assert_non_null(text);
    for (size_t at = 0; at < TEXT;) {
        size_t len = below(run, below(run, 20) == 0 ? 100000 : 600);
        len = len < TEXT - at - 1 ? len : TEXT - at - 1;
        for (size_t i = 0; i < len; i++) {
            text[at + i] = (char)('a' + (at + i * 7) % 25);
        }
        at += len;
        text[at++] = '\n';
    }
    return text;
}

static void open_file(struct sim_run *run)
{
    const struct backend_ops *ops = run->backend->ops;
    struct stream_peer *peer = NULL;
    int fd = ops->open(run->backend, AT_FDCWD, "input", O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ops->pwrite(run->backend, fd, run->text, TEXT, 0), TEXT);
    run->opening = &run->clients[0];
    run->opening->fd = -1;
    assert_int_equal(stream_adopt_file(run->stream, fd, &peer), 0);
}

static void open_all(struct sim_run *run, uint64_t seed)
{
    static const struct stream_handler handler = {
        .line = on_line, .opened = on_opened, .ended = on_ended, .sent = on_sent};
    struct stream_limits limits = {.peers_max = PEERS,
                                   .carry_bytes_total = STREAM_CARRY_BYTES_MIN + 50000};
    run->random = seed;
    run->text = make_text(run);
    assert_int_equal(backend_sim_open(seed, seed % 2 == 0 ? 4 : 32, &run->backend), 0);
    assert_int_equal(stream_open(run->backend, &limits, &handler, run, &run->stream), 0);
    open_file(run);
    for (size_t i = 1; i < PEERS; i++) {
        struct stream_peer *peer = NULL;
        int fd = -1;
        run->opening = &run->clients[i];
        run->opening->fd = backend_sim_pair(run->backend, &fd);
        assert_true(run->opening->fd >= 0);
        assert_int_equal(stream_adopt_socket(run->stream, fd, &peer), 0);
    }
    backend_sim_chaos(run->backend, (unsigned)(seed % 4) * 150);
}

static void client_acts(struct sim_run *run, struct sim_client *client)
{
    if (client->paused && !client->ended && below(run, 3) == 0) {
        client->paused = false;
        stream_resume_peer(client->peer);
    }
    if (client->fd < 0 || client->hung_up) {
        return;
    }
    char back[4096];
    ssize_t count = backend_sim_pull(run->backend, client->fd, back, sizeof back);
    client->pulled += count > 0 ? (size_t)count : 0;
    size_t piece = 1 + below(run, 40000);
    piece = piece < TEXT - client->pushed ? piece : TEXT - client->pushed;
    if (piece > 0 && !client->ended) {
        count = backend_sim_push(run->backend, client->fd, run->text + client->pushed, piece);
        client->pushed += count > 0 ? (size_t)count : 0;
    }
    bool gives_up = below(run, 2000) == 0;
    if ((client->pushed == TEXT || gives_up) && client->replies * 5000 == client->pulled) {
        client->hung_up = true;
        backend_sim_hangup(run->backend, client->fd);
    }
}

static uint64_t run_once(uint64_t seed)
{
    struct sim_run *run = calloc(1, sizeof *run);
    assert_non_null(run);
    open_all(run, seed);
    for (unsigned turn = 0; run->ended < PEERS; turn++) {
        assert_true(turn < TURNS_MAX);
        for (size_t i = 0; i < PEERS; i++) {
            client_acts(run, &run->clients[i]);
        }
        assert_int_equal(run->backend->ops->turn(run->backend, 1000), 0);
        if (below(run, 2) == 0) {
            stream_resume(run->stream);
        }
    }
    uint64_t trace = backend_sim_trace(run->backend);
    assert_null(stream_close(run->stream));
    assert_int_equal(run->backend->ops->buffers_held(run->backend), 0);
    assert_null(backend_close(run->backend));
    free((void *)(uintptr_t)run->text);
    free(run);
    return trace;
}

static void no_byte_is_lost_whatever_the_order_of_completions(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        (void)run_once(seed);
    }
}

static void the_same_seed_gives_the_same_run(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        assert_int_equal(run_once(seed), run_once(seed));
    }
    assert_int_not_equal(run_once(1), run_once(5));
}

static int take(void *context, struct stream_peer *peer, const struct stream_frame *frame)
{
    size_t *lines = context;
    (void)peer;
    (void)frame;
    (*lines)++;
    return 0;
}

static void just_opened(void *context, struct stream_peer *peer)
{
    (void)context;
    (void)peer;
}

static void just_ended(void *context, struct stream_peer *peer, enum stream_end end, int error,
                       uint64_t discarded_bytes)
{
    (void)context;
    (void)peer;
    (void)end;
    (void)error;
    (void)discarded_bytes;
}

static void faults_end_only_the_peer_that_they_meet(void **state)
{
    (void)state;
    static const struct stream_handler handler = {
        .line = take, .opened = just_opened, .ended = just_ended, .sent = just_opened};
    static const struct stream_limits limits = {.peers_max = 2,
                                                .carry_bytes_total = STREAM_CARRY_BYTES_MIN};
    struct backend *backend = NULL;
    struct stream *stream = NULL;
    struct stream_peer *peer = NULL;
    size_t lines = 0;
    int ends[2];
    assert_int_equal(backend_sim_open(1, 4, &backend), 0);
    assert_int_equal(stream_open(backend, &limits, &handler, &lines, &stream), 0);
    for (size_t i = 0; i < 2; i++) {
        int fd = -1;
        ends[i] = backend_sim_pair(backend, &fd);
        assert_int_equal(stream_adopt_socket(stream, fd, &peer), 0);
    }
    backend_sim_fail(backend, BACKEND_SIM_RECV, 1, 1, -ETIMEDOUT);
    for (int turn = 0; turn < 20; turn++) {
        assert_true(backend_sim_push(backend, ends[turn % 2], "x\n", 2) != 0);
        assert_int_equal(backend->ops->turn(backend, 1000), 0);
    }
    assert_int_equal(stream_peers_count(stream), 1);
    assert_int_equal(lines, 10);
    assert_null(stream_close(stream));
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_end_only_the_peer_that_they_meet),
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(no_byte_is_lost_whatever_the_order_of_completions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
