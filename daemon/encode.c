/*
 * Listings as JSON members. Knows the members' names and their order; knows no file.
 *
 * Which members a record has, and in which order, is in the README, a table a kind. blob is the
 * SHA-256 of the line as received, without its newline.
 */
#include "daemon/encode.h"

#include <assert.h>
#include <string.h>

#include "daemon/digest.h"
#include "daemon/map.h"
#include "daemon/time_text.h"

/* A crawler's time is quoted as written unless it is absurdly long (a million fraction digits). */
#define AS_WRITTEN_BYTES_MAX 48u

/* What follows a sighting's capture: acts of support, its event, and what its holes take. */
#define EVENT_BYTES_MAX (6 * 2 * LISTING_ID_BYTES_MAX + 64 * RECORD_HOLES_MAX + 1024)

static void key_text(struct text *text, const char *key, struct listing_text value)
{
    if (value.at == NULL)
        return;
    text_key(text, key);
    text_string(text, value.at, value.len);
}

/* A merchant's id in events and records is <platform>/<seller_id> (DESIGN 9.3). */
static void key_merchant(struct text *text, const struct listing *listing)
{
    if (listing->seller_id.at == NULL)
        return;
    char id[2 * LISTING_ID_BYTES_MAX + 1];
    size_t len = listing->platform.len;
    assert(len + 1 + listing->seller_id.len <= sizeof id);
    memcpy(id, listing->platform.at, len);
    id[len++] = '/';
    memcpy(id + len, listing->seller_id.at, listing->seller_id.len);
    text_key(text, "merchant");
    text_string(text, id, len + listing->seller_id.len);
}

/* Where a line came from; the first members of all three records. */
static void encode_origin(struct text *text, const struct encode_context *context,
                          const struct intake_origin *origin)
{
    text_key(text, "source");
    text_string(text, context->source, context->source_len);
    if (context->session_len > 0) {
        text_key(text, "session");
        text_string(text, context->session, context->session_len);
    }
    text_key(text, "conn");
    text_u64(text, origin->connection);
    text_key(text, "line");
    text_u64(text, origin->line);
    if (origin->map != NULL)
        text_member_string(text, "map", map_name(origin->map));
}

/* Acts of support that the page showed, as the map says. */
static void encode_support(struct text *text, unsigned support)
{
    static const char prefix[] = "support.";
    const char *separator = "[\"";

    if (support == 0)
        return;
    text_key(text, "support");
    for (enum map_key key = MAP_SUPPORT; key < MAP_SUPPORT_END; key++) {
        if ((support >> (key - MAP_SUPPORT) & 1) == 0)
            continue;
        text_literal(text, separator);
        text_literal(text, map_key_name(key) + sizeof prefix - 1);
        separator = "\",\"";
    }
    text_literal(text, "\"]");
}

/* What names the copy of the page. A sighting must fit: where ids and address are of hundreds of
   characters that take six bytes each, it goes without, and the kept line has it. */
static void encode_capture(struct text *text, const struct listing *listing)
{
    if (text->len + 2 * (LISTING_CAPTURE_BYTES_MAX + 20) + EVENT_BYTES_MAX > text->room)
        return;
    key_text(text, "capture_id", listing->capture_id);
    key_text(text, "capture_digest", listing->capture_digest);
}

static void add_hole(struct record_draft *draft, const struct text *text,
                     enum record_hole_kind kind)
{
    assert(draft->holes_count < RECORD_HOLES_MAX);
    assert(text->len <= UINT16_MAX);
    draft->holes[draft->holes_count++] =
        (struct record_hole){.at = (uint16_t)text->len, .kind = (uint16_t)kind};
}

/* When it was seen: as the crawler wrote it, else the record's own time. */
static void encode_at(struct text *text, const struct listing *listing, struct record_draft *draft)
{
    if (listing->has_observed_at && listing->observed_at.len <= AS_WRITTEN_BYTES_MAX) {
        key_text(text, "at", listing->observed_at);
    } else if (listing->has_observed_at) {
        char time[TIME_TEXT_BYTES];
        time_text_format(listing->observed_at_ns, time);
        key_text(text, "at", (struct listing_text){time, strlen(time)});
    } else {
        text_literal(text, ",\"at\":\"");
        add_hole(draft, text, RECORD_HOLE_TIME);
        text_literal(text, "\"");
    }
}

static void encode_event(struct text *text, const struct encode_context *context,
                         const struct listing *listing, struct record_draft *draft)
{
    text_literal(text, ",\"event\":{\"id\":\"");
    add_hole(draft, text, RECORD_HOLE_ID);
    text_literal(text, "\",\"type\":\"sighting\"");
    key_text(text, "platform", listing->platform);
    key_text(text, "listing", listing->listing_id);
    encode_at(text, listing, draft);
    key_text(text, "state", listing->state);
    key_text(text, "via", listing->via);
    if (listing->status.at != NULL) {
        text_key(text, "http");
        text_raw(text, listing->status.at, listing->status.len); /* three digits */
    }
    text_key(text, "unc_ms");
    text_u64(text, context->unc_ms);
    text_literal(text, "}}");
}

