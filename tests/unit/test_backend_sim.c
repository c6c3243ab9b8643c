/* The sim forgets what was not synced, fails when told, and repeats itself from its seed. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "io/backend_sim.h"
#include "tests/fakes/backend_probe.h"
#include "tests/fakes/test.h"

#define LEN 8192u

static struct backend *opened(uint64_t seed)
{
    struct backend *backend = NULL;
    assert_int_equal(backend_sim_open(seed, 4, &backend), 0);
    return backend;
}

static int create(struct backend *backend, const char *path)
{
    int fd = backend->ops->open(backend, AT_FDCWD, path, O_RDWR | O_CREAT, 0640);
    assert_true(fd >= BACKEND_SIM_FD_FIRST);
    return fd;
}

static void sync_root(struct backend *backend)
{
    int root = backend->ops->open(backend, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);
    assert_true(root >= 0);
    assert_int_equal(backend->ops->sync_now(backend, root), 0);
    assert_int_equal(backend->ops->close_fd(backend, root), 0);
}

static int result_of_write(struct backend *backend, int fd, const void *bytes, size_t len,
                           uint64_t offset)
{
    struct probe probe;
    probe_ready(&probe);
    assert_int_equal(backend->ops->write(backend, &probe.op, fd, bytes, len, offset), 0);
    assert_int_equal(probe.done_count, 0);
    probe_turn_until_ended(backend, &probe);
    return probe.last_result;
}

static int result_of_sync(struct backend *backend, int fd)
{
    struct probe probe;
    probe_ready(&probe);
    assert_int_equal(backend->ops->sync(backend, &probe.op, fd), 0);
    probe_turn_until_ended(backend, &probe);
    return probe.last_result;
}

static void synced_bytes_under_a_synced_name_survive_every_power_loss(void **state)
{
    (void)state;
    unsigned char bytes[LEN];
    unsigned char back[LEN];
    probe_fill(bytes, LEN, 0);
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct backend *backend = opened(seed);
        struct backend *after = NULL;
        int fd = create(backend, "a");
        sync_root(backend);
        assert_int_equal(result_of_write(backend, fd, bytes, LEN, 0), LEN);
        assert_int_equal(result_of_sync(backend, fd), 0);
        assert_int_equal(result_of_write(backend, fd, "unsynced", 8, LEN), 8);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
        assert_null(backend_close(backend));
        fd = after->ops->open(after, AT_FDCWD, "a", O_RDONLY, 0);
        assert_true(fd >= 0);
        assert_int_equal(after->ops->pread(after, fd, back, LEN, 0), LEN);
        assert_memory_equal(back, bytes, LEN);
        assert_true(after->ops->size(after, fd) <= LEN + 8);
        assert_null(backend_close(after));
    }
}

/* How the 4 sectors that were never synced came out of a power loss. */
struct outcome {
    bool lost_name, whole, torn, zeros, garbage, cut;
};

static void look(struct backend *after, const unsigned char *bytes, struct outcome *seen)
{
    unsigned char back[2048];
    static const unsigned char zeros[512];
    int fd = after->ops->open(after, AT_FDCWD, "a", O_RDONLY, 0);
    if (fd == -ENOENT) {
        seen->lost_name = true;
        return;
    }
    ssize_t len = after->ops->pread(after, fd, back, sizeof(back), 0);
    assert_true(len >= 0);
    seen->cut = seen->cut || len < (ssize_t)sizeof(back);
    unsigned good = 0;
    for (ssize_t at = 0; at + 512 <= len; at += 512) {
        if (memcmp(back + at, bytes + at, 512) == 0)
            good++;
        else if (memcmp(back + at, zeros, 512) == 0)
            seen->zeros = true;
        else
            seen->garbage = true;
    }
    seen->whole = seen->whole || good == 4;
    seen->torn = seen->torn || (good > 0 && good < 4 && len == (ssize_t)sizeof(back));
}

