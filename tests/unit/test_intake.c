/*
 * From line to record body: every line is decided once and in order, whatever the sink refuses in
 * between; bodies always fit; a hit that does not fit is counted.
 */
#include "tests/unit/intake_rig.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_is_decided_once_whatever_the_sink_refuses),
        cmocka_unit_test(a_batch_of_more_text_than_the_matcher_takes_is_decided_whole),
        cmocka_unit_test(a_sighting_of_the_longest_ids_fits),
        cmocka_unit_test(hits_that_do_not_fit_are_counted),
        cmocka_unit_test(a_refused_line_from_the_framing_is_counted),
        cmocka_unit_test(its_memory_is_what_it_says_and_does_not_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
