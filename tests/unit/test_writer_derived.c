/*
 * What the writer remembers of its records: a rebuild from the ledger is the same to the byte, and
 * what was sent again leaves nothing. On a simulated disk.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakes/derived_rig.h"
#include "tests/fakes/test.h"

/* How many records of a kind the ledger holds; the last one's line is left in ret_line. */
static unsigned count_kind(enum record_kind wanted, char ret_line[RECORD_LINE_BYTES_MAX])
{
    static char bytes[1u << 20];
    unsigned count = 0;
    for (uint64_t first = 0, seq = 0; seq < derived_rig.core.next_seq; first = seq) {
        char path[64];
        (void)snprintf(path, sizeof path, "ledger/feed/%020llu.jsonl", (unsigned long long)first);
        int fd = derived_rig.backend->ops->open(derived_rig.backend, AT_FDCWD, path, O_RDONLY, 0);
        assert_true(fd >= 0);
        ssize_t len =
            derived_rig.backend->ops->pread(derived_rig.backend, fd, bytes, sizeof bytes, 0);
        assert_in_range(len, 1, sizeof bytes - 1);
        assert_int_equal(derived_rig.backend->ops->close_fd(derived_rig.backend, fd), 0);
        for (char *at = bytes, *next; at < bytes + len; at = next + 1, seq++) {
            struct record_head head;
            enum record_kind kind;
            next = memchr(at, '\n', (size_t)(bytes + len - at));
            assert_non_null(next);
            assert_int_equal(record_decode_head(at, (size_t)(next - at), &head, &kind), 0);
            assert_int_equal(head.seq, seq);
            if (kind != wanted)
                continue;
            count++;
            memcpy(ret_line, at, (size_t)(next - at));
            ret_line[next - at] = '\0';
        }
    }
    return count;
}

static void a_rebuild_of_any_history_is_the_same_to_the_byte(void **state)
{
    uint32_t random = 99;
    uint64_t line = 0;
    (void)state;
    derived_rig_begin();
    for (unsigned life = 0; life < 12; life++) {
        for (unsigned turn = 0; turn < 60; turn++) {
            random = random * 1664525u + 1013904223u;
            unsigned pick = random >> 8;
            if (pick % 13 == 0)
                derived_rig_notice(pick / 13 % 4);
            else
                derived_rig_line(pick % 3 == 0 ? "" : "run", pick % 4 == 0 ? line / 2 : ++line,
                                 pick / 16 % 30, pick / 512 % 4, pick / 4096 % 3 == 0);
            if (pick % 5 == 0)
                derived_rig_settle();
        }
        derived_rig_settle();
        size_t len, again_len;
        uint8_t *bytes = derived_rig_bytes(&derived_rig.core.derived, &len);
        derived_rig_close();
        derived_rig_open();
        uint8_t *again = derived_rig_bytes(&derived_rig.core.derived, &again_len);
        assert_int_equal(len, again_len);
        assert_memory_equal(bytes, again, len);
        free(bytes);
        free(again);
    }
    struct watched_counts counts = watched_counts(derived_rig.core.derived.watched);
    assert_true(counts.evicted > 10); /* or the bounds were never met */
    assert_true(counts.named > 5);
    assert_int_equal(dedupe_count(derived_rig.core.derived.dedupe),
                     derived_rig_config.derived.dedupe_max);
    derived_rig_finish();
}

