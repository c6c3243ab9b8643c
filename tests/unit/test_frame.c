/*
 * Framing against a naive splitter: every split position, both sides of the limit, empty lines,
 * CRLF, NULs, unterminated tails, and the true lengths and offsets of lines that were cut.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/frame.h"
#include "tests/fakes/test.h"

struct check {
    struct frame frame;
    const char *text;
    size_t len;
    size_t at; /* where the next line must start */
    size_t lines;
    size_t copied;
    size_t cut;
};

static void start(struct check *check, const char *text, size_t len, size_t line_bytes_max)
{
    *check = (struct check){.text = text, .len = len};
    frame_init(&check->frame, line_bytes_max);
}

static void expect_line(struct check *check, const struct frame_line *line, bool terminated)
{
    const char *begin = check->text + check->at;
    size_t rest = check->len - check->at;
    const char *newline = rest > 0 ? memchr(begin, '\n', rest) : NULL;
    assert_true((newline != NULL) == terminated);
    size_t len = terminated ? (size_t)(newline - begin) : rest;
    size_t kept = len < check->frame.line_bytes_max ? len : check->frame.line_bytes_max;
    assert_int_equal(line->offset, check->at);
    assert_int_equal(line->line_bytes, len);
    assert_int_equal(line->len, kept);
    assert_memory_equal(line->bytes, begin, kept);
    check->at += len + (terminated ? 1 : 0);
    check->lines++;
    check->copied += line->copied ? 1 : 0;
    check->cut += line->line_bytes > line->len ? 1 : 0;
}

static void feed(struct check *check, const char *input, size_t len)
{
    for (size_t at = 0; at < len;) {
        struct frame_line line;
        size_t taken = 0;
        enum frame_step step = frame_next(&check->frame, input + at, len - at, &taken, &line);
        if (step == FRAME_CARRY) {
            size_t need = check->frame.carry_need;
            assert_true(need > check->frame.carry_room);
            assert_true(need <= check->frame.line_bytes_max);
            char *carry = realloc(check->frame.carry, need + FRAME_SLACK_BYTES);
            assert_non_null(carry);
            frame_lend(&check->frame, carry, need);
        } else if (step == FRAME_LINE) {
            expect_line(check, &line, true);
            frame_drop(&check->frame);
        }
        at += taken;
    }
}

static void finish(struct check *check)
{
    struct frame_line line;
    if (frame_finish(&check->frame, &line) == FRAME_LINE) {
        expect_line(check, &line, false);
        frame_drop(&check->frame);
    }
    assert_int_equal(check->at, check->len);
    free(check->frame.carry);
}

static const char sample[] = "{\"a\":1}\r\n\n\n{\"b\":\"x\0y\"}\n0123456789abcdefghij\nlast";

static void a_line_split_at_every_byte_comes_out_whole(void **state)
{
    (void)state;
    size_t len = sizeof sample - 1;
    for (size_t cut = 1; cut < len; cut++) {
        struct check check;
        start(&check, sample, len, 4096);
        feed(&check, sample, cut);
        feed(&check, sample + cut, len - cut);
        finish(&check);
        assert_int_equal(check.lines, 6);
        assert_int_equal(check.cut, 0);
        assert_true(check.copied <= 2);
    }
}

static void any_split_and_any_limit_equal_a_naive_splitter(void **state)
{
    (void)state;
    size_t len = sizeof sample - 1;
    for (size_t max = 1; max <= len; max++) {
        for (size_t step = 1; step <= len; step++) {
            struct check check;
            start(&check, sample, len, max);
            for (size_t at = 0; at < len; at += step) {
                feed(&check, sample + at, step < len - at ? step : len - at);
            }
            finish(&check);
            assert_int_equal(check.lines, 6);
        }
    }
}

static void whole_lines_are_handed_out_in_place(void **state)
{
    (void)state;
    struct check check;
    const char text[] = "one\ntwo\n\nthree\n";
    start(&check, text, sizeof text - 1, 4096);
    feed(&check, text, sizeof text - 1);
    finish(&check);
    assert_int_equal(check.lines, 4);
    assert_int_equal(check.copied, 0);
    assert_null(check.frame.carry);
}

