/*
 * The memory of straddling lines is bounded, and whoever holds it, somebody always gets on: peers
 * that stop in the middle of long lines, more of them than there is memory and more than there are
 * buffers, on both real backends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/stream.h"
#include "tests/fakes/stream_rig.h"
#include "tests/fakes/test.h"

#define KIB ((size_t)1 << 10)

/* jemalloc's, with which it ships; there is none under a sanitizer. */
int mallctl(const char *name, void *old, size_t *old_len, void *set, size_t set_len)
    __attribute__((weak));

static size_t allocated(void)
{
    uint64_t epoch = 1;
    size_t bytes = 0, len = sizeof(bytes);

    assert_int_equal(mallctl("epoch", NULL, NULL, &epoch, sizeof(epoch)), 0);
    assert_int_equal(mallctl("stats.allocated", &bytes, &len, NULL, 0), 0);
    return bytes;
}

/* `lines` lines of line_len bytes each, all different. */
static char *long_lines(size_t lines, size_t line_len)
{
    char *text = malloc(lines * (line_len + 1));
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++) {
        char *line = text + i * (line_len + 1);
        memset(line, 'a' + (int)(i % 26), line_len);
        memcpy(line, &i, sizeof i < line_len ? 2 : 0);
        for (size_t j = 0; j < 2; j++) {
            line[j] = line[j] == '\n' ? 'n' : line[j];
        }
        line[line_len] = '\n';
    }
    return text;
}

static void more_half_lines_than_memory_all_come_through(void **state)
{
    enum {
        PEERS = TEST_APART > 1 ? 20 : 60,
        LINES = 6,
        LINE = 200 * 1024,
        LEN = LINES * (LINE + 1)
    };
    struct rig *rig = rig_open(state, 16, STREAM_CARRY_BYTES_MIN + 512 * KIB);
    char *text = long_lines(LINES, LINE);
    for (size_t i = 0; i < PEERS; i++) {
        struct rig_client *client = rig_connect(rig, text, LEN);
        client->hold = LINE / 2 + i * 100; /* all stop in mid-line */
        client->shut_when_sent = true;
    }
    rig_settle(rig);
    assert_int_equal(rig->lines, 0);
    assert_true(stream_counts(rig->stream).carry_waits > 0);
    assert_int_equal(rig->held_max, 16); /* the waiting hold every buffer there is */
    for (size_t i = 0; i < PEERS; i++) {
        rig->clients[i].hold = SIZE_MAX;
    }
    rig_until_all_ended(rig);
    for (size_t i = 0; i < PEERS; i++) {
        assert_int_equal(rig->clients[i].at, LEN);
        assert_int_equal(rig->clients[i].discarded, 0);
    }
    free(text);
    rig_close(rig);
}

static int park_at_random(struct rig *rig, struct rig_client *client,
                          const struct stream_frame *frame)
{
    (void)client;
    (void)frame;
    return rig_random(rig, 4) == 0 ? -EAGAIN : 0;
}

static void with_memory_for_one_line_lines_of_all_lengths_come_through(void **state)
{
    enum { PEERS = TEST_APART > 1 ? 12 : 40, LEN = 1 << 20 };
    struct rig *rig = rig_open(state, 8, STREAM_CARRY_BYTES_MIN);
    char *text = rig_text(rig, LEN, STREAM_LINE_BYTES_MAX + 5000);
    for (size_t i = 0; i < PEERS; i++) {
        rig_connect(rig, text, LEN)->shut_when_sent = true;
    }
    rig->decide = park_at_random;
    rig_until_all_ended(rig);
    for (size_t i = 0; i < PEERS; i++) {
        assert_int_equal(rig->clients[i].at, LEN);
    }
    assert_true(stream_counts(rig->stream).carry_waits > 0);
    free(text);
    rig_close(rig);
}

static void short_lines_never_wait_for_those_who_stall(void **state)
{
    enum { STALLED = 30, LINE = 250 * 1024, SMALL = 1 << 20 };
    struct rig *rig = rig_open(state, 256, STREAM_CARRY_BYTES_MIN);
    char *text = long_lines(1, LINE);
    char *small = rig_text(rig, SMALL, 4000);
    for (size_t i = 0; i < STALLED; i++) {
        rig_connect(rig, text, LINE + 1)->hold = LINE;
    }
    rig_settle(rig);
    assert_int_equal(rig->lines, 0);
    struct rig_client *client = rig_connect(rig, small, SMALL);
    client->shut_when_sent = true;
    rig_until_ended(rig, client);
    assert_int_equal(client->at, SMALL);
    free(small);
    rig_close(rig);
    free(text);
}

