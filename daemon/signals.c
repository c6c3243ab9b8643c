/*
 * Signals, read and not caught.
 */
#include "daemon/signals.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_block(void)
{
    sigset_t set;
    (void)sigemptyset(&set); /* cannot fail */
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    int result = pthread_sigmask(SIG_BLOCK, &set, NULL);
    assert(result == 0);
    (void)result;
    (void)signal(SIGPIPE, SIG_IGN); /* a write says it by EPIPE */
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd == -1 ? -errno : fd;
}

bool signals_wait(int signal_fd, int fd)
{
    struct pollfd readable[] = {{.fd = fd, .events = POLLIN}, {.fd = signal_fd, .events = POLLIN}};
    (void)poll(readable, 2, -1); /* EINTR leads to one more try of the caller's */
    struct signalfd_siginfo info;
    while (read(signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
        if (info.ssi_signo != SIGHUP)
            return false;
    return true;
}
