/*
 * Times as text: RFC 3339 in and out. Pure.
 */
#ifndef DAEMON_TIME_TEXT_H
#define DAEMON_TIME_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_BYTES    31u  /* "2026-11-24T15:00:00.123456789Z" and NUL */
#define TIME_TEXT_YEAR_MIN 1678 /* the whole years that fit int64_t nanoseconds */
#define TIME_TEXT_YEAR_MAX 2261

/* Parses RFC 3339: date "T" (or "t" or one space) time, an optional fraction of one or more digits
   (those past the ninth are cut), then "Z", "z" or a numeric offset of at most 23:59; -00:00 is
   UTC. Second 60 only where a day of UTC ends, with or without a fraction: it is taken as the first
   instant of the next day. 0 and UTC nanoseconds; -EINVAL for everything else: an impossible date,
   a missing offset (DESIGN 9.17), or a year outside TIME_TEXT_YEAR_MIN..MAX. Reads exactly len
   bytes. */
int time_text_parse(const char *text, size_t len, int64_t *ret_wall_ns);

/* The same of what time_text_format writes, and of nothing else: TIME_TEXT_BYTES - 1 bytes. */
int time_text_parse_exact(const char *text, int64_t *ret_wall_ns);

/* Writes UTC with nine fraction digits and "Z"; fixed width, NUL-terminated. */
void time_text_format(int64_t wall_ns, char ret_text[TIME_TEXT_BYTES]);

#endif
