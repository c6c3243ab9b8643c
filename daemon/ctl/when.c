/*
 * Times in words. Knows units and days of UTC; knows no time zone.
 */
#include "daemon/ctl/when.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/time_text.h"
#include "io/backend.h"

#define SECOND_NS  INT64_C(1000000000)
#define DAY_NS     (86400 * SECOND_NS)
#define AMOUNT_MAX INT64_C(9000000000) /* seconds: the year 2255 */

static const struct {
    const char *name;
    int64_t seconds;
} units[] = {
    {"s", 1},         {"sec", 1},        {"second", 1},   {"seconds", 1},  {"m", 60},
    {"min", 60},      {"minute", 60},    {"minutes", 60}, {"h", 3600},     {"hour", 3600},
    {"hours", 3600},  {"d", 86400},      {"day", 86400},  {"days", 86400}, {"w", 604800},
    {"week", 604800}, {"weeks", 604800},
};

int64_t when_now_ns(void)
{
    struct backend *backend = NULL;
    if (backend_open(BACKEND_POLL, 0, &backend) < 0)
        return 0;
    int64_t now = backend->ops->now(backend).wall_ns;
    (void)backend->ops->close(backend); /* always NULL */
    return now;
}

/* Digits at the front. Their number in *ret_amount; NULL when there is none, or too much. */
static const char *take_amount(const char *text, int64_t *ret_amount)
{
    int64_t amount = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && amount <= AMOUNT_MAX; at++)
        amount = 10 * amount + (*at - '0');
    *ret_amount = amount;
    return at == text || amount > AMOUNT_MAX ? NULL : at;
}

/* The seconds of a unit of len bytes; 0: there is none of this name. */
static int64_t unit_of(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strlen(units[i].name) == len && memcmp(units[i].name, text, len) == 0)
            return units[i].seconds;
    return 0;
}

/* "-15min", "15 min ago", with or without spaces between. */
static int parse_ago(const char *text, int64_t now_ns, int64_t *ret_wall_ns)
{
    static const char ago[] = " ago";
    size_t len = strlen(text);
    bool minus = text[0] == '-';
    int64_t amount = 0, result = 0;
    if (!minus && (len < sizeof ago || strcmp(text + len - (sizeof ago - 1), ago) != 0))
        return -EINVAL;
    const char *end = minus ? text + len : text + len - (sizeof ago - 1);
    const char *unit = take_amount(minus ? text + 1 : text, &amount);
    while (unit != NULL && unit < end && *unit == ' ')
        unit++;
    int64_t seconds = unit == NULL || unit >= end ? 0 : unit_of(unit, (size_t)(end - unit));
    if (seconds == 0 || __builtin_mul_overflow(amount * seconds, SECOND_NS, &result) ||
        __builtin_sub_overflow(now_ns, result, &result))
        return -EINVAL;
    *ret_wall_ns = result;
    return 0;
}

/* A date, with or without a time, without an offset: it is read as UTC. */
static int parse_utc(const char *text, int64_t *ret_wall_ns)
{
    static const char *const rests[] = {"Z", ":00Z", "T00:00:00Z"};
    char whole[48];
    for (size_t i = 0; i < sizeof rests / sizeof rests[0]; i++) {
        int len = snprintf(whole, sizeof whole, "%s%s", text, rests[i]);
        if (len > 0 && (size_t)len < sizeof whole &&
            time_text_parse(whole, (size_t)len, ret_wall_ns) == 0)
            return 0;
    }
    return -EINVAL;
}

int when_parse(const char *text, int64_t now_ns, int64_t *ret_wall_ns)
{
    int64_t today_ns = now_ns - ((now_ns % DAY_NS) + DAY_NS) % DAY_NS, seconds = 0;
    if (time_text_parse(text, strlen(text), ret_wall_ns) == 0)
        return 0;
    if (text[0] == '@') {
        const char *end = take_amount(text + 1, &seconds);
        if (end != NULL && *end == '\0')
            *ret_wall_ns = seconds * SECOND_NS;
        return end != NULL && *end == '\0' ? 0 : -EINVAL;
    }
    if (strcmp(text, "now") == 0)
        *ret_wall_ns = now_ns;
    else if (strcmp(text, "today") == 0)
        *ret_wall_ns = today_ns;
    else if (strcmp(text, "yesterday") == 0)
        *ret_wall_ns = today_ns - DAY_NS;
    else
        return parse_ago(text, now_ns, ret_wall_ns) == 0 ? 0 : parse_utc(text, ret_wall_ns);
    return 0;
}
