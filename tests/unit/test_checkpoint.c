/*
 * Checkpoints and their log. Goal: known ones are written byte for byte, and every malformed form
 * is refused by its name. Method: known answers, tables of damage, cuts at every byte.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/ledger/checkpoint.h"
#include "tests/unit/tlog_vectors.h"

#define ROOT_5 "FH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0="

static struct note_signer *signer;
static struct note_key key;
static char note_5[CHECKPOINT_BYTES_MAX];
static size_t note_5_len;

static size_t sign(uint64_t size, const char *root, char *out, size_t room)
{
    struct text text = text_into(out, room);
    struct merkle_hash hash = vector_hash(root);

    checkpoint_sign(&text, signer, size, &hash);
    assert_false(text.overflow);
    return text.len;
}

static int open_all(void **state)
{
    (void)state;
    signer = open_signer(LOG_B_NAME, NOTE_KEY_ED25519, LOG_B_SEED);
    key = *note_signer_key(signer);
    note_5_len = sign(5, ROOT_5, note_5, sizeof(note_5));
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    signer = note_signer_close(signer);
    return 0;
}

static void known_checkpoints_are_signed_and_opened(void **state)
{
    (void)state;
    char out[CHECKPOINT_BYTES_MAX], wanted[CHECKPOINT_BYTES_MAX];
    static struct note note;
    struct checkpoint checkpoint;

    for (size_t i = 0; i < LOG_B_ROOTS_COUNT; i++) {
        size_t len = sign(log_b_roots[i].size, log_b_roots[i].root, out, sizeof(out));
        if (log_b_roots[i].signature != NULL) {
            int wanted_len = snprintf(wanted, sizeof(wanted), "%s\n%" PRIu64 "\n%s\n\n— %s %s\n",
                                      LOG_B_NAME, log_b_roots[i].size, log_b_roots[i].root,
                                      LOG_B_NAME, log_b_roots[i].signature);
            assert_int_equal(len, wanted_len);
            assert_memory_equal(out, wanted, len);
        }
        assert_int_equal(checkpoint_open(out, len, &key, &note, &checkpoint), TLOG_OK);
        assert_int_equal(checkpoint.size, log_b_roots[i].size);
        assert_hash_equal(checkpoint.root, vector_hash(log_b_roots[i].root));
        assert_false(checkpoint.extended);
    }
}

static void what_is_no_checkpoint_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum tlog_fault fault;
    } forms[] = {
        {"o\n5\n" ROOT_5 "\n", TLOG_OK},
        {"o\n0\n" ROOT_5 "\n", TLOG_OK},
        {"o with space\n5\n" ROOT_5 "\nextension\nmore\n", TLOG_OK},
        {"o\n9223372036854775807\n" ROOT_5 "\n", TLOG_OK},
        {"", TLOG_BAD_ORIGIN},
        {"o", TLOG_BAD_ORIGIN},
        {"\n5\n" ROOT_5 "\n", TLOG_BAD_ORIGIN},
        {"o\n", TLOG_BAD_SIZE},
        {"o\n\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n05\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n00\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n-5\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n+5\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n5 \n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n0x5\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n9223372036854775808\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n18446744073709551621\n" ROOT_5 "\n", TLOG_BAD_SIZE},
        {"o\n5\n", TLOG_BAD_ROOT},
        {"o\n5\n" ROOT_5, TLOG_BAD_ROOT},
        {"o\n5\n" ROOT_5 " \n", TLOG_BAD_ROOT},
        {"o\n5\nFH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB1=\n", TLOG_BAD_ROOT},
        {"o\n5\nFH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLA==\n", TLOG_BAD_ROOT},
        {"o\n5\nFH3Ed0eaO2miSx/2Abb8YoT98V/VCr/rDPcOqONyLB0AAAAA\n", TLOG_BAD_ROOT},
        {"o\n5\n" ROOT_5 "\n\n", TLOG_BAD_EXTENSION},
        {"o\n5\n" ROOT_5 "\nextension", TLOG_BAD_EXTENSION},
    };
    struct checkpoint checkpoint;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        /* A copy of exact size, so that a read past its end is seen. */
        size_t len = strlen(forms[i].text);
        char *text = malloc(len + (len == 0));
        assert_non_null(text);
        memcpy(text, forms[i].text, len);
        assert_int_equal(checkpoint_parse(text, len, &checkpoint), forms[i].fault);
        free(text);
    }
}

