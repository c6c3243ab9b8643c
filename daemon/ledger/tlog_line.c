/*
 * Lines of small text formats. Knows none of the formats.
 */
#include "daemon/ledger/tlog_line.h"

#include <assert.h>
#include <string.h>

#include "daemon/ledger/base64.h"

struct tlog_lines tlog_lines(const char *bytes, size_t len)
{
    return (struct tlog_lines){.at = bytes, .end = bytes + len, .line = bytes};
}

bool tlog_take_line(struct tlog_lines *lines)
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

bool tlog_line_begins(const struct tlog_lines *lines, const char *word)
{
    size_t len = strlen(word);

    return lines->len >= len && memcmp(lines->line, word, len) == 0;
}

bool tlog_line_number(const struct tlog_lines *lines, size_t skip, uint64_t *ret_number)
{
    assert(skip <= lines->len);
    const char *digits = lines->line + skip;
    size_t len = lines->len - skip;
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

bool tlog_line_hash(const struct tlog_lines *lines, struct merkle_hash *ret_hash)
{
    struct merkle_hash hash;
    size_t len = 0;

    if (base64_decode(lines->line, lines->len, hash.bytes, MERKLE_HASH_BYTES, &len) < 0 ||
        len != MERKLE_HASH_BYTES)
        return false;
    *ret_hash = hash;
    return true;
}

enum tlog_fault tlog_take_proof(struct tlog_lines *lines, struct merkle_proof *ret_proof)
{
    ret_proof->count = 0;
    while (tlog_take_line(lines)) {
        if (lines->len == 0)
            return TLOG_OK;
        if (ret_proof->count == MERKLE_PROOF_MAX)
            return TLOG_TOO_MANY;
        if (!tlog_line_hash(lines, &ret_proof->hashes[ret_proof->count]))
            return TLOG_BAD_PROOF_HASH;
        ret_proof->count++;
    }
    return TLOG_CUT;
}

void tlog_put_proof(struct text *out, const struct merkle_proof *proof)
{
    assert(proof->count <= MERKLE_PROOF_MAX);
    for (size_t i = 0; i < proof->count; i++) {
        base64_encode(out, proof->hashes[i].bytes, MERKLE_HASH_BYTES);
        text_literal(out, "\n");
    }
    text_literal(out, "\n");
}