static void unsynced_bytes_survive_in_every_possible_way(void **state)
{
    (void)state;
    unsigned char bytes[2048];
    struct outcome seen = {0};
    probe_fill(bytes, sizeof(bytes), 7);
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct backend *backend = opened(seed);
        struct backend *after = NULL;
        int fd = create(backend, "a");
        assert_int_equal(result_of_write(backend, fd, bytes, sizeof(bytes), 0), 2048);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
        assert_null(backend_close(backend));
        look(after, bytes, &seen);
        assert_null(backend_close(after));
    }
    assert_true(seen.lost_name);
    assert_true(seen.whole);
    assert_true(seen.torn);
    assert_true(seen.zeros);
    assert_true(seen.garbage);
    assert_true(seen.cut);
}

static void a_killed_process_loses_nothing_but_stays_unsynced(void **state)
{
    (void)state;
    unsigned lost = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct backend *backend = opened(seed);
        struct backend *after = NULL;
        struct backend *later = NULL;
        char back[4] = {0};
        int fd = create(backend, "a");
        assert_int_equal(result_of_write(backend, fd, "text", 4, 0), 4);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_KILLED, &after), 0);
        assert_null(backend_close(backend));
        fd = after->ops->open(after, AT_FDCWD, "a", O_RDONLY, 0);
        assert_int_equal(after->ops->pread(after, fd, back, 4, 0), 4);
        assert_memory_equal(back, "text", 4);
        assert_int_equal(backend_sim_crash(after, BACKEND_SIM_POWER_LOST, &later), 0);
        assert_null(backend_close(after));
        lost += later->ops->open(later, AT_FDCWD, "a", O_RDONLY, 0) == -ENOENT ? 1 : 0;
        assert_null(backend_close(later));
    }
    assert_in_range(lost, 20, 80);
}

static void a_rename_survives_as_a_whole_or_not_at_all(void **state)
{
    (void)state;
    unsigned moved = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct backend *backend = opened(seed);
        struct backend *after = NULL;
        char back[3] = {0};
        int old = create(backend, "current");
        int new = create(backend, "current.tmp");
        assert_int_equal(backend->ops->pwrite(backend, old, "old", 3, 0), 3);
        assert_int_equal(backend->ops->pwrite(backend, new, "new", 3, 0), 3);
        assert_int_equal(backend->ops->sync_now(backend, old), 0);
        assert_int_equal(backend->ops->sync_now(backend, new), 0);
        sync_root(backend);
        assert_int_equal(backend->ops->rename(backend, AT_FDCWD, "current.tmp", "current"), 0);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
        assert_null(backend_close(backend));
        int fd = after->ops->open(after, AT_FDCWD, "current", O_RDONLY, 0);
        assert_int_equal(after->ops->pread(after, fd, back, 3, 0), 3);
        int temporary = after->ops->open(after, AT_FDCWD, "current.tmp", O_RDONLY, 0);
        if (memcmp(back, "new", 3) == 0) {
            assert_int_equal(temporary, -ENOENT);
            moved++;
        } else {
            assert_memory_equal(back, "old", 3);
            assert_true(temporary >= 0);
        }
        assert_null(backend_close(after));
    }
    assert_in_range(moved, 20, 80);
}

static void a_failed_sync_loses_its_bytes_although_the_next_one_succeeds(void **state)
{
    (void)state;
    unsigned lost = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct backend *backend = opened(seed);
        struct backend *after = NULL;
        char back[4] = {0};
        int fd = create(backend, "a");
        sync_root(backend);
        assert_int_equal(result_of_write(backend, fd, "text", 4, 0), 4);
        backend_sim_fail(backend, BACKEND_SIM_SYNC, 1, 1, -EIO);
        assert_int_equal(result_of_sync(backend, fd), -EIO);
        assert_int_equal(result_of_sync(backend, fd), 0);
        assert_int_equal(backend->ops->pread(backend, fd, back, 4, 0), 4);
        assert_memory_equal(back, "text", 4);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
        assert_null(backend_close(backend));
        fd = after->ops->open(after, AT_FDCWD, "a", O_RDONLY, 0);
        memset(back, 0, sizeof(back));
        (void)after->ops->pread(after, fd, back, 4, 0); /* may be empty */
        lost += memcmp(back, "text", 4) != 0 ? 1 : 0;
        assert_null(backend_close(after));
    }
    assert_in_range(lost, 20, 49);
}

