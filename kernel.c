#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* An hour later while the file "step" is there; no space while "full" is. */
int clock_gettime(clockid_t clock, struct timespec *time)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, time);
    if (rc == 0 && clock == CLOCK_REALTIME && access("step", F_OK) == 0)
        time->tv_sec += 3600;
    return rc;
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
    if (access("full", F_OK) == 0) {
        errno = ENOSPC;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, offset, len);
}
