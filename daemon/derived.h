/*
 * What the ledger's writer remembers of the records: which lines and events have one already
 * (dedupe.h), what is watched (watched.h), and which blobs are held or erased (custody.h). All are
 * functions of the records in their order, and of their bounds: after a restart they come from a
 * snapshot and the records behind it, or from all records, and are the same to the byte. Knows the
 * members of records; knows no file or thread.
 */
#ifndef DAEMON_DERIVED_H
#define DAEMON_DERIVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/custody.h"
#include "daemon/dedupe.h"
#include "daemon/json.h"
#include "daemon/ledger/record.h"
#include "daemon/notice_platforms.h"
#include "daemon/watched.h"

struct derived_bounds {
    size_t dedupe_max;  /* entries of the window (dedupe.window) */
    size_t watched_max; /* entries of the set (watch.max) */
};

/* What a record is about, as far as it matters here. All zero: nothing. */
struct derived_about {
    struct fingerprint name;               /* of the line or event; none: it may come twice */
    struct watched_name listing, merchant; /* hash 0: none */
    uint64_t sighting;                     /* of a match: seq of its sighting */
    bool matched;                          /* of a match: its class is not "none" */
};

/* What is to become of a draft. */
enum derived_verdict {
    DERIVED_RECORD = 0,
    DERIVED_DUPLICATE = 1, /* it has its record: *ret_seq */
    DERIVED_UNWATCHED = 2, /* it matched nothing, and is not watched after all */
    DERIVED_KNOWN = 3,     /* a listing whose merchant is on record */
};

struct derived_counts {
    uint64_t duplicates, unwatched; /* drafts of this run that got no record */
    struct watched_counts watched;
};

struct derived_scratch;

struct derived {
    struct derived_bounds bounds;
    struct dedupe *dedupe;
    struct watched *watched;
    struct custody *custody;
    struct notice_platforms *notices;
    struct json_parser *parser;
    struct derived_scratch *scratch;
    uint64_t duplicates, unwatched;
    uint64_t changes; /* records that may have changed it, since it was opened */
};

/* Opens all empty. 0 or -ENOMEM. */
int derived_open(const struct derived_bounds *bounds, struct derived *ret_derived);

/* A draft about this will be judged soon: begins to fetch what that takes. */
void derived_expect(const struct derived *derived, const struct derived_about *about);

/* Judges a draft before it is appended: a sighting, the derived listing before it, its match, or an
   event. if_watched: it matched nothing. Counts what is not to be recorded, listings apart. */
enum derived_verdict derived_judge(struct derived *derived, enum record_kind kind, bool if_watched,
                                   const struct derived_about *about, uint64_t *ret_seq);

/* Whether an event of this name has its record, or all its parts: *ret_seq, of the first. Then it
   is counted. */
bool derived_knows(struct derived *derived, const struct fingerprint *name, uint64_t *ret_seq);

/* Takes a record that was appended. about: what its draft said; NULL: it is read from the line,
   which is one of the ledger, without its newline. 0; -EBADMSG: no line that the writer writes. */
int derived_take(struct derived *derived, enum record_kind kind, uint64_t seq,
                 const struct derived_about *about, const char *line, size_t len);

/* What was not recorded since derived_open, and what is held now. */
struct derived_counts derived_counts(const struct derived *derived);

/* Frees; lanes are gone. One that is all zero is fine. */
void derived_close(struct derived *derived);

/* What a crawler's listing is about: name apart. Texts may be up to FINGERPRINT_PART_BYTES_MAX
   long; seller.at NULL: none. */
void derived_about_listing(struct derived_about *about, struct fingerprint_part platform,
                           struct fingerprint_part listing, struct fingerprint_part seller);

#endif
