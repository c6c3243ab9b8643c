/*
 * Writing: the rate beside a raw write, and one record alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/ledger_figures.h"

#define NEVER_NS (3600u * LEDGER_SECOND_NS)
#define ACKS     320u

static double per_second(uint64_t count, uint64_t ns)
{
    return (double)count * 1e9 / (double)ns;
}

/* --- append: records/s --- */

/* The bytes of the one segment, and where each batch of the run ended in them. */
struct batches {
    char *bytes;
    size_t len;
    size_t *ends;
    size_t count;
};

/* durable[i]: the last record of batch i; the lines follow each other. */
static int find_batches(const struct ledger_settings *settings, const uint64_t *durable,
                        size_t count, struct batches *ret_batches)
{
    char path[SEALED_PATH_BYTES];
    int error = ledger_path(settings, LEDGER_FEED_PATH, path);

    if (error == 0)
        error = ledger_read_whole(path, &ret_batches->bytes, &ret_batches->len);
    ret_batches->ends = calloc(count + 1, sizeof(ret_batches->ends[0]));
    if (error < 0 || ret_batches->ends == NULL)
        return error < 0 ? error : -ENOMEM;
    const char *at = ret_batches->bytes, *end = at + ret_batches->len;
    uint64_t seq = 0;
    for (size_t i = 0; i < count; i++) {
        for (; at < end && seq <= durable[i]; seq++)
            at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        ret_batches->ends[ret_batches->count] = (size_t)(at - ret_batches->bytes);
        ret_batches->count += ret_batches->count == 0 || ret_batches->ends[ret_batches->count - 1] <
                                                             (size_t)(at - ret_batches->bytes);
    }
    return 0;
}

/* One run of the writer. */
static int run_writer(const struct ledger_settings *settings, uint64_t interval_ns,
                      struct sample *rate, struct sample *cpu, struct batches *ret_batches)
{
    struct sealed sealed;
    uint64_t number = 0;
    int error = ledger_open(settings, interval_ns, &sealed);

    if (error < 0)
        return error;
    sealed_count_batches(&sealed);
    uint64_t begin = measure_ns(), cpu_ns = measure_cpu_ns();
    error = sealed_feed(&sealed, settings->count, &number);
    sample_add(rate, per_second(settings->count, measure_ns() - begin));
    if (cpu != NULL)
        sample_add(cpu, (double)(measure_cpu_ns() - cpu_ns) / (double)settings->count);
    uint64_t *durable = sealed.batches;
    size_t count = sealed.batches_count;
    sealed.batches = NULL;
    int closed = sealed_close(&sealed);
    if (error == 0)
        error = closed;
    if (error == 0 && ret_batches != NULL)
        error = find_batches(settings, durable, count, ret_batches);
    free(durable);
    return error;
}

/* The same bytes with nothing made of them. */
static int run_raw(const struct ledger_settings *settings, const struct batches *batches,
                   struct ledger_figures *figures)
{
    char path[SEALED_PATH_BYTES];
    size_t at = 0;
    int error = ledger_path(settings, "raw", path);
    int fd = error < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd == -1)
        return error < 0 ? error : -errno;
    uint64_t begin = measure_ns(), cpu_ns = measure_cpu_ns();
    for (size_t i = 0; i < batches->count && error == 0; i++) {
        while (at < batches->ends[i] && error == 0) {
            ssize_t done = pwrite(fd, batches->bytes + at, batches->ends[i] - at, (off_t)at);
            error = done < 0 ? -errno : 0;
            at += done > 0 ? (size_t)done : 0;
        }
        if (error == 0 && fdatasync(fd) == -1)
            error = -errno;
    }
    sample_add(&figures->raw, per_second(settings->count, measure_ns() - begin));
    sample_add(&figures->raw_cpu, (double)(measure_cpu_ns() - cpu_ns) / (double)settings->count);
    (void)close(fd); /* it is synced */
    if (unlink(path) == -1 && error == 0)
        error = -errno;
    return error;
}

int ledger_measure_append(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    struct batches batches = {.count = 0};
    int error = run_writer(settings, LEDGER_SECOND_NS, &figures->sealed, &figures->cpu, &batches);

    if (error == 0)
        error = run_raw(settings, &batches, figures);
    if (batches.count > 0)
        sample_add(&figures->batch, (double)batches.len / (double)batches.count / 1e3);
    free(batches.bytes);
    free(batches.ends);
    return error;
}

int ledger_measure_unsealed(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    return run_writer(settings, NEVER_NS, &figures->unsealed, NULL, NULL);
}

/* --- ack: one record when nothing else is to be done --- */

int ledger_measure_ack(const struct ledger_settings *settings, struct ledger_figures *figures)
{
    struct sealed sealed;
    struct sample acks = {.count = 0}, syncs = {.count = 0};
    char path[SEALED_PATH_BYTES], line[600];
    uint64_t number = 0;
    int error = ledger_path(settings, "raw", path);

    memset(line, 'x', sizeof(line));
    int fd = error < 0 ? -1 : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd == -1)
        return error < 0 ? error : -errno;
    error = ledger_open(settings, LEDGER_SECOND_NS, &sealed);
    for (unsigned i = 0; i < ACKS && error == 0; i++) {
        uint64_t begin = measure_ns();
        error = sealed_feed(&sealed, 1, &number);
        uint64_t middle = measure_ns();
        if (error == 0 && (pwrite(fd, line, sizeof(line), (off_t)(i * sizeof(line))) == -1 ||
                           fdatasync(fd) == -1))
            error = -errno;
        uint64_t end = measure_ns();
        if (acks.count == MEASURE_RUNS_MAX) { /* medians of some dozens each */
            sample_add(&figures->ack, sample_median(&acks));
            sample_add(&figures->sync, sample_median(&syncs));
            acks.count = syncs.count = 0;
        }
        sample_add(&acks, (double)(middle - begin) / 1e3);
        sample_add(&syncs, (double)(end - middle) / 1e3);
    }
    int closed = sealed_close(&sealed);
    (void)close(fd); /* it is synced */
    if (unlink(path) == -1 && error == 0)
        error = -errno;
    return error < 0 ? error : closed;
}
