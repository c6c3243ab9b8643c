/*
 * The object `calendar` of a policy: zone, weekend, what it covers, holidays and worked days.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/event_read.h"
#include "daemon/time_text.h"

#define DATE_BYTES  10u /* "2026-01-31" */
#define ZONE_BYTES  6u  /* "+08:00" */
#define DAY_NS      INT64_C(86400000000000)
#define WEEKEND_ALL 0x7fu

/* Bits of enum order: 0 is Monday. */
static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static enum reject_code wrong(struct reading *reading, const char *name,
                              const struct json_value *value, const char *wanted)
{
    return reject_set(reading->reject, REJECT_BAD_VALUE, "calendar.%s: must be %s, not %.*s", name,
                      wanted, event_shown(value), value->text);
}

/* A day, as the number since 1970-01-01 of its date. */
static enum reject_code read_day(struct reading *reading, const char *name,
                                 const struct json_value *value, int32_t *ret_day)
{
    char text[DATE_BYTES + sizeof "T00:00:00Z"] = "";
    int64_t ns;
    if (value->type != JSON_STRING)
        return event_bad_type(reading, name, value, "a string");
    if (value->len == DATE_BYTES) {
        memcpy(text, value->text, DATE_BYTES);
        memcpy(text + DATE_BYTES, "T00:00:00Z", sizeof "T00:00:00Z");
    }
    if (time_text_parse(text, strlen(text), &ns) < 0)
        return wrong(reading, name, value, "a date like 2026-01-31");
    *ret_day = (int32_t)(ns / DAY_NS); /* dates before 1970 are whole days, too */
    return REJECT_NONE;
}

static enum reject_code read_zone(struct reading *reading, const struct json_value *value)
{
    const char *at = value->text;
    bool good = value->type == JSON_STRING && value->len == ZONE_BYTES &&
                (at[0] == '+' || at[0] == '-') && at[3] == ':';
    for (unsigned i = 1; i < ZONE_BYTES && good; i++)
        good = i == 3 || (at[i] >= '0' && at[i] <= '9');
    if (value->type != JSON_STRING)
        return event_bad_type(reading, "zone", value, "a string");
    int32_t hours = good ? (at[1] - '0') * 10 + at[2] - '0' : 24;
    int32_t minutes = good ? (at[4] - '0') * 10 + at[5] - '0' : 60;
    if (hours > 14 || minutes > 59)
        return wrong(reading, "zone", value, "an offset like +08:00");
    int32_t offset_s = hours * 3600 + minutes * 60;
    reading->event->policy.calendar.offset_s = at[0] == '-' ? -offset_s : offset_s;
    return REJECT_NONE;
}

/* The elements of a list, in the decoder's. */
static enum reject_code read_list(struct reading *reading, const char *name,
                                  const struct json_value *value, size_t max, size_t *ret_count)
{
    if (value->type != JSON_ARRAY)
        return event_bad_type(reading, name, value, "an array");
    *ret_count = json_elements(value, reading->decoder->elements, max);
    if (*ret_count > max)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "calendar.%s: has %zu elements, at most %zu are allowed", name,
                          *ret_count, max);
    return REJECT_NONE;
}

static enum reject_code read_weekend(struct reading *reading, const struct json_value *value)
{
    struct knowledge_calendar *calendar = &reading->event->policy.calendar;
    size_t count = 0;
    enum reject_code code = read_list(reading, "weekend", value, 6, &count);
    for (size_t i = 0; i < count && code == REJECT_NONE; i++) {
        const struct json_value *element = &reading->decoder->elements[i];
        unsigned day = 0;
        if (element->type != JSON_STRING)
            return event_bad_type(reading, "weekend", element, "a string");
        while (day < 7 && (element->len != 3 || memcmp(element->text, weekdays[day], 3) != 0))
            day++;
        if (day == 7)
            return wrong(reading, "weekend", element, "mon, tue, wed, thu, fri, sat or sun");
        calendar->weekend |= 1u << day;
    }
    return code;
}

static bool is_weekend(const struct knowledge_calendar *calendar, int32_t day)
{
    return (calendar->weekend & 1u << (unsigned)((day % 7 + 7 + 3) % 7)) != 0;
}

