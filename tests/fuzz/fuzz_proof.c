/*
 * A proof file that is read is written the same again, and never holds for a key that signed
 * nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void take_proof(const char *bytes, size_t len)
{
    static const struct note_key key = {
        .name = "noticed.test/log0", .name_len = 17, .id = 0xb0c75d7f, .type = NOTE_KEY_ED25519};
    static const struct merkle_hash leaf;
    struct proof proof;
    struct checkpoint checkpoint;

    if (proof_parse(bytes, len, &proof) != TLOG_OK)
        return;
    char *again = malloc(len);
    check(again != NULL);
    struct text text = text_into(again, len);
    proof_format(&text, &proof);
    check(!text.overflow);
    check(text.len == len);
    check(memcmp(again, bytes, len) == 0);
    free(again);
    check(proof_verify(&proof, &leaf, &key, &checkpoint) != TLOG_OK);
    /* Its path is walked with roots of our own. */
    check(!merkle_verify_inclusion(proof.index, proof.index + len, &leaf, &proof.path, &leaf));
    check(
        !merkle_verify_consistency(proof.index, &leaf, proof.index + len + 1, &leaf, &proof.path));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own copy of exact size, so that a read past the end is seen. */
    char *bytes = malloc(size > 0 ? size : 1);

    check(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    take_proof(bytes, size);
    free(bytes);
    return 0;
}
