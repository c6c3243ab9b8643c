/*
 * What the writer and the sealer say to each other. Goal: every message is read as it was written,
 * and every other form is refused by its name. Method: known texts, tables of damage, cuts and
 * changed bytes at every place.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/ledger/seal.h"
#include "tests/unit/tlog_vectors.h"

#define ROOT_5    "FH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0="
#define PROOF_4_5 "F5V5gnXFBtu/Rv3nMkDrGdUvty+pCgWh/EyLSLSqBqI="
#define BODY_5    LOG_B_NAME "\n5\n" ROOT_5 "\n"
#define SIGNATURE_5                                                                                \
    "— " LOG_B_NAME " sMddf6DDlcq5q3l7XvXOTkwTL9gDuf+ZH6aRvpflsY5xTF0ZZuMS6sam//"                  \
    "iERBHOoHwe9XhK5YQPwUg696q61X4gqAw=\n"
#define REQUEST_4_5 "seal v1\nold 4\n" PROOF_4_5 "\n\n" BODY_5

/* A copy of exact size, so that a read past its end is seen. */
static char *copy_of(const char *bytes, size_t len)
{
    char *copy = malloc(len + (len == 0));

    assert_non_null(copy);
    memcpy(copy, bytes, len);
    return copy;
}

static enum tlog_fault parse(const char *bytes, size_t len, struct seal_request *ret_request)
{
    char *copy = copy_of(bytes, len);
    enum tlog_fault fault = seal_request_parse(copy, len, ret_request);

    free(copy);
    return fault;
}

static int parse_answer(const char *bytes, size_t len, struct seal_answer *ret_answer)
{
    char *copy = copy_of(bytes, len);
    int error = seal_answer_parse(copy, len, ret_answer);

    free(copy);
    return error;
}

static void a_request_is_read_as_it_was_written(void **state)
{
    (void)state;
    const struct merkle_hash proof = vector_hash(PROOF_4_5);
    static struct seal_request request;
    char out[SEAL_REQUEST_BYTES_MAX];

    size_t len = seal_request_format(out, sizeof(out), 4, &proof, 1, BODY_5, strlen(BODY_5));
    assert_int_equal(len, strlen(REQUEST_4_5));
    assert_memory_equal(out, REQUEST_4_5, len);
    assert_int_equal(seal_request_parse(out, len, &request), TLOG_OK);
    assert_int_equal(request.old_size, 4);
    assert_int_equal(request.proof.count, 1);
    assert_hash_equal(request.proof.hashes[0], proof);
    assert_int_equal(request.checkpoint.size, 5);
    assert_hash_equal(request.checkpoint.root, vector_hash(ROOT_5));
    assert_int_equal(request.text_len, strlen(BODY_5));
    assert_memory_equal(request.text, BODY_5, strlen(BODY_5));
}

static void the_longest_request_fits_and_one_byte_less_room_gives_none(void **state)
{
    (void)state;
    static struct merkle_hash proof[MERKLE_PROOF_MAX];
    static struct seal_request request;
    char name[NOTE_NAME_BYTES_MAX], body_bytes[CHECKPOINT_BODY_BYTES_MAX];
    static char out[SEAL_REQUEST_BYTES_MAX];
    struct text body = text_into(body_bytes, sizeof(body_bytes));

    memset(name, 'n', sizeof(name));
    struct checkpoint checkpoint = {
        .origin = name, .origin_len = sizeof(name), .size = MERKLE_SIZE_MAX};
    checkpoint_format(&body, &checkpoint);
    assert_false(body.overflow);
    size_t len = seal_request_format(out, sizeof(out), MERKLE_SIZE_MAX, proof, MERKLE_PROOF_MAX,
                                     body_bytes, body.len);
    assert_in_range(len, 1, sizeof(out));
    assert_int_equal(parse(out, len, &request), TLOG_OK);
    assert_int_equal(request.proof.count, MERKLE_PROOF_MAX);
    assert_int_equal(seal_request_format(out, len - 1, MERKLE_SIZE_MAX, proof, MERKLE_PROOF_MAX,
                                         body_bytes, body.len),
                     0);
}

