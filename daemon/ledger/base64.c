/*
 * Base 64 by its table: libcrypto's decoder takes white space and left-over bits. Knows no format
 * that uses it.
 */
#include "daemon/ledger/base64.h"

#include <errno.h>

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct text *text, const uint8_t *bytes, size_t len)
{
    for (size_t at = 0; at < len; at += 3) {
        size_t left = len - at;
        uint32_t group = (uint32_t)bytes[at] << 16;
        if (left > 1)
            group |= (uint32_t)bytes[at + 1] << 8;
        if (left > 2)
            group |= bytes[at + 2];
        char digits[4] = {base64_digits[group >> 18], base64_digits[group >> 12 & 63],
                          left > 1 ? base64_digits[group >> 6 & 63] : '=',
                          left > 2 ? base64_digits[group & 63] : '='};
        text_raw(text, digits, sizeof(digits));
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
