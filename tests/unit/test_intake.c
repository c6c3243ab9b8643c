/*
 * From line to record body: every line is decided once and in order, whatever the sink refuses in
 * between; bodies always fit; a hit that does not fit is counted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/encode.h"
#include "daemon/intake.h"
#include "tests/fakes/test.h"

#define MARKS "mark_id\tmark\tgeneric\naa\tSquishmallow\t0\nbb\tLabubu\t0\n"
#define CUES  "cue_id\tphrase\tstrength\nc\treplica\t3\n"

/* A sink that notes what it gets and refuses each call `refusals` times first. */
struct notes {
    struct matcher_db *db;
    unsigned refusals, refused;
    uint64_t matched[4096], rejected[4096];
    size_t matched_count, rejected_count;
    enum reject_code last_code;
    char body[RECORD_BODY_BYTES_MAX], hits[RECORD_BODY_BYTES_MAX];
    struct record_draft sighting, match;
};

static bool refuses(struct notes *notes)
{
    if (notes->refused < notes->refusals) {
        notes->refused++;
        return true;
    }
    notes->refused = 0;
    return false;
}

static int on_matched(void *context, const struct intake_origin *origin,
                      const struct listing *listing, const struct matcher_result *result)
{
    struct notes *notes = context;
    if (refuses(notes))
        return -EAGAIN;
    static const uint8_t sha256[32] = {1};
    const struct encode_context encode = {.db = notes->db,
                                          .ruleset_seq = UINT64_MAX >> 11,
                                          .ruleset_sha256 = sha256,
                                          .source = "s",
                                          .source_len = 1,
                                          .unc_ms = 5000};
    encode_sighting(&encode, origin, listing, sha256, notes->body, &notes->sighting);
    encode_match(&encode, origin, listing, result, notes->hits, &notes->match);
    notes->matched[notes->matched_count++] = origin->line;
    return 0;
}

static int on_rejected(void *context, const struct intake_origin *origin,
                       const struct reject *reject, const char *bytes, size_t len)
{
    struct notes *notes = context;
    if (refuses(notes))
        return -EAGAIN;
    assert_non_null(bytes);
    assert_true(len > 0);
    notes->last_code = reject->code;
    notes->rejected[notes->rejected_count++] = origin->line;
    return 0;
}

static struct matcher_db *compiled(void)
{
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher_error error;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, MARKS, strlen(MARKS), &error), 0);
    assert_int_equal(matcher_lists_add_cues(lists, CUES, strlen(CUES), &error), 0);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    (void)matcher_lists_close(lists);
    return db;
}

static struct intake *opened(struct notes *notes)
{
    static const struct intake_sink sink = {.matched = on_matched, .rejected = on_rejected};
    struct intake *intake = NULL;
    memset(notes, 0, sizeof *notes);
    notes->db = compiled();
    assert_int_equal(intake_open(&sink, notes, &intake), 0);
    assert_int_equal(intake_use(intake, notes->db), 0);
    return intake;
}

static void closed(struct intake *intake, struct notes *notes)
{
    assert_null(intake_close(intake));
    notes->db = matcher_db_unref(notes->db);
}

/* Hands a line over with its slack, again and again until it is taken. */
static void take(struct intake *intake, uint64_t number, const char *text, size_t len)
{
    char *bytes = calloc(1, len + JSON_SLACK_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, text, len);
    const struct intake_origin origin = {.line = number, .line_bytes = len};
    int result = -EAGAIN;
    while (result == -EAGAIN)
        result = intake_line(intake, &origin, bytes, len);
    assert_int_equal(result, 0);
    free(bytes);
}

static void flush(struct intake *intake)
{
    int result = -EAGAIN;
    while (result == -EAGAIN)
        result = intake_flush(intake);
    assert_int_equal(result, 0);
    assert_false(intake_pending(intake));
}

