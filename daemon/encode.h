/*
 * What was found, as JSON members: the one spelling of hits and sightings, in the feed and in the
 * output of `noticectl scan`.
 */
#ifndef DAEMON_ENCODE_H
#define DAEMON_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/intake.h"
#include "daemon/ledger/record.h"
#include "daemon/ledger/text.h"

/* What stands beside a listing in its records. */
struct encode_context {
    const struct matcher_db *db;
    uint64_t ruleset_seq;   /* of the ruleset record in force */
    const char *source;     /* name from the hello, or the listener's */
    size_t source_len;
    uint32_t unc_ms;        /* of observed_at (DESIGN 9.17) */
};

/* "class":"…","hits":[…] and, when some were left out, "more":N: hits until room runs short. */
void encode_hits(struct text *text, const struct matcher_db *db, const struct matcher_result *result);

/* The sighting record of a listing. body has RECORD_BODY_BYTES_MAX bytes and must outlive the draft. */
void encode_sighting(const struct encode_context *context, const struct intake_origin *origin,
                     const struct listing *listing, char *body, struct record_draft *ret_draft);

/* The match record that follows it. */
void encode_match(const struct encode_context *context, const struct intake_origin *origin,
                  const struct listing *listing, const struct matcher_result *result, char *body,
                  struct record_draft *ret_draft);

#endif
