/*
 * An evidence bundle: records, proofs, time-stamps and what explains them, in one folder that its
 * reader verifies without us. The format stands at the top of bundle.c.
 */
#ifndef DAEMON_CTL_BUNDLE_H
#define DAEMON_CTL_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUNDLE_RULES_MAX 32u

/* What is asked for; texts are borrowed and may be NULL where it says so. */
struct bundle_order {
    const char *ledger, *out;
    uint64_t from, to;                   /* [from, to); to UINT64_MAX: up to the checkpoint */
    const char *merchant;                /* NULL: all */
    const char *policy;                  /* a tlog-policy file; NULL: the log's key alone */
    const char *item, *by, *why;         /* for the custody log; NULL: left blank, item: made up */
    const char *rules[BUNDLE_RULES_MAX]; /* files that rulesets were made of */
    size_t rules_count;
};

/* Writes it. The ledger is only read. CTL_OK, or CTL_USAGE after printing why; then there is no
   folder of this name. */
int bundle_export(const struct bundle_order *order);

#endif
