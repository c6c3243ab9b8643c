/*
 * Counting days one by one: a period has at most KNOWLEDGE_DAYS_MAX, and a calendar few exceptions.
 */
#include "daemon/knowledge/calendar.h"

#include <assert.h>

#define DAY_S          INT64_C(86400)
#define DAY_NS         (DAY_S * MOMENT_NS_PER_S)
#define WEEKDAY_OF_0   3 /* 1970-01-01 was a Thursday; 0 is Monday */
#define UNKNOWN_MAX_NS (366 * DAY_NS)
/* No date of an event comes near the ends of these. */
#define DAY_MAX (INT32_MAX / 2)

static int64_t floor_divided(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

bool calendar_is_business(const struct knowledge_calendar *calendar, int32_t day)
{
    unsigned weekday = (unsigned)(((day % 7) + 7 + WEEKDAY_OF_0) % 7);
    bool business = (calendar->weekend & 1u << weekday) == 0;
    size_t low = 0, high = calendar->exceptions_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (calendar->exceptions[middle] == day)
            return !business;
        if (calendar->exceptions[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return business;
}

/* The end for an instant; *ret_known is cleared where the period leaves the calendar. */
static int64_t end_of(const struct knowledge_calendar *calendar, int64_t trigger_ns, int64_t days,
                      bool *ret_known)
{
    int64_t offset_ns = calendar->offset_s * MOMENT_NS_PER_S;
    int64_t first = floor_divided(moment_sum(trigger_ns, offset_ns), DAY_NS);
    int32_t day = (int32_t)first;
    assert(first < DAY_MAX && first > -DAY_MAX);
    if (days == 0)
        return trigger_ns;
    for (int64_t counted = 0; counted < days;)
        counted += calendar_is_business(calendar, ++day);
    if (first < calendar->from_day || day > calendar->until_day)
        *ret_known = false;
    return moment_sum(moment_sum((day + INT64_C(1)) * DAY_NS, 0), -offset_ns);
}

struct moment calendar_end(const struct knowledge_calendar *calendar, struct moment trigger,
                           int64_t days)
{
    bool known = true;
    assert(days >= 0 && days <= KNOWLEDGE_DAYS_MAX);
    assert((calendar->weekend & 0x7fu) != 0x7fu);
    if (days == 0)
        return trigger;
    int64_t low = end_of(calendar, moment_low(trigger), days, &known);
    int64_t high = end_of(calendar, moment_high(trigger), days, &known);
    if (!known)
        high = moment_sum(high, UNKNOWN_MAX_NS);
    int64_t half = high / 2 - low / 2;
    return (struct moment){moment_sum(low, half), half};
}
