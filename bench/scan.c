/*
 * What a listing costs, stage by stage, on one core: scan [--count=N] [--marks=N] [--runs=N]
 *
 * The stages run batch by batch, so that each finds its input where the pipeline's would: the lines
 * in memory, everything after them in the cache. The pipeline runs for itself over the same lines.
 */
#include <errno.h>
#include <hs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/load.h"
#include "bench/measure.h"
#include "daemon/listing.h"
#include "matcher/db.h"
#include "matcher/fold.h"

#define BATCH            256u
#define FOLDED_BYTES_MAX (8u << 20)
#define SUM              "scan.split+decode+fold+hs"

enum stage { STAGE_SPLIT = 0, STAGE_JSON, STAGE_DECODE, STAGE_FOLD, STAGE_HS, STAGES_COUNT };

struct scan {
    struct json_parser *parser;
    struct arena arena;
    hs_scratch_t *scratch;
    char *folded;
    const char *at[BATCH];
    size_t len[BATCH];
    struct listing listings[BATCH];
    uint64_t hits, text_bytes, folded_bytes, failures;
};

static int on_hit(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                  void *context)
{
    (void)id;
    (void)from;
    (void)to;
    (void)flags;
    (*(uint64_t *)context)++;
    return 0;
}

static size_t split(struct scan *scan, const char **at, const char *end)
{
    size_t count = 0;
    while (count < BATCH && *at < end) {
        const char *newline = memchr(*at, '\n', (size_t)(end - *at));
        scan->at[count] = *at;
        scan->len[count++] = (size_t)(newline - *at);
        *at = newline + 1;
    }
    return count;
}

/* Validation and a walk over all members: what simdjson and json.h cost without our rules. */
static void walk(struct scan *scan, size_t count)
{
    struct json_member members[32];
    for (size_t i = 0; i < count; i++) {
        struct json_value root;
        bool surrogate = false;
        if (json_parse(scan->parser, scan->at[i], scan->len[i], &root, &surrogate) != JSON_OK)
            scan->failures++;
        else
            measure_use(members, json_members(&root, members, 32));
    }
}

static void decode(struct scan *scan, size_t count)
{
    struct reject reject;
    for (size_t i = 0; i < count; i++)
        if (listing_decode(scan->parser, scan->at[i], scan->len[i], &scan->arena,
                           &scan->listings[i], &reject) != REJECT_NONE)
            scan->failures++;
}

static size_t fold(struct scan *scan, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const struct listing *listing = &scan->listings[i];
        len += fold_text(listing->title.at, listing->title.len, scan->folded + len);
        scan->folded[len++] = '\x01';
        len += fold_text(listing->description.at, listing->description.len, scan->folded + len);
        scan->folded[len++] = '\x01';
        scan->text_bytes += listing->title.len + listing->description.len;
    }
    memset(scan->folded + len, 0, MATCHER_SLACK_BYTES);
    scan->folded_bytes += len;
    return len;
}

/* One pass over all lines; adds the time of each stage. */
static void pass(struct scan *scan, const struct load *load, uint64_t ns[STAGES_COUNT])
{
    const char *at = load->bytes, *end = load->bytes + load->len;
    while (at < end) {
        uint64_t t0 = measure_ns();
        size_t count = split(scan, &at, end);
        uint64_t t1 = measure_ns();
        walk(scan, count);
        uint64_t t2 = measure_ns();
        decode(scan, count);
        uint64_t t3 = measure_ns();
        size_t len = fold(scan, count);
        uint64_t t4 = measure_ns();
        if (hs_scan(load->db->engine, scan->folded, (unsigned)len, 0, scan->scratch, on_hit,
                    &scan->hits) != HS_SUCCESS)
            scan->failures++;
        uint64_t t5 = measure_ns();
        arena_reset(&scan->arena);
        ns[STAGE_SPLIT] += t1 - t0;
        ns[STAGE_JSON] += t2 - t1;
        ns[STAGE_DECODE] += t3 - t2;
        ns[STAGE_FOLD] += t4 - t3;
        ns[STAGE_HS] += t5 - t4;
    }
}

