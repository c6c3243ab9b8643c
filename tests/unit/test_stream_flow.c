/*
 * Flow control on both real backends: parking, pausing, exhausted buffers, stopping, sending and
 * closing, without a byte lost, a buffer kept or a descriptor left open.
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

static void a_parked_peer_holds_a_bounded_number_of_buffers(void **state)
{
    struct rig *rig = rig_open(state, 256, 0);
    char *text = rig_text(rig, 32 * MIB, 2000);
    struct rig_client *client = rig_connect(rig, text, 32 * MIB);
    client->shut_when_sent = true;
    client->piece_max = 400000;
    rig->decide = take_none;
    rig_settle(rig);
    assert_true(stream_parked(rig->stream));
    /* What was under way when recv was cancelled still comes. */
    assert_true(rig->held_max >= STREAM_HELD_BUFFERS_MAX);
    assert_true(rig->held_max <= STREAM_HELD_BUFFERS_MAX + 16);
    assert_int_equal(stream_counts(rig->stream).pauses, 1);
    assert_int_equal(client->lines, 0);
    stream_resume(rig->stream); /* parks again at the same frame, and nothing is lost by it */
    assert_true(stream_parked(rig->stream));
    rig->decide = NULL;
    rig_until_ended(rig, client);
    assert_int_equal(client->at, 32 * MIB);
    assert_true(stream_counts(rig->stream).resumes > 0);
    free(text);
    rig_close(rig);
}

static void peers_without_a_free_buffer_are_read_again_when_some_went_back(void **state)
{
    enum { PEERS = 24 };
    struct rig *rig = rig_open(state, 8, 0);
    char *text = rig_text(rig, MIB, 4000);
    for (int i = 0; i < PEERS; i++) {
        rig_connect(rig, text, MIB)->shut_when_sent = true;
    }
    rig->decide = take_none;
    for (int round = 0; round < 5; round++) {
        rig_settle(rig);
        assert_int_equal(rig->held_max, 8);
        assert_true(stream_parked(rig->stream));
        stream_resume(rig->stream);
    }
    assert_true(stream_counts(rig->stream).nobufs >= PEERS - 8);
    assert_int_equal(rig->lines, 0);
    rig->decide = NULL;
    rig_until_all_ended(rig);
    for (int i = 0; i < PEERS; i++) {
        assert_int_equal(rig->clients[i].at, MIB);
    }
    free(text);
    rig_close(rig);
}

static void idle_peers_do_not_keep_starved_ones_from_reading(void **state)
{
    static const char line[] = "a line\n";
    struct rig *rig = rig_open(state, 2, 0);
    char *text = rig_text(rig, MIB, 4000);
    for (int i = 0; i < 50; i++) {
        rig_connect(rig, line, sizeof line - 1)->hold = 0; /* silent */
    }
    struct rig_client *first = rig_connect(rig, text, MIB);
    struct rig_client *second = rig_connect(rig, text, MIB);
    rig->decide = take_none;
    rig_settle(rig);
    rig->decide = NULL;
    first->shut_when_sent = true;
    second->shut_when_sent = true;
    rig_until_ended(rig, first);
    rig_until_ended(rig, second);
    for (int i = 0; i < 50; i++) {
        rig->clients[i].hold = SIZE_MAX;
        rig->clients[i].shut_when_sent = true;
    }
    rig_until_all_ended(rig);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(rig->clients[i].lines, 1);
    }
    free(text);
    rig_close(rig);
}

static void after_a_park_the_peers_take_turns(void **state)
{
    enum { PEERS = 4 };
    struct rig *rig = rig_open(state, 256, 0);
    char *text = rig_text(rig, 2 * MIB, 400);
    for (int i = 0; i < PEERS; i++) {
        rig_connect(rig, text, 2 * MIB);
    }
    rig->decide = take_none;
    rig_settle(rig);
    assert_true(rig->held_max > 2 * PEERS);
    rig->decide = NULL;
    stream_resume(rig->stream);
    /* The last peer got its first line long before the first one had used up what was queued. */
    for (int i = 0; i < PEERS; i++) {
        assert_true(rig->clients[i].lines > 0);
        assert_true(rig->clients[i].order < rig->lines / 2);
    }
    free(text);
    rig_close(rig);
}

static int pause_at_each_hundredth(struct rig *rig, struct rig_client *client,
                                   const struct stream_frame *frame)
{
    (void)rig;
    (void)frame;
    if (client->lines % 100 == 99) {
        stream_pause_peer(client->peer);
    }
    return 0;
}

