/*
 * Torn or damaged. Goal: no durable record is lost or taken twice, no torn one is taken, damage is
 * named. Method: a good segment, 1,000 tails behind it, each byte before the durable end changed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/position.h"
#include "daemon/ledger/recover.h"
#include "tests/fakes/test.h"

#define SEGMENT_BYTES_MAX (4u << 20)
#define BATCH_BYTES_MAX   (1u << 20)
#define FIRST             1000u

static char segment[SEGMENT_BYTES_MAX];

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static size_t put_record(size_t at, uint64_t seq, size_t filler)
{
    static char body[8192];
    struct record_head head = {
        .seq = seq, .clk = 1, .wall_ns = 1795532400000000000 + (int64_t)seq, .boot_ns = seq * 1000};
    struct record_draft draft = {.kind = RECORD_MATCH, .body = body, .len = filler + 10};

    memset(body, 'y', sizeof(body));
    memcpy(body, ",\"k\":\"", 6);
    memcpy(body + filler + 8, "\"}", 2);
    size_t len = record_encode(&head, &draft, segment + at, sizeof(segment) - at);
    assert_true(len > 0);
    return at + len;
}

/* A segment of `count` records. Returns its length. */
static size_t put_records(unsigned count, uint64_t *seed)
{
    size_t at = 0;

    for (unsigned i = 0; i < count; i++)
        at = put_record(at, FIRST + i, next_random(seed) % 900);
    return at;
}

/* As the writer does it: through a window that moves. */
static struct recover scan(size_t len, uint64_t deep_from)
{
    struct recover recover = recover_begin(FIRST, deep_from);
    size_t at = 0, step;

    do {
        size_t window = len - at < 65536 ? len - at : 65536;
        step = recover_lines(&recover, segment + at, window);
        at += step;
    } while (step > 0 && recover.fault == RECOVER_FAULT_NONE);
    recover_finish(&recover, len - at);
    if (recover.fault != RECOVER_FAULT_PARTS)
        assert_int_equal(recover.valid.end, at);
    return recover;
}

static size_t put_of_run(size_t at, uint64_t seq, uint64_t run, enum record_kind kind)
{
    struct record_head head = {.seq = seq,
                               .clk = RECORD_NO_SEQ,
                               .run = run,
                               .wall_ns = 1795532400000000000,
                               .boot_ns = seq};
    struct record_draft draft = {.kind = kind, .body = "}", .len = 1};
    size_t len = record_encode(&head, &draft, segment + at, sizeof(segment) - at);
    assert_true(len > 0);
    return at + len;
}

static size_t put_part(size_t at, uint64_t seq, const char *event)
{
    struct record_head head = {.seq = seq, .clk = RECORD_NO_SEQ, .run = FIRST, .boot_ns = seq};
    struct record_draft draft = {
        .kind = RECORD_NOTICE_SENT, .body = event, .len = (uint32_t)strlen(event)};
    size_t len = record_encode(&head, &draft, segment + at, sizeof(segment) - at);
    assert_true(len > 0);
    return at + len;
}

static void an_event_without_its_last_part_was_never_durable(void **state)
{
    (void)state;
    size_t begin = put_of_run(0, FIRST, FIRST, RECORD_START);
    size_t first = put_part(begin, FIRST + 1, ",\"event\":{\"id\":\"a\",\"part\":[1,3]}}");
    size_t second = put_part(first, FIRST + 2, ",\"event\":{\"id\":\"a\",\"part\":[2,3]}}");
    size_t third = put_part(second, FIRST + 3, ",\"event\":{\"id\":\"a\",\"part\":[3,3]}}");
    assert_int_equal(scan(third, 0).fault, RECOVER_FAULT_NONE);
    for (size_t len = first; len < third; len++) {
        struct recover recover = scan(len, 0);
        assert_int_equal(recover.fault, RECOVER_FAULT_PARTS);
        assert_int_equal(recover.valid.end, begin);
        assert_int_equal(recover.valid.next_seq, FIRST + 1);
        assert_int_equal(recover.valid.last.seq, FIRST);
        assert_int_equal(recover_verdict(&recover, len, begin, BATCH_BYTES_MAX), RECOVER_TORN);
        assert_int_equal(scan(recover.valid.end, 0).fault, RECOVER_FAULT_NONE);
    }
    assert_int_equal(scan(second, second).valid.end, second); /* what is durable stays */
    size_t behind = put_part(second, FIRST + 3, ",\"event\":{\"id\":\"b\"}}");
    assert_int_equal(scan(behind, 0).valid.end, behind);
}

