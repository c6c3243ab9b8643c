/*
 * One line of the feed as people, tables and filters look at it. Pure: knows the records' members,
 * no file.
 */
#ifndef DAEMON_CTL_VIEW_H
#define DAEMON_CTL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/term.h"
#include "daemon/json.h"
#include "daemon/ledger/record.h"

#define VIEW_HITS_MAX   64u
#define VIEW_REST_MAX   32u
#define VIEW_TIME_CHARS 30u /* "2026-11-24T15:00:00.123456789Z" */

struct view_text {
    const char *at; /* NULL: the record has no such member */
    size_t len;
};

struct view_hit {
    struct view_text mark, rule, text;
};

/* Members of one record; the texts die with the next view_parse. */
struct view {
    uint64_t seq;
    struct view_text kind, time;
    struct view_text platform, listing, merchant, title, class, scan, state;
    struct view_hit hits[VIEW_HITS_MAX];
    size_t hits_count;
    struct json_member rest[VIEW_REST_MAX]; /* members without a place of their own; of an event,
                                               the event's */
    size_t rest_count;
};

/* The member of this key among the rest; NULL: there is none. */
const struct json_value *view_rest(const struct view *view, const char *key);

/* Whether the text is there and is exactly this. */
bool view_is(struct view_text text, const char *string);

struct view_reader;

/* NULL when out of memory. */
struct view_reader *view_open(void);

/* Takes one line apart. 0; -EBADMSG: it is no record: not JSON, no common fields, longer than
   RECORD_LINE_BYTES_MAX, or with a raw control or non-ASCII byte. The line is copied. */
int view_parse(struct view_reader *reader, const char *line, size_t len, struct view *ret_view);

/* Frees; NULL is fine. Returns NULL. */
struct view_reader *view_close(struct view_reader *reader);

/* Prints it on one line, at most columns wide (SIZE_MAX: as wide as it is). */
void view_print(const struct term *term, const struct view *view, size_t columns);

#endif
