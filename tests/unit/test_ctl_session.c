/* A session's lines are counted through all inputs, also those that are not sent again. */
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/sender.h"
#include "tests/fakes/test.h"
#include "tests/unit/sender_rig.h"

/* The lines before the first one of a session's rest are counted, not sent; a newline that is added
   ends the right one. */
static void lines_before_the_first_are_passed_over(void **state)
{
    (void)state;
    static const char *const want[] = {"1\n2\n3\n4\n", "2\n3\n4\n", "3\n4\n", "4\n", "", ""};
    for (uint64_t first = 1; first <= 6; first++) {
        struct scene scene;
        begin_with(&scene,
                   &(struct sender_hello){.source = "test", .session = "s.1", .first = first});
        assert_int_equal(send_all(&scene, file_of("1\n2", 3)), 1);
        assert_int_equal(send_all(&scene, file_of("3\n4\n", 4)), 0);
        sender_finish(scene.sender);
        drain(&scene);
        char hello[128];
        int len = snprintf(hello, sizeof hello,
                           "{\"noticed\":1,\"source\":\"test\",\"ack\":true,\"matches\":true,"
                           "\"session\":\"s.1\",\"first\":%llu}\n%s",
                           (unsigned long long)first, want[first - 1]);
        assert_int_equal(scene.got_len, len);
        assert_memory_equal(scene.got, hello, scene.got_len);
        assert_int_equal(sender_counts(scene.sender).lines, 4);
        if (first <= 4)
            daemon_says(&scene, "{\"ack\":4,\"matches\":0}\n");
        drain(&scene);
        assert_int_equal(sender_state(scene.sender), SENDER_DONE);
        end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_before_the_first_are_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
