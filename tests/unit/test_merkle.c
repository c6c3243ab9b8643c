/*
 * The hash tree and its proofs. Goal: the hashes are those of RFC 6962, and a proof shows what it
 * claims and nothing else. Method: known answers; the RFC's recursive definitions written down as
 * they stand; every proof of every tree up to 70 leaves, and each of them damaged.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/ledger/merkle.h"
#include "daemon/ledger/merkle_proof.h"
#include "tests/unit/tlog_vectors.h"

#define LEAVES_MAX 70u

static struct merkle_hash leaves[LEAVES_MAX];

/* MTH(D[begin:end]) of RFC 6962, 2.1, word for word. */
static struct merkle_hash mth(uint64_t begin, uint64_t end)
{
    if (end == begin) {
        struct merkle_tree empty = {0};
        return merkle_root(&empty);
    }
    if (end - begin == 1)
        return leaves[begin];
    uint64_t k = 1;
    while (k * 2 < end - begin)
        k *= 2;
    struct merkle_hash left = mth(begin, begin + k), right = mth(begin + k, end);
    return merkle_node(&left, &right);
}

/* PATH(m, D[begin:end]) and SUBPROOF(m, D[begin:end], b), likewise. */
static void path(uint64_t m, uint64_t begin, uint64_t end, struct merkle_proof *proof)
{
    if (end - begin == 1)
        return;
    uint64_t k = 1;
    while (k * 2 < end - begin)
        k *= 2;
    if (m < k) {
        path(m, begin, begin + k, proof);
        proof->hashes[proof->count++] = mth(begin + k, end);
    } else {
        path(m - k, begin + k, end, proof);
        proof->hashes[proof->count++] = mth(begin, begin + k);
    }
}

static void subproof(uint64_t m, uint64_t begin, uint64_t end, bool whole,
                     struct merkle_proof *proof)
{
    if (m == end - begin) {
        if (!whole)
            proof->hashes[proof->count++] = mth(begin, end);
        return;
    }
    uint64_t k = 1;
    while (k * 2 < end - begin)
        k *= 2;
    if (m <= k) {
        subproof(m, begin, begin + k, whole, proof);
        proof->hashes[proof->count++] = mth(begin + k, end);
    } else {
        subproof(m - k, begin + k, end, false, proof);
        proof->hashes[proof->count++] = mth(begin, begin + k);
    }
}

static int read_leaves(void *context, unsigned level, uint64_t index, struct merkle_hash *ret_hash)
{
    const uint64_t *size = context;

    if ((index + 1) << level > *size)
        return -ERANGE;
    *ret_hash = mth(index << level, (index + 1) << level);
    return 0;
}

static int fill_leaves(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < LEAVES_MAX; i++)
        leaves[i] = log_b_leaf(i);
    return 0;
}

static void roots_are_those_of_two_other_programs(void **state)
{
    (void)state;
    struct merkle_tree tree = {0};
    size_t next = 0;

    for (uint64_t i = 0; next < LOG_B_ROOTS_COUNT; i++) {
        if (tree.size == log_b_roots[next].size)
            assert_hash_equal(merkle_root(&tree), vector_hash(log_b_roots[next++].root));
        struct merkle_hash leaf = log_b_leaf(i);
        (void)merkle_append(&tree, &leaf, NULL); /* no tops */
    }
    tree = (struct merkle_tree){0};
    for (size_t i = 0; i < LOG_A_COUNT; i++) {
        struct merkle_hash leaf = merkle_leaf(log_a_entries[i], strlen(log_a_entries[i]));
        (void)merkle_append(&tree, &leaf, NULL); /* no tops */
    }
    assert_hash_equal(merkle_root(&tree),
                      vector_hash("rKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs="));
}

static void a_grown_tree_has_the_root_of_the_definition(void **state)
{
    (void)state;
    struct merkle_tree tree = {0}, again;

    for (uint64_t size = 0; size <= LEAVES_MAX; size++) {
        assert_hash_equal(merkle_root(&tree), mth(0, size));
        assert_int_equal(merkle_tree_read(size, read_leaves, &size, &again), 0);
        assert_int_equal(again.size, size);
        assert_hash_equal(merkle_root(&again), mth(0, size));
        if (size < LEAVES_MAX)
            (void)merkle_append(&tree, &leaves[size], NULL); /* no tops */
    }
}

