/*
 * Records and dead letters into a queue, encoded in place where they fit.
 */
#include "daemon/emit.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define ENTRY_BYTES_MAX (sizeof(struct writer_record) + RECORD_BODY_BYTES_MAX)

/* Encodes straight into the queue's memory: the body is written once. */
static char *reserve(struct queue *queue)
{
    static_assert(ENTRY_BYTES_MAX <= QUEUE_ENTRY_BYTES_MAX, "a record must fit an entry");
    return queue_reserve(queue, ENTRY_BYTES_MAX);
}

static void put(struct queue *queue, char *entry, const struct record_draft *draft)
{
    struct writer_record head = {.kind = (uint16_t)draft->kind,
                                 .holes_count = (uint16_t)draft->holes_count,
                                 .body_len = (uint32_t)draft->len};
    memcpy(head.holes, draft->holes, sizeof head.holes);
    memcpy(entry, &head, sizeof head);
    queue_put(queue, WRITER_ENTRY_RECORD, sizeof head + draft->len);
}

int emit_match(struct emit *emit, struct emit_source source, const struct intake_origin *origin,
               const struct listing *listing, const struct matcher_result *result)
{
    struct encode_context context = {.db = emit->ruleset->db,
                                     .ruleset_seq = emit->ruleset->seq,
                                     .ruleset_sha256 = emit->ruleset->sha256,
                                     .source = source.name,
                                     .source_len = source.len,
                                     .unc_ms = emit->unc_ms};
    struct record_draft draft;
    if (!emit->sighting_put) {
        char *entry = reserve(emit->queue);
        if (entry == NULL)
            return -EAGAIN;
        encode_sighting(&context, origin, listing, entry + sizeof(struct writer_record), &draft);
        put(emit->queue, entry, &draft);
        emit->sighting_put = true;
    }
    char *entry = reserve(emit->queue);
    if (entry == NULL)
        return -EAGAIN;
    encode_match(&context, origin, listing, result, entry + sizeof(struct writer_record), &draft);
    put(emit->queue, entry, &draft);
    emit->sighting_put = false;
    return 0;
}

int emit_reject(struct emit *emit, struct emit_source source, const struct intake_origin *origin,
                const struct reject *reject, const char *bytes, size_t len, bool *ret_kept)
{
    if (len > JSON_BYTES_MAX)
        len = JSON_BYTES_MAX;
    struct writer_reject head = {.reject = *reject,
                                 .connection = origin->connection,
                                 .line = origin->line,
                                 .offset = origin->offset,
                                 .line_bytes = origin->line_bytes,
                                 .source_len = (uint32_t)source.len,
                                 .bytes_len = (uint32_t)len};
    char *entry = queue_reserve(emit->queue, sizeof head + source.len + len);
    if (entry == NULL)
        return -EAGAIN;
    head.kept = writer_keep_reject(emit->writer, len);
    memcpy(entry, &head, sizeof head);
    memcpy(entry + sizeof head, source.name, source.len);
    memcpy(entry + sizeof head + source.len, bytes, len);
    queue_put(emit->queue, WRITER_ENTRY_REJECT, sizeof head + source.len + len);
    *ret_kept = head.kept;
    return 0;
}

int emit_record(struct queue *queue, enum record_kind kind, const char *body, size_t len)
{
    assert(len <= RECORD_BODY_BYTES_MAX);
    char *entry = reserve(queue);
    if (entry == NULL)
        return -EAGAIN;
    memcpy(entry + sizeof(struct writer_record), body, len);
    struct record_draft draft = {.kind = kind, .len = len};
    put(queue, entry, &draft);
    return 0;
}
