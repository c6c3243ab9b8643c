/*
 * A crawler's line: JSON object -> struct listing, or the reason why not. Knows DESIGN sections 3
 * and 9.2-9.4; knows no socket, matcher or record.
 */
#ifndef DAEMON_LISTING_H
#define DAEMON_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/arena.h"
#include "daemon/json.h"
#include "daemon/reject.h"

#define LISTING_ID_BYTES_MAX  256u /* platform, listing_id, seller_id, currency, state, via */
#define LISTING_URL_BYTES_MAX 65536u
#define LISTING_MEMBERS_MAX   256u /* members of the object; more is too_deep's sibling bad_value */

/* (pointer, len) into the arena; NULL when the line has no such member or it is null. Each text is
   followed by JSON_SLACK_BYTES readable bytes. */
struct listing_text {
    const char *at;
    size_t len;
};

struct listing {
    struct listing_text platform, listing_id, title;           /* always there */
    struct listing_text seller_id, description, url, currency; /* may be missing */
    struct listing_text price; /* as written in the line: string content or number spelling */
    struct listing_text state; /* "active" unless given; active | gone */
    struct listing_text via; /* "page" unless given; page | api | platform | cache | search_index */
    bool has_observed_at;
    int64_t observed_at_ns;          /* UTC */
    struct listing_text observed_at; /* as written */
    bool surrogate;                  /* a lone surrogate was replaced by U+FFFD (DESIGN 9.4) */
    struct listing_text line;        /* the line as received, without its newline */
};

/* Decodes one line. bytes are followed by JSON_SLACK_BYTES readable bytes and are copied, with
   every text kept, into the arena. REJECT_NONE and *ret_listing, or the code with *reterr_reject.
   The rules, each with its own reason (DESIGN 3, 9.2, 9.4, 9.7): not one JSON object bad_json,
   bad_utf8, too_deep; an array or scalar: bad_type platform, listing_id, title    missing_field;
   null or not a string: bad_type seller_id, description, url, currency, state, via, observed_at,
   type: null counts as missing, another type than string: bad_type price string or number: else
   bad_type a key that we read twice       dup_key empty or too long ids, '/' in platform, NUL in an
   id, unknown state or via: bad_value observed_at                    RFC 3339 with offset: else
   bad_time type                           any string but "sighting": not_allowed here The arena
   must have room for LISTING_ARENA_BYTES_MAX. */
enum reject_code listing_decode(struct json_parser *parser, const char *bytes, size_t len,
                                struct arena *arena, struct listing *ret_listing,
                                struct reject *reterr_reject);

#define LISTING_ARENA_BYTES_MAX (2u * JSON_BYTES_MAX + 4096u)

#endif