static void a_stalled_peer_that_is_closed_lets_the_next_one_on(void **state)
{
    enum { LINE = 250 * 1024 };
    struct rig *rig = rig_open(state, 256, STREAM_CARRY_BYTES_MIN);
    char *text = long_lines(1, LINE);
    struct rig_client *stalled = rig_connect(rig, text, LINE + 1);
    stalled->hold = LINE - 1;
    rig_settle(rig);
    struct rig_client *waiting = rig_connect(rig, text, LINE + 1);
    rig_settle(rig);
    assert_int_equal(waiting->lines, 0);
    assert_int_equal(stream_counts(rig->stream).carry_waits, 1);
    stream_close_peer(stalled->peer);
    rig_until_lines(rig, 1);
    assert_int_equal(waiting->lines, 1);
    rig_settle(rig);
    assert_int_equal(stalled->discarded, LINE - 1);
    free(text);
    rig_close(rig);
}

static void files_and_sockets_share_the_memory(void **state)
{
    enum { LEN = 3 << 20 };
    struct rig *rig = rig_open(state, 4, STREAM_CARRY_BYTES_MIN);
    char *text = rig_text(rig, LEN, STREAM_LINE_BYTES_MAX);
    for (size_t i = 0; i < 4; i++) {
        (void)rig_file(rig, text, LEN);
        rig_pipe(rig, text, LEN, i % 2 == 0)->shut_when_sent = true;
        rig_connect(rig, text, LEN)->shut_when_sent = true;
    }
    rig->decide = park_at_random;
    rig_until_all_ended(rig);
    for (size_t i = 0; i < rig->clients_count; i++) {
        assert_int_equal(rig->clients[i].at, LEN);
    }
    free(text);
    rig_close(rig);
}

static void a_thousand_stalled_peers_stay_within_the_promised_memory(void **state)
{
    enum { LINE = 200 * 1024 };

    if (mallctl == NULL)
        skip();
    size_t carry = STREAM_CARRY_BYTES_MIN + 2048 * KIB;
    struct stream_limits limits = {.peers_max = STREAM_PEERS_MAX, .carry_bytes_total = carry};
    struct rig *rig = rig_open(state, 64, carry);
    char *text = long_lines(1, LINE);
    size_t before = allocated();
    for (size_t i = 0; i < STREAM_PEERS_MAX; i++) {
        rig_connect(rig, text, LINE + 1)->hold = LINE / 2;
    }
    rig_settle(rig);
    size_t after = allocated();
    assert_true(after > before);
    assert_true(after - before < stream_bytes_max(&limits));
    for (size_t i = 0; i < STREAM_PEERS_MAX; i++) {
        rig->clients[i].hold = SIZE_MAX;
        rig->clients[i].shut_when_sent = true;
    }
    rig_until_all_ended(rig);
    assert_int_equal(rig->lines, STREAM_PEERS_MAX);
    free(text);
    rig_close(rig);
}

static void unsound_limits_are_refused(void **state)
{
    static const struct stream_handler handler;
    struct rig *rig = rig_open(state, 2, 0);
    static const struct stream_limits unsound[] = {
        {.peers_max = 0, .carry_bytes_total = STREAM_CARRY_BYTES_MIN},
        {.peers_max = STREAM_PEERS_MAX + 1, .carry_bytes_total = STREAM_CARRY_BYTES_MIN},
        {.peers_max = 1, .carry_bytes_total = STREAM_CARRY_BYTES_MIN - 1},
    };
    for (size_t i = 0; i < sizeof unsound / sizeof *unsound; i++) {
        struct stream *stream = NULL;
        assert_int_equal(stream_open(rig->backend, &unsound[i], &handler, NULL, &stream), -EINVAL);
        assert_null(stream);
    }
    assert_null(stream_close(NULL));
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_BOTH(unsound_limits_are_refused),
        RIG_BOTH(a_stalled_peer_that_is_closed_lets_the_next_one_on),
        RIG_BOTH(short_lines_never_wait_for_those_who_stall),
        RIG_BOTH(more_half_lines_than_memory_all_come_through),
        RIG_BOTH(with_memory_for_one_line_lines_of_all_lengths_come_through),
        RIG_BOTH(files_and_sockets_share_the_memory),
        RIG_BOTH(a_thousand_stalled_peers_stay_within_the_promised_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
