/*
 * A line of JSON of any length on standard output, written by a function that knows what it says.
 */
#ifndef DAEMON_CTL_JSON_LINE_H
#define DAEMON_CTL_JSON_LINE_H

#include "daemon/ledger/text.h"

/* Writes the object; called again with more room when it does not fit. */
typedef void json_line_write(struct text *text, const void *context);

/* Prints what `write` writes, and a newline. 0 or -ENOMEM; a failed write shows in ctl_finish. */
int json_line_print(json_line_write *write, const void *context);

#endif
