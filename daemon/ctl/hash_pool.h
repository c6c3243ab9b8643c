/*
 * Chunks of a ledger hashed by several threads and given back in order.
 */
#ifndef DAEMON_CTL_HASH_POOL_H
#define DAEMON_CTL_HASH_POOL_H

#include <stddef.h>

#include "daemon/ledger/verify_chunk.h"

#define HASH_POOL_THREADS_MAX 16u

struct hash_pool;

/* Starts `threads` threads, 1 to HASH_POOL_THREADS_MAX, and makes room for chunks of `room` bytes.
   0 or -errno. */
int hash_pool_open(unsigned threads, size_t room, struct hash_pool **ret_pool);

/* A chunk to be filled and put, with its room; NULL when all are on their way: take one first. */
struct verify_chunk *hash_pool_slot(struct hash_pool *pool, char **ret_room);

/* Hands the chunk of the last hash_pool_slot to the threads. */
void hash_pool_put(struct hash_pool *pool);

/* Waits for the chunk that was put first of those that are out, hashed; it is the caller's until
   the next take. NULL when none is out. */
const struct verify_chunk *hash_pool_take(struct hash_pool *pool);

/* Ends the threads, whatever is out, and frees. NULL is fine. Returns NULL. */
struct hash_pool *hash_pool_close(struct hash_pool *pool);

#endif
