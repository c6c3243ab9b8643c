/*
 * Memory of one batch: handed out from one fixed block, given back all at once. Never grows.
 */
#ifndef DAEMON_ARENA_H
#define DAEMON_ARENA_H

#include <stddef.h>

struct arena {
    char *block;
    size_t bytes, used;
};

/* Makes an arena of this many bytes. 0 or -ENOMEM. */
int arena_open(struct arena *ret_arena, size_t bytes);

/* len bytes, aligned to 8, not zeroed, valid until arena_reset. Asserts that there is room: the
   caller asks arena_room first and flushes when it is short. */
void *arena_take(struct arena *arena, size_t len);

/* Copies len bytes and leaves 64 readable bytes after them. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len);

/* Bytes left to take; and giving all of it back at once. */
size_t arena_room(const struct arena *arena);
void arena_reset(struct arena *arena);

/* Frees the block; a zeroed arena is fine. */
void arena_close(struct arena *arena);

#endif
