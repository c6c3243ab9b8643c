/*
 * Base 64: written by libcrypto, read by its table, as libcrypto's decoder takes white space and
 * left-over bits. Knows no format that uses it.
 */
#include "daemon/ledger/base64.h"

#include <assert.h>
#include <errno.h>
#include <openssl/evp.h>

#define CHUNK_BYTES 768u /* a multiple of 3, so that padding comes at the end only */

void base64_encode(struct text *text, const uint8_t *bytes, size_t len)
{
    char digits[BASE64_LEN(CHUNK_BYTES) + 1]; /* libcrypto ends them with a NUL */

    for (size_t at = 0; at < len; at += CHUNK_BYTES) {
        size_t chunk = len - at < CHUNK_BYTES ? len - at : CHUNK_BYTES;
        int written = EVP_EncodeBlock((unsigned char *)digits, bytes + at, (int)chunk);
        assert(written == (int)BASE64_LEN(chunk));
        text_raw(text, digits, (size_t)written);
    }
}

static int digit_value(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

int base64_decode(const char *text, size_t len, uint8_t *ret_bytes, size_t room, size_t *ret_len)
{
    size_t padding = 0, done = 0;

    if (len % 4 != 0)
        return -EINVAL;
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    if (len / 4 * 3 - padding > room)
        return -ENOBUFS;
    for (size_t at = 0; at < len; at += 4) {
        size_t digits = at + 4 == len ? 4 - padding : 4;
        uint32_t group = 0;
        for (size_t i = 0; i < 4; i++) {
            int value = i < digits ? digit_value(text[at + i]) : 0;
            if (value < 0)
                return -EINVAL;
            group = group << 6 | (uint32_t)value;
        }
        if ((digits == 3 && (group & 0xff) != 0) || (digits == 2 && (group & 0xffff) != 0))
            return -EINVAL;
        for (size_t i = 0; i + 1 < digits; i++)
            ret_bytes[done++] = (uint8_t)(group >> (16 - 8 * i));
    }
    *ret_len = done;
    return 0;
}
