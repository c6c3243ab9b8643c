/*
 * What a witness answers. Goal: it signs what continues what it signed, byte for byte as others
 * would, and nothing else; every refusal has the protocol's status. Method: the known log B with
 * requests of every pair of sizes; a request damaged in every byte.
 */
#include <stdlib.h>

#include "daemon/ledger/cosign.h"
#include "tests/unit/tlog_vectors.h"

#define SIZES_MAX 20u

static struct note_signer *log_b, *witness;
static struct policy policy;
static struct merkle_hash leaves[SIZES_MAX];

static int open_keys(void **state)
{
    static const char text[] = "log " LOG_A_VKEY "\nlog " LOG_B_VKEY "\nquorum none\n";
    size_t line;

    (void)state;
    log_b = open_signer(LOG_B_NAME, NOTE_KEY_ED25519, LOG_B_SEED);
    witness = open_signer("witness.test/w1", NOTE_KEY_COSIGNATURE, WITNESS_SEED);
    for (uint64_t i = 0; i < SIZES_MAX; i++)
        leaves[i] = log_b_leaf(i);
    return policy_parse(text, strlen(text), &policy, &line) == TLOG_OK ? 0 : 1;
}

static int close_keys(void **state)
{
    (void)state;
    (void)note_signer_close(log_b); /* both are NULL */
    (void)note_signer_close(witness);
    return 0;
}

/* As merkle_subtree_read. */
static int read_leaves(void *context, unsigned level, uint64_t index, struct merkle_hash *ret_hash)
{
    (void)context;
    *ret_hash = merkle_perfect(leaves + (index << level), (size_t)1 << level);
    return 0;
}

static struct merkle_hash root_of(uint64_t size)
{
    struct merkle_hash root;

    assert_int_equal(merkle_root_read(size, read_leaves, NULL, &root), 0);
    return root;
}

struct request {
    char bytes[4096];
    size_t len;
};

static struct request request_for(const struct note_signer *signer, uint64_t old, uint64_t size,
                                  const struct merkle_hash *root)
{
    struct cosign_request parts = {.old_size = old};
    struct request request;
    char note[CHECKPOINT_BYTES_MAX];
    struct text checkpoint = text_into(note, sizeof(note));
    struct text text = text_into(request.bytes, sizeof(request.bytes));

    checkpoint_sign(&checkpoint, signer, size, root);
    parts.checkpoint = note;
    parts.checkpoint_len = checkpoint.len;
    if (old <= size)
        assert_int_equal(merkle_prove_consistency(old, size, read_leaves, NULL, &parts.proof), 0);
    cosign_format(&text, &parts);
    assert_false(text.overflow);
    request.len = text.len;
    return request;
}

static struct cosign_verdict ask(const struct request *request, const struct cosign_state *state)
{
    static struct cosign_request parts;
    struct checkpoint checkpoint;
    struct cosign_verdict verdict = {.status = COSIGN_BAD_REQUEST};

    verdict.why = cosign_parse(request->bytes, request->len, &parts);
    if (verdict.why != TLOG_OK)
        return verdict;
    verdict.status = cosign_open(&parts, &policy, &checkpoint, &verdict.why);
    return verdict.status == COSIGN_SIGN ? cosign_decide(&parts, &checkpoint, state) : verdict;
}

static void the_answer_is_the_known_cosignature(void **state)
{
    (void)state;
    static const char wanted[] =
        "old 0\n\n" LOG_B_NAME "\n5\nFH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0=\n\n— " LOG_B_NAME
        " "
        "sMddf6DDlcq5q3l7XvXOTkwTL9gDuf+ZH6aRvpflsY5xTF0ZZuMS6sam//"
        "iERBHOoHwe9XhK5YQPwUg696q61X4gqAw=\n";
    struct merkle_hash root = vector_hash("FH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0=");
    struct cosign_state none = {.any = false};
    struct request request = request_for(log_b, 0, 5, &root);
    char line[COSIGN_LINE_BYTES_MAX];
    struct text text = text_into(line, sizeof(line));
    struct cosign_request parts;

    assert_int_equal(request.len, strlen(wanted));
    assert_memory_equal(request.bytes, wanted, request.len);
    assert_int_equal(ask(&request, &none).status, COSIGN_SIGN);
    assert_int_equal(cosign_parse(request.bytes, request.len, &parts), TLOG_OK);
    cosign_sign(&text, witness, &parts, WITNESS_TIME);
    assert_int_equal(text.len, strlen(WITNESS_LINE "\n"));
    assert_memory_equal(line, WITNESS_LINE "\n", text.len);
}

