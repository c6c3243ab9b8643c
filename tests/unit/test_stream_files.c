/*
 * Files, pipes and what stands in for them, on both real backends: read to their end in order, the
 * last line also without a newline.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/stream_internal.h"
#include "tests/fakes/stream_rig.h"
#include "tests/fakes/test.h"

#define MIB   ((size_t)1 << 20)
#define CHUNK ((size_t)256 << 10) /* of one read of a file */

static int park_at_random(struct rig *rig, struct rig_client *client,
                          const struct stream_frame *frame)
{
    (void)client;
    (void)frame;
    return rig_random(rig, 100) == 0 ? -EAGAIN : 0;
}

static void a_large_file_comes_in_order_through_parking(void **state)
{
    size_t len = 24 * MIB + 12345;
    struct rig *rig = rig_open(state, 2, 0);
    char *text = rig_text(rig, len, 20000);
    struct rig_client *client = rig_file(rig, text, len);
    rig->decide = park_at_random;
    rig_until_ended(rig, client);
    assert_int_equal(client->at, len);
    assert_int_equal(client->end, STREAM_END_EOF);
    assert_int_equal(client->eof_calls, 0);
    assert_int_equal(client->discarded, 0);
    assert_int_equal(stream_counts(rig->stream).bytes, len);
    free(text);
    rig_close(rig);
}

static void files_of_every_size_around_a_chunk_are_read_exactly(void **state)
{
    static const size_t sizes[] = {
        1, 2, CHUNK - 1, CHUNK, CHUNK + 1, 4 * CHUNK - 1, 4 * CHUNK, 4 * CHUNK + 1, 5 * CHUNK};
    struct rig *rig = rig_open(state, 2, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = rig_text(rig, sizes[i], 5000);
        struct rig_client *client = rig_file(rig, text, sizes[i]);
        rig_until_ended(rig, client);
        assert_int_equal(client->at, sizes[i]);
        assert_int_equal(client->unterminated, 0);
        free(text);
    }
    struct rig_client *empty = rig_file(rig, "", 0);
    rig_until_ended(rig, empty);
    assert_int_equal(empty->lines, 0);
    assert_int_equal(empty->end, STREAM_END_EOF);
    rig_close(rig);
}

static void the_last_line_of_a_file_needs_no_newline(void **state)
{
    struct rig *rig = rig_open(state, 2, 0);
    struct rig_client *client = rig_file(rig, "one\n\ntail", 9);
    rig_until_ended(rig, client);
    assert_int_equal(client->lines, 3);
    assert_int_equal(client->unterminated, 1);
    assert_int_equal(client->discarded, 0);
    rig_close(rig);
}

static int take_whole_only(struct rig *rig, struct rig_client *client,
                           const struct stream_frame *frame)
{
    (void)rig;
    (void)client;
    return frame->kind == STREAM_LINE_WHOLE ? 0 : -EAGAIN;
}

static void the_last_line_of_a_file_can_be_parked(void **state)
{
    struct rig *rig = rig_open(state, 2, 0);
    struct rig_client *client = rig_file(rig, "one\ntail", 8);
    rig->decide = take_whole_only;
    rig_settle(rig);
    assert_true(stream_parked(rig->stream));
    assert_int_equal(client->lines, 1);
    assert_false(client->ended);
    rig->decide = NULL;
    stream_resume(rig->stream);
    rig_until_ended(rig, client);
    assert_int_equal(client->unterminated, 1);
    rig_close(rig);
}

static void an_over_long_tail_of_a_file_is_told_as_too_long(void **state)
{
    size_t len = STREAM_LINE_BYTES_MAX + 7;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, 'y', len);
    struct rig *rig = rig_open(state, 2, STREAM_CARRY_BYTES_MIN);
    struct rig_client *client = rig_file(rig, text, len);
    rig_until_ended(rig, client);
    assert_int_equal(client->lines, 1);
    assert_int_equal(client->too_long, 1);
    free(text);
    rig_close(rig);
}

