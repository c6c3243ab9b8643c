/*
 * Elapsed time, counted by a timerfd. While nobody reads it the kernel's timer does not even fire
 * again, so a fine interval costs nothing.
 */
#include "daemon/ctl/stopwatch.h"

#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

struct stopwatch stopwatch_start(void)
{
    struct stopwatch stopwatch = {.fd =
                                      timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
    const struct timespec millisecond = {.tv_nsec = 1000000};
    const struct itimerspec interval = {.it_interval = millisecond, .it_value = millisecond};
    if (stopwatch.fd != -1 && timerfd_settime(stopwatch.fd, 0, &interval, NULL) == -1)
        stopwatch_stop(&stopwatch);
    return stopwatch;
}

uint64_t stopwatch_ms(struct stopwatch *stopwatch)
{
    uint64_t passed = 0;
    if (stopwatch->fd != -1 && read(stopwatch->fd, &passed, sizeof passed) == sizeof passed)
        stopwatch->ms += passed;
    return stopwatch->ms;
}

uint64_t stopwatch_cpu_us(void)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage); /* it cannot fail with these */
    const struct timeval *user = &usage.ru_utime, *system = &usage.ru_stime;
    return (uint64_t)(user->tv_sec + system->tv_sec) * 1000000 +
           (uint64_t)(user->tv_usec + system->tv_usec);
}

void stopwatch_stop(struct stopwatch *stopwatch)
{
    if (stopwatch->fd != -1)
        (void)close(stopwatch->fd); /* a timer has nothing to lose */
    stopwatch->fd = -1;
}
