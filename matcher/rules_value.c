/*
 * Decimals and days.
 */
#include "matcher/rules_value.h"

#include <errno.h>

#define AMOUNT_BYTES_MAX 128u
#define EXPONENT_MAX     9999

/* The digits without zeros at either end, as they stand in the text (the point is skipped), and how
   many digits stand before the point: 0.d1d2d3... times 10^scale. */
struct amount {
    char digits[AMOUNT_BYTES_MAX];
    size_t count;
    long scale;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads "e+12". */
static int read_exponent(const char *text, size_t len, long *ret_exponent)
{
    size_t at = 1;
    bool minus = at < len && text[at] == '-';
    if (at < len && (text[at] == '+' || text[at] == '-'))
        at++;
    if (at == len)
        return -EINVAL;
    long value = 0;
    for (; at < len; at++) {
        if (!is_digit(text[at]))
            return -EINVAL;
        value = value * 10 + (text[at] - '0');
        if (value > EXPONENT_MAX)
            return -EINVAL;
    }
    *ret_exponent = minus ? -value : value;
    return 0;
}

static int read_amount(const char *text, size_t len, struct amount *ret_amount)
{
    struct amount amount = {.count = 0};
    while (len > 0 && text[0] == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    if (len > AMOUNT_BYTES_MAX)
        return -EINVAL;
    size_t at = 0, seen = 0;
    bool point = false;
    for (; at < len && (is_digit(text[at]) || (text[at] == '.' && !point)); at++) {
        if (text[at] == '.') {
            point = true;
            continue;
        }
        seen++;
        if (amount.count == 0 && text[at] == '0') {
            amount.scale -= point ? 1 : 0;
            continue;
        }
        amount.digits[amount.count++] = text[at];
        amount.scale += point ? 0 : 1;
    }
    bool open = at > 0 && text[at - 1] == '.'; /* "12." is no number */
    if (seen == 0 || open || text[0] == '.')
        return -EINVAL;
    long exponent = 0;
    if (at < len && (text[at] | 0x20) != 'e')
        return -EINVAL;
    if (at < len && read_exponent(text + at, len - at, &exponent) < 0)
        return -EINVAL;
    while (amount.count > 0 && amount.digits[amount.count - 1] == '0')
        amount.count--;
    amount.scale = amount.count == 0 ? 0 : amount.scale + exponent;
    *ret_amount = amount;
    return 0;
}

int rules_value_compare(const char *a, size_t a_len, const char *b, size_t b_len, int *ret_order)
{
    struct amount left, right;
    if (read_amount(a, a_len, &left) < 0 || read_amount(b, b_len, &right) < 0)
        return -EINVAL;
    if (left.count == 0 || right.count == 0) {
        *ret_order = (left.count > 0) - (right.count > 0);
        return 0;
    }
    if (left.scale != right.scale) {
        *ret_order = left.scale < right.scale ? -1 : 1;
        return 0;
    }
    for (size_t i = 0; i < left.count && i < right.count; i++) {
        if (left.digits[i] == right.digits[i])
            continue;
        *ret_order = left.digits[i] < right.digits[i] ? -1 : 1;
        return 0;
    }
    *ret_order = (left.count > right.count) - (left.count < right.count);
    return 0;
}

bool rules_value_is_amount(const char *text, size_t len)
{
    int order = 0;
    return rules_value_compare(text, len, "0", 1, &order) == 0;
}

/* Reads count digits; -1 if there is anything else. */
static int read_digits(const char *text, size_t count)
{
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

int rules_value_day(const char *text, size_t len, int64_t *ret_wall_ns)
{
    static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (len != 10 || text[4] != '-' || text[7] != '-')
        return -EINVAL;
    int year = read_digits(text, 4), month = read_digits(text + 5, 2);
    int day = read_digits(text + 8, 2);
    if (year < 1678 || year > 2261 || month < 1 || month > 12 || day < 1)
        return -EINVAL;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > month_days[month - 1] + (month == 2 && leap ? 1 : 0))
        return -EINVAL;
    int64_t before = year - 1; /* whole years since year 1 */
    int64_t days = before * 365 + before / 4 - before / 100 + before / 400 - 719162;
    for (int i = 1; i < month; i++)
        days += month_days[i - 1];
    days += (month > 2 && leap ? 1 : 0) + day - 1;
    *ret_wall_ns = days * 86400 * INT64_C(1000000000);
    return 0;
}
