/*
 * A database made of two lists and a matcher that uses it: what the tests of results share. The
 * names are short because nearly every line of those tests uses them.
 */
#ifndef TESTS_UNIT_MATCHER_RIG_H
#define TESTS_UNIT_MATCHER_RIG_H

#include "matcher/matcher.h"
#include "tests/unit/matcher_test.h"

static struct matcher_db *db;
static struct matcher *matcher;
static struct matcher_error error;

/* A database of these lists; cues may be NULL. The test unrefs it. */
static inline struct matcher_db *compile(const char *marks, const char *cues)
{
    struct matcher_lists *lists = NULL;
    struct matcher_db *made = NULL;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, marks, strlen(marks), &error), 0);
    if (cues != NULL)
        assert_int_equal(matcher_lists_add_cues(lists, cues, strlen(cues), &error), 0);
    assert_int_equal(matcher_db_compile(lists, &made, &error), 0);
    assert_null(matcher_lists_close(lists));
    return made;
}

/* Makes db and matcher; for the set-up of a group. */
static inline int matcher_rig_open(const char *marks, const char *cues)
{
    db = compile(marks, cues);
    assert_int_equal(matcher_open(&matcher), 0);
    assert_int_equal(matcher_use(matcher, db), 0);
    return 0;
}

/* The tear-down of a group. */
static inline int matcher_rig_close(void **state)
{
    (void)state;
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
    return 0;
}

/* The result of one listing of two fields, of which the second may be NULL. */
static inline struct matcher_result scan(const char *title, const char *description)
{
    struct matcher_field fields[2] = {{title, strlen(title)},
                                      {description, description == NULL ? 0 : strlen(description)}};
    struct matcher_result result;
    uint32_t index = 99;
    matcher_reset(matcher);
    assert_int_equal(matcher_add(matcher, fields, description == NULL ? 1 : 2, &index), 0);
    assert_int_equal(index, 0);
    matcher_scan(matcher);
    matcher_result(matcher, index, &result);
    return result;
}

#endif
