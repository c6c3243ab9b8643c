/*
 * A ledger written as a C2SP tree (tlog-tiles): checkpoint, tile/, tile/entries/, key.vkey.
 */
#ifndef DAEMON_CTL_EXPORT_TREE_H
#define DAEMON_CTL_EXPORT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct export_result {
    uint64_t records, left_out; /* left_out: newer than the checkpoint */
    bool is_signed;
};

/* A checkpoint that says how much is exported; borrowed for the call, 1 to 65,536 bytes. */
struct export_bound {
    const void *checkpoint;
    size_t len;
};

/* Makes the folder `out` and writes the tree that the bound covers, without one what the ledger's
   checkpoint covers, and when there is none either, all. The checkpoint is written last, after the
   rest is on the disk; a failed export leaves a folder without it. CTL_OK and *ret_result;
   CTL_USAGE after printing why. */
int export_tree(const char *ledger, const char *out, const struct export_bound *bound,
                struct export_result *ret_result);

#endif
