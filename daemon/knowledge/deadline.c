/*
 * The calendar of a policy is kept among the numbers of its records.
 */
#include "daemon/knowledge/deadline.h"

#include "daemon/knowledge/calendar.h"

static struct moment business_end(const struct records *records, const struct record_policy *policy,
                                  struct moment known, int64_t days)
{
    const struct knowledge_calendar calendar = {
        .offset_s = policy->offset_s,
        .weekend = policy->weekend,
        .from_day = policy->from_day,
        .until_day = policy->until_day,
        .exceptions = (const int32_t *)(records->pool + policy->exceptions),
        .exceptions_count = policy->exceptions_count,
    };
    return calendar_end(&calendar, known, days);
}

struct moment deadline_grace(const struct records *records, const struct record_policy *policy,
                             struct moment known)
{
    if (policy != NULL && policy->grace_days > 0)
        return business_end(records, policy, known, policy->grace_days);
    return moment_plus(known, policy != NULL ? policy->grace_s : KNOWLEDGE_GRACE_S);
}

struct moment deadline_counter(const struct records *records, const struct record_policy *policy,
                               struct moment known)
{
    if (policy->counter_days > 0)
        return business_end(records, policy, known, policy->counter_days);
    return moment_plus(known, policy->counter_window_s);
}

struct moment deadline_spacing(const struct records *records, const struct record_policy *policy,
                               struct moment last, size_t step)
{
    if (policy->spacing_in_days)
        return business_end(records, policy, last, policy->spacing[step]);
    return moment_plus(last, policy->spacing[step]);
}
