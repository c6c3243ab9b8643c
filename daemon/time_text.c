/*
 * RFC 3339 by hand: strptime(3) takes too much and timegm(3) too little.
 */
#include "daemon/time_text.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#define NS_PER_S 1000000000

struct date {
    int64_t year;
    int month, day;
};

/* The two decimal digits at text, or at least 100 when they are not digits. */
static inline int two(const char *text)
{
    unsigned tens = (unsigned)text[0] - '0', ones = (unsigned)text[1] - '0';

    return tens > 9 || ones > 9 ? 100 : (int)(tens * 10 + ones);
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int days_in_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. A year is counted from March, so that
   the leap day is its last; 146097 days are 400 years. */
static int64_t days_from_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t month_from_march = (month + 9) % 12;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;

    assert(y >= 0);
    return y * 365 + y / 4 - y / 100 + y / 400 + day_of_year - 719468;
}

static struct date date_from_days(int64_t days)
{
    int64_t shifted = days + 719468; /* since 0000-03-01 */
    assert(shifted >= 0);
    int64_t era = shifted / 146097, day_of_era = shifted % 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);

    return (struct date){
        .year = era * 400 + year_of_era + (month <= 2),
        .month = month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

/* "YYYY-MM-DD?HH:MM:SS" in the first 19 bytes: seconds since 1970 as if it were UTC, *ret_second as
   written. -EINVAL when it is not a date and time. */
static int parse_date_time(const char *text, int64_t *ret_seconds, int *ret_second)
{
    int century = two(text), of_century = two(text + 2), month = two(text + 5), day = two(text + 8);
    int hour = two(text + 11), minute = two(text + 14), second = two(text + 17);
    int year = century * 100 + of_century;
    char middle = text[10];

    if (text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
        return -EINVAL;
    if (middle != 'T' && middle != 't' && middle != ' ')
        return -EINVAL;
    if (century > 99 || of_century > 99 || year < TIME_TEXT_YEAR_MIN || year > TIME_TEXT_YEAR_MAX)
        return -EINVAL;
    if (month < 1 || month > 12)
        return -EINVAL;
    if (day < 1 || day > days_in_month(year, month))
        return -EINVAL;
    if (hour > 23 || minute > 59 || second > 60)
        return -EINVAL;
    *ret_seconds = days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *ret_second = second;
    return 0;
}

/* "Z", "z" or "+HH:MM" or "-HH:MM", and nothing more. */
static int parse_offset(const char *text, size_t len, int64_t *ret_offset_s)
{
    if (len == 1 && (text[0] == 'Z' || text[0] == 'z')) {
        *ret_offset_s = 0;
        return 0;
    }
    if (len != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return -EINVAL;
    int hours = two(text + 1), minutes = two(text + 4);
    if (hours > 23 || minutes > 59)
        return -EINVAL;
    int64_t offset_s = hours * 3600 + minutes * 60;
    *ret_offset_s = text[0] == '-' ? -offset_s : offset_s;
    return 0;
}

int time_text_parse(const char *text, size_t len, int64_t *ret_wall_ns)
{
    int64_t seconds, offset_s, fraction_ns = 0;
    int second;
    size_t at = 19;

    if (len < 20 || parse_date_time(text, &seconds, &second) < 0)
        return -EINVAL;
    if (text[at] == '.') {
        size_t first = ++at;
        for (int64_t unit = NS_PER_S / 10; at < len && is_digit(text[at]); at++, unit /= 10)
            fraction_ns += unit * (text[at] - '0');
        if (at == first)
            return -EINVAL;
    }
    if (parse_offset(text + at, len - at, &offset_s) < 0)
        return -EINVAL;
    seconds -= offset_s;
    if (second == 60) {
        /* A leap second ends a day of UTC, nothing else does. */
        if (seconds % 86400 != 0)
            return -EINVAL;
        fraction_ns = 0;
    }
    *ret_wall_ns = seconds * NS_PER_S + fraction_ns;
    return 0;
}

void time_text_format(int64_t wall_ns, char ret_text[TIME_TEXT_BYTES])
{
    int64_t seconds = wall_ns / NS_PER_S, fraction_ns = wall_ns % NS_PER_S;

    if (fraction_ns < 0) {
        fraction_ns += NS_PER_S;
        seconds--;
    }
    int64_t days = seconds / 86400, second = seconds % 86400;
    if (second < 0) {
        second += 86400;
        days--;
    }
    struct date date = date_from_days(days);
    int len = snprintf(ret_text, TIME_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ",
                       (unsigned)date.year, (unsigned)date.month % 100u, (unsigned)date.day % 100u,
                       (unsigned)(second / 3600) % 100u, (unsigned)(second / 60 % 60),
                       (unsigned)(second % 60), (unsigned)fraction_ns);
    assert(len == TIME_TEXT_BYTES - 1);
}
