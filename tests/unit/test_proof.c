/*
 * Proof files and policies. Goal: what they claim is shown or refused by its name. Method: a known
 * proof and each of its bits changed, tables of damage, a policy of two levels.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/ledger/policy.h"
#include "daemon/ledger/proof.h"
#include "tests/unit/tlog_vectors.h"

#define ROOT_5 "FH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0="
#define PROOF_2_5                                                                                  \
    "28xC11lrPWKfGGHR4gl7l7VGLsyueJ38+Zf+qbBpCJk=\n"                                               \
    "/FLXGjaKeY/Zbsflt+5fj5/dEMf/mrFGxOrB5qChsQo=\n"                                               \
    "F5V5gnXFBtu/Rv3nMkDrGdUvty+pCgWh/EyLSLSqBqI=\n"

static struct note_key key;
static char note_5[CHECKPOINT_BYTES_MAX];
static size_t note_5_len;

static int sign_five(void **state)
{
    struct text text = text_into(note_5, sizeof(note_5));
    struct merkle_hash root = vector_hash(ROOT_5);
    struct note_signer *signer = open_signer(LOG_B_NAME, NOTE_KEY_ED25519, LOG_B_SEED);

    (void)state;
    checkpoint_sign(&text, signer, 5, &root);
    note_5_len = text.len;
    key = *note_signer_key(signer);
    (void)note_signer_close(signer); /* always NULL */
    return 0;
}

static void a_known_proof_is_written_read_and_holds(void **state)
{
    (void)state;
    char bytes[2048], again[2048];
    int len = snprintf(bytes, sizeof(bytes), "c2sp.org/tlog-proof@v1\nindex 2\n" PROOF_2_5 "\n%.*s",
                       (int)note_5_len, note_5);
    struct proof proof;
    struct checkpoint checkpoint;
    struct merkle_hash leaf = log_b_leaf(2);

    assert_int_equal(proof_parse(bytes, (size_t)len, &proof), TLOG_OK);
    assert_int_equal(proof.index, 2);
    assert_int_equal(proof.path.count, 3);
    assert_null(proof.extra);
    assert_int_equal(proof_verify(&proof, &leaf, &key, &checkpoint), TLOG_OK);
    assert_int_equal(checkpoint.size, 5);
    struct text text = text_into(again, sizeof(again));
    proof_format(&text, &proof);
    assert_int_equal(text.len, len);
    assert_memory_equal(again, bytes, text.len);

    proof.extra = "QUJD";
    proof.extra_len = 4;
    text = text_into(again, sizeof(again));
    proof_format(&text, &proof);
    assert_int_equal(proof_parse(again, text.len, &proof), TLOG_OK);
    assert_int_equal(proof.extra_len, 4);
    assert_int_equal(proof_verify(&proof, &leaf, &key, &checkpoint), TLOG_OK);

    leaf = log_b_leaf(3);
    assert_int_equal(proof_verify(&proof, &leaf, &key, &checkpoint), TLOG_BAD_PROOF);
    proof.index = 5;
    assert_int_equal(proof_verify(&proof, &leaf, &key, &checkpoint), TLOG_BAD_INDEX);
}

static void no_bit_of_a_proof_can_be_changed(void **state)
{
    (void)state;
    char bytes[2048];
    int len = snprintf(bytes, sizeof(bytes), "c2sp.org/tlog-proof@v1\nindex 2\n" PROOF_2_5 "\n%.*s",
                       (int)note_5_len, note_5);
    struct proof proof;
    struct checkpoint checkpoint;
    struct merkle_hash leaf = log_b_leaf(2);

    for (size_t at = 0; at < (size_t)len * 8; at++) {
        bytes[at / 8] = (char)(bytes[at / 8] ^ (1 << at % 8));
        bool accepted = proof_parse(bytes, (size_t)len, &proof) == TLOG_OK &&
                        proof_verify(&proof, &leaf, &key, &checkpoint) == TLOG_OK;
        assert_false(accepted);
        bytes[at / 8] = (char)(bytes[at / 8] ^ (1 << at % 8));
    }
}

