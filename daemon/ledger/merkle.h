/*
 * The hash tree of RFC 6962: leaf and node hashes, and a tree that grows by appending, of which
 * only the right edge is kept. Pure; any thread; allocates nothing.
 */
#ifndef LEDGER_MERKLE_H
#define LEDGER_MERKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH_BYTES  32u
#define MERKLE_EDGE_MAX    64u
#define MERKLE_SIZE_MAX    ((1ull << 63) - 1) /* leaves */
#define MERKLE_TILE_LEVELS 8u                 /* levels of the tree that a tile spans */
#define MERKLE_TOPS_MAX    8u

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

/* The root of the tree as it is: of an empty one SHA-256 of nothing. */
struct merkle_hash merkle_root(const struct merkle_tree *tree);

#endif
