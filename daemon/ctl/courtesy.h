/*
 * What a reader that may be one of many owes to the daemon on the same host: the lowest priority,
 * and on processors that have no time left also to wait between two pieces of work. A hundred
 * readers at the lowest priority together still weigh as much as one thread that is not.
 */
#ifndef DAEMON_CTL_COURTESY_H
#define DAEMON_CTL_COURTESY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct courtesy {
    int fd;                    /* of the thread's schedstat; -1: the kernel does not say */
    uint64_t run_ns, delay_ns; /* on a processor, and waiting for one, as of the last look */
};

/* Lowers the calling thread's priority. Never fails: what is refused changes nothing. */
struct courtesy courtesy_begin(void);

/* Whether since the last look the thread waited for a processor longer than it had one: then others
   need it more. Costs a system call. */
bool courtesy_asks_to_wait(struct courtesy *courtesy);

/* The same question of a text of /proc/thread-self/schedstat: nanoseconds on a processor,
   nanoseconds of waiting for one, time slices. Pure. False for anything else. */
bool courtesy_judge(struct courtesy *courtesy, const char *text, size_t len);

/* Gives the descriptor back; the priority stays. */
void courtesy_end(struct courtesy *courtesy);

#endif
