/*
 * A request or an answer of the sealer that is read is written the same again, within its bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void take_request(const char *bytes, size_t len)
{
    static struct seal_request request;

    if (seal_request_parse(bytes, len, &request) != TLOG_OK)
        return;
    check(request.text + request.text_len == bytes + len);
    check(request.checkpoint.origin == request.text);
    char *again = malloc(len);
    check(again != NULL);
    check(seal_request_format(again, len, request.old_size, request.proof.hashes,
                              request.proof.count, request.text, request.text_len) == len);
    check(memcmp(again, bytes, len) == 0);
    struct text text = text_into(again, len);
    checkpoint_format(&text, &request.checkpoint);
    check(!text.overflow);
    check(text.len == request.text_len);
    check(memcmp(again, request.text, text.len) == 0);
    free(again);
}

static void take_answer(const char *bytes, size_t len)
{
    char again[SEAL_ANSWER_BYTES_MAX], reason[SEAL_REASON_BYTES_MAX + 1];
    struct seal_answer answer;
    size_t again_len = 0;

    if (seal_answer_parse(bytes, len, &answer) < 0)
        return;
    if (answer.status == SEAL_SIGNED) {
        again_len =
            seal_answer_format_signed(again, sizeof(again), answer.signature, answer.signature_len);
    } else if (answer.status == SEAL_OTHER_SIZE) {
        again_len = seal_answer_format_other_size(again, sizeof(again), answer.last_size,
                                                  &answer.last_root);
    } else {
        memcpy(reason, answer.reason, answer.reason_len);
        reason[answer.reason_len] = '\0';
        again_len = seal_answer_format_refusal(again, sizeof(again), answer.status, reason);
    }
    check(again_len == len);
    check(memcmp(again, bytes, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* An own copy of exact size, so that a read past the end is seen. */
    char *bytes = malloc(size > 0 ? size : 1);

    check(bytes != NULL);
    if (size > 0)
        memcpy(bytes, data, size);
    take_request(bytes, size);
    take_answer(bytes, size);
    free(bytes);
    return 0;
}
