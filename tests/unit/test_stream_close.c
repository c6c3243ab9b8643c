/*
 * Sending to peers and ending them, on both real backends: what was given goes out, nothing is told
 * twice or too early, no buffer is kept and no descriptor left open.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/stream.h"
#include "tests/fakes/stream_rig.h"
#include "tests/fakes/test.h"

#define MIB ((size_t)1 << 20)

static int take_none(struct rig *rig, struct rig_client *client, const struct stream_frame *frame)
{
    (void)rig;
    (void)client;
    (void)frame;
    return -EAGAIN;
}

static int close_at_third(struct rig *rig, struct rig_client *client,
                          const struct stream_frame *frame)
{
    (void)rig;
    (void)frame;
    if (client->lines == 2) {
        stream_close_peer(client->peer);
        stream_close_peer(client->peer);
        assert_false(client->ended);
    }
    return 0;
}

static void a_peer_closed_inside_its_line_gets_no_further_line(void **state)
{
    static const char text[] = "1\n2\n3\n4\n5\n";
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *client = rig_connect(rig, text, 10);
    rig->decide = close_at_third;
    rig_until_ended(rig, client);
    assert_int_equal(client->lines, 3);
    assert_int_equal(client->end, STREAM_END_CLOSED);
    assert_int_equal(client->discarded, 4);
    char byte = 0;
    assert_true(recv(client->fd, &byte, 1, MSG_DONTWAIT) <= 0);
    rig_close(rig);
}

static void a_peer_may_be_closed_while_parked_and_the_others_go_on(void **state)
{
    struct rig *rig = rig_open(state, 16, 0);
    char *text = rig_text(rig, MIB, 3000);
    struct rig_client *first = rig_connect(rig, text, MIB);
    struct rig_client *second = rig_connect(rig, text, MIB);
    second->shut_when_sent = true;
    rig->decide = take_none;
    rig_settle(rig);
    struct rig_client *parked = rig->parked;
    struct rig_client *other = parked == first ? second : first;
    stream_close_peer(parked->peer);
    assert_false(parked->ended);
    rig_settle(rig);
    assert_true(parked->ended);
    assert_int_equal(parked->lines, 0);
    assert_true(parked->discarded > 0);
    assert_true(stream_parked(rig->stream));
    assert_int_equal(other->lines, 0);
    rig->decide = NULL;
    other->shut_when_sent = true;
    rig_until_ended(rig, other);
    assert_int_equal(other->at, MIB);
    free(text);
    rig_close(rig);
}

static void a_paused_idle_peer_that_is_closed_ends_in_a_later_turn(void **state)
{
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *socket_client = rig_connect(rig, "", 0);
    struct rig_client *pipe_client = rig_pipe(rig, "", 0, false);
    struct rig_client *file_client = rig_file(rig, "a\nb\n", 4);
    stream_pause_peer(socket_client->peer);
    stream_pause_peer(pipe_client->peer);
    stream_pause_peer(file_client->peer);
    rig_settle(rig);
    for (size_t i = 0; i < 3; i++) {
        stream_close_peer(rig->clients[i].peer);
        assert_false(rig->clients[i].ended);
    }
    rig_settle(rig);
    for (size_t i = 0; i < 3; i++) {
        assert_true(rig->clients[i].ended);
        assert_int_equal(rig->clients[i].end, STREAM_END_CLOSED);
    }
    assert_int_equal(stream_peers_count(rig->stream), 0);
    rig_close(rig);
}

static void drain(struct rig *rig, const struct rig_client *client, char *bytes, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t count = recv(client->fd, bytes + at, len - at, MSG_DONTWAIT);
        at += count > 0 ? (size_t)count : 0;
        rig_turn(rig);
    }
}

static void a_send_longer_than_the_socket_holds_goes_out_whole_before_the_close(void **state)
{
    struct rig *rig = rig_open(state, 4, 0);
    char *text = rig_text(rig, 8 * MIB, 3000);
    char *back = malloc(8 * MIB);
    assert_non_null(back);
    struct rig_client *client = rig_connect(rig, "x\n", 2);
    assert_int_equal(stream_send(client->peer, text, 8 * MIB), 0);
    assert_true(stream_sending(client->peer));
    assert_int_equal(stream_send(client->peer, text, 1), -EBUSY);
    rig_settle(rig);
    assert_int_equal(client->lines, 1); /* a stuck send does not stop reading */
    assert_int_equal(client->sent_calls, 0);
    stream_close_peer(client->peer);
    assert_int_equal(stream_send(client->peer, text, 1), -EPIPE);
    rig_settle(rig);
    assert_false(client->ended);
    drain(rig, client, back, 8 * MIB);
    rig_until_ended(rig, client);
    assert_int_equal(client->sent_calls, 1);
    assert_int_equal(client->end, STREAM_END_CLOSED);
    assert_memory_equal(back, text, 8 * MIB);
    free(back);
    free(text);
    rig_close(rig);
}

