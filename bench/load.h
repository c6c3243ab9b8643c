/*
 * What the measuring programs feed: a corpus in memory and a compiled set of marks.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

#include "bench/names.h"
#include "daemon/intake.h"
#include "matcher/matcher.h"

struct load {
    struct names names;
    char *lists[2]; /* marks and cues as TSV */
    size_t lists_len[2];
    struct matcher_db *db;
    char *bytes; /* count lines, JSON_SLACK_BYTES readable after them */
    size_t len;
    size_t count;
};

/* Makes count lines from the seed and compiles `marks` made-up marks with all cues. 0; -errno,
   after saying on stderr what went wrong. */
int load_open(struct load *ret_load, size_t count, size_t marks, uint64_t seed);

/* Runs all lines through an intake that only counts. 0 or -ENOMEM. *ret_ns is the time from the
   first line to the last decision. */
int load_pipeline(const struct load *load, uint64_t *ret_ns, struct intake_counts *ret_counts);

/* The value of a numeric option --name=N among the arguments, or the standard value. */
uint64_t load_option(int argc, char **argv, const char *name, uint64_t standard);

/* Frees; a zeroed one is fine. */
void load_close(struct load *load);

#endif
