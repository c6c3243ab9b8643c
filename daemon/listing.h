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

#define LISTING_ID_BYTES_MAX      256u /* platform, listing_id, seller_id */
#define LISTING_WORD_BYTES_MAX    64u  /* price, currency */
#define LISTING_CAPTURE_BYTES_MAX 96u  /* capture_id, capture_digest */
#define LISTING_URL_BYTES_MAX     65536u
#define LISTING_MEMBERS_MAX       256u /* members of the object */

/* What a map (map.h) writes beside the line: a description of several strings, hosts, a time. */
#define LISTING_MAPPED_BYTES_MAX (JSON_BYTES_MAX + 8192u)

/* What the arena must have room for; a line takes as much as it and its strings are. */
#define LISTING_ARENA_BYTES_MAX (JSON_ROOM_BYTES(JSON_BYTES_MAX) + LISTING_MAPPED_BYTES_MAX)

/* (pointer, len) into the arena (or a constant, for a default); NULL when the line has no such
   member or it is null. Each text is followed by JSON_SLACK_BYTES readable bytes. */
struct listing_text {
    const char *at;
    size_t len;
};

struct listing {
    struct listing_text platform, listing_id, title;           /* always there */
    struct listing_text seller_id, description, url, currency; /* may be missing */
    struct listing_text price; /* as written in the line: string content or number spelling */
    struct listing_text state; /* active | gone; when not given, "gone" for a status that says so */
    struct listing_text status; /* HTTP status, three digits; may be missing */
    struct listing_text via; /* "page" unless given; page | api | platform | cache | search_index */
    bool has_observed_at;
    int64_t observed_at_ns;           /* UTC */
    struct listing_text observed_at;  /* as written */
    bool surrogate;                   /* a lone surrogate was replaced by U+FFFD (DESIGN 9.4) */
    struct listing_text line;         /* the line as received, without its newline */
    const struct listing_text *parts; /* of a mapped description, with its newlines between them; in
                                         the arena */
    size_t parts_count;               /* <= MAP_PARTS_MAX; 0: it is one text, or none */
    struct listing_text capture_id, capture_digest; /* of what the line was made of, as a map says:
                                                       printable ASCII; may be missing */
    unsigned support; /* bit k: a map saw act of support MAP_SUPPORT + k on the page */
};

struct map;

/* Decodes one line. bytes are followed by JSON_SLACK_BYTES readable bytes and are copied, with
   every text kept, into the arena, which must have room for LISTING_ARENA_BYTES_MAX. REJECT_NONE
   and *ret_listing, or the code with *reterr_reject; then nothing is taken from the arena. A line
   with several faults is rejected for the first that holds in this order (DESIGN 3, 9.2-9.4, 9.7):

   - 1. too_long, bad_utf8, bad_json or too_deep: no JSON text. "line: a string is not closed"
   - 2. bad_type: no object. "line: is an array, must be an object"
   - 3. bad_value: too many members. "line: has 300 members, at most 256 are allowed"
   - 4. dup_key: a member read here is there twice, however its key is escaped, and whatever its
     values are. "title: is there twice"
   - 5. not_allowed, which nothing else is: the line is an event, type being a string other than
     "sighting", or that without a listing_id; bad_type: type is no string.
   - 6. field by field, in the order platform, listing_id, title, seller_id, description, url,
     currency, price, state, via, status, observed_at:
   - missing_field: platform, listing_id or title is not there. "title: missing"
   - bad_type: one of these three is null, or any is no string (price, status: no string or number).
   - bad_value: platform or listing_id is empty; '/' in platform; anything but title and description
     is too long or holds a NUL; state or via is not one of the known; status is none of HTTP, or
     neither 2xx, 404 nor 410 without a state beside it, or 404 or 410 beside state "active".
   - bad_time: observed_at is not RFC 3339 with an offset.

   In all but the first three, null counts as not there, and so does an empty seller_id,
   description, url, currency, price or status. Other members, nested ones too, are ignored. */
enum reject_code listing_decode(struct json_parser *parser, const char *bytes, size_t len,
                                struct arena *arena, struct listing *ret_listing,
                                struct reject *reterr_reject);

/* The same for a line of any shape, of which the map says what is which field. Its texts are
   strings of the line, numbers as written there, texts of the map, hosts, times written as RFC
   3339, or strings with newlines between them. type is a member like others. Of the faults above
   1, 2 (unless the map looks for objects elsewhere) and 6 hold, with these differences:

   - dup_key: of the members that the map looks at, one is in its object twice.
   - missing_field, bad_value: none of the objects in the line is the map's, or several are; it has
     more members than are looked at.
   - missing_field: platform, listing_id or title: "title: missing: map shop finds nothing at /name"
   - bad_type of these three: what is there is neither a string nor a number. A field that may be
     missing is then not there.
   - too_long: title and description together are longer than a line may be. */
enum reject_code listing_decode_mapped(struct json_parser *parser, const struct map *map,
                                       const char *bytes, size_t len, struct arena *arena,
                                       struct listing *ret_listing, struct reject *reterr_reject);

#endif
