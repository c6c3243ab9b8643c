/*
 * SIGINT, SIGTERM and SIGHUP as something to wait for, so that a command can say how far it came
 * before it ends as the signal would have ended it.
 */
#ifndef DAEMON_CTL_INTERRUPT_H
#define DAEMON_CTL_INTERRUPT_H

#include <stdbool.h>

struct interrupt {
    int fd;     /* readable once a signal is there; -1: signals end the process as ever */
    int signal; /* the one that came, or 0 */
};

/* From now on the signals wait; with `pipe` SIGPIPE too, so that a write whose reader is gone gives
   EPIPE first. One that the caller of the program ignores (nohup, a job in the
   background of a script) stays ignored. Never fails: without a descriptor nothing changes. */
struct interrupt interrupt_open(bool pipe);

/* Whether one has come by now. Does not wait. */
bool interrupt_came(struct interrupt *interrupt);

/* Gives the descriptor back; when a signal came, ends the process by it, so that the shell sees
   130, 143 and so on for the right reason. Returns only when none came. */
void interrupt_close(struct interrupt *interrupt);

#endif
