/*
 * What arrives in a stream comes out as the same lines, byte for byte and in order, however it was
 * split, on both real backends: sockets, limits, ends.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/stream.h"
#include "tests/fakes/stream_rig.h"
#include "tests/fakes/test.h"

static void lines_of_a_socket_come_in_order(void **state)
{
    static const char text[] = "one\r\n\n\ntwo\n";
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *client = rig_connect(rig, text, sizeof text - 1);
    client->shut_when_sent = true;
    rig_until_ended(rig, client);
    assert_int_equal(client->lines, 4);
    assert_int_equal(client->end, STREAM_END_EOF);
    assert_int_equal(client->discarded, 0);
    assert_int_equal(client->eof_calls, 1);
    struct stream_counts counts = stream_counts(rig->stream);
    assert_int_equal(counts.bytes, sizeof text - 1);
    assert_int_equal(counts.lines, 4);
    assert_int_equal(counts.peers_opened, 1);
    assert_int_equal(counts.peers_ended, 1);
    rig_close(rig);
}

static void a_line_split_at_every_byte_position_comes_whole(void **state)
{
    static const char text[] = "{\"a\":\"first\"}\r\n{\"b\":\"second\"}\n";
    size_t len = sizeof text - 1;
    struct rig *rig = rig_open(state, 8, 0);
    for (size_t cut = 1; cut < len; cut++) {
        struct rig_client *client = rig_connect(rig, text, len);
        client->hold = cut;
        client->piece_max = 1; /* also the whole of it byte by byte */
        rig_settle(rig);
        client->hold = len;
        client->piece_max = len;
        client->shut_when_sent = true;
        rig_until_ended(rig, client);
        assert_int_equal(client->lines, 2);
    }
    rig_close(rig);
}

static void an_unterminated_line_of_a_socket_is_discarded_and_counted(void **state)
{
    static const char text[] = "whole\nnot whole";
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *client = rig_connect(rig, text, sizeof text - 1);
    client->shut_when_sent = true;
    rig_until_ended(rig, client);
    assert_int_equal(client->lines, 1);
    assert_int_equal(client->end, STREAM_END_EOF);
    assert_int_equal(client->discarded, 9);
    assert_int_equal(stream_counts(rig->stream).discarded_bytes, 9);
    rig_close(rig);
}

static char *line_of(size_t line_len, size_t *ret_len)
{
    static const char tail[] = "\nnext\n";
    char *text = malloc(line_len + sizeof tail - 1);
    assert_non_null(text);
    memset(text, 'x', line_len);
    memcpy(text + line_len, tail, sizeof tail - 1);
    *ret_len = line_len + sizeof tail - 1;
    return text;
}

static void the_line_limit_is_exact_and_the_next_line_is_whole(void **state)
{
    struct rig *rig = rig_open(state, 8, 0);
    for (size_t extra = 0; extra < 4; extra++) {
        size_t len = 0;
        char *text = line_of(STREAM_LINE_BYTES_MAX - 1 + extra, &len);
        struct rig_client *client = rig_connect(rig, text, len);
        client->shut_when_sent = true;
        rig_until_ended(rig, client);
        assert_int_equal(client->lines, 2);
        assert_int_equal(client->too_long, extra > 1 ? 1 : 0);
        assert_int_equal(client->at, len);
        free(text);
    }
    rig_close(rig);
}

static void a_line_without_end_is_counted_and_keeps_no_more_than_the_limit(void **state)
{
    size_t len = 0;
    char *text = line_of(8u << 20, &len);
    struct rig *rig = rig_open(state, 8, STREAM_CARRY_BYTES_MIN);
    struct rig_client *client = rig_connect(rig, text, len);
    client->shut_when_sent = true;
    rig_until_ended(rig, client);
    assert_int_equal(client->too_long, 1);
    assert_int_equal(client->lines, 2);
    assert_int_equal(stream_counts(rig->stream).too_long, 1);
    free(text);
    rig_close(rig);
}

static int park_at_random(struct rig *rig, struct rig_client *client,
                          const struct stream_frame *frame)
{
    (void)client;
    (void)frame;
    return rig_random(rig, 200) == 0 ? -EAGAIN : 0;
}

