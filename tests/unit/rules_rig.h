/*
 * A database made of marks, cues and rules: what the tests of rules share.
 */
#ifndef TESTS_UNIT_RULES_RIG_H
#define TESTS_UNIT_RULES_RIG_H

#include <errno.h>
#include <stdio.h>

#include "matcher/matcher.h"
#include "matcher/rules.h"
#include "tests/unit/matcher_test.h"

static const char rig_marks[] = "mark_id\tmark\tcategory\tgeneric\n"
                                "bear\tFuzzbear\ttoys\t0\n"
                                "wand\tStarwand\ttoys\t0\n"
                                "coach\tCoach\tbags\t1\n";
static const char rig_cues[] = "cue_id\tphrase\tstrength\nrep\treplica\t3\n";

static inline struct matcher_lists *rig_lists(void)
{
    struct matcher_lists *lists = NULL;
    struct matcher_error error;
    assert_int_equal(matcher_lists_open(&lists), 0);
    assert_int_equal(matcher_lists_add_marks(lists, rig_marks, strlen(rig_marks), &error), 0);
    assert_int_equal(matcher_lists_add_cues(lists, rig_cues, strlen(rig_cues), &error), 0);
    return lists;
}

/* The first line of a text is its line 2, so that tests may begin it with a newline. */
static inline struct matcher_db *rig_compile(const char *yaml)
{
    struct matcher_lists *lists = rig_lists();
    struct matcher_db *made = NULL;
    struct matcher_error error = {.text = ""};
    if (matcher_lists_add_rules(lists, yaml, strlen(yaml), &error) < 0 ||
        matcher_db_compile(lists, &made, &error) < 0)
        fail_msg("%u:%u: %s", error.line, error.column, error.text);
    assert_null(matcher_lists_close(lists));
    return made;
}

/* What is wrong with a text, as "line:column: what": with its words, or when it is compiled. */
static inline const char *rig_error(const char *yaml)
{
    static char text[MATCHER_ERROR_BYTES + 32];
    struct matcher_lists *lists = rig_lists();
    struct matcher_db *made = NULL;
    struct matcher_error error = {.text = ""};
    int done = matcher_lists_add_rules(lists, yaml, strlen(yaml), &error);
    if (done == 0) {
        done = matcher_db_compile(lists, &made, &error);
        assert_true(done == 0 || error.source == 1);
    }
    assert_null(matcher_db_unref(made));
    assert_null(matcher_lists_close(lists));
    assert_true(done == 0 || done == -EINVAL);
    if (done == 0)
        return "";
    (void)snprintf(text, sizeof text, "%u:%u: %s", error.line, error.column, error.text);
    return text;
}

/* The result of one listing; description and facts may be NULL. */
static inline struct matcher_result rig_scan(struct matcher *matcher, const char *title,
                                             const char *description,
                                             const struct matcher_facts *facts)
{
    struct matcher_field fields[2] = {{title, strlen(title)},
                                      {description, description == NULL ? 0 : strlen(description)}};
    struct matcher_result result;
    uint32_t index = 99;
    matcher_reset(matcher);
    assert_int_equal(matcher_add(matcher, fields, description == NULL ? 1 : 2, &index), 0);
    if (facts != NULL)
        matcher_set_facts(matcher, index, facts);
    matcher_scan(matcher);
    matcher_result(matcher, index, &result);
    return result;
}

static struct matcher_db *db;
static struct matcher *matcher;

/* Uses the rules of a text from now on. */
static inline void use(const char *yaml)
{
    db = matcher_db_unref(db);
    matcher_reset(matcher);
    db = rig_compile(yaml);
    assert_int_equal(matcher_use(matcher, db), 0);
}

/* One rule r with these lines for Fuzzbear; yes and no are its examples. */
static inline void use_rule(const char *lines, const char *yes, const char *no)
{
    char yaml[4096];
    (void)snprintf(yaml, sizeof yaml,
                   "terms:\n  copy: [mirror, '1:1', super clone]\n  box: [carton, box]\n"
                   "sellers:\n"
                   "  few:\n"
                   "  - {platform: p, seller: s, from: 2026-01-01, until: 2026-02-01}\n"
                   "  - {platform: p, seller: s, from: 2026-03-01}\n"
                   "  - {platform: p, seller: old, until: 2020-01-01}\n"
                   "  - {platform: p, seller: always}\n"
                   "  - {platform: all}\n"
                   "rules:\n"
                   "- id: r\n"
                   "  rev: 7\n"
                   "  marks: bear\n"
                   "  class: counterfeit\n"
                   "%s\n"
                   "  examples: [%s]\n"
                   "  negative_examples: [%s]\n",
                   lines, yes, no);
    use(yaml);
}

/* Whether the first hit in the listing was given its class by a rule. */
static inline bool fires_with(const char *title, const char *description,
                              const struct matcher_facts *facts)
{
    struct matcher_result result = rig_scan(matcher, title, description, facts);
    assert_int_equal(result.outcome, MATCHER_OUTCOME_OK);
    return result.hits_count > 0 && result.hits[0].has_rule;
}

static inline bool fires(const char *title, const char *description)
{
    return fires_with(title, description, NULL);
}

static inline int open_matcher(void **state)
{
    (void)state;
    return matcher_open(&matcher);
}

static inline int close_matcher(void **state)
{
    (void)state;
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
    return 0;
}

#endif
