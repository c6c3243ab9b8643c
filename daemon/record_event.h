/*
 * Where the event stands in a record (DESIGN 9.1). Pure; knows no member of it.
 */
#ifndef DAEMON_RECORD_EVENT_H
#define DAEMON_RECORD_EVENT_H

#include <stdbool.h>
#include <stddef.h>

/* Finds the object that is the line's member `event`, borrowed. False: the line, which is a record
   (record_decode_head takes it), has none; or it is not closed. Whether the object is JSON is for
   its reader to say. */
bool record_event_find(const char *line, size_t len, const char **ret_at, size_t *ret_len);

#endif
