/*
 * Where the event stands in a record: found as the outer member only, whatever texts say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/record_event.h"
#include "tests/fakes/test.h"

/* The event of the line, with ' for ", or NULL. */
static void finds(const char *line, const char *expected)
{
    char bytes[512], want[512] = "";
    const char *at = NULL;
    size_t len = 0;
    assert_true(strlen(line) < sizeof bytes);
    for (size_t i = 0; i <= strlen(line); i++)
        bytes[i] = line[i] == '\'' ? '"' : line[i];
    /* A copy of just this size, so that a byte past its end is seen by the sanitizer. */
    char *exact = malloc(strlen(line) > 0 ? strlen(line) : 1);
    assert_non_null(exact);
    memcpy(exact, bytes, strlen(line));
    bool found = record_event_find(exact, strlen(line), &at, &len);
    assert_int_equal(found, expected != NULL);
    for (size_t i = 0; expected != NULL && i <= strlen(expected); i++)
        want[i] = expected[i] == '\'' ? '"' : expected[i];
    if (found) {
        assert_int_equal(len, strlen(want));
        assert_memory_equal(at, want, len);
    }
    free(exact);
}

static void an_event_is_found_wherever_it_stands(void **state)
{
    (void)state;
    finds("{'v':1,'event':{'id':'a'}}", "{'id':'a'}");
    finds("{'event':{'id':'a','x':[{}]},'v':1}", "{'id':'a','x':[{}]}");
    finds("{'a':[1,{'b':2}],'event':{}}", "{}");
}

static void what_texts_and_inner_members_say_is_no_event(void **state)
{
    (void)state;
    finds("{'title':'\\\"event\\\":{}'}", NULL);
    finds("{'hits':[{'event':{'id':'a'}}]}", NULL);
    finds("{'a':{'event':{'id':'a'}},'event':{'id':'b'}}", "{'id':'b'}");
    finds("{'a':'event','b':{}}", NULL);
    finds("{'event':'none'}", NULL);
    finds("{'event':{'t':'}'}}", "{'t':'}'}");
    finds("{'event':{'t':'\\\\'}}", "{'t':'\\\\'}");
}

static void what_is_not_closed_is_no_event(void **state)
{
    (void)state;
    finds("", NULL);
    finds("{", NULL);
    finds("{'event':{", NULL);
    finds("{'event':{'a':'", NULL);
    finds("{'event':{'a':'\\", NULL);
    finds("{'a':[1,2", NULL);
    finds("['event':{}]", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_found_wherever_it_stands),
        cmocka_unit_test(what_texts_and_inner_members_say_is_no_event),
        cmocka_unit_test(what_is_not_closed_is_no_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
