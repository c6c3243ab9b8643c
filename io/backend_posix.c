/* Files, time and random bytes by plain system calls. Keeps no state and interprets no content. */
#include "io/backend_posix.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SECOND 1000000000

/* Whether fd is of a regular file or a folder, and made to wait again. 0 or -errno. */
static int take_file(int fd, int flags)
{
    struct stat status;

    if (fstat(fd, &status) == -1)
        return -errno;
    if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))
        return -BACKEND_NO_FILE;
    /* io_uring gives -EAGAIN for a file that must not wait. */
    return fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == -1 ? -errno : 0;
}

int backend_posix_open(struct backend *backend, int dir_fd, const char *path, int flags,
                       mode_t mode)
{
    int fd, error;
    do {
        fd = openat(dir_fd, path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, mode);
    } while (fd == -1 && errno == EINTR);
    if (fd == -1)
        error = errno == ENXIO ? -BACKEND_NO_FILE : -errno; /* a FIFO nobody reads, a socket */
    else
        error = take_file(fd, flags);
    if (error < 0 && fd != -1)
        (void)close(fd); /* nothing was done with it */
    if (error == -BACKEND_NO_FILE && backend->refused != NULL)
        backend->refused(path);
    return error < 0 ? error : fd;
}

int backend_posix_close_fd(struct backend *backend, int fd)
{
    (void)backend; /* the kernel keeps the state */
    /* Linux frees the number also on EINTR: closing again would close someone else's file. */
    if (close(fd) == -1 && errno != EINTR)
        return -errno;
    return 0;
}

int backend_posix_mkdir(struct backend *backend, int dir_fd, const char *path, mode_t mode)
{
    (void)backend; /* the kernel keeps the state */
    return mkdirat(dir_fd, path, mode) == -1 ? -errno : 0;
}

int backend_posix_rename(struct backend *backend, int dir_fd, const char *from, const char *to)
{
    (void)backend; /* the kernel keeps the state */
    return renameat(dir_fd, from, dir_fd, to) == -1 ? -errno : 0;
}

int backend_posix_symlink(struct backend *backend, int dir_fd, const char *target, const char *path)
{
    (void)backend; /* the kernel keeps the state */
    return symlinkat(target, dir_fd, path) == -1 ? -errno : 0;
}

int backend_posix_unlink(struct backend *backend, int dir_fd, const char *path, int flags)
{
    (void)backend; /* the kernel keeps the state */
    return unlinkat(dir_fd, path, flags) == -1 ? -errno : 0;
}

int backend_posix_allocate(struct backend *backend, int fd, uint64_t offset, uint64_t len)
{
    (void)backend; /* the kernel keeps the state */
    assert(offset <= INT64_MAX);
    assert(len <= INT64_MAX);
    int rc;
    do {
        rc = fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)len);
    } while (rc == -1 && errno == EINTR);
    return rc == -1 ? -errno : 0;
}

int backend_posix_truncate(struct backend *backend, int fd, uint64_t len)
{
    (void)backend; /* the kernel keeps the state */
    assert(len <= INT64_MAX);
    int rc;
    do {
        rc = ftruncate(fd, (off_t)len);
    } while (rc == -1 && errno == EINTR);
    return rc == -1 ? -errno : 0;
}

int64_t backend_posix_size(struct backend *backend, int fd)
{
    (void)backend; /* the kernel keeps the state */
    struct stat status;
    return fstat(fd, &status) == -1 ? -errno : status.st_size;
}

ssize_t backend_posix_pread(struct backend *backend, int fd, void *bytes, size_t len,
                            uint64_t offset)
{
    (void)backend; /* the kernel keeps the state */
    ssize_t count;
    do {
        count = pread(fd, bytes, len, (off_t)offset);
    } while (count == -1 && errno == EINTR);
    return count == -1 ? -errno : count;
}

ssize_t backend_posix_pwrite(struct backend *backend, int fd, const void *bytes, size_t len,
                             uint64_t offset)
{
    (void)backend; /* the kernel keeps the state */
    ssize_t count;
    do {
        count = pwrite(fd, bytes, len, (off_t)offset);
    } while (count == -1 && errno == EINTR);
    return count == -1 ? -errno : count;
}

int backend_posix_sync_now(struct backend *backend, int fd)
{
    (void)backend; /* the kernel keeps the state */
    /* No retry, not even on EINTR: after an error the kernel has marked the pages clean. */
    return fsync(fd) == -1 ? -errno : 0;
}

