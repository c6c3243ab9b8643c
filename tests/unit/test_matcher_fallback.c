/*
 * A batch on which the engine fails: only the listings that could not be examined are called
 * failed.
 *
 * This program has an hs_scan of its own, which passes every call on to the library but fails those
 * that meet a poisoned byte string: no input is known that makes the library itself fail.
 */
#include <dlfcn.h>
#include <hs.h>

#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

typedef hs_error_t scan_function(const hs_database_t *db, const char *data, unsigned length,
                                 unsigned flags, hs_scratch_t *scratch,
                                 match_event_handler on_event, void *context);

static const char poison[] = " arsenic ";
static unsigned calls;
static bool fails_late; /* after the library has reported its hits */

hs_error_t HS_CDECL hs_scan(const hs_database_t *db, const char *data, unsigned length,
                            unsigned flags, hs_scratch_t *scratch, match_event_handler on_event,
                            void *context)
{
    union {
        void *object;
        scan_function *function;
    } real = {dlsym(RTLD_NEXT, "hs_scan")};
    calls++;
    assert_non_null(real.object);
    bool poisoned = memmem(data, length, poison, sizeof poison - 1) != NULL;
    if (poisoned && !fails_late)
        return HS_UNKNOWN_ERROR;
    hs_error_t scanned = real.function(db, data, length, flags, scratch, on_event, context);
    return poisoned ? HS_UNKNOWN_ERROR : scanned;
}

static void only_what_was_not_examined_is_called_failed(void **state)
{
    (void)state;
    static const char marks[] = "mark_id\tmark\nM1\tNike\nM2\tLego\nM3\tArsenic\n";
    static const char *const texts[] = {"nike", "nike arsenic", "lego nike", "nothing", "arsenic"};
    struct matcher_lists *lists = NULL;
    struct matcher_db *db = NULL;
    struct matcher *matcher = NULL;
    struct matcher_error error;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks, sizeof marks - 1, &error), 0);
    assert_int_equal(matcher_db_compile(lists, &db, &error), 0);
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    for (unsigned late = 0; late < 2; late++) {
        uint32_t index = 0;
        fails_late = late == 1;
        calls = 0;
        matcher_reset(matcher);
        for (size_t i = 0; i < 5; i++) {
            struct matcher_field field = {texts[i], strlen(texts[i])};
            assert_int_equal(matcher_add(matcher, &field, 1, &index), 0);
        }
        matcher_scan(matcher);
        assert_int_equal(calls, 5); /* the batch, and each listing in which there is something */
        static const size_t hits[5] = {1, 0, 2, 0, 0};
        for (uint32_t i = 0; i < 5; i++) {
            struct matcher_result result;
            bool failed = strstr(texts[i], "arsenic") != NULL;
            matcher_result(matcher, i, &result);
            assert_int_equal(result.outcome, failed ? MATCHER_OUTCOME_FAILED : MATCHER_OUTCOME_OK);
            assert_int_equal(result.hits_total, hits[i]);
        }
    }
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
    lists = matcher_lists_close(lists);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_was_not_examined_is_called_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
