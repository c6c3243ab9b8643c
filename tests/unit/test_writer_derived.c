/*
 * What the writer remembers of its records: a rebuild from the ledger is the same to the byte, and
 * what was sent again leaves nothing. On a simulated disk.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/emit.h"
#include "daemon/writer_core.h"
#include "io/backend_sim.h"
#include "tests/fakes/test.h"

#define TURNS_MAX 10000u

static struct writer_core core;
static struct backend *backend;
static struct queue *queue;
static struct ruleset ruleset;
static struct emit emit;

static const struct writer_config config = {.ledger = "ledger",
                                            .queues = 1,
                                            .queue_bytes = 2u * QUEUE_ENTRY_BYTES_MAX,
                                            .segment_records = 50,
                                            .segment_bytes = 1u << 20,
                                            .rejects_bytes_max = 1u << 20,
                                            .derived = {.dedupe_max = 40, .watched_max = 20}};

static void open_writer(void)
{
    struct writer_error error = {0};
    assert_int_equal(queue_open(config.queue_bytes, &queue), 0);
    if (writer_core_open(&core, &config, backend, &queue, &error) < 0)
        fail_msg("%s", error.text);
    emit = (struct emit){
        .queue = queue, .ruleset = &ruleset, .watched = watched_lanes_filter(core.derived.watched)};
}

/* Until all that was put in is durable. */
static void settle(void)
{
    queue_publish(queue);
    for (unsigned i = 0; i < TURNS_MAX; i++) {
        (void)writer_core_gather(&core);
        if (writer_core_idle(&core))
            return;
        writer_core_turn(&core, 1000000);
    }
    fail_msg("the writer does not come to rest");
}

static void close_writer(void)
{
    writer_core_close(&core);
    queue = queue_close(queue);
}

static uint8_t *bytes_of(const struct derived *derived, size_t *ret_len)
{
    size_t first = dedupe_encoded_bytes(derived->dedupe);
    *ret_len = first + watched_encoded_bytes(derived->watched);
    uint8_t *bytes = malloc(*ret_len);
    assert_non_null(bytes);
    dedupe_encode(derived->dedupe, bytes);
    watched_encode(derived->watched, bytes + first);
    return bytes;
}

/* A listing of a crawler, and what the matcher said of it. */
static void put_line(const char *session, uint64_t line, unsigned id, unsigned seller, bool matches)
{
    char name[16], merchant[16], text[64];
    int name_len = snprintf(name, sizeof name, "L%u", id);
    int merchant_len = snprintf(merchant, sizeof merchant, "s%u", seller);
    int text_len = snprintf(text, sizeof text, "line %llu of %s", (unsigned long long)line, name);
    const struct listing listing = {
        .platform = {"p", 1},
        .listing_id = {name, (size_t)name_len},
        .title = {"t", 1},
        .seller_id = {seller == 0 ? NULL : merchant, seller == 0 ? 0 : (size_t)merchant_len},
        .state = {"active", 6},
        .via = {"page", 4},
        .line = {text, (size_t)text_len}};
    const struct matcher_result result = {.class = MATCHER_CLASS_MARK};
    const struct intake_origin origin = {.connection = 1, .line = line};
    const struct emit_source source = {
        .name = "s", .len = 1, .session = session, .session_len = strlen(session)};
    int put = matches ? emit_match(&emit, source, &origin, &listing, &result)
                      : emit_if_watched(&emit, source, &origin, &listing);
    assert_int_equal(put, 0);
}

static void put_notice(unsigned id)
{
    char body[256];
    int len = snprintf(body, sizeof body,
                       ",\"source\":\"counsel\",\"event\":{\"id\":\"n%u\",\"type\":\"notice.sent\","
                       "\"platform\":\"p\",\"merchant\":\"p/s%u\",\"listings\":[\"L%u\",\"L%u\"]}}",
                       id, id % 3 + 1, id, id + 1);
    assert_int_equal(emit_record(queue, RECORD_NOTICE_SENT, body, (size_t)len), 0);
}