static void what_no_run_has_written_is_not_taken(void **state)
{
    (void)state;
    size_t at = put_of_run(0, FIRST, FIRST, RECORD_START);
    at = put_of_run(at, FIRST + 1, FIRST, RECORD_MATCH);
    size_t foreign = put_of_run(at, FIRST + 2, FIRST - 500, RECORD_MATCH);
    struct recover recover = scan(foreign, 0);
    assert_int_equal(recover.fault, RECOVER_FAULT_RUN);
    assert_int_equal(recover.valid.end, at);
    at = put_of_run(at, FIRST + 2, FIRST, RECORD_STOP);
    size_t behind = put_of_run(at, FIRST + 3, FIRST, RECORD_MATCH);
    assert_int_equal(scan(behind, 0).fault, RECOVER_FAULT_RUN);
    assert_int_equal(recover_verdict(&recover, foreign, 0, BATCH_BYTES_MAX), RECOVER_TORN);
    size_t misnamed = put_of_run(at, FIRST + 3, FIRST, RECORD_START);
    assert_int_equal(scan(misnamed, 0).fault, RECOVER_FAULT_RUN);
    size_t next = put_of_run(at, FIRST + 3, FIRST + 3, RECORD_START);
    assert_int_equal(scan(next, 0).fault, RECOVER_FAULT_NONE);
}

static void a_whole_segment_is_whole(void **state)
{
    (void)state;
    uint64_t seed = 1;
    size_t len = put_records(500, &seed);
    struct recover recover = scan(len, 0);

    assert_int_equal(recover.fault, RECOVER_FAULT_NONE);
    assert_int_equal(recover.valid.lines, 500);
    assert_int_equal(recover.valid.next_seq, FIRST + 500);
    assert_int_equal(recover.valid.end, len);
    assert_int_equal(recover.valid.last.seq, FIRST + 499);
    assert_int_equal(recover.valid.last_kind, RECORD_MATCH);
    assert_int_equal(recover_verdict(&recover, len, len, BATCH_BYTES_MAX), RECOVER_WHOLE);
    assert_int_equal(recover_verdict(&recover, len, 0, BATCH_BYTES_MAX), RECOVER_WHOLE);
    assert_int_equal(recover_verdict(&recover, len, len + 1, BATCH_BYTES_MAX), RECOVER_DAMAGED);
}

/* What a crash leaves behind the durable end. Returns the new length. */
static size_t put_tail(size_t end, uint64_t next_seq, uint64_t *seed, unsigned sort)
{
    size_t len = 1 + next_random(seed) % 40000;

    switch (sort % 6) {
    case 0: /* zeros */
        memset(segment + end, 0, len);
        return end + len;
    case 1: /* garbage */
        for (size_t i = 0; i < len; i++)
            segment[end + i] = (char)next_random(seed);
        return end + len;
    case 2: /* bytes of the segment again */
        if (len > end)
            len = end;
        memmove(segment + end, segment + next_random(seed) % (end - len + 1), len);
        return end + len;
    case 3: /* the record before, twice */
        return put_record(put_record(end, next_seq - 1, 30), next_seq, 30);
    case 4: { /* the next record, cut */
        size_t whole = put_record(end, next_seq, len % 900) - end;
        return end + 1 + next_random(seed) % (whole - 1);
    }
    default: { /* the next records, a sector of them lost, the rest there */
        size_t at = end;
        for (unsigned i = 0; i < 20; i++)
            at = put_record(at, next_seq + i, 400);
        memset(segment + end + 10, sort % 12 < 6 ? 0 : 'z', 512);
        return at;
    }
    }
}

