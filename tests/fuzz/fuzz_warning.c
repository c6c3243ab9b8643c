/*
 * Any line is read as a warning's record; what is read names a warning.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/warning_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_parser *parser;
    struct warning given;
    char *line = calloc(1, size + JSON_SLACK_BYTES); /* so that a read past it is seen */

    if (parser == NULL)
        parser = json_open();
    if (parser == NULL || line == NULL)
        abort();
    if (size > 0)
        memcpy(line, data, size);
    (void)warning_decode(parser, line, size, &given); /* either is fine */
    free(line);
    return 0;
}
