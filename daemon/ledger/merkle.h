/*
 * The hash tree of RFC 6962: leaf and node hashes, and a tree that grows by appending, of which
 * only the right edge is kept. Pure; any thread; allocates nothing.
 */
#ifndef LEDGER_MERKLE_H
#define LEDGER_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH_BYTES     32u
#define MERKLE_EDGE_MAX       64u
#define MERKLE_TREE_BYTES_MAX (8u + MERKLE_EDGE_MAX * MERKLE_HASH_BYTES)
#define MERKLE_SIZE_MAX       ((1ull << 63) - 1) /* leaves */
#define MERKLE_TILE_LEVELS    8u                 /* levels of the tree that a tile spans */
#define MERKLE_TOPS_MAX       8u

struct merkle_hash {
    uint8_t bytes[MERKLE_HASH_BYTES];
};

/* A tree of `size` leaves: the roots of the perfect subtrees that it is made of, the largest first,
   one for each bit that is set in size. {0} is the empty tree. */
struct merkle_tree {
    uint64_t size;
    struct merkle_hash edge[MERKLE_EDGE_MAX];
};

/* SHA-256(0x00 || bytes). */
struct merkle_hash merkle_leaf(const void *bytes, size_t len);

/* SHA-256(0x01 || left || right). */
struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right);

/* Whether both are the same. */
bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b);

/* The root of the perfect tree over count hashes of one level; count is a power of two, at most
   256. */
struct merkle_hash merkle_perfect(const struct merkle_hash *hashes, size_t count);

/* Appends one leaf hash; the tree has fewer than MERKLE_SIZE_MAX leaves. ret_tops may be NULL, else
   ret_tops[i] becomes the root of the subtree of 256^(i+1) leaves that this leaf completes, for
   each i there is one: those are the next entries of the tiles of level i + 1. Returns their
   number. */
size_t merkle_append(struct merkle_tree *tree, const struct merkle_hash *leaf,
                     struct merkle_hash ret_tops[MERKLE_TOPS_MAX]);

/* Appends a perfect subtree of 2^level leaves; the tree's size is a multiple of that, and stays
   within MERKLE_SIZE_MAX. */
void merkle_append_subtree(struct merkle_tree *tree, unsigned level,
                           const struct merkle_hash *root);

/* The root of the tree as it is: of an empty one SHA-256 of nothing. */
struct merkle_hash merkle_root(const struct merkle_tree *tree);

/* The tree as bytes, for a state file (format: top of merkle.c). Returns how many, at most
   MERKLE_TREE_BYTES_MAX. */
size_t merkle_tree_encode(const struct merkle_tree *tree, uint8_t ret_bytes[MERKLE_TREE_BYTES_MAX]);

/* The tree of exactly these bytes. 0, or -EBADMSG. */
int merkle_tree_decode(const uint8_t *bytes, size_t len, struct merkle_tree *ret_tree);

#endif
