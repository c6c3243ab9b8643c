/*
 * Whether hostile listings make benign ones slow, on one core: hostile [--count=N] [--marks=N]
 * [--runs=N]
 *
 * Each listing goes through the pipeline alone, so that its time is its own; it is processor time,
 * which leaves out how long others hold the core, though not that they empty its caches. In every
 * second pass one listing in ten is hostile. A row a kind says what a KiB of it costs, beside a KiB
 * of benign lines.
 */
#include "bench/hostile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/load.h"
#include "bench/measure.h"

#define EVERY 10u

struct hostile {
    struct load load;
    struct intake *intake;
    char *lines[HOSTILE_KINDS_COUNT];
    size_t len[HOSTILE_KINDS_COUNT];
    double *times;   /* of the benign listings of a pass */
    double clock_ns; /* what asking the clock adds to each of them */
    struct sample alone, mixed, benign, kinds[HOSTILE_KINDS_COUNT];
};

/* The least that lies between two questions to the clock. */
static double least_between(void)
{
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < 1000; i++) {
        uint64_t begin = measure_cpu_ns(), between = measure_cpu_ns() - begin;
        least = between < least ? between : least;
    }
    return (double)least;
}

static int prepare(struct hostile *hostile)
{
    hostile->clock_ns = least_between();
    int result = intake_open(&load_sink, NULL, &hostile->intake);
    if (result == 0)
        result = intake_use(hostile->intake, hostile->load.db);
    hostile->times = calloc(hostile->load.count, sizeof *hostile->times);
    if (hostile->times == NULL)
        result = -ENOMEM;
    for (unsigned kind = 0; result == 0 && kind < HOSTILE_KINDS_COUNT; kind++) {
        hostile->lines[kind] = calloc(1, HOSTILE_BYTES_MAX + JSON_SLACK_BYTES);
        if (hostile->lines[kind] == NULL)
            return -ENOMEM;
        hostile->len[kind] =
            hostile_line((enum hostile_kind)kind, &hostile->load.names, hostile->lines[kind]);
    }
    return result;
}

/* The processor's nanoseconds of one line from bytes to its decision. */
static double decide(struct hostile *hostile, const char *line, size_t len)
{
    struct intake_origin origin = {.connection = 1, .line = 1, .line_bytes = len};
    uint64_t begin = measure_cpu_ns();
    (void)intake_line(hostile->intake, &origin, line, len); /* the sink always takes it */
    (void)intake_flush(hostile->intake);                    /* likewise */
    return (double)(measure_cpu_ns() - begin) - hostile->clock_ns;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* One pass over the benign lines, with hostile ones between them or without; adds to the samples.
 */
static void pass(struct hostile *hostile, bool mixed)
{
    double spent[HOSTILE_KINDS_COUNT] = {0}, kib[HOSTILE_KINDS_COUNT] = {0}, benign = 0;
    const char *at = hostile->load.bytes, *end = at + hostile->load.len;
    size_t count = 0, attacks = 0;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        hostile->times[count] = decide(hostile, at, (size_t)(newline - at));
        benign += hostile->times[count++];
        at = newline + 1;
        if (!mixed || count % (EVERY - 1) != 0)
            continue;
        size_t kind = attacks++ % HOSTILE_KINDS_COUNT;
        spent[kind] += decide(hostile, hostile->lines[kind], hostile->len[kind] - 1);
        kib[kind] += (double)hostile->len[kind] / 1024;
    }
    qsort(hostile->times, count, sizeof *hostile->times, compare);
    sample_add(mixed ? &hostile->mixed : &hostile->alone, hostile->times[count * 99 / 100]);
    if (!mixed) {
        sample_add(&hostile->benign, benign * 1024 / (double)hostile->load.len);
        return;
    }
    for (size_t kind = 0; kind < HOSTILE_KINDS_COUNT; kind++)
        sample_add(&hostile->kinds[kind], spent[kind] / kib[kind]);
}

static void report(const struct hostile *hostile)
{
    struct sample ratios = sample_ratios(&hostile->mixed, &hostile->alone);
    measure_row("hostile.p99_alone", "ns/listing", &hostile->alone, 0, NULL, NULL);
    measure_row_ratios("hostile.p99", "ns/listing", &hostile->mixed, &ratios, "hostile.p99_alone");
    measure_row("hostile.benign", "ns/KiB", &hostile->benign, 0, NULL, NULL);
    for (unsigned kind = 0; kind < HOSTILE_KINDS_COUNT; kind++) {
        ratios = sample_ratios(&hostile->kinds[kind], &hostile->benign);
        measure_row_ratios(hostile_name((enum hostile_kind)kind), "ns/KiB", &hostile->kinds[kind],
                           &ratios, "hostile.benign");
    }
}

int main(int argc, char **argv)
{
    static struct hostile hostile;
    const struct load_wanted wanted = {.count = load_option(argc, argv, "--count", 20000),
                                       .marks = load_option(argc, argv, "--marks", 10000),
                                       .seed = 1};
    size_t runs = load_option(argc, argv, "--runs", 5);
    if (wanted.count < EVERY * HOSTILE_KINDS_COUNT || wanted.marks == 0 || runs == 0 ||
        runs > MEASURE_RUNS_MAX || load_open(&hostile.load, &wanted) < 0)
        return 2;
    int result = prepare(&hostile);
    for (size_t i = 0; result == 0 && i < runs; i++) {
        pass(&hostile, false);
        pass(&hostile, true);
    }
    struct intake_counts counts = {0};
    if (result == 0) {
        counts = intake_counts(hostile.intake);
        report(&hostile);
    } else {
        (void)fprintf(stderr, "hostile: %s\n", strerrordesc_np(-result));
    }
    (void)intake_close(hostile.intake); /* always NULL */
    for (size_t kind = 0; kind < HOSTILE_KINDS_COUNT; kind++)
        free(hostile.lines[kind]);
    free(hostile.times);
    load_close(&hostile.load);
    return result < 0 || counts.rejected > 0 || counts.failed_scans > 0 ? 1 : 0;
}
