/*
 * The listings that notices in the record name, and since which record: what --post-notice asks. A
 * way to look at the feed, and no finding: whether a notice reached the platform is not asked.
 */
#ifndef DAEMON_CTL_NAMED_LISTINGS_H
#define DAEMON_CTL_NAMED_LISTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/view.h"
#include "daemon/notice_platforms.h"

/* A hash table of numbers by keys; a key of 0 is a free place. */
struct named_table {
    struct named_slot {
        uint64_t key, value;
    } * slots; /* a power of two, at most half full */
    size_t slots_count, count;
};

#define NAMED_LISTINGS_MAX 4000000u /* at up to 64 bytes each, while the table grows 96 */

/* Zeroed, it is empty and ready. */
struct named_listings {
    struct named_table
        listings; /* by platform and listing: the first notice record that names it */
    struct notice_platforms *notices; /* made when it is first needed */
    struct json_value *elements;      /* of one list; made when it is first needed */
};

/* Takes in what a record of a notice names; of another record nothing. Records of a notice that
   give no platform mean that of its notice.sent; what they name counts since that was taken in.
   Otherwise in any order, and again. 0, -ENOMEM or -E2BIG. */
int named_listings_take(struct named_listings *named, const struct view *view);

/* Whether a notice named the record's listing before it. */
bool named_listings_has(const struct named_listings *named, const struct view *view);

/* Frees what it holds; it is empty again. */
void named_listings_close(struct named_listings *named);

#endif
