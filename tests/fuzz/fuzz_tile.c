/*
 * A tile's name that is read is written the same again.
 */
#include <stdlib.h>
#include <string.h>

#include "daemon/ledger/tile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tile_id id;
    char again[TILE_PATH_BYTES];
    /* An own copy of exact size, so that a read past the end is seen. */
    char *path = malloc(size > 0 ? size : 1);

    check(path != NULL);
    if (size > 0)
        memcpy(path, data, size);
    if (tile_path_parse(path, size, &id) == 0) {
        check(id.width >= 1);
        check(id.width <= TILE_WIDTH);
        check(id.level < 64 || id.level == TILE_LEVEL_ENTRIES);
        tile_path(&id, again);
        check(strlen(again) == size);
        check(memcmp(again, path, size) == 0);
    }
    free(path);
    return 0;
}
