/*
 * Where the valid feed ends, and whether what follows was torn by a crash or damaged: fed with the
 * bytes of the segments, pure. The rules stand at the top of recover.c.
 */
#ifndef LEDGER_RECOVER_H
#define LEDGER_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ledger/record.h"

enum recover_fault {
    RECOVER_FAULT_NONE = 0,
    RECOVER_FAULT_NO_NEWLINE, /* the last line has no end */
    RECOVER_FAULT_TOO_LONG,   /* no newline within RECORD_LINE_BYTES_MAX */
    RECOVER_FAULT_NO_RECORD,  /* not a line of the format */
    RECOVER_FAULT_SEQ,        /* a record, but not the one whose turn it is */
    RECOVER_FAULT_RUN,        /* a record that the run before it cannot have written */
    RECOVER_FAULT_ACROSS,     /* a record that begins before deep_from and ends behind it */
    RECOVER_FAULT_PARTS,      /* the first part of an event whose last one is not there */
};

/* How far one segment is valid. */
struct recover_valid {
    uint64_t next_seq;       /* of the record after the last valid line */
    uint64_t end;            /* of the last valid line, in bytes of the segment */
    uint64_t lines;          /* valid ones */
    struct record_head last; /* of the last valid line, when lines > 0 */
    enum record_kind last_kind;
};

struct recover {
    struct recover_valid valid;
    uint64_t deep_from;
    enum recover_fault fault;    /* of the line at end */
    bool in_event;               /* parts of an event were taken, its last one was not */
    struct recover_valid before; /* the first of them */
};

enum recover_verdict {
    RECOVER_WHOLE = 0,   /* every byte is a valid line */
    RECOVER_TORN = 1,    /* the bytes from end on were never durable: set them aside */
    RECOVER_DAMAGED = 2, /* durable bytes are gone or changed: refuse */
};

/* Starts a segment whose name says that it begins with seq first. Lines that end past deep_from are
   checked to be JSON throughout; before it, durable and checked once, only their heads are. No line
   may stand across it. */
struct recover recover_begin(uint64_t first, uint64_t deep_from);

/* Takes the segment's next bytes: those of *recover's end on. Returns how many of them are whole
   valid lines; the rest is to be handed in again with more bytes behind it. Stops at the first
   fault. A caller always hands in at least RECORD_LINE_BYTES_MAX bytes unless the segment ends
   before. */
size_t recover_lines(struct recover *recover, const char *bytes, size_t len);

/* Says that the segment is over, or that nothing is to follow a fault; left bytes were not taken.
   An event without its last part is no longer valid then (DESIGN 9.14: all of them or none). */
void recover_finish(struct recover *recover, size_t left);

/* What the bytes past the valid end are. segment_bytes is the segment's size, durable_end its
   durable end as far as is known (0: not known), batch_bytes_max how much can have been in flight.
 */
enum recover_verdict recover_verdict(const struct recover *recover, uint64_t segment_bytes,
                                     uint64_t durable_end, uint64_t batch_bytes_max);

/* The head of the last line of a finished segment: bytes are its last ones. 0, -EBADMSG when they
   do not end with a valid line. */
int recover_last_line(const char *bytes, size_t len, struct record_head *ret_head,
                      enum record_kind *ret_kind);

/* What a fault is, for an error message; static. */
const char *recover_fault_text(enum recover_fault fault);

#endif
