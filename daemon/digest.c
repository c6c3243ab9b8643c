/*
 * SHA-256, by libcrypto. Knows no record.
 */
#include "daemon/digest.h"

#include <assert.h>
#include <openssl/evp.h>

void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_BYTES])
{
    unsigned written = 0;
    int ok = EVP_Digest(bytes, len, ret_digest, &written, EVP_sha256(), NULL);
    assert(ok == 1);
    assert(written == DIGEST_BYTES);
}
