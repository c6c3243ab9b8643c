/*
 * Notice and action, the track without an order (domain 2.1): for each listing that a notice names,
 * did the platform know of it, and did it stay active despite that? No decree, act or merchant is
 * asked for; willful blindness is not computed.
 */
#ifndef KNOWLEDGE_NOTICE_ACTION_H
#define KNOWLEDGE_NOTICE_ACTION_H

#include "daemon/knowledge/knowledge.h"

/* One listing at one time; dies when the callback returns. */
struct knowledge_notice_action {
    struct knowledge_text platform, listing,
        merchant; /* merchant.at == NULL: nobody registered it */
    struct knowledge_grace grace;
    enum knowledge_result result;           /* both elements are needed */
    struct knowledge_element known, active; /* listing_known, listing_remained_active */
};

/* Takes one. Not 0 ends the walk with that value. */
typedef int knowledge_take_action(void *context, const struct knowledge_notice_action *action);

/* Each listing that a notice of a platform names, as of at_ns, sorted by platform and listing; of
   filter only platform and merchant count: that one, and all that verified links before at_ns join
   with it. The set must be built. 0, what `take` returned, or
   -ENOMEM. */
int knowledge_notice_actions(struct knowledge *knowledge, const struct knowledge_filter *filter,
                             int64_t at_ns, knowledge_take_action *take, void *context);

/* The date of the last event of the set; INT64_MIN when it is empty. */
int64_t knowledge_last_ns(const struct knowledge *knowledge);

#endif
