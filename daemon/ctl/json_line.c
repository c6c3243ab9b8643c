/*
 * A line of JSON of any length: room doubles until it fits.
 */
#include "daemon/ctl/json_line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ROOM_BYTES_MIN ((size_t)16 * 1024)

int json_line_print(json_line_write *write, const void *context)
{
    for (size_t room = ROOM_BYTES_MIN;; room *= 2) {
        char *line = malloc(room);
        if (line == NULL)
            return -ENOMEM;
        struct text text = text_into(line, room);
        write(&text, context);
        text_literal(&text, "\n");
        bool whole = !text.overflow;
        if (whole)
            (void)fwrite(line, 1, text.len, stdout); /* ctl_finish sees the error */
        free(line);
        if (whole)
            return 0;
    }
}
