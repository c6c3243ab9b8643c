/*
 * The hash tree of RFC 6962, 2.1 (RFC 9162's is the same). Knows no tile, no file and no signature.
 *
 * A tree as bytes, version 1: its size, 64 bits little-endian, then the 32 bytes of each perfect
 * subtree's root, the largest first. Invariants:
 *   1. As many roots as bits are set in size; nothing behind them.
 *   2. size <= MERKLE_SIZE_MAX.
 * It carries no checksum: whoever loads it compares the root with a signed checkpoint.
 */
/* libcrypto's EVP needs 240 ns for a node and its SHA256_ calls 150 (Zen 4, SHA-NI, 3.0): a ledger
   is verified a quarter faster. 3.0 calls them deprecated, hence: */
#define OPENSSL_API_COMPAT 0x10101000L

#include "daemon/ledger/merkle.h"

#include <assert.h>
#include <errno.h>
#include <openssl/sha.h>
#include <string.h>

#include "daemon/ledger/little_endian.h"

#define MERKLE_NODE_BYTES (1u + 2u * MERKLE_HASH_BYTES)
#define MERKLE_TILE_WIDTH (1u << MERKLE_TILE_LEVELS)

static_assert(SHA256_DIGEST_LENGTH == MERKLE_HASH_BYTES, "a hash is a SHA-256");

static struct merkle_hash hash_two(const void *first, size_t first_len, const void *second,
                                   size_t second_len)
{
    struct merkle_hash hash;
    SHA256_CTX context;

    int ok = SHA256_Init(&context) & SHA256_Update(&context, first, first_len) &
             SHA256_Update(&context, second, second_len) & SHA256_Final(hash.bytes, &context);
    assert(ok == 1); /* they have no way to fail */
    return hash;
}

struct merkle_hash merkle_leaf(const void *bytes, size_t len)
{
    static const uint8_t prefix[1] = {0};

    return hash_two(prefix, sizeof(prefix), bytes, len);
}

struct merkle_hash merkle_node(const struct merkle_hash *left, const struct merkle_hash *right)
{
    uint8_t bytes[MERKLE_NODE_BYTES];

    bytes[0] = 1;
    memcpy(bytes + 1, left->bytes, MERKLE_HASH_BYTES);
    memcpy(bytes + 1 + MERKLE_HASH_BYTES, right->bytes, MERKLE_HASH_BYTES);
    return hash_two(bytes, sizeof(bytes), NULL, 0);
}

bool merkle_equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
    return memcmp(a->bytes, b->bytes, MERKLE_HASH_BYTES) == 0;
}

struct merkle_hash merkle_perfect(const struct merkle_hash *hashes, size_t count)
{
    struct merkle_hash row[MERKLE_TILE_WIDTH];

    assert(count >= 1);
    assert(count <= MERKLE_TILE_WIDTH);
    assert((count & (count - 1)) == 0);
    memcpy(row, hashes, count * sizeof(row[0]));
    for (; count > 1; count /= 2) {
        for (size_t i = 0; i < count / 2; i++)
            row[i] = merkle_node(&row[2 * i], &row[2 * i + 1]);
    }
    return row[0];
}

static size_t edge_count(const struct merkle_tree *tree)
{
    return (size_t)__builtin_popcountll(tree->size);
}

/* Appends a subtree of 2^level leaves, merging it with those of its size to its left. Returns the
   number of tops. */
static size_t append(struct merkle_tree *tree, unsigned level, struct merkle_hash hash,
                     struct merkle_hash *ret_tops)
{
    size_t count = edge_count(tree), tops = 0;

    assert(level < 63);
    assert((tree->size & ((1ull << level) - 1)) == 0);
    assert(tree->size <= MERKLE_SIZE_MAX - (1ull << level));
    unsigned at = level;
    while ((tree->size >> at & 1) != 0) {
        hash = merkle_node(&tree->edge[--count], &hash);
        at++;
        if (ret_tops != NULL && at % MERKLE_TILE_LEVELS == 0)
            ret_tops[tops++] = hash;
    }
    tree->edge[count] = hash;
    tree->size += 1ull << level;
    return tops;
}

size_t merkle_append(struct merkle_tree *tree, const struct merkle_hash *leaf,
                     struct merkle_hash ret_tops[MERKLE_TOPS_MAX])
{
    return append(tree, 0, *leaf, ret_tops);
}

void merkle_append_subtree(struct merkle_tree *tree, unsigned level, const struct merkle_hash *root)
{
    (void)append(tree, level, *root, NULL); /* no tops were asked for */
}

struct merkle_hash merkle_root(const struct merkle_tree *tree)
{
    size_t count = edge_count(tree);

    if (count == 0)
        return hash_two(NULL, 0, NULL, 0);
    struct merkle_hash root = tree->edge[count - 1];
    for (size_t i = count - 1; i-- > 0;)
        root = merkle_node(&tree->edge[i], &root);
    return root;
}

size_t merkle_tree_encode(const struct merkle_tree *tree, uint8_t ret_bytes[MERKLE_TREE_BYTES_MAX])
{
    size_t count = edge_count(tree);

    little_endian_put_u64(ret_bytes, tree->size);
    for (size_t i = 0; i < count; i++)
        memcpy(ret_bytes + 8 + i * MERKLE_HASH_BYTES, tree->edge[i].bytes, MERKLE_HASH_BYTES);
    return 8 + count * MERKLE_HASH_BYTES;
}

int merkle_tree_decode(const uint8_t *bytes, size_t len, struct merkle_tree *ret_tree)
{
    struct merkle_tree tree = {0};

    if (len < 8)
        return -EBADMSG;
    tree.size = little_endian_get_u64(bytes);
    size_t count = edge_count(&tree);
    if (tree.size > MERKLE_SIZE_MAX || len != 8 + count * MERKLE_HASH_BYTES)
        return -EBADMSG;
    for (size_t i = 0; i < count; i++)
        memcpy(tree.edge[i].bytes, bytes + 8 + i * MERKLE_HASH_BYTES, MERKLE_HASH_BYTES);
    *ret_tree = tree;
    return 0;
}
