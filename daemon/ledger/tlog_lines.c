/*
 * The lines of the log's text formats. Knows no format.
 */
#include "daemon/ledger/tlog_lines.h"

#include <string.h>

#include "daemon/ledger/base64.h"

bool tlog_lines_take(struct tlog_lines *lines)
{
    size_t left = (size_t)(lines->end - lines->at);
    const char *newline = left > 0 ? memchr(lines->at, '\n', left) : NULL;

    if (newline == NULL)
        return false;
    lines->line = lines->at;
    lines->len = (size_t)(newline - lines->at);
    lines->at = newline + 1;
    return true;
}

bool tlog_lines_begin_with(const struct tlog_lines *lines, const char *word)
{
    size_t len = strlen(word);

    return lines->len >= len && memcmp(lines->line, word, len) == 0;
}

bool tlog_number_parse(const char *digits, size_t len, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (len == 0 || (len > 1 && digits[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(digits[i] - '0');
        if (number > (MERKLE_SIZE_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return true;
}

bool tlog_hash_parse(const char *base64, size_t len, struct merkle_hash *ret_hash)
{
    struct merkle_hash hash;
    size_t hash_len = 0;

    if (base64_decode(base64, len, hash.bytes, MERKLE_HASH_BYTES, &hash_len) < 0 ||
        hash_len != MERKLE_HASH_BYTES)
        return false;
    *ret_hash = hash;
    return true;
}
