/*
 * Both ends of the interval where it is in doubt whose strikes some are. One that is not the
 * merchant's keeps none of his from counting, and one that is may have, and be expired since
 * (spacing; two notices of one listing, domain 2.4): then neither the count of what is sure is the
 * least, nor the count of all that is possible the most.
 */
#ifndef KNOWLEDGE_STRIKE_BOUNDS_H
#define KNOWLEDGE_STRIKE_BOUNDS_H

#include "daemon/knowledge/strike_candidates.h"

/* Whether accounts that passed to others leave a doubt about the candidates. Where only something
   else does, both ends are those of the specification. */
bool strike_bounds_doubted(const struct counting *counting);

/* After both counts, on what they left: takes out of min, of count strikes, what does not stand
   whatever the doubtful ones are. Returns how many are left. */
size_t strike_bounds_min(struct counting *counting, struct strike *min, size_t count);

/* Likewise: where more may stand than were counted, max becomes all that may, *count how many these
   are. Returns how many of them may stand together. max has room for all candidates. */
size_t strike_bounds_max(struct counting *counting, struct strike *max, size_t *count);

#endif
