/*
 * A file that says which days are business days, as the member `calendar` of a policy:
 *
 *     # comment                     behind a # anywhere, and empty lines
 *     calendar cn-2026              its name
 *     zone +08:00                   one offset for all of it
 *     from 2026-01-01               what it covers, both days included: past it no holiday is known
 *     until 2026-12-31
 *     weekend sat sun               as in mon tue wed thu fri sat sun; at most six; or none
 *     holiday 2026-02-17            a day on which nobody works; as many as there are
 *     workday 2026-02-14            a day of a weekend on which people work; likewise
 *
 * calendar, zone, from, until and weekend stand once each, in any order.
 */
#ifndef DAEMON_CTL_CALENDAR_H
#define DAEMON_CTL_CALENDAR_H

#include <stddef.h>

#include "daemon/ledger/text.h"

#define CALENDAR_BYTES_MAX 65536u /* of a file */
#define CALENDAR_JSON_MAX  12288u /* of the member: a record holds 16 KiB */
#define CALENDAR_WHY_BYTES 160u

/* Writes the member's value: an object with the SHA-256 of the file among its members. 0; or
   -EINVAL with what is wrong and in which line, 0 for the whole file; or -EMSGSIZE when it is too
   long for `json`. */
int calendar_parse(const char *bytes, size_t len, struct text *json, size_t *reterr_line,
                   char reterr_why[CALENDAR_WHY_BYTES]);

/* The same of a file. CTL_OK, or CTL_USAGE after an error that names FILE:LINE. */
int calendar_read(const char *path, struct text *json);

#endif
