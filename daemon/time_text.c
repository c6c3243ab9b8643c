/*
 * RFC 3339 by hand: strptime(3) takes too much and timegm(3) too little.
 */
#include "daemon/time_text.h"

#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define NS_PER_S 1000000000

struct date {
    int64_t year;
    int month, day;
};

/* What may be added to a byte without reaching its top bit: to a digit, less '0', and to what must
   be 0. */
#define DIGIT "\x76"
#define FIXED "\x7f"

/* Eight bytes at text, all at once: what they must be, with '0' for a digit; and DIGIT or FIXED for
   each. On success byte i of *ret_pairs is the number that the digits at i and i + 1 make. */
static inline bool eight(const char *text, const char shape[8], const char room[8],
                         uint64_t *ret_pairs)
{
    uint64_t word, expected, limits;

    memcpy(&word, text, sizeof(word));
    memcpy(&expected, shape, sizeof(expected));
    memcpy(&limits, room, sizeof(limits));
    word = le64toh(word ^ expected);
    if ((((word + le64toh(limits)) | word) & UINT64_C(0x8080808080808080)) != 0)
        return false;
    *ret_pairs = word * 10 + (word >> 8);
    return true;
}

static inline unsigned pair(uint64_t pairs, unsigned at)
{
    return pairs >> (8 * at) & 0xff;
}

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

static unsigned days_in_month(unsigned year, unsigned month)
{
    static const unsigned char days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar. A year is counted from March, so that
   the leap day is its last. */
static inline int64_t days_from_date(unsigned year, unsigned month, unsigned day)
{
    static const unsigned before[12] = {306, 337, 0, 31, 61, 92, 122, 153, 184, 214, 245, 275};
    unsigned y = year - (month <= 2);

    assert(year > 0);
    return (int64_t)(y * 365 + y / 4 - y / 100 + y / 400 + before[month - 1] + day) - 719469;
}

/* 146097 days are 400 years. */
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
static inline int parse_date_time(const char *text, int64_t *ret_seconds, unsigned *ret_second)
{
    static const char room[] = DIGIT DIGIT FIXED DIGIT DIGIT FIXED DIGIT DIGIT;
    uint64_t date, time;
    char middle = text[10];

    if (!eight(text + 2, "00-00-00", room, &date) || !eight(text + 11, "00:00:00", room, &time))
        return -EINVAL;
    unsigned year = (unsigned)two(text) * 100 + pair(date, 0); /* far too large with no century */
    unsigned month = pair(date, 3), day = pair(date, 6);
    unsigned hour = pair(time, 0), minute = pair(time, 3), second = pair(time, 6);
    if (middle != 'T' && middle != 't' && middle != ' ')
        return -EINVAL;
    if (year < TIME_TEXT_YEAR_MIN || year > TIME_TEXT_YEAR_MAX)
        return -EINVAL;
    if (month < 1 || month > 12)
        return -EINVAL;
    if (day < 1 || (day > 28 && day > days_in_month(year, month)))
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
    /* Of the last digit of a fraction of so many. */
    static const int64_t units_ns[] = {NS_PER_S, 100000000, 10000000, 1000000, 100000,
                                       10000,    1000,      100,      10};
    int64_t seconds, offset_s, fraction_ns = 0;
    unsigned second;
    size_t at = 19;

    if (len < 20 || parse_date_time(text, &seconds, &second) < 0)
        return -EINVAL;
    if (text[at] == '.') {
        size_t first = ++at;
        for (; at < len && is_digit(text[at]); at++)
            if (at - first < 9)
                fraction_ns = fraction_ns * 10 + (text[at] - '0');
        if (at == first)
            return -EINVAL;
        fraction_ns *= at - first < 9 ? units_ns[at - first] : 1;
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

int time_text_parse_exact(const char *text, int64_t *ret_wall_ns)
{
    /* A 'Z' there leaves nine digits for the fraction; a second of 60 is written as the next. */
    if (text[10] != 'T' || text[17] == '6' || text[19] != '.' || text[TIME_TEXT_BYTES - 2] != 'Z')
        return -EINVAL;
    return time_text_parse(text, TIME_TEXT_BYTES - 1, ret_wall_ns);
}

/* A number in so many digits. */
static inline void put_digits(char *at, unsigned digits, uint64_t value)
{
    for (unsigned i = digits; i > 0; i--, value /= 10)
        at[i - 1] = (char)('0' + value % 10);
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
    assert(date.year >= 0 && date.year <= 9999);
    memcpy(ret_text, "0000-00-00T00:00:00.000000000Z", TIME_TEXT_BYTES);
    put_digits(ret_text, 4, (uint64_t)date.year);
    put_digits(ret_text + 5, 2, (uint64_t)date.month);
    put_digits(ret_text + 8, 2, (uint64_t)date.day);
    put_digits(ret_text + 11, 2, (uint64_t)(second / 3600));
    put_digits(ret_text + 14, 2, (uint64_t)(second / 60 % 60));
    put_digits(ret_text + 17, 2, (uint64_t)(second % 60));
    put_digits(ret_text + 20, 9, (uint64_t)fraction_ns);
}