static void what_is_no_request_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tlog_fault fault;
    } forms[] = {
        {REQUEST_4_5, TLOG_OK},
        {"seal v1\nold 0\n\n" BODY_5, TLOG_OK},
        {"", TLOG_BAD_HEADER},
        {"seal v1", TLOG_BAD_HEADER},
        {"seal v2\nold 0\n\n" BODY_5, TLOG_BAD_HEADER},
        {"seal v1 \nold 0\n\n" BODY_5, TLOG_BAD_HEADER},
        {"seal v1\n", TLOG_BAD_SIZE},
        {"seal v1\nold\n\n" BODY_5, TLOG_BAD_SIZE},
        {"seal v1\nold \n\n" BODY_5, TLOG_BAD_SIZE},
        {"seal v1\nold 04\n\n" BODY_5, TLOG_BAD_SIZE},
        {"seal v1\nold -4\n\n" BODY_5, TLOG_BAD_SIZE},
        {"seal v1\nold 9223372036854775808\n\n" BODY_5, TLOG_BAD_SIZE},
        {"seal v1\nnew 4\n\n" BODY_5, TLOG_BAD_SIZE},
        {"seal v1\nold 4\n" PROOF_4_5 "\n", TLOG_CUT},
        {"seal v1\nold 4\n", TLOG_CUT},
        {"seal v1\nold 4\n" BODY_5, TLOG_BAD_PROOF_HASH},
        {"seal v1\nold 4\n" PROOF_4_5 "=\n\n" BODY_5, TLOG_BAD_PROOF_HASH},
        {"seal v1\nold 4\nAAAA\n\n" BODY_5, TLOG_BAD_PROOF_HASH},
        {"seal v1\nold 4\n\n", TLOG_BAD_ORIGIN},
        {"seal v1\nold 4\n\n\n" BODY_5, TLOG_BAD_ORIGIN},
        {"seal v1\nold 4\n\n" LOG_B_NAME "\nfive\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"seal v1\nold 4\n\n" LOG_B_NAME "\n5\n" ROOT_5, TLOG_BAD_ROOT},
        {"seal v1\nold 4\n\n" BODY_5 "extension\n", TLOG_BAD_EXTENSION},
        {"seal v1\nold 4\n\n" BODY_5 "\n", TLOG_BAD_EXTENSION},
    };
    static struct seal_request request;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        assert_int_equal(parse(forms[i].text, strlen(forms[i].text), &request), forms[i].fault);
}

static void a_proof_of_more_hashes_than_any_proof_has_is_refused(void **state)
{
    (void)state;
    static char out[SEAL_REQUEST_BYTES_MAX + SEAL_HASH_LINE_BYTES];
    static struct seal_request request;
    struct text text = text_into(out, sizeof(out));

    text_literal(&text, "seal v1\nold 4\n");
    for (size_t i = 0; i <= MERKLE_PROOF_MAX; i++)
        text_literal(&text, PROOF_4_5 "\n");
    text_literal(&text, "\n" BODY_5);
    assert_false(text.overflow);
    assert_int_equal(parse(out, text.len, &request), TLOG_TOO_MANY);
}

static void a_request_that_is_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static struct seal_request request;

    for (size_t cut = 0; cut < strlen(REQUEST_4_5); cut++)
        assert_int_not_equal(parse(REQUEST_4_5, cut, &request), TLOG_OK);
}

static void a_signed_answer_gives_the_line_for_the_note(void **state)
{
    (void)state;
    static struct note note;
    char out[SEAL_ANSWER_BYTES_MAX], note_bytes[CHECKPOINT_BYTES_MAX];
    struct seal_answer answer;
    struct note_key key;
    struct checkpoint checkpoint;

    size_t len = seal_answer_format_signed(out, sizeof(out), SIGNATURE_5, strlen(SIGNATURE_5));
    assert_int_equal(len, strlen("200\n" SIGNATURE_5));
    assert_memory_equal(out, "200\n" SIGNATURE_5, len);
    assert_int_equal(seal_answer_parse(out, len, &answer), 0);
    assert_int_equal(answer.status, SEAL_SIGNED);
    struct text text = text_into(note_bytes, sizeof(note_bytes));
    text_literal(&text, BODY_5 "\n");
    text_raw(&text, answer.signature, answer.signature_len);
    assert_int_equal(note_key_parse(LOG_B_VKEY, strlen(LOG_B_VKEY), &key), TLOG_OK);
    assert_int_equal(checkpoint_open(note_bytes, text.len, &key, &note, &checkpoint), TLOG_OK);
    assert_int_equal(checkpoint.size, 5);
}

static void an_answer_of_another_size_gives_that_size_and_root(void **state)
{
    (void)state;
    const struct merkle_hash root = vector_hash(ROOT_5);
    char out[SEAL_ANSWER_BYTES_MAX];
    struct seal_answer answer;

    size_t len = seal_answer_format_other_size(out, sizeof(out), 5, &root);
    assert_int_equal(len, strlen("409 5 " ROOT_5 "\n"));
    assert_memory_equal(out, "409 5 " ROOT_5 "\n", len);
    assert_int_equal(seal_answer_parse(out, len, &answer), 0);
    assert_int_equal(answer.status, SEAL_OTHER_SIZE);
    assert_int_equal(answer.last_size, 5);
    assert_hash_equal(answer.last_root, root);
}

