/*
 * What larger sets cost, on one core: the same lines with 10,000 and 100,000 marks, beside the
 * engine alone and beside ripgrep.
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
    struct sample rows[ROWS_COUNT];
    bool has_rg, failed;
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

static int run_pipeline(struct sets *sets, const struct load *load, struct matcher_db *db,
                        enum row row)
{
    struct intake_counts counts = {0};
    struct load lines = *load;
    uint64_t ns = 0;
    lines.db = db;
    int result = load_pipeline(&lines, &ns, &counts);
    sample_add(&sets->rows[row], (double)ns / (double)lines.count);
    sets->failed = sets->failed || counts.rejected > 0 || counts.failed_scans > 0;
    return result;
}

static int run(struct sets *sets)
{
    uint64_t spent[STAGES_COUNT] = {0}, rg = 0;
    double count = (double)sets->small.count;
    stages_pass(&sets->stages, &sets->small, spent);
    sample_add(&sets->rows[ROW_SUM], (double)stages_sum(spent) / count);
    sample_add(&sets->rows[ROW_RAW], (double)spent[STAGE_RAW] / count);
    int result = run_pipeline(sets, &sets->small, sets->small.db, ROW_10K);
    if (result == 0)
        result = run_pipeline(sets, &sets->small, sets->large.db, ROW_100K);
    if (result == 0)
        result = run_pipeline(sets, &sets->off, sets->off.db, ROW_OFF);
    if (result == 0)
        result = run_pipeline(sets, &sets->off, sets->on.db, ROW_ON);
    int peer = peer_run(sets->folder, &rg);
    sets->has_rg = peer == 0;
    if (peer < 0)
        (void)fprintf(stderr, "sets: peer.rg_10k is skipped: rg: %s\n", strerrordesc_np(-peer));
    sample_add(&sets->rows[ROW_RG], (double)rg / count);
    return result;
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
    stages_close(&sets.stages);
    load_close(&sets.on);
    load_close(&sets.off);
    load_close(&sets.large);
    load_close(&sets.small);
    return result < 0 || sets.failed ? 1 : 0;
}
