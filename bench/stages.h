/*
 * What a listing costs, stage by stage. The stages run batch by batch, so that each finds its input
 * where the pipeline's would: the lines in memory, everything after them in the cache.
 */
#ifndef BENCH_STAGES_H
#define BENCH_STAGES_H

#include <hs.h>
#include <stdbool.h>

#include "bench/load.h"
#include "bench/measure.h"
#include "daemon/listing.h"

#define STAGES_BATCH 256u
#define STAGES_SUM   "scan.split+decode+views+scan+evaluate" /* what stages_sum adds up */

enum stage {
    STAGE_SPLIT = 0, /* finding newlines */
    STAGE_JSON,      /* the parser without our rules */
    STAGE_DECODE,    /* the same with our rules, and every text copied */
    STAGE_FOLD,      /* folding alone */
    STAGE_SQUEEZE,   /* the squeezed reading alone, which the views hold too */
    STAGE_VIEWS,     /* both views, as the matcher takes a listing into its batch */
    STAGE_HS,        /* the engine over all folded text, with all that the matcher looks for */
    STAGE_SCAN,      /* as the matcher does it: where literals may begin, the engine there */
    STAGE_EVALUATE,  /* from the engine's hits to results */
    STAGE_RAW,       /* the same with the listed marks and cues alone, if asked for */
    STAGES_COUNT,
};

struct stages {
    struct json_parser *parser;
    struct matcher *matcher;
    struct arena arena;
    hs_scratch_t *scratch;
    struct squeeze_room *room;
    hs_database_t *raw;
    char *folded;
    const char *at[STAGES_BATCH];
    size_t len[STAGES_BATCH];
    struct listing listings[STAGES_BATCH];
    uint64_t hits, raw_hits, matched, text_bytes, folded_bytes, failures;
};

/* Makes what the stages need. The load outlives it. 0 or -errno. */
int stages_open(struct stages *ret_stages, const struct load *load, bool raw);

/* One pass over all lines; adds the processor's nanoseconds of each stage. */
void stages_pass(struct stages *stages, const struct load *load, uint64_t ns[STAGES_COUNT]);

/* Folds the next batch of lines into stages->folded: of each listing its title and its description,
   each ended by a byte 1. Moves *at behind them. Returns the length. */
size_t stages_fold(struct stages *stages, const char **at, const char *end);

/* Those of copying all lines; to has room for 512 bytes. */
uint64_t stages_copy(const struct load *load, char *to);

/* The sum of those stages that the pipeline has. */
uint64_t stages_sum(const uint64_t ns[STAGES_COUNT]);

/* Frees; a zeroed one is fine. */
void stages_close(struct stages *stages);

#endif
