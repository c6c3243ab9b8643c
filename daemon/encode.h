/*
 * What was found, as JSON members: the one spelling of hits and sightings, in the feed and in the
 * output of `noticectl scan`.
 */
#ifndef DAEMON_ENCODE_H
#define DAEMON_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/digest.h"
#include "daemon/intake.h"
#include "daemon/ledger/record.h"
#include "daemon/ledger/text.h"

/* What stands beside a listing in its records. */
struct encode_context {
    const struct matcher_db *db;
    uint64_t ruleset_seq;          /* of the ruleset record in force */
    const uint8_t *ruleset_sha256; /* its 32 bytes */
    const char *source;            /* name from the hello, or the listener's */
    size_t source_len;
    const char *session; /* from the hello */
    size_t session_len;  /* 0: none */
    uint32_t unc_ms;     /* of observed_at (DESIGN 9.17) */
    bool blob_kept;      /* the line's bytes go with the record */
};

/* ,"class":"…","hits":[{mark,rule,field,from,to,stage,text,…}],"n_hits":N and, when some did not
   fit or were over the cap, "more":N. Leaves ENCODE_TAIL_BYTES of room for what the caller adds. */
void encode_hits(struct text *text, const struct matcher_db *db, const struct listing *listing,
                 const struct matcher_result *result);

#define ENCODE_TAIL_BYTES    64u
#define ENCODE_EXCERPT_BYTES 128u /* of a hit's raw text; a longer one ends in "cut":true */
#define ENCODE_TITLE_BYTES   256u /* of the title in a match record */
#define ENCODE_URL_BYTES     768u /* of the url in a sighting record */

/* The names in records: "counterfeit", "plain", ... */
const char *encode_class_name(enum matcher_class class);
const char *encode_stage_name(enum matcher_stage stage);
const char *encode_outcome_name(enum matcher_outcome outcome);
const char *encode_context_name(enum matcher_context context);

/* The sighting record of a listing, whose line has this SHA-256. body has RECORD_BODY_BYTES_MAX
   bytes and must outlive the draft. */
void encode_sighting(const struct encode_context *context, const struct intake_origin *origin,
                     const struct listing *listing, const uint8_t blob[DIGEST_BYTES], char *body,
                     struct record_draft *ret_draft);

/* The derived listing event: which merchant the listing belongs to (DESIGN 9.2). Only for one with
   a seller_id. */
void encode_listing(const struct encode_context *context, const struct intake_origin *origin,
                    const struct listing *listing, char *body, struct record_draft *ret_draft);

/* The match record that follows it. */
void encode_match(const struct encode_context *context, const struct intake_origin *origin,
                  const struct listing *listing, const struct matcher_result *result, char *body,
                  struct record_draft *ret_draft);

#endif
