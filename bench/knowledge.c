/*
 * What findings cost as a ledger grows tenfold and again: building the index, a question about one
 * merchant with it, a finding among all, and all findings of an order.
 *
 *   knowledge --folder=F [--scale=N] [--steps=N] [--runs=N]
 *
 * Scale 1000 is 10^7 sightings, 10^5 notices, 10^6 acts of support and 50,000 merchants; the last
 * step is of the given scale (1), each before it a tenth. Ledgers are written to F and taken away.
 * Times are of the processor, on one thread, with the ledger in the page cache: what else runs on
 * the machine does not count, and neither does waiting for a disk.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/measure.h"
#include "daemon/ctl/asking.h"
#include "daemon/ctl/index_build.h"
#include "daemon/knowledge/tell.h"
#include "daemon/time_text.h"

#define PATH_BYTES          512u
#define FIRST_SEGMENT       "/feed/00000000000000000000.jsonl"
#define LISTINGS_PER        10u /* of a merchant */
#define SIGHTINGS_PER_SCALE 10000u
#define MERCHANTS_PER_SCALE 50u
#define ORDERED_MAX         1000u /* merchants bound by the order */
#define QUESTIONS           200u
#define BEGIN_NS            INT64_C(1767225600000000000) /* 2026-01-01 */
#define STEP_NS             INT64_C(800000)              /* between records */

struct generator {
    FILE *feed;
    uint64_t seq, chance, notices, acts, merchants;
};

struct counts {
    uint64_t records, findings;
};

/* Nanoseconds of processor time. */
static uint64_t cpu_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now); /* it cannot fail with these */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* xorshift64: the same ledger from the same scale, for ever. */
static uint64_t draw(struct generator *generator, uint64_t below)
{
    generator->chance ^= generator->chance << 13;
    generator->chance ^= generator->chance >> 7;
    generator->chance ^= generator->chance << 17;
    return generator->chance % below;
}

/* One record; the event's members after its id and time are printf-formatted. */
static void put(struct generator *generator, const char *kind, const char *id, const char *format,
                ...) __attribute__((format(printf, 4, 5)));
static void put(struct generator *generator, const char *kind, const char *id, const char *format,
                ...)
{
    char time[TIME_TEXT_BYTES], own[32];
    va_list arguments;
    time_text_format(BEGIN_NS + (int64_t)generator->seq * STEP_NS, time);
    (void)snprintf(own, sizeof own, "0.%" PRIu64, generator->seq);
    (void)fprintf(generator->feed,
                  "{\"v\":1,\"seq\":%" PRIu64 ",\"kind\":\"%s\",\"t\":\"%s\",\"b\":\"%" PRIu64
                  "\",\"clk\":null,\"run\":0,\"source\":\"bench\",\"conn\":1,\"line\":%" PRIu64
                  ",\"event\":{\"id\":\"%s\",\"type\":\"%s\",\"at\":\"%s\",\"unc_ms\":50",
                  generator->seq, kind, time, generator->seq, generator->seq, id == NULL ? own : id,
                  kind, time);
    va_start(arguments, format);
    (void)vfprintf(generator->feed, format, arguments);
    va_end(arguments);
    (void)fputs("}}\n", generator->feed);
    generator->seq++;
}

static void put_notice(struct generator *generator, uint64_t merchant)
{
    char id[32];
    uint64_t notice = generator->notices++;
    uint64_t listing = merchant * LISTINGS_PER + draw(generator, LISTINGS_PER);
    (void)snprintf(id, sizeof id, "ns%" PRIu64, notice);
    put(generator, "notice.sent", id,
        ",\"platform\":\"P\",\"notice\":\"N%" PRIu64 "\",\"channel\":\"portal\",\"kind\":"
        "\"counterfeit\",\"has\":[\"location\"],\"listings\":[\"L%" PRIu64 "\"]",
        notice, listing);
    (void)snprintf(id, sizeof id, "nr%" PRIu64, notice);
    put(generator, "notice.received", id, ",\"notice\":\"N%" PRIu64 "\"", notice);
    if (notice % 2 == 0)
        return;
    (void)snprintf(id, sizeof id, "td%" PRIu64, notice);
    put(generator, "takedown", id,
        ",\"platform\":\"P\",\"listing\":\"L%" PRIu64 "\",\"actor\":\"platform\"", listing);
}

