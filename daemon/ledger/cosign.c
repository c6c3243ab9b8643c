/*
 * Requests to a witness, and the decision about one. Knows no file and no clock.
 *
 *   old <decimal>
 *   <base64 of a hash>      none or more: the consistency proof from the old size
 *   <blank line>
 *   <checkpoint>
 *
 * The order of the checks is that of the specification: origin, signature, sizes, state, root,
 * proof. With the first checkpoint of a log the old size is 0 and the proof empty.
 */
#include "daemon/ledger/cosign.h"

#include <assert.h>
#include <string.h>

#include "daemon/ledger/tlog_line.h"

#define COSIGN_OLD "old "

enum tlog_fault cosign_parse(const char *bytes, size_t len, struct cosign_request *ret_request)
{
    struct tlog_lines lines = tlog_lines(bytes, len);

    if (len > COSIGN_REQUEST_BYTES_MAX)
        return TLOG_TOO_LONG;
    if (!tlog_take_line(&lines) || !tlog_line_begins(&lines, COSIGN_OLD) ||
        !tlog_line_number(&lines, strlen(COSIGN_OLD), &ret_request->old_size))
        return TLOG_BAD_OLD;
    enum tlog_fault fault = tlog_take_proof(&lines, &ret_request->proof);
    if (fault != TLOG_OK)
        return fault;
    ret_request->checkpoint = lines.at;
    ret_request->checkpoint_len = (size_t)(lines.end - lines.at);
    return ret_request->checkpoint_len > 0 ? TLOG_OK : TLOG_CUT;
}

void cosign_format(struct text *out, const struct cosign_request *request)
{
    text_literal(out, COSIGN_OLD);
    text_u64(out, request->old_size);
    text_literal(out, "\n");
    tlog_put_proof(out, &request->proof);
    text_raw(out, request->checkpoint, request->checkpoint_len);
}

static bool is_of_log(const struct note_key *key, const struct checkpoint *checkpoint)
{
    return key->name_len == checkpoint->origin_len &&
           memcmp(key->name, checkpoint->origin, key->name_len) == 0;
}

/* Whether one of the log's keys signed it, and none did badly. */
static enum tlog_fault check_log(const struct note *note, const struct policy *policy,
                                 const struct checkpoint *checkpoint, bool *ret_known)
{
    enum tlog_fault found = TLOG_UNKNOWN_KEY;

    *ret_known = false;
    for (size_t i = 0; i < policy->logs_count; i++) {
        const struct note_key *key = &policy->logs[i];
        if (!is_of_log(key, checkpoint))
            continue;
        *ret_known = true;
        enum tlog_fault fault = note_verify(note, key, NULL);
        if (fault == TLOG_BAD_SIGNATURE)
            return fault;
        if (fault == TLOG_OK)
            found = TLOG_OK;
    }
    return found;
}

enum cosign_status cosign_open(const struct cosign_request *request, const struct policy *policy,
                               struct checkpoint *ret_checkpoint, enum tlog_fault *ret_why)
{
    struct note note;
    bool known = false;

    *ret_why = note_parse(request->checkpoint, request->checkpoint_len, &note);
    if (*ret_why == TLOG_OK)
        *ret_why = checkpoint_parse(note.text, note.text_len, ret_checkpoint);
    /* What a witness signs is bounded (note.h); a checkpoint of a log's own is far below it. */
    if (*ret_why == TLOG_OK && note.text_len > NOTE_COSIGNED_BYTES_MAX)
        *ret_why = TLOG_TOO_LONG;
    if (*ret_why != TLOG_OK)
        return COSIGN_BAD_REQUEST;
    *ret_why = check_log(&note, policy, ret_checkpoint, &known);
    if (!known) {
        *ret_why = TLOG_WRONG_ORIGIN;
        return COSIGN_UNKNOWN_LOG;
    }
    return *ret_why == TLOG_OK ? COSIGN_SIGN : COSIGN_FORBIDDEN;
}

struct cosign_verdict cosign_decide(const struct cosign_request *request,
                                    const struct checkpoint *checkpoint,
                                    const struct cosign_state *state)
{
    struct cosign_verdict verdict = {.checkpoint = *checkpoint};
    static const struct merkle_tree empty = {0};
    struct merkle_hash root = state->any ? state->root : merkle_root(&empty);

    /* Whatever else is asked: this is what two signed roots of one size look like. */
    verdict.fork = state->any && checkpoint->size == state->size &&
                   !merkle_equal(&checkpoint->root, &state->root);
    if (request->old_size > checkpoint->size) {
        verdict.status = COSIGN_BAD_REQUEST;
        verdict.why = TLOG_SHRINKS;
    } else if (request->old_size != state->size) {
        verdict.status = COSIGN_CONFLICT;
        verdict.why = verdict.fork                     ? TLOG_EQUIVOCATION
                      : checkpoint->size < state->size ? TLOG_SHRINKS
                                                       : TLOG_BAD_OLD;
    } else if (verdict.fork) {
        verdict.status = COSIGN_CONFLICT;
        verdict.why = TLOG_EQUIVOCATION;
    } else if (!merkle_verify_consistency(state->size, &root, checkpoint->size, &checkpoint->root,
                                          &request->proof)) {
        verdict.status = COSIGN_UNPROCESSABLE;
        verdict.why = TLOG_BAD_PROOF;
    } else {
        verdict.status = COSIGN_SIGN;
        verdict.why = TLOG_OK;
    }
    return verdict;
}

void cosign_put_checkpoint(struct text *out, const struct cosign_request *request,
                           const struct policy *policy)
{
    struct note note;
    struct checkpoint checkpoint;
    enum tlog_fault fault = note_parse(request->checkpoint, request->checkpoint_len, &note);

    assert(fault == TLOG_OK);
    fault = checkpoint_parse(note.text, note.text_len, &checkpoint);
    assert(fault == TLOG_OK);
    text_raw(out, note.text, note.text_len);
    text_literal(out, "\n");
    for (size_t i = 0; i < policy->logs_count; i++) {
        const struct note_key *key = &policy->logs[i];
        if (!is_of_log(key, &checkpoint) || note_verify(&note, key, NULL) != TLOG_OK)
            continue;
        /* All of this key's are good, and one says as much as several. */
        size_t at = 0;
        while (note.signatures[at].id != key->id || note.signatures[at].name_len != key->name_len ||
               memcmp(note.signatures[at].name, key->name, key->name_len) != 0)
            at++;
        note_put_signature(out, &note.signatures[at]);
    }
}

void cosign_sign(struct text *out, const struct note_signer *signer,
                 const struct cosign_request *request, uint64_t time)
{
    struct note note;
    enum tlog_fault fault = note_parse(request->checkpoint, request->checkpoint_len, &note);

    assert(fault == TLOG_OK);
    assert(note_signer_key(signer)->type == NOTE_KEY_COSIGNATURE);
    note_sign(out, signer, note.text, note.text_len, time);
}
