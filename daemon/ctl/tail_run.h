/*
 * What tail does once its command line is understood: prints records, and goes on with what is
 * written from then on. Reads files alone: no daemon waits for it.
 */
#ifndef DAEMON_CTL_TAIL_RUN_H
#define DAEMON_CTL_TAIL_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/ctl/cursor.h"
#include "daemon/ctl/filter.h"
#include "daemon/ctl/forms.h"
#include "daemon/ctl/term.h"

/* All borrowed. */
struct tail_order {
    const char *ledger;
    bool follow;
    bool has_lines, all; /* of lines: whether -n was given, and whether it was "all" */
    uint64_t lines;
    bool has_until; /* the filter has the time */
    bool has_since;
    int64_t since_ns;
    bool has_cursor, cursor_at; /* whether one was given, and whether its record is shown too */
    struct cursor cursor;
    const char *cursor_file; /* NULL: none */
    bool show_cursor, checkpointed;
    enum form form;
    enum term_colour_choice colour;
    struct filter *filter;
};

/* Prints to standard output. CTL_OK, or CTL_USAGE after printing why. With a cursor to keep, a
   signal that would end the process does so once the cursor is kept. */
int tail_run(const struct tail_order *order);

#endif
