/*
 * A reply of a time-stamp authority is read within its bytes, whatever they are, and facts come out
 * of it only in the form that a record may have. The chain is not judged: anybody may sign.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/anchor_query.h"
#include "daemon/ctl/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char stamped[] = "what is time-stamped";
    static const uint8_t nonce[ANCHOR_QUERY_NONCE] = {0x40, 1, 2, 3};
    uint8_t query[ANCHOR_QUERY_BYTES_MAX];
    int query_len = anchor_query_encode(stamped, sizeof(stamped) - 1, nonce, query);
    /* An own copy of exact size, so that a read past the end is seen. */
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    struct token_input input = {.query = query,
                                .query_len = (size_t)query_len,
                                .reply = bytes,
                                .reply_len = size,
                                .bytes = stamped,
                                .len = sizeof(stamped) - 1};
    struct anchor anchor = {.size = 1, .file = "anchors/1/a.tsr"};
    char why[TOKEN_ERROR_BYTES], *pem = NULL;
    int64_t accuracy_ns = 0;
    size_t pem_len = 0;

    check(bytes != NULL);
    check(query_len > 0);
    if (size > 0)
        memcpy(bytes, data, size);
    if (token_judge(&input, &anchor, &accuracy_ns, why) == TOKEN_OK) {
        check(anchor_wrong(&anchor) == NULL);
        check(accuracy_ns >= 0);
        check(token_chain(&input, &pem, &pem_len) == 0);
        check(token_pem_count(pem, pem_len) >= 1);
    } else {
        check(why[0] != '\0');
        if (token_chain(&input, &pem, &pem_len) == 0)
            check(pem_len > 0);
    }
    free(pem);
    free(bytes);
    return 0;
}
