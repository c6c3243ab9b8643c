/*
 * Records and dead letters into a queue, encoded in place where they fit.
 */
#include "daemon/emit.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define ENTRY_BYTES_MAX (sizeof(struct writer_record) + RECORD_BODY_BYTES_MAX)

/* Encodes straight into the queue's memory: the body is written once. A blob may follow it. */
static char *reserve(struct queue *queue, size_t blob_len)
{
    static_assert(ENTRY_BYTES_MAX + PACK_BLOB_BYTES_MAX <= QUEUE_ENTRY_BYTES_MAX,
                  "a record and its blob must fit an entry");
    return queue_reserve(queue, ENTRY_BYTES_MAX + blob_len);
}

/* What goes with a record into its entry. */
struct companion {
    enum writer_judge judge;
    const struct derived_about *about; /* or NULL */
    const char *blob;
    size_t blob_len; /* 0: none */
    const uint8_t *sha256;
};

static void put(struct queue *queue, char *entry, const struct record_draft *draft,
                const struct companion *with)
{
    struct writer_record head = {.kind = (uint16_t)draft->kind,
                                 .holes_count = (uint16_t)draft->holes_count,
                                 .body_len = (uint32_t)draft->len,
                                 .judge = (uint16_t)with->judge,
                                 .blob_len = (uint32_t)with->blob_len};
    memcpy(head.holes, draft->holes, sizeof head.holes);
    if (with->about != NULL)
        head.about = *with->about;
    if (with->blob_len > 0) {
        memcpy(head.blob, with->sha256, sizeof head.blob);
        memcpy(entry + sizeof head + draft->len, with->blob, with->blob_len);
    }
    memcpy(entry, &head, sizeof head);
    queue_put(queue, WRITER_ENTRY_RECORD, sizeof head + draft->len + with->blob_len);
}

/* One listing on its way into the queue. */
struct emitted {
    struct encode_context context;
    const struct intake_origin *origin;
    const struct listing *listing;
    const struct matcher_result *result; /* NULL: it matched nothing */
    struct derived_about about;
    uint8_t blob[DIGEST_BYTES];
};

static struct fingerprint_part part(struct listing_text text)
{
    return (struct fingerprint_part){text.at, text.len};
}

void emit_about(const struct listing *listing, struct derived_about *ret_about)
{
    derived_about_listing(ret_about, part(listing->platform), part(listing->listing_id),
                          part(listing->seller_id));
}

static bool is_kept(const struct emitted *emitted, const struct emit *emit)
{
    const size_t max = emitted->result == NULL ? emit->keep.unmatched_max : emit->keep.matched_max;
    return emitted->listing->line.len >= 1 && emitted->listing->line.len <= max;
}

static void describe(struct emitted *emitted, const struct emit *emit, struct emit_source source)
{
    const struct listing *listing = emitted->listing;
    emitted->context = (struct encode_context){.db = emit->ruleset->db,
                                               .ruleset_seq = emit->ruleset->seq,
                                               .ruleset_sha256 = emit->ruleset->sha256,
                                               .source = source.name,
                                               .source_len = source.len,
                                               .session = source.session,
                                               .session_len = source.session_len,
                                               .unc_ms = emit->unc_ms,
                                               .blob_kept = is_kept(emitted, emit)};
    digest_sha256(listing->line.at, listing->line.len, emitted->blob);
    emit_about(listing, &emitted->about);
    if (source.session_len > 0)
        emitted->about.name =
            fingerprint_line((struct fingerprint_part){source.name, source.len},
                             (struct fingerprint_part){source.session, source.session_len},
                             emitted->origin->line, emitted->blob);
    emitted->about.matched =
        emitted->result != NULL && emitted->result->class != MATCHER_CLASS_NONE;
}

/* The records of a listing, in their order: which merchant's it is, that it was seen, what matched.
   Those it does not have are passed over. */
enum step {
    STEP_LISTING = 0,
    STEP_SIGHTING,
    STEP_MATCH,
    STEPS_COUNT,
};