void encode_sighting(const struct encode_context *context, const struct intake_origin *origin,
                     const struct listing *listing, const uint8_t blob[DIGEST_BYTES], char *body,
                     struct record_draft *ret_draft)
{
    *ret_draft = (struct record_draft){.kind = RECORD_SIGHTING, .body = body};
    struct text text = text_into(body, RECORD_BODY_BYTES_MAX);
    encode_origin(&text, context, origin);
    key_text(&text, "platform", listing->platform);
    key_text(&text, "listing", listing->listing_id);
    key_merchant(&text, listing);
    if (listing->url.at != NULL) {
        text_key(&text, "url");
        if (text_string_cut(&text, listing->url.at, listing->url.len, ENCODE_URL_BYTES) <
            listing->url.len)
            text_literal(&text, ",\"url_cut\":true");
    }
    key_text(&text, "price", listing->price);
    key_text(&text, "currency", listing->currency);
    text_member_sha256(&text, "blob", blob);
    text_key(&text, "blob_len");
    text_u64(&text, listing->line.len);
    if (context->blob_kept)
        text_literal(&text, ",\"blob_kept\":true");
    if (listing->surrogate)
        text_literal(&text, ",\"flags\":[\"lone_surrogate\"]");
    encode_capture(&text, listing);
    encode_support(&text, listing->support);
    encode_event(&text, context, listing, ret_draft);
    /* Each byte of an id may take six: 4 ids, a merchant, the url and two short texts fit the body,
       with source, session and map, which are ASCII. */
    static_assert(6 * (6 * LISTING_ID_BYTES_MAX + ENCODE_URL_BYTES + 2 * LISTING_WORD_BYTES_MAX) +
                          3 * LISTING_WORD_BYTES_MAX + 1024 <
                      RECORD_BODY_BYTES_MAX - 64 * RECORD_HOLES_MAX,
                  "a sighting must always fit");
    assert(!text.overflow);
    ret_draft->len = text.len;
}

void encode_listing(const struct encode_context *context, const struct intake_origin *origin,
                    const struct listing *listing, char *body, struct record_draft *ret_draft)
{
    assert(listing->seller_id.at != NULL);
    *ret_draft = (struct record_draft){.kind = RECORD_LISTING, .body = body};
    struct text text = text_into(body, RECORD_BODY_BYTES_MAX);
    encode_origin(&text, context, origin);
    key_text(&text, "platform", listing->platform);
    key_text(&text, "listing", listing->listing_id);
    key_merchant(&text, listing);
    text_literal(&text, ",\"event\":{\"id\":\"listing.");
    add_hole(ret_draft, &text, RECORD_HOLE_SEQ);
    text_literal(&text, "\",\"type\":\"listing\"");
    key_text(&text, "platform", listing->platform);
    key_text(&text, "listing", listing->listing_id);
    key_merchant(&text, listing);
    encode_at(&text, listing, ret_draft);
    text_key(&text, "unc_ms");
    text_u64(&text, context->unc_ms);
    text_literal(&text, "}}");
    /* Two platforms, listings and merchants, source, session and a time. */
    static_assert(6 * (8 * LISTING_ID_BYTES_MAX + 3 * LISTING_WORD_BYTES_MAX) + 1024 <
                      RECORD_BODY_BYTES_MAX - 64 * RECORD_HOLES_MAX,
                  "a listing must always fit");
    assert(!text.overflow);
    ret_draft->len = text.len;
}

void encode_match(const struct encode_context *context, const struct intake_origin *origin,
                  const struct listing *listing, const struct matcher_result *result, char *body,
                  struct record_draft *ret_draft)
{
    *ret_draft = (struct record_draft){.kind = RECORD_MATCH, .body = body};
    struct text text = text_into(body, RECORD_BODY_BYTES_MAX - 64);
    encode_origin(&text, context, origin);
    text_key(&text, "sighting");
    add_hole(ret_draft, &text, RECORD_HOLE_PREVIOUS);
    key_text(&text, "platform", listing->platform);
    key_text(&text, "listing", listing->listing_id);
    key_merchant(&text, listing);
    text_key(&text, "title");
    if (text_string_cut(&text, listing->title.at, listing->title.len, ENCODE_TITLE_BYTES) <
        listing->title.len)
        text_literal(&text, ",\"title_cut\":true");
    text_key(&text, "ruleset");
    text_u64(&text, context->ruleset_seq);
    text_member_sha256(&text, "ruleset_sha256", context->ruleset_sha256);
    text_key(&text, "norm");
    text_string(&text, matcher_fold_version(), strlen(matcher_fold_version()));
    text_key(&text, "scan");
    text_literal(&text, "\"");
    text_literal(&text, encode_outcome_name(result->outcome));
    text_literal(&text, "\"");
    encode_hits(&text, context->db, listing, result);
    text_literal(&text, "}");
    assert(!text.overflow);
    ret_draft->len = text.len;
}
