/*
 * JSON for people: re-indented as it is spelled, or as a tree of names and values.
 */
#ifndef DAEMON_CTL_SHOW_H
#define DAEMON_CTL_SHOW_H

#include <stddef.h>

#include "daemon/ctl/term.h"
#include "daemon/json.h"

/* Prints a valid JSON text with two spaces a level and a newline at the end. Every string and
   number stays as spelled. */
void show_pretty(const struct term *term, const char *json, size_t len);

/* Prints the members of an object, one a line, names aligned, nested ones indented; the member
   named `without` is left out. Numbers stay in one piece, to be copied. */
void show_tree(const struct term *term, const struct json_value *object, const char *without);

#endif
