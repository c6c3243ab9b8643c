/*
 * The status of noticed in the text format that Prometheus scrapes (exposition format 0.0.4). Names
 * are fixed: dashboards and alerts rest on them. Pure.
 */
#ifndef DAEMON_CTL_METRICS_TEXT_H
#define DAEMON_CTL_METRICS_TEXT_H

#include <stdint.h>
#include <stdio.h>

#include "daemon/json.h"

/* Writes all metrics of a status reply, an object; NULL: noticed does not answer, and noticed_up is
   0. A member that is not there, or of another type, has no metric. written_ns: the time now, UTC,
   so that a file that nobody writes any more is seen to be old. The stream's error is the caller's
   to see. */
void metrics_text_write(FILE *stream, const struct json_value *status, int64_t written_ns);

#endif
