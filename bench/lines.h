/*
 * Listings as a crawler sends them, one JSON line each, decided by a seed alone: the same seed,
 * names and shares give the same bytes on any machine.
 *
 * Of 1,000 lines `marked` name a mark; of those one third plainly, one third beside a phrase that
 * says it is a copy, one third with the name disguised. Of the others some are seen again later
 * (same platform, listing and seller) and one in twelve spells letters as \u escapes.
 */
#ifndef BENCH_LINES_H
#define BENCH_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "bench/names.h"

#define LINES_BYTES_MAX 8192u /* of one line with its newline */
#define LINES_SEEN_MAX  1024u /* listings remembered for seeing them again */

struct lines_seen {
    uint64_t id, seller, content;
    unsigned platform;
};

struct lines {
    const struct names *names; /* borrowed */
    uint64_t state, number;
    unsigned marked; /* of 1,000 */
    struct lines_seen seen[LINES_SEEN_MAX];
};

/* Starts a sequence. names has at least one name and outlives it. */
void lines_start(struct lines *lines, const struct names *names, uint64_t seed, unsigned marked);

/* Writes the next line with its newline; out has LINES_BYTES_MAX bytes. Returns its length. */
size_t lines_next(struct lines *lines, char *out);

#endif
