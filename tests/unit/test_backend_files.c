/* Files and pipes keep their contract on every real backend. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/backend.h"
#include "io/backend_posix.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

#define LIMIT_BYTES 65536u

static void done_never_comes_inside_the_call_that_started_it(void **state)
{
    struct backend *backend = probe_open(state, 2);
    struct probe read, send;
    char back[4] = {0};
    int ours = -1;
    int theirs = -1;
    int fd = probe_file();
    probe_socketpair(&ours, &theirs);
    assert_int_equal(probe_write(backend, fd, "abcd", 4, 0), 4);
    assert_int_equal(probe_sync(backend, fd), 0);
    probe_ready(&read);
    probe_ready(&send);
    assert_int_equal(backend->ops->send(backend, &send.op, ours, "xy", 2), 0);
    assert_int_equal(backend->ops->read(backend, &read.op, fd, back, 4, 0), 0);
    assert_int_equal(read.done_count + send.done_count, 0);
    probe_turn_until_ended(backend, &read);
    probe_turn_until_ended(backend, &send);
    assert_int_equal(send.last_result, 2);
    assert_memory_equal(back, "abcd", 4);
    (void)close(ours);
    (void)close(theirs);
    (void)close(fd);
    assert_null(backend_close(backend));
}

static void a_write_at_the_limit_is_short_and_the_rest_is_an_error_that_moves_nothing(void **state)
{
    struct backend *backend = probe_open(state, 0);
    unsigned char *bytes = malloc(LIMIT_BYTES + 100);
    unsigned char *back = malloc(LIMIT_BYTES + 100);
    struct rlimit limit;
    assert_non_null(bytes);
    assert_non_null(back);
    probe_fill(bytes, LIMIT_BYTES + 100, 0);
    int fd = probe_file();
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    assert_int_equal(sigaction(SIGXFSZ, &ignore, &before), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit tight = {.rlim_cur = LIMIT_BYTES, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    int whole = probe_write(backend, fd, bytes, 1000, 0);
    int cut = probe_write(backend, fd, bytes + 1000, LIMIT_BYTES, 1000);
    int refused = probe_write(backend, fd, bytes + LIMIT_BYTES, 100, LIMIT_BYTES);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(sigaction(SIGXFSZ, &before, NULL), 0);
    assert_int_equal(whole, 1000);
    assert_int_equal(cut, LIMIT_BYTES - 1000);
    assert_int_equal(refused, -EFBIG);
    assert_int_equal(backend->ops->size(backend, fd), LIMIT_BYTES);
    assert_int_equal(backend->ops->pread(backend, fd, back, LIMIT_BYTES + 100, 0), LIMIT_BYTES);
    assert_memory_equal(back, bytes, LIMIT_BYTES);
    free(bytes);
    free(back);
    (void)close(fd);
    assert_null(backend_close(backend));
}

static char refused_name[64];

static void note_refused(const char *path)
{
    (void)snprintf(refused_name, sizeof refused_name, "%s", path);
}

static void what_is_no_file_is_refused_by_name_and_not_waited_for(void **state)
{
    static const int ways[] = {O_RDONLY, O_WRONLY, O_RDWR, O_WRONLY | O_CREAT | O_TRUNC,
                               O_RDONLY | O_DIRECT};
    char folder[] = "/tmp/noticed-files.XXXXXX", file[64], fifo[64];
    struct backend *backend = probe_open(state, 0);

    backend->refused = note_refused;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/file", folder);
    (void)snprintf(fifo, sizeof fifo, "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    const char *const others[] = {fifo, "/dev/null", "/dev/full"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        for (size_t way = 0; way < sizeof ways / sizeof ways[0]; way++) {
            int fd = backend->ops->open(backend, AT_FDCWD, others[i], ways[way], 0600);
            if (fd == -EINVAL || fd == -EACCES) /* no such thing as a direct FIFO; not root */
                continue;
            assert_int_equal(fd, -BACKEND_NO_FILE);
            assert_string_equal(refused_name, others[i]);
            refused_name[0] = '\0';
        }
    /* A folder and a file are opened, and the file waits as ever. */
    int fd = backend->ops->open(backend, AT_FDCWD, folder, O_RDONLY, 0);
    assert_true(fd >= 0);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    fd = backend->ops->open(backend, AT_FDCWD, file, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_ACCMODE), O_RDWR);
    assert_int_equal(backend->ops->close_fd(backend, fd), 0);
    assert_string_equal(refused_name, "");
    (void)unlink(file);
    (void)unlink(fifo);
    (void)rmdir(folder);
    assert_null(backend_close(backend));
}

