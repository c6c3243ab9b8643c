/*
 * One event: JSON object -> struct knowledge_event, or the reason why not. Knows the kinds and
 * fields of the domain, section 1.3, as a table (event_kinds.h); knows no rule, socket or record.
 */
#ifndef DAEMON_EVENT_H
#define DAEMON_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/json.h"
#include "daemon/knowledge/event.h"
#include "daemon/reject.h"

#define EVENT_ID_BYTES_MAX   128u  /* of [A-Za-z0-9._:-] */
#define EVENT_TEXT_BYTES_MAX 513u  /* any other text: <platform>/<seller_id> of a listing fits */
#define EVENT_MEMBERS_MAX    256u  /* of the object */
#define EVENT_VALUES_MAX     8192u /* elements of one list; of all lists; members open at once */

struct event_decoder;

/* Makes a decoder with all the memory it needs. It belongs to one thread. NULL when out of memory.
 */
struct event_decoder *event_open(void);

/* Most bytes that one holds. */
size_t event_bytes(void);

/* Decodes one event. bytes are followed by JSON_SLACK_BYTES readable bytes. scoped: an event about
   a listing or channel must say its platform (DESIGN 9.3), as intake demands, and a sighting need
   not say its time (9.2; at_ns is then 0); a file of events may leave platforms out, and no time.
   REJECT_NONE and *ret_event, whose texts live until the next call or event_close; or the code with
   *reterr_reject. An event with several faults is rejected for the first in this order:

   - 1. too_long, bad_utf8, bad_json or too_deep: no JSON text. bad_type: no object. bad_value: too
     many members or values.
   - 2. id, type, at, unc_ms, part, then the fields of its type in the order of their table, each:
     dup_key, missing_field, bad_type, bad_time, bad_value.

   null counts as not there. Other members are kept out of findings, but belong to the body that
   duplicates are compared by: event.rest is the SHA-256 of a canonical form in which the order of
   members, white space and the spelling of strings and numbers do not count. A type that the table
   does not know is KNOWLEDGE_OTHER and no fault (domain, 7.2). */
enum reject_code event_decode(struct event_decoder *decoder, const char *bytes, size_t len,
                              bool scoped, struct knowledge_event *ret_event,
                              struct reject *reterr_reject);

/* The same, but event.rest stays zero: for whoever compares no bodies, in half the time. */
enum reject_code event_peek(struct event_decoder *decoder, const char *bytes, size_t len,
                            struct knowledge_event *ret_event, struct reject *reterr_reject);

/* Frees; NULL is fine. Returns NULL. */
struct event_decoder *event_close(struct event_decoder *decoder);

#endif
