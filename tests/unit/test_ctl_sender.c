/* Lines go out and answers come in without either waiting for the other; what is lost is known. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include "daemon/ctl/sender.h"
#include "tests/fakes/test.h"
#include "tests/unit/sender_rig.h"

#define HELLO "{\"noticed\":1,\"source\":\"test\",\"ack\":true,\"matches\":true}\n"

static void the_hello_goes_first_and_the_bytes_arrive_as_they_are(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("one\n\ntwo\r\n", 10)), 0);
    sender_finish(scene.sender);
    drain(&scene);
    assert_int_equal(scene.got_len, strlen(HELLO) + 10);
    assert_memory_equal(scene.got, HELLO "one\n\ntwo\r\n", scene.got_len);
    assert_int_equal(sender_counts(scene.sender).lines, 3);
    assert_int_equal(sender_state(scene.sender), SENDER_WAITING);
    daemon_says(&scene, "{\"ack\":2,\"matches\":0}\n");
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_WAITING);
    daemon_says(&scene, "{\"ack\":3,\"matches\":0}\n");
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_DONE);
    end(&scene);
}

static void a_missing_last_newline_is_added_once_for_each_file(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("a", 1)), 1);
    assert_int_equal(send_all(&scene, file_of("", 0)), 0);
    assert_int_equal(send_all(&scene, file_of("b\nc", 3)), 1);
    sender_finish(scene.sender);
    drain(&scene);
    assert_int_equal(scene.got_len, strlen(HELLO) + 6);
    assert_memory_equal(scene.got, HELLO "a\nb\nc\n", scene.got_len);
    assert_int_equal(sender_counts(scene.sender).lines, 3);
    end(&scene);
}

static void nothing_to_send_is_done_at_once(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("", 0)), 0);
    sender_finish(scene.sender);
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_DONE);
    end(&scene);
}

static void refused_lines_are_told_and_covered_by_the_ack(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("x\ny\n", 4)), 0);
    sender_finish(scene.sender);
    drain(&scene);
    daemon_says(&scene,
                "{\"nack\":0,\"err\":\"bad_value\",\"detail\":\"the hello\"}\n"
                "{\"nack\":2,\"err\":\"bad_json\",\"detail\":\"no\"}\n{\"ack\":2,\"matches\":0}\n");
    drain(&scene);
    assert_int_equal(scene.refused, 2);
    assert_int_equal(scene.last.line, 2);
    assert_string_equal(scene.last.err, "bad_json");
    assert_int_equal(sender_counts(scene.sender).nacked, 1);
    assert_int_equal(sender_state(scene.sender), SENDER_DONE);
    end(&scene);
}

/* The daemon stops reading until somebody takes its answers: a sender that only writes would wait
   for ever. */
static void a_daemon_full_of_answers_is_read_while_it_reads_nothing(void **state)
{
    (void)state;
    const size_t lines = 4u << 20; /* of one byte: more than any socket buffer */
    char *text = malloc(2 * lines);
    assert_non_null(text);
    for (size_t i = 0; i < lines; i++)
        memcpy(text + 2 * i, "x\n", 2);
    struct scene scene;
    begin(&scene);
    int fd = file_of(text, 2 * lines);
    give(&scene, fd);
    int result = -EAGAIN;
    for (unsigned i = 0; i < 64; i++) /* until its socket is full */
        assert_int_equal(sender_step(scene.sender, 0), -EAGAIN);
    static const char nack[] = "{\"nack\":1,\"err\":\"bad_json\",\"detail\":\"x\"}\n";
    unsigned said = 0;
    for (unsigned i = 0; i < 200000; i++) {
        if (send(scene.daemon_fd, nack, sizeof nack - 1, MSG_NOSIGNAL) == sizeof nack - 1)
            said++;
        else
            assert_int_equal(sender_step(scene.sender, 0), -EAGAIN);
    }
    assert_true(said > 10000);
    while (result == -EAGAIN) {
        daemon_read(&scene, 65536);
        result = sender_step(scene.sender, 0);
    }
    assert_int_equal(result, 0);
    sender_finish(scene.sender);
    drain(&scene);
    assert_int_equal(scene.refused, said);
    assert_int_equal(scene.got_len, strlen(HELLO) + 2 * lines);
    assert_memory_equal(scene.got + strlen(HELLO), text, 2 * lines);
    assert_int_equal(close(fd), 0);
    free(text);
    end(&scene);
}