/* Holidays on working days, or worked days of a weekend: others change nothing. */
static enum reject_code read_days(struct reading *reading, const char *name, bool worked,
                                  const struct json_value *value)
{
    struct knowledge_calendar *calendar = &reading->event->policy.calendar;
    size_t count = 0;
    enum reject_code code = read_list(reading, name, value, KNOWLEDGE_DAYS_LISTED / 2, &count);
    for (size_t i = 0; i < count && code == REJECT_NONE; i++) {
        int32_t day = 0;
        code = read_day(reading, name, &reading->decoder->elements[i], &day);
        if (code == REJECT_NONE && is_weekend(calendar, day) == worked)
            reading->decoder->days[calendar->exceptions_count++] = day;
    }
    return code;
}

static int compare(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left, b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

enum reject_code event_read_calendar(struct reading *reading, const struct json_value *value)
{
    struct knowledge_calendar *calendar = &reading->event->policy.calendar;
    struct reading inner = *reading;
    const struct json_value *at[6] = {NULL};
    static const char *const names[] = {"zone", "from", "until", "weekend", "holidays", "workdays"};
    enum reject_code code = REJECT_NONE;
    if (value->type != JSON_OBJECT)
        return event_bad_type(reading, "calendar", value, "an object");
    inner.members = reading->decoder->strike; /* which is read by now */
    inner.inside = "calendar.";
    inner.count = json_members(value, reading->decoder->strike, EVENT_MEMBERS_MAX);
    if (inner.count > EVENT_MEMBERS_MAX)
        return reject_set(reading->reject, REJECT_BAD_VALUE,
                          "calendar: has %zu members, at most %u are allowed", inner.count,
                          EVENT_MEMBERS_MAX);
    for (size_t i = 0; i < 6 && code == REJECT_NONE; i++)
        code = event_find(&inner, names[i], i < 4, &at[i]);
    if (code == REJECT_NONE)
        code = read_zone(&inner, at[0]);
    if (code == REJECT_NONE)
        code = read_day(&inner, "from", at[1], &calendar->from_day);
    if (code == REJECT_NONE)
        code = read_day(&inner, "until", at[2], &calendar->until_day);
    if (code == REJECT_NONE && calendar->until_day < calendar->from_day)
        code = wrong(&inner, "until", at[2], "no earlier than from");
    if (code == REJECT_NONE)
        code = read_weekend(&inner, at[3]);
    if (code == REJECT_NONE && at[4] != NULL)
        code = read_days(&inner, "holidays", false, at[4]);
    if (code == REJECT_NONE && at[5] != NULL)
        code = read_days(&inner, "workdays", true, at[5]);
    if (code != REJECT_NONE)
        return code;
    int32_t *days = reading->decoder->days;
    size_t count = 0;
    if (calendar->exceptions_count > 1)
        qsort(days, calendar->exceptions_count, sizeof *days, compare);
    for (size_t i = 0; i < calendar->exceptions_count; i++)
        if (count == 0 || days[count - 1] != days[i])
            days[count++] = days[i];
    assert(calendar->weekend != WEEKEND_ALL); /* six at most */
    calendar->exceptions = days;
    calendar->exceptions_count = count;
    reading->event->policy.has_calendar = true;
    return REJECT_NONE;
}

enum reject_code event_check_days(struct reading *reading)
{
    const struct knowledge_policy *policy = &reading->event->policy;
    const struct {
        const char *name;
        int64_t days;
    } rows[] = {{"grace_business_days", policy->grace_days},
                {"strike.counter_window_business_days", policy->counter_days},
                {"strike.spacing_business_days", policy->spacing_in_days ? 1 : 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].days > KNOWLEDGE_DAYS_MAX)
            return reject_set(reading->reject, REJECT_BAD_VALUE, "%s: must be from 0 to %d",
                              rows[i].name, KNOWLEDGE_DAYS_MAX);
        if (rows[i].days > 0 && !policy->has_calendar)
            return reject_set(reading->reject, REJECT_MISSING_FIELD,
                              "calendar: missing, as %s counts its days", rows[i].name);
    }
    return REJECT_NONE;
}