static void every_line_is_decided_once_whatever_the_sink_refuses(void **state)
{
    (void)state;
    static struct notes notes;
    for (unsigned refusals = 0; refusals < 3; refusals++) {
        struct intake *intake = opened(&notes);
        notes.refusals = refusals;
        size_t matches = 0;
        size_t rejects = 0;
        for (uint64_t n = 1; n <= 3000; n++) {
            char text[256];
            int len = snprintf(text, sizeof text,
                               n % 5 == 0   ? "{\"platform\":\"p\",\"listing_id\":\"%llu\"}"
                               : n % 3 == 0 ? "{\"platform\":\"p\",\"listing_id\":\"%llu\","
                                              "\"title\":\"a Squishmallow\"}"
                               : n % 7 == 0 ? "  \t\r"
                                            : "{\"platform\":\"p\",\"listing_id\":\"%llu\","
                                              "\"title\":\"nothing\"}",
                               (unsigned long long)n);
            take(intake, n, text, (size_t)len);
            rejects += n % 5 == 0 ? 1 : 0;
            matches += n % 5 != 0 && n % 3 == 0 ? 1 : 0;
        }
        flush(intake);
        assert_int_equal(notes.matched_count, matches);
        assert_int_equal(notes.rejected_count, rejects);
        for (size_t i = 1; i < matches; i++)
            assert_true(notes.matched[i] > notes.matched[i - 1]);
        struct intake_counts counts = intake_counts(intake);
        assert_int_equal(counts.lines, 3000);
        assert_int_equal(counts.lines, counts.accepted + counts.rejected + counts.blank);
        assert_int_equal(counts.matched, matches);
        assert_int_equal(counts.by_reject[REJECT_MISSING_FIELD], rejects);
        closed(intake, &notes);
    }
}

/* The matcher takes one text of the longest kind, and little beside it. */
static void a_batch_of_more_text_than_the_matcher_takes_is_decided_whole(void **state)
{
    static const size_t sizes[] = {3000, 262000, 10, 200000, 40000, 100, 262000, 262000};
    static struct notes notes;
    char *line = malloc(JSON_BYTES_MAX);

    (void)state;
    assert_non_null(line);
    for (unsigned refusals = 0; refusals < 2; refusals++) {
        struct intake *intake = opened(&notes);
        notes.refusals = refusals;
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            int len = snprintf(line, JSON_BYTES_MAX,
                               "{\"platform\":\"p\",\"listing_id\":\"%zu\",\"title\":"
                               "\"Squishmallow %*s\"}",
                               i, (int)sizes[i] - 80, "x");
            assert_in_range(len, 1, JSON_BYTES_MAX - 1);
            take(intake, i + 1, line, (size_t)len);
        }
        flush(intake);
        assert_int_equal(notes.matched_count, sizeof sizes / sizeof sizes[0]);
        for (size_t i = 0; i < notes.matched_count; i++)
            assert_int_equal(notes.matched[i], i + 1);
        closed(intake, &notes);
    }
    free(line);
}

/* A text of len bytes of `byte`, as JSON: control characters are escaped, six bytes each. */
static size_t put_worst(char *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        memcpy(at + 6 * i, "\\u0001", 6);
    return 6 * len;
}

static void a_sighting_of_the_longest_ids_fits(void **state)
{
    (void)state;
    static struct notes notes;
    static char text[1u << 16];
    struct intake *intake = opened(&notes);
    size_t len = 0;
    static const struct {
        const char *key;
        size_t bytes;
    } members[] = {{"{\"platform\":\"", LISTING_ID_BYTES_MAX},
                   {"\",\"listing_id\":\"", LISTING_ID_BYTES_MAX},
                   {"\",\"seller_id\":\"", LISTING_ID_BYTES_MAX},
                   {"\",\"url\":\"", 4000},
                   {"\",\"price\":\"", LISTING_WORD_BYTES_MAX},
                   {"\",\"currency\":\"", LISTING_WORD_BYTES_MAX}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        size_t key_len = strlen(members[i].key);
        memcpy(text + len, members[i].key, key_len);
        len += key_len;
        len += put_worst(text + len, members[i].bytes);
    }
    int put = snprintf(text + len, sizeof text - len,
                       "\",\"observed_at\":\"2026-01-01T00:00:00.%0*dZ"
                       "\",\"title\":\"Squishmallow\\ud800\"}",
                       200, 1);
    len += (size_t)put;
    take(intake, 1, text, len);
    flush(intake);
    assert_int_equal(notes.rejected_count, 0);
    assert_int_equal(notes.matched_count, 1);
    static char out[RECORD_LINE_BYTES_MAX];
    const struct record_head head = {.seq = UINT64_MAX >> 11, .clk = 1, .run = UINT64_MAX >> 11};
    assert_true(record_encode(&head, &notes.sighting, out, sizeof out) > 0);
    assert_true(record_encode(&head, &notes.match, out, sizeof out) > 0);
    closed(intake, &notes);
}

