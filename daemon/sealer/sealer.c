/*
 * The sealer's decisions. Knows no socket.
 *
 *              first tree, from nothing                larger tree, with its proof
 *     EMPTY ----------------------------> SEALED <-----------------------------------+
 *       |                                  |  |                                      |
 *       | a sync failed                    |  +--------------------------------------+
 *       +------------> FAILED <------------+
 *
 *   EMPTY -> SEALED, SEALED -> SEALED, any -> FAILED [seal]
 *
 * EMPTY: no signature was ever made with this key and folder. SEALED: `last` is durable, and only
 * it may be signed again. FAILED: what is on disk is not known, nothing is signed until the next
 * start. There is no way to a smaller size, and none to another root of a size.
 */
#include "daemon/sealer/sealer.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static size_t refuse(char ret_answer[SEAL_ANSWER_BYTES_MAX], enum seal_status status,
                     const char *reason)
{
    return seal_answer_format_refusal(ret_answer, SEAL_ANSWER_BYTES_MAX, status, reason);
}

static size_t sign(const struct sealer *sealer, const struct seal_request *request,
                   char ret_answer[SEAL_ANSWER_BYTES_MAX])
{
    char line[SEAL_SIGNATURE_BYTES_MAX];
    struct text text = text_into(line, sizeof(line));

    assert(sealer->state == SEALER_SEALED);
    assert(request->checkpoint.size == sealer->last.size);
    assert(merkle_equal(&request->checkpoint.root, &sealer->last.root));
    note_sign(&text, sealer->signer, request->text, request->text_len, 0);
    assert(!text.overflow);
    return seal_answer_format_signed(ret_answer, SEAL_ANSWER_BYTES_MAX, line, text.len);
}

/* The tree grows from the last one: durable first, then signed. */
static size_t seal(struct sealer *sealer, const struct seal_request *request,
                   char ret_answer[SEAL_ANSWER_BYTES_MAX])
{
    const struct sealed next = {
        .any = true, .size = request->checkpoint.size, .root = request->checkpoint.root};
    int error = sealed_put(&sealer->store, &next);

    if (error < 0) {
        char reason[SEAL_REASON_BYTES_MAX + 1];
        if (sealer->store.failed)
            sealer->state = SEALER_FAILED;
        (void)snprintf(reason, sizeof(reason), "cannot write %s: %s%s", SEALED_FILE,
                       strerrordesc_np(-error),
                       sealer->store.failed ? "; nothing is signed until the sealer is restarted"
                                            : ""); /* it fits, or is cut */
        return refuse(ret_answer, SEAL_NOT_WRITTEN, reason);
    }
    sealer->last = next;
    sealer->state = SEALER_SEALED;
    return sign(sealer, request, ret_answer);
}

static bool origin_is_ours(const struct sealer *sealer, const struct checkpoint *checkpoint)
{
    const struct note_key *key = note_signer_key(sealer->signer);

    return checkpoint->origin_len == key->name_len &&
           memcmp(checkpoint->origin, key->name, key->name_len) == 0;
}

int sealer_open(struct sealer *sealer, const struct note_signer *signer, struct backend *backend,
                int dir_fd)
{
    assert(note_signer_key(signer)->type == NOTE_KEY_ED25519);
    sealer->signer = signer;
    int error =
        sealed_open(&sealer->store, backend, dir_fd, note_signer_key(signer), &sealer->last);
    if (error == 0)
        sealer->state = sealer->last.any ? SEALER_SEALED : SEALER_EMPTY;
    return error;
}

size_t sealer_answer(struct sealer *sealer, const void *bytes, size_t len,
                     char ret_answer[SEAL_ANSWER_BYTES_MAX])
{
    struct seal_request request;
    const struct sealed *last = &sealer->last;
    enum tlog_fault fault = seal_request_parse(bytes, len, &request);

    if (fault != TLOG_OK) {
        char reason[SEAL_REASON_BYTES_MAX + 1];
        (void)snprintf(reason, sizeof(reason), "%s: %s", tlog_fault_name(fault),
                       tlog_fault_text(fault)); /* it fits */
        return refuse(ret_answer, SEAL_MALFORMED, reason);
    }
    if (!origin_is_ours(sealer, &request.checkpoint))
        return refuse(ret_answer, SEAL_REFUSED, "the origin is not the name of this key");
    if (sealer->state == SEALER_FAILED)
        return refuse(ret_answer, SEAL_NOT_WRITTEN,
                      "a write failed before; nothing is signed until the sealer is restarted");
    if (last->any && request.checkpoint.size == last->size) {
        if (!merkle_equal(&request.checkpoint.root, &last->root))
            return refuse(ret_answer, SEAL_OTHER_ROOT, "another root of this size was sealed");
        return sign(sealer, &request, ret_answer);
    }
    if (request.checkpoint.size < last->size || request.old_size != last->size)
        return seal_answer_format_other_size(ret_answer, SEAL_ANSWER_BYTES_MAX, last->size,
                                             &last->root);
    /* From nothing there is nothing to prove, and no tree of no leaf but the one. */
    bool proven =
        last->size > 0
            ? merkle_verify_consistency(last->size, &last->root, request.checkpoint.size,
                                        &request.checkpoint.root, &request.proof)
            : request.proof.count == 0 && (request.checkpoint.size > 0 ||
                                           merkle_equal(&request.checkpoint.root, &last->root));
    if (!proven)
        return refuse(ret_answer, SEAL_BAD_PROOF,
                      "the proof does not lead from the tree that was sealed last to this one");
    return seal(sealer, &request, ret_answer);
}
