/*
 * Proofs over the tree of merkle.c. A subtree over [begin, end) that RFC 6962 speaks of is perfect,
 * or it reaches to the tree's end: then it is made of perfect ones, largest first. Knows no tile.
 */
#include "daemon/ledger/merkle_proof.h"

#include <assert.h>

struct proof_source {
    merkle_subtree_read *read;
    void *context;
};

static unsigned log2_of(uint64_t value)
{
    assert(value > 0);
    return 63u - (unsigned)__builtin_clzll(value);
}

/* The largest power of two below size, which is at least 2. */
static uint64_t split_of(uint64_t size)
{
    assert(size >= 2);
    return 1ull << log2_of(size - 1);
}

/* The root over [begin, end): begin is a multiple of every power of two up to end - begin. */
static int root_of(const struct proof_source *source, uint64_t begin, uint64_t end,
                   struct merkle_hash *ret_root)
{
    struct merkle_hash parts[MERKLE_EDGE_MAX];
    size_t count = 0;

    assert(begin < end);
    while (begin < end) {
        unsigned level = log2_of(end - begin);
        int error = source->read(source->context, level, begin >> level, &parts[count]);
        if (error < 0)
            return error;
        count++;
        begin += 1ull << level;
    }
    *ret_root = parts[count - 1];
    for (size_t i = count - 1; i-- > 0;)
        *ret_root = merkle_node(&parts[i], ret_root);
    return 0;
}

int merkle_tree_read(uint64_t size, merkle_subtree_read *read, void *context,
                     struct merkle_tree *ret_tree)
{
    struct merkle_tree tree = {.size = size};
    uint64_t begin = 0;

    assert(size <= MERKLE_SIZE_MAX);
    for (size_t count = 0; begin < size; count++) {
        unsigned level = log2_of(size - begin);
        int error = read(context, level, begin >> level, &tree.edge[count]);
        if (error < 0)
            return error;
        begin += 1ull << level;
    }
    *ret_tree = tree;
    return 0;
}

int merkle_root_read(uint64_t size, merkle_subtree_read *read, void *context,
                     struct merkle_hash *ret_root)
{
    struct merkle_tree tree;
    int error = merkle_tree_read(size, read, context, &tree);

    if (error == 0)
        *ret_root = merkle_root(&tree);
    return error;
}

/* Turns a proof that was gathered from the root down. */
static void reverse(struct merkle_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        struct merkle_hash other = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = proof->hashes[i];
        proof->hashes[i] = other;
    }
}

int merkle_prove_inclusion(uint64_t index, uint64_t size, merkle_subtree_read *read, void *context,
                           struct merkle_proof *ret_proof)
{
    const struct proof_source source = {read, context};
    uint64_t begin = 0, end = size;

    assert(index < size);
    assert(size <= MERKLE_SIZE_MAX);
    ret_proof->count = 0;
    while (end - begin > 1) {
        uint64_t middle = begin + split_of(end - begin);
        bool right = index >= middle;
        int error = root_of(&source, right ? begin : middle, right ? middle : end,
                            &ret_proof->hashes[ret_proof->count]);
        if (error < 0)
            return error;
        ret_proof->count++;
        if (right)
            begin = middle;
        else
            end = middle;
    }
    reverse(ret_proof);
    return 0;
}

/* RFC 9162, 2.1.4.1, as a loop: SUBPROOF(old_size, D[begin:end], whole). */
int merkle_prove_consistency(uint64_t old_size, uint64_t size, merkle_subtree_read *read,
                             void *context, struct merkle_proof *ret_proof)
{
    const struct proof_source source = {read, context};
    uint64_t begin = 0, end = size;
    bool whole = true;
    int error;

    assert(old_size <= size);
    assert(size <= MERKLE_SIZE_MAX);
    ret_proof->count = 0;
    if (old_size == 0)
        return 0;
    while (old_size < end) {
        uint64_t middle = begin + split_of(end - begin);
        bool right = old_size > middle;
        error = root_of(&source, right ? begin : middle, right ? middle : end,
                        &ret_proof->hashes[ret_proof->count]);
        if (error < 0)
            return error;
        ret_proof->count++;
        if (right) {
            begin = middle;
            whole = false;
        } else {
            end = middle;
        }
    }
    if (!whole) {
        error = root_of(&source, begin, end, &ret_proof->hashes[ret_proof->count]);
        if (error < 0)
            return error;
        ret_proof->count++;
    }
    reverse(ret_proof);
    return 0;
}

/* RFC 9162, 2.1.3.2. */
bool merkle_verify_inclusion(uint64_t index, uint64_t size, const struct merkle_hash *leaf,
                             const struct merkle_proof *proof, const struct merkle_hash *root)
{
    if (index >= size || size > MERKLE_SIZE_MAX)
        return false;

    uint64_t node = index, last = size - 1;
    struct merkle_hash hash = *leaf;

    for (size_t i = 0; i < proof->count; i++) {
        if (last == 0)
            return false;
        if ((node & 1) != 0 || node == last) {
            hash = merkle_node(&proof->hashes[i], &hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node(&hash, &proof->hashes[i]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(&hash, root);
}

/* RFC 9162, 2.1.4.2. */
bool merkle_verify_consistency(uint64_t old_size, const struct merkle_hash *old_root, uint64_t size,
                               const struct merkle_hash *root, const struct merkle_proof *proof)
{
    static const struct merkle_tree empty = {0};

    if (old_size > size || size > MERKLE_SIZE_MAX)
        return false;
    if (old_size == 0) {
        struct merkle_hash nothing = merkle_root(&empty);
        return proof->count == 0 && merkle_equal(old_root, &nothing) &&
               (size > 0 || merkle_equal(root, &nothing));
    }
    if (old_size == size)
        return proof->count == 0 && merkle_equal(old_root, root);

    uint64_t node = old_size - 1, last = size - 1;
    size_t at = 0;
    while ((node & 1) != 0) {
        node >>= 1;
        last >>= 1;
    }
    /* The old tree is perfect when nothing is left of its path: then its root begins the proof. */
    if (node != 0 && proof->count == 0)
        return false;
    struct merkle_hash old_hash = node == 0 ? *old_root : proof->hashes[at++];
    struct merkle_hash hash = old_hash;
    for (; at < proof->count; at++) {
        if (last == 0)
            return false;
        if ((node & 1) != 0 || node == last) {
            old_hash = merkle_node(&proof->hashes[at], &old_hash);
            hash = merkle_node(&proof->hashes[at], &hash);
            while ((node & 1) == 0 && node != 0) {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = merkle_node(&hash, &proof->hashes[at]);
        }
        node >>= 1;
        last >>= 1;
    }
    return last == 0 && merkle_equal(&old_hash, old_root) && merkle_equal(&hash, root);
}
