/*
 * The ring between a lane and the writer. Goal: every entry arrives once, whole, in order; nothing
 * is overwritten unread. Method: exact fills, random sizes against a model, two threads (under
 * TSan).
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/queue.h"
#include "tests/fakes/test.h"

#define RING_BYTES (2u * QUEUE_ENTRY_BYTES_MAX)

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void an_entry_is_seen_after_publish_and_not_before(void **state)
{
    (void)state;
    struct queue *queue;
    unsigned type;
    size_t len;

    assert_int_equal(queue_open(RING_BYTES, &queue), 0);
    assert_null(queue_peek(queue, &type, &len));
    memcpy(queue_reserve(queue, 100), "hello", 5);
    queue_put(queue, 7, 5);
    assert_null(queue_peek(queue, &type, &len));
    queue_publish(queue);
    const char *entry = queue_peek(queue, &type, &len);
    assert_non_null(entry);
    assert_int_equal(type, 7);
    assert_int_equal(len, 5);
    assert_memory_equal(entry, "hello", 5);
    assert_ptr_equal(queue_peek(queue, &type, &len), entry);
    uint64_t position = queue_put_position(queue);
    assert_int_equal(queue_bytes(queue), position);
    queue_pop(queue);
    assert_int_equal(queue_pop_position(queue), position);
    assert_int_equal(queue_durable(queue), 0);
    queue_set_durable(queue, position);
    assert_int_equal(queue_durable(queue), position);
    assert_int_equal(queue_bytes(queue), 0);
    assert_null(queue_close(queue));
    assert_null(queue_close(NULL));
}

static void the_entry_behind_is_seen_once_it_is_published_too(void **state)
{
    (void)state;
    struct queue *queue;
    unsigned type;
    size_t len;

    assert_int_equal(queue_open(RING_BYTES, &queue), 0);
    memcpy(queue_reserve(queue, 100), "first", 5);
    queue_put(queue, 1, 5);
    queue_publish(queue);
    assert_non_null(queue_peek(queue, &type, &len));
    assert_null(queue_peek_behind(queue, &type));
    memcpy(queue_reserve(queue, 100), "second", 6);
    queue_put(queue, 2, 6);
    assert_null(queue_peek_behind(queue, &type));
    queue_publish(queue);
    queue_pop(queue);
    assert_memory_equal(queue_peek(queue, &type, &len), "second", 6);
    memcpy(queue_reserve(queue, 100), "third", 5);
    queue_put(queue, 3, 5);
    queue_publish(queue);
    const char *behind = queue_peek_behind(queue, &type);
    assert_null(behind); /* published since the last look: it is a hint */
    queue_pop(queue);
    assert_memory_equal(queue_peek(queue, &type, &len), "third", 5);
    assert_int_equal(type, 3);
    for (unsigned i = 0; i < 2; i++) {
        memcpy(queue_reserve(queue, 100), i == 0 ? "four" : "five", 4);
        queue_put(queue, 4 + i, 4);
    }
    queue_publish(queue);
    queue_pop(queue);
    assert_memory_equal(queue_peek(queue, &type, &len), "four", 4);
    behind = queue_peek_behind(queue, &type);
    assert_non_null(behind);
    assert_memory_equal(behind, "five", 4);
    assert_int_equal(type, 5);
    assert_null(queue_close(queue));
}

static void a_full_queue_refuses_and_takes_again_after_a_pop(void **state)
{
    (void)state;
    struct queue *queue;
    unsigned type, count = 0;
    size_t len;
    void *entry;

    assert_int_equal(queue_open(RING_BYTES, &queue), 0);
    while ((entry = queue_reserve(queue, 65536 - 16)) != NULL) {
        memset(entry, (int)count, 65536 - 16);
        queue_put(queue, count++, 65536 - 16);
    }
    assert_int_equal(count, RING_BYTES / 65536);
    queue_publish(queue);
    assert_null(queue_reserve(queue, 0));
    assert_non_null(queue_peek(queue, &type, &len));
    queue_pop(queue);
    assert_non_null(queue_reserve(queue, 65536 - 16));
    queue_put(queue, 99, 1);
    assert_null(queue_close(queue));
}

static void the_largest_entry_fits_wherever_the_ring_stands(void **state)
{
    (void)state;
    struct queue *queue;
    unsigned type;
    size_t len;

    assert_int_equal(queue_open(RING_BYTES, &queue), 0);
    for (unsigned i = 0; i < 200; i++) {
        char *entry = queue_reserve(queue, QUEUE_ENTRY_BYTES_MAX - 16);
        assert_non_null(entry);
        entry[0] = (char)i;
        entry[QUEUE_ENTRY_BYTES_MAX - 17] = (char)~i;
        queue_put(queue, i, QUEUE_ENTRY_BYTES_MAX - 16 - i * 1000);
        queue_publish(queue);
        const char *seen = queue_peek(queue, &type, &len);
        assert_ptr_equal(seen, entry);
        assert_int_equal(len, QUEUE_ENTRY_BYTES_MAX - 16 - i * 1000);
        queue_pop(queue);
        assert_int_equal(queue_pop_position(queue), queue_put_position(queue));
    }
    assert_null(queue_close(queue));
}

#define THREAD_ENTRIES 200000u

struct pair {
    struct queue *queue;
    uint64_t sum;
};

static void *produce(void *context)
{
    struct pair *pair = context;
    uint64_t seed = 42;

    for (uint64_t i = 0; i < THREAD_ENTRIES;) {
        size_t len = 8 + next_random(&seed) % 3000;
        char *entry = queue_reserve(pair->queue, len);
        if (entry == NULL) {
            queue_publish(pair->queue);
            (void)queue_durable(pair->queue);
            continue;
        }
        memset(entry, (int)(i & 0xff), len);
        memcpy(entry, &i, sizeof(i));
        queue_put(pair->queue, (unsigned)(i % 1000), len);
        if (++i % 7 == 0)
            queue_publish(pair->queue);
    }
    queue_publish(pair->queue);
    return NULL;
}

static void two_threads_hand_over_every_entry_in_order(void **state)
{
    (void)state;
    struct pair pair = {0};
    pthread_t thread;
    uint64_t at = 0;

    assert_int_equal(queue_open(RING_BYTES, &pair.queue), 0);
    assert_int_equal(pthread_create(&thread, NULL, produce, &pair), 0);
    while (at < THREAD_ENTRIES) {
        unsigned type;
        size_t len;
        const char *entry = queue_peek(pair.queue, &type, &len);
        if (entry == NULL)
            continue;
        uint64_t number;
        memcpy(&number, entry, sizeof(number));
        assert_int_equal(number, at);
        assert_int_equal(type, at % 1000);
        if (len > 8) {
            assert_int_equal((unsigned char)entry[8], at & 0xff);
            assert_int_equal((unsigned char)entry[len - 1], at & 0xff);
        }
        queue_pop(pair.queue);
        queue_set_durable(pair.queue, queue_pop_position(pair.queue));
        at++;
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(queue_pop_position(pair.queue), queue_put_position(pair.queue));
    assert_int_equal(queue_durable(pair.queue), queue_put_position(pair.queue));
    assert_null(queue_close(pair.queue));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_seen_after_publish_and_not_before),
        cmocka_unit_test(the_entry_behind_is_seen_once_it_is_published_too),
        cmocka_unit_test(a_full_queue_refuses_and_takes_again_after_a_pop),
        cmocka_unit_test(the_largest_entry_fits_wherever_the_ring_stands),
        cmocka_unit_test(two_threads_hand_over_every_entry_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
