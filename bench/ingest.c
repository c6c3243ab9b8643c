/*
 * The daemon's rate as a crawler sees it: from the first byte sent to the last acknowledgement,
 * beside the in-process pipeline over the same lines.
 *
 *   ingest --noticed=PATH --folder=DIR [--io=uring|poll] [--count=N] [--marks=N] [--clients=N]
 *          [--runs=N] [--lanes=N] [--rounds=N]
 *
 * With more than one round a run feeds the same daemon the lines again and again, and says how much
 * its memory grew from the end of the first round to the end of the last.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/daemon.h"
#include "bench/load.h"
#include "bench/measure.h"

#define CLIENTS_MAX 64u

struct settings {
    const char *noticed, *folder, *io;
    char row[64]; /* the row's name */
    size_t count, marks, clients, runs, lanes, rounds;
};

struct figures {
    struct sample socket, pipeline, idle, after, cpu, grown;
};

static const char *text_option(int argc, char **argv, const char *name, const char *standard)
{
    size_t len = strlen(name);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
            return argv[i] + len + 1;
    return standard;
}

struct share {
    const char *at;
    size_t len, lines;
};

/* The next lines of the load, for one client. */
static struct share take_share(const struct load *load, const char *at, size_t lines)
{
    const char *end = load->bytes + load->len, *until = at;
    for (size_t line = 0; line < lines; line++)
        until = (const char *)memchr(until, '\n', (size_t)(end - until)) + 1;
    return (struct share){.at = at, .len = (size_t)(until - at), .lines = lines};
}

/* A child that waits for the gate to close and feeds its share. */
static void be_client(const struct daemon *daemon, const struct share *share, int gate)
{
    char byte = 0;
    (void)!read(gate, &byte, 1); /* ends when the parent closes its end */
    int result = daemon_feed(daemon->crawl, share->at, share->len, share->lines);
    if (result < 0)
        (void)fprintf(stderr, "ingest: a client failed: %s\n", strerrordesc_np(-result));
    _exit(result < 0 ? 1 : 0);
}

static int feed(const struct daemon *daemon, const struct load *load, size_t clients,
                uint64_t *ret_ns)
{
    const char *at = load->bytes;
    int gate[2];
    if (pipe2(gate, O_CLOEXEC) == -1)
        return -errno;
    for (size_t i = 0; i < clients; i++) {
        const size_t first = load->count * i / clients, last = load->count * (i + 1) / clients;
        const struct share share =
            take_share(load, at, last - first); /* not in the time measured */
        at = share.at + share.len;
        pid_t pid = fork();
        if (pid == 0) {
            (void)close(gate[1]); /* else the gate would never open */
            be_client(daemon, &share, gate[0]);
        }
        if (pid == -1)
            return -errno;
    }
    (void)close(gate[0]); /* the children's */
    uint64_t begin = measure_ns();
    (void)close(gate[1]); /* opens the gate */
    bool failed = false;
    for (size_t i = 0; i < clients; i++) {
        int status = 0;
        failed = wait(&status) == -1 || status != 0 || failed;
    }
    *ret_ns = measure_ns() - begin;
    return failed ? -EIO : 0;
}

static int run(const struct settings *settings, const struct load *load, size_t number,
               struct figures *figures)
{
    char folder[DAEMON_PATH_BYTES], extra[64];
    struct daemon daemon;
    uint64_t ns = 0, pipeline_cpu_ns = 0;
    (void)snprintf(folder, sizeof folder, "%s/run%zu", settings->folder, number);
    (void)snprintf(extra, sizeof extra, "lanes: %zu\n", settings->lanes);
    struct intake *intake = NULL;
    int result = load_intake(load, &intake);
    uint64_t begin = measure_ns();
    if (result == 0)
        result = load_pipeline(load, intake, &pipeline_cpu_ns);
    ns = measure_ns() - begin;
    (void)intake_close(intake); /* always NULL */
    if (result < 0)
        return result;
    sample_add(&figures->pipeline, (double)ns / (double)load->count);
    result = daemon_start(&daemon, settings->noticed, folder, settings->io, extra, load);
    if (result < 0)
        return result;
    sample_add(&figures->idle, (double)daemon_resident_bytes(&daemon) / 1e6);
    uint64_t cpu = daemon_cpu_ns(&daemon), total = 0;
    double first = 0, last = 0;
    for (size_t round = 0; result == 0 && round < settings->rounds; round++) {
        result = feed(&daemon, load, settings->clients, &ns);
        total += ns;
        last = (double)daemon_resident_bytes(&daemon) / 1e6;
        first = round == 0 ? last : first;
    }
    double lines = (double)load->count * (double)settings->rounds;
    sample_add(&figures->cpu, (double)(daemon_cpu_ns(&daemon) - cpu) / lines);
    sample_add(&figures->after, last);
    sample_add(&figures->grown, last - first);
    sample_add(&figures->socket, (double)total / lines);
    int code = daemon_stop(&daemon);
    if (code != 0) {
        (void)fprintf(stderr, "ingest: noticed ended with %d; see %s/noticed.log\n", code, folder);
        return -EIO;
    }
    return result;
}