static void what_is_no_proof_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum tlog_fault fault;
    } wrong[] = {
        {"", TLOG_BAD_HEADER},
        {"c2sp.org/tlog-proof@v2\nindex 1\n\nx", TLOG_BAD_HEADER},
        {"c2sp.org/tlog-proof@v1\n", TLOG_BAD_INDEX},
        {"c2sp.org/tlog-proof@v1\nindex\n\nx", TLOG_BAD_INDEX},
        {"c2sp.org/tlog-proof@v1\nindex 01\n\nx", TLOG_BAD_INDEX},
        {"c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n\nx", TLOG_BAD_INDEX},
        {"c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\nx", TLOG_BAD_BASE64},
        {"c2sp.org/tlog-proof@v1\nextra AAAA\n", TLOG_BAD_INDEX},
        {"c2sp.org/tlog-proof@v1\nindex 1\nextra AAAA\n\nx", TLOG_BAD_PROOF_HASH},
        {"c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx", TLOG_BAD_PROOF_HASH},
        {"c2sp.org/tlog-proof@v1\nindex 1\n" PROOF_2_5, TLOG_CUT},
        {"c2sp.org/tlog-proof@v1\nindex 1\n28xC11lrPWKf", TLOG_CUT},
        {"c2sp.org/tlog-proof@v1\nindex 1\n\n", TLOG_CUT},
    };
    struct proof proof;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(proof_parse(wrong[i].bytes, strlen(wrong[i].bytes), &proof),
                         wrong[i].fault);
    static char many[8192];
    int len = snprintf(many, sizeof(many), "c2sp.org/tlog-proof@v1\nindex 1\n");
    for (unsigned i = 0; i < MERKLE_PROOF_MAX + 1; i++)
        len += snprintf(many + len, sizeof(many) - (size_t)len, ROOT_5 "\n");
    assert_int_equal(proof_parse(many, (size_t)len, &proof), TLOG_TOO_MANY);
}

static enum tlog_fault check(const char *policy_text, const struct note *note)
{
    static struct policy policy;
    struct policy_verdict verdict;
    size_t line;

    assert_int_equal(policy_parse(policy_text, strlen(policy_text), &policy, &line), TLOG_OK);
    return policy_check(&policy, note, &verdict);
}

static void a_policy_wants_its_log_and_its_quorum(void **state)
{
    (void)state;
    static char bytes[4096];
    static struct note note;
    char w2_vkey[NOTE_KEY_TEXT_BYTES_MAX], text_of[2048];
    struct note_signer *w1 = open_signer("witness.test/w1", NOTE_KEY_COSIGNATURE, WITNESS_SEED);
    struct note_signer *w2 = open_signer("witness.test/w2", NOTE_KEY_COSIGNATURE, LOG_A_SEED);
    struct text text = text_into(bytes, sizeof(bytes));

    (void)note_key_format(note_signer_key(w2), w2_vkey); /* a string */
    text_raw(&text, note_5, note_5_len);
    size_t body = strlen(LOG_B_NAME "\n5\n" ROOT_5 "\n");
    note_sign(&text, w1, note_5, body, WITNESS_TIME);
    assert_int_equal(note_parse(bytes, text.len, &note), TLOG_OK);

    assert_int_equal(check("quorum none\n", &note), TLOG_OK);
    assert_int_equal(
        check("# ours\n\n \tlog  " LOG_B_VKEY " https://x.test\t\nquorum none\n", &note), TLOG_OK);
    assert_int_equal(check("log " LOG_A_VKEY "\nquorum none\n", &note), TLOG_UNKNOWN_KEY);
    assert_int_equal(check("log " LOG_A_VKEY "\nlog " LOG_B_VKEY "\nwitness a " WITNESS_VKEY
                           "\nquorum a\n",
                           &note),
                     TLOG_OK);
    static const struct {
        const char *groups;
        enum tlog_fault fault;
    } groups[] = {
        {"quorum b\n", TLOG_NO_QUORUM},
        {"group g any a b\nquorum g\n", TLOG_OK},
        {"group g all a b\nquorum g\n", TLOG_NO_QUORUM},
        {"group g 1 b a\nquorum g\n", TLOG_OK},
        {"group g 2 b a\nquorum g\n", TLOG_NO_QUORUM},
        {"group g any a\ngroup h any b\ngroup i any g h\nquorum i\n", TLOG_OK},
        {"group g any a\ngroup h any b\ngroup i all g h\nquorum i\n", TLOG_NO_QUORUM},
    };
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        (void)snprintf(text_of, sizeof(text_of),
                       "log " LOG_B_VKEY "\nwitness a " WITNESS_VKEY "\nwitness b %s\n%s", w2_vkey,
                       groups[i].groups);
        assert_int_equal(check(text_of, &note), groups[i].fault);
    }
    bytes[text.len - 10] ^= 1; /* in the witness's signature */
    assert_int_equal(note_parse(bytes, text.len, &note), TLOG_OK);
    assert_int_equal(check("witness a " WITNESS_VKEY "\nquorum a\n", &note), TLOG_BAD_SIGNATURE);
    assert_int_equal(check("log " LOG_B_VKEY "\nquorum none\n", &note), TLOG_OK);
    (void)note_signer_close(w1); /* both are NULL */
    (void)note_signer_close(w2);
}

