/*
 * What it costs to make records evidence: the daemon's own writer and sealer beside a raw write and
 * fdatasync of the same bytes in the same batches, verification beside SHA-256 alone, and the start
 * of a large ledger.
 *
 *   ledger --folder=DIR [--count=N] [--runs=N] [--recover-mb=N] [--io=uring|poll]
 *          [--only=append|ack|verify|recover]
 *
 * DIR is on the disk that is measured; all that is written there is removed. noticed-sealer must be
 * in PATH. A run of append writes `count` records of some 600 bytes in slices, and each slice raw
 * behind that, so that both share what else the machine does (ledger_write.c says how); the first
 * of several cycles of a run is not counted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/ledger_figures.h"
#include "bench/load.h"

#define COUNT_MAX 1000000u /* records of a segment: append is measured within one */

int ledger_path(const struct ledger_settings *settings, const char *name,
                char ret_path[SEALED_PATH_BYTES])
{
    int len = snprintf(ret_path, SEALED_PATH_BYTES, "%s/%s", settings->folder, name);
    return len > 0 && len < (int)SEALED_PATH_BYTES ? 0 : -ENAMETOOLONG;
}

int ledger_open(const struct ledger_settings *settings, uint64_t interval_ns,
                struct sealed *ret_sealed)
{
    const struct sealed_config config = {
        .folder = settings->folder, .io = settings->io, .interval_ns = interval_ns};
    return sealed_open(&config, ret_sealed);
}

int ledger_read_whole(const char *path, char **ret_bytes, size_t *ret_len)
{
    struct stat stat;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1 || fstat(fd, &stat) == -1)
        return -errno;
    char *bytes = malloc((size_t)stat.st_size + 1);
    size_t have = 0;
    ssize_t done = bytes == NULL ? -1 : 1;
    while (done > 0 && have < (size_t)stat.st_size) {
        done = read(fd, bytes + have, (size_t)stat.st_size - have);
        have += done > 0 ? (size_t)done : 0;
    }
    (void)close(fd); /* only read from */
    *ret_bytes = bytes;
    *ret_len = have;
    return done < 0 ? -EIO : 0;
}

static void report(const struct ledger_settings *settings, const struct ledger_figures *figures)
{
    char extra[96];
    struct sample ratios;

    if (figures->rate.count > 0) {
        measure_row_ratios("ledger.append", "records/s", &figures->rate, &figures->ratio,
                           "ledger.raw");
        measure_row("ledger.raw", "records/s", &figures->raw, 0, NULL, NULL);
        measure_row("ledger.checkpoint", "of unsealed", &figures->checkpoint, 0, NULL, NULL);
        measure_row("ledger.checkpoint_cpu", "ms", &figures->checkpoint_cpu, 0, NULL, NULL);
        measure_row("ledger.append_cpu", "ns/record", &figures->cpu, 0, NULL, NULL);
        measure_row("ledger.raw_cpu", "ns/record", &figures->raw_cpu, 0, NULL, NULL);
        measure_row("ledger.batch", "KB", &figures->batch, 0, NULL, NULL);
    }
    if (figures->ack.count > 0) {
        ratios = sample_ratios(&figures->ack, &figures->sync);
        measure_row_ratios("ledger.ack", "us", &figures->ack, &ratios, "ledger.sync");
        measure_row("ledger.sync", "us", &figures->sync, 0, NULL, NULL);
        ratios = sample_ratios(&figures->ack_blob, &figures->sync_by);
        measure_row_ratios("ledger.ack_blob", "us", &figures->ack_blob, &ratios, "ledger.sync");
    }
    if (figures->verify.count > 0) {
        ratios = sample_ratios(&figures->verify, &figures->sha256);
        measure_row_ratios("ledger.verify", "GB/s", &figures->verify, &ratios, "ledger.sha256");
        measure_row("ledger.sha256", "GB/s", &figures->sha256, 0, NULL, NULL);
    }
    (void)snprintf(extra, sizeof(extra), "\"feed_mb\":%zu", settings->recover_mb);
    if (figures->recover.count > 0) {
        measure_row("ledger.recover_cold", "s", &figures->recover_cold, 0, NULL, extra);
        measure_row("ledger.recover", "s", &figures->recover, 0, NULL, extra);
    }
}

typedef int measure(const struct ledger_settings *settings, struct ledger_figures *figures);

/* In their order, each in a folder of its own. */
static const struct {
    const char *only;
    measure *measure;
    bool rounds; /* once a run, so that what else the machine does falls on all of them */
} measures[] = {
    {"append", ledger_measure_append, true},    {"ack", ledger_measure_ack, true},
    {"ack", ledger_measure_ack_blob, true},     {"verify", ledger_measure_verify, false},
    {"recover", ledger_measure_recover, false},
};

static int measure_all(const struct ledger_settings *settings, const char *only,
                       struct ledger_figures *figures)
{
    struct ledger_settings here = *settings;
    char folder[SEALED_PATH_BYTES], name[32];
    int error = 0;

    here.folder = folder;
    for (size_t run = 0; run < settings->runs && error == 0; run++) {
        for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]) && error == 0; i++) {
            if ((run > 0 && !measures[i].rounds) ||
                (only != NULL && strcmp(only, measures[i].only) != 0))
                continue;
            (void)snprintf(name, sizeof(name), "%zu.%zu", run, i); /* it fits */
            error = ledger_path(settings, name, folder);
            if (error == 0 && mkdir(folder, 0755) == -1)
                error = -errno;
            if (error == 0)
                error = measures[i].measure(&here, figures);
        }
    }
    int removed = sealed_remove(settings->folder);
    return error < 0 ? error : removed;
}

int main(int argc, char **argv)
{
    static struct ledger_figures figures;
    const char *io = load_text(argc, argv, "--io");
    struct ledger_settings settings = {
        .folder = load_text(argc, argv, "--folder"),
        .io = io != NULL && strcmp(io, "poll") == 0 ? BACKEND_POLL : BACKEND_URING,
        .count = load_option(argc, argv, "--count", COUNT_MAX),
        .runs = load_option(argc, argv, "--runs", 5),
        .recover_mb = load_option(argc, argv, "--recover-mb", 2048),
    };
    if (settings.folder == NULL || settings.count == 0 || settings.count > COUNT_MAX ||
        settings.runs == 0 || settings.runs > MEASURE_RUNS_MAX) {
        (void)fputs("usage: ledger --folder=DIR [--count=N] [--runs=N] [--recover-mb=N]\n"
                    "              [--io=uring|poll] [--only=append|ack|verify|recover]\n",
                    stderr);
        return 2;
    }
    if (mkdir(settings.folder, 0755) == -1 && errno != EEXIST) {
        (void)fprintf(stderr, "ledger: %s: %s\n", settings.folder, strerrordesc_np(errno));
        return 2;
    }
    int error = measure_all(&settings, load_text(argc, argv, "--only"), &figures);
    if (error < 0)
        (void)fprintf(stderr, "ledger: %s\n", strerrordesc_np(-error));
    else
        report(&settings, &figures);
    return error < 0 ? 1 : 0;
}
