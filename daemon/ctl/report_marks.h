/*
 * What the drawing of a report shows, gathered: marks in lanes, red periods, what was crawled.
 * Knows no SVG.
 */
#ifndef DAEMON_CTL_REPORT_MARKS_H
#define DAEMON_CTL_REPORT_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/asking.h"
#include "daemon/ctl/rows.h"

#define REPORT_PLATFORMS_MAX 6u /* drawn; of further ones only that there are more */

enum report_lane {
    REPORT_NOTICES = 0,
    REPORT_SIGHTINGS,
    REPORT_REMOVALS,
    REPORT_SUPPORT,
    REPORT_ORDERS,
    REPORT_STRIKES,
    REPORT_WARNINGS,
    REPORT_CRAWLED, /* has no marks, but spans */
    REPORT_LANES_COUNT,
};

enum report_look {
    REPORT_FULL = 0,
    REPORT_HOLLOW, /* gone, put back, a counter-notice, a strike in doubt */
    REPORT_PALE,   /* what no finding rests on: a cached page, a draft, mere infrastructure */
};

struct report_mark {
    enum report_lane lane;
    enum report_look look;
    int64_t at_ns, unc_ns;
    uint64_t seq; /* UINT64_MAX: a notice became a strike */
};

/* A listing stayed active after notice and grace time (struct knowledge_persisted). */
struct report_red {
    int64_t from_ns, to_ns;
    uint64_t seq; /* of its last live sighting */
};

/* A record says that the crawl of a platform is complete. */
struct report_span {
    size_t platform; /* in platforms */
    int64_t from_ns, to_ns;
    uint64_t seq;
};

struct report_marks {
    struct asking *asking; /* borrowed, and rows */
    const struct rows *rows;
    struct report_mark *at;
    size_t count, room;
    struct report_red *reds;
    size_t reds_count, reds_room;
    struct report_span *spans;
    size_t spans_count, spans_room;
    char *platforms[REPORT_PLATFORMS_MAX]; /* that the rows name; NUL-terminated */
    size_t platforms_count;
    bool more_platforms;
};

/* Gathers from the rows of the question and from its set. 0 or -ENOMEM; report_marks_close is fine
   after either. */
int report_marks_gather(struct report_marks *ret_marks, struct asking *asking,
                        const struct rows *rows);

/* Frees what it holds. */
void report_marks_close(struct report_marks *marks);

#endif