static void a_full_device_says_enospc(void **state)
{
    struct backend *backend = probe_open(state, 0);
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(probe_write(backend, fd, "x", 1, 0), -ENOSPC);
    (void)close(fd);
    assert_null(backend_close(backend));
}

static void writes_and_syncs_of_nothing_are_errors(void **state)
{
    struct backend *backend = probe_open(state, 0);
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_int_equal(probe_sync(backend, ends[1]), -EINVAL);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_int_equal(probe_sync(backend, ends[1]), -EBADF);
    assert_int_equal(probe_write(backend, ends[1], "x", 1, 0), -EBADF);
    assert_null(backend_close(backend));
}

static void a_pipe_is_read_as_its_bytes_come_and_to_its_end(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe read;
    char bytes[8];
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    probe_ready(&read);
    assert_int_equal(backend->ops->read(backend, &read.op, ends[0], bytes, sizeof(bytes), -1), 0);
    probe_turns(backend, 3);
    assert_int_equal(read.done_count, 0);
    assert_int_equal(write(ends[1], "abc", 3), 3);
    probe_turn_until_ended(backend, &read);
    assert_int_equal(read.last_result, 3);
    assert_memory_equal(bytes, "abc", 3);
    (void)close(ends[1]);
    assert_int_equal(backend->ops->read(backend, &read.op, ends[0], bytes, sizeof(bytes), -1), 0);
    probe_turn_until(backend, &read, 2);
    assert_int_equal(read.last_result, 0);
    (void)close(ends[0]);
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(backend->ops->read(backend, &read.op, null, bytes, sizeof(bytes), -1), 0);
    probe_turn_until(backend, &read, 3);
    assert_int_equal(read.last_result, 0);
    (void)close(null);
    assert_null(backend_close(backend));
}

static void a_waiting_pipe_read_can_be_cancelled(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct probe read;
    char bytes[8];
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    probe_ready(&read);
    assert_int_equal(backend->ops->read(backend, &read.op, ends[0], bytes, sizeof(bytes), -1), 0);
    probe_turns(backend, 2);
    backend->ops->cancel(backend, &read.op);
    probe_turn_until_ended(backend, &read);
    assert_int_equal(read.last_result, -ECANCELED);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_null(backend_close(backend));
}

static void more_ops_than_the_ring_holds_all_complete_and_too_many_are_refused(void **state)
{
    struct backend *backend = probe_open(state, 0);
    struct backend_op extra = {0};
    static char bytes[BACKEND_OPS_MAX];
    struct probe *probes = calloc(BACKEND_OPS_MAX, sizeof(struct probe));
    assert_non_null(probes);
    int fd = probe_file();
    for (unsigned i = 0; i < BACKEND_OPS_MAX; i++) {
        bytes[i] = (char)probe_byte(i);
        probe_ready(&probes[i]);
        assert_int_equal(backend->ops->write(backend, &probes[i].op, fd, &bytes[i], 1, i), 0);
    }
    extra.done = probes[0].op.done;
    assert_int_equal(backend->ops->sync(backend, &extra, fd), -EAGAIN);
    for (unsigned i = 0; i < BACKEND_OPS_MAX; i++) {
        probe_turn_until_ended(backend, &probes[i]);
        assert_int_equal(probes[i].last_result, 1);
    }
    static char back[BACKEND_OPS_MAX];
    assert_int_equal(backend->ops->pread(backend, fd, back, sizeof(back), 0), sizeof(back));
    assert_memory_equal(back, bytes, sizeof(bytes));
    free(probes);
    (void)close(fd);
    assert_null(backend_close(backend));
}

