/*
 * Which records go into a bundle. Of one merchant: every record that names it, and every record
 * that names a listing, notice or order which such a record named, here or later; so too of whoever
 * passed an account to that merchant, whose strikes may have gone with it; rather more than less.
 * What explains the rest (runs, clock, gaps, rulesets, policies, anchors) always goes in.
 */
#ifndef DAEMON_CTL_BUNDLE_PICK_H
#define DAEMON_CTL_BUNDLE_PICK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/bundle_line.h"
#include "daemon/ledger/record.h"
#include "daemon/number_set.h"

#define BUNDLE_MERCHANT_BYTES 2048u

struct bundle_pick {
    uint64_t from, to; /* [from, to) */
    bool has_merchant;
    char merchant[BUNDLE_MERCHANT_BYTES]; /* as a line spells it */
    size_t merchant_len;
    struct number_set names;  /* of listings, notices, ... that lead to the merchant */
    struct number_set givers; /* merchants of whom the merchant had an account, at any remove */
    bool more;                /* a giver was learned of: lines before may concern it */
};

/* Begins; merchant NULL: all. 0 or -EINVAL: the merchant's name is too long. */
int bundle_pick_open(struct bundle_pick *ret_pick, uint64_t from, uint64_t to,
                     const char *merchant);

/* Learns the line's names if it concerns the merchant. To be called for every line, in order,
   before the first bundle_pick_wants; and again for all, while that sets pick->more, which the
   caller clears. 0 or -ENOMEM. */
int bundle_pick_learn(struct bundle_pick *pick, const char *line, size_t len);

/* Whether the record goes in. kind may be RECORD_KINDS_COUNT. 1, 0 or -ENOMEM. */
int bundle_pick_wants(struct bundle_pick *pick, uint64_t seq, enum record_kind kind,
                      const char *line, size_t len);

/* Whether some records are left out, in a ledger of this size. */
bool bundle_pick_is_partial(const struct bundle_pick *pick, uint64_t size);

/* Frees what it holds. */
void bundle_pick_close(struct bundle_pick *pick);

#endif
