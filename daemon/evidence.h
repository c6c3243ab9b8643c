/*
 * The events of a ledger, as findings read them: decoded, cut off at --as-of and --seq-max, and
 * without those that are dated ahead of their own record (DESIGN 9.17). Lines come from the whole
 * feed, or from whoever knows which ones matter. Remembers what was left out, and what the ledger
 * itself says that it does not cover.
 */
#ifndef DAEMON_EVIDENCE_H
#define DAEMON_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/event.h"

/* An event may be dated after its record by its own uncertainty and this (domain 2.2). */
#define EVIDENCE_AHEAD_NS INT64_C(5000000000)

#define EVIDENCE_CAUSE_BYTES 24u

/* One event; dies when the callback returns. */
struct evidence_item {
    uint64_t seq;
    int64_t wall_ns; /* when it was recorded */
    const struct knowledge_event *event;
    const char *raw; /* its object, as JSON */
    size_t raw_len;
};

/* Not 0 ends the reading with that value. */
typedef int evidence_take(void *context, const struct evidence_item *item);

struct evidence_limits {
    bool has_as_of, has_seq_max;
    int64_t as_of_ns;
    uint64_t seq_max;
};

#define EVIDENCE_STOPPED "stopped" /* the cause of a gap between a stop and the next start */

/* What the record says of itself that it lacks, in a gap's record, or by a stop. */
struct evidence_gap {
    uint64_t seq;
    bool has_from, has_to;
    int64_t from_ns, to_ns;
    char cause[EVIDENCE_CAUSE_BYTES]; /* NUL-terminated, cut */
};

/* A warning among the lines: no evidence, but something to tell. */
struct evidence_warning {
    uint64_t seq, on; /* on: seq of the record that came */
};

/* An event that is held back, or a record that cannot be read as one. */
struct evidence_left {
    uint64_t seq;
    bool ahead;                 /* dated ahead; else unreadable */
    struct knowledge_text text; /* its id; else what is wrong */
    int64_t at_ns, wall_ns;     /* of one dated ahead */
};

struct evidence;

/* Makes a reader that hands events to `take`, and before that every event, also one that is held
   back or cut off, to `see` (NULL: to nobody). NULL when out of memory. */
struct evidence *evidence_open(const struct evidence_limits *limits, evidence_take *take,
                               evidence_take *see, void *context);

/* Whether an event that was recorded at wall_ns is dated ahead (domain 2.2). */
bool evidence_is_ahead(const struct knowledge_event *event, int64_t wall_ns);

/* Takes one line of the feed, without its newline, with JSON_SLACK_BYTES readable bytes behind it.
   Each line may come once, in any order, but starts and stops in theirs. 0, what `take` returned,
   -EBADMSG when it is no record, or -ENOMEM. */
int evidence_line(struct evidence *evidence, const char *line, size_t len);

/* After the last line: hands over what a review released. 0, what `take` returned, or -ENOMEM. */
int evidence_finish(struct evidence *evidence);

/* What was left out; NULL past the last one. After evidence_finish. */
const struct evidence_left *evidence_left_at(const struct evidence *evidence, size_t index);

/* The gaps among the lines; NULL past the last one. */
const struct evidence_gap *evidence_gap_at(const struct evidence *evidence, size_t index);

/* The warnings among the lines, in their order; NULL past the last one. */
const struct evidence_warning *evidence_warning_at(const struct evidence *evidence, size_t index);

/* How many lines were taken. */
uint64_t evidence_lines(const struct evidence *evidence);

/* When the last of the lines, by seq, was recorded; INT64_MIN: there was none. */
int64_t evidence_last_ns(const struct evidence *evidence);

/* Forgets all lines, to begin anew with another question. What was allocated stays. */
void evidence_begin(struct evidence *evidence);

/* Frees; NULL is fine. Returns NULL. */
struct evidence *evidence_close(struct evidence *evidence);

#endif
