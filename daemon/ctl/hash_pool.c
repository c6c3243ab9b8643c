/*
 * A ring of chunks: one thread fills and takes them in order, the others hash whichever is next.
 * Knows no file.
 */
#include "daemon/ctl/hash_pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#define SLOTS_MAX (2u * HASH_POOL_THREADS_MAX + 2u)

/* The slots [taken, put) are out, those below hashing are hashed or being hashed; slot n is
   slots[n % count]. */
struct slot {
    struct verify_chunk chunk;
    char *room;
    bool hashed;
};

struct hash_pool {
    struct slot slots[SLOTS_MAX];
    size_t count;
    pthread_t threads[HASH_POOL_THREADS_MAX];
    unsigned threads_count;
    pthread_mutex_t mutex; /* guards all below, and hashed */
    pthread_cond_t filled, done;
    size_t taken, hashing, put;
    bool holds; /* the caller has slot taken - 1 */
    bool ending;
};

static void *run(void *context)
{
    struct hash_pool *pool = context;

    (void)pthread_mutex_lock(&pool->mutex); /* cannot fail: an ordinary mutex of ours */
    for (;;) {
        while (!pool->ending && pool->hashing == pool->put)
            (void)pthread_cond_wait(&pool->filled, &pool->mutex); /* likewise */
        if (pool->ending)
            break;
        struct slot *slot = &pool->slots[pool->hashing++ % pool->count];
        (void)pthread_mutex_unlock(&pool->mutex); /* likewise */
        verify_chunk_hash(&slot->chunk);
        (void)pthread_mutex_lock(&pool->mutex); /* likewise */
        slot->hashed = true;
        (void)pthread_cond_signal(&pool->done); /* likewise */
    }
    (void)pthread_mutex_unlock(&pool->mutex); /* likewise */
    return NULL;
}

int hash_pool_open(unsigned threads, size_t room, struct hash_pool **ret_pool)
{
    struct hash_pool *pool = calloc(1, sizeof(*pool));
    int error = pool == NULL ? -ENOMEM : 0;

    assert(threads >= 1);
    assert(threads <= HASH_POOL_THREADS_MAX);
    if (error < 0)
        return error;
    (void)pthread_mutex_init(&pool->mutex, NULL); /* glibc's cannot fail */
    (void)pthread_cond_init(&pool->filled, NULL);
    (void)pthread_cond_init(&pool->done, NULL);
    pool->count = 2u * threads + 2u;
    for (size_t i = 0; i < pool->count; i++) {
        pool->slots[i].room = malloc(room);
        pool->slots[i].chunk.lines =
            malloc(VERIFY_CHUNK_LINES * sizeof(pool->slots[i].chunk.lines[0]));
        if (pool->slots[i].room == NULL || pool->slots[i].chunk.lines == NULL)
            error = -ENOMEM;
    }
    while (error == 0 && pool->threads_count < threads) {
        error = -pthread_create(&pool->threads[pool->threads_count], NULL, run, pool);
        pool->threads_count += error == 0;
    }
    if (error < 0 && pool->threads_count == 0) {
        (void)hash_pool_close(pool); /* always NULL */
        return error;
    }
    *ret_pool = pool;
    return 0;
}

struct verify_chunk *hash_pool_slot(struct hash_pool *pool, char **ret_room)
{
    /* Only this thread moves put and taken. */
    if (pool->put - pool->taken + pool->holds == pool->count)
        return NULL;
    struct slot *slot = &pool->slots[pool->put % pool->count];
    *ret_room = slot->room;
    return &slot->chunk;
}

void hash_pool_put(struct hash_pool *pool)
{
    (void)pthread_mutex_lock(&pool->mutex); /* as in run */
    pool->slots[pool->put % pool->count].hashed = false;
    pool->put++;
    (void)pthread_cond_signal(&pool->filled);
    (void)pthread_mutex_unlock(&pool->mutex);
}

const struct verify_chunk *hash_pool_take(struct hash_pool *pool)
{
    pool->holds = false;
    if (pool->taken == pool->put)
        return NULL;
    struct slot *slot = &pool->slots[pool->taken % pool->count];
    (void)pthread_mutex_lock(&pool->mutex); /* as in run */
    while (!slot->hashed)
        (void)pthread_cond_wait(&pool->done, &pool->mutex);
    pool->taken++;
    (void)pthread_mutex_unlock(&pool->mutex);
    pool->holds = true;
    return &slot->chunk;
}

struct hash_pool *hash_pool_close(struct hash_pool *pool)
{
    if (pool == NULL)
        return NULL;
    (void)pthread_mutex_lock(&pool->mutex); /* as in run */
    pool->ending = true;
    (void)pthread_cond_broadcast(&pool->filled);
    (void)pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 0; i < pool->threads_count; i++)
        (void)pthread_join(pool->threads[i], NULL); /* our own, joined once */
    (void)pthread_cond_destroy(&pool->done);
    (void)pthread_cond_destroy(&pool->filled);
    (void)pthread_mutex_destroy(&pool->mutex);
    for (size_t i = 0; i < pool->count; i++) {
        free(pool->slots[i].room);
        free(pool->slots[i].chunk.lines);
    }
    free(pool);
    return NULL;
}
