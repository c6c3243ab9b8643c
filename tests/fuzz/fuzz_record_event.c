/*
 * Any bytes as a record: what is found as its event lies within them and is an object by its
 * brackets; in a record that is JSON, the event is JSON too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/shape.h"
#include "daemon/record_event.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data, *at = NULL;
    size_t len = 0;
    if (!record_event_find(line, size, &at, &len))
        return 0;
    if (at < line || len < 2 || at + len > line + size || at[0] != '{')
        abort();
    if (shape_is_object(line, size) && !shape_is_object(at, len))
        abort();
    return 0;
}
