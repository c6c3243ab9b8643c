/*
 * What two events with one id are compared by: a canonical form of a JSON object, hashed.
 */
#ifndef DAEMON_EVENT_BODY_H
#define DAEMON_EVENT_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/digest.h"
#include "daemon/json.h"

struct event_body;

/* Makes the memory for one object at a time. NULL when there is none. */
struct event_body *event_body_open(void);
size_t event_body_bytes(void); /* that one holds */

/* The SHA-256 of the object's members but those that `skip` names (ended by NULL). Members are
   sorted by key; white space and the spelling of strings and numbers do not count, but 1 and 1.0
   are two values. False: more values are open at once than EVENT_VALUES_MAX. */
bool event_body_digest(struct event_body *body, const struct json_value *object,
                       const char *const *skip, uint8_t ret_digest[DIGEST_BYTES]);

/* Frees; NULL is fine. Returns NULL. */
struct event_body *event_body_close(struct event_body *body);

#endif