static void a_pipe_is_read_to_its_end(void **state, bool nonblock)
{
    size_t len = 4 * MIB + 17;
    struct rig *rig = rig_open(state, 2, 0);
    char *text = rig_text(rig, len, 20000);
    text[len - 1] = 'x'; /* no newline at the end */
    struct rig_client *client = rig_pipe(rig, text, len, nonblock);
    client->hold = 100;
    rig_settle(rig); /* also from the middle of a wait */
    client->hold = SIZE_MAX;
    client->shut_when_sent = true;
    rig->decide = park_at_random;
    rig_until_ended(rig, client);
    assert_int_equal(client->at, len);
    assert_int_equal(client->unterminated, 1);
    assert_int_equal(client->end, STREAM_END_EOF);
    free(text);
    rig_close(rig);
}

static void a_blocking_pipe_is_read_to_its_end(void **state)
{
    a_pipe_is_read_to_its_end(state, false);
}

static void a_non_blocking_pipe_is_read_to_its_end(void **state)
{
    a_pipe_is_read_to_its_end(state, true);
}

static void a_non_blocking_socket_is_read_too(void **state)
{
    struct rig *rig = rig_open(state, 2, 0);
    char *text = rig_text(rig, MIB, 3000);
    struct rig_client *client = rig_connect(rig, text, MIB);
    int flags = fcntl(client->peer->fd, F_GETFL);
    assert_int_equal(fcntl(client->peer->fd, F_SETFL, flags | O_NONBLOCK), 0);
    client->hold = 0;
    rig_settle(rig);
    client->hold = SIZE_MAX;
    client->shut_when_sent = true;
    rig_until_ended(rig, client);
    assert_int_equal(client->at, MIB);
    free(text);
    rig_close(rig);
}

static void a_paused_file_stops_and_goes_on(void **state)
{
    struct rig *rig = rig_open(state, 2, 0);
    char *text = rig_text(rig, 8 * MIB, 3000);
    struct rig_client *client = rig_file(rig, text, 8 * MIB);
    rig_until_lines(rig, 1);
    stream_pause_peer(client->peer);
    size_t lines = client->lines;
    rig_settle(rig);
    assert_int_equal(client->lines, lines);
    stream_resume_peer(client->peer);
    rig_until_ended(rig, client);
    assert_int_equal(client->at, 8 * MIB);
    free(text);
    rig_close(rig);
}

static void a_folder_is_refused(void **state)
{
    struct rig *rig = rig_open(state, 2, 0);
    struct stream_peer *peer = NULL;
    int fd = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(stream_adopt_file(rig->stream, fd, &peer), -EISDIR);
    assert_int_equal(close(fd), 0);
    assert_int_equal(stream_peers_count(rig->stream), 0);
    rig_close(rig);
}

static void more_files_than_there_are_places_are_refused(void **state)
{
    struct rig *rig = rig_open(state, 2, 0);
    for (size_t i = 0; i < STREAM_FILES_MAX; i++) {
        (void)rig_file(rig, "a\n", 2);
    }
    struct stream_peer *peer = NULL;
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(stream_adopt_file(rig->stream, fd, &peer), -ENOSPC);
    assert_int_equal(close(fd), 0);
    rig_until_all_ended(rig);
    struct rig_client *client = rig_file(rig, "a\n", 2); /* the places are free again */
    rig_until_ended(rig, client);
    assert_int_equal(client->lines, 1);
    rig_close(rig);
}

static void nothing_can_be_sent_to_a_file(void **state)
{
    struct rig *rig = rig_open(state, 2, 0);
    struct rig_client *client = rig_file(rig, "a\n", 2);
    assert_int_equal(stream_send(client->peer, "x", 1), -EPIPE);
    assert_false(stream_peer_is_socket(client->peer));
    rig_close(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG_BOTH(the_last_line_of_a_file_needs_no_newline),
        RIG_BOTH(the_last_line_of_a_file_can_be_parked),
        RIG_BOTH(an_over_long_tail_of_a_file_is_told_as_too_long),
        RIG_BOTH(files_of_every_size_around_a_chunk_are_read_exactly),
        RIG_BOTH(a_large_file_comes_in_order_through_parking),
        RIG_BOTH(a_paused_file_stops_and_goes_on),
        RIG_BOTH(a_blocking_pipe_is_read_to_its_end),
        RIG_BOTH(a_non_blocking_pipe_is_read_to_its_end),
        RIG_BOTH(a_non_blocking_socket_is_read_too),
        RIG_BOTH(a_folder_is_refused),
        RIG_BOTH(more_files_than_there_are_places_are_refused),
        RIG_BOTH(nothing_can_be_sent_to_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