static void a_thousand_tails_are_torn_and_every_record_before_them_stays(void **state)
{
    (void)state;
    uint64_t seed = 7;

    for (unsigned sort = 0; sort < 1000; sort++) {
        unsigned count = 1 + (unsigned)(next_random(&seed) % 60);
        size_t end = put_records(count, &seed);
        size_t len = put_tail(end, FIRST + count, &seed, sort);
        struct recover recover = scan(len, end);
        assert_int_equal(recover.valid.lines, count);
        assert_int_equal(recover.valid.end, end);
        assert_int_equal(recover_verdict(&recover, len, end, BATCH_BYTES_MAX), RECOVER_TORN);
        /* Also when state/durable is lost, or lags. */
        assert_int_equal(recover_verdict(&recover, len, 0, BATCH_BYTES_MAX), RECOVER_TORN);
        /* Cut, it is whole: recovery is idempotent. */
        struct recover again = scan(end, end);
        assert_int_equal(recover_verdict(&again, end, end, BATCH_BYTES_MAX), RECOVER_WHOLE);
    }
}

static void whole_records_past_the_durable_end_are_kept(void **state)
{
    (void)state;
    uint64_t seed = 3;
    size_t end = put_records(10, &seed);
    size_t len = put_record(put_record(end, FIRST + 10, 5), FIRST + 11, 5);
    struct recover recover = scan(len, end);

    assert_int_equal(recover.valid.lines, 12);
    assert_int_equal(recover_verdict(&recover, len, end, BATCH_BYTES_MAX), RECOVER_WHOLE);
}

static void damage_below_the_durable_end_is_named(void **state)
{
    (void)state;
    uint64_t seed = 5;
    static char before[SEGMENT_BYTES_MAX];
    size_t len = put_records(30, &seed), damaged = 0;
    memcpy(before, segment, len);

    for (size_t at = 0; at < len; at++) {
        char value = (char)(segment[at] ^ (1 << next_random(&seed) % 8));
        segment[at] = value;
        struct recover recover = scan(len, len);
        unsigned line = 0;
        for (size_t i = 0; i < at; i++)
            line += before[i] == '\n';
        if (recover.fault != RECOVER_FAULT_NONE) {
            /* Without its newline a line swallows the next one, whose turn is then missed. */
            assert_in_range(recover.valid.lines, line, line + (before[at] == '\n'));
            assert_int_equal(recover_verdict(&recover, len, len, BATCH_BYTES_MAX), RECOVER_DAMAGED);
            assert_true(strlen(recover_fault_text(recover.fault)) > 0);
            damaged++;
        }
        segment[at] = before[at];
    }
    /* A letter of a text that became another letter is a valid record: the hash tree finds that. */
    assert_true(damaged > len / 4);
}

static void a_deleted_swapped_or_doubled_line_is_out_of_its_turn(void **state)
{
    (void)state;
    uint64_t seed = 9;
    size_t at = put_record(0, FIRST, 10), two = put_record(at, FIRST + 2, 10);
    (void)seed;
    struct recover recover = scan(two, two);
    assert_int_equal(recover.fault, RECOVER_FAULT_SEQ);
    assert_int_equal(recover_verdict(&recover, two, two, BATCH_BYTES_MAX), RECOVER_DAMAGED);

    two = put_record(put_record(at, FIRST, 10), FIRST + 1, 10);
    recover = scan(two, two);
    assert_int_equal(recover.fault, RECOVER_FAULT_SEQ);
    assert_int_equal(recover.valid.lines, 1);
}