static void a_cut_connection_keeps_what_was_acknowledged(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("1\n2\n3\n", 6)), 0);
    daemon_says(&scene, "{\"ack\":2,\"matches\":0}\n");
    daemon_closes(&scene);
    sender_finish(scene.sender);
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_LOST);
    assert_int_equal(sender_error(scene.sender), 0);
    assert_int_equal(sender_counts(scene.sender).acked, 2);
    end(&scene);
}

/* The send fails first; the answers that came before are in the socket and must still count. */
static void answers_before_a_failed_send_still_count(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("1\n2\n", 4)), 0);
    daemon_says(&scene, "{\"ack\":1,\"matches\":0}\n");
    daemon_closes(&scene);
    int fd = file_of("3\n", 2);
    give(&scene, fd);
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_LOST);
    assert_int_equal(sender_counts(scene.sender).acked, 1);
    assert_int_equal(close(fd), 0);
    end(&scene);
}

static void a_daemon_that_closes_after_the_last_ack_takes_nothing_away(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("1\n", 2)), 0);
    sender_finish(scene.sender);
    daemon_says(&scene, "{\"ack\":1,\"matches\":0}\n");
    daemon_closes(&scene);
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_DONE);
    end(&scene);
}

static void an_ack_of_a_line_that_was_never_sent_ends_the_trust(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("1\n", 2)), 0);
    sender_finish(scene.sender);
    daemon_says(&scene, "{\"ack\":2,\"matches\":0}\n");
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_LOST);
    assert_int_equal(sender_error(scene.sender), -EPROTO);
    end(&scene);
}

static void matches_are_those_of_the_acknowledged_lines(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of("1\n2\n3\n", 6)), 0);
    sender_finish(scene.sender);
    daemon_says(&scene, "{\"ack\":1,\"matches\":1}\n");
    assert_int_equal(sender_step(scene.sender, 0), -EAGAIN);
    assert_int_equal(sender_counts(scene.sender).matched, 1);
    daemon_says(&scene, "{\"ack\":3,\"matches\":2}\n");
    drain(&scene);
    assert_int_equal(sender_state(scene.sender), SENDER_DONE);
    assert_int_equal(sender_counts(scene.sender).matched, 2);
    end(&scene);
}

static void an_ack_without_a_count_or_with_one_too_many_ends_the_trust(void **state)
{
    (void)state;
    static const char *const answers[] = {"{\"ack\":1}\n", "{\"ack\":1,\"matches\":2}\n",
                                          "{\"ack\":1,\"matches\":null}\n"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct scene scene;
        begin(&scene);
        assert_int_equal(send_all(&scene, file_of("1\n2\n", 4)), 0);
        sender_finish(scene.sender);
        daemon_says(&scene, answers[i]);
        drain(&scene);
        assert_int_equal(sender_state(scene.sender), SENDER_LOST);
        assert_int_equal(sender_error(scene.sender), -EPROTO);
        assert_int_equal(sender_counts(scene.sender).acked, 0);
        end(&scene);
    }
}

/* What the daemon has said still counts, so that as little as possible is sent twice. */
static void a_stop_takes_in_the_answers_and_sends_no_more(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    assert_int_equal(sender_lines_sent(scene.sender), 0); /* the hello waits */
    assert_int_equal(send_all(&scene, file_of("1\n2\n", 4)), 0);
    assert_int_equal(sender_lines_sent(scene.sender), 2);
    int stop[2];
    assert_int_equal(pipe(stop), 0);
    sender_stop_on(scene.sender, stop[0]);
    assert_int_equal(write(stop[1], "!", 1), 1);
    int fd = file_of("3\n", 2);
    give(&scene, fd);
    daemon_says(&scene, "{\"ack\":2,\"matches\":1}\n");
    size_t got_len = scene.got_len;
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(sender_step(scene.sender, -1), -EAGAIN); /* it never waits */
    daemon_read(&scene, 65536);
    assert_int_equal(scene.got_len, got_len);
    assert_int_equal(sender_counts(scene.sender).lines, 2);
    assert_int_equal(sender_counts(scene.sender).acked, 2);
    assert_int_equal(sender_counts(scene.sender).matched, 1);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(close(stop[i]), 0);
    assert_int_equal(close(fd), 0);
    end(&scene);
}

