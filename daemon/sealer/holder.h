/*
 * Who holds the lock of a folder, for an error message. Any thread.
 */
#ifndef SEALER_HOLDER_H
#define SEALER_HOLDER_H

#include <sys/types.h>

/* The process that holds the flock(2) of an open file, as /proc/locks has it; 0: that is not known,
   or it is not in our pid namespace. */
pid_t holder_of(int fd);

#endif