static void encode_step(const struct emitted *emitted, unsigned step, char *body,
                        struct record_draft *ret_draft)
{
    if (step == STEP_LISTING)
        encode_listing(&emitted->context, emitted->origin, emitted->listing, body, ret_draft);
    else if (step == STEP_SIGHTING)
        encode_sighting(&emitted->context, emitted->origin, emitted->listing, emitted->blob, body,
                        ret_draft);
    else
        encode_match(&emitted->context, emitted->origin, emitted->listing, emitted->result, body,
                     ret_draft);
}

static int emit_listing(struct emit *emit, struct emit_source source, struct emitted *emitted)
{
    const bool if_watched = emitted->result == NULL;
    describe(emitted, emit, source);
    struct companion with = {.judge = if_watched ? WRITER_JUDGE_IF_WATCHED : WRITER_JUDGE_TWICE,
                             .about = &emitted->about,
                             .blob = emitted->listing->line.at,
                             .sha256 = emitted->blob};
    for (; emit->put < STEPS_COUNT; emit->put++) {
        if ((emit->put == STEP_LISTING && emitted->listing->seller_id.at == NULL) ||
            (emit->put == STEP_MATCH && if_watched))
            continue;
        const bool kept = emit->put == STEP_SIGHTING && emitted->context.blob_kept;
        with.blob_len = kept ? emitted->listing->line.len : 0;
        char *entry = reserve(emit->queue, with.blob_len);
        if (entry == NULL)
            return -EAGAIN;
        struct record_draft draft;
        encode_step(emitted, emit->put, entry + sizeof(struct writer_record), &draft);
        put(emit->queue, entry, &draft, &with);
    }
    emit->put = 0;
    return 0;
}

int emit_match(struct emit *emit, struct emit_source source, const struct intake_origin *origin,
               const struct listing *listing, const struct matcher_result *result)
{
    struct emitted emitted = {.origin = origin, .listing = listing, .result = result};
    return emit_listing(emit, source, &emitted);
}

bool emit_may_be_watched(const struct emit *emit, const struct listing *listing)
{
    const struct listing_text platform = listing->platform, seller = listing->seller_id;
    if (watched_filter_has(emit->watched,
                           watched_hash(false, platform.at, platform.len, listing->listing_id.at,
                                        listing->listing_id.len)))
        return true;
    return seller.at != NULL &&
           watched_filter_has(emit->watched,
                              watched_hash(true, platform.at, platform.len, seller.at, seller.len));
}

int emit_if_watched(struct emit *emit, struct emit_source source,
                    const struct intake_origin *origin, const struct listing *listing)
{
    /* What was begun is ended, even if it is put out of the set meanwhile. */
    if (emit->put == 0 && !emit_may_be_watched(emit, listing))
        return 0;
    struct emitted emitted = {.origin = origin, .listing = listing};
    return emit_listing(emit, source, &emitted);
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
    head.kept = writer_keep_reject(emit->writer, emit->queue_index, len);
    memcpy(entry, &head, sizeof head);
    memcpy(entry + sizeof head, source.name, source.len);
    memcpy(entry + sizeof head + source.len, bytes, len);
    queue_put(emit->queue, WRITER_ENTRY_REJECT, sizeof head + source.len + len);
    *ret_kept = head.kept;
    return 0;
}

static int emit_alone(struct queue *queue, enum record_kind kind, const char *body, size_t len,
                      enum writer_judge judge)
{
    const struct companion alone = {.judge = judge};
    assert(len <= RECORD_BODY_BYTES_MAX);
    char *entry = reserve(queue, 0);
    if (entry == NULL)
        return -EAGAIN;
    memcpy(entry + sizeof(struct writer_record), body, len);
    struct record_draft draft = {.kind = kind, .len = len};
    put(queue, entry, &draft, &alone);
    return 0;
}

int emit_record(struct queue *queue, enum record_kind kind, const char *body, size_t len)
{
    return emit_alone(queue, kind, body, len, WRITER_JUDGE_NONE);
}

int emit_custody(struct queue *queue, enum record_kind kind, const char *body, size_t len)
{
    return emit_alone(queue, kind, body, len, WRITER_JUDGE_CUSTODY);
}
