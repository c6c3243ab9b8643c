/*
 * A request to a witness that is read is written the same again, and none that nobody signed is
 * ever granted, whatever the witness has signed before.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/cosign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void take_request(const char *bytes, size_t len)
{
    static struct policy policy = {.logs = {{.name = "noticed.test/log0",
                                             .name_len = 17,
                                             .id = 0xb0c75d7f,
                                             .type = NOTE_KEY_ED25519}},
                                   .logs_count = 1};
    static struct cosign_request request;
    struct checkpoint checkpoint;
    enum tlog_fault why;

    if (cosign_parse(bytes, len, &request) != TLOG_OK)
        return;
    check(request.checkpoint > bytes);
    check(request.checkpoint + request.checkpoint_len == bytes + len);
    char *again = malloc(len);
    check(again != NULL);
    struct text text = text_into(again, len);
    cosign_format(&text, &request);
    check(!text.overflow);
    check(text.len == len);
    check(memcmp(again, bytes, len) == 0);
    free(again);
    check(cosign_open(&request, &policy, &checkpoint, &why) != COSIGN_SIGN);
    check(why != TLOG_OK);
    if (why == TLOG_WRONG_ORIGIN || why == TLOG_UNKNOWN_KEY) {
        struct cosign_state state = {.size = request.old_size, .any = true};
        struct cosign_verdict verdict = cosign_decide(&request, &checkpoint, &state);
        /* Only the empty tree, and the same one, need no proof. */
        check(verdict.status != COSIGN_SIGN || state.size == 0 || state.size == checkpoint.size);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own copy of exact size, so that a read past the end is seen. */
    char *bytes = malloc(size > 0 ? size : 1);

    check(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    take_request(bytes, size);
    free(bytes);
    return 0;
}