static void a_perfect_tree_has_the_root_of_the_definition(void **state)
{
    (void)state;

    assert_hash_equal(merkle_perfect(leaves, 64), mth(0, 64));
}

static void expect_proof(const struct merkle_proof *got, const struct merkle_proof *wanted)
{
    assert_int_equal(got->count, wanted->count);
    assert_memory_equal(got->hashes, wanted->hashes, got->count * sizeof(got->hashes[0]));
}

static void every_inclusion_proof_is_that_of_the_definition_and_holds(void **state)
{
    (void)state;
    struct merkle_proof proof, wanted;

    for (uint64_t size = 1; size <= LEAVES_MAX; size++) {
        struct merkle_hash root = mth(0, size);
        for (uint64_t index = 0; index < size; index++) {
            assert_int_equal(merkle_prove_inclusion(index, size, read_leaves, &size, &proof), 0);
            wanted.count = 0;
            path(index, 0, size, &wanted);
            expect_proof(&proof, &wanted);
            assert_true(merkle_verify_inclusion(index, size, &leaves[index], &proof, &root));
        }
    }
}

static void no_damaged_inclusion_proof_holds(void **state)
{
    (void)state;
    struct merkle_proof proof;

    for (uint64_t size = 1; size <= 40; size++) {
        struct merkle_hash root = mth(0, size);
        for (uint64_t index = 0; index < size; index++) {
            const struct merkle_hash *leaf = &leaves[index];
            assert_int_equal(merkle_prove_inclusion(index, size, read_leaves, &size, &proof), 0);
            for (uint64_t other = 0; other <= size; other++)
                assert_true(other == index ||
                            !merkle_verify_inclusion(other, size, leaf, &proof, &root));
            for (size_t i = 0; i < proof.count; i++) {
                proof.hashes[i].bytes[i % 32] ^= 1;
                assert_false(merkle_verify_inclusion(index, size, leaf, &proof, &root));
                proof.hashes[i].bytes[i % 32] ^= 1;
            }
            assert_false(merkle_verify_inclusion(index, size, &leaves[size], &proof, &root));
            proof.hashes[proof.count++] = root;
            assert_false(merkle_verify_inclusion(index, size, leaf, &proof, &root));
            proof.count -= 2;
            if (size > 1)
                assert_false(merkle_verify_inclusion(index, size, leaf, &proof, &root));
        }
    }
}

static void every_consistency_proof_is_that_of_the_definition_and_holds(void **state)
{
    (void)state;
    struct merkle_proof proof, wanted;

    for (uint64_t size = 0; size <= LEAVES_MAX; size++) {
        struct merkle_hash root = mth(0, size);
        for (uint64_t old = 0; old <= size; old++) {
            struct merkle_hash old_root = mth(0, old);
            assert_int_equal(merkle_prove_consistency(old, size, read_leaves, &size, &proof), 0);
            wanted.count = 0;
            if (old > 0)
                subproof(old, 0, size, true, &wanted);
            expect_proof(&proof, &wanted);
            assert_true(merkle_verify_consistency(old, &old_root, size, &root, &proof));
        }
    }
}

static void no_damaged_consistency_proof_holds(void **state)
{
    (void)state;
    struct merkle_proof proof;

    for (uint64_t size = 1; size <= 40; size++) {
        struct merkle_hash root = mth(0, size);
        for (uint64_t old = 1; old <= size; old++) {
            struct merkle_hash old_root = mth(0, old), other = mth(0, old - 1);
            assert_int_equal(merkle_prove_consistency(old, size, read_leaves, &size, &proof), 0);
            assert_false(merkle_verify_consistency(old, &other, size, &root, &proof));
            assert_false(merkle_verify_consistency(old, &old_root, size, &other, &proof));
            for (size_t i = 0; i < proof.count; i++) {
                proof.hashes[i].bytes[i % 32] ^= 1;
                assert_false(merkle_verify_consistency(old, &old_root, size, &root, &proof));
                proof.hashes[i].bytes[i % 32] ^= 1;
            }
            proof.hashes[proof.count++] = root;
            assert_false(merkle_verify_consistency(old, &old_root, size, &root, &proof));
            proof.count -= 2;
            if (old < size)
                assert_false(merkle_verify_consistency(old, &old_root, size, &root, &proof));
            assert_false(merkle_verify_consistency(size + 1, &root, size, &root, &proof));
        }
    }
    proof.count = 0;
    struct merkle_hash one = leaves[0];
    assert_false(merkle_verify_consistency(0, &one, 1, &one, &proof));
}

