/*
 * Proof files. Knows no tile.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64>          may be missing; whatever it is, nobody has signed it
 *   index <decimal>
 *   <base64 of a hash>      none or more, from the leaf's sibling to the root's child
 *   <blank line>
 *   <checkpoint>
 */
#include "daemon/ledger/proof.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/ledger/base64.h"

#define PROOF_HEADER "c2sp.org/tlog-proof@v1"
#define PROOF_EXTRA  "extra "
#define PROOF_INDEX  "index "

struct proof_lines {
    const char *at, *end;
    const char *line; /* the one that was taken, without its newline */
    size_t len;
};

static bool take_line(struct proof_lines *lines)
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

static bool begins_with(const struct proof_lines *lines, const char *word)
{
    size_t len = strlen(word);

    return lines->len >= len && memcmp(lines->line, word, len) == 0;
}

static bool parse_index(const char *digits, size_t len, uint64_t *ret_index)
{
    uint64_t index = 0;

    if (len == 0 || (len > 1 && digits[0] == '0'))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(digits[i] - '0');
        if (index > (MERKLE_SIZE_MAX - digit) / 10)
            return false;
        index = index * 10 + digit;
    }
    *ret_index = index;
    return true;
}

static enum tlog_fault parse_extra(struct proof *proof, const struct proof_lines *lines)
{
    uint8_t bytes[PROOF_EXTRA_BYTES_MAX];
    size_t len;

    proof->extra = lines->line + strlen(PROOF_EXTRA);
    proof->extra_len = lines->len - strlen(PROOF_EXTRA);
    if (base64_decode(proof->extra, proof->extra_len, bytes, sizeof(bytes), &len) < 0)
        return TLOG_BAD_BASE64;
    return TLOG_OK;
}

enum tlog_fault proof_parse(const char *bytes, size_t len, struct proof *ret_proof)
{
    struct proof_lines lines = {.at = bytes, .end = bytes + len};
    struct proof *proof = ret_proof;

    proof->extra = NULL;
    proof->extra_len = 0;
    proof->path.count = 0;
    if (!take_line(&lines) || lines.len != strlen(PROOF_HEADER) ||
        !begins_with(&lines, PROOF_HEADER))
        return TLOG_BAD_HEADER;
    if (!take_line(&lines))
        return TLOG_BAD_INDEX;
    if (begins_with(&lines, PROOF_EXTRA)) {
        enum tlog_fault fault = parse_extra(proof, &lines);
        if (fault != TLOG_OK)
            return fault;
        if (!take_line(&lines))
            return TLOG_BAD_INDEX;
    }
    if (!begins_with(&lines, PROOF_INDEX) ||
        !parse_index(lines.line + strlen(PROOF_INDEX), lines.len - strlen(PROOF_INDEX),
                     &proof->index))
        return TLOG_BAD_INDEX;
    while (take_line(&lines)) {
        size_t hash_len = 0;
        if (lines.len == 0) {
            proof->checkpoint = lines.at;
            proof->checkpoint_len = (size_t)(lines.end - lines.at);
            return proof->checkpoint_len > 0 ? TLOG_OK : TLOG_CUT;
        }
        if (proof->path.count == MERKLE_PROOF_MAX)
            return TLOG_TOO_MANY;
        if (base64_decode(lines.line, lines.len, proof->path.hashes[proof->path.count].bytes,
                          MERKLE_HASH_BYTES, &hash_len) < 0 ||
            hash_len != MERKLE_HASH_BYTES)
            return TLOG_BAD_PROOF_HASH;
        proof->path.count++;
    }
    return TLOG_CUT;
}

void proof_format(struct text *out, const struct proof *proof)
{
    text_literal(out, PROOF_HEADER "\n");
    if (proof->extra != NULL) {
        text_literal(out, PROOF_EXTRA);
        text_raw(out, proof->extra, proof->extra_len);
        text_literal(out, "\n");
    }
    text_literal(out, PROOF_INDEX);
    text_u64(out, proof->index);
    text_literal(out, "\n");
    assert(proof->path.count <= MERKLE_PROOF_MAX);
    for (size_t i = 0; i < proof->path.count; i++) {
        base64_encode(out, proof->path.hashes[i].bytes, MERKLE_HASH_BYTES);
        text_literal(out, "\n");
    }
    text_literal(out, "\n");
    text_raw(out, proof->checkpoint, proof->checkpoint_len);
}

enum tlog_fault proof_verify(const struct proof *proof, const struct merkle_hash *leaf,
                             const struct note_key *key, struct checkpoint *ret_checkpoint)
{
    struct note note;
    struct checkpoint checkpoint;
    enum tlog_fault fault =
        checkpoint_open(proof->checkpoint, proof->checkpoint_len, key, &note, &checkpoint);

    if (fault != TLOG_OK)
        return fault;
    if (proof->index >= checkpoint.size)
        return TLOG_BAD_INDEX;
    if (!merkle_verify_inclusion(proof->index, checkpoint.size, leaf, &proof->path,
                                 &checkpoint.root))
        return TLOG_BAD_PROOF;
    *ret_checkpoint = checkpoint;
    return TLOG_OK;
}
