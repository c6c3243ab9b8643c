/*
 * Listings that a lane decided, into its queue; and the acts of support that a map saw on their
 * pages, as events of their own. Knows the lane's inside.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "daemon/lane_thread.h"
#include "daemon/ledger/text.h"
#include "daemon/log.h"
#include "daemon/map.h"
#include "daemon/time_text.h"

/* Two ids of which each byte may take six, and the rest. */
#define SUPPORT_BYTES_MAX (6u * 2u * LISTING_ID_BYTES_MAX + 1024u)

struct emit_source lane_source_of(const struct connection *connection)
{
    return (struct emit_source){.name = connection->source,
                                .len = connection->source_len,
                                .session = connection->session,
                                .session_len = connection->session_len};
}

/* What names the act: of a session's line always the same, so that a line that is sent again leaves
   no second event; of another line, no other line has it. */
static void put_id(struct text *text, const struct intake_origin *origin, const char *kind,
                   const uint8_t sha256[DIGEST_BYTES])
{
    const struct connection *connection = origin->user;
    text_literal(text, "{\"id\":\"map.");
    text_literal(text, kind);
    text_literal(text, ".");
    if (connection->session_len > 0) {
        text_raw(text, connection->session, connection->session_len);
    } else {
        text_i64(text, origin->received_ns);
        text_literal(text, ".");
        text_u64(text, origin->connection);
    }
    text_literal(text, ".");
    text_u64(text, origin->line);
    text_literal(text, ".");
    text_hex(text, sha256, 4);
    text_literal(text, "\"");
}

/* The event, as somebody who saw the page would have sent it: the platform does it, whether by hand
   the page does not say. */
static size_t encode_act(const struct intake_origin *origin, const struct listing *listing,
                         const char *kind, const uint8_t sha256[DIGEST_BYTES],
                         char bytes[SUPPORT_BYTES_MAX + JSON_SLACK_BYTES])
{
    struct text text = text_into(bytes, SUPPORT_BYTES_MAX);
    put_id(&text, origin, kind, sha256);
    text_member_string(&text, "type", record_kind_name(RECORD_SUPPORT));
    text_key(&text, "platform");
    text_string(&text, listing->platform.at, listing->platform.len);
    text_key(&text, "listing");
    text_string(&text, listing->listing_id.at, listing->listing_id.len);
    text_member_string(&text, "kind", kind);
    text_member_string(&text, "gen", "unknown");
    text_member_string(&text, "src", "crawler");
    char time[TIME_TEXT_BYTES];
    time_text_format(listing->has_observed_at ? listing->observed_at_ns : origin->received_ns,
                     time);
    text_member_string(&text, "at", time);
    text_literal(&text, "}");
    assert(!text.overflow);
    memset(bytes + text.len, 0, JSON_SLACK_BYTES);
    return text.len;
}

/* An act that is no event after all, which none is known to be, is a dead letter as what a sender
   gets wrong is; its line stands. 0 or -EAGAIN. */
static int put_unrecorded(struct lane *lane, const struct intake_origin *origin,
                          const struct reject *reject, const char *bytes, size_t len)
{
    bool kept = false;
    int result =
        emit_reject(&lane->emit, lane_source_of(origin->user), origin, reject, bytes, len, &kept);
    if (result == 0)
        log_write(LOG_LEVEL_ERROR,
                  "support that a map saw cannot be recorded: %s; it is in the "
                  "dead letters, going on",
                  reject->detail);
    return result;
}

/* The acts of support that the page showed, where its sender may write such events. 0 or -EAGAIN:
   call again with the same listing; those that are in the queue are not put there twice. */
static int put_supports(struct lane *lane, const struct intake_origin *origin,
                        const struct listing *listing, bool if_watched)
{
    static const char prefix[] = "support.";
    uint8_t sha256[DIGEST_BYTES];
    struct derived_about about = {.sighting = RECORD_NO_SEQ};
    char bytes[SUPPORT_BYTES_MAX + JSON_SLACK_BYTES];
    const event_kinds_set kinds =
        connection_kinds(origin->user); /* a reload changes it meanwhile */

    if (listing->support == 0 || (kinds >> RECORD_SUPPORT & 1) == 0)
        return 0;
    digest_sha256(listing->line.at, listing->line.len, sha256);
    emit_about(listing, &about);
    for (enum map_key key = MAP_SUPPORT; key < MAP_SUPPORT_END; key++) {
        const unsigned act = 1u << (key - MAP_SUPPORT);
        if ((listing->support & act) == 0 || (lane->supports_put & act) != 0)
            continue;
        const char *kind = map_key_name(key) + sizeof prefix - 1;
        size_t len = encode_act(origin, listing, kind, sha256, bytes);
        struct event_request request = lane_request_of(lane, origin, bytes, len);
        request.sha256 = sha256;
        request.kinds = kinds;
        request.if_watched = if_watched ? &about : NULL;
        struct event_outcome outcome;
        int result = event_intake_line(lane->events, lane->queue, &request, &outcome);
        if (result == -EBADMSG)
            result = put_unrecorded(lane, origin, &outcome.reject, bytes, len);
        if (result < 0)
            return result;
        lane->supports_put |= act;
    }
    return 0;
}

int lane_take_match(void *context, const struct intake_origin *origin,
                    const struct listing *listing, const struct matcher_result *result)
{
    struct lane *lane = context;
    struct connection *connection = origin->user;
    const bool matched = result->class != MATCHER_CLASS_NONE; /* a failed scan is no match */
    int put = put_supports(lane, origin, listing, !matched);
    if (put == 0)
        put = emit_match(&lane->emit, lane_source_of(connection), origin, listing, result);
    if (put < 0)
        return put;
    lane->supports_put = 0;
    connection->matches += matched ? 1 : 0;
    return 0;
}

int lane_take_unmatched(void *context, const struct intake_origin *origin,
                        const struct listing *listing)
{
    struct lane *lane = context;
    int put = 0;
    if (lane->supports_put != 0 || emit_may_be_watched(&lane->emit, listing))
        put = put_supports(lane, origin, listing, true);
    if (put == 0)
        put = emit_if_watched(&lane->emit, lane_source_of(origin->user), origin, listing);
    if (put == 0)
        lane->supports_put = 0;
    return put;
}
