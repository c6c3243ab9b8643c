/*
 * What a listing costs, stage by stage, on one core: scan [--count=N] [--marks=N] [--runs=N]
 *
 * The pipeline runs for itself over the same lines, by turns with the stages. Times are
 * the processor's, so that others on the machine disturb them less.
 */
#include <stdbool.h>
#include <stdio.h>

#include "bench/load.h"
#include "bench/measure.h"
#include "bench/stages.h"
#include "daemon/intake.h"

/* A row in ns a listing, with the rate in megabytes of what the stage reads. */
static void row(const char *name, const struct sample *sample, const struct sample *sums,
                double bytes_a_listing)
{
    char extra[64];
    struct sample ratios = sample_ratios(sample, sums);
    (void)snprintf(extra, sizeof extra, "\"mb_s\":%.0f",
                   bytes_a_listing * 1000 / sample_median(sample));
    measure_row(name, "ns/listing", sample, sample_median(&ratios), STAGES_SUM, extra);
}

static void report(const struct stages *ran, const struct load *load, const struct sample *stages,
                   const struct sample *copied, const struct sample *pipeline,
                   const struct sample *sums)
{
    double runs = (double)stages[0].count, count = (double)load->count;
    double line = (double)load->len / count;
    double text = (double)ran->text_bytes / runs / count;
    double folded = (double)ran->folded_bytes / runs / count;
    row("scan.memcpy", copied, sums, line);
    row("scan.split", &stages[STAGE_SPLIT], sums, line);
    row("scan.json", &stages[STAGE_JSON], sums, line);
    row("scan.decode", &stages[STAGE_DECODE], sums, line);
    row("scan.fold", &stages[STAGE_FOLD], sums, text);
    row("scan.squeeze", &stages[STAGE_SQUEEZE], sums, text);
    row("scan.views", &stages[STAGE_VIEWS], sums, text);
    row("scan.hs", &stages[STAGE_HS], sums, folded);
    row("scan.scan", &stages[STAGE_SCAN], sums, folded);
    row("scan.evaluate", &stages[STAGE_EVALUATE], sums, text);
    row("scan.pipeline", pipeline, sums, line);
}

/* What one run over all lines takes, part by part. */
struct run {
    uint64_t stages[STAGES_COUNT], pipeline;
};

/* Adds one run over all lines to *run. 0 or -ENOMEM. */
static int run_parts(struct stages *stages, struct intake *intake, const struct load *load,
                     struct run *run)
{
    int result = 0;
    for (const char *at = load->bytes; result == 0 && at < load->bytes + load->len;) {
        const struct load part = load_part(load, &at);
        stages_pass(stages, &part, run->stages);
        result = load_pipeline(&part, intake, &run->pipeline);
    }
    return result;
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
    struct intake *intake = NULL;
    struct run warm = {0};
    if (count == 0 || wanted.marks == 0 || runs == 0 || runs > MEASURE_RUNS_MAX ||
        load_open(&load, &wanted) < 0 || stages_open(&ran, &load, false) < 0 ||
        load_intake(&load, &intake) < 0 || run_parts(&ran, intake, &load, &warm) < 0)
        return 2;
    ran.text_bytes = ran.folded_bytes = ran.hits = 0;
    for (size_t i = 0; i < runs; i++) {
        struct run run = {0};
        sample_add(&copied, (double)stages_copy(&load, ran.folded) / (double)count);
        if (run_parts(&ran, intake, &load, &run) < 0)
            return 2;
        for (size_t stage = 0; stage < STAGES_COUNT; stage++)
            sample_add(&samples[stage], (double)run.stages[stage] / (double)count);
        sample_add(&sums, (double)stages_sum(run.stages) / (double)count);
        sample_add(&pipeline, (double)run.pipeline / (double)count);
    }
    struct intake_counts counts = intake_counts(intake);
    (void)fprintf(stderr,
                  "scan: %zu lines of %zu bytes, %zu marks, %zu literals: %llu of them match, "
                  "%llu raw hits\n",
                  count, load.len / count, wanted.marks, matcher_db_literals_count(load.db),
                  (unsigned long long)(counts.matched / (runs + 1)),
                  (unsigned long long)(ran.hits / runs));
    report(&ran, &load, samples, &copied, &pipeline, &sums);
    bool failed = ran.failures > 0 || counts.rejected > 0 || counts.failed_scans > 0;
    (void)intake_close(intake); /* always NULL */
    stages_close(&ran);
    load_close(&load);
    return failed ? 1 : 0;
}
