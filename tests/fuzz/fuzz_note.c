/*
 * A note is taken apart within its bytes, one that is accepted is written the same again, and no
 * key that never signed is found under it; the first byte chooses notes, keys or policies.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/base64.h"
#include "daemon/ledger/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void take_note(const char *bytes, size_t len)
{
    static struct note note;
    static const struct note_key key = {
        .name = "noticed.test/log0", .name_len = 17, .id = 0xb0c75d7f, .type = NOTE_KEY_ED25519};

    if (note_parse(bytes, len, &note) != TLOG_OK)
        return;
    check(note.text == bytes);
    check(note.text_len < len);
    check(note.count >= 1);
    for (size_t i = 0; i < note.count; i++) {
        check(note.signatures[i].name > bytes + note.text_len);
        check(note.signatures[i].name + note.signatures[i].name_len < bytes + len);
        check(note_name_is_valid(note.signatures[i].name, note.signatures[i].name_len));
    }
    check(note_verify(&note, &key, NULL) != TLOG_OK);
}

static void take_key(const char *bytes, size_t len)
{
    struct note_key key;
    struct note_signer *signer = NULL;
    char again[NOTE_KEY_TEXT_BYTES_MAX];

    if (note_key_parse(bytes, len, &key) == TLOG_OK) {
        size_t written = note_key_format(&key, again);
        check(written == len || (written + 1 == len && bytes[written] == '\n'));
        check(memcmp(bytes, again, written) == 0);
    }
    if (note_signer_parse(bytes, len, &signer) == TLOG_OK) {
        size_t written = note_signer_format(signer, again);
        check(memcmp(bytes, again, written) == 0);
        (void)note_signer_close(signer); /* always NULL */
    }
}

static void take_policy(const char *bytes, size_t len)
{
    static struct policy policy;
    static const struct note note = {.text = "", .text_len = 0};
    struct policy_verdict verdict;
    size_t line;

    if (policy_parse(bytes, len, &policy, &line) != TLOG_OK)
        return;
    check(policy.quorum == POLICY_QUORUM_NONE || policy.quorum < policy.names_count);
    /* Nobody has signed it: it satisfies what asks for nobody. */
    check((policy_check(&policy, &note, &verdict) == TLOG_OK) ==
          (policy.logs_count == 0 && policy.quorum == POLICY_QUORUM_NONE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    /* An own copy of exact size, so that a read past the end is seen. */
    size_t len = size - 1;
    char *bytes = malloc(len > 0 ? len : 1);
    check(bytes != NULL);
    memcpy(bytes, data + 1, len);
    if (data[0] == 'n')
        take_note(bytes, len);
    else if (data[0] == 'k')
        take_key(bytes, len);
    else
        take_policy(bytes, len);
    free(bytes);
    return 0;
}
