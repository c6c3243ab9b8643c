/*
 * Memory of one batch: handed out from one fixed block, given back all at once. Never grows.
 */
#ifndef DAEMON_ARENA_H
#define DAEMON_ARENA_H

#include <assert.h>
#include <stddef.h>

#define ARENA_SLACK_BYTES 64u /* readable bytes after everything handed out */

struct arena {
    char *block;        /* bytes of it to hand out, then ARENA_SLACK_BYTES */
    size_t bytes, used; /* multiples of 8 */
};

/* Everything begins on a multiple of 8. */
static inline size_t arena_aligned(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

/* Makes an arena of this many bytes. 0 or -ENOMEM. */
int arena_open(struct arena *ret_arena, size_t bytes);

/* Bytes left to take. */
static inline size_t arena_room(const struct arena *arena)
{
    return arena->bytes - arena->used;
}

/* len bytes, aligned to 8, not zeroed, valid until arena_reset; ARENA_SLACK_BYTES readable bytes of
   no meaning follow. Asserts that there is room: the caller asks arena_room first (len rounded up
   to a multiple of 8 is taken) and flushes when it is short. */
static inline char *arena_take(struct arena *arena, size_t len)
{
    char *at = arena->block + arena->used;

    assert(len <= arena_room(arena));
    arena->used += arena_aligned(len);
    return at;
}

/* Gives back the end of what was taken last, from this address on: something in it, or its end. */
static inline void arena_give_back(struct arena *arena, const char *from)
{
    size_t kept = arena_aligned((size_t)(from - arena->block));

    assert(kept <= arena->used);
    arena->used = kept;
}

/* Gives all of it back at once. */
void arena_reset(struct arena *arena);

/* Frees the block; a zeroed arena is fine. */
void arena_close(struct arena *arena);

#endif
