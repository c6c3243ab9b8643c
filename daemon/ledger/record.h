/*
 * One record <-> one line. The format of the feed, its version and its invariants stand at the top
 * of record.c. Pure: times come as arguments.
 */
#ifndef LEDGER_RECORD_H
#define LEDGER_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/kinds.h"

#define RECORD_VERSION        1u
#define RECORD_LINE_BYTES_MAX 16384u /* with its newline */
#define RECORD_HEAD_BYTES_MAX 256u   /* room that the common fields may take */
#define RECORD_BODY_BYTES_MAX (RECORD_LINE_BYTES_MAX - RECORD_HEAD_BYTES_MAX)
#define RECORD_NO_SEQ         UINT64_MAX /* clk before the first clock record: written as null */

enum record_kind {
#define KIND(symbol, name, meaning) RECORD_##symbol,
    LEDGER_KINDS(KIND)
#undef KIND
        RECORD_KINDS_COUNT
};

/* What only the ledger's writer knows, put into the body where the marks stand. */
enum record_hole_kind {
    RECORD_HOLE_ID = 0,       /* <run>.<seq> of this record */
    RECORD_HOLE_PREVIOUS = 1, /* head.previous: the match names the sighting that it belongs to */
    RECORD_HOLE_TIME = 2,     /* this record's t */
    RECORD_HOLE_SEQ = 3,      /* this record's seq */
};

#define RECORD_HOLES_MAX 3u

struct record_hole {
    uint16_t at; /* offset in the body at which the text is inserted; ascending */
    uint16_t kind;
};

/* A record before it has a number: kind and its own members, as `,"source":"a",...}` ready to
   follow the common fields. */
struct record_draft {
    enum record_kind kind;
    const char *body;
    size_t len; /* <= RECORD_BODY_BYTES_MAX minus what the holes may take (64 each) */
    struct record_hole holes[RECORD_HOLES_MAX];
    size_t holes_count;
};

/* The common fields. */
struct record_head {
    uint64_t seq, clk, run; /* clk may be RECORD_NO_SEQ */
    uint64_t previous; /* seq of the record before it from the same queue; for holes, not written by
                          itself and not set by record_decode_head */
    int64_t wall_ns;
    uint64_t boot_ns;
};

/* Writes the line with its newline. Returns its length; 0 when it does not fit (our bug or a body
   over the limit; nothing may be appended then). */
size_t record_encode(const struct record_head *head, const struct record_draft *draft, void *out,
                     size_t room);

/* The common fields of one line (without newline). 0; -EBADMSG when it is not a line of this
   format: wrong version, order or spelling, a raw control or non-ASCII byte, or no closing brace.
   Only what record_encode writes is accepted. The kind may be one that this build does not know:
   then *ret_kind is RECORD_KINDS_COUNT. */
int record_decode_head(const char *line, size_t len, struct record_head *ret_head,
                       enum record_kind *ret_kind);

/* The kind's name on the line; static. kind is below RECORD_KINDS_COUNT. */
const char *record_kind_name(enum record_kind kind);

/* The kind of this name; RECORD_KINDS_COUNT when there is none. */
enum record_kind record_kind_find(const char *name, size_t len);

#endif
