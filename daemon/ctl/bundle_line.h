/*
 * Members of a record's line as they are spelled there, without decoding: a bundle holds lines as
 * they were signed. Pure; takes any bytes, and says something of use for lines of the format.
 */
#ifndef DAEMON_CTL_BUNDLE_LINE_H
#define DAEMON_CTL_BUNDLE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A stretch of the line; borrowed. at == NULL: not there. */
struct bundle_slice {
    const char *at;
    size_t len;
};

/* The value of the object's first member of this name; a string with its quotes. */
struct bundle_slice bundle_line_member(struct bundle_slice object, const char *key);

/* The value if it is a string, without its quotes, escapes as they are; else not there. */
struct bundle_slice bundle_line_string(struct bundle_slice value);

/* The value if it is a whole number below 2^63, else 0. */
uint64_t bundle_line_number(struct bundle_slice value);

/* Whether that is what stands there. */
bool bundle_line_is(struct bundle_slice value, const char *text);

/* Walks elements of an array, or every string of a text; {array} or {text} is its beginning. */
struct bundle_walk {
    struct bundle_slice text;
    size_t at;
    struct bundle_slice key; /* the last one before the string; for bundle_line_next_string */
};

/* The next element of the array; not there at its end. */
struct bundle_slice bundle_line_next_element(struct bundle_walk *walk);

/* The next string at any depth that is a value and no key, without its quotes; walk->key is the key
   that it, or the list it is in, stands under. Not there at the end. */
struct bundle_slice bundle_line_next_string(struct bundle_walk *walk);

#endif