static void known_proofs_of_log_b_are_made(void **state)
{
    (void)state;
    static const struct {
        uint64_t old, size;
        const char *hashes[5];
    } known[] = {
        {3,
         5,
         {"0+CmKo96klbIvrcVr97YPkMm0sRzedJZsXCahArS8R0=",
          "28xC11lrPWKfGGHR4gl7l7VGLsyueJ38+Zf+qbBpCJk=",
          "/FLXGjaKeY/Zbsflt+5fj5/dEMf/mrFGxOrB5qChsQo=",
          "F5V5gnXFBtu/Rv3nMkDrGdUvty+pCgWh/EyLSLSqBqI="}},
        {2,
         5,
         {"ruhRnYc4H8EaY7FMweIj3HF0wDx4Gv270x2lWduVAQg=",
          "F5V5gnXFBtu/Rv3nMkDrGdUvty+pCgWh/EyLSLSqBqI="}},
        {4, 5, {"F5V5gnXFBtu/Rv3nMkDrGdUvty+pCgWh/EyLSLSqBqI="}},
    };
    struct merkle_proof proof;
    uint64_t size = 5;

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        size_t count = 0;
        assert_int_equal(merkle_prove_consistency(known[i].old, 5, read_leaves, &size, &proof), 0);
        for (; known[i].hashes[count] != NULL; count++)
            assert_hash_equal(proof.hashes[count], vector_hash(known[i].hashes[count]));
        assert_int_equal(proof.count, count);
    }
    assert_int_equal(merkle_prove_inclusion(2, 5, read_leaves, &size, &proof), 0);
    assert_int_equal(proof.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_hash_equal(proof.hashes[i], vector_hash(known[0].hashes[i + 1]));
    assert_int_equal(merkle_prove_inclusion(4, 5, read_leaves, &size, &proof), 0);
    assert_int_equal(proof.count, 1);
    assert_hash_equal(proof.hashes[0], vector_hash("nUE/WaAlKD+d/QXFztonaVKmd6GkwH3OFKaIiP53asY="));
}

static void a_reader_that_fails_stops_the_proof(void **state)
{
    (void)state;
    struct merkle_proof proof;
    struct merkle_tree tree;
    struct merkle_hash root;
    uint64_t size = 5;

    assert_int_equal(merkle_prove_inclusion(1, 9, read_leaves, &size, &proof), -ERANGE);
    assert_int_equal(merkle_prove_consistency(3, 9, read_leaves, &size, &proof), -ERANGE);
    assert_int_equal(merkle_root_read(9, read_leaves, &size, &root), -ERANGE);
    assert_int_equal(merkle_tree_read(9, read_leaves, &size, &tree), -ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roots_are_those_of_two_other_programs),
        cmocka_unit_test(a_grown_tree_has_the_root_of_the_definition),
        cmocka_unit_test(a_perfect_tree_has_the_root_of_the_definition),
        cmocka_unit_test(every_inclusion_proof_is_that_of_the_definition_and_holds),
        cmocka_unit_test(no_damaged_inclusion_proof_holds),
        cmocka_unit_test(every_consistency_proof_is_that_of_the_definition_and_holds),
        cmocka_unit_test(no_damaged_consistency_proof_holds),
        cmocka_unit_test(known_proofs_of_log_b_are_made),
        cmocka_unit_test(a_reader_that_fails_stops_the_proof),
    };
    return cmocka_run_group_tests(tests, fill_leaves, NULL);
}
