/*
 * One block, handed out from the front. Knows nothing of what lies in it.
 */
#include "daemon/arena.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN 8u

static size_t aligned(size_t bytes)
{
    return (bytes + (ARENA_ALIGN - 1)) & ~(size_t)(ARENA_ALIGN - 1);
}

int arena_open(struct arena *ret_arena, size_t bytes)
{
    assert(bytes <= SIZE_MAX / 2);
    bytes = aligned(bytes);
    char *block = malloc(bytes + ARENA_SLACK_BYTES);
    if (block == NULL)
        return -ENOMEM;
    memset(block + bytes, 0, ARENA_SLACK_BYTES);
    *ret_arena = (struct arena){.block = block, .bytes = bytes};
    return 0;
}

size_t arena_room(const struct arena *arena)
{
    return arena->bytes - arena->used;
}

static inline char *take(struct arena *arena, size_t len)
{
    char *at = arena->block + arena->used;

    assert(len <= arena_room(arena));
    arena->used += aligned(len);
    assert(arena->used <= arena->bytes);
    return at;
}

void *arena_take(struct arena *arena, size_t len)
{
    return take(arena, len);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t len)
{
    char *at = take(arena, len);

    if (len > 0)
        memcpy(at, bytes, len);
    return at;
}

char *arena_copy_slack(struct arena *arena, const char *bytes, size_t len)
{
    char *at = take(arena, len);

    if (len > 2 * (size_t)ARENA_SLACK_BYTES)
        return memcpy(at, bytes, len);
    /* The last block may end past what was taken: in room not handed out yet, or in the slack. */
    for (size_t done = 0; done < len; done += ARENA_SLACK_BYTES)
        memcpy(at + done, bytes + done, ARENA_SLACK_BYTES);
    return at;
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
