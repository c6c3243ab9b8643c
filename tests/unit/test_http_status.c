/*
 * What an HTTP status says of a listing: a page that was not served shows nothing.
 */
#include <string.h>

#include "daemon/http_status.h"
#include "tests/fakes/test.h"

static const char *fault(const char *status, const char *state)
{
    return http_status_fault(status, strlen(status), state, state == NULL ? 0 : strlen(state));
}

static void only_404_and_410_say_that_it_is_gone(void **state)
{
    unsigned gone = 0;
    (void)state;
    for (unsigned code = 100; code < 600; code++) {
        char text[4] = {(char)('0' + code / 100), (char)('0' + code / 10 % 10),
                        (char)('0' + code % 10), '\0'};
        bool says_gone = http_status_gone(text, 3);
        gone += says_gone ? 1 : 0;
        assert_int_equal(says_gone, code == 404 || code == 410);
        assert_int_equal(fault(text, NULL) == NULL, code / 100 == 2 || says_gone);
        assert_null(fault(text, "gone")); /* a page may say so itself, whatever it came with */
        assert_int_equal(fault(text, "active") == NULL, !says_gone);
    }
    assert_int_equal(gone, 2);
}

static void what_is_no_status_is_refused(void **state)
{
    static const char *const texts[] = {"",    "2",   "20",  "2000", "600", "099",
                                        "2x0", "20 ", "-20", "2.0",  "abc", "4e2"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_string_equal(fault(texts[i], "active"), "is no HTTP status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_404_and_410_say_that_it_is_gone),
        cmocka_unit_test(what_is_no_status_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
