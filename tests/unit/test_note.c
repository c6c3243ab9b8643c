/*
 * Signed notes and their keys. Goal: what other implementations write is read, what they would
 * refuse is refused by name, and our signatures are theirs byte for byte. Method: known answers; a
 * good note damaged in every bit.
 */
#include <errno.h>

#include "daemon/ledger/base64.h"
#include "daemon/ledger/note.h"
#include "tests/unit/tlog_vectors.h"

#define BODY_5 LOG_B_NAME "\n5\nFH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0=\n"
#define NOTE_5 BODY_5 "\n— " LOG_B_NAME " " SIGNATURE_5 "\n"
#define SIGNATURE_5                                                                                \
    "sMddf6DDlcq5q3l7XvXOTkwTL9gDuf+ZH6aRvpflsY5xTF0ZZuMS6sam//iERBHOoHwe9XhK5YQPwUg696q61X4gqAw="

static struct note_key key_of(const char *vkey)
{
    struct note_key key;

    assert_int_equal(note_key_parse(vkey, strlen(vkey), &key), TLOG_OK);
    return key;
}

static enum tlog_fault parse(const char *bytes)
{
    static struct note note;

    return note_parse(bytes, strlen(bytes), &note);
}

static void base64_has_one_spelling(void **state)
{
    (void)state;
    static const char *const wrong[] = {"A",     "AA",   "AAA",  "AA=A",     "=AAA",
                                        "A===",  "AB==", "AAB=", "AA==AAAA", "AA==\n",
                                        "AA ==", "A-_A", "====", "AAAA===="};
    uint8_t bytes[64], again[64];
    char out[100];
    size_t len;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(base64_decode(wrong[i], strlen(wrong[i]), bytes, 64, &len), -EINVAL);
    for (size_t count = 0; count <= 64; count++) {
        struct text text = text_into(out, sizeof(out));
        for (size_t i = 0; i < count; i++)
            bytes[i] = (uint8_t)(i * 41 + count);
        base64_encode(&text, bytes, count);
        assert_int_equal(text.len, BASE64_LEN(count));
        unsigned char reference[100];
        assert_int_equal(EVP_EncodeBlock(reference, bytes, (int)count), (int)text.len);
        assert_memory_equal(out, reference, text.len);
        assert_int_equal(base64_decode(out, text.len, again, count, &len), 0);
        assert_int_equal(len, count);
        assert_memory_equal(bytes, again, count);
        if (count > 0)
            assert_int_equal(base64_decode(out, text.len, again, count - 1, &len), -ENOBUFS);
    }
}

static void long_bytes_are_one_base64_text(void **state)
{
    (void)state;
    static uint8_t bytes[2400];
    static char out[BASE64_LEN(sizeof bytes) + 1];
    static unsigned char reference[sizeof out];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 41 + i / 256);
    for (size_t count = 700; count <= sizeof bytes; count++) {
        struct text text = text_into(out, sizeof out);
        base64_encode(&text, bytes, count);
        assert_false(text.overflow);
        assert_int_equal(EVP_EncodeBlock(reference, bytes, (int)count), (int)text.len);
        assert_memory_equal(out, reference, text.len);
    }
}

