/*
 * The values that rules and listings compare: decimals as written, days. Pure. Private to the
 * matcher.
 */
#ifndef MATCHER_RULES_VALUE_H
#define MATCHER_RULES_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Compares two amounts exactly, as numbers: digits with at most one point, an exponent as in JSON
   ("12", "12.50", "1.2e3"); spaces around are skipped. 0 and *ret_order < 0, 0, > 0; -EINVAL if one
   of them is anything else: a sign, a currency, a comma, which means two things in two countries.
 */
int rules_value_compare(const char *a, size_t a_len, const char *b, size_t b_len, int *ret_order);

/* Whether it is such an amount. */
bool rules_value_is_amount(const char *text, size_t len);

/* The beginning of a day of UTC written 2026-11-24. 0; -EINVAL if there is no such day in the years
   1678 to 2261. */
int rules_value_day(const char *text, size_t len, int64_t *ret_wall_ns);

#endif
