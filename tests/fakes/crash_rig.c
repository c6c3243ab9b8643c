/*
 * Hooks on the calls of sim that reach its disk.
 */
#include "tests/fakes/crash_rig.h"

#include "tests/fakes/test.h"

static struct crash_rig *armed;
static const struct backend_ops *plain;
static struct backend_ops hooked;

static void tick(struct backend *backend)
{
    if (++armed->calls != armed->crash_at)
        return;
    if (armed->crashed != NULL)
        armed->crashed(armed->context);
    assert_int_equal(backend_sim_crash(backend, armed->how, &armed->after), 0);
}

static int hook_turn(struct backend *backend, uint64_t wait_ns_max)
{
    tick(backend);
    return plain->turn(backend, wait_ns_max);
}

static int hook_write(struct backend *backend, struct backend_op *op, int fd, const void *bytes,
                      size_t len, uint64_t offset)
{
    tick(backend);
    return plain->write(backend, op, fd, bytes, len, offset);
}

static int hook_sync(struct backend *backend, struct backend_op *op, int fd)
{
    tick(backend);
    return plain->sync(backend, op, fd);
}

static int hook_open(struct backend *backend, int dir_fd, const char *path, int flags, mode_t mode)
{
    tick(backend);
    return plain->open(backend, dir_fd, path, flags, mode);
}

static int hook_mkdir(struct backend *backend, int dir_fd, const char *path, mode_t mode)
{
    tick(backend);
    return plain->mkdir(backend, dir_fd, path, mode);
}

static int hook_rename(struct backend *backend, int dir_fd, const char *from, const char *to)
{
    tick(backend);
    return plain->rename(backend, dir_fd, from, to);
}

static int hook_symlink(struct backend *backend, int dir_fd, const char *target, const char *path)
{
    tick(backend);
    return plain->symlink(backend, dir_fd, target, path);
}

static int hook_unlink(struct backend *backend, int dir_fd, const char *path, int flags)
{
    tick(backend);
    return plain->unlink(backend, dir_fd, path, flags);
}

static int hook_allocate(struct backend *backend, int fd, uint64_t offset, uint64_t len)
{
    tick(backend);
    return plain->allocate(backend, fd, offset, len);
}

static int hook_truncate(struct backend *backend, int fd, uint64_t len)
{
    tick(backend);
    return plain->truncate(backend, fd, len);
}

static ssize_t hook_pwrite(struct backend *backend, int fd, const void *bytes, size_t len,
                           uint64_t offset)
{
    tick(backend);
    return plain->pwrite(backend, fd, bytes, len, offset);
}

static int hook_sync_now(struct backend *backend, int fd)
{
    tick(backend);
    return plain->sync_now(backend, fd);
}

void crash_rig_arm(struct crash_rig *rig, uint64_t crash_at, enum backend_sim_end how)
{
    armed = rig;
    plain = plain == NULL ? rig->backend->ops : plain;
    hooked = *plain;
    hooked.turn = hook_turn;
    hooked.write = hook_write;
    hooked.sync = hook_sync;
    hooked.open = hook_open;
    hooked.mkdir = hook_mkdir;
    hooked.rename = hook_rename;
    hooked.symlink = hook_symlink;
    hooked.unlink = hook_unlink;
    hooked.allocate = hook_allocate;
    hooked.truncate = hook_truncate;
    hooked.pwrite = hook_pwrite;
    hooked.sync_now = hook_sync_now;
    rig->backend->ops = &hooked;
    rig->calls = 0;
    rig->crash_at = crash_at;
    rig->how = how;
    rig->after = NULL;
}

void crash_rig_restart(struct crash_rig *rig)
{
    assert_non_null(rig->after);
    rig->backend->ops = plain;
    assert_null(backend_close(rig->backend));
    rig->backend = rig->after;
    rig->after = NULL;
}
