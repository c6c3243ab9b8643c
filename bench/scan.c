/*
 * What a listing costs, stage by stage, on one core: scan [--count=N] [--marks=N] [--runs=N]
 *
 * The pipeline runs for itself over the same lines.
 */
#include <stdbool.h>
#include <stdio.h>

#include "bench/load.h"
#include "bench/measure.h"
#include "bench/stages.h"
#include "daemon/intake.h"

/* A row in ns a listing, with the rate in megabytes of what the stage reads. */
static void row(const char *name, const struct sample *sample, double sum, double bytes_a_listing)
{
    char extra[64];
    double median = sample_median(sample);
    (void)snprintf(extra, sizeof extra, "\"mb_s\":%.0f", bytes_a_listing * 1000 / median);
    measure_row(name, "ns/listing", sample, median / sum, STAGES_SUM, extra);
}

static void report(const struct stages *ran, const struct load *load, const struct sample *stages,
                   const struct sample *copied, const struct sample *pipeline,
                   const struct sample *sums)
{
    double runs = (double)stages[0].count, count = (double)load->count;
    double line = (double)load->len / count;
    double text = (double)ran->text_bytes / runs / count;
    double folded = (double)ran->folded_bytes / runs / count;
    double sum = sample_median(sums);
    row("scan.memcpy", copied, sum, line);
    row("scan.split", &stages[STAGE_SPLIT], sum, line);
    row("scan.json", &stages[STAGE_JSON], sum, line);
    row("scan.decode", &stages[STAGE_DECODE], sum, line);
    row("scan.fold", &stages[STAGE_FOLD], sum, text);
    row("scan.squeeze", &stages[STAGE_SQUEEZE], sum, text);
    row("scan.views", &stages[STAGE_VIEWS], sum, text);
    row("scan.hs", &stages[STAGE_HS], sum, folded);
    row("scan.scan", &stages[STAGE_SCAN], sum, folded);
    row("scan.evaluate", &stages[STAGE_EVALUATE], sum, text);
    row("scan.pipeline", pipeline, sum, line);
}

int main(int argc, char **argv)
{
    const struct load_wanted wanted = {.count = load_option(argc, argv, "--count", 100000),
                                       .marks = load_option(argc, argv, "--marks", 1000),
                                       .seed = 1};
    size_t runs = load_option(argc, argv, "--runs", 7), count = wanted.count;
    static struct stages ran;
    static struct sample samples[STAGES_COUNT], copied, pipeline, sums;
    struct load load;
    if (count == 0 || wanted.marks == 0 || runs == 0 || runs > MEASURE_RUNS_MAX ||
        load_open(&load, &wanted) < 0 || stages_open(&ran, &load, false) < 0)
        return 2;
    struct intake_counts counts = {0};
    uint64_t ns = 0, warm[STAGES_COUNT] = {0};
    stages_pass(&ran, &load, warm);
    ran.text_bytes = ran.folded_bytes = ran.hits = 0;
    for (size_t i = 0; i < runs; i++) {
        uint64_t spent[STAGES_COUNT] = {0};
        sample_add(&copied, (double)stages_copy(&load, ran.folded) / (double)count);
        stages_pass(&ran, &load, spent);
        for (size_t stage = 0; stage < STAGES_COUNT; stage++)
            sample_add(&samples[stage], (double)spent[stage] / (double)count);
        sample_add(&sums, (double)stages_sum(spent) / (double)count);
        if (load_pipeline(&load, &ns, &counts) < 0)
            return 2;
        sample_add(&pipeline, (double)ns / (double)count);
    }
    (void)fprintf(stderr,
                  "scan: %zu lines of %zu bytes, %zu marks, %zu literals: %llu of them match, "
                  "%llu raw hits\n",
                  count, load.len / count, wanted.marks, matcher_db_literals_count(load.db),
                  (unsigned long long)counts.matched, (unsigned long long)(ran.hits / runs));
    report(&ran, &load, samples, &copied, &pipeline, &sums);
    bool failed = ran.failures > 0 || counts.rejected > 0 || counts.failed_scans > 0;
    stages_close(&ran);
    load_close(&load);
    return failed ? 1 : 0;
}
