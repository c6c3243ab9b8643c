/*
 * How sure a share is that was seen in n trials: the Wilson score interval (E. B. Wilson, Probable
 * inference, J. Amer. Statist. Assoc. 22 (1927) 209-212), at 95 %. Pure.
 */
#ifndef DAEMON_CTL_WILSON_H
#define DAEMON_CTL_WILSON_H

#include <stdint.h>

struct wilson {
    double low, high; /* in [0, 1] */
};

/* Of `hits` among `trials`, hits <= trials. Without trials nothing is known: 0 to 1. */
struct wilson wilson_interval(uint64_t hits, uint64_t trials);

#endif
