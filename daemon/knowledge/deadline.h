/*
 * When the periods of a policy end: in seconds, or in business days of the calendar that the policy
 * holds (domain 2.2).
 */
#ifndef KNOWLEDGE_DEADLINE_H
#define KNOWLEDGE_DEADLINE_H

#include "daemon/knowledge/moment.h"
#include "daemon/knowledge/records.h"

/* The end of the grace time after a notice that is known since `known`; without a policy (NULL)
   that of KNOWLEDGE_GRACE_S. */
struct moment deadline_grace(const struct records *records, const struct record_policy *policy,
                             struct moment known);

/* The end of the window in which a counter-notice may come. */
struct moment deadline_counter(const struct records *records, const struct record_policy *policy,
                               struct moment known);

/* When the next strike may count after the one that counted last, established at `last`; step: of
   the policy's spacing. */
struct moment deadline_spacing(const struct records *records, const struct record_policy *policy,
                               struct moment last, size_t step);

#endif
