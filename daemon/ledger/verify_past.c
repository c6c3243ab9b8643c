/*
 * Checkpoints that the ledger remembers. Knows no signature.
 *
 * checkpoints.log only grows. Three things are written behind an entry of it: the file
 * `checkpoint`, the size in state/tiles, and prev_size and prev_root of the next start record. What
 * one of them names and the log lacks was taken out of the log. A start record at seq S names the
 * last entry of before, of at most S records; between the two there can be one more, of S records.
 */
#include "daemon/ledger/verify_past.h"

#include <string.h>

#include "daemon/digest.h"
#include "daemon/ledger/position.h"

void verify_past_begin(struct verify *verify)
{
    const struct verify_reader *reader = &verify->config.reader;
    struct position position;
    uint64_t generation;

    if (!verify->config.ledger)
        return;
    ssize_t len =
        reader->file(reader->context, "state/tiles", verify->bytes, POSITION_FILE_BYTES + 1);
    if (len > 0 && position_decode(verify->bytes, (size_t)len, &generation, &position) == 0)
        verify->mark_size = position.first; /* derived: what cannot be read says nothing */
}

void verify_past_logged(struct verify *verify)
{
    memmove(&verify->passed[1], &verify->passed[0],
            (VERIFY_PASSED - 1) * sizeof(verify->passed[0]));
    verify->passed[0].size = verify->logged_size;
    verify->passed[0].root = verify->logged_root;
}

/* The checkpoint that a start record names. False: none. */
static bool parse_start(const char *line, size_t len, uint64_t *ret_size,
                        struct merkle_hash *ret_root)
{
    static const char size_name[] = ",\"prev_size\":", root_name[] = ",\"prev_root\":\"";
    const char *at = memmem(line, len, size_name, sizeof(size_name) - 1), *end = line + len;
    uint64_t size = 0;

    if (at == NULL)
        return false;
    const char *digits = at + sizeof(size_name) - 1;
    for (at = digits; at < end && *at >= '0' && *at <= '9' && size <= MERKLE_SIZE_MAX / 10; at++)
        size = size * 10 + (uint64_t)(*at - '0');
    if (at == digits || (size_t)(end - at) < sizeof(root_name) - 1 ||
        memcmp(at, root_name, sizeof(root_name) - 1) != 0)
        return false;
    at += sizeof(root_name) - 1;
    if (!digest_parse(at, (size_t)(end - at), ret_root->bytes))
        return false;
    *ret_size = size;
    return true;
}

void verify_past_start(struct verify *verify, uint64_t seq, const char *line, size_t len)
{
    struct merkle_hash root;
    uint64_t size;

    if (verify->cut.fault != VERIFY_OK || !parse_start(line, len, &size, &root))
        return;
    for (size_t i = 0; i < VERIFY_PASSED; i++)
        if (verify->passed[i].size == size && merkle_equal(&verify->passed[i].root, &root))
            return;
    verify->cut = (struct verify_damage){
        .fault = VERIFY_LOG_CUT, .file = "checkpoints.log", .seq = seq, .size = size};
}

void verify_past_finish(struct verify *verify)
{
    if (!verify_goes_on(verify) || !verify->config.ledger)
        return;
    if (verify->cut.fault != VERIFY_OK) {
        verify->damage = verify->cut;
    } else if (verify->mark_size > verify->passed[0].size) {
        verify_fail(verify, VERIFY_LOG_CUT, "checkpoints.log", VERIFY_NO_SEQ, 0);
        verify->damage.size = verify->mark_size;
    } else if (!verify->is_signed && verify->counts.checkpoints > 1) {
        /* The first one may be in the log and not yet published. */
        verify_fail(verify, VERIFY_NO_CHECKPOINT, "checkpoint", VERIFY_NO_SEQ, 0);
    }
}
