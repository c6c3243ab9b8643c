/*
 * One line on a terminal that says how far the work is. Nothing at all where stderr is no terminal.
 */
#ifndef DAEMON_CTL_PROGRESS_H
#define DAEMON_CTL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/stopwatch.h"

#define PROGRESS_DRAW_MS 100u /* at most one drawing in this time */

/* What is shown. bytes_total 0: not known, then there is no bar and no ETA. */
struct progress_state {
    uint64_t bytes, bytes_total, lines, matches, rejected;
};

struct progress {
    bool on;
    struct stopwatch stopwatch;
    uint64_t drawn_ms;
    size_t drawn_columns; /* what must be wiped */
};

/* Starts the time; draws only if stderr is a terminal. */
struct progress progress_start(void);

/* Draws, if it is time for it. Cheap to call often, not for each line. */
void progress_draw(struct progress *progress, const struct progress_state *state);

/* Wipes the line, so that a message can be printed; the next progress_draw draws at once. */
void progress_wipe(struct progress *progress);

/* Wipes, stops the time and returns it in milliseconds. */
uint64_t progress_end(struct progress *progress);

/* The line as text of at most `columns`, for progress_draw and its test. Returns its length, which,
   like the place of everything in it, depends on `columns` and on whether there is a total only. */
size_t progress_format(const struct progress_state *state, uint64_t ms, char *out, size_t columns);

#define PROGRESS_GROUPED_BYTES 28u

/* 1234567 as "1,234,567". */
void progress_grouped(uint64_t number, char ret_text[PROGRESS_GROUPED_BYTES]);

#endif
