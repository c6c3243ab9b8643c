/*
 * Any line is read for the blobs that it names.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/blob_ref.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t list[BLOB_REF_LIST_MAX][DIGEST_BYTES];
    char *line = malloc(size > 0 ? size : 1); /* of exact size, so that a read past it is seen */

    if (line == NULL)
        abort();
    if (size > 0)
        memcpy(line, data, size);
    (void)blob_ref_kept(RECORD_SIGHTING, line, size, list[0]);
    if (blob_ref_list(RECORD_ERASE, line, size, list) > BLOB_REF_LIST_MAX)
        abort();
    enum blob_ref_scope scope;
    bool held;
    size_t merchant_len;
    const char *merchant = blob_ref_merchant(line, size, &merchant_len);
    if (merchant_len > 0 && (merchant < line || merchant + merchant_len >= line + size))
        abort();
    if (!blob_ref_hold(RECORD_HOLD, line, size, &scope, &held) || scope > BLOB_REF_LEDGER)
        abort();
    free(line);
    return 0;
}