static void a_tail_longer_than_a_batch_is_damage(void **state)
{
    (void)state;
    uint64_t seed = 11;
    size_t end = put_records(10, &seed);

    memset(segment + end, 0, BATCH_BYTES_MAX + 1);
    struct recover recover = scan(end + BATCH_BYTES_MAX, 0);
    assert_int_equal(recover.fault, RECOVER_FAULT_TOO_LONG);
    assert_int_equal(recover_verdict(&recover, end + BATCH_BYTES_MAX, 0, BATCH_BYTES_MAX),
                     RECOVER_TORN);
    recover = scan(end + BATCH_BYTES_MAX + 1, 0);
    assert_int_equal(recover_verdict(&recover, end + BATCH_BYTES_MAX + 1, 0, BATCH_BYTES_MAX),
                     RECOVER_DAMAGED);
}

static void the_last_line_of_a_finished_segment_is_found(void **state)
{
    (void)state;
    uint64_t seed = 13;
    struct record_head head;
    enum record_kind kind;
    size_t len = put_records(40, &seed);

    for (size_t from = 0; from < len - 1100; from += 997) {
        assert_int_equal(recover_last_line(segment + from, len - from, &head, &kind), 0);
        assert_int_equal(head.seq, FIRST + 39);
    }
    assert_int_equal(recover_last_line(segment, len - 1, &head, &kind), -EBADMSG);
    assert_int_equal(recover_last_line(segment, 0, &head, &kind), -EBADMSG);
    assert_int_equal(recover_last_line("\n", 1, &head, &kind), -EBADMSG);
}

static void a_torn_store_of_the_position_leaves_the_one_before(void **state)
{
    (void)state;
    uint8_t file[POSITION_FILE_BYTES] = {0}, next[POSITION_SLOT_BYTES];
    struct position position, before = {.seq = 41, .first = 0, .end = 999},
                              after = {.seq = 57, .first = 50, .end = UINT64_MAX - 1};
    uint64_t generation;

    assert_int_equal(position_decode(file, sizeof(file), &generation, &position), -ENODATA);
    position_encode(6, &before, file + position_slot_offset(6));
    position_encode(7, &after, next);
    for (size_t done = 0; done <= sizeof(next); done++) {
        memcpy(file + position_slot_offset(7), next, done);
        assert_int_equal(position_decode(file, sizeof(file), &generation, &position), 0);
        assert_int_equal(generation, done == sizeof(next) ? 7 : 6);
        assert_memory_equal(&position, done == sizeof(next) ? &after : &before, sizeof(position));
    }
    for (size_t at = 0; at < sizeof(next); at++) {
        file[position_slot_offset(7) + at] ^= 0x10;
        assert_int_equal(position_decode(file, sizeof(file), &generation, &position), 0);
        assert_int_equal(generation, 6);
        file[position_slot_offset(7) + at] ^= 0x10;
    }
    assert_int_equal(position_decode(file, 100, &generation, &position), 0);
    assert_int_equal(generation, 6);
    assert_int_equal(position_decode(file, 10, &generation, &position), -ENODATA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_segment_is_whole),
        cmocka_unit_test(an_event_without_its_last_part_was_never_durable),
        cmocka_unit_test(what_no_run_has_written_is_not_taken),
        cmocka_unit_test(a_thousand_tails_are_torn_and_every_record_before_them_stays),
        cmocka_unit_test(whole_records_past_the_durable_end_are_kept),
        cmocka_unit_test(damage_below_the_durable_end_is_named),
        cmocka_unit_test(a_deleted_swapped_or_doubled_line_is_out_of_its_turn),
        cmocka_unit_test(a_tail_longer_than_a_batch_is_damage),
        cmocka_unit_test(the_last_line_of_a_finished_segment_is_found),
        cmocka_unit_test(a_torn_store_of_the_position_leaves_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
