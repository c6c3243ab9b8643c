/*
 * Replies are true when they are sent: nothing before its records are durable, nacks before the
 * acks that cover them, bounded memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/reply.h"
#include "tests/fakes/test.h"

static void expect(struct reply *reply, uint64_t durable, const char *text)
{
    const char *bytes = NULL;
    size_t len = reply_take(reply, durable, &bytes);
    assert_int_equal(len, strlen(text));
    if (len > 0)
        assert_memory_equal(bytes, text, len);
}

static int ack(struct reply *reply, uint64_t line, uint64_t position)
{
    return reply_ack(reply, &(struct reply_point){.line = line, .position = position});
}

static int ack_matches(struct reply *reply, uint64_t line, uint64_t matches, uint64_t position)
{
    return reply_ack(reply,
                     &(struct reply_point){.line = line, .matches = matches, .position = position});
}

static struct reject bad_json(void)
{
    struct reject reject;
    (void)reject_set(&reject, REJECT_BAD_JSON, "not one JSON object");
    return reject;
}

static void an_ack_waits_for_its_position(void **state)
{
    (void)state;
    struct reply reply = {0};
    assert_int_equal(ack(&reply, 7, 100), 0);
    assert_true(reply_waits(&reply));
    expect(&reply, 99, "");
    expect(&reply, 100, "{\"ack\":7}\n");
    assert_false(reply_waits(&reply));
    expect(&reply, 1000, "");
    assert_int_equal(reply.acked, 7);
    reply_close(&reply);
}

/* The match of line 8 is in the queue behind 100: it must not be counted with line 7. */
static void matches_are_counted_with_their_own_lines_when_they_are_durable(void **state)
{
    (void)state;
    struct reply reply = {.counts_matches = true};
    assert_int_equal(ack_matches(&reply, 7, 2, 100), 0);
    assert_int_equal(ack_matches(&reply, 8, 3, 130), 0);
    expect(&reply, 99, "");
    expect(&reply, 129, "{\"ack\":7,\"matches\":2}\n");
    expect(&reply, 130, "{\"ack\":8,\"matches\":3}\n");
    assert_int_equal(reply.acked, 8);
    reply_close(&reply);
}

static void nobody_who_did_not_ask_is_told_of_matches(void **state)
{
    (void)state;
    struct reply reply = {0};
    assert_int_equal(ack_matches(&reply, 7, 2, 100), 0);
    expect(&reply, 100, "{\"ack\":7}\n");
    reply_close(&reply);
}

static void the_greatest_numbers_fit_behind_all_the_nacks_of_one_send(void **state)
{
    (void)state;
    static const char ack_text[] =
        "{\"ack\":18446744073709551615,\"matches\":18446744073709551615}\n";
    /* Nacks of each length there is, so that one sum leaves exactly the room of an ack. */
    for (size_t len = 1; len < REJECT_DETAIL_BYTES; len++) {
        struct reply reply = {.counts_matches = true};
        struct reject reject = {.code = REJECT_BAD_JSON};
        memset(reject.detail, 'x', len);
        for (unsigned i = 0; i < 40; i++)
            assert_int_equal(reply_nack(&reply, UINT64_MAX - i, &reject, true, 1), 0);
        assert_int_equal(ack_matches(&reply, UINT64_MAX, UINT64_MAX, 1), 0);
        const char *bytes = NULL;
        size_t sent = 0;
        while (reply_waits(&reply)) {
            sent = reply_take(&reply, 1, &bytes);
            assert_true(sent > 0 && sent <= REPLY_SEND_BYTES);
        }
        assert_true(sent >= sizeof ack_text - 1);
        assert_memory_equal(bytes + sent - (sizeof ack_text - 1), ack_text, sizeof ack_text - 1);
        reply_close(&reply);
    }
}

static void the_awaited_ack_is_not_starved_by_later_lines(void **state)
{
    (void)state;
    struct reply reply = {0};
    assert_int_equal(ack(&reply, 1, 10), 0);
    for (uint64_t line = 2; line <= 1000; line++)
        assert_int_equal(ack(&reply, line, line * 10), 0);
    expect(&reply, 10, "{\"ack\":1}\n");
    expect(&reply, 9999, "");
    expect(&reply, 10000, "{\"ack\":1000}\n");
    assert_false(reply_waits(&reply));
    reply_close(&reply);
}

static void the_greatest_durable_line_is_acknowledged_at_once(void **state)
{
    (void)state;
    struct reply reply = {0};
    assert_int_equal(ack(&reply, 1, 10), 0);
    assert_int_equal(ack(&reply, 5, 20), 0);
    expect(&reply, 20, "{\"ack\":5}\n");
    assert_false(reply_waits(&reply));
    reply_close(&reply);
}

