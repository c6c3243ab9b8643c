/*
 * An event's JSON object as it stands in a record: every string in its one ASCII spelling, no white
 * space, all members kept in their order, numbers as they were written. Knows JSON's grammar; knows
 * no member.
 */
#ifndef DAEMON_EVENT_TEXT_H
#define DAEMON_EVENT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/event.h"

#define EVENT_TEXT_ROOM                                                                            \
    (1u << 20) /* what a text may become: nothing of JSON_BYTES_MAX bytes does                     \
                  unless a quarter of it is raw DELs */

/* One member of the object; offsets in bytes. Its key stands from begin, its value from value. */
struct event_member {
    size_t begin, value, end;
};

struct event_text {
    size_t len, count;
    struct event_member members[EVENT_MEMBERS_MAX];
    char bytes[EVENT_TEXT_ROOM];
    char scratch[JSON_BYTES_MAX]; /* a string without its escapes */
};

/* Makes one; it belongs to one thread. NULL when out of memory. */
struct event_text *event_text_open(void);

/* Spells the object anew; json is one JSON object that json_parse took, of at most JSON_BYTES_MAX
   bytes and EVENT_MEMBERS_MAX members. A lone surrogate becomes U+FFFD (DESIGN 9.4). False: it does
   not fit. */
bool event_text_take(struct event_text *text, const char *json, size_t len);

/* The member of this key, the first of several; NULL: not there, or null. */
const struct event_member *event_text_find(const struct event_text *text, const char *key);

/* Whether this is the member's key. */
bool event_text_is(const struct event_text *text, const struct event_member *member,
                   const char *key);

/* Frees; NULL is fine. Returns NULL. */
struct event_text *event_text_close(struct event_text *text);

#endif
