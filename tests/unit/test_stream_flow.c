/*
 * Flow control on both real backends: parking, pausing, exhausted buffers and stopping, without a
 * byte lost.
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

static int pause_at_first(struct rig *rig, struct rig_client *client,
                          const struct stream_frame *frame)
{
    (void)frame;
    if (client < &rig->clients[40] && client->lines == 0) {
        stream_pause_peer(client->peer);
    }
    return 0;
}

static void peers_paused_for_long_do_not_keep_the_others_from_reading(void **state)
{
    struct rig *rig = rig_open(state, 16, 0);
    char *text = rig_text(rig, MIB, 3000);
    for (int i = 0; i < 40; i++) {
        rig_connect(rig, text, MIB)->shut_when_sent = true;
    }
    rig->decide = pause_at_first;
    rig_settle(rig);
    assert_int_equal(rig->lines, 40);
    struct rig_client *other = rig_connect(rig, text, MIB);
    other->shut_when_sent = true;
    rig_until_ended(rig, other);
    assert_int_equal(other->at, MIB);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(rig->clients[i].lines, 1);
        stream_resume_peer(rig->clients[i].peer);
    }
    rig_until_all_ended(rig);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(rig->clients[i].at, MIB);
    }
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
    assert_int_equal(first->lines, 0); /* not from below a call of ours */
    rig_settle(rig);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_BOTH(a_parked_peer_holds_a_bounded_number_of_buffers),
        RIG_BOTH(peers_without_a_free_buffer_are_read_again_when_some_went_back),
        RIG_BOTH(idle_peers_do_not_keep_starved_ones_from_reading),
        RIG_BOTH(after_a_park_the_peers_take_turns),
        RIG_BOTH(a_paused_peer_delivers_nothing_and_loses_nothing),
        RIG_BOTH(peers_paused_for_long_do_not_keep_the_others_from_reading),
        RIG_BOTH(pausing_the_parked_peer_lets_the_others_go_on),
        RIG_BOTH(after_stop_reading_received_lines_come_and_then_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
