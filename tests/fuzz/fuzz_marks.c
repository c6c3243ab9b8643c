/*
 * Fuzzes the lists: any bytes are read or refused with a line and a column inside them, and a
 * refusal leaves nothing behind. What was read is compiled if it is small, and matched against
 * itself.
 */
#include <assert.h>
#include <string.h>

#include "matcher/lists.h"
#include "matcher/matcher.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void match_itself(const struct matcher_lists *lists, const char *text, size_t len)
{
    struct matcher_db *db = NULL;
    struct matcher *matcher = NULL;
    struct matcher_error error;
    struct matcher_result result;
    struct matcher_field field = {text, len};
    uint32_t index = 0;
    if (matcher_db_compile(lists, &db, &error) < 0)
        return;
    assert(matcher_open(&matcher) == 0);
    assert(matcher_use(matcher, db) == 0);
    assert(matcher_add(matcher, &field, 1, &index) == 0);
    matcher_scan(matcher);
    matcher_result(matcher, index, &result);
    assert(result.outcome != MATCHER_OUTCOME_FAILED);
    assert(result.hits_count <= MATCHER_HITS_MAX && result.hits_count <= result.hits_total);
    for (size_t i = 0; i < result.hits_count; i++) {
        assert(result.hits[i].span.from < result.hits[i].span.to);
        assert(result.hits[i].span.to <= len);
        assert(result.hits[i].mark < matcher_db_marks_count(db));
    }
    matcher = matcher_close(matcher);
    db = matcher_db_unref(db);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct matcher_lists *lists = NULL;
    struct matcher_error error;
    const char *text = (const char *)data;
    if (len > 65536)
        return 0;
    assert(matcher_lists_open(&lists) == 0);
    int marks = matcher_lists_add_marks(lists, text, len, &error);
    assert(marks == 0 || (lists->marks_count == 0 && lists->forms_count == 0));
    assert(marks == 0 || (memchr(error.text, '\0', sizeof error.text) != NULL && error.line > 0 &&
                          error.column > 0 && error.line <= len + 1));
    size_t arena = lists->arena_len;
    int cues = matcher_lists_add_cues(lists, text, len, &error);
    assert(cues == 0 || (lists->cues_count == 0 && lists->arena_len == arena));
    if (marks == 0 && lists->marks_count > 0 && lists->forms_count < 40)
        match_itself(lists, text, len);
    lists = matcher_lists_close(lists);
    return 0;
}
