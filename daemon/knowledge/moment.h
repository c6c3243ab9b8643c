/*
 * Event times are intervals, and "before" has three answers (domain 2.2). Sums stop at the ends of
 * int64_t, so that no time from outside overflows.
 */
#ifndef KNOWLEDGE_MOMENT_H
#define KNOWLEDGE_MOMENT_H

#include <stdint.h>

#define MOMENT_NS_PER_S  INT64_C(1000000000)
#define MOMENT_NS_PER_MS INT64_C(1000000)

/* The interval [at - unc, at + unc]; unc_ns >= 0. */
struct moment {
    int64_t at_ns, unc_ns;
};

enum moment_order {
    MOMENT_NO = 0,  /* surely not before; equal instants are not before */
    MOMENT_YES,     /* surely before */
    MOMENT_UNKNOWN, /* the intervals overlap */
};

/* The sum, held at the ends of int64_t. */
static inline int64_t moment_sum(int64_t a, int64_t b)
{
    int64_t sum;
    if (!__builtin_add_overflow(a, b, &sum))
        return sum;
    return b < 0 ? INT64_MIN : INT64_MAX;
}

/* The earliest and the latest instant of the interval. */
static inline int64_t moment_low(struct moment moment)
{
    return moment_sum(moment.at_ns, -moment.unc_ns);
}

static inline int64_t moment_high(struct moment moment)
{
    return moment_sum(moment.at_ns, moment.unc_ns);
}

/* The interval moved by at most KNOWLEDGE_SECONDS_MAX. */
static inline struct moment moment_plus(struct moment moment, int64_t seconds)
{
    return (struct moment){moment_sum(moment.at_ns, seconds * MOMENT_NS_PER_S), moment.unc_ns};
}

/* Whether a is before b. */
static inline enum moment_order moment_before(struct moment a, struct moment b)
{
    if (moment_high(a) < moment_low(b))
        return MOMENT_YES;
    return moment_low(a) >= moment_high(b) ? MOMENT_NO : MOMENT_UNKNOWN;
}

#endif