static void put_world(struct generator *generator)
{
    char id[32];
    put(generator, "policy", "pol",
        ",\"platform\":\"P\",\"grace_s\":60,\"required\":[\"location\"],\"strike\":{\"kinds\":["
        "\"counterfeit\"],\"threshold\":3,\"validity_s\":31536000,\"spacing_s\":[10],"
        "\"established\":\"decision_or_lapse\",\"counter_window_s\":100}");
    put(generator, "channel", "ch",
        ",\"platform\":\"P\",\"channel\":\"portal\",\"class\":\"designated\"");
    put(generator, "coverage", "cv",
        ",\"platform\":\"P\",\"kind\":\"counter\",\"from\":\"2020-01-01T00:00:00Z\",\"to\":"
        "\"2030-01-01T00:00:00Z\"");
    put(generator, "order", "o", ",\"order\":\"O\"");
    put(generator, "order.served", "os", ",\"order\":\"O\",\"platform\":\"P\"");
    for (uint64_t i = 0; i < generator->merchants; i++) {
        for (uint64_t j = 0; j < LISTINGS_PER; j++) {
            (void)snprintf(id, sizeof id, "listing.%" PRIu64, generator->seq);
            put(generator, "listing", id,
                ",\"platform\":\"P\",\"listing\":\"L%" PRIu64 "\",\"merchant\":\"P/m%" PRIu64 "\"",
                i * LISTINGS_PER + j, i);
        }
        (void)snprintf(id, sizeof id, "op%" PRIu64, i);
        if (i < ORDERED_MAX)
            put(generator, "order.party", id, ",\"order\":\"O\",\"merchant\":\"P/m%" PRIu64 "\"",
                i);
    }
}

/* A sighting; each hundredth with a notice, each tenth with an act. */
static void put_sighting(struct generator *generator, uint64_t number)
{
    char id[32];
    uint64_t merchant = draw(generator, generator->merchants);
    uint64_t listing = merchant * LISTINGS_PER + draw(generator, LISTINGS_PER);
    put(generator, "sighting", NULL,
        ",\"platform\":\"P\",\"listing\":\"L%" PRIu64 "\",\"state\":\"active\",\"via\":\"page\"",
        listing);
    if (number % 100 == 0)
        put_notice(generator, draw(generator, generator->merchants));
    if (number % 10 != 0)
        return;
    (void)snprintf(id, sizeof id, "ad%" PRIu64, generator->acts++);
    put(generator, "support", id,
        ",\"platform\":\"P\",\"kind\":\"sponsored_ad\",\"gen\":\"algorithmic\",\"listing\":"
        "\"L%" PRIu64 "\"",
        merchant * LISTINGS_PER + draw(generator, LISTINGS_PER));
}

/* A name below the ledger. 0 or -ENAMETOOLONG. */
static int path_of(char ret_path[PATH_BYTES], const char *ledger, const char *below)
{
    int len = snprintf(ret_path, PATH_BYTES, "%s%s", ledger, below);
    return len < 0 || (size_t)len >= PATH_BYTES ? -ENAMETOOLONG : 0;
}