static void the_limit_is_exact_in_place_and_copied(void **state)
{
    (void)state;
    enum { MAX = 100 };
    for (size_t line_len = MAX - 1; line_len <= MAX + 1; line_len++) {
        for (size_t cut = 1; cut <= line_len; cut++) {
            char text[MAX + 8];
            memset(text, 'x', line_len);
            memcpy(text + line_len, "\nnext\n", 6);
            struct check check;
            start(&check, text, line_len + 6, MAX);
            feed(&check, text, cut);
            feed(&check, text + cut, line_len + 6 - cut);
            finish(&check);
            assert_int_equal(check.lines, 2);
            assert_int_equal(check.cut, line_len > MAX ? 1 : 0);
            assert_true(check.frame.carry_room <= MAX);
        }
    }
}

static void an_endless_line_costs_no_more_than_the_limit(void **state)
{
    (void)state;
    enum { MAX = 64, PIECE = 1000, PIECES = 1000 };
    struct frame frame;
    frame_init(&frame, MAX);
    char carry[MAX + FRAME_SLACK_BYTES];
    frame_lend(&frame, carry, MAX);
    char piece[PIECE];
    memset(piece, 'x', sizeof piece);
    struct frame_line line;
    size_t taken = 0;
    for (size_t i = 0; i < PIECES; i++) {
        assert_int_equal(frame_next(&frame, piece, PIECE, &taken, &line), FRAME_MORE);
        assert_int_equal(taken, PIECE);
    }
    assert_int_equal(frame_pending(&frame), (uint64_t)PIECE * PIECES);
    assert_int_equal(frame_next(&frame, "\nafter\n", 7, &taken, &line), FRAME_LINE);
    assert_int_equal(taken, 1);
    assert_int_equal(line.len, MAX);
    assert_int_equal(line.line_bytes, (uint64_t)PIECE * PIECES);
    frame_drop(&frame);
    assert_int_equal(frame_next(&frame, "after\n", 6, &taken, &line), FRAME_LINE);
    assert_int_equal(line.offset, (uint64_t)PIECE * PIECES + 1);
    assert_int_equal(line.len, 5);
    frame_drop(&frame);
}

static void offsets_pass_four_gigabytes(void **state)
{
    (void)state;
    struct frame frame;
    frame_init(&frame, 16);
    frame.line_offset = UINT32_MAX;
    struct frame_line line;
    size_t taken = 0;
    assert_int_equal(frame_next(&frame, "ab\n", 3, &taken, &line), FRAME_LINE);
    assert_int_equal(line.offset, UINT32_MAX);
    frame_drop(&frame);
    assert_int_equal(frame_next(&frame, "c\n", 2, &taken, &line), FRAME_LINE);
    assert_int_equal(line.offset, (uint64_t)UINT32_MAX + 3);
    frame_drop(&frame);
}

static void a_carried_line_is_followed_by_zeroed_slack(void **state)
{
    (void)state;
    struct frame frame;
    frame_init(&frame, 16);
    char carry[16 + FRAME_SLACK_BYTES];
    memset(carry, 'z', sizeof carry);
    frame_lend(&frame, carry, 16);
    struct frame_line line;
    size_t taken = 0;
    assert_int_equal(frame_next(&frame, "abc", 3, &taken, &line), FRAME_MORE);
    assert_int_equal(frame_next(&frame, "d\n", 2, &taken, &line), FRAME_LINE);
    assert_true(line.copied);
    static const char zeros[FRAME_SLACK_BYTES];
    assert_memory_equal(line.bytes + line.len, zeros, sizeof zeros);
    frame_drop(&frame);
}

static void asking_for_carry_takes_nothing_and_can_be_repeated(void **state)
{
    (void)state;
    struct frame frame;
    frame_init(&frame, 16);
    struct frame_line line;
    size_t taken = 99;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(frame_next(&frame, "abc", 3, &taken, &line), FRAME_CARRY);
        assert_int_equal(taken, 0);
        assert_int_equal(frame.carry_need, 3);
        assert_int_equal(frame_pending(&frame), 0);
    }
    assert_int_equal(frame_finish(&frame, &line), FRAME_MORE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_lines_are_handed_out_in_place),
        cmocka_unit_test(a_line_split_at_every_byte_comes_out_whole),
        cmocka_unit_test(any_split_and_any_limit_equal_a_naive_splitter),
        cmocka_unit_test(the_limit_is_exact_in_place_and_copied),
        cmocka_unit_test(an_endless_line_costs_no_more_than_the_limit),
        cmocka_unit_test(offsets_pass_four_gigabytes),
        cmocka_unit_test(a_carried_line_is_followed_by_zeroed_slack),
        cmocka_unit_test(asking_for_carry_takes_nothing_and_can_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