static void only_what_continues_the_signed_tree_is_signed(void **state)
{
    (void)state;
    for (uint64_t had = 0; had < SIZES_MAX; had++) {
        struct cosign_state known = {.size = had, .root = root_of(had), .any = true};
        for (uint64_t old = 0; old < SIZES_MAX; old++) {
            for (uint64_t size = 0; size < SIZES_MAX; size++) {
                struct merkle_hash root = root_of(size);
                struct request request = request_for(log_b, old, size, &root);
                struct cosign_verdict verdict = ask(&request, &known);
                enum cosign_status wanted = old > size   ? COSIGN_BAD_REQUEST
                                            : old != had ? COSIGN_CONFLICT
                                                         : COSIGN_SIGN;
                assert_int_equal(verdict.status, wanted);
                assert_false(verdict.fork);
            }
        }
    }
}

static void another_root_of_the_same_size_is_a_fork_whatever_is_asked(void **state)
{
    (void)state;
    struct cosign_state known = {.size = 5, .root = root_of(5), .any = true};
    struct merkle_hash other = root_of(6);

    for (uint64_t old = 0; old <= 5; old++) {
        struct request request = request_for(log_b, old, 5, &other);
        struct cosign_verdict verdict = ask(&request, &known);
        assert_int_equal(verdict.status, COSIGN_CONFLICT);
        assert_int_equal(verdict.why, TLOG_EQUIVOCATION);
        assert_true(verdict.fork);
    }
}

static void a_tree_that_is_not_shown_to_continue_is_unprocessable(void **state)
{
    (void)state;
    struct cosign_state known = {.size = 5, .root = root_of(6), .any = true}, none = {.any = false};
    struct merkle_hash root = root_of(7);
    struct request request = request_for(log_b, 5, 7, &root);

    assert_int_equal(ask(&request, &known).status, COSIGN_UNPROCESSABLE);
    /* The first time nothing is to be proved. */
    static const char extra[] = "old 0\n28xC11lrPWKfGGHR4gl7l7VGLsyueJ38+Zf+qbBpCJk=\n";
    request = request_for(log_b, 0, 7, &root);
    memmove(request.bytes + strlen(extra), request.bytes + strlen("old 0\n"), request.len);
    memcpy(request.bytes, extra, strlen(extra));
    request.len += strlen(extra) - strlen("old 0\n");
    assert_int_equal(ask(&request, &none).status, COSIGN_UNPROCESSABLE);
}

static void who_signed_decides_before_anything_else(void **state)
{
    (void)state;
    struct cosign_state none = {.any = false};
    struct merkle_hash root = root_of(7);
    struct note_signer *stranger = open_signer("noticed.test/x", NOTE_KEY_ED25519, LOG_B_SEED);
    struct note_signer *namesake = open_signer(LOG_B_NAME, NOTE_KEY_ED25519, LOG_A_SEED);
    struct request request = request_for(stranger, 0, 7, &root);

    assert_int_equal(ask(&request, &none).status, COSIGN_UNKNOWN_LOG);
    request = request_for(namesake, 0, 7, &root);
    assert_int_equal(ask(&request, &none).status, COSIGN_FORBIDDEN);
    (void)note_signer_close(stranger); /* both are NULL */
    (void)note_signer_close(namesake);
}

static void no_damaged_request_is_signed(void **state)
{
    (void)state;
    struct cosign_state known = {.size = 5, .root = root_of(5), .any = true};
    struct merkle_hash root = root_of(13);
    struct request request = request_for(log_b, 5, 13, &root);

    assert_int_equal(ask(&request, &known).status, COSIGN_SIGN);
    for (size_t len = 0; len < request.len; len++) {
        struct request cut = request;
        cut.len = len;
        assert_int_not_equal(ask(&cut, &known).status, COSIGN_SIGN);
    }
    for (size_t at = 0; at < request.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct request changed = request;
            changed.bytes[at] = (char)((unsigned char)changed.bytes[at] ^ 1u << bit);
            assert_int_not_equal(ask(&changed, &known).status, COSIGN_SIGN);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_the_known_cosignature),
        cmocka_unit_test(only_what_continues_the_signed_tree_is_signed),
        cmocka_unit_test(another_root_of_the_same_size_is_a_fork_whatever_is_asked),
        cmocka_unit_test(a_tree_that_is_not_shown_to_continue_is_unprocessable),
        cmocka_unit_test(who_signed_decides_before_anything_else),
        cmocka_unit_test(no_damaged_request_is_signed),
    };
    return cmocka_run_group_tests(tests, open_keys, close_keys);
}
