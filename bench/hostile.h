/*
 * Listings written against the matcher: as long, as many hits, as many near misses and as much work
 * as a line can hold.
 */
#ifndef BENCH_HOSTILE_H
#define BENCH_HOSTILE_H

#include <stddef.h>

#include "bench/names.h"

enum hostile_kind {
    HOSTILE_NEAR_MISS = 0,  /* every mark without its last letter */
    HOSTILE_LETTER,         /* 64 KiB of one letter */
    HOSTILE_MARKS,          /* as many marks as fit */
    HOSTILE_CUES,           /* thousands of cues, and one mark */
    HOSTILE_MIXED,          /* marks and cues by turns */
    HOSTILE_COMBINING,      /* long runs of combining marks */
    HOSTILE_ENTITIES,       /* every letter a character reference */
    HOSTILE_DIGITS,         /* digits and signs in the place of letters */
    HOSTILE_SPELLED,        /* letters apart */
    HOSTILE_DISGUISED_MISS, /* letters apart, every third a digit or sign, the last another */
    HOSTILE_KINDS_COUNT,
};

#define HOSTILE_BYTES_MAX (192u << 10) /* of a line with its newline */

/* What a kind is called in a row. */
const char *hostile_name(enum hostile_kind kind);

/* Writes the line of a listing, with its newline; out has HOSTILE_BYTES_MAX bytes. Returns its
   length. names has at least one name. */
size_t hostile_line(enum hostile_kind kind, const struct names *names, char *out);

#endif
