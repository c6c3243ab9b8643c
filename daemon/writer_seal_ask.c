/*
 * What is said between the writer and the sealer: the question of a checkpoint, its proof, and what
 * follows from an answer. Knows no socket and no file of checkpoints.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"

static uint64_t now_ns(const struct writer_seal *seal)
{
    return clock_now(&seal->core->clock).boot_ns;
}

static bool has_failed(const struct writer_seal *seal)
{
    return atomic_load_explicit(&seal->core->counts.failed, memory_order_relaxed) != 0;
}

void writer_seal_ask(struct writer_seal *seal, uint64_t old_size)
{
    struct merkle_proof proof = {.count = 0};

    tile_source_begin(&seal->source, seal->flight_size, tile_store_read, &seal->store);
    int error =
        merkle_prove_consistency(old_size, seal->flight_size, tile_subtree, &seal->source, &proof);
    if (error < 0) {
        writer_seal_rest_or_fail(seal, error);
        return;
    }
    size_t len = seal_request_format(seal->request, sizeof(seal->request), old_size, proof.hashes,
                                     proof.count, seal->body, seal->body_len);
    assert(len > 0);
    seal->state = WRITER_SEAL_ASKING;
    seal->asked_ns = now_ns(seal);
    if (seal->door.ask(seal->door.context, seal->request, len) < 0)
        writer_seal_rest(seal, WRITER_UNSEALED_NO_SEALER, "");
}

/* It was not to be heard when the writer opened (writer_seal_past.c), and says now that this is not
   the ledger that it signs. What comes after would never be signed: it is not taken. */
static void other_history(struct writer_seal *seal, uint64_t size, const char *how)
{
    log_write(LOG_LEVEL_ERROR,
              "the sealer has sealed %llu records, %s: the ledger was rolled back, replaced or "
              "emptied: restore the newest copy of it, or begin a new one with a new key "
              "(noticectl setup-keys)",
              (unsigned long long)size, how);
    writer_fail(seal->core, -EBADMSG);
}

/* What it says of its past while the writer opens, which waits for it. */
static void look_back(struct writer_seal *seal, const struct seal_answer *answer)
{
    bool signed_again = answer->status == SEAL_SIGNED;

    seal->looking_back = false;
    seal->state = WRITER_SEAL_IDLE;
    seal->has_sealed = signed_again || answer->status == SEAL_OTHER_SIZE;
    seal->sealed_size = signed_again ? seal->signed_size : answer->last_size;
    seal->sealed_root = signed_again ? seal->signed_root : answer->last_root;
    seal->sealed_other = answer->status == SEAL_OTHER_ROOT;
}

/* The sealer has sealed another size than we know of: before a crash, when its root is ours. */
static void prove_again(struct writer_seal *seal, const struct seal_answer *answer)
{
    struct merkle_hash root;

    if (seal->proved_again) {
        writer_seal_rest(seal, WRITER_UNSEALED_REFUSED, "it wants a proof from ever another size");
        return;
    }
    if (answer->last_size > seal->leaves_end) {
        other_history(seal, answer->last_size, "more than there are");
        return;
    }
    if (answer->last_size > seal->flight_size) { /* tiles are owed: no proof yet */
        writer_seal_rest(seal, WRITER_UNSEALED_FULL, "");
        return;
    }
    tile_source_begin(&seal->source, seal->flight_size, tile_store_read, &seal->store);
    int error = merkle_root_read(answer->last_size, tile_subtree, &seal->source, &root);
    if (error < 0) {
        writer_seal_rest_or_fail(seal, error);
        return;
    }
    if (!merkle_equal(&root, &answer->last_root)) {
        other_history(seal, answer->last_size, "with another root");
        return;
    }
    seal->proved_again = true;
    writer_seal_ask(seal, answer->last_size);
}

void writer_seal_answered(void *context, const void *bytes, size_t len)
{
    struct writer_seal *seal = context;
    struct seal_answer answer;
    char reason[SEAL_REASON_BYTES_MAX + 1];

    if (seal->state != WRITER_SEAL_ASKING || has_failed(seal))
        return; /* the answer to what is no longer asked */
    if (seal_answer_parse(bytes, len, &answer) < 0) {
        seal->looking_back = false;
        writer_seal_rest(seal, WRITER_UNSEALED_BAD_ANSWER, "");
        return;
    }
    if (seal->looking_back) {
        look_back(seal, &answer);
        return;
    }
    switch (answer.status) {
    case SEAL_SIGNED:
        writer_seal_commit(seal, &answer);
        return;
    case SEAL_OTHER_SIZE:
        prove_again(seal, &answer);
        return;
    case SEAL_OTHER_ROOT:
        other_history(seal, seal->flight_size, "with another root");
        return;
    case SEAL_MALFORMED:
    case SEAL_REFUSED:
    case SEAL_BAD_PROOF:
    case SEAL_NOT_WRITTEN:
    case SEAL_NOT_READY:
        break;
    case SEAL_STATUSES_COUNT:
        assert(false);
        break;
    }
    size_t reason_len = answer.reason_len < sizeof(reason) ? answer.reason_len : sizeof(reason) - 1;
    memcpy(reason, answer.reason, reason_len);
    reason[reason_len] = '\0';
    writer_seal_rest(seal, WRITER_UNSEALED_REFUSED, reason);
}

void writer_seal_broken(void *context, int error)
{
    struct writer_seal *seal = context;

    if (seal->state != WRITER_SEAL_ASKING || has_failed(seal))
        return;
    seal->looking_back = false;
    writer_seal_rest(seal, WRITER_UNSEALED_NO_SEALER, strerrordesc_np(-error));
}

void writer_seal_mind(struct writer_seal *seal, uint64_t now_ns)
{
    const uint64_t may_take =
        seal->closing ? WRITER_SEAL_LAST_ANSWER_NS_MAX : WRITER_SEAL_ANSWER_NS_MAX;
    if (seal->state != WRITER_SEAL_ASKING || now_ns - seal->asked_ns < may_take)
        return;
    int before = atomic_exchange_explicit(&seal->core->counts.unsealed, (int)WRITER_UNSEALED_SILENT,
                                          memory_order_relaxed);
    if (before != (int)WRITER_UNSEALED_SILENT)
        log_write(LOG_LEVEL_WARNING, "records from %llu on are not sealed: %s, going on",
                  (unsigned long long)seal->signed_size,
                  writer_unsealed_text(WRITER_UNSEALED_SILENT));
}