static void report(const struct settings *settings, const struct load *load,
                   const struct figures *figures)
{
    char extra[160], name[96];
    double socket = sample_median(&figures->socket), pipeline = sample_median(&figures->pipeline);
    (void)snprintf(extra, sizeof extra,
                   "\"mb_s\":%.0f,\"clients\":%zu,\"lanes\":%zu,\"io\":\"%s\",\"lines\":%zu",
                   (double)load->len / (double)load->count * 1000 / socket, settings->clients,
                   settings->lanes, settings->io, load->count);
    /* listings per second against listings per second: the inverse of the times */
    measure_row(settings->row, "ns/listing", &figures->socket, pipeline / socket, "scan.pipeline",
                extra);
    (void)snprintf(name, sizeof name, "%s.in_process", settings->row);
    measure_row(name, "ns/listing", &figures->pipeline, 0, NULL, NULL);
    (void)snprintf(name, sizeof name, "%s.daemon_cpu", settings->row);
    measure_row(name, "ns/listing", &figures->cpu, 0, NULL, NULL);
    (void)snprintf(name, sizeof name, "%s.rss_idle", settings->row);
    measure_row(name, "MB", &figures->idle, 0, NULL, NULL);
    (void)snprintf(name, sizeof name, "%s.rss_after", settings->row);
    measure_row(name, "MB", &figures->after, 0, NULL, NULL);
    (void)snprintf(name, sizeof name, "%s.rss_grown", settings->row);
    if (settings->rounds > 1)
        measure_row(name, "MB", &figures->grown, 0, NULL, NULL);
}

int main(int argc, char **argv)
{
    struct settings settings = {
        .noticed = text_option(argc, argv, "--noticed", "build/noticed"),
        .folder = text_option(argc, argv, "--folder", NULL),
        .io = text_option(argc, argv, "--io", "uring"),
        .count = load_option(argc, argv, "--count", 200000),
        .marks = load_option(argc, argv, "--marks", 1000),
        .clients = load_option(argc, argv, "--clients", 1),
        .runs = load_option(argc, argv, "--runs", 5),
        .lanes = load_option(argc, argv, "--lanes", 1),
        .rounds = load_option(argc, argv, "--rounds", 1),
    };
    (void)snprintf(settings.row, sizeof settings.row, "%s",
                   text_option(argc, argv, "--row", "ingest.socket"));
    if (settings.folder == NULL || settings.count == 0 || settings.clients == 0 ||
        settings.clients > CLIENTS_MAX || settings.rounds == 0 || settings.runs == 0 ||
        settings.runs > MEASURE_RUNS_MAX) {
        (void)fputs("usage: ingest --folder=DIR [--noticed=PATH] [--io=uring|poll] [--count=N]\n"
                    "              [--marks=N] [--clients=N] [--runs=N] [--lanes=N] [--rounds=N]\n"
                    "              [--row=NAME]\n",
                    stderr);
        return 2;
    }
    if (mkdir(settings.folder, 0755) == -1 && errno != EEXIST) {
        (void)fprintf(stderr, "ingest: %s: %s\n", settings.folder, strerrordesc_np(errno));
        return 2;
    }
    static struct figures figures;
    struct load load;
    const struct load_wanted wanted = {.count = settings.count, .marks = settings.marks, .seed = 1};
    if (load_open(&load, &wanted) < 0)
        return 2;
    int result = 0;
    for (size_t i = 0; result == 0 && i < settings.runs; i++)
        result = run(&settings, &load, i, &figures);
    if (result < 0)
        (void)fprintf(stderr, "ingest: %s\n", strerrordesc_np(-result));
    else
        report(&settings, &load, &figures);
    load_close(&load);
    return result < 0 ? 1 : 0;
}
