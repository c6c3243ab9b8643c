/*
 * Memory of one batch: handed out from one fixed block, given back all at once. Never grows.
 */
#ifndef DAEMON_ARENA_H
#define DAEMON_ARENA_H

#include <stddef.h>

#define ARENA_SLACK_BYTES 64u /* readable bytes after everything handed out */

struct arena {
    char *block;        /* bytes of it to hand out, then ARENA_SLACK_BYTES */
    size_t bytes, used; /* multiples of 8 */
};

/* Makes an arena of this many bytes. 0 or -ENOMEM. */
int arena_open(struct arena *ret_arena, size_t bytes);

/* len bytes, aligned to 8, not zeroed, valid until arena_reset. Asserts that there is room: the
   caller asks arena_room first (len rounded up to a multiple of 8 is taken) and flushes when it is
   short. */
void *arena_take(struct arena *arena, size_t len);

/* Copies len bytes. ARENA_SLACK_BYTES readable bytes follow them: the next things handed out, or
   the block's own slack; their content means nothing. */
char *arena_copy(struct arena *arena, const void *bytes, size_t len);

/* The same for bytes that are themselves followed by ARENA_SLACK_BYTES readable ones: copies in
   whole blocks, which is faster for the many short texts of a listing. */
char *arena_copy_slack(struct arena *arena, const char *bytes, size_t len);

/* Bytes left to take; and giving all of it back at once. */
size_t arena_room(const struct arena *arena);
void arena_reset(struct arena *arena);

/* Frees the block; a zeroed arena is fine. */
void arena_close(struct arena *arena);

#endif
