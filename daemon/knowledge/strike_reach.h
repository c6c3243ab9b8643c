/*
 * Whether strikes reach a threshold of the policy: in all, against one right, or of one kind ("3
 * against one right or 4 in total", domain 1.5).
 */
#ifndef KNOWLEDGE_STRIKE_REACH_H
#define KNOWLEDGE_STRIKE_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/records.h"
#include "daemon/knowledge/strikes.h"

/* What is reached first, where more than one threshold is. */
struct strike_reach {
    bool reached;
    enum knowledge_reason reason; /* STRIKES where the total is reached, whatever else is */
    struct moment at;             /* when the first of them was reached */
    uint32_t group;               /* of another reason: the right, or the kind */
};

/* Strikes that stand, in their order; at most `most` of them together. */
struct strike_stand {
    const struct strike *at;
    size_t count, most;
};

/* Of strikes that stand, and one more list, of what the platform issued itself, for
   which nobody says what it is for. `definite`: a strike counts for the right that is recorded;
   else also one of which none is, and what was issued, may be for any. `scratch` has room for the
   count. */
struct strike_reach strike_reach_find(const struct record_policy *policy,
                                      const struct strike_stand *stand, const struct strike *issued,
                                      size_t issued_count, bool definite,
                                      struct strike_order *scratch);

#endif