static void a_line_sent_again_leaves_no_record(void **state)
{
    static char text[RECORD_LINE_BYTES_MAX];
    (void)state;
    derived_rig_begin();
    for (uint64_t line = 1; line <= 10; line++)
        derived_rig_line("run", line, (unsigned)line, 1, true);
    derived_rig_settle();
    uint64_t seq = derived_rig.core.next_seq;
    for (unsigned again = 0; again < 3; again++) {
        for (uint64_t line = 4; line <= 10; line++)
            derived_rig_line("run", line, (unsigned)line, 1, true);
        derived_rig_settle();
        assert_int_equal(derived_rig.core.next_seq, seq);
        derived_rig_close();
        derived_rig_open();
        derived_rig_settle();
        seq = derived_rig.core.next_seq;
    }
    derived_rig_line("", 4, 4, 1, true); /* no session */
    derived_rig_line("other", 4, 4, 1, true);
    derived_rig_settle();
    assert_int_equal(derived_rig.core.next_seq, seq + 4);
    assert_int_equal(count_kind(RECORD_SIGHTING, text), 12);
    assert_int_equal(count_kind(RECORD_LISTING, text), 10);
    derived_rig_finish();
}

static void a_match_that_a_crash_took_comes_with_the_line_sent_again(void **state)
{
    static char text[RECORD_LINE_BYTES_MAX];
    (void)state;
    derived_rig_begin();
    derived_rig_notice(5);
    derived_rig_settle();
    derived_rig_line("run", 7, 5, 0,
                     false); /* its sighting only, as a crash before the match leaves it */
    derived_rig_settle();
    assert_int_equal(count_kind(RECORD_SIGHTING, text), 1);
    unsigned long long sighting = 0;
    assert_int_equal(sscanf(text, "{\"v\":1,\"seq\":%llu,", &sighting), 1);
    derived_rig_close();
    derived_rig_open();
    for (unsigned again = 0; again < 2; again++) {
        derived_rig_line("run", 7, 5, 0, true);
        derived_rig_settle();
        assert_int_equal(count_kind(RECORD_SIGHTING, text), 1);
        assert_int_equal(count_kind(RECORD_MATCH, text), 1);
        char *at = strstr(text, ",\"sighting\":");
        assert_non_null(at);
        assert_int_equal(strtoull(at + 12, NULL, 10), sighting);
    }
    derived_rig_finish();
}

static void what_the_filter_takes_for_watched_is_settled_by_the_writer(void **state)
{
    (void)state;
    derived_rig_begin();
    uint64_t seq = derived_rig.core.next_seq;
    atomic_store_explicit(&((struct watched_filter *)(uintptr_t)derived_rig.emit.watched)->all,
                          true, memory_order_relaxed);
    for (uint64_t line = 1; line < 5; line++)
        derived_rig_line("run", line, (unsigned)line, 1, false);
    derived_rig_settle();
    assert_int_equal(derived_rig.core.next_seq, seq);
    assert_int_equal(derived_counts(&derived_rig.core.derived).unwatched, 4);
    derived_rig_finish();
}

static void a_listing_is_said_before_its_first_sighting_and_when_its_merchant_changes(void **state)
{
    static char text[RECORD_LINE_BYTES_MAX];
    static const unsigned sellers[] = {0, 1, 1, 0, 1, 2, 2, 1}, said[] = {0, 1, 1, 1, 1, 2, 2, 3};
    (void)state;
    derived_rig_begin();
    for (unsigned i = 0; i < sizeof sellers / sizeof sellers[0]; i++) {
        derived_rig_line("", i + 1, 3, sellers[i], true);
        derived_rig_settle();
        assert_int_equal(count_kind(RECORD_LISTING, text), said[i]);
    }
    assert_non_null(strstr(text, "\"type\":\"listing\",\"platform\":\"p\",\"listing\":\"L3\","
                                 "\"merchant\":\"p/s1\",\"at\":\""));
    derived_rig_finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rebuild_of_any_history_is_the_same_to_the_byte),
        cmocka_unit_test(a_line_sent_again_leaves_no_record),
        cmocka_unit_test(a_match_that_a_crash_took_comes_with_the_line_sent_again),
        cmocka_unit_test(what_the_filter_takes_for_watched_is_settled_by_the_writer),
        cmocka_unit_test(a_listing_is_said_before_its_first_sighting_and_when_its_merchant_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
