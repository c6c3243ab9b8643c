/*
 * What reporters.c collects and reporters_print.c prints: counts of each reporter's notices, times
 * to removal, and how often reviewers found the matcher wrong. No merchant has a score here.
 */
#ifndef DAEMON_CTL_REPORTERS_H
#define DAEMON_CTL_REPORTERS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/asking.h"

#define REPORTERS_NAME_BYTES 128u

struct reporter {
    char name[REPORTERS_NAME_BYTES]; /* cut; "" when notices do not say */
    uint64_t notices, upheld, rejected, countered, counters_accepted, withdrawn;
    uint64_t noticed;      /* listings of which the platform was put on notice */
    uint64_t beyond_grace; /* of these, removed only after the grace time */
    int64_t *removed_ns;   /* from notice to removal, sorted */
    size_t removed, removed_room;
};

/* Reviews of matches: all, or of one mark or context. */
struct reviewed {
    char what[16]; /* "all", "mark", "context" */
    char name[REPORTERS_NAME_BYTES];
    uint64_t confirmed, false_match, unsure;
};

struct reporters {
    struct asking asking;
    struct reporter *reporters; /* by name */
    size_t count, room;
    struct reviewed *reviewed; /* "all" first, then by what and name */
    size_t reviewed_count, reviewed_room;
    uint64_t reviews_elsewhere; /* of what is no match */
};

/* The share of the sorted times that are at most this, by nearest rank. count > 0. */
int64_t reporters_quantile(const int64_t *sorted, size_t count, unsigned percent);

/* Prints all of it, as text or as lines of JSON. 0 or -ENOMEM. */
int reporters_print(const struct reporters *reporters);

#endif
