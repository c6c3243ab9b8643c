/*
 * The compiler process: answers, bad lists, and what is left when it is gone.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "daemon/compiler.h"
#include "tests/unit/ruleset_rig.h"

static const struct compiler_limits limits = {.seconds = 60, .mebibytes = 4096};
static struct compiler *compiler;
static char text[RULESET_ERROR_BYTES];

static int open_both(void **state)
{
    return rig_open(state) == 0 ? compiler_open(&compiler) : -1; /* it inherits the lists */
}

static int close_both(void **state)
{
    compiler = compiler_close(compiler);
    return rig_close(state);
}

/* Sends the lists and waits for the answer. */
static int compile(struct ruleset **ret_ruleset)
{
    struct pollfd readable = {.fd = compiler_fd(compiler), .events = POLLIN};
    int result = compiler_request(compiler, rig_files, 2, &limits);
    if (result < 0)
        return result;
    assert_int_equal(poll(&readable, 1, 60000), 1);
    return compiler_result(compiler, ret_ruleset, text);
}

static void lists_come_back_as_a_set(void **state)
{
    (void)state;
    struct ruleset *made = NULL;
    rig_write_good();
    assert_int_equal(compiler_result(compiler, &made, text), -EAGAIN);
    assert_int_equal(compile(&made), 0);
    assert_int_equal(matcher_db_marks_count(made->db), 2);
    assert_int_equal(matcher_db_rules_count(made->db), 1);
    assert_null(ruleset_free(made));
    assert_true(compiler_alive(compiler));
}

static void a_bad_list_is_named_and_the_next_good_one_is_taken(void **state)
{
    (void)state;
    struct ruleset *made = NULL;
    char want[160];
    rig_write_good();
    rig_write(0, "mark_id\tmark\nM1\tSquishmallow\nM\x1B\tJellycat\n");
    assert_int_equal(compile(&made), -EINVAL);
    (void)snprintf(want, sizeof want, "%s:3:2: holds the control character 0x1b", rig_paths[0]);
    assert_string_equal(text, want);
    assert_null(made);
    rig_write_good();
    assert_int_equal(compile(&made), 0);
    assert_null(ruleset_free(made));
}

/* The only child of this process. */
static pid_t child(void)
{
    char path[64];
    long pid = 0;
    (void)snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    char line[64] = "";
    if (fgets(line, sizeof line, file) != NULL)
        pid = strtol(line, NULL, 10);
    (void)fclose(file); /* only read */
    return (pid_t)pid;
}

static void a_compiler_that_is_gone_is_an_error_and_no_wait(void **state)
{
    (void)state;
    struct ruleset *made = NULL;
    pid_t pid = child();
    if (pid <= 0)
        skip();
    assert_int_equal(kill(pid, SIGKILL), 0);
    struct pollfd closed = {.fd = compiler_fd(compiler), .events = POLLIN};
    assert_int_equal(poll(&closed, 1, 60000), 1);
    assert_int_equal(compiler_result(compiler, &made, text), -EPIPE);
    assert_string_equal(text, "the compiler process is gone");
    assert_false(compiler_alive(compiler));
    assert_int_equal(compile(&made), -EPIPE);
    assert_null(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_come_back_as_a_set),
        cmocka_unit_test(a_bad_list_is_named_and_the_next_good_one_is_taken),
        cmocka_unit_test(a_compiler_that_is_gone_is_an_error_and_no_wait),
    };
    return cmocka_run_group_tests(tests, open_both, close_both);
}