static void keys_are_read_and_written_as_others_do(void **state)
{
    (void)state;
    static const char *const vkeys[] = {LOG_A_VKEY, LOG_B_VKEY, WITNESS_VKEY};
    char text[NOTE_KEY_TEXT_BYTES_MAX];

    for (size_t i = 0; i < sizeof(vkeys) / sizeof(vkeys[0]); i++) {
        struct note_key key = key_of(vkeys[i]);
        assert_int_equal(note_key_format(&key, text), strlen(vkeys[i]));
        assert_string_equal(text, vkeys[i]);
        int len = snprintf(text, sizeof(text), "%s\n", vkeys[i]);
        assert_int_equal(note_key_parse(text, (size_t)len, &key), TLOG_OK);
    }
    struct note_signer *signer = open_signer(LOG_B_NAME, NOTE_KEY_ED25519, LOG_B_SEED),
                       *again = NULL;
    (void)note_key_format(note_signer_key(signer), text); /* its length is compared with it */
    assert_string_equal(text, LOG_B_VKEY);
    size_t len = note_signer_format(signer, text);
    assert_string_equal(
        text,
        "PRIVATE+KEY+noticed.test/log0+b0c75d7f+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
    assert_int_equal(note_signer_parse(text, len, &again), TLOG_OK);
    assert_int_equal(note_signer_key(again)->id, 0xb0c75d7f);
    (void)note_signer_close(again); /* both are NULL */
    (void)note_signer_close(signer);
}

static void what_is_no_key_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tlog_fault fault;
    } wrong[] = {
        {"", TLOG_BAD_KEY},
        {"noticed.test/log0", TLOG_BAD_KEY},
        {"+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", TLOG_BAD_NAME},
        {"a b+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", TLOG_BAD_NAME},
        {"noticed.test/log0+B0C75D7F+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", TLOG_BAD_KEY},
        {"noticed.test/log0+b0c75d7+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4", TLOG_BAD_KEY},
        {"noticed.test/log0+b0c75d7e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
         TLOG_BAD_KEY_ID},
        {"noticed.test/log1+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
         TLOG_BAD_KEY_ID},
        {"noticed.test/log0+b0c75d7f+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG", TLOG_BAD_BASE64},
        {"noticed.test/log0+b0c75d7f+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
         TLOG_BAD_KEY_TYPE},
        {"noticed.test/log0+b0c75d7f+AQOh", TLOG_BAD_KEY},
        {"noticed.test/log0+b0c75d7f+", TLOG_BAD_BASE64},
        {LOG_B_VKEY "\n\n", TLOG_BAD_BASE64},
    };
    struct note_key key;
    struct note_signer *signer;

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(note_key_parse(wrong[i].text, strlen(wrong[i].text), &key),
                         wrong[i].fault);
    const char *vkey = LOG_B_VKEY;
    assert_int_equal(note_signer_parse(vkey, strlen(vkey), &signer), TLOG_BAD_KEY);
    /* A public key in the place of the seed has another id. */
    const char *mixed = "PRIVATE+KEY+" LOG_B_VKEY;
    assert_int_equal(note_signer_parse(mixed, strlen(mixed), &signer), TLOG_BAD_KEY_ID);
}

static void names_may_be_any_text_without_spaces(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        " ",
                                        "a b",
                                        "a+b",
                                        "a\tb",
                                        "a\nb",
                                        "a\xc2\xa0"
                                        "b",
                                        "a\xe2\x80\x83"
                                        "b",
                                        "a\xe3\x80\x80"
                                        "b",
                                        "\xff",
                                        "a\xc2\x85",
                                        "\x7f"};

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(note_name_is_valid(wrong[i], strlen(wrong[i])));
    assert_true(note_name_is_valid("\xef\xbf\xbd", 3));
    assert_true(note_name_is_valid("b\xc3\xbc"
                                   "cher.example/1",
                                   16));
    char longest[NOTE_NAME_BYTES_MAX + 1];
    memset(longest, 'n', sizeof(longest));
    assert_true(note_name_is_valid(longest, NOTE_NAME_BYTES_MAX));
    assert_false(note_name_is_valid(longest, NOTE_NAME_BYTES_MAX + 1));
}

