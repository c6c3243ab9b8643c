/*
 * What an HTTP status of a fetched page says of its listing. Pure.
 */
#ifndef DAEMON_HTTP_STATUS_H
#define DAEMON_HTTP_STATUS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether it says that the page is not there: 404 or 410 (RFC 9110, 15.5.5 and 15.5.11). */
bool http_status_gone(const char *status, size_t len);

/* Why a sighting with this status, and this state beside it (NULL: none), cannot be taken: it is no
   status; it neither says that the page was served (2xx) nor that it is gone, and there is no state
   to say it; or it contradicts the state "active". NULL: it can. Static; to follow the status. */
const char *http_status_fault(const char *status, size_t len, const char *state, size_t state_len);

#endif