static void a_paused_peer_delivers_nothing_and_loses_nothing(void **state)
{
    struct rig *rig = rig_open(state, 64, 0);
    char *text = rig_text(rig, 4 * MIB, 3000);
    struct rig_client *paused = rig_connect(rig, text, 4 * MIB);
    struct rig_client *other = rig_connect(rig, text, 4 * MIB);
    paused->shut_when_sent = true;
    other->shut_when_sent = true;
    rig->decide = pause_at_each_hundredth;
    for (size_t expected = 100; !paused->ended; expected += 100) {
        rig_settle(rig);
        if (paused->ended) {
            break;
        }
        assert_int_equal(paused->lines, expected);
        stream_resume_peer(paused->peer);
        if (other->peer != NULL) {
            stream_resume_peer(other->peer);
        }
    }
    while (!other->ended) {
        stream_resume_peer(other->peer);
        rig_settle(rig);
    }
    assert_int_equal(paused->at, 4 * MIB);
    assert_int_equal(other->at, 4 * MIB);
    assert_int_equal(stream_counts(rig->stream).discarded_bytes, 0);
    free(text);
    rig_close(rig);
}

static int pause_and_park(struct rig *rig, struct rig_client *client,
                          const struct stream_frame *frame)
{
    (void)frame;
    rig->decide = NULL;
    stream_pause_peer(client->peer);
    rig->parked = NULL;
    return -EAGAIN;
}

static void pausing_the_parked_peer_lets_the_others_go_on(void **state)
{
    static const char text[] = "1\n2\n";
    struct rig *rig = rig_open(state, 4, 0);
    struct rig_client *first = rig_connect(rig, text, 4);
    rig->decide = pause_and_park;
    rig_settle(rig);
    assert_true(stream_parked(rig->stream));
    struct rig_client *second = rig_connect(rig, text, 4);
    rig_settle(rig);
    assert_int_equal(second->lines, 0);
    rig->parked = NULL; /* its frame stays back while it is paused */
    stream_resume(rig->stream);
    assert_int_equal(first->lines, 0);
    assert_int_equal(second->lines, 2);
    stream_resume_peer(first->peer);
    assert_int_equal(first->lines, 2);
    rig_close(rig);
}

static void after_stop_reading_received_lines_come_and_then_none(void **state)
{
    struct rig *rig = rig_open(state, 64, 0);
    char *text = rig_text(rig, 8 * MIB, 3000);
    struct rig_client *client = rig_connect(rig, text, 8 * MIB);
    struct rig_client *file = rig_file(rig, text, 8 * MIB);
    rig->decide = take_none;
    rig_settle(rig);
    stream_stop_reading(rig->stream);
    rig_settle(rig);
    assert_false(stream_quiet(rig->stream)); /* parked lines are still to come */
    assert_int_equal(rig->lines, 0);
    rig->decide = NULL;
    stream_resume(rig->stream);
    rig_settle(rig);
    assert_true(stream_quiet(rig->stream));
    assert_true(client->lines > 0);
    assert_true(file->lines > 0);
    assert_true(client->at < 8 * MIB);
    uint64_t received = stream_counts(rig->stream).bytes;
    assert_true(received - client->at - file->at < 2 * 3001);
    assert_false(client->ended);
    assert_int_equal(stream_send(client->peer, "bye\n", 4), 0);
    rig_settle(rig);
    assert_int_equal(client->sent_calls, 1);
    free(text);
    rig_close(rig);
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
        assert_ptr_equal(stream_next_peer(rig->stream, NULL), client->peer);
        assert_null(stream_next_peer(rig->stream, client->peer));
        client->shut_when_sent = true;
        rig_until_ended(rig, client);
        assert_null(stream_next_peer(rig->stream, NULL));
    }
    rig_close(rig);
}

#define BOTH(test)                                                                                 \
    {"uring: " #test, test, NULL, NULL, &kinds[0]},                                                \
    {                                                                                              \
        "poll: " #test, test, NULL, NULL, &kinds[1]                                                \
    }

int main(void)
{
    static enum backend_kind kinds[] = {BACKEND_URING, BACKEND_POLL};
    const struct CMUnitTest tests[] = {
        BOTH(a_paused_idle_peer_that_is_closed_ends_in_a_later_turn),
        BOTH(a_peer_closed_inside_its_line_gets_no_further_line),
        BOTH(a_slot_is_used_again_and_ids_are_never),
        BOTH(a_half_closed_socket_is_kept_for_its_replies_when_asked),
        BOTH(pausing_the_parked_peer_lets_the_others_go_on),
        BOTH(a_paused_peer_delivers_nothing_and_loses_nothing),
        BOTH(a_parked_peer_holds_a_bounded_number_of_buffers),
        BOTH(a_peer_may_be_closed_while_parked_and_the_others_go_on),
        BOTH(after_a_park_the_peers_take_turns),
        BOTH(peers_without_a_free_buffer_are_read_again_when_some_went_back),
        BOTH(idle_peers_do_not_keep_starved_ones_from_reading),
        BOTH(after_stop_reading_received_lines_come_and_then_none),
        BOTH(a_send_longer_than_the_socket_holds_goes_out_whole_before_the_close),
        BOTH(a_send_to_a_peer_that_is_gone_ends_it),
        BOTH(closing_the_stream_ends_everybody_and_leaves_nothing_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
