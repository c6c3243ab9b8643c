/*
 * The ring behind queue.h: entries of a 16-byte head and a payload, each contiguous and aligned to
 * 16. Knows nothing of what the entries mean.
 */
#include "daemon/queue.h"

#include <assert.h>
#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

#define QUEUE_ALIGN      16u
#define QUEUE_HEAD_BYTES 16u
#define QUEUE_TYPE_SKIP  UINT32_MAX /* the rest of the ring up to its end is unused */
#define QUEUE_CACHE_LINE 64u

/*
 * Invariants:
 *   1. popped <= published <= put, and put - popped <= bytes: nothing is overwritten unread.
 *   2. Every head is at a multiple of QUEUE_ALIGN, so there is always room for a skip's head before
 *      the end of the ring.
 *   3. Only the producer writes the first group of members, only the consumer the second; each
 *      reads the other's position through its one atomic.
 */
struct queue {
    char *ring;
    size_t bytes; /* a power of two */

    /* producer */
    alignas(QUEUE_CACHE_LINE) uint64_t put; /* after the last entry put */
    uint64_t popped_seen;
    char *reserved;
    size_t reserved_len;
    uint64_t entries_put;
    _Atomic uint64_t published, entries_published;

    /* consumer */
    alignas(QUEUE_CACHE_LINE) uint64_t position; /* of the entry to peek at */
    uint64_t published_seen;
    uint64_t entries_popped;
    _Atomic uint64_t popped;
    _Atomic uint64_t durable;
};

struct queue_head {
    uint32_t type, len;
    uint64_t unused;
};

static_assert(sizeof(struct queue_head) == QUEUE_HEAD_BYTES, "heads keep payloads aligned");
static_assert(QUEUE_HEAD_BYTES % QUEUE_ALIGN == 0, "heads keep payloads aligned");

static struct queue_head *queue_head_at(const struct queue *queue, uint64_t position)
{
    void *at = queue->ring + (position & (queue->bytes - 1));

    return at;
}

static size_t queue_entry_bytes(size_t len)
{
    return QUEUE_HEAD_BYTES + ((len + QUEUE_ALIGN - 1) & ~(size_t)(QUEUE_ALIGN - 1));
}

static bool queue_has_room(struct queue *queue, uint64_t end)
{
    if (end - queue->popped_seen <= queue->bytes)
        return true;
    queue->popped_seen = atomic_load_explicit(&queue->popped, memory_order_acquire);
    return end - queue->popped_seen <= queue->bytes;
}

int queue_open(size_t bytes, struct queue **ret_queue)
{
    assert((bytes & (bytes - 1)) == 0);
    assert(bytes >= 2 * (size_t)QUEUE_ENTRY_BYTES_MAX);

    struct queue *queue = aligned_alloc(QUEUE_CACHE_LINE, sizeof(*queue));
    if (queue == NULL)
        return -ENOMEM;
    *queue = (struct queue){.bytes = bytes};
    queue->ring = aligned_alloc(QUEUE_CACHE_LINE, bytes);
    if (queue->ring == NULL) {
        free(queue);
        return -ENOMEM;
    }
    *ret_queue = queue;
    return 0;
}

void *queue_reserve(struct queue *queue, size_t len)
{
    assert(len <= QUEUE_ENTRY_BYTES_MAX - QUEUE_HEAD_BYTES);

    size_t entry = queue_entry_bytes(len);
    size_t to_ring_end = queue->bytes - (size_t)(queue->put & (queue->bytes - 1));
    uint64_t skip = to_ring_end < entry ? to_ring_end : 0;

    if (!queue_has_room(queue, queue->put + skip + entry))
        return NULL;
    if (skip > 0) {
        *queue_head_at(queue, queue->put) = (struct queue_head){.type = QUEUE_TYPE_SKIP};
        queue->put += skip;
    }
    queue->reserved = queue->ring + (queue->put & (queue->bytes - 1)) + QUEUE_HEAD_BYTES;
    queue->reserved_len = len;
    return queue->reserved;
}

void queue_put(struct queue *queue, unsigned type, size_t len)
{
    assert(queue->reserved != NULL);
    assert(len <= queue->reserved_len);
    assert(type != QUEUE_TYPE_SKIP);

    *queue_head_at(queue, queue->put) = (struct queue_head){.type = type, .len = (uint32_t)len};
    queue->put += queue_entry_bytes(len);
    queue->entries_put++;
    queue->reserved = NULL;
}

void queue_publish(struct queue *queue)
{
    /* First: whoever may pop an entry counts it too. */
    atomic_store_explicit(&queue->entries_published, queue->entries_put, memory_order_relaxed);
    atomic_store_explicit(&queue->published, queue->put, memory_order_release);
}

uint64_t queue_put_position(const struct queue *queue)
{
    return queue->put;
}

const void *queue_peek(struct queue *queue, unsigned *ret_type, size_t *ret_len)
{
    for (;;) {
        if (queue->position == queue->published_seen) {
            queue->published_seen = atomic_load_explicit(&queue->published, memory_order_acquire);
            if (queue->position == queue->published_seen)
                return NULL;
        }
        const struct queue_head *head = queue_head_at(queue, queue->position);
        if (head->type != QUEUE_TYPE_SKIP) {
            *ret_type = head->type;
            *ret_len = head->len;
            return head + 1;
        }
        queue->position += queue->bytes - (size_t)(queue->position & (queue->bytes - 1));
    }
}

const void *queue_peek_behind(const struct queue *queue, unsigned *ret_type)
{
    assert(queue->position != queue->published_seen);

    uint64_t behind =
        queue->position + queue_entry_bytes(queue_head_at(queue, queue->position)->len);
    const struct queue_head *head = queue_head_at(queue, behind);
    if (behind == queue->published_seen || head->type == QUEUE_TYPE_SKIP)
        return NULL;
    *ret_type = head->type;
    return head + 1;
}

void queue_pop(struct queue *queue)
{
    assert(queue->position != queue->published_seen);

    const struct queue_head *head = queue_head_at(queue, queue->position);
    assert(head->type != QUEUE_TYPE_SKIP);
    queue->position += queue_entry_bytes(head->len);
    queue->entries_popped++;
    atomic_store_explicit(&queue->popped, queue->position, memory_order_release);
}

uint64_t queue_pop_position(const struct queue *queue)
{
    return atomic_load_explicit(&queue->popped, memory_order_relaxed);
}

void queue_set_durable(struct queue *queue, uint64_t position)
{
    assert(position >= atomic_load_explicit(&queue->durable, memory_order_relaxed));
    assert(position <= queue_pop_position(queue));
    atomic_store_explicit(&queue->durable, position, memory_order_release);
}

uint64_t queue_durable(const struct queue *queue)
{
    return atomic_load_explicit(&queue->durable, memory_order_acquire);
}

size_t queue_bytes(const struct queue *queue)
{
    uint64_t popped = atomic_load_explicit(&queue->popped, memory_order_relaxed);
    uint64_t published = atomic_load_explicit(&queue->published, memory_order_relaxed);

    return published > popped ? (size_t)(published - popped) : 0;
}

uint64_t queue_entries(const struct queue *queue)
{
    return atomic_load_explicit(&queue->entries_published, memory_order_relaxed) -
           queue->entries_popped;
}

struct queue *queue_close(struct queue *queue)
{
    if (queue == NULL)
        return NULL;
    free(queue->ring);
    free(queue);
    return NULL;
}
