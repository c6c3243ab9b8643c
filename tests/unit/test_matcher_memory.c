/*
 * The matcher at the edges of memory, with an engine that fails, and with references counted by
 * many threads.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "matcher/fold.h"
#include "matcher/matcher.h"
#include "matcher/scan.h"
#include "tests/unit/matcher_test.h"

static const char marks_tsv[] = "mark_id\tmark\taliases\nM1\tNike\tナイキ\nM2\tLego\tレゴ|乐高\n";

static struct matcher_error error;

static struct matcher_db *compile(void)
{
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks_tsv, sizeof marks_tsv - 1, &error), 0);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    assert_null(matcher_lists_close(lists));
    return db;
}

/* Two pages of which the second cannot be touched. Returns the end of the first. */
static char *guarded_page(char **ret_base, size_t *ret_page)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    char *base = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(base != MAP_FAILED);
    assert_int_equal(mprotect(base + page, page, PROT_NONE), 0);
    *ret_base = base;
    *ret_page = page;
    return base + page;
}

static void folding_reads_nothing_past_the_text(void **state)
{
    (void)state;
    static const char *const pieces[] = {"nike ", "レ",   "é",     "&#97;", "&", "\xF0\x9D\x90\x8D",
                                         "\xE3",  "\xF0", "&nbsp", "ж"};
    static char folded[1024 * FOLD_GROWTH_MAX + 128];
    static uint32_t from[sizeof folded], to[sizeof folded];
    static uint16_t bits[sizeof folded];
    struct fold_map map = {from, to, bits};
    char *base = NULL;
    size_t page = 0;
    char *end = guarded_page(&base, &page);
    for (size_t kind = 0; kind < sizeof pieces / sizeof pieces[0]; kind++) {
        size_t piece = strlen(pieces[kind]);
        for (size_t i = 0; i < page; i++)
            end[-1 - (long)i] = pieces[kind][piece - 1 - i % piece];
        for (size_t len = 0; len <= 512; len++) {
            for (unsigned path = 0; path <= (unsigned)fold_path_best(); path++)
                (void)fold_text_by((enum fold_path)path, end - len, len, folded);
            (void)fold_map(end - len, len, folded, &map);
        }
    }
    assert_int_equal(munmap(base, 2 * page), 0);
}

/* The batch has room for the slack after whatever can be added to it. */
static void a_full_batch_still_has_its_slack(void **state)
{
    (void)state;
    struct matcher_db *db = compile();
    struct matcher *matcher = NULL;
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    char *text = malloc(MATCHER_TEXT_BYTES_MAX);
    assert_non_null(text);
    for (size_t i = 0; i + 3 <= MATCHER_TEXT_BYTES_MAX; i += 3)
        memcpy(text + i, "㌖", 3);
    for (size_t len = MATCHER_TEXT_BYTES_MAX; len > 0; len /= 2) {
        struct matcher_field field = {text, len};
        uint32_t index = 0;
        matcher_reset(matcher);
        while (matcher_add(matcher, &field, 1, &index) == 0)
            assert_true(matcher->batch_len + MATCHER_SLACK_BYTES <= SCAN_BATCH_BYTES);
    }
    free(text);
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
}

static int scan_inside(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                       void *context)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    matcher_scan(context);
    return 1;
}

/* The engine refuses a scratch that is in use, which is a real error of a real call. */
static void an_engine_error_stands_in_every_result_and_is_no_lack_of_hits(void **state)
{
    (void)state;
    struct matcher_db *db = compile();
    struct matcher *matcher = NULL;
    struct matcher_field field = {"nike lego", 9};
    struct matcher_result result;
    uint32_t index = 0;
    char other[128] = " lego ";
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
    assert_int_equal(hs_scan(db->engine, other, 6, 0, matcher->scratch, scan_inside, matcher),
                     HS_SCAN_TERMINATED);
    for (uint32_t i = 0; i < 3; i++) {
        matcher_result(matcher, i, &result);
        assert_int_equal(result.outcome, MATCHER_OUTCOME_FAILED);
        assert_int_equal(result.hits_count, 0);
    }
    matcher_reset(matcher); /* and the next batch is examined again */
    assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
    matcher_scan(matcher);
    matcher_result(matcher, 0, &result);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
    assert_int_equal(result.hits_count, 2);
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
}

/* The first call of a batch fails because the scratch is in use; the callback of that use releases
   nothing, so a scanner that kept the hits of a failed call would report them twice. */
static void hits_before_an_error_are_not_counted_twice(void **state)
{
    (void)state;
    struct matcher_db *db = compile();
    struct matcher *matcher = NULL;
    struct matcher_field field = {"nike lego", 9};
    struct matcher_result result;
    uint32_t index = 0;
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
    matcher->listings[0].marks = 1; /* as if the failing call had reported one before it failed */
    matcher->raw_marks[0] = (struct scan_raw){0, 5};
    char other[128] = " lego ";
    (void)hs_scan(db->engine, other, 6, 0, matcher->scratch, scan_inside, matcher);
    matcher_result(matcher, 0, &result);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_FAILED);
    assert_int_equal(matcher->listings[0].marks, 0);
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
}

#define THREADS 4
#define ROUNDS  200

static void *use_and_drop(void *argument)
{
    struct matcher_db *db = argument;
    struct matcher *matcher = NULL;
    struct matcher_field field = {"nike レゴ", 11};
    if (matcher_open(&matcher) < 0)
        return NULL;
    size_t hits = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct matcher_db *mine = matcher_db_ref(db);
        struct matcher_result result;
        uint32_t index = 0;
        if (matcher_use(matcher, mine) < 0)
            break;
        (void)matcher_db_unref(mine);                  /* always NULL; the matcher holds its own */
        (void)matcher_add(matcher, &field, 1, &index); /* an empty batch takes it */
        matcher_scan(matcher);
        matcher_result(matcher, index, &result);
        hits += result.hits_count;
        matcher_reset(matcher);
    }
    matcher = matcher_close(matcher);
    (void)matcher_db_unref(db); /* always NULL: the thread's own reference */
    return hits == 2 * ROUNDS ? argument : NULL;
}

static void many_threads_share_a_set_and_the_last_frees_it(void **state)
{
    (void)state;
    struct matcher_db *db = compile();
    pthread_t thread[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, use_and_drop, matcher_db_ref(db)), 0);
    db = matcher_db_unref(db); /* before the threads are done */
    for (unsigned i = 0; i < THREADS; i++) {
        void *done = NULL;
        assert_int_equal(pthread_join(thread[i], &done), 0);
        assert_non_null(done);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folding_reads_nothing_past_the_text),
        cmocka_unit_test(a_full_batch_still_has_its_slack),
        cmocka_unit_test(an_engine_error_stands_in_every_result_and_is_no_lack_of_hits),
        cmocka_unit_test(hits_before_an_error_are_not_counted_twice),
        cmocka_unit_test(many_threads_share_a_set_and_the_last_frees_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
