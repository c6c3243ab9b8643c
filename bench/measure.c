/*
 * Clock, samples, rows.
 */
#include "bench/measure.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t measure_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t measure_cpu_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* likewise */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void sample_add(struct sample *sample, double value)
{
    assert(sample->count < MEASURE_RUNS_MAX);
    sample->values[sample->count++] = value;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static struct sample sorted(const struct sample *sample)
{
    struct sample copy = *sample;
    qsort(copy.values, copy.count, sizeof copy.values[0], compare);
    return copy;
}

double sample_median(const struct sample *sample)
{
    assert(sample->count > 0);
    struct sample copy = sorted(sample);
    size_t half = copy.count / 2;
    return copy.count % 2 == 1 ? copy.values[half]
                               : (copy.values[half - 1] + copy.values[half]) / 2;
}

void measure_row(const char *name, const char *unit, const struct sample *sample, double ratio,
                 const char *of, const char *extra)
{
    struct sample copy = sorted(sample);
    (void)printf("{\"name\":\"%s\",\"unit\":\"%s\",\"min\":%.4g,\"median\":%.4g,\"max\":%.4g", name,
                 unit, copy.values[0], sample_median(sample), copy.values[copy.count - 1]);
    if (of != NULL)
        (void)printf(",\"ratio\":%.3f,\"of\":\"%s\"", ratio, of);
    (void)printf(",\"runs\":%zu%s%s}\n", sample->count, extra != NULL ? "," : "",
                 extra != NULL ? extra : "");
}

struct sample sample_ratios(const struct sample *one, const struct sample *other)
{
    assert(one->count == other->count);
    struct sample ratios = {.count = 0};
    for (size_t i = 0; i < one->count; i++)
        sample_add(&ratios, one->values[i] / other->values[i]);
    return ratios;
}

void measure_row_ratios(const char *name, const char *unit, const struct sample *sample,
                        const struct sample *ratios, const char *of)
{
    char extra[96];
    struct sample copy = sorted(ratios);
    (void)snprintf(extra, sizeof extra, "\"ratio_min\":%.3f,\"ratio_max\":%.3f", copy.values[0],
                   copy.values[copy.count - 1]);
    measure_row(name, unit, sample, sample_median(ratios), of, extra);
}

void measure_use(const void *bytes, size_t len)
{
    __asm__ volatile("" : : "r"(bytes), "r"(len) : "memory");
}