static void calls_fail_by_number_and_writes_can_be_cut(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    int fd = create(backend, "a");
    backend_sim_fail(backend, BACKEND_SIM_WRITE, 2, 1, 3);
    backend_sim_fail(backend, BACKEND_SIM_WRITE, 3, 2, -ENOSPC);
    assert_int_equal(result_of_write(backend, fd, "0123456789", 10, 0), 10);
    assert_int_equal(result_of_write(backend, fd, "0123456789", 10, 10), 3);
    assert_int_equal(result_of_write(backend, fd, "0123456789", 10, 13), -ENOSPC);
    assert_int_equal(backend->ops->pwrite(backend, fd, "0123456789", 10, 13), -ENOSPC);
    assert_int_equal(backend->ops->pwrite(backend, fd, "0123456789", 10, 13), 10);
    assert_int_equal(backend->ops->size(backend, fd), 23);
    assert_int_equal(backend_sim_calls(backend, BACKEND_SIM_WRITE), 5);
    backend_sim_fail(backend, BACKEND_SIM_ALLOCATE, 1, 1, -ENOSPC);
    assert_int_equal(backend->ops->allocate(backend, fd, 0, 100), -ENOSPC);
    assert_int_equal(backend->ops->allocate(backend, fd, 0, 100), 0);
    assert_null(backend_close(backend));
}

static void a_full_disk_cuts_the_write_then_refuses_and_truncate_gives_space_back(void **state)
{
    (void)state;
    static const char bytes[3 * 4096];
    struct backend *backend = opened(1);
    int fd = create(backend, "a");
    int other = create(backend, "b");
    backend_sim_set_free(backend, UINT64_C(4) * 4096);
    assert_int_equal(backend->ops->allocate(backend, fd, 0, 2 * 4096), 0);
    assert_int_equal(backend->ops->size(backend, fd), 0);
    assert_int_equal(result_of_write(backend, other, bytes, sizeof(bytes), 0), 2 * 4096);
    assert_int_equal(result_of_write(backend, other, bytes, 1, 2 * 4096), -ENOSPC);
    assert_int_equal(backend->ops->allocate(backend, other, 0, 3 * 4096), -ENOSPC);
    assert_int_equal(result_of_write(backend, fd, bytes, 2 * 4096, 0), 2 * 4096);
    assert_int_equal(backend->ops->truncate(backend, fd, 4096), 0);
    assert_int_equal(result_of_write(backend, other, bytes, 4096, 2 * 4096), 4096);
    assert_null(backend_close(backend));
}

static void locks_last_until_close_or_the_end_of_the_process(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    struct backend *after = NULL;
    int first = create(backend, "lock");
    int second = create(backend, "lock");
    assert_int_equal(backend->ops->lock(backend, first), 0);
    assert_int_equal(backend->ops->lock(backend, second), -EWOULDBLOCK);
    assert_int_equal(backend->ops->close_fd(backend, first), 0);
    assert_int_equal(backend->ops->lock(backend, second), 0);
    assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_KILLED, &after), 0);
    assert_int_equal(backend->ops->lock(backend, second), -EIO);
    assert_int_equal(backend->ops->pwrite(backend, second, "x", 1, 0), -EIO);
    assert_null(backend_close(backend));
    first = create(after, "lock");
    assert_int_equal(after->ops->lock(after, first), 0);
    assert_null(backend_close(after));
}

static int count_entry(void *context, const char *entry)
{
    unsigned *count = context;
    *count += (unsigned)strlen(entry);
    return 0;
}

