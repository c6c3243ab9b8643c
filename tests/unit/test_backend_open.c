/* Which backend opens where, and what its ring refuses. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/backend.h"
#include "io/backend_uring.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

#define CHILD_POLL  100
#define CHILD_URING 101
#define CHILD_BAD   102

/* Makes io_uring_setup give this error in the calling process and its children. */
static int forbid_uring(unsigned error)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(code) / sizeof(code[0]), .filter = code};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
        return -errno;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == -1 ? -errno : 0;
}

/* What a process gets in which io_uring_setup fails with error: CHILD_ or the positive errno. */
static int opened_where_uring_gives(unsigned error, enum backend_kind kind)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct backend *backend = NULL;
        if (forbid_uring(error) < 0)
            _exit(CHILD_BAD);
        int rc = backend_open(kind, 2, &backend);
        if (rc < 0)
            _exit(-rc);
        int found = strcmp(backend->ops->name, "poll") == 0 ? CHILD_POLL : CHILD_URING;
        int fd = probe_file();
        if (probe_write(backend, fd, "x", 1, 0) != 1 || probe_sync(backend, fd) != 0)
            found = CHILD_BAD;
        (void)backend_close(backend); /* always NULL */
        _exit(found);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void auto_falls_back_only_where_uring_is_missing_or_forbidden(void **state)
{
    (void)state;
    assert_int_equal(opened_where_uring_gives(EPERM, BACKEND_AUTO), CHILD_POLL);
    assert_int_equal(opened_where_uring_gives(ENOSYS, BACKEND_AUTO), CHILD_POLL);
    assert_int_equal(opened_where_uring_gives(EINVAL, BACKEND_AUTO), CHILD_POLL);
    assert_int_equal(opened_where_uring_gives(ENOMEM, BACKEND_AUTO), ENOMEM);
    assert_int_equal(opened_where_uring_gives(EMFILE, BACKEND_AUTO), EMFILE);
    assert_int_equal(opened_where_uring_gives(ENFILE, BACKEND_AUTO), ENFILE);
}

static void uring_is_strict_and_poll_never_asks(void **state)
{
    (void)state;
    assert_int_equal(opened_where_uring_gives(EPERM, BACKEND_URING), EPERM);
    assert_int_equal(opened_where_uring_gives(ENOSYS, BACKEND_URING), ENOSYS);
    assert_int_equal(opened_where_uring_gives(EPERM, BACKEND_POLL), CHILD_POLL);
}

static void a_failed_open_leaves_nothing_behind(void **state)
{
    (void)state;
    struct backend *backend = NULL;
    int before = dup(0);
    (void)close(before);
    assert_int_equal(backend_open(BACKEND_AUTO, 3, &backend), -EINVAL);
    assert_int_equal(backend_open(BACKEND_URING, 2 * BACKEND_BUFFERS_MAX, &backend), -EINVAL);
    assert_int_equal(backend_open(BACKEND_POLL, 6, &backend), -EINVAL);
    assert_int_equal(backend_open(BACKEND_SIM, 2, &backend), -EINVAL);
    assert_null(backend);
    int after = dup(0);
    (void)close(after);
    assert_int_equal(after, before);
}

static void the_ring_refuses_every_op_that_the_backend_does_not_need(void **state)
{
    static const uint8_t allowed[] = {IORING_OP_ACCEPT,   IORING_OP_RECV,        IORING_OP_SEND,
                                      IORING_OP_READ,     IORING_OP_WRITE,       IORING_OP_FSYNC,
                                      IORING_OP_POLL_ADD, IORING_OP_ASYNC_CANCEL};
    struct backend *backend = probe_open(state, 2);
    unsigned refused = 0;
    for (uint8_t opcode = 0; opcode < IORING_OP_LAST; opcode++) {
        int answer = backend_uring_ask(backend, opcode);
        if (memchr(allowed, opcode, sizeof(allowed)) == NULL) {
            assert_int_equal(answer, -EACCES);
            refused++;
        } else {
            assert_int_not_equal(answer, -EACCES);
        }
    }
    assert_int_equal(backend_uring_ask(backend, IORING_OP_OPENAT), -EACCES);
    assert_int_equal(backend_uring_ask(backend, IORING_OP_SOCKET), -EACCES);
    assert_true(refused > 30);
    assert_null(backend_close(backend));
}

static void the_names_of_the_kinds_are_known_and_no_others(void **state)
{
    (void)state;
    enum backend_kind kind = BACKEND_SIM;
    assert_int_equal(backend_kind_parse("auto", &kind), 0);
    assert_int_equal(kind, BACKEND_AUTO);
    assert_int_equal(backend_kind_parse("uring", &kind), 0);
    assert_int_equal(kind, BACKEND_URING);
    assert_int_equal(backend_kind_parse("poll", &kind), 0);
    assert_int_equal(kind, BACKEND_POLL);
    assert_int_equal(backend_kind_parse("sim", &kind), -EINVAL);
    assert_int_equal(backend_kind_parse("", &kind), -EINVAL);
    assert_int_equal(backend_kind_parse("Poll", &kind), -EINVAL);
    assert_int_equal(kind, BACKEND_POLL);
    assert_true(backend_bytes(256) > 256u * BACKEND_BUFFER_BYTES);
    assert_true(backend_bytes(0) < 2u << 20);
}

