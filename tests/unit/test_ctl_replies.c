/* The daemon's answers are taken apart, however they arrive; what is no answer is told apart. */
#include <errno.h>
#include <string.h>

#include "daemon/ctl/replies.h"
#include "tests/fakes/test.h"

static void feed(struct replies *replies, const char *bytes, size_t len)
{
    size_t room = 0;
    char *at = replies_room(replies, &room);
    assert_true(room >= len);
    memcpy(at, bytes, len);
    replies_filled(replies, len);
}

static struct reply_line only(const char *line)
{
    struct replies *replies = replies_open();
    struct reply_line reply;
    feed(replies, line, strlen(line));
    feed(replies, "\n", 1);
    assert_int_equal(replies_next(replies, &reply), 1);
    struct reply_line next;
    assert_int_equal(replies_next(replies, &next), 0);
    assert_null(replies_close(replies));
    return reply;
}

static void an_ack_has_a_line(void **state)
{
    (void)state;
    struct reply_line reply = only("{\"ack\":9007199254740993}");
    assert_int_equal(reply.kind, REPLY_ACK);
    assert_int_equal(reply.line, 9007199254740993u);
}

static void an_ack_may_count_matches(void **state)
{
    (void)state;
    assert_false(only("{\"ack\":7}").counted);
    struct reply_line reply = only("{\"ack\":7,\"matches\":3}");
    assert_int_equal(reply.kind, REPLY_ACK);
    assert_int_equal(reply.line, 7);
    assert_true(reply.counted);
    assert_int_equal(reply.matches, 3);
    assert_true(only("{\"matches\":0,\"ack\":7}").counted);
    assert_false(only("{\"ack\":7,\"matches\":-1}").counted);
    assert_false(only("{\"ack\":7,\"matches\":\"3\"}").counted);
    assert_int_equal(only("{\"matches\":3}").kind, REPLY_UNKNOWN);
}

static void an_answer_to_an_event_names_its_record(void **state)
{
    (void)state;
    struct reply_line reply = only("{\"line\":4,\"seq\":9,\"sha256\":\"sha256:ab\"}");
    assert_int_equal(reply.kind, REPLY_EVENT);
    assert_int_equal(reply.line, 4);
    assert_int_equal(reply.seq, 9);
    assert_false(reply.known);
    assert_string_equal(reply.sha256, "sha256:ab");
    reply = only("{\"line\":4,\"seq\":2,\"known\":true}");
    assert_int_equal(reply.seq, 2);
    assert_true(reply.known);
    assert_string_equal(reply.sha256, "");
    assert_int_equal(only("{\"line\":4}").kind, REPLY_UNKNOWN);
    assert_int_equal(only("{\"seq\":4}").kind, REPLY_UNKNOWN);
}

static void a_nack_has_a_line_a_code_and_a_detail(void **state)
{
    (void)state;
    struct reply_line reply =
        only(" {\"nack\":7, \"err\":\"bad_json\",\"detail\":\"at \\u001b\\u0000\"}\r");
    assert_int_equal(reply.kind, REPLY_NACK);
    assert_int_equal(reply.line, 7);
    assert_string_equal(reply.err, "bad_json");
    assert_string_equal(reply.detail, "at \033?");
    assert_false(reply.lost);
    assert_true(only("{\"nack\":7,\"err\":\"x\",\"detail\":\"y\",\"kept\":false}").lost);
    assert_false(only("{\"nack\":7,\"err\":\"x\",\"detail\":\"y\",\"kept\":true}").lost);
}

static void members_of_later_versions_are_ignored(void **state)
{
    (void)state;
    struct reply_line reply = only("{\"seq\":1,\"ack\":4,\"more\":{\"a\":[1,2]}}");
    assert_int_equal(reply.kind, REPLY_ACK);
    assert_int_equal(reply.line, 4);
}

static void what_is_no_answer_is_unknown_and_kept(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",       "hello",        "[1]",       "{\"ack\":-1}", "{\"ack\":\"7\"}", "{\"ack\":1.5}",
        "{\"a\"", "{\"ack\":1}x", "{\"x\":1}", "{}",           "{\"ack\":null}",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct reply_line reply = only(lines[i]);
        assert_int_equal(reply.kind, REPLY_UNKNOWN);
        assert_string_equal(reply.err, lines[i]);
    }
}

static void answers_arrive_byte_by_byte(void **state)
{
    (void)state;
    static const char text[] =
        "{\"ack\":1}\n{\"nack\":2,\"err\":\"e\",\"detail\":\"d\"}\n{\"ack\":2}\n";
    struct replies *replies = replies_open();
    struct reply_line reply;
    unsigned seen = 0;
    for (size_t i = 0; i < sizeof text - 1; i++) {
        feed(replies, text + i, 1);
        int result = replies_next(replies, &reply);
        assert_int_equal(result, text[i] == '\n');
        seen += result == 1 ? 1 : 0;
    }
    assert_int_equal(seen, 3);
    assert_int_equal(reply.line, 2);
    assert_null(replies_close(replies));
}

static void a_long_detail_is_cut_and_an_endless_line_refused(void **state)
{
    (void)state;
    char line[REPLIES_LINE_BYTES_MAX + 2];
    memset(line, 'x', sizeof line);
    memcpy(line, "{\"nack\":1,\"err\":\"", 17);
    memcpy(line + 1000, "\"}\n", 3);
    struct replies *replies = replies_open();
    struct reply_line reply;
    feed(replies, line, 1003);
    assert_int_equal(replies_next(replies, &reply), 1);
    assert_int_equal(reply.kind, REPLY_NACK);
    assert_int_equal(strlen(reply.err), REPLIES_TEXT_BYTES - 1);
    memset(line, 'x', sizeof line);
    feed(replies, line, REPLIES_LINE_BYTES_MAX);
    assert_int_equal(replies_next(replies, &reply), 0);
    feed(replies, line, 1);
    assert_int_equal(replies_next(replies, &reply), -EPROTO);
    assert_null(replies_close(replies));
}

static void the_buffer_never_runs_full_while_lines_are_taken(void **state)
{
    (void)state;
    static const char text[] = "{\"ack\":123456}\n";
    struct replies *replies = replies_open();
    struct reply_line reply;
    for (unsigned i = 0; i < 20000; i++) {
        feed(replies, text, sizeof text - 1);
        if (i % 7 == 0)
            while (replies_next(replies, &reply) == 1)
                assert_int_equal(reply.line, 123456);
    }
    assert_null(replies_close(replies));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_has_a_line),
        cmocka_unit_test(an_ack_may_count_matches),
        cmocka_unit_test(an_answer_to_an_event_names_its_record),
        cmocka_unit_test(a_nack_has_a_line_a_code_and_a_detail),
        cmocka_unit_test(members_of_later_versions_are_ignored),
        cmocka_unit_test(what_is_no_answer_is_unknown_and_kept),
        cmocka_unit_test(answers_arrive_byte_by_byte),
        cmocka_unit_test(a_long_detail_is_cut_and_an_endless_line_refused),
        cmocka_unit_test(the_buffer_never_runs_full_while_lines_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