static void paths_folders_and_links_behave_as_in_linux(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    const struct backend_ops *ops = backend->ops;
    unsigned letters = 0;
    assert_int_equal(ops->mkdir(backend, AT_FDCWD, "feed", 0750), 0);
    assert_int_equal(ops->mkdir(backend, AT_FDCWD, "feed", 0750), -EEXIST);
    assert_int_equal(ops->mkdir(backend, AT_FDCWD, "no/feed", 0750), -ENOENT);
    int folder = ops->open(backend, AT_FDCWD, "feed", O_RDONLY | O_DIRECTORY, 0);
    assert_true(folder >= 0);
    int fd = ops->open(backend, folder, "one", O_RDWR | O_CREAT | O_EXCL, 0640);
    assert_true(fd >= 0);
    assert_int_equal(ops->open(backend, folder, "one", O_RDWR | O_CREAT | O_EXCL, 0), -EEXIST);
    assert_int_equal(ops->open(backend, folder, "one/two", O_RDONLY, 0), -ENOTDIR);
    assert_int_equal(ops->symlink(backend, folder, "one", "current"), 0);
    assert_int_equal(ops->symlink(backend, folder, "one", "current"), -EEXIST);
    assert_int_equal(ops->pwrite(backend, fd, "abc", 3, 0), 3);
    int through = ops->open(backend, AT_FDCWD, "/feed/current", O_RDONLY, 0);
    assert_int_equal(ops->size(backend, through), 3);
    assert_int_equal(ops->pwrite(backend, through, "x", 1, 0), -EBADF);
    assert_int_equal(ops->rename(backend, folder, "one", "../two"), 0);
    assert_int_equal(ops->open(backend, folder, "current", O_RDONLY, 0), -ENOENT);
    assert_true(ops->open(backend, AT_FDCWD, "two", O_RDONLY, 0) >= 0);
    assert_int_equal(ops->list(backend, folder, count_entry, &letters), 0);
    assert_int_equal(letters, strlen("current"));
    assert_int_equal(ops->open(backend, 3, "x", O_RDONLY, 0), -EBADF);
    assert_null(backend_close(backend));
}

static uint64_t busy_run(uint64_t seed)
{
    struct backend *backend = opened(seed);
    struct probe accept, send;
    char bytes[512];
    uint64_t number = 0;
    int listener = backend_sim_listener(backend);
    int fd = create(backend, "a");
    backend_sim_chaos(backend, 300);
    probe_ready(&accept);
    assert_int_equal(backend->ops->accept(backend, &accept.op, listener), 0);
    int client = backend_sim_connect(backend, listener);
    probe_turn_until(backend, &accept, 1);
    for (unsigned i = 0; i < 20; i++) {
        probe_fill((unsigned char *)bytes, sizeof(bytes), i);
        probe_ready(&send);
        assert_int_equal(
            backend->ops->send(backend, &send.op, accept.results[0], bytes, sizeof(bytes)), 0);
        int written = result_of_write(backend, fd, bytes, sizeof(bytes), i * 512);
        assert_in_range(written, 1, 512);
        probe_turn_until_ended(backend, &send);
        assert_true(backend_sim_pull(backend, client, bytes, sizeof(bytes)) > 0);
    }
    assert_int_equal(backend->ops->random(backend, &number, sizeof(number)), 0);
    uint64_t trace = backend_sim_trace(backend) ^ number;
    assert_null(backend_close(backend));
    return trace;
}

static void the_same_seed_gives_the_same_run(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        uint64_t trace = busy_run(seed);
        assert_int_equal(busy_run(seed), trace);
        assert_int_not_equal(busy_run(seed + 1), trace);
    }
}

/* Receives a stream through chaos; returns buffers at once; arms again whenever recv ended. */
struct receiver {
    struct backend_op op;
    struct backend *backend;
    size_t received;
    unsigned rearms;
    bool ended, at_end;
};

static void receiver_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct receiver *receiver = (struct receiver *)op;
    if ((completion->flags & BACKEND_BUFFER) != 0) {
        const unsigned char *bytes = (const unsigned char *)receiver->backend->ops->buffer(
            receiver->backend, completion->buffer_id);
        for (int i = 0; i < completion->result; i++)
            assert_int_equal(bytes[i], probe_byte(receiver->received++));
        receiver->backend->ops->buffer_return(receiver->backend, completion->buffer_id);
    }
    receiver->ended = (completion->flags & BACKEND_MORE) == 0;
    receiver->at_end = receiver->ended && completion->result == 0;
}

