/*
 * What compiling a set costs in time and memory: compile [--runs=N] [--list10=F] [--list100=F]
 *
 * Each run is a process of its own, as in the daemon. Measured is all that its compiler process
 * does with lists that are in memory: reading them, making literals, compiling, serialising.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/load.h"
#include "bench/measure.h"

struct figures {
    struct sample ms, mb;
    size_t literals, bytes; /* of the last run */
};

/* What a child tells. */
struct report {
    uint64_t ns;
    size_t literals, bytes;
};

static void compile_in_child(const struct load_wanted *wanted, int out)
{
    struct load load;
    struct report report = {0};
    void *bytes = NULL;
    if (load_lists(&load, wanted) < 0)
        _exit(EXIT_FAILURE);
    uint64_t begin = measure_ns();
    if (load_compile(&load) < 0 || matcher_db_serialize(load.db, &bytes, &report.bytes) < 0)
        _exit(EXIT_FAILURE);
    report.ns = measure_ns() - begin;
    report.literals = matcher_db_literals_count(load.db);
    bool told = write(out, &report, sizeof report) == (ssize_t)sizeof report;
    _exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
}

static int run(const struct load_wanted *wanted, struct figures *figures)
{
    int ends[2];
    struct report report;
    struct rusage usage;
    int status = 0;
    if (pipe(ends) == -1)
        return -errno;
    pid_t child = fork();
    if (child == 0)
        compile_in_child(wanted, ends[1]);
    (void)close(ends[1]); /* the child's end */
    bool told = child != -1 && read(ends[0], &report, sizeof report) == (ssize_t)sizeof report;
    (void)close(ends[0]); /* it was only read */
    if (child == -1 || wait4(child, &status, 0, &usage) == -1)
        return -errno;
    if (!told || !WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
        return -EIO;
    sample_add(&figures->ms, (double)report.ns / 1e6);
    sample_add(&figures->mb, (double)usage.ru_maxrss / 1024);
    figures->literals = report.literals;
    figures->bytes = report.bytes;
    return 0;
}

static int measure(const char *name, const struct load_wanted *wanted, size_t runs)
{
    struct figures figures = {.literals = 0};
    char extra[128];
    int result = 0;
    for (size_t i = 0; result == 0 && i < runs; i++)
        result = run(wanted, &figures);
    if (result < 0) {
        (void)fprintf(stderr, "compile: %s: %s\n", name, strerrordesc_np(-result));
        return result;
    }
    (void)snprintf(extra, sizeof extra, "\"peak_mb\":%.0f,\"literals\":%zu,\"set_mb\":%.1f",
                   sample_median(&figures.mb), figures.literals, (double)figures.bytes / 1e6);
    measure_row(name, "ms", &figures.ms, 0, NULL, extra);
    return 0;
}

int main(int argc, char **argv)
{
    size_t runs = load_option(argc, argv, "--runs", 5);
    const struct load_wanted small = {
        .marks = 10000, .varied = 1000, .list = load_text(argc, argv, "--list10")};
    struct load_wanted large = {.marks = 100000,
                                .list = load_text(argc, argv, "--list100"),
                                .variants = MATCHER_VARIANTS_OFF};
    if (runs == 0 || runs > MEASURE_RUNS_MAX)
        return 2;
    if (measure("compile.10k", &small, runs) < 0 || measure("compile.100k", &large, runs) < 0)
        return 1;
    large.variants = MATCHER_VARIANTS_AUTO;
    return measure("compile.100k_auto", &large, runs) < 0;
}