static uint64_t copy(const struct load *load, char *to)
{
    uint64_t begin = measure_ns();
    for (const char *at = load->bytes, *end = at + load->len; at < end;) {
        size_t len = (size_t)(end - at) < 512 ? (size_t)(end - at) : 512;
        memcpy(to, at, len);
        measure_use(to, len);
        at += len;
    }
    return measure_ns() - begin;
}

static int prepare(struct scan *scan, const struct load *load)
{
    scan->parser = json_open();
    scan->folded = malloc(FOLDED_BYTES_MAX);
    int result = arena_open(&scan->arena, BATCH * 16384u + LISTING_ARENA_BYTES_MAX);
    if (scan->parser == NULL || scan->folded == NULL || result < 0)
        return -ENOMEM;
    return hs_alloc_scratch(load->db->engine, &scan->scratch) == HS_SUCCESS ? 0 : -ENOMEM;
}

/* A row in ns a listing, with the rate in megabytes of what the stage reads. */
static void row(const char *name, const struct sample *sample, double sum, double bytes_a_listing)
{
    char extra[64];
    double median = sample_median(sample);
    (void)snprintf(extra, sizeof extra, "\"mb_s\":%.0f", bytes_a_listing * 1000 / median);
    measure_row(name, "ns/listing", sample, median / sum, SUM, extra);
}

static void report(const struct scan *scan, const struct load *load, const struct sample *stages,
                   const struct sample *copied, const struct sample *pipeline)
{
    double runs = (double)stages[0].count, count = (double)load->count;
    double line = (double)load->len / count;
    double text = (double)scan->text_bytes / runs / count;
    double folded = (double)scan->folded_bytes / runs / count;
    double sum = sample_median(&stages[STAGE_SPLIT]) + sample_median(&stages[STAGE_DECODE]) +
                 sample_median(&stages[STAGE_FOLD]) + sample_median(&stages[STAGE_HS]);
    row("scan.memcpy", copied, sum, line);
    row("scan.split", &stages[STAGE_SPLIT], sum, line);
    row("scan.json", &stages[STAGE_JSON], sum, line);
    row("scan.decode", &stages[STAGE_DECODE], sum, line);
    row("scan.fold", &stages[STAGE_FOLD], sum, text);
    row("scan.hs", &stages[STAGE_HS], sum, folded);
    row("scan.pipeline", pipeline, sum, line);
}

int main(int argc, char **argv)
{
    size_t count = load_option(argc, argv, "--count", 100000);
    size_t marks = load_option(argc, argv, "--marks", 1000);
    size_t runs = load_option(argc, argv, "--runs", 7);
    static struct scan scan;
    static struct sample stages[STAGES_COUNT], copied, pipeline;
    struct load load;
    if (count == 0 || marks == 0 || runs == 0 || runs > MEASURE_RUNS_MAX ||
        load_open(&load, count, marks, 1) < 0 || prepare(&scan, &load) < 0)
        return 2;
    struct intake_counts counts = {0};
    uint64_t ns = 0, warm[STAGES_COUNT] = {0};
    pass(&scan, &load, warm);
    scan.text_bytes = scan.folded_bytes = scan.hits = 0;
    for (size_t i = 0; i < runs; i++) {
        uint64_t spent[STAGES_COUNT] = {0};
        sample_add(&copied, (double)copy(&load, scan.folded) / (double)count);
        pass(&scan, &load, spent);
        for (size_t stage = 0; stage < STAGES_COUNT; stage++)
            sample_add(&stages[stage], (double)spent[stage] / (double)count);
        if (load_pipeline(&load, &ns, &counts) < 0)
            return 2;
        sample_add(&pipeline, (double)ns / (double)count);
    }
    (void)fprintf(stderr,
                  "scan: %zu lines of %zu bytes, %zu marks, %zu literals: %llu of them match, "
                  "%llu raw hits\n",
                  count, load.len / count, marks, matcher_db_literals_count(load.db),
                  (unsigned long long)counts.matched, (unsigned long long)(scan.hits / runs));
    report(&scan, &load, stages, &copied, &pipeline);
    bool failed = scan.failures > 0 || counts.rejected > 0 || counts.failed_scans > 0;
    (void)hs_free_scratch(scan.scratch); /* the process ends */
    arena_close(&scan.arena);
    scan.parser = json_close(scan.parser);
    free(scan.folded);
    load_close(&load);
    return failed ? 1 : 0;
}