static void signatures_are_those_of_other_implementations(void **state)
{
    (void)state;
    char out[1024];
    struct text text = text_into(out, sizeof(out));
    struct note_signer *log = open_signer(LOG_B_NAME, NOTE_KEY_ED25519, LOG_B_SEED);
    struct note_signer *witness =
        open_signer("witness.test/w1", NOTE_KEY_COSIGNATURE, WITNESS_SEED);

    text_literal(&text, BODY_5 "\n");
    note_sign(&text, log, BODY_5, strlen(BODY_5), 0);
    assert_int_equal(text.len, strlen(NOTE_5));
    assert_memory_equal(out, NOTE_5, text.len);
    note_sign(&text, witness, BODY_5, strlen(BODY_5), WITNESS_TIME);
    const char *both = NOTE_5 WITNESS_LINE "\n";
    assert_int_equal(text.len, strlen(both));
    assert_memory_equal(out, both, text.len);

    struct note note;
    struct note_key log_key = key_of(LOG_B_VKEY), witness_key = key_of(WITNESS_VKEY);
    uint64_t time = 1;
    assert_int_equal(note_parse(out, text.len, &note), TLOG_OK);
    assert_int_equal(note.count, 2);
    assert_int_equal(note.text_len, strlen(BODY_5));
    assert_int_equal(note_verify(&note, &log_key, &time), TLOG_OK);
    assert_int_equal(time, 0);
    assert_int_equal(note_verify(&note, &witness_key, &time), TLOG_OK);
    assert_int_equal(time, WITNESS_TIME);
    struct note_key stranger = key_of(LOG_A_VKEY);
    assert_int_equal(note_verify(&note, &stranger, &time), TLOG_UNKNOWN_KEY);
    (void)note_signer_close(log); /* both are NULL */
    (void)note_signer_close(witness);
}

static void what_is_no_note_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum tlog_fault fault;
    } wrong[] = {
        {"", TLOG_CUT},
        {"a", TLOG_CUT},
        {"\n", TLOG_NO_SIGNATURES},
        {"\n\n", TLOG_NO_SIGNATURES},
        {BODY_5, TLOG_NO_SIGNATURES},
        {BODY_5 "\n", TLOG_NO_SIGNATURES},
        {BODY_5 "— " LOG_B_NAME " " SIGNATURE_5 "\n", TLOG_NO_SIGNATURES},
        {BODY_5 "\n— " LOG_B_NAME " " SIGNATURE_5, TLOG_CUT},
        {NOTE_5 "\n", TLOG_BAD_SIGNATURE_LINE},
        {NOTE_5 "x\n", TLOG_BAD_SIGNATURE_LINE},
        {BODY_5 "\n- " LOG_B_NAME " " SIGNATURE_5 "\n", TLOG_BAD_SIGNATURE_LINE},
        {BODY_5 "\n— " LOG_B_NAME SIGNATURE_5 "\n", TLOG_BAD_SIGNATURE_LINE},
        {BODY_5 "\n—  " SIGNATURE_5 "\n", TLOG_BAD_NAME},
        {BODY_5 "\n— a+b " SIGNATURE_5 "\n", TLOG_BAD_NAME},
        {BODY_5 "\n— " LOG_B_NAME "  " SIGNATURE_5 "\n", TLOG_BAD_BASE64},
        {BODY_5 "\n— " LOG_B_NAME " " SIGNATURE_5 " \n", TLOG_BAD_BASE64},
        {BODY_5 "\n— " LOG_B_NAME " sMddfw==\n", TLOG_BAD_SIGNATURE_LINE},
        {"a\r\n\n— " LOG_B_NAME " " SIGNATURE_5 "\n", TLOG_CONTROL},
        {"a\t\n\n— " LOG_B_NAME " " SIGNATURE_5 "\n", TLOG_CONTROL},
        {"\xff\n\n— " LOG_B_NAME " " SIGNATURE_5 "\n", TLOG_BAD_UTF8},
        {"\xed\xa0\x80\n\n— " LOG_B_NAME " " SIGNATURE_5 "\n", TLOG_BAD_UTF8},
    };

    assert_int_equal(parse(NOTE_5), TLOG_OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(parse(wrong[i].bytes), wrong[i].fault);
    static char big[NOTE_BYTES_MAX + 1];
    static struct note note;
    memset(big, '\n', sizeof(big));
    assert_int_equal(note_parse(big, sizeof(big), &note), TLOG_TOO_LONG);
}