/* How many records of a kind the ledger holds; the last one's line is left in ret_line. */
static unsigned count_kind(enum record_kind wanted, char ret_line[RECORD_LINE_BYTES_MAX])
{
    static char bytes[1u << 20];
    unsigned count = 0;
    for (uint64_t first = 0, seq = 0; seq < core.next_seq; first = seq) {
        char path[64];
        (void)snprintf(path, sizeof path, "ledger/feed/%020llu.jsonl", (unsigned long long)first);
        int fd = backend->ops->open(backend, AT_FDCWD, path, O_RDONLY, 0);
        assert_true(fd >= 0);
        ssize_t len = backend->ops->pread(backend, fd, bytes, sizeof bytes, 0);
        assert_in_range(len, 1, sizeof bytes - 1);
        assert_int_equal(backend->ops->close_fd(backend, fd), 0);
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

static void begin(void)
{
    assert_int_equal(backend_sim_open(1, 0, &backend), 0);
    open_writer();
}

static void finish(void)
{
    close_writer();
    backend = backend_close(backend);
}

static void a_rebuild_of_any_history_is_the_same_to_the_byte(void **state)
{
    uint32_t random = 99;
    uint64_t line = 0;
    (void)state;
    begin();
    for (unsigned life = 0; life < 12; life++) {
        for (unsigned turn = 0; turn < 60; turn++) {
            random = random * 1664525u + 1013904223u;
            unsigned pick = random >> 8;
            if (pick % 13 == 0)
                put_notice(pick / 13 % 4);
            else
                put_line(pick % 3 == 0 ? "" : "run", pick % 4 == 0 ? line / 2 : ++line,
                         pick / 16 % 30, pick / 512 % 4, pick / 4096 % 3 == 0);
            if (pick % 5 == 0)
                settle();
        }
        settle();
        size_t len, again_len;
        uint8_t *bytes = bytes_of(&core.derived, &len);
        close_writer();
        open_writer();
        uint8_t *again = bytes_of(&core.derived, &again_len);
        assert_int_equal(len, again_len);
        assert_memory_equal(bytes, again, len);
        free(bytes);
        free(again);
    }
    struct watched_counts counts = watched_counts(core.derived.watched);
    assert_true(counts.evicted > 10); /* or the bounds were never met */
    assert_true(counts.named > 5);
    assert_int_equal(dedupe_count(core.derived.dedupe), config.derived.dedupe_max);
    finish();
}

static void a_line_sent_again_leaves_no_record(void **state)
{
    static char text[RECORD_LINE_BYTES_MAX];
    (void)state;
    begin();
    for (uint64_t line = 1; line <= 10; line++)
        put_line("run", line, (unsigned)line, 1, true);
    settle();
    uint64_t seq = core.next_seq;
    for (unsigned again = 0; again < 3; again++) {
        for (uint64_t line = 4; line <= 10; line++)
            put_line("run", line, (unsigned)line, 1, true);
        settle();
        assert_int_equal(core.next_seq, seq);
        close_writer();
        open_writer();
        settle();
        seq = core.next_seq;
    }
    put_line("", 4, 4, 1, true); /* no session */
    put_line("other", 4, 4, 1, true);
    settle();
    assert_int_equal(core.next_seq, seq + 4);
    assert_int_equal(count_kind(RECORD_SIGHTING, text), 12);
    assert_int_equal(count_kind(RECORD_LISTING, text), 10);
    finish();
}

static void a_match_that_a_crash_took_comes_with_the_line_sent_again(void **state)
{
    static char text[RECORD_LINE_BYTES_MAX];
    (void)state;
    begin();
    put_notice(5);
    settle();
    put_line("run", 7, 5, 0, false); /* its sighting only, as a crash before the match leaves it */
    settle();
    assert_int_equal(count_kind(RECORD_SIGHTING, text), 1);
    unsigned long long sighting = 0;
    assert_int_equal(sscanf(text, "{\"v\":1,\"seq\":%llu,", &sighting), 1);
    close_writer();
    open_writer();
    for (unsigned again = 0; again < 2; again++) {
        put_line("run", 7, 5, 0, true);
        settle();
        assert_int_equal(count_kind(RECORD_SIGHTING, text), 1);
        assert_int_equal(count_kind(RECORD_MATCH, text), 1);
        char *at = strstr(text, ",\"sighting\":");
        assert_non_null(at);
        assert_int_equal(strtoull(at + 12, NULL, 10), sighting);
    }
    finish();
}

static void what_the_filter_takes_for_watched_is_settled_by_the_writer(void **state)
{
    (void)state;
    begin();
    uint64_t seq = core.next_seq;
    atomic_store_explicit(&((struct watched_filter *)(uintptr_t)emit.watched)->all, true,
                          memory_order_relaxed);
    for (uint64_t line = 1; line < 5; line++)
        put_line("run", line, (unsigned)line, 1, false);
    settle();
    assert_int_equal(core.next_seq, seq);
    assert_int_equal(derived_counts(&core.derived).unwatched, 4);
    finish();
}

static void a_listing_is_said_before_its_first_sighting_and_when_its_merchant_changes(void **state)
{
    static char text[RECORD_LINE_BYTES_MAX];
    static const unsigned sellers[] = {0, 1, 1, 0, 1, 2, 2, 1}, said[] = {0, 1, 1, 1, 1, 2, 2, 3};
    (void)state;
    begin();
    for (unsigned i = 0; i < sizeof sellers / sizeof sellers[0]; i++) {
        put_line("", i + 1, 3, sellers[i], true);
        settle();
        assert_int_equal(count_kind(RECORD_LISTING, text), said[i]);
    }
    assert_non_null(strstr(text, "\"type\":\"listing\",\"platform\":\"p\",\"listing\":\"L3\","
                                 "\"merchant\":\"p/s1\",\"at\":\""));
    finish();
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
