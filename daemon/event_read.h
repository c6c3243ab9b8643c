/*
 * Reading the members of one object: what event.c and the table's fields share. Not for others.
 */
#ifndef DAEMON_EVENT_READ_H
#define DAEMON_EVENT_READ_H

#include <stdbool.h>

#include "daemon/event.h"
#include "daemon/event_body.h"
#include "daemon/event_kinds.h"

struct event_decoder {
    struct json_parser *parser;
    struct event_body *body;
    struct json_member members[EVENT_MEMBERS_MAX];
    struct json_member strike[EVENT_MEMBERS_MAX]; /* of a policy's object `strike` */
    struct json_value elements[EVENT_VALUES_MAX];
    struct knowledge_text texts[EVENT_VALUES_MAX];
    size_t texts_count;
    int32_t days[KNOWLEDGE_DAYS_LISTED]; /* of a policy's calendar */
};

/* An object that is being read. */
struct reading {
    struct event_decoder *decoder;
    const struct json_member *members;
    size_t count;
    const char *inside; /* "strike." before the names of fields in details, or "" */
    bool scoped;
    struct knowledge_event *event;
    struct reject *reject;
};

/* At most this many bytes of a value are quoted in a detail, as printf's precision. */
int event_shown(const struct json_value *value);

/* All below: REJECT_NONE and what was read, or the code with reading->reject set. */

/* "name: is an array, must be a string". */
enum reject_code event_bad_type(struct reading *reading, const char *name,
                                const struct json_value *value, const char *wanted);

/* The member of this name, NULL when it is not there or null. */
enum reject_code event_find(struct reading *reading, const char *name, bool required,
                            const struct json_value **ret_value);

/* A text without NULs, 1..EVENT_TEXT_BYTES_MAX bytes; borrowed. */
enum reject_code event_read_text(struct reading *reading, const char *name,
                                 const struct json_value *value, struct knowledge_text *ret_text);

/* RFC 3339 with an offset. */
enum reject_code event_read_time(struct reading *reading, const char *name,
                                 const struct json_value *value, int64_t *ret_ns);

/* An integer from 0 to max. */
enum reject_code event_read_number(struct reading *reading, const char *name,
                                   const struct json_value *value, int64_t max,
                                   int64_t *ret_number);

/* The calendar of a policy, whose days stay in the decoder, into reading->event; and that there is
   one where the policy counts in business days. */
enum reject_code event_read_calendar(struct reading *reading, const struct json_value *value);
enum reject_code event_check_days(struct reading *reading);

/* All fields of a list, into reading->event. */
enum reject_code event_read_fields(struct reading *reading, const struct event_field *field);

#endif
