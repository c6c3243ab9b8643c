/*
 * What the matcher made of one text, printed for people.
 */
#ifndef DAEMON_CTL_EXPLANATION_H
#define DAEMON_CTL_EXPLANATION_H

#include "daemon/ctl/term.h"
#include "matcher/matcher.h"

struct explanation {
    struct term term;
    const struct matcher_db *db;
    const char *text; /* one field, which is all that was looked at; MATCHER_SLACK_BYTES follow */
    size_t len;
    const struct matcher_result *result; /* not FAILED */
};

/* Prints the text with its hits in colour, how it was read, each hit and why it is one, and the
   class. Long texts are cut, and it says so. 0; -ENOMEM. */
int explanation_print(const struct explanation *explanation);

#endif
