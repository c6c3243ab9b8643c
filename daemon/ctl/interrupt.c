/*
 * SIGINT, SIGTERM and SIGHUP as something to wait for. Knows what to do with no command.
 */
#include "daemon/ctl/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A blocked signal is kept even where it is ignored, so the ignored ones are left out. */
static sigset_t taken(bool pipe)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    size_t count = sizeof signals / sizeof signals[0] - (pipe ? 0 : 1);
    sigset_t set;
    (void)sigemptyset(&set); /* cannot fail */
    for (size_t i = 0; i < count; i++) {
        struct sigaction before;
        if (sigaction(signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            (void)sigaddset(&set, signals[i]); /* a valid number */
    }
    return set;
}

struct interrupt interrupt_open(bool pipe)
{
    sigset_t set = taken(pipe);
    struct interrupt interrupt = {.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (interrupt.fd != -1)
        (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* cannot fail */
    return interrupt;
}

bool interrupt_came(struct interrupt *interrupt)
{
    struct signalfd_siginfo info;
    if (interrupt->signal == 0 && interrupt->fd != -1 &&
        read(interrupt->fd, &info, sizeof info) == (ssize_t)sizeof info)
        interrupt->signal = (int)info.ssi_signo;
    return interrupt->signal != 0;
}

void interrupt_close(struct interrupt *interrupt)
{
    if (interrupt->fd != -1)
        (void)close(interrupt->fd); /* holds nothing */
    interrupt->fd = -1;
    if (interrupt->signal == 0)
        return;
    sigset_t set;
    (void)sigemptyset(&set);                        /* cannot fail */
    (void)sigaddset(&set, interrupt->signal);       /* a valid number */
    (void)raise(interrupt->signal);                 /* waits until it is let through, here: */
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* cannot fail */
    _Exit(128 + interrupt->signal);
}
