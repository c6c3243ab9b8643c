/* Who waited for a processor longer than it had one waits some more; nobody else does. */
#include <string.h>

#include "daemon/ctl/courtesy.h"
#include "tests/fakes/test.h"

static bool judge(struct courtesy *courtesy, const char *text)
{
    return courtesy_judge(courtesy, text, strlen(text));
}

static void it_asks_to_wait_when_others_had_the_processor(void **state)
{
    (void)state;
    struct courtesy courtesy = {.fd = -1};
    assert_false(judge(&courtesy, "1000 1000 1\n")); /* as long as it had one */
    assert_true(judge(&courtesy, "1100 1101 2\n"));  /* 100 on it, 101 before it */
    assert_false(judge(&courtesy, "2000 1200 3\n"));
    assert_false(judge(&courtesy, "2000 1200 3\n")); /* nothing happened */
    assert_true(judge(&courtesy, "2000 1201 4\n"));
    assert_false(courtesy_asks_to_wait(&courtesy)); /* the kernel does not say */
}

static void what_the_kernel_never_says_changes_nothing(void **state)
{
    (void)state;
    struct courtesy courtesy = {.fd = -1};
    static const char *const texts[] = {"",        "1",       "1 ",     "1 2",
                                        "x 2 3\n", "1 x 3\n", " 1 2 3", "-1 2 3"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(judge(&courtesy, texts[i]));
    assert_int_equal(courtesy.run_ns, 0);
    assert_int_equal(courtesy.delay_ns, 0);
}

static void this_kernel_is_understood(void **state)
{
    (void)state;
    struct courtesy courtesy = courtesy_begin();
    if (courtesy.fd == -1)
        skip();
    (void)courtesy_asks_to_wait(&courtesy); /* whatever it says */
    assert_true(courtesy.run_ns > 0);
    courtesy_end(&courtesy);
    assert_int_equal(courtesy.fd, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_asks_to_wait_when_others_had_the_processor),
        cmocka_unit_test(what_the_kernel_never_says_changes_nothing),
        cmocka_unit_test(this_kernel_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
