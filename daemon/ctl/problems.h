/*
 * What is wrong with lists and rules, as a compiler says it: FILE:LINE:COLUMN: error: what. It is
 * kept, and told at the end in the order of the files' lines.
 */
#ifndef DAEMON_CTL_PROBLEMS_H
#define DAEMON_CTL_PROBLEMS_H

#include <stddef.h>

#include "matcher/matcher.h"

enum problems_severity {
    PROBLEMS_ERROR = 0,
    PROBLEMS_WARNING,
    PROBLEMS_NOTE,
};

struct problem;

/* Zeroed at first. */
struct problems {
    struct problem *items;
    size_t count, room;
    size_t errors, warnings;
};

/* Keeps a problem; the path is borrowed until problems_tell and may be NULL: it is of no file.
   file orders problems of different files. Without memory it is told at once. */
void problems_add(struct problems *problems, enum problems_severity severity, const char *path,
                  size_t file, const struct matcher_error *error);

/* Prints all on stderr and forgets them; the counts stay. */
void problems_tell(struct problems *problems);

#endif