/* done() that starts the same op again until it has run 1,000 times. */
struct repeater {
    struct backend_op op;
    struct backend *backend;
    int fd;
    unsigned runs;
};

static void repeat(struct backend_op *op, const struct backend_completion *completion)
{
    struct repeater *repeater = (struct repeater *)op;
    assert_int_equal(completion->result, 1);
    if (++repeater->runs < 1000)
        assert_int_equal(repeater->backend->ops->write(repeater->backend, op, repeater->fd, "x", 1,
                                                       repeater->runs),
                         0);
}

static void an_op_may_be_started_again_from_its_done(void **state)
{
    struct repeater repeater = {.op.done = repeat, .backend = probe_open(state, 0)};
    repeater.fd = probe_file();
    const struct backend_ops *ops = repeater.backend->ops;
    assert_int_equal(ops->write(repeater.backend, &repeater.op, repeater.fd, "x", 1, 0), 0);
    for (unsigned i = 0; i < 10000 && repeater.runs < 1000; i++)
        assert_int_equal(ops->turn(repeater.backend, 1000000000), 0);
    assert_int_equal(repeater.runs, 1000);
    assert_int_equal(ops->size(repeater.backend, repeater.fd), 1000);
    (void)close(repeater.fd);
    assert_null(backend_close(repeater.backend));
}

static void who_sets_the_clock_is_told_by_what_it_keeps_and_timesyncd_last(void **state)
{
    static const char *const keeps[][2] = {
        {"systemd/timesync", "timesyncd"}, {"ntpd.pid", "ntpd"}, {"chrony", "chrony"}};
    char run[] = "/tmp/test_backend.XXXXXX";

    (void)state;
    assert_non_null(mkdtemp(run));
    int fd = open(run, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(mkdirat(fd, "systemd", 0755), 0);
    assert_null(backend_posix_discipline(run));
    for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]); i++) {
        assert_int_equal(mkdirat(fd, keeps[i][0], 0000), 0); /* closed to others */
        assert_string_equal(backend_posix_discipline(run), keeps[i][1]);
    }
    for (size_t i = 0; i < sizeof(keeps) / sizeof(keeps[0]); i++)
        assert_int_equal(unlinkat(fd, keeps[i][0], AT_REMOVEDIR), 0);
    assert_int_equal(unlinkat(fd, "systemd", AT_REMOVEDIR), 0);
    (void)close(fd);
    assert_int_equal(rmdir(run), 0);
    assert_null(backend_posix_discipline(run));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_sets_the_clock_is_told_by_what_it_keeps_and_timesyncd_last),
        PROBE_ON_EACH(done_never_comes_inside_the_call_that_started_it),
        PROBE_ON_EACH(a_write_at_the_limit_is_short_and_the_rest_is_an_error_that_moves_nothing),
        PROBE_ON_EACH(what_is_no_file_is_refused_by_name_and_not_waited_for),
        PROBE_ON_EACH(a_full_device_says_enospc),
        PROBE_ON_EACH(writes_and_syncs_of_nothing_are_errors),
        PROBE_ON_EACH(a_pipe_is_read_as_its_bytes_come_and_to_its_end),
        PROBE_ON_EACH(a_waiting_pipe_read_can_be_cancelled),
        PROBE_ON_EACH(more_ops_than_the_ring_holds_all_complete_and_too_many_are_refused),
        PROBE_ON_EACH(an_op_may_be_started_again_from_its_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
