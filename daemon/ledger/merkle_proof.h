/*
 * Proofs that a leaf is in a tree, and that one tree is the beginning of another: made from the
 * hashes of perfect subtrees, and verified (RFC 9162, 2.1.3 and 2.1.4). Pure.
 */
#ifndef LEDGER_MERKLE_PROOF_H
#define LEDGER_MERKLE_PROOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/merkle.h"

#define MERKLE_PROOF_MAX 64u /* hashes of any proof */

/* Gives the root of the perfect subtree over leaves [index << level, (index + 1) << level), which
   is inside of the tree that is asked about. 0, or -errno, which the proof's maker returns. */
typedef int merkle_subtree_read(void *context, unsigned level, uint64_t index,
                                struct merkle_hash *ret_hash);

struct merkle_proof {
    size_t count;
    struct merkle_hash hashes[MERKLE_PROOF_MAX]; /* from the leaf to the root */
};

/* The root of the tree of `size` leaves. 0, or what read said. */
int merkle_root_read(uint64_t size, merkle_subtree_read *read, void *context,
                     struct merkle_hash *ret_root);

/* The edge of the tree of `size` leaves, to append to it. 0, or what read said. */
int merkle_tree_read(uint64_t size, merkle_subtree_read *read, void *context,
                     struct merkle_tree *ret_tree);

/* The proof that leaf `index` is in the tree of `size` leaves; index < size. 0, or what read said.
 */
int merkle_prove_inclusion(uint64_t index, uint64_t size, merkle_subtree_read *read, void *context,
                           struct merkle_proof *ret_proof);

/* The proof that the tree of old_size leaves is the beginning of that of `size`; old_size <= size.
   Empty when old_size is 0 or size. 0, or what read said. */
int merkle_prove_consistency(uint64_t old_size, uint64_t size, merkle_subtree_read *read,
                             void *context, struct merkle_proof *ret_proof);

/* Whether the proof shows that `leaf` (its hash) is at index in the tree of this size and root. */
bool merkle_verify_inclusion(uint64_t index, uint64_t size, const struct merkle_hash *leaf,
                             const struct merkle_proof *proof, const struct merkle_hash *root);

/* Whether the proof shows that the tree of old_size and old_root is the beginning of that of size
   and root. The empty tree is the beginning of every tree. */
bool merkle_verify_consistency(uint64_t old_size, const struct merkle_hash *old_root, uint64_t size,
                               const struct merkle_hash *root, const struct merkle_proof *proof);

#endif
