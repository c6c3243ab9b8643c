/*
 * Times as a person writes them on a command line: those of --since and --until.
 */
#ifndef DAEMON_CTL_WHEN_H
#define DAEMON_CTL_WHEN_H

#include <stddef.h>
#include <stdint.h>

/* The wall clock now, UTC; 0 when it cannot be asked. */
int64_t when_now_ns(void);

/* Reads RFC 3339 with any offset; a date, or a date and a time to the minute or second, as UTC;
   "@SECONDS" since 1970; now, today, yesterday (the days of UTC); "-15min", "15 min ago". Units: s,
   min, h, d, w and their words. 0 or -EINVAL. */
int when_parse(const char *text, int64_t now_ns, int64_t *ret_wall_ns);

#endif
