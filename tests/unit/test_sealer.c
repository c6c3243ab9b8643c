/*
 * The sealer. Goal: it signs only what grows from what it has signed, whatever is asked. Method:
 * the known log, forks of it, and answers that the vectors know byte for byte.
 */
#include "tests/unit/sealer_rig.h"

static void the_known_log_is_signed_byte_for_byte_as_it_grows(void **state)
{
    (void)state;
    struct rig rig;
    uint64_t old_size = 0;

    open_rig(&rig, 1);
    for (size_t i = 0; i < LOG_B_ROOTS_COUNT && log_b_roots[i].size <= LOG_MAX; i++) {
        assert_int_equal(ask(&rig, old_size, log_b_roots[i].size), SEAL_SIGNED);
        old_size = log_b_roots[i].size;
        if (log_b_roots[i].signature == NULL)
            continue;
        char wanted[SEAL_SIGNATURE_BYTES_MAX];
        int len =
            snprintf(wanted, sizeof(wanted), "— %s %s\n", LOG_B_NAME, log_b_roots[i].signature);
        assert_int_equal(rig.parsed.signature_len, len);
        assert_memory_equal(rig.parsed.signature, wanted, (size_t)len);
    }
    assert_int_equal(old_size, 257);
    close_rig(&rig);
}

static void the_same_tree_asked_again_has_the_same_signature_after_a_restart_too(void **state)
{
    (void)state;
    struct rig rig;
    char first[SEAL_ANSWER_BYTES_MAX];

    open_rig(&rig, 1);
    assert_int_equal(ask(&rig, 0, 5), SEAL_SIGNED);
    size_t len = rig.answer_len;
    memcpy(first, rig.answer, len);
    for (unsigned round = 0; round < 4; round++) {
        if (round == 2)
            start_again(&rig);
        assert_int_equal(ask(&rig, round % 2 == 0 ? 0 : 5, 5), SEAL_SIGNED);
        assert_int_equal(rig.answer_len, len);
        assert_memory_equal(rig.answer, first, len);
    }
    close_rig(&rig);
}

static void another_root_of_the_sealed_size_is_refused_for_ever(void **state)
{
    (void)state;
    struct rig rig;
    struct merkle_hash fork = root_of(leaves + 1, 5);
    struct merkle_proof proof = {.count = 0};

    open_rig(&rig, 1);
    assert_int_equal(ask(&rig, 0, 5), SEAL_SIGNED);
    for (unsigned round = 0; round < 3; round++) {
        assert_int_equal(ask_root(&rig, 5, 5, &fork, &proof), SEAL_OTHER_ROOT);
        assert_int_equal(ask_root(&rig, 0, 5, &fork, &proof), SEAL_OTHER_ROOT);
        start_again(&rig);
    }
    assert_int_equal(ask(&rig, 5, 6), SEAL_SIGNED);
    close_rig(&rig);
}

static void a_fork_that_is_larger_finds_no_proof(void **state)
{
    (void)state;
    struct rig rig;
    static struct merkle_hash forked[LOG_MAX];

    open_rig(&rig, 1);
    assert_int_equal(ask(&rig, 0, 100), SEAL_SIGNED);
    memcpy(forked, leaves, sizeof(leaves));
    forked[42].bytes[0] ^= 1;
    for (uint64_t size = 101; size < 140; size++) {
        struct merkle_hash fork = root_of(forked, size);
        struct merkle_proof proof;
        /* with the proof of its own past, with that of ours, and with each hash changed */
        assert_int_equal(merkle_prove_consistency(100, size, read_subtree, forked, &proof), 0);
        assert_int_equal(ask_root(&rig, 100, size, &fork, &proof), SEAL_BAD_PROOF);
        assert_int_equal(merkle_prove_consistency(100, size, read_subtree, leaves, &proof), 0);
        assert_int_equal(ask_root(&rig, 100, size, &fork, &proof), SEAL_BAD_PROOF);
        const struct merkle_hash honest = root_of(leaves, size);
        for (size_t i = 0; i < proof.count; i++) {
            proof.hashes[i].bytes[i] ^= 0x10;
            assert_int_equal(ask_root(&rig, 100, size, &honest, &proof), SEAL_BAD_PROOF);
            proof.hashes[i].bytes[i] ^= 0x10;
        }
        proof.count--;
        assert_int_equal(ask_root(&rig, 100, size, &honest, &proof), SEAL_BAD_PROOF);
    }
    /* nor does it pretend that nothing was sealed, or something else */
    assert_int_equal(ask(&rig, 0, 140), SEAL_OTHER_SIZE);
    assert_int_equal(ask(&rig, 99, 140), SEAL_OTHER_SIZE);
    assert_int_equal(ask(&rig, 100, 140), SEAL_SIGNED);
    close_rig(&rig);
}