static void lines_that_found_no_room_in_the_socket_are_not_sent(void **state)
{
    (void)state;
    const size_t lines = 1u << 20; /* blank ones: the socket takes a part of them */
    char *text = malloc(lines);
    assert_non_null(text);
    memset(text, '\n', lines);
    struct scene scene;
    begin(&scene);
    int fd = file_of(text, lines);
    give(&scene, fd);
    for (unsigned i = 0; i < 16; i++)
        assert_int_equal(sender_step(scene.sender, 0), -EAGAIN);
    uint64_t sent = sender_lines_sent(scene.sender);
    assert_true(sent > 0 && sent < sender_counts(scene.sender).lines);
    for (unsigned i = 0; i < 64; i++)
        daemon_read(&scene, 65536);
    assert_int_equal(scene.got_len, strlen(HELLO) + sent);
    assert_int_equal(close(fd), 0);
    free(text);
    end(&scene);
}

/* A packed file that ends in the middle: its last line is torn, and no line. */
static void a_torn_last_line_of_a_failing_input_is_not_sent(void **state)
{
    (void)state;
    struct scene scene;
    char text[4096], packed[4096];
    size_t len = 0;
    for (unsigned i = 0; len + 32 < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%u %u\n", i, i * 2654435761u);
    uLongf packed_len = sizeof packed;
    z_stream gzip = {0};
    assert_int_equal(deflateInit2(&gzip, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    gzip.next_in = (unsigned char *)text;
    gzip.avail_in = (unsigned)len;
    gzip.next_out = (unsigned char *)packed;
    gzip.avail_out = (unsigned)packed_len;
    assert_int_equal(deflate(&gzip, Z_FINISH), Z_STREAM_END);
    packed_len -= gzip.avail_out;
    assert_int_equal(deflateEnd(&gzip), Z_OK);
    begin(&scene);
    assert_int_equal(send_all(&scene, file_of(packed, packed_len * 3 / 4)), -EBADMSG);
    sender_finish(scene.sender);
    drain(&scene);
    size_t sent = scene.got_len - strlen(HELLO);
    assert_true(sent > len / 2 && sent < len);
    assert_memory_equal(scene.got + strlen(HELLO), text, sent);
    assert_int_equal(text[sent - 1], '\n');
    end(&scene);
}

static void a_failed_input_ends_its_line_and_is_told(void **state)
{
    (void)state;
    struct scene scene;
    begin(&scene);
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(send_all(&scene, fd), -EISDIR);
    assert_int_equal(send_all(&scene, file_of("1\n", 2)), 0);
    sender_finish(scene.sender);
    drain(&scene);
    assert_memory_equal(scene.got, HELLO "1\n", scene.got_len);
    end(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hello_goes_first_and_the_bytes_arrive_as_they_are),
        cmocka_unit_test(a_missing_last_newline_is_added_once_for_each_file),
        cmocka_unit_test(nothing_to_send_is_done_at_once),
        cmocka_unit_test(refused_lines_are_told_and_covered_by_the_ack),
        cmocka_unit_test(a_daemon_full_of_answers_is_read_while_it_reads_nothing),
        cmocka_unit_test(a_cut_connection_keeps_what_was_acknowledged),
        cmocka_unit_test(answers_before_a_failed_send_still_count),
        cmocka_unit_test(a_daemon_that_closes_after_the_last_ack_takes_nothing_away),
        cmocka_unit_test(an_ack_of_a_line_that_was_never_sent_ends_the_trust),
        cmocka_unit_test(matches_are_those_of_the_acknowledged_lines),
        cmocka_unit_test(an_ack_without_a_count_or_with_one_too_many_ends_the_trust),
        cmocka_unit_test(a_stop_takes_in_the_answers_and_sends_no_more),
        cmocka_unit_test(lines_that_found_no_room_in_the_socket_are_not_sent),
        cmocka_unit_test(a_torn_last_line_of_a_failing_input_is_not_sent),
        cmocka_unit_test(a_failed_input_ends_its_line_and_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
