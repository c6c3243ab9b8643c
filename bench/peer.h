/*
 * ripgrep over the same listings, already folded, with the same names: what our pipeline is
 * compared with. Knows processes; knows no result of ours.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <stdint.h>

#include "bench/load.h"
#include "bench/stages.h"

/* Writes the folded listings, one a line, and the names of all marks, each between two spaces, into
   a folder that is there. 0 or -errno. */
int peer_prepare(const char *folder, const struct load *load, struct stages *stages);

/* Counts the lines that hold a name: rg -F -c -f names. 0 and the nanoseconds of the
   processor that this takes beyond what it takes over no text at all: reading the names is not
   counted. -ENOENT: there is no rg; another -errno. */
int peer_run(const char *folder, uint64_t *ret_ns);

#endif
