/*
 * An event as a sentence of plain English, for people who never saw our records. Its texts are made
 * safe to look at (term.h).
 */
#ifndef DAEMON_CTL_SENTENCE_H
#define DAEMON_CTL_SENTENCE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/term.h"
#include "daemon/json.h"

#define SENTENCE_SPAN_BYTES 32u

/* Prints what the event with these members, or the record of a warning, says, with a full stop. */
void sentence_print(const struct term *term, const struct json_member *members, size_t count);

/* "2023-01-05 10:00:00 UTC", with a fraction only where there is one, and " (give or take 5 s)"
   where the clock may be off. */
void sentence_time(FILE *stream, int64_t at_ns, uint32_t unc_ms);

/* "20 hours", "5 days", "3 s": rounded down to two units at most. ns >= 0. */
void sentence_span(int64_t ns, char ret_span[SENTENCE_SPAN_BYTES]);

/* A period in business days (<= KNOWLEDGE_DAYS_MAX), "3 business days", or when there are none as
 * sentence_span has it. */
void sentence_period(int64_t seconds, int64_t days, char ret_span[SENTENCE_SPAN_BYTES]);

/* The member of this name, NULL when there is none. */
const struct json_value *sentence_member(const struct json_member *members, size_t count,
                                         const char *name);

#endif
