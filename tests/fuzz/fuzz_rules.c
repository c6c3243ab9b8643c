/*
 * Fuzzes rules: any bytes are read or refused with a line and a column inside them, and a refusal
 * leaves nothing behind. What was read is compiled if it is small, without its expressions, and
 * evaluated over its own text.
 */
#include <assert.h>
#include <string.h>

#include "matcher/db.h"
#include "matcher/lists.h"
#include "matcher/rules_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char marks[] = "mark_id\tmark\tcategory\tgeneric\n"
                            "a\tFuzzbear\ttoys\t0\nb\tCoach\tbags\t1\nc\tx\ttoys\t0\n";

static void ignore_problem(void *context, const struct matcher_error *error)
{
    size_t *lines = context;
    assert(memchr(error->text, '\0', sizeof error->text) != NULL);
    assert(error->line > 0 && error->column > 0);
    assert(error->line <= *lines + 1); /* the end of the text is behind its last line */
}

static void evaluate(const struct matcher_lists *lists, const char *text, size_t len)
{
    struct matcher_db *db = NULL;
    struct matcher *matcher = NULL;
    struct matcher_error error;
    struct matcher_result result;
    struct matcher_field fields[2] = {{text, len / 2}, {text + len / 2, len - len / 2}};
    const struct matcher_facts facts = {.platform = text,
                                        .platform_len = len < 4 ? len : 4,
                                        .price = text,
                                        .price_len = len < 8 ? len : 8,
                                        .currency = "USD",
                                        .currency_len = 3};
    uint32_t index = 0;
    if (db_compile(lists, &db, &error) < 0)
        return;
    assert(matcher_open(&matcher) == 0);
    assert(matcher_use(matcher, db) == 0);
    assert(matcher_add(matcher, fields, 2, &index) == 0);
    matcher_set_facts(matcher, index, &facts);
    matcher_scan(matcher);
    matcher_result(matcher, index, &result);
    assert(result.outcome != MATCHER_OUTCOME_FAILED);
    for (size_t i = 0; i < result.hits_count; i++) {
        const struct matcher_hit *hit = &result.hits[i];
        assert(hit->span.from < hit->span.to);
        assert(hit->mark != MATCHER_NO_MARK || hit->has_rule);
        assert(!hit->has_rule || matcher_db_rule(db, hit->rule).class == hit->class);
    }
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct matcher_lists *lists = NULL;
    struct matcher_error error;
    static char text[16384 + MATCHER_SLACK_BYTES];
    size_t lines = 1;
    if (len > 16384)
        return 0;
    memcpy(text, data, len);
    memset(text + len, 0, MATCHER_SLACK_BYTES);
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n' || text[i] == '\r';
    assert(matcher_lists_open(&lists) == 0);
    assert(matcher_lists_add_marks(lists, marks, strlen(marks), &error) == 0);
    size_t arena = lists->arena_len;
    int done = rules_read(lists, text, len, ignore_problem, &lines);
    assert(done == 0 || (lists->arena_len == arena && lists->rules->count == 0 &&
                         lists->rules->nodes_count == 0 && lists->rules->phrases_count == 0));
    bool small = done == 0 && lists->rules->regexes_count == 0 && lists->rules->phrases_count < 40;
    if (small) {
        (void)rules_check_reach(lists, ignore_problem, &lines); /* only that it ends matters */
        evaluate(lists, text, len);
    }
    lists = matcher_lists_close(lists);
    return 0;
}