static void lines_survive_random_splits_and_random_parking(void **state)
{
    size_t len = (size_t)64 << 20;
    struct rig *rig = rig_open(state, 32, 0);
    char *text = rig_text(rig, len, 20000);
    struct rig_client *client = rig_connect(rig, text, len);
    client->shut_when_sent = true;
    client->piece_max = 200000;
    rig->decide = park_at_random;
    rig_until_ended(rig, client);
    assert_int_equal(client->at, len);
    assert_int_equal(client->discarded, 0);
    struct stream_counts counts = stream_counts(rig->stream);
    assert_int_equal(counts.bytes, len);
    assert_int_equal(counts.lines, client->lines);
    assert_true(counts.parks > 0);
    assert_true(counts.copied_lines > 0);
    assert_true(counts.copied_lines < counts.lines / 2);
    free(text);
    rig_close(rig);
}

static void a_thousand_and_twenty_four_peers_are_read_side_by_side(void **state)
{
    enum { EACH = 20000 };
    struct rig *rig = rig_open(state, 64, 0);
    char *text = rig_text(rig, EACH + STREAM_PEERS_MAX, 3000);
    for (size_t i = 0; i < STREAM_PEERS_MAX; i++) {
        char *end = memchr(text + i, '\n', EACH + STREAM_PEERS_MAX - i);
        size_t rest = EACH + STREAM_PEERS_MAX - (size_t)(end + 1 - text);
        struct rig_client *client = rig_connect(rig, end + 1, rest);
        client->shut_when_sent = true;
        client->piece_max = 7000;
    }
    rig->decide = park_at_random;
    int pair[2];
    struct stream_peer *peer = NULL;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(stream_adopt_socket(rig->stream, pair[0], &peer), -ENOSPC);
    assert_null(peer);
    (void)close(pair[0]);
    (void)close(pair[1]);
    rig_until_all_ended(rig);
    for (size_t i = 0; i < STREAM_PEERS_MAX; i++) {
        assert_int_equal(rig->clients[i].at, rig->clients[i].len);
        assert_int_equal(rig->clients[i].end, STREAM_END_EOF);
    }
    free(text);
    rig_close(rig);
}

static void a_reset_peer_ends_with_the_error_after_its_received_lines(void **state)
{
    static const char text[] = "received\nnot complete";
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *client = rig_connect_tcp(rig, text, sizeof text - 1);
    rig_until_lines(rig, 1);
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(client->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger), 0);
    rig_settle(rig);
    assert_int_equal(close(client->fd), 0);
    client->fd = -1;
    rig_until_ended(rig, client);
    assert_int_equal(client->end, STREAM_END_ERROR);
    assert_int_equal(client->error, -ECONNRESET);
    assert_int_equal(client->discarded, 12);
    assert_int_equal(client->eof_calls, 0);
    rig_close(rig);
}

static int refuse_second(struct rig *rig, struct rig_client *client,
                         const struct stream_frame *frame)
{
    (void)rig;
    (void)frame;
    return client->lines == 1 ? -EPROTO : 0;
}

static void an_error_of_the_handler_ends_that_peer_only(void **state)
{
    static const char text[] = "1\n2\n3\n";
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *bad = rig_connect(rig, text, 6);
    struct rig_client *good = rig_connect(rig, text, 2);
    rig->decide = refuse_second;
    rig_until_ended(rig, bad);
    assert_int_equal(bad->end, STREAM_END_ERROR);
    assert_int_equal(bad->error, -EPROTO);
    assert_int_equal(bad->lines, 1);
    assert_int_equal(bad->discarded, 4);
    rig_settle(rig);
    assert_int_equal(good->lines, 1);
    assert_false(good->ended);
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_BOTH(lines_of_a_socket_come_in_order),
        RIG_BOTH(a_line_split_at_every_byte_position_comes_whole),
        RIG_BOTH(an_unterminated_line_of_a_socket_is_discarded_and_counted),
        RIG_BOTH(the_line_limit_is_exact_and_the_next_line_is_whole),
        RIG_BOTH(a_line_without_end_is_counted_and_keeps_no_more_than_the_limit),
        RIG_BOTH(a_reset_peer_ends_with_the_error_after_its_received_lines),
        RIG_BOTH(an_error_of_the_handler_ends_that_peer_only),
        RIG_BOTH(lines_survive_random_splits_and_random_parking),
        RIG_BOTH(a_thousand_and_twenty_four_peers_are_read_side_by_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