static void one_thread_may_have_many_one_after_another_and_at_once(void **state)
{
    struct backend *backends[40];
    int fd = probe_file();
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 40; i++)
            backends[i] = probe_open(state, 2);
        for (unsigned i = 0; i < 40; i++)
            assert_int_equal(probe_write(backends[i], fd, "x", 1, i), 1);
        for (unsigned i = 0; i < 40; i++)
            assert_null(backend_close(backends[i]));
    }
    (void)close(fd);
}

static void *serve_alone(void *context)
{
    struct backend *backend = probe_open(&context, 4);
    int fd = probe_file();
    for (unsigned i = 0; i < 200; i++) {
        assert_int_equal(probe_write(backend, fd, "x", 1, i), 1);
        assert_int_equal(probe_sync(backend, fd), 0);
    }
    (void)close(fd);
    assert_null(backend_close(backend));
    return NULL;
}

static void each_thread_has_its_own(void **state)
{
    pthread_t threads[3];
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, serve_alone, *state), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static int count_names(void *context, const char *entry)
{
    unsigned *count = context;
    (*count)++;
    return strcmp(entry, "b") == 0 ? 7 : 0;
}

static void the_synchronous_calls_are_those_of_the_kernel(void **state)
{
    struct backend *backend = probe_open(state, 0);
    const struct backend_ops *ops = backend->ops;
    struct backend_clock_state clock;
    char folder[] = "/tmp/test_backend.XXXXXX";
    unsigned char random[2][32] = {{0}};
    struct stat status;
    unsigned names = 0;
    assert_non_null(mkdtemp(folder));
    int dir = ops->open(backend, AT_FDCWD, folder, O_RDONLY | O_DIRECTORY, 0);
    int fd = ops->open(backend, dir, "a", O_RDWR | O_CREAT | O_EXCL, 0640);
    assert_true(fd >= 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(ops->allocate(backend, fd, 0, 100000), 0);
    assert_int_equal(ops->size(backend, fd), 0);
    assert_int_equal(ops->pwrite(backend, fd, "abc", 3, 5), 3);
    assert_int_equal(ops->size(backend, fd), 8);
    assert_int_equal(ops->truncate(backend, fd, 6), 0);
    assert_int_equal(ops->size(backend, fd), 6);
    assert_int_equal(ops->sync_now(backend, fd), 0);
    assert_int_equal(ops->sync_now(backend, dir), 0);
    assert_int_equal(ops->lock(backend, fd), 0);
    int other = ops->open(backend, dir, "a", O_RDWR, 0);
    assert_int_equal(ops->lock(backend, other), -EWOULDBLOCK);
    assert_int_equal(ops->close_fd(backend, fd), 0);
    assert_int_equal(ops->lock(backend, other), 0);
    assert_int_equal(ops->close_fd(backend, other), 0);
    assert_int_equal(ops->close_fd(backend, other), -EBADF);
    assert_int_equal(ops->mkdir(backend, dir, "d", 0750), 0);
    assert_int_equal(ops->mkdir(backend, dir, "d", 0750), -EEXIST);
    assert_int_equal(ops->symlink(backend, dir, "a", "l"), 0);
    assert_int_equal(ops->list(backend, dir, count_names, &names), 0);
    assert_int_equal(names, 3);
    assert_int_equal(ops->rename(backend, dir, "a", "b"), 0);
    assert_int_equal(ops->list(backend, dir, count_names, &names), 7);
    assert_int_equal(ops->list(backend, -1, count_names, &names), -EBADF);
    assert_int_equal(fstatat(dir, "b", &status, 0), 0);
    struct backend_time first = ops->now(backend);
    assert_true(first.wall_ns > 1700000000000000000);
    assert_true(ops->now(backend).boot_ns >= first.boot_ns);
    int rc = ops->clock_state(backend, &clock);
    assert_true(rc == 0 || rc == -EPERM);
    if (rc == 0)
        assert_in_range(clock.state, 0, 5);
    assert_int_equal(ops->random(backend, random[0], 32), 0);
    assert_int_equal(ops->random(backend, random[1], 32), 0);
    assert_memory_not_equal(random[0], random[1], 32);
    assert_int_equal(ops->unlink(backend, dir, "b", 0), 0);
    assert_int_equal(ops->unlink(backend, dir, "b", 0), -ENOENT);
    assert_int_equal(ops->unlink(backend, dir, "l", 0), 0);
    assert_int_equal(ops->unlink(backend, dir, "d", 0), -EISDIR);
    assert_int_equal(ops->unlink(backend, dir, "d", AT_REMOVEDIR), 0);
    assert_int_equal(ops->close_fd(backend, dir), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_falls_back_only_where_uring_is_missing_or_forbidden),
        cmocka_unit_test(uring_is_strict_and_poll_never_asks),
        cmocka_unit_test(a_failed_open_leaves_nothing_behind),
        cmocka_unit_test_prestate(the_ring_refuses_every_op_that_the_backend_does_not_need,
                                  &probe_kinds[0]),
        cmocka_unit_test(the_names_of_the_kinds_are_known_and_no_others),
        PROBE_ON_EACH(one_thread_may_have_many_one_after_another_and_at_once),
        PROBE_ON_EACH(each_thread_has_its_own),
        PROBE_ON_EACH(the_synchronous_calls_are_those_of_the_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
