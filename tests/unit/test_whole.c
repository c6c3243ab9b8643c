/*
 * A small file, whole. Goal: after any failed call and any power loss the name holds the old bytes
 * or the new ones, and the new ones once the call has succeeded. Method: the simulated disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "io/backend_sim.h"
#include "io/whole.h"
#include "tests/fakes/test.h"

#define OLD_LEN 700u /* more than a sector */
#define NEW_LEN 1500u

static char old_bytes[OLD_LEN], new_bytes[NEW_LEN];

static struct backend *begin(uint64_t seed, int *ret_dir_fd)
{
    struct backend *backend = NULL;

    memset(old_bytes, 'o', sizeof(old_bytes));
    memset(new_bytes, 'n', sizeof(new_bytes));
    assert_int_equal(backend_sim_open(seed, 0, &backend), 0);
    assert_int_equal(backend->ops->mkdir(backend, AT_FDCWD, "d", 0750), 0);
    *ret_dir_fd = backend->ops->open(backend, AT_FDCWD, "d", O_RDONLY | O_DIRECTORY, 0);
    assert_true(*ret_dir_fd >= 0);
    int above = backend->ops->open(backend, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY, 0);
    assert_true(above >= 0);
    assert_int_equal(backend->ops->sync_now(backend, above), 0);
    assert_int_equal(whole_put(backend, *ret_dir_fd, "tmp", "name", 0644, old_bytes, OLD_LEN), 0);
    return backend;
}

/* Whether the name holds the new bytes; else it must hold the old ones. */
static bool is_new(struct backend *backend)
{
    char bytes[NEW_LEN + 1];
    int fd = backend->ops->open(backend, AT_FDCWD, "d/name", O_RDONLY, 0);

    assert_true(fd >= 0);
    ssize_t len = backend->ops->pread(backend, fd, bytes, sizeof(bytes), 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    if (len == NEW_LEN) {
        assert_memory_equal(bytes, new_bytes, NEW_LEN);
        return true;
    }
    assert_int_equal(len, OLD_LEN);
    assert_memory_equal(bytes, old_bytes, OLD_LEN);
    return false;
}

static void what_was_put_is_there_after_a_power_loss(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct backend *after = NULL;
        int dir_fd;
        struct backend *backend = begin(seed, &dir_fd);
        backend_sim_fail(backend, BACKEND_SIM_WRITE, 1, 1, 100); /* a short write is gone on with */
        assert_int_equal(whole_put(backend, dir_fd, "tmp", "name", 0644, new_bytes, NEW_LEN), 0);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
        assert_null(backend_close(backend));
        assert_true(is_new(after));
        assert_null(backend_close(after));
    }
}

static void a_call_that_fails_leaves_the_old_bytes_or_the_new_ones(void **state)
{
    static const struct {
        enum backend_sim_call call;
        unsigned calls;
    } kinds[] = {{BACKEND_SIM_OPEN, 1},
                 {BACKEND_SIM_WRITE, 1},
                 {BACKEND_SIM_SYNC, 2},
                 {BACKEND_SIM_RENAME, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        for (unsigned nth = 1; nth <= kinds[i].calls; nth++) {
            for (uint64_t seed = 1; seed <= 50; seed++) {
                struct backend *after = NULL;
                int dir_fd;
                struct backend *backend = begin(seed, &dir_fd);
                backend_sim_fail(backend, kinds[i].call, nth, 1, -EIO);
                assert_int_equal(
                    whole_put(backend, dir_fd, "tmp", "name", 0644, new_bytes, NEW_LEN), -EIO);
                assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
                assert_null(backend_close(backend));
                bool renamed = kinds[i].call == BACKEND_SIM_SYNC && nth == 2;
                assert_true(!is_new(after) || renamed);
                assert_null(backend_close(after));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_is_there_after_a_power_loss),
        cmocka_unit_test(a_call_that_fails_leaves_the_old_bytes_or_the_new_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