static void a_checkpoint_of_another_log_is_refused_though_our_key_signed_it(void **state)
{
    (void)state;
    static struct note note;
    static const char body[] = "other.test/log\n5\n" ROOT_5 "\n";
    char out[CHECKPOINT_BYTES_MAX];
    struct checkpoint checkpoint;
    struct text text = text_into(out, sizeof(out));

    text_literal(&text, body);
    text_literal(&text, "\n");
    note_sign(&text, signer, body, strlen(body), 0);
    assert_int_equal(checkpoint_open(out, text.len, &key, &note, &checkpoint), TLOG_WRONG_ORIGIN);
    struct note_key stranger;
    assert_int_equal(note_key_parse(LOG_A_VKEY, strlen(LOG_A_VKEY), &stranger), TLOG_OK);
    assert_int_equal(checkpoint_open(note_5, note_5_len, &stranger, &note, &checkpoint),
                     TLOG_UNKNOWN_KEY);
}

static void sizes_never_shrink_and_one_size_has_one_root(void **state)
{
    (void)state;
    struct checkpoint five = {.size = 5, .root = vector_hash(ROOT_5)}, other = five;

    assert_int_equal(checkpoint_follows(&five, &other), TLOG_OK);
    other.root.bytes[31] ^= 1;
    assert_int_equal(checkpoint_follows(&five, &other), TLOG_EQUIVOCATION);
    other.size = 4;
    assert_int_equal(checkpoint_follows(&five, &other), TLOG_SHRINKS);
    other.size = 6;
    assert_int_equal(checkpoint_follows(&five, &other), TLOG_OK);
}

static void the_log_of_checkpoints_gives_each_back_and_a_torn_one_never(void **state)
{
    (void)state;
    static char log[8192];
    struct text text = text_into(log, sizeof(log));
    char out[CHECKPOINT_BYTES_MAX];
    size_t ends[LOG_B_ROOTS_COUNT];

    for (size_t i = 0; i < LOG_B_ROOTS_COUNT; i++) {
        size_t len = sign(log_b_roots[i].size, log_b_roots[i].root, out, sizeof(out));
        checkpoint_log_put(&text, out, len);
        ends[i] = text.len;
    }
    /* Cut anywhere, it gives the whole ones before the cut. */
    for (size_t cut = 0; cut <= text.len; cut++) {
        size_t at = 0, count = 0, len, step;
        while (checkpoint_log_next(log + at, cut - at, &len, &step)) {
            struct note note;
            struct checkpoint checkpoint;
            if (cut == text.len) {
                assert_int_equal(checkpoint_open(log + at, len, &key, &note, &checkpoint), TLOG_OK);
                assert_int_equal(checkpoint.size, log_b_roots[count].size);
            }
            at += step;
            assert_int_equal(at, ends[count++]);
        }
        assert_true(count == LOG_B_ROOTS_COUNT || cut < ends[count]);
    }
}

static void the_checkpoints_of_another_implementation_are_signed_byte_for_byte(void **state)
{
    (void)state;
    struct note_signer *tessera =
        open_signer("example.com/log/testdata", NOTE_KEY_ED25519, LOG_A_SEED);
    struct merkle_tree tree = {0};

    for (size_t size = 0; size <= LOG_A_COUNT; size++) {
        char path[96], bytes[1024], out[CHECKPOINT_BYTES_MAX];
        struct text text = text_into(out, sizeof(out));
        struct merkle_hash root = merkle_root(&tree);
        checkpoint_sign(&text, tessera, size, &root);
        (void)snprintf(path, sizeof(path), "../shared/ledger-vectors/tessera/checkpoint.%zu", size);
        FILE *file = fopen(path, "r");
        if (file == NULL) {
            print_message("skipped: no ../shared\n");
            (void)note_signer_close(tessera); /* always NULL */
            skip();
        }
        size_t len = fread(bytes, 1, sizeof(bytes), file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(text.len, len);
        assert_memory_equal(out, bytes, len);
        if (size < LOG_A_COUNT) {
            struct merkle_hash leaf = merkle_leaf(log_a_entries[size], strlen(log_a_entries[size]));
            (void)merkle_append(&tree, &leaf, NULL); /* no tops */
        }
    }
    (void)note_signer_close(tessera); /* always NULL */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_checkpoints_are_signed_and_opened),
        cmocka_unit_test(what_is_no_checkpoint_is_named),
        cmocka_unit_test(a_checkpoint_of_another_log_is_refused_though_our_key_signed_it),
        cmocka_unit_test(sizes_never_shrink_and_one_size_has_one_root),
        cmocka_unit_test(the_log_of_checkpoints_gives_each_back_and_a_torn_one_never),
        cmocka_unit_test(the_checkpoints_of_another_implementation_are_signed_byte_for_byte),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