static void a_send_to_a_peer_that_is_gone_ends_it(void **state)
{
    struct rig *rig = rig_open(state, 4, 0);
    char *text = rig_text(rig, 4 * MIB, 3000);
    struct rig_client *client = rig_connect(rig, "", 0);
    stream_pause_peer(client->peer);
    assert_int_equal(stream_send(client->peer, text, 4 * MIB), 0);
    rig_settle(rig);
    assert_int_equal(close(client->fd), 0);
    client->fd = -1;
    rig_until_ended(rig, client);
    assert_int_equal(client->end, STREAM_END_ERROR);
    assert_int_equal(client->error, -EPIPE);
    assert_int_equal(client->sent_calls, 0);
    free(text);
    rig_close(rig);
}

static void a_half_closed_socket_is_kept_for_its_replies_when_asked(void **state)
{
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *client = rig_connect(rig, "a\nb\n", 4);
    rig->keep_at_eof = true;
    rig_until_lines(rig, 2);
    assert_int_equal(shutdown(client->fd, SHUT_WR), 0);
    rig_settle(rig);
    assert_int_equal(client->eof_calls, 1);
    assert_false(client->ended);
    assert_int_equal(stream_send(client->peer, "{\"ack\":2}\n", 10), 0);
    stream_close_peer(client->peer);
    rig_until_ended(rig, client);
    assert_int_equal(client->end, STREAM_END_EOF);
    char back[16] = {0};
    assert_int_equal(recv(client->fd, back, sizeof back, 0), 10);
    assert_string_equal(back, "{\"ack\":2}\n");
    assert_int_equal(recv(client->fd, back, sizeof back, 0), 0);
    rig_close(rig);
}

static void closing_the_stream_ends_everybody_and_leaves_nothing_open(void **state)
{
    struct rig *rig = rig_open(state, 8, 0);
    char *text = rig_text(rig, 4 * MIB, 3000);
    for (int i = 0; i < 20; i++) {
        struct rig_client *client = rig_connect(rig, text, 4 * MIB);
        assert_int_equal(stream_send(client->peer, text, 4 * MIB), 0);
    }
    (void)rig_file(rig, text, 4 * MIB);
    (void)rig_pipe(rig, text, 4 * MIB, false);
    rig->decide = take_none;
    rig_settle(rig);
    stream_pause_peer(rig->clients[3].peer);
    stream_close_peer(rig->clients[4].peer);
    for (int i = 0; i < 10; i++) {
        rig_turn(rig);
    }
    rig_close(rig); /* checks buffers, descriptors and that every client was told */
    free(text);
}

static void a_slot_is_used_again_and_ids_are_never(void **state)
{
    struct rig *rig = rig_open(state, 4, 0);
    for (uint64_t id = 1; id <= 1000; id++) {
        struct rig_client *client = rig_connect(rig, "x\n", 2);
        assert_int_equal(stream_peer_id(client->peer), id);
        assert_int_equal(stream_peers_count(rig->stream), 1);
        client->shut_when_sent = true;
        rig_until_ended(rig, client);
        assert_int_equal(stream_peers_count(rig->stream), 0);
    }
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_BOTH(a_peer_closed_inside_its_line_gets_no_further_line),
        RIG_BOTH(a_peer_may_be_closed_while_parked_and_the_others_go_on),
        RIG_BOTH(a_paused_idle_peer_that_is_closed_ends_in_a_later_turn),
        RIG_BOTH(a_send_longer_than_the_socket_holds_goes_out_whole_before_the_close),
        RIG_BOTH(a_send_to_a_peer_that_is_gone_ends_it),
        RIG_BOTH(a_half_closed_socket_is_kept_for_its_replies_when_asked),
        RIG_BOTH(closing_the_stream_ends_everybody_and_leaves_nothing_open),
        RIG_BOTH(a_slot_is_used_again_and_ids_are_never),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
