/*
 * Checkpoints. Knows no tree but its root, and no file.
 *
 * The text of one:
 *
 *   <origin: the log's name>
 *   <size: leaves, decimal>
 *   <root: 32 bytes in base 64>
 *   <extension lines: read and ignored, never written>
 *
 * checkpoints.log, version 1, is every checkpoint that was signed, in order, each as it was
 * published (text, blank line, signature lines) and one blank line behind it. Invariants:
 *   1. It is only appended to; an entry is whole when its closing blank line is there. What follows
 *      the last whole entry was torn by a crash before it was published, and counts for nothing.
 *   2. Sizes never shrink; two entries of one size have one root.
 *   3. Each tree is the beginning of the next one.
 *   4. It is synced before `checkpoint` is replaced: an entry is the commit point of a checkpoint.
 * So the last entry is `checkpoint`, or newer.
 */
#include "daemon/ledger/checkpoint.h"

#include <assert.h>
#include <string.h>

#include "daemon/ledger/base64.h"
#include "daemon/ledger/tlog_line.h"

enum tlog_fault checkpoint_parse(const char *text, size_t len, struct checkpoint *ret_checkpoint)
{
    struct tlog_lines lines = tlog_lines(text, len);
    struct checkpoint checkpoint = {.extended = false};

    if (!tlog_take_line(&lines) || lines.len == 0)
        return TLOG_BAD_ORIGIN;
    checkpoint.origin = lines.line;
    checkpoint.origin_len = lines.len;
    if (!tlog_take_line(&lines) || !tlog_line_number(&lines, 0, &checkpoint.size))
        return TLOG_BAD_SIZE;
    if (!tlog_take_line(&lines) || !tlog_line_hash(&lines, &checkpoint.root))
        return TLOG_BAD_ROOT;
    while (lines.at < lines.end) {
        if (!tlog_take_line(&lines) || lines.len == 0)
            return TLOG_BAD_EXTENSION;
        checkpoint.extended = true;
    }
    *ret_checkpoint = checkpoint;
    return TLOG_OK;
}

void checkpoint_format(struct text *out, const struct checkpoint *checkpoint)
{
    text_raw(out, checkpoint->origin, checkpoint->origin_len);
    text_literal(out, "\n");
    text_u64(out, checkpoint->size);
    text_literal(out, "\n");
    base64_encode(out, checkpoint->root.bytes, MERKLE_HASH_BYTES);
    text_literal(out, "\n");
}

enum tlog_fault checkpoint_open(const char *bytes, size_t len, const struct note_key *key,
                                struct note *ret_note, struct checkpoint *ret_checkpoint)
{
    enum tlog_fault fault = note_parse(bytes, len, ret_note);

    if (fault == TLOG_OK)
        fault = checkpoint_parse(ret_note->text, ret_note->text_len, ret_checkpoint);
    if (fault == TLOG_OK)
        fault = note_verify(ret_note, key, NULL);
    if (fault == TLOG_OK && (ret_checkpoint->origin_len != key->name_len ||
                             memcmp(ret_checkpoint->origin, key->name, key->name_len) != 0))
        fault = TLOG_WRONG_ORIGIN;
    return fault;
}

void checkpoint_sign(struct text *out, const struct note_signer *signer, uint64_t size,
                     const struct merkle_hash *root)
{
    const struct note_key *key = note_signer_key(signer);
    struct checkpoint checkpoint = {
        .origin = key->name, .origin_len = key->name_len, .size = size, .root = *root};
    char bytes[CHECKPOINT_BODY_BYTES_MAX];
    struct text body = text_into(bytes, sizeof(bytes));

    assert(key->type == NOTE_KEY_ED25519);
    assert(size <= MERKLE_SIZE_MAX);
    checkpoint_format(&body, &checkpoint);
    assert(!body.overflow);
    text_raw(out, bytes, body.len);
    text_literal(out, "\n");
    note_sign(out, signer, bytes, body.len, 0);
}

enum tlog_fault checkpoint_follows(const struct checkpoint *before,
                                   const struct checkpoint *checkpoint)
{
    if (checkpoint->size < before->size)
        return TLOG_SHRINKS;
    if (checkpoint->size == before->size && !merkle_equal(&checkpoint->root, &before->root))
        return TLOG_EQUIVOCATION;
    return TLOG_OK;
}

void checkpoint_log_put(struct text *out, const char *bytes, size_t len)
{
    text_raw(out, bytes, len);
    text_literal(out, "\n");
}

bool checkpoint_log_next(const char *bytes, size_t len, size_t *ret_len, size_t *ret_step)
{
    const char *at = bytes;
    unsigned blanks = 0;

    /* The first blank line ends the text, the second one the entry. */
    for (;;) {
        size_t left = len - (size_t)(at - bytes);
        const char *newline = left > 0 ? memchr(at, '\n', left) : NULL;
        if (newline == NULL)
            return false;
        blanks += newline == at;
        if (blanks == 2) {
            *ret_len = (size_t)(newline - bytes);
            *ret_step = *ret_len + 1;
            return true;
        }
        at = newline + 1;
    }
}
