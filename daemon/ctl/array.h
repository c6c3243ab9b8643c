/*
 * A JSON array as lines, an element each, however long it is: nothing of it is held; and a JSON
 * object that goes over lines as one. Knows brackets, strings and commas; whether an element is
 * JSON is for its reader to say.
 *
 * A newline between an element's words becomes a space, and one inside a string, which JSON
 * forbids, a carriage return, which it forbids too. What stands where an element should be (a
 * second comma, a comma before the end) is a line of its own that is no JSON, so that it is told.
 * Behind an array or object another one may follow; what is anything else is passed on as it is.
 */
#ifndef DAEMON_CTL_ARRAY_H
#define DAEMON_CTL_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line of NDJSON may be an array too. A first line that is a whole array, with another line
   behind it, is such a one; an array that goes over lines, or is longer than a line may be, or is
   all that there is, is an array of listings. A file whose first line is a bracket { alone is no
   NDJSON either, but an object as tools write it for people. */
#define ARRAY_PROBE_BYTES 262144u

enum array_verdict {
    ARRAY_OPEN = 0, /* more bytes must be seen */
    ARRAY_YES,
    ARRAY_NO, /* lines */
};

/* Where a reader of JSON stands; begin with {0}. */
struct array_place {
    uint64_t depth; /* open brackets */
    bool in_string, escaped;
};

/* Begin with {0}. */
struct array_probe {
    size_t seen; /* of the bytes */
    struct array_place place;
    bool begun, closed, parted; /* behind the first, the last bracket; a newline was behind it */
};

/* Whether the bytes begin an array of listings, or such an object. They are all that there is so
   far, from the first on; ended: no more come. */
enum array_verdict array_probe(struct array_probe *probe, const char *bytes, size_t len,
                               bool ended);

enum array_state {
    ARRAY_OUTSIDE = 0, /* before or behind an array */
    ARRAY_FIRST,       /* behind its bracket */
    ARRAY_NEXT,        /* behind a comma */
    ARRAY_ELEMENT,
    ARRAY_OBJECT, /* in one that stands by itself */
    ARRAY_LINES,  /* something else followed an array: all the rest is passed on */
};

/* Begin with {0}. */
struct array {
    enum array_state state;
    struct array_place place; /* in the element */
};

/* Lines from the next bytes; out has 2 * len bytes. Returns how many were written: all of len is
   used. */
size_t array_lines(struct array *array, const char *bytes, size_t len, char *out);

/* Whether the bytes may end here. */
bool array_may_end(const struct array *array);

#endif
