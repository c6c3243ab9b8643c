/*
 * From an accepted event to its records' bodies: one, or parts when it is long (DESIGN 9.1, 9.14).
 * Which members they have, and in which order, is in the README. Knows no queue.
 */
#ifndef DAEMON_EVENT_RECORD_H
#define DAEMON_EVENT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/digest.h"
#include "daemon/event_text.h"
#include "daemon/ledger/record.h"
#include "daemon/ledger/text.h"
#include "daemon/reject.h"

#define EVENT_PARTS_MAX        128u
#define EVENT_BODIES_BYTES_MAX (896u << 10) /* of all parts: they go into one batch */
#define EVENT_ORIGIN_BYTES_MAX 1024u
#define EVENT_SOURCE_BYTES_MAX 64u

/* Who sent a line, as the kernel says. */
struct event_peer {
    bool known; /* of a unix socket */
    uid_t uid;
    gid_t gid;
};

/* What stands beside the event. */
struct event_origin {
    const char *source;
    size_t source_len; /* <= EVENT_SOURCE_BYTES_MAX */
    uint64_t connection, line;
    uint8_t sha256[DIGEST_BYTES]; /* of the line as received */
    struct event_peer peer;
    bool may_part;   /* its kind may come in parts */
    bool add_at;     /* it has no `at`: the record's t is put there */
    bool add_unc_ms; /* it has no unc_ms: this is put there */
    uint32_t unc_ms;
};

/* How it is divided; made by event_record_plan, for the same text and origin. */
struct event_plan {
    size_t count, bytes;          /* of records; of their bodies together, at most */
    size_t from[EVENT_PARTS_MAX]; /* where the slice of listings begins in the text, per part */
    size_t end;                   /* where the last one ends */
    size_t prefix_len;
    char prefix[EVENT_ORIGIN_BYTES_MAX]; /* up to the event's brace */
};

/* REJECT_NONE; or REJECT_TOO_LONG: it fits neither into a record nor into parts. */
enum reject_code event_record_plan(const struct event_text *text, const struct event_origin *origin,
                                   struct event_plan *ret_plan, struct reject *reterr_reject);

/* Writes body number index (from 0) to out, which has RECORD_BODY_BYTES_MAX bytes, as a draft
   without its kind. */
void event_record_encode(const struct event_text *text, const struct event_origin *origin,
                         const struct event_plan *plan, size_t index, char *out,
                         struct record_draft *ret_draft);

/* Writes the members that stand first in a record of an event or a refusal: source, conn, line,
   sha256, and the peer's ids where they are known. At most EVENT_ORIGIN_BYTES_MAX less 512. */
void event_record_origin(struct text *text, const struct event_origin *origin);

#endif
