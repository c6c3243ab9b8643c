/* The disk of the sim forgets what was not synced, and fails when told. */
#include <errno.h>
#include <fcntl.h>
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
        assert_int_equal(probe_write(backend, fd, bytes, LEN, 0), LEN);
        assert_int_equal(probe_sync(backend, fd), 0);
        assert_int_equal(probe_write(backend, fd, "unsynced", 8, LEN), 8);
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
        assert_int_equal(probe_write(backend, fd, bytes, sizeof(bytes), 0), 2048);
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
        assert_int_equal(probe_write(backend, fd, "text", 4, 0), 4);
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

static void a_name_taken_away_may_be_back_until_its_folder_is_synced(void **state)
{
    (void)state;
    unsigned back = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct backend *backend = opened(seed);
        struct backend *after = NULL;
        char bytes[3] = {0};
        int fd = create(backend, "a");
        assert_int_equal(backend->ops->pwrite(backend, fd, "abc", 3, 0), 3);
        assert_int_equal(backend->ops->sync_now(backend, fd), 0);
        (void)create(backend, "b");
        sync_root(backend);
        assert_int_equal(backend->ops->unlink(backend, AT_FDCWD, "b", 0), 0);
        sync_root(backend);
        assert_int_equal(backend->ops->unlink(backend, AT_FDCWD, "a", 0), 0);
        assert_int_equal(backend->ops->open(backend, AT_FDCWD, "a", O_RDONLY, 0), -ENOENT);
        assert_int_equal(backend_sim_crash(backend, BACKEND_SIM_POWER_LOST, &after), 0);
        assert_null(backend_close(backend));
        assert_int_equal(after->ops->open(after, AT_FDCWD, "b", O_RDONLY, 0), -ENOENT);
        fd = after->ops->open(after, AT_FDCWD, "a", O_RDONLY, 0);
        if (fd >= 0) {
            assert_int_equal(after->ops->pread(after, fd, bytes, 3, 0), 3);
            assert_memory_equal(bytes, "abc", 3);
            back++;
        }
        assert_null(backend_close(after));
    }
    assert_in_range(back, 20, 80);
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
        assert_int_equal(probe_write(backend, fd, "text", 4, 0), 4);
        backend_sim_fail(backend, BACKEND_SIM_SYNC, 1, 1, -EIO);
        assert_int_equal(probe_sync(backend, fd), -EIO);
        assert_int_equal(probe_sync(backend, fd), 0);
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
    assert_int_equal(probe_write(backend, fd, "0123456789", 10, 0), 10);
    assert_int_equal(probe_write(backend, fd, "0123456789", 10, 10), 3);
    assert_int_equal(probe_write(backend, fd, "0123456789", 10, 13), -ENOSPC);
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
    assert_int_equal(probe_write(backend, other, bytes, sizeof(bytes), 0), 2 * 4096);
    assert_int_equal(probe_write(backend, other, bytes, 1, 2 * 4096), -ENOSPC);
    assert_int_equal(backend->ops->allocate(backend, other, 0, 3 * 4096), -ENOSPC);
    assert_int_equal(probe_write(backend, fd, bytes, 2 * 4096, 0), 2 * 4096);
    assert_int_equal(backend->ops->truncate(backend, fd, 4096), 0);
    assert_int_equal(probe_write(backend, other, bytes, 4096, 2 * 4096), 4096);
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
    assert_int_equal(ops->unlink(backend, AT_FDCWD, "feed", AT_REMOVEDIR), -ENOTEMPTY);
    assert_int_equal(ops->unlink(backend, AT_FDCWD, "feed", 0), -EISDIR);
    assert_int_equal(ops->unlink(backend, AT_FDCWD, "two", AT_REMOVEDIR), -ENOTDIR);
    assert_int_equal(ops->unlink(backend, folder, "current", 0), 0);
    assert_int_equal(ops->unlink(backend, folder, "current", 0), -ENOENT);
    assert_int_equal(ops->unlink(backend, AT_FDCWD, "feed", AT_REMOVEDIR), 0);
    assert_int_equal(ops->pread(backend, fd, &letters, 3, 0), 3); /* open, it lives on */
    assert_int_equal(ops->open(backend, 3, "x", O_RDONLY, 0), -EBADF);
    assert_null(backend_close(backend));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synced_bytes_under_a_synced_name_survive_every_power_loss),
        cmocka_unit_test(unsynced_bytes_survive_in_every_possible_way),
        cmocka_unit_test(a_killed_process_loses_nothing_but_stays_unsynced),
        cmocka_unit_test(a_rename_survives_as_a_whole_or_not_at_all),
        cmocka_unit_test(a_name_taken_away_may_be_back_until_its_folder_is_synced),
        cmocka_unit_test(a_failed_sync_loses_its_bytes_although_the_next_one_succeeds),
        cmocka_unit_test(calls_fail_by_number_and_writes_can_be_cut),
        cmocka_unit_test(a_full_disk_cuts_the_write_then_refuses_and_truncate_gives_space_back),
        cmocka_unit_test(locks_last_until_close_or_the_end_of_the_process),
        cmocka_unit_test(paths_folders_and_links_behave_as_in_linux),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
