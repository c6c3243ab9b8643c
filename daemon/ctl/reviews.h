/*
 * Reviews of matches: which are there, and what they say of which mark and context.
 */
#ifndef DAEMON_CTL_REVIEWS_H
#define DAEMON_CTL_REVIEWS_H

#include <stddef.h>

#include "daemon/ctl/reporters.h"
#include "daemon/json.h"

struct reviews;

/* NULL when out of memory. */
struct reviews *reviews_open(void);

/* Takes an event that may be a review, by its members. 0 or -ENOMEM. */
int reviews_take(struct reviews *reviews, const struct json_member *members, size_t count);

/* Finds the matches that were reviewed in the ledger, and fills reporters->reviewed. A subject is
   the id of a match (<run>.<seq> of its record) or of its sighting. 0 or -errno. */
int reviews_count(struct reviews *reviews, struct reporters *reporters);

/* Frees; NULL is fine. Returns NULL. */
struct reviews *reviews_close(struct reviews *reviews);

#endif