static void hits_that_do_not_fit_are_counted(void **state)
{
    (void)state;
    static struct notes notes;
    static char text[1u << 17];
    struct intake *intake = opened(&notes);
    size_t len = (size_t)snprintf(text, sizeof text,
                                  "{\"platform\":\"p\",\"listing_id\":\"1\",\"title\":\"");
    /* Zero-width characters make each hit's text long: 64 hits cannot fit one line. */
    for (size_t hit = 0; hit < 64; hit++) {
        memcpy(text + len, "Squish", 6);
        len += 6;
        for (size_t i = 0; i < 60; i++) {
            memcpy(text + len, "\u200b", 3);
            len += 3;
        }
        memcpy(text + len, "mallow ", 7);
        len += 7;
    }
    memcpy(text + len, "\"}", 2);
    take(intake, 1, text, len + 2);
    flush(intake);
    assert_int_equal(notes.matched_count, 1);
    static char out[RECORD_LINE_BYTES_MAX + 1];
    const struct record_head head = {.seq = 7, .clk = 1};
    size_t line = record_encode(&head, &notes.match, out, RECORD_LINE_BYTES_MAX);
    assert_true(line > 0);
    out[line] = '\0';
    const char *more = strstr(out, "\"n_hits\":64,\"more\":");
    assert_non_null(more);
    size_t written = 0;
    for (const char *at = out; (at = strstr(at, "{\"mark\":")) != NULL; at++)
        written++;
    assert_int_equal(written + strtoull(more + 19, NULL, 10), 64);
    assert_true(written > 4);
    closed(intake, &notes);
}

static void a_refused_line_from_the_framing_is_counted(void **state)
{
    (void)state;
    static struct notes notes;
    struct intake *intake = opened(&notes);
    struct reject reject;
    (void)reject_set(&reject, REJECT_TOO_LONG, "line: 300000 bytes");
    const struct intake_origin origin = {.line = 1, .line_bytes = 300000};
    assert_int_equal(intake_refuse(intake, &origin, &reject, "xxx", 3), 0);
    assert_int_equal(notes.last_code, REJECT_TOO_LONG);
    assert_int_equal(intake_counts(intake).bytes, 300000);
    assert_int_equal(intake_counts(intake).by_reject[REJECT_TOO_LONG], 1);
    closed(intake, &notes);
}

#ifdef __SANITIZE_ADDRESS__
size_t __sanitizer_get_current_allocated_bytes(void); /* NOLINT(bugprone-reserved-identifier) */

static size_t allocated(void)
{
    return __sanitizer_get_current_allocated_bytes();
}
#else
static size_t allocated(void)
{
    return 0;
}
#endif