static void a_nack_goes_out_before_the_ack_that_covers_it(void **state)
{
    (void)state;
    struct reply reply = {0};
    struct reject reject = bad_json();
    assert_int_equal(reply_nack(&reply, 2, &reject, true, 50), 0);
    assert_int_equal(reply_nack(&reply, 3, &reject, false, 60), 0);
    assert_int_equal(ack(&reply, 4, 70), 0);
    expect(&reply, 49, "");
    expect(&reply, 55, "{\"nack\":2,\"err\":\"bad_json\",\"detail\":\"not one JSON object\"}\n");
    expect(&reply, 70,
           "{\"nack\":3,\"err\":\"bad_json\",\"detail\":\"not one JSON object\",\"kept\":false}\n"
           "{\"ack\":4}\n");
    reply_close(&reply);
}

static void more_nacks_than_fit_one_send_hold_the_ack_back(void **state)
{
    (void)state;
    struct reply reply = {0};
    struct reject reject = bad_json();
    uint64_t line = 0;
    while (reply_has_room(&reply))
        assert_int_equal(reply_nack(&reply, ++line, &reject, true, 1), 0);
    assert_int_equal(reply_nack(&reply, line + 1, &reject, true, 1), -ENOSPC);
    assert_true(line > 100);
    assert_int_equal(ack(&reply, line, 1), 0);
    uint64_t seen = 0;
    for (unsigned sends = 0; reply_waits(&reply); sends++) {
        assert_true(sends < 100);
        const char *bytes = NULL;
        size_t len = reply_take(&reply, 1, &bytes);
        assert_true(len > 0 && len <= REPLY_SEND_BYTES);
        for (const char *at = bytes; at < bytes + len;
             at = (const char *)memchr(at, '\n', len) + 1) {
            if (memcmp(at, "{\"nack\":", 8) == 0)
                assert_int_equal(strtoull(at + 8, NULL, 10), ++seen);
            else
                assert_int_equal(seen, line); /* the ack comes after the last nack */
        }
    }
    assert_int_equal(seen, line);
    assert_true(reply_has_room(&reply));
    reply_close(&reply);
}

static void a_closed_reply_has_forgotten_everything(void **state)
{
    (void)state;
    struct reply reply = {0};
    struct reject reject = bad_json();
    assert_int_equal(reply_nack(&reply, 1, &reject, true, 1), 0);
    assert_int_equal(ack(&reply, 1, 1), 0);
    reply_close(&reply);
    assert_false(reply_waits(&reply));
    expect(&reply, UINT64_MAX, "");
    reply_close(&reply);
}

static void an_answer_keeps_its_place_and_goes_before_its_ack(void **state)
{
    (void)state;
    struct reply reply = {0};
    struct reject reject = bad_json();
    uint8_t sha256[32] = {0xab};
    assert_int_equal(reply_event(&reply, 1, 100), 0);
    assert_int_equal(reply_nack(&reply, 2, &reject, true, 120), 0);
    assert_int_equal(reply_event(&reply, 3, 140), 0);
    assert_int_equal(ack(&reply, 3, 140), 0);
    expect(&reply, 130, ""); /* the answer to line 1 is due, and not there yet: nothing passes it */
    reply_answer(&reply, 3, 9, NULL); /* not its turn */
    reply_answer(&reply, 1, 7, sha256);
    expect(&reply, 130,
           "{\"line\":1,\"seq\":7,\"sha256\":\"sha256:ab000000000000000000000000000000"
           "00000000000000000000000000000000\"}\n"
           "{\"nack\":2,\"err\":\"bad_json\",\"detail\":\"not one JSON object\"}\n");
    expect(&reply, 140, "");
    reply_answer(&reply, 3, 2, NULL);
    expect(&reply, 139, "");
    expect(&reply, 140, "{\"line\":3,\"seq\":2,\"known\":true}\n{\"ack\":3}\n");
    reply_answer(&reply, 4, 2, NULL); /* nobody asked */
    assert_false(reply_waits(&reply));
    while (reply_has_room(&reply))
        assert_int_equal(reply_event(&reply, 5, 200), 0);
    assert_int_equal(reply_event(&reply, 5, 200), -ENOSPC);
    reply_close(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ack_waits_for_its_position),
        cmocka_unit_test(matches_are_counted_with_their_own_lines_when_they_are_durable),
        cmocka_unit_test(nobody_who_did_not_ask_is_told_of_matches),
        cmocka_unit_test(the_greatest_numbers_fit_behind_all_the_nacks_of_one_send),
        cmocka_unit_test(the_awaited_ack_is_not_starved_by_later_lines),
        cmocka_unit_test(the_greatest_durable_line_is_acknowledged_at_once),
        cmocka_unit_test(a_nack_goes_out_before_the_ack_that_covers_it),
        cmocka_unit_test(more_nacks_than_fit_one_send_hold_the_ack_back),
        cmocka_unit_test(a_closed_reply_has_forgotten_everything),
        cmocka_unit_test(an_answer_keeps_its_place_and_goes_before_its_ack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
