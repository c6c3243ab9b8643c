/*
 * What every measuring program shares: the clock, samples, and one row of JSON for each figure.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#define MEASURE_RUNS_MAX 256u

struct sample {
    double values[MEASURE_RUNS_MAX];
    size_t count;
};

/* Monotonic nanoseconds. */
uint64_t measure_ns(void);

/* Processor time of this process, all its threads together. */
uint64_t measure_cpu_ns(void);

/* One more value; at most MEASURE_RUNS_MAX. */
void sample_add(struct sample *sample, double value);

/* The middle value, or the mean of the two in the middle. The sample has at least one. */
double sample_median(const struct sample *sample);

/* Prints {"name","unit","min","median","max"} and, when of is not NULL, ratio and of; extra, when
   it is not NULL, is more members, as `"a":1`. */
void measure_row(const char *name, const char *unit, const struct sample *sample, double ratio,
                 const char *of, const char *extra);

/* The values of one divided by those of the other, run by run; both have as many. */
struct sample sample_ratios(const struct sample *one, const struct sample *other);

/* As measure_row, with the least, middle and greatest of the ratios. */
void measure_row_ratios(const char *name, const char *unit, const struct sample *sample,
                        const struct sample *ratios, const char *of);

/* Keeps the compiler from dropping work whose result nobody reads. */
void measure_use(const void *bytes, size_t len);

#endif