static void chaos_loses_no_byte_of_a_connection(void **state)
{
    (void)state;
    enum { TOTAL = 1 << 20 };
    static unsigned char bytes[4096];
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct backend *backend = opened(seed);
        struct receiver receiver = {.op.done = receiver_done, .backend = backend, .ended = true};
        int fd = -1;
        size_t pushed = 0;
        int client = backend_sim_pair(backend, &fd);
        backend_sim_chaos(backend, 200);
        while (!receiver.at_end) {
            if (receiver.ended) {
                assert_int_equal(backend->ops->recv(backend, &receiver.op, fd), 0);
                receiver.rearms++;
                receiver.ended = false;
            }
            probe_fill(bytes, sizeof(bytes), pushed);
            size_t len = TOTAL - pushed < sizeof(bytes) ? TOTAL - pushed : sizeof(bytes);
            ssize_t count = backend_sim_push(backend, client, bytes, len);
            pushed += count > 0 ? (size_t)count : 0;
            if (pushed == TOTAL)
                backend_sim_hangup(backend, client);
            probe_turns(backend, 1);
        }
        assert_int_equal(receiver.received, TOTAL);
        assert_true(receiver.rearms > 5);
        assert_int_equal(backend->ops->buffers_held(backend), 0);
        assert_null(backend_close(backend));
    }
}

static void time_moves_only_as_told_or_waited(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    struct backend_time time = {.wall_ns = 5, .boot_ns = 7};
    backend_sim_set_time(backend, time);
    assert_int_equal(backend->ops->now(backend).wall_ns, 5);
    assert_int_equal(backend->ops->turn(backend, 1000), 0);
    assert_int_equal(backend->ops->now(backend).wall_ns, 1005);
    assert_int_equal(backend->ops->now(backend).boot_ns, 1007);
    backend_sim_advance(backend, 10);
    assert_int_equal(backend->ops->now(backend).boot_ns, 1017);
    assert_null(backend_close(backend));
}

static void a_watched_event_is_told_while_it_is_readable(void **state)
{
    (void)state;
    struct backend *backend = opened(1);
    struct probe watch;
    int event = backend_sim_event(backend);
    probe_ready(&watch);
    assert_int_equal(backend->ops->watch(backend, &watch.op, event), 0);
    probe_turns(backend, 3);
    assert_int_equal(watch.done_count, 0);
    backend_sim_event_set(backend, event, true);
    probe_turn_until(backend, &watch, 1);
    assert_int_equal(watch.last_result, POLLIN);
    assert_false(watch.ended);
    backend->ops->cancel(backend, &watch.op);
    probe_turn_until_ended(backend, &watch);
    assert_int_equal(watch.last_result, -ECANCELED);
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synced_bytes_under_a_synced_name_survive_every_power_loss),
        cmocka_unit_test(unsynced_bytes_survive_in_every_possible_way),
        cmocka_unit_test(a_killed_process_loses_nothing_but_stays_unsynced),
        cmocka_unit_test(a_rename_survives_as_a_whole_or_not_at_all),
        cmocka_unit_test(a_failed_sync_loses_its_bytes_although_the_next_one_succeeds),
        cmocka_unit_test(calls_fail_by_number_and_writes_can_be_cut),
        cmocka_unit_test(a_full_disk_cuts_the_write_then_refuses_and_truncate_gives_space_back),
        cmocka_unit_test(locks_last_until_close_or_the_end_of_the_process),
        cmocka_unit_test(paths_folders_and_links_behave_as_in_linux),
        cmocka_unit_test(the_same_seed_gives_the_same_run),
        cmocka_unit_test(chaos_loses_no_byte_of_a_connection),
        cmocka_unit_test(time_moves_only_as_told_or_waited),
        cmocka_unit_test(a_watched_event_is_told_while_it_is_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
