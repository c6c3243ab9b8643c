/*
 * SHA-256, by libcrypto. Knows no record.
 */
/* libcrypto 3.0 calls its SHA256_ functions deprecated; they cost two thirds of EVP's on a short
   text (merkle.c). */
#define OPENSSL_API_COMPAT 0x10101000L

#include "daemon/digest.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>
#include <unistd.h>

#include "daemon/ledger/text.h"

void digest_sha256(const void *bytes, size_t len, uint8_t ret_digest[DIGEST_BYTES])
{
    SHA256_CTX context;
    int ok = SHA256_Init(&context) & SHA256_Update(&context, bytes, len) &
             SHA256_Final(ret_digest, &context);
    assert(ok == 1); /* they have no way to fail */
}

void digest_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
                        uint8_t ret_digest[DIGEST_BYTES])
{
    unsigned written = 0;
    assert(key_len <= INT_MAX);
    const unsigned char *done =
        HMAC(EVP_sha256(), key, (int)key_len, bytes, len, ret_digest, &written);
    assert(done != NULL);
    assert(written == DIGEST_BYTES);
}

int digest_file(const char *path, uint8_t ret_digest[DIGEST_BYTES])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd == -1)
        return -errno;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int result =
        context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 ? 0 : -ENOMEM;
    unsigned char bytes[65536];
    for (ssize_t got = 1; result == 0 && got > 0;) {
        got = read(fd, bytes, sizeof bytes);
        if (got == -1)
            result = -errno;
        else if (EVP_DigestUpdate(context, bytes, (size_t)got) != 1)
            result = -ENOMEM;
    }
    unsigned written = 0;
    if (result == 0 && EVP_DigestFinal_ex(context, ret_digest, &written) != 1)
        result = -ENOMEM;
    EVP_MD_CTX_free(context);
    (void)close(fd); /* read only */
    return result;
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

bool digest_parse(const char *text, size_t len, uint8_t ret_digest[DIGEST_BYTES])
{
    static const char prefix[] = "sha256:";
    uint8_t digest[DIGEST_BYTES];

    if (len < DIGEST_TEXT_BYTES || memcmp(text, prefix, sizeof prefix - 1) != 0 ||
        !text_hex_read(text + sizeof prefix - 1, digest, DIGEST_BYTES))
        return false;
    memcpy(ret_digest, digest, DIGEST_BYTES);
    return true;
}
