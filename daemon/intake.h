/*
 * One line's way from bytes to records: decode, fold, scan in batches, evaluate, hand over; events
 * are handed on as they are, in their place among the listings. The
 * same code serves a lane of the daemon, `noticectl scan` and the bench; only the sink differs.
 */
#ifndef DAEMON_INTAKE_H
#define DAEMON_INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/listing.h"
#include "daemon/reject.h"
#include "matcher/matcher.h"

/* Fields of a listing as the matcher sees them: indices of matcher_span.field. */
enum intake_field {
    INTAKE_FIELD_TITLE = 0,
    INTAKE_FIELD_DESCRIPTION = 1, /* of a mapped one its first part; the others follow */
};

/* Where a line came from, as the caller numbers it. */
struct intake_origin {
    uint64_t connection;
    uint64_t line;   /* from 1 (DESIGN 9.5) */
    uint64_t offset; /* of its first byte */
    uint64_t line_bytes;
    void *user;            /* the caller's own; not touched */
    const struct map *map; /* the line is mapped, and is no event; NULL: it is not */
    bool events_only; /* a line without type is not_allowed: this sender may not send listings */
    bool has_received;
    int64_t received_ns; /* wall time, UTC: what rules with days take of a listing that does not say
                            when it was observed */
};

struct intake_sink {
    /* A listing with a match, or one whose scan failed. 0, or -EAGAIN: the same call comes again
       from the next intake_flush. The listing and result are borrowed for the call. */
    int (*matched)(void *context, const struct intake_origin *origin, const struct listing *listing,
                   const struct matcher_result *result);
    /* A listing that was examined to its end and holds nothing; may be NULL. As matched. */
    int (*unmatched)(void *context, const struct intake_origin *origin,
                     const struct listing *listing);
    /* A line that was not accepted; bytes are its first len bytes. Called from within intake_line,
       ahead of listings that are still pending. 0, or -EAGAIN: the line is not taken. */
    int (*rejected)(void *context, const struct intake_origin *origin, const struct reject *reject,
                    const char *bytes, size_t len);
    /* A line with a type, once everything before it is decided. 0: accepted; -EAGAIN: the line is
       not taken; -EBADMSG: it is not accepted, *reterr_reject says why, and `rejected` is called
       next; if that takes nothing, both come again with the same line. NULL: no events are taken
       here. */
    int (*event)(void *context, const struct intake_origin *origin, const char *bytes, size_t len,
                 struct reject *reterr_reject);
};

struct intake_counts {
    uint64_t lines, blank, accepted, events, rejected, matched, failed_scans, cut_scans, surrogates;
    uint64_t bytes;
    uint64_t by_class[4];
    uint64_t by_reject[REJECT_CODES_COUNT];
};

struct intake;

/* Makes an intake with its own parser, arena and matcher, without a database. 0 or -ENOMEM. */
int intake_open(const struct intake_sink *sink, void *context, struct intake **ret_intake);

/* Uses this database from now on; only when nothing is pending. 0 or -ENOMEM. */
int intake_use(struct intake *intake, struct matcher_db *db);
bool intake_pending(const struct intake *intake);

/* Takes one line, followed by JSON_SLACK_BYTES readable bytes; copies what it keeps. Blank lines
   are counted and nothing else; a rejected line goes to the sink at once. 0: taken; it is decided
   when intake_flush has returned 0. -EAGAIN: not taken, call again later (the sink is full). */
int intake_line(struct intake *intake, const struct intake_origin *origin, const char *bytes,
                size_t len);

/* As intake_line for a line that the framing already refused (too long). */
int intake_refuse(struct intake *intake, const struct intake_origin *origin,
                  const struct reject *reject, const char *bytes, size_t len);

/* Decides all lines taken so far, in order. 0, or -EAGAIN when the sink is full; call again. */
int intake_flush(struct intake *intake);

/* Counts since intake_open; and the most memory it holds with the database in use, for the bound
   printed at start. */
struct intake_counts intake_counts(const struct intake *intake);
size_t intake_bytes(const struct intake *intake);

/* Frees; what is pending is dropped undecided. NULL is fine. Returns NULL. */
struct intake *intake_close(struct intake *intake);

/* Whether a line holds nothing but spaces, tabs and carriage returns: it is ignored (DESIGN 3). */
bool intake_is_blank(const char *bytes, size_t len);

#endif
