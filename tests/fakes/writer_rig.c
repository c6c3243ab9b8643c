/*
 * The rig of the tests that run a real writer.
 */
#include "tests/fakes/writer_rig.h"

#include <pthread.h>
#include <semaphore.h>

#include "tests/fakes/test.h"

static sem_t durable_moved;
static pthread_once_t durable_once = PTHREAD_ONCE_INIT;

static void make_semaphore(void)
{
    assert_int_equal(sem_init(&durable_moved, 0, 0), 0);
}

static void on_durable(void *context)
{
    (void)context;
    assert_int_equal(sem_post(&durable_moved), 0);
}

struct writer_config rig_writer_config(enum backend_kind io, const char *ledger)
{
    assert_int_equal(pthread_once(&durable_once, make_semaphore), 0);
    return (struct writer_config){.io = io,
                                  .ledger = ledger,
                                  .queues = RIG_LANES + 1,
                                  .queue_bytes = 2u * QUEUE_ENTRY_BYTES_MAX,
                                  .segment_records = 5000,
                                  .segment_bytes = 1u << 30,
                                  .rejects_bytes_max = 1u << 20,
                                  .derived = {.dedupe_max = 1000, .watched_max = 1000},
                                  .blobs = {.window = 1000, .pack_bytes = 4000},
                                  .start_body = ",\"test\":1",
                                  .start_body_len = 9,
                                  .durable = on_durable};
}

struct writer *rig_writer_open(const struct writer_config *config)
{
    struct writer *writer = NULL;
    struct writer_error error = {0};

    if (writer_open(config, &writer, &error) < 0)
        fail_msg("%s", error.text);
    return writer;
}

void rig_wait_until_durable(const struct queue *queue, uint64_t position)
{
    while (queue_durable(queue) < position)
        assert_int_equal(sem_wait(&durable_moved), 0);
}
