/*
 * The rows that top shows, made of a status and of the records. Pure: knows no terminal.
 */
#ifndef DAEMON_CTL_TOP_FRAME_H
#define DAEMON_CTL_TOP_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/term.h"
#include "daemon/ctl/top_feed.h"
#include "daemon/json.h"

#define TOP_ROWS_MAX  100u
#define TOP_ROW_BYTES 1024u

struct top_row {
    enum term_style style;
    char text[TOP_ROW_BYTES]; /* safe to print, UTF-8, at most the frame's columns wide */
};

struct top_frame {
    size_t columns, rows_max; /* rows_max <= TOP_ROWS_MAX */
    size_t count;
    struct top_row rows[TOP_ROWS_MAX];
};

/* Counters of which top shows the rate. */
struct top_counts {
    uint64_t lines, bytes, matches, rejected, records;
};

/* What a frame is made of. */
struct top_view {
    const struct json_value *status; /* NULL: noticed does not answer */
    const char *said;                /* why not, or why the feed is not read; NULL: nothing */
    const struct top_feed *feed;
    struct top_counts before; /* as of interval_ms ago */
    uint64_t interval_ms;     /* 0: there is no before */
};

/* The counters of a status. */
struct top_counts top_counts_of(const struct json_value *status);

/* Makes the rows. frame->columns and rows_max say how much there is room for. */
void top_frame_make(struct top_frame *frame, const struct top_view *view);

#endif
