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

void digest_hex(const uint8_t digest[DIGEST_BYTES], char ret_hex[2 * DIGEST_BYTES + 1])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        ret_hex[2 * i] = digits[digest[i] >> 4];
        ret_hex[2 * i + 1] = digits[digest[i] & 15];
    }
    ret_hex[2 * DIGEST_BYTES] = '\0';
}
