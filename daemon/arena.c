/*
 * The block that arena.h hands out from the front. Knows nothing of what lies in it.
 */
#include "daemon/arena.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int arena_open(struct arena *ret_arena, size_t bytes)
{
    assert(bytes <= SIZE_MAX / 2);
    bytes = arena_aligned(bytes);
    char *block = malloc(bytes + ARENA_SLACK_BYTES);
    if (block == NULL)
        return -ENOMEM;
    memset(block + bytes, 0, ARENA_SLACK_BYTES);
    *ret_arena = (struct arena){.block = block, .bytes = bytes};
    return 0;
}

void arena_reset(struct arena *arena)
{
    arena->used = 0;
}

void arena_close(struct arena *arena)
{
    free(arena->block);
    *arena = (struct arena){0};
}
