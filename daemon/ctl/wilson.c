/*
 * The Wilson score interval.
 */
#include "daemon/ctl/wilson.h"

#include <assert.h>
#include <math.h>

#define Z 1.959963984540054 /* the 97.5 % point of the normal distribution */

struct wilson wilson_interval(uint64_t hits, uint64_t trials)
{
    assert(hits <= trials);
    if (trials == 0)
        return (struct wilson){0, 1};
    double n = (double)trials, p = (double)hits / n;
    double middle = p + Z * Z / (2 * n);
    double half = Z * sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
    double low = (middle - half) / (1 + Z * Z / n), high = (middle + half) / (1 + Z * Z / n);
    /* Rounding may pass the ends, which are exact. */
    return (struct wilson){hits == 0 || low < 0 ? 0 : low, hits == trials || high > 1 ? 1 : high};
}
