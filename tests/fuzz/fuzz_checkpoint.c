/*
 * A checkpoint's text without extension lines is written the same again; the log of checkpoints is
 * split without a byte lost, whatever is in it.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void writes_what_it_read(const char *bytes, size_t len)
{
    struct checkpoint checkpoint;

    if (checkpoint_parse(bytes, len, &checkpoint) != TLOG_OK)
        return;
    char *again = malloc(len);
    check(again != NULL);
    struct text text = text_into(again, len);
    checkpoint_format(&text, &checkpoint);
    check(!text.overflow);
    check(checkpoint.extended ? text.len < len : text.len == len);
    check(memcmp(again, bytes, text.len) == 0);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct note note;
    static const struct note_key key = {
        .name = "noticed.test/log0", .name_len = 17, .id = 0xb0c75d7f, .type = NOTE_KEY_ED25519};
    struct checkpoint checkpoint;
    size_t at = 0, len, step;
    /* An own copy of exact size, so that a read past the end is seen. */
    char *bytes = malloc(size > 0 ? size : 1);

    check(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    writes_what_it_read(bytes, size);
    while (checkpoint_log_next(bytes + at, size - at, &len, &step)) {
        check(step == len + 1);
        check(step <= size - at);
        check(bytes[at + len] == '\n');
        check(checkpoint_open(bytes + at, len, &key, &note, &checkpoint) != TLOG_OK);
        at += step;
    }
    free(bytes);
    return 0;
}
