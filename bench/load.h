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

struct load_wanted {
    size_t count, marks;
    uint64_t seed;
    const char *list;               /* a mark list whose marks come first; NULL: all are made up */
    enum matcher_variants variants; /* of all marks */
    size_t varied;                  /* the first made-up ones whose own column says 1 */
};

enum load_list { LOAD_MARKS = 0, LOAD_CUES, LOAD_FILE, LOAD_LISTS_COUNT };

struct load {
    struct names names;
    enum matcher_variants variants;
    char *lists[LOAD_LISTS_COUNT]; /* as TSV; NULL: not wanted */
    size_t lists_len[LOAD_LISTS_COUNT];
    struct matcher_db *db;
    char *bytes; /* count lines, JSON_SLACK_BYTES readable after them */
    size_t len;
    size_t count;
};

/* Makes the mark list and its names: those of wanted->list first, made-up ones up to
   wanted->marks; and the list of all cues. 0; -errno, after saying on stderr what went wrong. */
int load_lists(struct load *ret_load, const struct load_wanted *wanted);

/* Compiles the lists into load->db. Likewise. */
int load_compile(struct load *load);

/* Makes lists and database, and wanted->count lines from the seed. Likewise. */
int load_open(struct load *ret_load, const struct load_wanted *wanted);

/* Keeps nothing of what is found; says on stderr which of our own lines is rejected. */
extern const struct intake_sink load_sink;

#define LOAD_PART_LINES 10000u

/* The next LOAD_PART_LINES of the load's lines at *at, which moves behind them: what is compared
   takes turns with such parts, so that both sides meet the same machine. Borrows from the load. */
struct load load_part(const struct load *load, const char **at);

/* Opens an intake that only counts, with the load's set. 0 or -ENOMEM. */
int load_intake(const struct load *load, struct intake **ret_intake);

/* Runs all lines through the intake. 0 or -ENOMEM. *cpu_ns grows by the processor time from the
   first line to the last decision. */
int load_pipeline(const struct load *load, struct intake *intake, uint64_t *cpu_ns);

/* The text of an option --name=TEXT among the arguments, or NULL. */
const char *load_text(int argc, char **argv, const char *name);

/* The value of a numeric option --name=N among the arguments, or the standard value. */
uint64_t load_option(int argc, char **argv, const char *name, uint64_t standard);

/* Frees; a zeroed one is fine. */
void load_close(struct load *load);

#endif