static void many_signatures_of_strangers_are_ignored(void **state)
{
    (void)state;
    static char bytes[65536];
    static struct note note;
    struct text text = text_into(bytes, sizeof(bytes));
    struct note_key key = key_of(LOG_B_VKEY);

    text_literal(&text, BODY_5 "\n");
    for (unsigned i = 0; i < NOTE_SIGNATURES_MAX - 1; i++)
        /* Its name or its id is ours, never both; its bytes are anything. */
        text_literal(&text, i % 2 == 0 ? "— " LOG_B_NAME " AAAAAAA=\n" : "— other sMddfwA=\n");
    text_literal(&text, "— " LOG_B_NAME " " SIGNATURE_5 "\n");
    assert_int_equal(note_parse(bytes, text.len, &note), TLOG_OK);
    assert_int_equal(note.count, NOTE_SIGNATURES_MAX);
    assert_int_equal(note_verify(&note, &key, NULL), TLOG_OK);
    text_literal(&text, "— other AAAAAAA=\n");
    assert_int_equal(note_parse(bytes, text.len, &note), TLOG_MANY_SIGNATURES);
}

static void one_bad_signature_of_a_known_key_refuses_the_note(void **state)
{
    (void)state;
    static struct note note;
    struct note_key key = key_of(LOG_B_VKEY), witness = key_of(WITNESS_VKEY);
    static const char *const bad[] = {
        NOTE_5 "— " LOG_B_NAME " sMddfwA=\n",
        BODY_5 "\n— " LOG_B_NAME " sMddfwA=\n— " LOG_B_NAME " " SIGNATURE_5 "\n",
    };

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(note_parse(bad[i], strlen(bad[i]), &note), TLOG_OK);
        assert_int_equal(note_verify(&note, &key, NULL), TLOG_BAD_SIGNATURE);
    }
    const char *short_witness = NOTE_5 "— witness.test/w1 rRlZ8gAAAABr\n";
    assert_int_equal(note_parse(short_witness, strlen(short_witness), &note), TLOG_OK);
    assert_int_equal(note_verify(&note, &witness, NULL), TLOG_BAD_SIGNATURE);
    /* A text behind a blank line is text too, and signed. */
    const char *twice = BODY_5 "\n" NOTE_5;
    assert_int_equal(note_parse(twice, strlen(twice), &note), TLOG_OK);
    assert_int_equal(note_verify(&note, &key, NULL), TLOG_BAD_SIGNATURE);
}

static void no_byte_can_be_changed(void **state)
{
    (void)state;
    static struct note note;
    struct note_key key = key_of(LOG_B_VKEY);
    char bytes[] = NOTE_5;

    for (size_t at = 0; at < sizeof(bytes) - 1; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
            bool accepted = note_parse(bytes, sizeof(bytes) - 1, &note) == TLOG_OK &&
                            note_verify(&note, &key, NULL) == TLOG_OK;
            assert_false(accepted);
            bytes[at] = (char)(bytes[at] ^ (1 << bit));
        }
    }
}

static void every_fault_has_its_own_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < TLOG_FAULTS_COUNT; i++) {
        assert_true(strlen(tlog_fault_text((enum tlog_fault)i)) > 0);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(tlog_fault_name((enum tlog_fault)i),
                                    tlog_fault_name((enum tlog_fault)j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_has_one_spelling),
        cmocka_unit_test(long_bytes_are_one_base64_text),
        cmocka_unit_test(keys_are_read_and_written_as_others_do),
        cmocka_unit_test(what_is_no_key_is_named),
        cmocka_unit_test(names_may_be_any_text_without_spaces),
        cmocka_unit_test(signatures_are_those_of_other_implementations),
        cmocka_unit_test(what_is_no_note_is_named),
        cmocka_unit_test(many_signatures_of_strangers_are_ignored),
        cmocka_unit_test(one_bad_signature_of_a_known_key_refuses_the_note),
        cmocka_unit_test(no_byte_can_be_changed),
        cmocka_unit_test(every_fault_has_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
