/*
 * Business days: when a period of so many of them ends (domain 2.2). Pure. Days are numbers since
 * 1970-01-01, of the calendar's own zone, which has one offset for good (Asia/Shanghai has no
 * daylight saving).
 */
#ifndef KNOWLEDGE_CALENDAR_H
#define KNOWLEDGE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/knowledge/event.h"
#include "daemon/knowledge/moment.h"

/* Whether the day is worked: those of the weekend are not, but for the exceptions. */
bool calendar_is_business(const struct knowledge_calendar *calendar, int32_t day);

/* The end of a period of `days` business days (<= KNOWLEDGE_DAYS_MAX) that is triggered at
   `trigger`: midnight at the end of the last of them. The day of the trigger is not counted, every
   other one is, and a period cannot end on a day that is none (Fed. R. Civ. P. 6(a)(1); Regulation
   1182/71, article 3). 0 days end at the trigger.

   Where the period leaves the calendar's own days, no holiday is known: then it ends at the
   earliest as if there were none, and at the latest a year after that, so that nothing is surely
   late that may not be. */
struct moment calendar_end(const struct knowledge_calendar *calendar, struct moment trigger,
                           int64_t days);

#endif