static int generate(const char *ledger, uint64_t scale, struct generator *generator)
{
    char feed[PATH_BYTES], state[PATH_BYTES], path[PATH_BYTES];
    int result = path_of(feed, ledger, "/feed");
    if (result == 0)
        result = path_of(state, ledger, "/state");
    if (result == 0)
        result = path_of(path, ledger, FIRST_SEGMENT);
    if (result == 0 && ((mkdir(ledger, 0755) == -1 && errno != EEXIST) ||
                        (mkdir(feed, 0755) == -1 && errno != EEXIST) ||
                        (mkdir(state, 0755) == -1 && errno != EEXIST)))
        result = -errno;
    if (result < 0)
        return result;
    *generator = (struct generator){.feed = fopen(path, "w"),
                                    .chance = 88172645463325252u,
                                    .merchants = scale * MERCHANTS_PER_SCALE};
    if (generator->feed == NULL)
        return -errno;
    put_world(generator);
    for (uint64_t i = 0; i < scale * SIGHTINGS_PER_SCALE; i++)
        put_sighting(generator, i);
    return fclose(generator->feed) == 0 ? 0 : -errno;
}

static int build_index(const char *ledger, const char *path, struct sample *rate)
{
    struct index_db *db = NULL;
    struct feed *feed = NULL;
    uint64_t end = 0, begin_ns = cpu_ns();
    (void)unlink(path); /* it may not be there */
    int result = feed_open(ledger, &feed);
    if (result == 0)
        result = index_db_open(path, true, &db);
    if (result == 0)
        result = index_build(db, feed, 0, UINT64_MAX, INDEX_QUICK, &end);
    db = index_db_close(db);
    feed = feed_close(feed);
    sample_add(rate, (double)end * 1e9 / (double)(cpu_ns() - begin_ns));
    return result;
}

static int count_finding(void *context, const struct knowledge_finding *finding)
{
    struct counts *counts = context;
    measure_use(finding, sizeof *finding);
    counts->findings++;
    return 0;
}

/* One question, from opening the index to the last finding. Nanoseconds, or 0: it failed. */
static double ask(const char *ledger, const char *merchant, const char *order,
                  struct counts *counts, double *ret_find_ns)
{
    struct asking asking = {.command = "bench", .ledger = ledger};
    uint64_t begin_ns = cpu_ns();
    if (merchant != NULL)
        asking.filter.merchant = (struct knowledge_text){merchant, strlen(merchant)};
    if (order != NULL)
        asking.order = (struct knowledge_text){order, strlen(order)};
    asking.filter.connected = true;
    int result = asking_open(&asking);
    if (result == 0)
        result = asking_read(&asking, NULL, NULL);
    uint64_t read_ns = cpu_ns();
    if (result == 0)
        result = knowledge_findings(asking.knowledge, &asking.filter, count_finding, counts);
    uint64_t end_ns = cpu_ns();
    if (result == 0)
        counts->records += evidence_lines(asking.evidence);
    if (ret_find_ns != NULL)
        *ret_find_ns = (double)(end_ns - read_ns);
    asking_close(&asking);
    return result == 0 ? (double)(end_ns - begin_ns) : 0;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Questions about merchants all over the ledger: median and 99th percentile. */
static int ask_merchants(const char *ledger, uint64_t merchants, struct sample *median,
                         struct sample *p99, struct counts *counts)
{
    double times[QUESTIONS];
    for (uint64_t i = 0; i < QUESTIONS; i++) {
        char merchant[32];
        (void)snprintf(merchant, sizeof merchant, "P/m%" PRIu64, i * 7919 % merchants);
        times[i] = ask(ledger, merchant, NULL, counts, NULL) / 1e6;
        if (times[i] <= 0)
            return -EIO;
    }
    qsort(times, QUESTIONS, sizeof *times, compare);
    sample_add(median, times[QUESTIONS / 2]);
    sample_add(p99, times[QUESTIONS * 99 / 100]);
    return 0;
}

static void print_rows(const char *scale, const struct sample *rows, const char *extra)
{
    static const char *const names[] = {"knowledge.index", "knowledge.merchant",
                                        "knowledge.merchant_p99", "knowledge.finding",
                                        "knowledge.order"};
    static const char *const units[] = {"records/s", "ms", "ms", "ns", "ms"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "%s_%s", names[i], scale);
        measure_row(name, units[i], &rows[i], 0, NULL, extra);
    }
}