static void a_refusal_gives_its_reason_in_printable_ascii_and_is_cut(void **state)
{
    (void)state;
    char out[SEAL_ANSWER_BYTES_MAX], reason[SEAL_REASON_BYTES_MAX + 2];
    struct seal_answer answer;

    size_t len = seal_answer_format_refusal(out, sizeof(out), SEAL_REFUSED, "an\x1b[31m\nother");
    assert_int_equal(seal_answer_parse(out, len, &answer), 0);
    assert_int_equal(answer.status, SEAL_REFUSED);
    assert_int_equal(answer.reason_len, strlen("an?[31m?other"));
    assert_memory_equal(answer.reason, "an?[31m?other", answer.reason_len);
    memset(reason, 'r', sizeof(reason) - 1);
    reason[sizeof(reason) - 1] = '\0';
    len = seal_answer_format_refusal(out, sizeof(out), SEAL_NOT_WRITTEN, reason);
    assert_int_equal(seal_answer_parse(out, len, &answer), 0);
    assert_int_equal(answer.reason_len, SEAL_REASON_BYTES_MAX);
}

static void the_longest_answers_fit_and_one_byte_less_room_gives_none(void **state)
{
    (void)state;
    char line[SEAL_SIGNATURE_BYTES_MAX], out[SEAL_ANSWER_BYTES_MAX];
    uint8_t seed[NOTE_KEY_BYTES] = {1};
    char name[NOTE_NAME_BYTES_MAX];
    struct seal_answer answer;
    struct text text = text_into(line, sizeof(line));
    const struct merkle_hash root = vector_hash(ROOT_5);

    memset(name, 'n', sizeof(name));
    struct note_signer *signer = note_signer_open(name, sizeof(name), NOTE_KEY_ED25519, seed);
    assert_non_null(signer);
    note_sign(&text, signer, BODY_5, strlen(BODY_5), 0);
    (void)note_signer_close(signer); /* always NULL */
    assert_false(text.overflow);
    size_t len = seal_answer_format_signed(out, sizeof(out), line, text.len);
    assert_int_equal(parse_answer(out, len, &answer), 0);
    assert_int_equal(answer.signature_len, text.len);
    assert_int_equal(seal_answer_format_signed(out, len - 1, line, text.len), 0);
    len = seal_answer_format_other_size(out, sizeof(out), MERKLE_SIZE_MAX, &root);
    assert_int_equal(parse_answer(out, len, &answer), 0);
    assert_int_equal(seal_answer_format_other_size(out, len - 1, MERKLE_SIZE_MAX, &root), 0);
    len = seal_answer_format_refusal(out, sizeof(out), SEAL_NOT_READY, "r");
    assert_int_equal(seal_answer_format_refusal(out, len - 1, SEAL_NOT_READY, "r"), 0);
}

static void what_is_no_answer_is_refused(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "",
        "200",
        "200\n",
        "200 \n" SIGNATURE_5,
        "200\nnoticed.test/log0 sMddf6DD\n",
        "200\n" SIGNATURE_5 SIGNATURE_5,
        "200\n" SIGNATURE_5 "\n",
        "2000\n" SIGNATURE_5,
        "20\n" SIGNATURE_5,
        "201\n" SIGNATURE_5,
        "+20\n" SIGNATURE_5,
        "409\n",
        "409 5\n",
        "409 5 \n",
        "409  5 " ROOT_5 "\n",
        "409 05 " ROOT_5 "\n",
        "409 5 " ROOT_5 " \n",
        "409 5 " ROOT_5 "\n\n",
        "403\n",
        "403 \n",
        "403-no\n",
        "403 no",
        "403 no\nno\n",
        "403 n\x7fo\n",
        "404 not found\n",
    };
    struct seal_answer answer;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        assert_int_equal(parse_answer(forms[i], strlen(forms[i]), &answer), -EBADMSG);
}

static void every_status_has_a_code_of_its_own(void **state)
{
    (void)state;

    for (unsigned i = 0; i < SEAL_STATUSES_COUNT; i++) {
        assert_in_range(seal_status_code((enum seal_status)i), 200, 599);
        for (unsigned other = 0; other < i; other++)
            assert_int_not_equal(seal_status_code((enum seal_status)i),
                                 seal_status_code((enum seal_status)other));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_read_as_it_was_written),
        cmocka_unit_test(the_longest_request_fits_and_one_byte_less_room_gives_none),
        cmocka_unit_test(what_is_no_request_is_named),
        cmocka_unit_test(a_proof_of_more_hashes_than_any_proof_has_is_refused),
        cmocka_unit_test(a_request_that_is_cut_anywhere_is_refused),
        cmocka_unit_test(a_signed_answer_gives_the_line_for_the_note),
        cmocka_unit_test(an_answer_of_another_size_gives_that_size_and_root),
        cmocka_unit_test(a_refusal_gives_its_reason_in_printable_ascii_and_is_cut),
        cmocka_unit_test(the_longest_answers_fit_and_one_byte_less_room_gives_none),
        cmocka_unit_test(what_is_no_answer_is_refused),
        cmocka_unit_test(every_status_has_a_code_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
