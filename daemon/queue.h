/*
 * Bytes from one lane to the ledger's writer: a bounded single-producer single-consumer ring of
 * entries. Positions count bytes since the queue was made and never wrap in practice (64 bits).
 */
#ifndef DAEMON_QUEUE_H
#define DAEMON_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_ENTRY_BYTES_MAX (1u << 20)

struct queue;

/* Makes a queue of `bytes` (a power of two, >= 2 * QUEUE_ENTRY_BYTES_MAX). 0 or -ENOMEM. */
int queue_open(size_t bytes, struct queue **ret_queue);

/* Producer: contiguous room for an entry of up to len payload bytes, or NULL when the queue is
 * full. */
void *queue_reserve(struct queue *queue, size_t len);

/* Producer: the reserved entry has type and len bytes; it is visible to the consumer after
   queue_publish. */
void queue_put(struct queue *queue, unsigned type, size_t len);
void queue_publish(struct queue *queue);

/* Producer: position after the last entry put. */
uint64_t queue_put_position(const struct queue *queue);

/* Consumer: the next entry, in place, or NULL. It stays until queue_pop, which frees it. */
const void *queue_peek(struct queue *queue, unsigned *ret_type, size_t *ret_len);
void queue_pop(struct queue *queue);

/* Consumer: the entry behind the one just peeked at, or NULL when it is not known to be there; a
   hint only, to fetch what it needs. It stays as long as queue_peek's. */
const void *queue_peek_behind(const struct queue *queue, unsigned *ret_type);

/* Consumer: position after the last entry popped. */
uint64_t queue_pop_position(const struct queue *queue);

/* Consumer: all entries that end at or before this position are durable. Producer: reads it. */
void queue_set_durable(struct queue *queue, uint64_t position);
uint64_t queue_durable(const struct queue *queue);

/* Bytes waiting; any thread, approximate. */
size_t queue_bytes(const struct queue *queue);

/* Consumer: entries waiting. */
uint64_t queue_entries(const struct queue *queue);

/* Frees it; both sides have stopped. NULL is fine. Returns NULL. */
struct queue *queue_close(struct queue *queue);

#endif
