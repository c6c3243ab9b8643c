/*
 * The forms in which tail prints a record.
 */
#ifndef DAEMON_CTL_FORMS_H
#define DAEMON_CTL_FORMS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/ctl/term.h"
#include "daemon/ctl/view.h"

enum form {
    FORM_SHORT = 0,   /* one line for people */
    FORM_JSON,        /* the line; a provisional one ends in FORMS_PROVISIONAL in place of its } */
    FORM_JSON_PRETTY, /* the same, indented */
    FORM_CSV,         /* a header line, then a line each; quoted as RFC 4180 says */
    FORM_CAT,         /* the line as it stands in the feed, byte for byte */
};

/* No line of the feed ends so, as no record has a last member of this name: what stands before it
   and a } are the line that is in the feed. */
#define FORMS_PROVISIONAL ",\"provisional\":true}"

/* The form of this name. 0 or -EINVAL. */
int forms_parse(const char *name, enum form *ret_form);

/* Prints what stands before the first record, if anything does. */
void forms_begin(const struct term *term, enum form form);

/* Prints one record: its line, which ends in }, and the view of it. columns: of the short form. */
void forms_print(const struct term *term, enum form form, const struct view *view, const char *line,
                 size_t len, bool provisional, size_t columns);

#endif
