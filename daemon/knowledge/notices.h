/*
 * What a notice came to: for which listings, since when, and whether it still stands.
 */
#ifndef KNOWLEDGE_NOTICES_H
#define KNOWLEDGE_NOTICES_H

#include "daemon/knowledge/facts.h"
#include "daemon/knowledge/moment.h"

/* Fills facts->notices, items, basis and unmet, and makes the listings that they name. Channels,
   policies and the records of notices must be there. 0 or -ENOMEM. */
int notices_build(struct facts *facts);

#define NOTICES_NO_RECORD UINT32_MAX

/* Whether a notice, for one of its listings, is a basis of knowledge at a time. */
struct notices_standing {
    enum knowledge_answer answer; /* shown: it stands, and reason means nothing */
    enum knowledge_reason reason;
    uint32_t record; /* that makes it so, or NOTICES_NO_RECORD */
};

/* Of the item's notice and listing at the time of an act. */
struct notices_standing notices_standing(const struct facts *facts, const struct facts_item *item,
                                         struct moment act);

/* When the item took effect. */
static inline struct moment notices_moment(const struct facts_item *item)
{
    return (struct moment){item->at_ns, item->unc_ms * MOMENT_NS_PER_MS};
}

#endif
