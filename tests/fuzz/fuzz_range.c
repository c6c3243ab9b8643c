/* A range of records is read within its bytes, and what is taken is within its bounds. */
#include <stdlib.h>
#include <string.h>

#include "daemon/web/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct range range;
    char *bytes = malloc(size > 0 ? size : 1); /* of exact size, so that a read past it is seen */
    if (bytes == NULL)
        abort();
    if (size > 0)
        memcpy(bytes, data, size);
    if (range_parse(bytes, size, &range) == 0) {
        bool counted = range.count == UINT64_MAX || range.count <= RANGE_NUMBER_MAX;
        if (!counted || range.skip > RANGE_NUMBER_MAX || range.back > RANGE_NUMBER_MAX ||
            (range.back > 0 && (range.has_cursor || range.skip > 0)) ||
            (!range.has_cursor && range.count == UINT64_MAX))
            abort();
    }
    free(bytes);
    return 0;
}
