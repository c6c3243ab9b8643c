/*
 * Proofs for a bundle, out of the ledger's own tiles; each is verified when it is made, so that
 * damaged tiles make no wrong proof but an error.
 */
#ifndef DAEMON_CTL_BUNDLE_PROOFS_H
#define DAEMON_CTL_BUNDLE_PROOFS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/bundle_out.h"
#include "daemon/ledger/checkpoint.h"
#include "daemon/ledger/tile.h"
#include "daemon/ledger/verify.h"

struct bundle_proofs;

/* The signed tree, all borrowed as long as the result. NULL when out of memory. */
struct bundle_proofs *bundle_proofs_open(const struct verify_reader *reader,
                                         const struct checkpoint *checkpoint, const char *bytes,
                                         size_t len);

/* Writes proofs/<seq>.tlog-proof (C2SP tlog-proof). 0; -EBADMSG: the ledger's tiles do not prove
   it; -ENOENT: a tile is missing; -errno. */
int bundle_proofs_record(struct bundle_proofs *proofs, struct bundle_out *out, uint64_t seq,
                         const struct merkle_hash *leaf);

/* Writes consistency/<old>-<new>, in the form of a witness's request (C2SP tlog-witness): that the
   tree of `old` is the beginning of that of `new`, which is in `bytes`. As above. */
int bundle_proofs_consistency(struct bundle_proofs *proofs, struct bundle_out *out,
                              const struct checkpoint *old, const struct checkpoint *new,
                              struct text bytes);

/* Frees; NULL is fine. Returns NULL. */
struct bundle_proofs *bundle_proofs_close(struct bundle_proofs *proofs);

#endif