/* The bound is printed at start: it must hold, and must not be far from the truth either. */
static void its_memory_is_what_it_says_and_does_not_grow(void **state)
{
    (void)state;
    static struct notes notes;
    static const char line[] =
        "{\"platform\":\"p\",\"listing_id\":\"1\",\"title\":\"a Squishmallow replica\"}";
    if (allocated() == 0) {
        print_message("skipped: only the address sanitizer counts what is allocated\n");
        skip();
    }
    static const struct intake_sink sink = {.matched = on_matched, .rejected = on_rejected};
    memset(&notes, 0, sizeof notes);
    notes.db = compiled();
    struct intake *intake = NULL;
    size_t before = allocated();
    assert_int_equal(intake_open(&sink, &notes, &intake), 0);
    assert_int_equal(intake_use(intake, notes.db), 0);
    size_t held = allocated() - before;
    for (uint64_t n = 1; n <= 3000; n++)
        take(intake, n, line, sizeof line - 1);
    flush(intake);
    assert_int_equal(allocated() - before, held);
    if (held > intake_bytes(intake) || held < intake_bytes(intake) / 4 * 3)
        fail_msg("holds %zu bytes, says %zu", held, intake_bytes(intake));
    closed(intake, &notes);
}

/* A rule that makes a mention of what an authorised seller offers in January 2026. */
static struct matcher_db *compiled_with_days(void)
{
    static const char yaml[] =
        "sellers:\n"
        "  shops:\n"
        "  - {platform: p, seller: s, from: 2026-01-01, until: 2026-02-01}\n"
        "rules:\n"
        "- id: r\n"
        "  rev: 1\n"
        "  marks: all\n"
        "  class: mention\n"
        "  sellers: shops\n"
        "  examples: [{title: Squishmallows, platform: p, seller: s, on: 2026-01-02}]\n"
        "  negative_examples: [{title: Squishmallows, platform: p, seller: t}]\n";
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher_error error = {.text = ""};
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, MARKS, strlen(MARKS), &error), 0);
    int added = matcher_lists_add_rules(lists, yaml, sizeof yaml - 1, &error);
    if (added < 0)
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    int made = matcher_db_compile(lists, &db, &error);
    if (made < 0)
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    (void)matcher_lists_close(lists);
    return db;
}

static uint64_t mentions(const char *observed, int64_t received_ns)
{
    static struct notes notes;
    char line[512];
    struct intake *intake = opened(&notes);
    notes.db = matcher_db_unref(notes.db);
    notes.db = compiled_with_days();
    assert_int_equal(intake_use(intake, notes.db), 0);
    int len = snprintf(line, sizeof line,
                       "{\"platform\":\"p\",\"listing_id\":\"1\",\"seller_id\":\"s\","
                       "\"title\":\"Squishmallows\"%s}",
                       observed);
    char *bytes = calloc(1, (size_t)len + JSON_SLACK_BYTES);
    assert_non_null(bytes);
    memcpy(bytes, line, (size_t)len);
    const struct intake_origin origin = {.line = 1,
                                         .line_bytes = (uint64_t)len,
                                         .has_received = received_ns != 0,
                                         .received_ns = received_ns};
    assert_int_equal(intake_line(intake, &origin, bytes, (size_t)len), 0);
    free(bytes);
    flush(intake);
    uint64_t count = intake_counts(intake).by_class[MATCHER_CLASS_MENTION];
    closed(intake, &notes);
    return count;
}

static void rules_with_days_take_the_time_of_receipt_where_a_listing_has_none(void **state)
{
    (void)state;
    const int64_t january = 1767571200000000000, march = 1772668800000000000; /* of 2026 */
    assert_int_equal(mentions("", january), 1);
    assert_int_equal(mentions("", march), 0);
    assert_int_equal(mentions("", 0), 0);
    assert_int_equal(mentions(",\"observed_at\":\"2026-01-05T00:00:00Z\"", march), 1);
    assert_int_equal(mentions(",\"observed_at\":\"2026-03-05T00:00:00Z\"", january), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_decided_once_whatever_the_sink_refuses),
        cmocka_unit_test(a_batch_of_more_text_than_the_matcher_takes_is_decided_whole),
        cmocka_unit_test(a_sighting_of_the_longest_ids_fits),
        cmocka_unit_test(hits_that_do_not_fit_are_counted),
        cmocka_unit_test(a_refused_line_from_the_framing_is_counted),
        cmocka_unit_test(rules_with_days_take_the_time_of_receipt_where_a_listing_has_none),
        cmocka_unit_test(its_memory_is_what_it_says_and_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
