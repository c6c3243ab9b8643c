/*
 * What larger sets cost, on one core: the same lines with 10,000 and 100,000 marks, beside the
 * engine alone and beside ripgrep, in processor time and by turns.
 *
 *   sets --folder=F [--count=N] [--runs=N] [--list10=LIST.tsv] [--list100=LIST.tsv]
 *
 * The lists give the first marks of a set; the others are made up.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bench/load.h"
#include "bench/measure.h"
#include "bench/peer.h"
#include "bench/stages.h"

enum row { ROW_SUM = 0, ROW_RAW, ROW_10K, ROW_100K, ROW_RG, ROW_OFF, ROW_ON, ROWS_COUNT };

struct sets {
    const char *folder;
    struct load small, large, off, on; /* large and on have no lines of their own */
    struct stages stages;
    struct intake *intakes[ROWS_COUNT]; /* of the rows that are pipelines */
    struct sample rows[ROWS_COUNT];
    bool has_rg;
};

static int open_variants(struct sets *sets, size_t count, const char *list)
{
    struct load_wanted wanted = {
        .count = count, .marks = 1000, .seed = 1, .list = list, .variants = MATCHER_VARIANTS_OFF};
    int result = load_open(&sets->off, &wanted);
    wanted.variants = MATCHER_VARIANTS_ON;
    if (result == 0)
        result = load_lists(&sets->on, &wanted);
    return result == 0 ? load_compile(&sets->on) : result;
}

static int open_sets(struct sets *sets, int argc, char **argv)
{
    const struct load_wanted small = {.count = load_option(argc, argv, "--count", 100000),
                                      .marks = 10000,
                                      .seed = 1,
                                      .list = load_text(argc, argv, "--list10")};
    const struct load_wanted large = {
        .count = small.count, .marks = 100000, .list = load_text(argc, argv, "--list100")};
    int result = load_open(&sets->small, &small);
    if (result == 0)
        result = load_lists(&sets->large, &large);
    if (result == 0)
        result = load_compile(&sets->large);
    if (result == 0)
        result = stages_open(&sets->stages, &sets->small, true);
    if (result == 0)
        result = peer_prepare(sets->folder, &sets->small, &sets->stages);
    return result == 0 ? open_variants(sets, small.count, load_text(argc, argv, "--list1"))
                       : result;
}

static int open_intakes(struct sets *sets)
{
    int result = load_intake(&sets->small, &sets->intakes[ROW_10K]);
    if (result == 0)
        result = load_intake(&sets->large, &sets->intakes[ROW_100K]);
    if (result == 0)
        result = load_intake(&sets->off, &sets->intakes[ROW_OFF]);
    return result == 0 ? load_intake(&sets->on, &sets->intakes[ROW_ON]) : result;
}

/* One run over all lines, part by part; adds what each row takes. */
static int run_parts(struct sets *sets, uint64_t ns[ROWS_COUNT])
{
    const struct load *lines = &sets->small, *real = &sets->off;
    const char *at = lines->bytes, *real_at = real->bytes;
    int result = 0;
    while (result == 0 && at < lines->bytes + lines->len) {
        const struct load part = load_part(lines, &at), real_part = load_part(real, &real_at);
        uint64_t spent[STAGES_COUNT] = {0};
        stages_pass(&sets->stages, &part, spent);
        ns[ROW_SUM] += stages_sum(spent);
        ns[ROW_RAW] += spent[STAGE_RAW];
        for (enum row row = 0; result == 0 && row < ROWS_COUNT; row++) {
            bool varied = row == ROW_OFF || row == ROW_ON;
            if (sets->intakes[row] != NULL)
                result = load_pipeline(varied ? &real_part : &part, sets->intakes[row], &ns[row]);
        }
    }
    return result;
}

static int run(struct sets *sets)
{
    uint64_t ns[ROWS_COUNT] = {0};
    int result = run_parts(sets, ns);
    int peer = peer_run(sets->folder, &ns[ROW_RG]);
    sets->has_rg = peer == 0;
    if (peer < 0)
        (void)fprintf(stderr, "sets: peer.rg_10k is skipped: rg: %s\n", strerrordesc_np(-peer));
    for (size_t row = 0; row < ROWS_COUNT; row++)
        sample_add(&sets->rows[row], (double)ns[row] / (double)sets->small.count);
    return result;
}

/* Whether a line of ours was rejected or not scanned; closes the intakes. */
static bool close_intakes(struct sets *sets)
{
    bool failed = false;
    for (size_t row = 0; row < ROWS_COUNT; row++) {
        if (sets->intakes[row] == NULL)
            continue;
        struct intake_counts counts = intake_counts(sets->intakes[row]);
        failed = failed || counts.rejected > 0 || counts.failed_scans > 0;
        sets->intakes[row] = intake_close(sets->intakes[row]);
    }
    return failed;
}

/* A row, and its ratio to another: of one by the other. */
static void row(const struct sets *sets, const char *name, enum row shown, enum row one,
                enum row other)
{
    static const char *const of[ROWS_COUNT] = {
        [ROW_SUM] = STAGES_SUM, [ROW_10K] = "scan.pipeline_10k", [ROW_OFF] = "scan.variants_off"};
    struct sample ratios = sample_ratios(&sets->rows[one], &sets->rows[other]);
    measure_row_ratios(name, "ns/listing", &sets->rows[shown], &ratios, of[other]);
}

int main(int argc, char **argv)
{
    static struct sets sets;
    size_t runs = load_option(argc, argv, "--runs", 5);
    sets.folder = load_text(argc, argv, "--folder");
    if (sets.folder == NULL || runs == 0 || runs > MEASURE_RUNS_MAX) {
        (void)fputs("usage: sets --folder=F [--count=N] [--runs=N] [--list1=F] [--list10=F] "
                    "[--list100=F]\n",
                    stderr);
        return 2;
    }
    int result = open_sets(&sets, argc, argv);
    if (result == 0)
        result = open_intakes(&sets);
    uint64_t warm[ROWS_COUNT] = {0};
    if (result == 0)
        result = run_parts(&sets, warm);
    for (size_t i = 0; result == 0 && i < runs; i++)
        result = run(&sets);
    if (result == 0) {
        row(&sets, "scan.hs_10k", ROW_RAW, ROW_RAW, ROW_10K);
        row(&sets, "scan.pipeline_10k", ROW_10K, ROW_10K, ROW_SUM);
        row(&sets, "scan.pipeline_100k", ROW_100K, ROW_100K, ROW_10K);
        row(&sets, "scan.variants_off", ROW_OFF, ROW_OFF, ROW_OFF);
        row(&sets, "scan.variants_on", ROW_ON, ROW_ON, ROW_OFF);
        if (sets.has_rg)
            row(&sets, "peer.rg_10k", ROW_RG, ROW_RG, ROW_10K);
    } else {
        (void)fprintf(stderr, "sets: %s\n", strerrordesc_np(-result));
    }
    bool failed = close_intakes(&sets);
    stages_close(&sets.stages);
    load_close(&sets.on);
    load_close(&sets.off);
    load_close(&sets.large);
    load_close(&sets.small);
    return result < 0 || failed ? 1 : 0;
}
