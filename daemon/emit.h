/*
 * What a lane decided, into its queue: sighting and match records, dead letters. Knows the writer's
 * entry forms; knows no connection.
 */
#ifndef DAEMON_EMIT_H
#define DAEMON_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/encode.h"
#include "daemon/intake.h"
#include "daemon/ledger/pack.h"
#include "daemon/ruleset.h"
#include "daemon/watched_filter.h"
#include "daemon/writer.h"

/* How long a line may be whose bytes are kept; 0: they are not. */
struct emit_keep {
    size_t matched_max, unmatched_max; /* PACK_BLOB_BYTES_MAX at most */
};

struct emit {
    struct queue *queue;
    struct writer *writer;
    unsigned queue_index;          /* of the writer's: that is queue */
    const struct ruleset *ruleset; /* in force */
    const struct watched_filter *watched;
    struct emit_keep keep;
    uint32_t unc_ms; /* of times that crawlers give (knowledge-domain 2.2) */
    unsigned put;    /* records of the pending listing that are in the queue already */
};

/* Names that stand in records: of a hello, or of the listener. */
struct emit_source {
    const char *name;
    size_t len;
    const char *session; /* of a hello */
    size_t session_len;  /* 0: none, and its lines may come twice */
};

/* Puts a listing's merchant, sighting and match into the queue; the writer leaves out what is on
   record already. 0, or -EAGAIN when the queue is full: call again with the same listing. The
   caller publishes the queue. */
int emit_match(struct emit *emit, struct emit_source source, const struct intake_origin *origin,
               const struct listing *listing, const struct matcher_result *result);

/* As emit_match for a listing that matched nothing, if it may be watched, or its merchant; the
   writer knows for certain. Costs two look-ups when it is not. */
int emit_if_watched(struct emit *emit, struct emit_source source,
                    const struct intake_origin *origin, const struct listing *listing);

/* Whether a listing, or its merchant, may be watched; and what the writer is to ask for to know. */
bool emit_may_be_watched(const struct emit *emit, const struct listing *listing);
void emit_about(const struct listing *listing, struct derived_about *ret_about);

/* Puts a dead letter into the queue; bytes are the line's first ones, cut at what is kept.
 *ret_kept says whether there was room for its bytes (DESIGN 9.7). 0 or -EAGAIN. */
int emit_reject(struct emit *emit, struct emit_source source, const struct intake_origin *origin,
                const struct reject *reject, const char *bytes, size_t len, bool *ret_kept);

/* Puts any record of the caller's own into a queue. body is `,"a":1}` and holds no hole. 0 or
 * -EAGAIN. */
int emit_record(struct queue *queue, enum record_kind kind, const char *body, size_t len);

/* The same for a hold or an erase, which the writer may refuse: its answer 0 of the queue says. */
int emit_custody(struct queue *queue, enum record_kind kind, const char *body, size_t len);

#endif