static int step(const char *folder, uint64_t scale, size_t runs)
{
    char ledger[PATH_BYTES], index[PATH_BYTES], feed[PATH_BYTES], name[32], extra[256];
    struct sample rows[5] = {0};
    struct generator generator;
    struct counts asked = {0}, all = {0}, ordered = {0};
    struct rusage usage;
    (void)snprintf(name, sizeof name, "/ledger-%" PRIu64, scale);
    int result = path_of(ledger, folder, name);
    if (result == 0)
        result = path_of(index, ledger, "/state/index.sqlite");
    if (result == 0)
        result = path_of(feed, ledger, FIRST_SEGMENT);
    if (result == 0)
        result = generate(ledger, scale, &generator);
    for (size_t run = 0; run < runs && result == 0; run++) {
        double find_ns = 0;
        all = ordered = asked = (struct counts){0};
        result = build_index(ledger, index, &rows[0]);
        if (result == 0)
            result = ask_merchants(ledger, generator.merchants, &rows[1], &rows[2], &asked);
        /* All acts, each with its own merchant, among all records. */
        if (result == 0 && ask(ledger, NULL, NULL, &all, &find_ns) <= 0)
            result = -EIO;
        sample_add(&rows[3], all.findings == 0 ? 0 : find_ns / (double)all.findings);
        if (result == 0)
            sample_add(&rows[4], ask(ledger, NULL, "O", &ordered, NULL) / 1e6);
    }
    if (result < 0)
        return result;
    (void)getrusage(RUSAGE_SELF, &usage); /* it cannot fail with these */
    (void)snprintf(extra, sizeof extra,
                   "\"records\":%" PRIu64 ",\"merchants\":%" PRIu64 ",\"read\":%" PRIu64
                   ",\"findings\":%" PRIu64 ",\"of_order\":%" PRIu64 ",\"peak_mb\":%ld",
                   generator.seq, generator.merchants, asked.records / QUESTIONS, all.findings,
                   ordered.findings, usage.ru_maxrss / 1024);
    (void)snprintf(name, sizeof name, "%" PRIu64, scale);
    print_rows(name, rows, extra);
    (void)unlink(index); /* and the feed: nothing of it is needed any more */
    (void)unlink(feed);
    return 0;
}

/* The value of --name=value, or NULL. bench/load.h has the same, but brings names of its own that
   the set of events has, too. */
static const char *option(int argc, char **argv, const char *name)
{
    size_t len = strlen(name);
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
            return argv[i] + len + 1;
    return NULL;
}

static uint64_t number(int argc, char **argv, const char *name, uint64_t standard)
{
    const char *value = option(argc, argv, name);
    return value == NULL ? standard : strtoull(value, NULL, 10);
}

int main(int argc, char **argv)
{
    const char *folder = option(argc, argv, "--folder");
    uint64_t scale = number(argc, argv, "--scale", 1);
    uint64_t steps = number(argc, argv, "--steps", 1);
    size_t runs = number(argc, argv, "--runs", 3);
    int result = 0;
    if (folder == NULL || scale == 0 || runs == 0 || runs > MEASURE_RUNS_MAX) {
        (void)fputs("knowledge --folder=F [--scale=N] [--steps=N] [--runs=N]\n", stderr);
        return 2;
    }
    for (uint64_t i = 1; i < steps && scale >= 10; i++)
        scale /= 10;
    for (uint64_t i = 0; i < steps && result == 0; i++, scale *= 10)
        result = step(folder, scale, runs);
    if (result < 0)
        (void)fprintf(stderr, "knowledge: %s\n", strerrordesc_np(-result));
    return result < 0;
}
