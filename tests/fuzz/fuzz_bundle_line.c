/*
 * Any bytes are read as a record's line: whatever is found in them lies in them, and each walk
 * ends.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/bundle_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct bundle_slice whole, struct bundle_slice part)
{
    if (part.at != NULL && (part.at < whole.at || part.at + part.len > whole.at + whole.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"event", "listing", "seq", "a", ""};
    char *copy = malloc(size > 0 ? size : 1); /* so that a read past it is seen */
    struct bundle_slice found;
    size_t count = 0;

    if (copy == NULL)
        abort();
    if (size > 0)
        memcpy(copy, data, size);
    struct bundle_slice line = {copy, size};
    struct bundle_walk strings = {.text = line}, elements = {.text = line};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct bundle_slice value = bundle_line_member(line, keys[i]);
        check(line, value);
        check(line, bundle_line_string(value));
        check(value, bundle_line_member(value, "id"));
        if (bundle_line_number(value) > (uint64_t)INT64_MAX)
            abort();
    }
    while ((found = bundle_line_next_string(&strings)).at != NULL) {
        check(line, found);
        check(line, strings.key);
        if (count++ > size)
            abort();
    }
    count = 0;
    while ((found = bundle_line_next_element(&elements)).at != NULL) {
        check(line, found);
        if (count++ > size)
            abort();
    }
    free(copy);
    return 0;
}
