/*
 * What the sealer gives up, so that a mistake in it can do little: its memory cannot be read by
 * others of its user, it sees no file but its own folder, and asks the kernel for little else.
 * Linux only. In builds with sanitizers, which need more, most of it does nothing.
 */
#ifndef SEALER_HARDEN_H
#define SEALER_HARDEN_H

#include <stdbool.h>

/* First of all: not dumpable (so no ptrace, no core, no /proc/PID/mem for its own user), no core
   files, no new privileges, files for itself alone, and no descriptors but 0 to fd_max. 0 or
   -errno. */
int harden_process(unsigned fd_max);

/* Once everything is open: no file but what lies below dir_fd (Landlock, where the kernel has it),
   and then no system call but those of reading requests and writing the state (seccomp; every other
   one gives EPERM). 0 or -errno; no Landlock, as the kernel has none or a filter forbids it, is no
   error: *ret_landlock is then false. */
int harden_doors(int dir_fd, bool *ret_landlock);

#endif
