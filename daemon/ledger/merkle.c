/*
 * The hash tree of RFC 6962, 2.1 (RFC 9162's is the same). Knows no tile, no file and no signature.
 */
/* libcrypto's EVP needs 240 ns for a node and its SHA256_ calls 150 (Zen 4, SHA-NI, 3.0): a ledger
   is verified a quarter faster. 3.0 calls them deprecated, hence: */
#define OPENSSL_API_COMPAT 0x10101000L

#include "daemon/ledger/merkle.h"

#include <assert.h>
#include <openssl/sha.h>
#include <string.h>

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

/* The leaf is a perfect subtree of one; it is merged with those of its size to its left, as a carry
   runs when a binary number is counted up. */
size_t merkle_append(struct merkle_tree *tree, const struct merkle_hash *leaf,
                     struct merkle_hash ret_tops[MERKLE_TOPS_MAX])
{
    struct merkle_hash hash = *leaf;
    size_t count = edge_count(tree), tops = 0;

    assert(tree->size < MERKLE_SIZE_MAX);
    for (unsigned level = 0; (tree->size >> level & 1) != 0; level++) {
        hash = merkle_node(&tree->edge[--count], &hash);
        if (ret_tops != NULL && (level + 1) % MERKLE_TILE_LEVELS == 0)
            ret_tops[tops++] = hash;
    }
    tree->edge[count] = hash;
    tree->size++;
    return tops;
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
