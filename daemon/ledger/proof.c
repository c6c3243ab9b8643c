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

#include <string.h>

#include "daemon/ledger/base64.h"
#include "daemon/ledger/tlog_line.h"

#define PROOF_HEADER "c2sp.org/tlog-proof@v1"
#define PROOF_EXTRA  "extra "
#define PROOF_INDEX  "index "

static enum tlog_fault parse_extra(struct proof *proof, const struct tlog_lines *lines)
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
    struct tlog_lines lines = tlog_lines(bytes, len);
    struct proof *proof = ret_proof;

    proof->extra = NULL;
    proof->extra_len = 0;
    proof->path.count = 0;
    if (!tlog_take_line(&lines) || lines.len != strlen(PROOF_HEADER) ||
        !tlog_line_begins(&lines, PROOF_HEADER))
        return TLOG_BAD_HEADER;
    if (!tlog_take_line(&lines))
        return TLOG_BAD_INDEX;
    if (tlog_line_begins(&lines, PROOF_EXTRA)) {
        enum tlog_fault extra_fault = parse_extra(proof, &lines);
        if (extra_fault != TLOG_OK)
            return extra_fault;
        if (!tlog_take_line(&lines))
            return TLOG_BAD_INDEX;
    }
    if (!tlog_line_begins(&lines, PROOF_INDEX) ||
        !tlog_line_number(&lines, strlen(PROOF_INDEX), &proof->index))
        return TLOG_BAD_INDEX;
    enum tlog_fault fault = tlog_take_proof(&lines, &proof->path);
    if (fault != TLOG_OK)
        return fault;
    proof->checkpoint = lines.at;
    proof->checkpoint_len = (size_t)(lines.end - lines.at);
    return proof->checkpoint_len > 0 ? TLOG_OK : TLOG_CUT;
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
    tlog_put_proof(out, &proof->path);
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
