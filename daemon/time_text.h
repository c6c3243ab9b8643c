/*
 * Times as text: RFC 3339 in and out. Pure.
 */
#ifndef DAEMON_TIME_TEXT_H
#define DAEMON_TIME_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_BYTES 31u /* "2026-11-24T15:00:00.123456789Z" and NUL */

/* Parses RFC 3339: date "T" (or "t" or one space) time, 0 to 9 fraction digits or more (digits past
   the ninth are cut), then "Z" or a numeric offset. 0 and UTC nanoseconds; -EINVAL for everything
   else, an impossible date, a missing offset (DESIGN 9.17), or a year outside 1678..2261. Second 60
   is taken as the first instant of the next minute. */
int time_text_parse(const char *text, size_t len, int64_t *ret_wall_ns);

/* Writes UTC with nine fraction digits and "Z"; fixed width, NUL-terminated. */
void time_text_format(int64_t wall_ns, char ret_text[TIME_TEXT_BYTES]);

#endif
