/*
 * Elapsed time for progress and rates, as milliseconds that a kernel timer counts: no clock is
 * asked, so that the rule "only io/backend_*.c knows the time" needs no exception.
 */
#ifndef DAEMON_CTL_STOPWATCH_H
#define DAEMON_CTL_STOPWATCH_H

#include <stdint.h>

struct stopwatch {
    int fd; /* -1: no timer could be had; then no time passes */
    uint64_t ms;
};

/* Starts; never fails: without a timer the time stays 0. */
struct stopwatch stopwatch_start(void);

/* Milliseconds since the start. */
uint64_t stopwatch_ms(struct stopwatch *stopwatch);

/* Microseconds of processor time that this process has used so far: to measure what something costs
   whatever else the machine does. */
uint64_t stopwatch_cpu_us(void);

/* Gives the timer back; the time so far stays. A stopped one is fine. */
void stopwatch_stop(struct stopwatch *stopwatch);

#endif