int backend_posix_lock(struct backend *backend, int fd)
{
    (void)backend; /* the kernel keeps the state */
    return flock(fd, LOCK_EX | LOCK_NB) == -1 ? -errno : 0;
}

int backend_posix_list(struct backend *backend, int dir_fd,
                       int (*name)(void *context, const char *entry), void *context)
{
    int fd = backend_posix_open(backend, dir_fd, ".", O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0)
        return fd;
    DIR *dir = fdopendir(fd);
    if (dir == NULL) {
        int error = -errno;
        (void)close(fd); /* nothing was written through it */
        return error;
    }
    int rc = 0;
    while (rc == 0) {
        errno = 0;
        /* The stream is this call's own: no other thread can touch it. */
        const struct dirent *entry = readdir(dir); // NOLINT(concurrency-mt-unsafe)
        if (entry == NULL) {
            rc = -errno;
            break;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            rc = name(context, entry->d_name);
    }
    (void)closedir(dir); /* read only */
    return rc;
}

static int64_t ns_of(clockid_t clock)
{
    struct timespec time;
    int rc = clock_gettime(clock, &time);
    assert(rc == 0); /* both clocks exist since Linux 2.6.39 */
    return (int64_t)time.tv_sec * NS_PER_SECOND + time.tv_nsec;
}

struct backend_time backend_posix_now(struct backend *backend)
{
    (void)backend; /* the kernel keeps the state */
    return (struct backend_time){.wall_ns = ns_of(CLOCK_REALTIME),
                                 .boot_ns = (uint64_t)ns_of(CLOCK_BOOTTIME)};
}

const char *backend_posix_discipline(const char *run)
{
    /* timesyncd comes last: its folder outlives it (RuntimeDirectoryPreserve=). chronyd's is closed
       to others, so only that it is there is asked. */
    static const struct {
        const char *keeps, *name;
    } known[] = {
        {"chrony", "chrony"},
        {"ntpd.pid", "ntpd"},
        {"ntpd.sock", "openntpd"},
        {"systemd/timesync", "timesyncd"},
    };
    const char *found = NULL;
    int fd = open(run, O_PATH | O_DIRECTORY | O_CLOEXEC);

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && fd != -1 && found == NULL; i++)
        if (faccessat(fd, known[i].keeps, F_OK, AT_EACCESS) == 0)
            found = known[i].name;
    if (fd != -1)
        (void)close(fd); /* holds nothing */
    return found;
}

/* timerfd_create(2), TFD_TIMER_CANCEL_ON_SET: a timer that never ends, whose only news is that the
   clock which it waits for was set. */
int backend_posix_clock_sets(struct backend *backend)
{
    const struct itimerspec never = {.it_value.tv_sec = 9000000000}; /* in the year 2255 */

    (void)backend; /* the kernel keeps the state */
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd == -1)
        return -errno;
    if (timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) == -1) {
        int error = -errno;
        (void)close(fd); /* holds nothing */
        return error;
    }
    return fd;
}

bool backend_posix_clock_was_set(struct backend *backend, int fd)
{
    uint64_t ends;

    (void)backend;
    return read(fd, &ends, sizeof(ends)) == -1 && errno == ECANCELED;
}

int backend_posix_clock_state(struct backend *backend, struct backend_clock_state *ret_state)
{
    (void)backend;                     /* the kernel keeps the state */
    struct timex query = {.modes = 0}; /* read only: nothing is adjusted */
    int state = adjtimex(&query);
    if (state == -1)
        return -errno;
    int64_t offset_ns = (query.status & STA_NANO) != 0 ? query.offset : query.offset * 1000;
    *ret_state = (struct backend_clock_state){
        .state = state,
        .status = (unsigned)query.status,
        .synced = (query.status & STA_UNSYNC) == 0,
        .maxerror_us = query.maxerror,
        .esterror_us = query.esterror,
        .offset_ns = offset_ns,
        .freq = query.freq,
        .tai = query.tai,
    };
    return 0;
}

const char *backend_posix_clock_discipline(struct backend *backend)
{
    (void)backend; /* the file system keeps it */
    return backend_posix_discipline("/run");
}

int backend_posix_random(struct backend *backend, void *bytes, size_t len)
{
    (void)backend; /* the kernel keeps the state */
    char *next = bytes;
    while (len > 0) {
        ssize_t count = getrandom(next, len, 0);
        if (count == -1 && errno == EINTR)
            continue;
        if (count == -1)
            return -errno;
        next += count;
        len -= (size_t)count;
    }
    return 0;
}
