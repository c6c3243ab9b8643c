/*
 * The Range header of /entries, as systemd-journal-gatewayd has it:
 * entries=[CURSOR][[:SKIP]:COUNT]. Pure.
 */
#ifndef DAEMON_WEB_RANGE_H
#define DAEMON_WEB_RANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/cursor.h"

#define RANGE_NUMBER_MAX 1000000u

struct range {
    bool has_cursor; /* the record at the cursor is the first, before SKIP */
    struct cursor cursor;
    uint64_t skip;  /* records that pass and are left out at the beginning */
    uint64_t back;  /* or: begin so many records that pass before the end; without a cursor only */
    uint64_t count; /* at most so many; UINT64_MAX: all */
};

/* Reads exactly len bytes. 0; -ENOTSUP: another unit than entries; -EINVAL: not such a range;
   -ERANGE: a number past RANGE_NUMBER_MAX, or SKIP below 0 beside a cursor. */
int range_parse(const char *text, size_t len, struct range *ret_range);

#endif
