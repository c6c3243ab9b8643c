/*
 * What a bundle says of its records in numbers: how many of each kind there are and are left out,
 * for how long noticed ran, what it counted, and with which software. All of it follows from lines
 * that are in the bundle, but the numbers of what is left out.
 */
#ifndef DAEMON_CTL_BUNDLE_FACTS_H
#define DAEMON_CTL_BUNDLE_FACTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/ctl/bundle_line.h"
#include "daemon/ledger/record.h"
#include "daemon/time_text.h"

/* Heartbeats come each minute: of a longer time without any record that tells of coverage, or of
   the clock, nothing says that noticed ran. The host may have been suspended, or the process put
   aside. */
#define BUNDLE_SILENCE_NS (UINT64_C(120) * 1000000000)

/* One run, as far as its records are in the range; zeroed: none. */
struct bundle_run {
    bool seen, stopped;
    uint64_t run, last_boot_ns, up_ns, listings, rejected;
    int64_t last_wall_ns;
};

/* Zeroed, it is ready. */
struct bundle_facts {
    uint64_t all[RECORD_KINDS_COUNT + 1], in[RECORD_KINDS_COUNT + 1]; /* the last: unknown kinds */
    uint64_t newer;                                                   /* past the checkpoint */
    uint64_t runs, up_ns, listings, rejected, gaps, silences;
    uint64_t clocks, unsynced,
        steps; /* clock records; of a clock that was not synchronised, or set */
    int64_t first_wall_ns, last_wall_ns; /* of what tells of coverage */
    struct bundle_run now;
};

/* Whether a kind stands in coverage.jsonl. */
bool bundle_facts_is_coverage(enum record_kind kind);

/* Counts a record; `in`: it goes into the bundle. */
void bundle_facts_count(struct bundle_facts *facts, enum record_kind kind, bool in);

/* Takes a record of the range that tells of coverage, or is a clock record, in order. A gap, and a
   silence, is written to `gaps` as a line of text. */
void bundle_facts_cover(struct bundle_facts *facts, const struct record_head *head,
                        enum record_kind kind, struct bundle_slice line, FILE *gaps);

/* After the last one. */
void bundle_facts_end(struct bundle_facts *facts);

/* How many records there are, or are in the bundle. */
uint64_t bundle_facts_sum(const uint64_t counts[RECORD_KINDS_COUNT + 1]);

/* Writes counts.txt. */
void bundle_facts_print_counts(const struct bundle_facts *facts, FILE *file);

/* Writes the head of coverage.txt, above the gaps and silences. */
void bundle_facts_print_coverage(const struct bundle_facts *facts, FILE *file);

/* Writes what a start record says of the software, as one JSON object. */
void bundle_facts_print_software(struct bundle_slice start, FILE *file);

#endif