static void what_is_no_policy_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tlog_fault fault;
        size_t line;
    } wrong[] = {
        {"", TLOG_NO_QUORUM_LINE, 0},
        {"\n# quorum none\n", TLOG_NO_QUORUM_LINE, 0},
        {"quorum none", TLOG_CUT, 1},
        {"\nquorum x\n", TLOG_UNKNOWN_NAME, 2},
        {"quorum\n", TLOG_BAD_WORD, 1},
        {"quorum none\nquorum none\n", TLOG_TWICE, 2},
        {"logs x\n", TLOG_BAD_WORD, 1},
        {"log\n", TLOG_BAD_WORD, 1},
        {"log x\n", TLOG_BAD_KEY, 1},
        {"log " WITNESS_VKEY "\n", TLOG_BAD_KEY_TYPE, 1},
        {"log " LOG_B_VKEY "\nlog " LOG_B_VKEY "\n", TLOG_TWICE, 2},
        {"witness a " LOG_B_VKEY "\n", TLOG_BAD_KEY_TYPE, 1},
        {"witness none " WITNESS_VKEY "\n", TLOG_BAD_NAME, 1},
        {"witness a " WITNESS_VKEY "\nwitness b " WITNESS_VKEY "\n", TLOG_TWICE, 2},
        {"witness a " WITNESS_VKEY "\ngroup a any a\n", TLOG_TWICE, 2},
        {"witness a " WITNESS_VKEY "\ngroup g any\n", TLOG_BAD_GROUP, 2},
        {"witness a " WITNESS_VKEY "\ngroup g 0 a\n", TLOG_BAD_GROUP, 2},
        {"witness a " WITNESS_VKEY "\ngroup g 2 a\n", TLOG_BAD_GROUP, 2},
        {"witness a " WITNESS_VKEY "\ngroup g 01 a\n", TLOG_BAD_GROUP, 2},
        {"witness a " WITNESS_VKEY "\ngroup g any g\n", TLOG_UNKNOWN_NAME, 2},
        {"witness a " WITNESS_VKEY "\ngroup g any a a\n", TLOG_TWICE, 2},
        {"witness a " WITNESS_VKEY "\ngroup g any a\ngroup h any a\n", TLOG_TWICE, 3},
        {"quorum none\r\n", TLOG_CONTROL, 1},
    };
    static struct policy policy;
    size_t line;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(policy_parse(wrong[i].text, strlen(wrong[i].text), &policy, &line),
                         wrong[i].fault);
        assert_int_equal(line, wrong[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_proof_is_written_read_and_holds),
        cmocka_unit_test(no_bit_of_a_proof_can_be_changed),
        cmocka_unit_test(what_is_no_proof_is_named),
        cmocka_unit_test(a_policy_wants_its_log_and_its_quorum),
        cmocka_unit_test(what_is_no_policy_is_named_with_its_line),
    };
    return cmocka_run_group_tests(tests, sign_five, NULL);
}
