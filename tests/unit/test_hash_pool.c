/*
 * Chunks hashed by several threads. Goal: they come back in order, each with its own hashes, and
 * the pool can be closed with chunks out. Method: bundles of numbers through 1 to 5 threads of
 * pthread_create, so that TSan sees them.
 */
#include <string.h>

#include "daemon/ctl/hash_pool.h"
#include "daemon/ledger/tile.h"
#include "tests/fakes/test.h"

#define CHUNKS 500u

static void fill(struct verify_chunk *chunk, char *room, uint64_t number)
{
    chunk->width = 1 + (uint32_t)(number % 200);
    chunk->bundle = true;
    chunk->segment = number;
    chunk->offset = 0;
    chunk->bytes = room;
    chunk->len = 10 * chunk->width;
    for (unsigned i = 0; i < chunk->width; i++) {
        uint8_t entry[10] = {0, 8, (uint8_t)number, (uint8_t)(number >> 8), (uint8_t)i};
        memcpy(room + 10 * i, entry, sizeof(entry));
    }
}

static void expect(const struct verify_chunk *chunk, uint64_t number)
{
    assert_int_equal(chunk->segment, number);
    assert_int_equal(chunk->fault, VERIFY_CHUNK_OK);
    assert_int_equal(chunk->count, 1 + number % 200);
    for (unsigned i = 0; i < chunk->count; i += 37) {
        uint8_t entry[8] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)i};
        struct merkle_hash leaf = merkle_leaf(entry, sizeof(entry));
        assert_true(merkle_equal(&leaf, &chunk->lines[i].leaf));
    }
}

static void chunks_come_back_hashed_in_the_order_in_which_they_were_put(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 5; threads++) {
        struct hash_pool *pool = NULL;
        uint64_t put = 0, taken = 0;
        char *room;
        assert_int_equal(hash_pool_open(threads, 4096, &pool), 0);
        assert_null(hash_pool_take(pool));
        while (taken < CHUNKS) {
            struct verify_chunk *chunk = put < CHUNKS ? hash_pool_slot(pool, &room) : NULL;
            if (chunk != NULL) {
                fill(chunk, room, put++);
                hash_pool_put(pool);
                continue;
            }
            const struct verify_chunk *hashed = hash_pool_take(pool);
            assert_non_null(hashed);
            expect(hashed, taken++);
        }
        assert_null(hash_pool_take(pool));
        pool = hash_pool_close(pool);
        assert_null(pool);
    }
}

static void a_pool_is_closed_with_chunks_out(void **state)
{
    (void)state;
    struct hash_pool *pool = NULL;
    struct verify_chunk *chunk;
    char *room;
    uint64_t put = 0;

    assert_int_equal(hash_pool_open(3, 4096, &pool), 0);
    while ((chunk = hash_pool_slot(pool, &room)) != NULL) {
        fill(chunk, room, put++);
        hash_pool_put(pool);
    }
    assert_true(put > 3);
    /* The one that is held is not filled again. */
    const struct verify_chunk *held = hash_pool_take(pool);
    assert_null(hash_pool_slot(pool, &room));
    expect(held, 0);
    assert_null(hash_pool_close(pool));
    assert_null(hash_pool_close(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_come_back_hashed_in_the_order_in_which_they_were_put),
        cmocka_unit_test(a_pool_is_closed_with_chunks_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