static void a_smaller_tree_is_told_what_was_sealed_last(void **state)
{
    (void)state;
    struct rig rig;

    open_rig(&rig, 1);
    assert_int_equal(ask(&rig, 0, 200), SEAL_SIGNED);
    for (uint64_t size = 0; size < 200; size += 7) {
        assert_int_equal(ask(&rig, size / 2, size), SEAL_OTHER_SIZE);
        assert_int_equal(rig.parsed.last_size, 200);
        assert_hash_equal(rig.parsed.last_root, root_of(leaves, 200));
        assert_int_equal(ask(&rig, 200, size), SEAL_OTHER_SIZE);
    }
    assert_int_equal(ask(&rig, 200, 201), SEAL_SIGNED);
    close_rig(&rig);
}

static void the_first_request_is_from_nothing_and_without_a_proof(void **state)
{
    (void)state;
    struct rig rig;
    struct merkle_proof proof = {.count = 1};
    const struct merkle_hash root = root_of(leaves, 9);

    open_rig(&rig, 1);
    assert_int_equal(ask(&rig, 4, 9), SEAL_OTHER_SIZE);
    assert_int_equal(rig.parsed.last_size, 0);
    assert_hash_equal(rig.parsed.last_root, root_of(leaves, 0));
    assert_int_equal(ask_root(&rig, 0, 9, &root, &proof), SEAL_BAD_PROOF);
    proof.count = 0;
    assert_int_equal(ask_root(&rig, 0, 0, &root, &proof),
                     SEAL_BAD_PROOF); /* no leaf has one root */
    assert_int_equal(rig.sealer.state, SEALER_EMPTY);
    assert_int_equal(ask(&rig, 0, 9), SEAL_SIGNED);
    close_rig(&rig);
}

static void what_is_no_request_or_of_another_log_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    struct rig rig;
    static const char other[] = "seal v1\nold 0\n\nother.test/log\n5\n"
                                "FH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0=\n";

    open_rig(&rig, 1);
    assert_int_equal(ask_bytes(&rig, "", 0), SEAL_MALFORMED);
    assert_int_equal(ask_bytes(&rig, "seal v2\n", 8), SEAL_MALFORMED);
    assert_int_equal(ask_bytes(&rig, other, strlen(other) - 1), SEAL_MALFORMED);
    assert_int_equal(ask_bytes(&rig, other, strlen(other)), SEAL_REFUSED);
    assert_int_equal(rig.sealer.state, SEALER_EMPTY);
    close_rig(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_known_log_is_signed_byte_for_byte_as_it_grows),
        cmocka_unit_test(the_same_tree_asked_again_has_the_same_signature_after_a_restart_too),
        cmocka_unit_test(another_root_of_the_sealed_size_is_refused_for_ever),
        cmocka_unit_test(a_fork_that_is_larger_finds_no_proof),
        cmocka_unit_test(a_smaller_tree_is_told_what_was_sealed_last),
        cmocka_unit_test(the_first_request_is_from_nothing_and_without_a_proof),
        cmocka_unit_test(what_is_no_request_or_of_another_log_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, make_log, free_log);
}
