/*
 * Anchors in verification: roots that were seen outside, and the outside times that records lie
 * between. For verify.c alone, but for the struct. Pure: whoever reads the files has judged them.
 */
#ifndef LEDGER_VERIFY_ANCHOR_H
#define LEDGER_VERIFY_ANCHOR_H

#include "daemon/ledger/verify.h"

/* Begins with config.anchors, which are sorted by size. */
void verify_anchor_begin(struct verify *verify);

/* Compares the roots of anchors at the tree's size, and lowers *next to the next size of one. */
void verify_anchor_roots(struct verify *verify, const struct merkle_hash *root, uint64_t *next);

/* Takes one record of the feed: the facts of an anchor or of the clock, and its time. line has len
   bytes without its newline. */
void verify_anchor_line(struct verify *verify, const struct verify_line *head, const char *line,
                        size_t len);

/* After the last record: anchors of trees that are not there. Unless there is other damage, what is
   wrong with anchors becomes it. */
void verify_anchor_finish(struct verify *verify);

#endif
