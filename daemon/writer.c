/*
 * The writer's thread: its own backend, its own queues, and sleep while there is nothing to do.
 */
#include "daemon/writer.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/writer_core.h"

#define SEAL_WAIT_NS_MAX 5000000000u /* for the checkpoint over the stop record */

struct writer {
    struct writer_config config;
    struct writer_core core;
    struct queue *queues[WRITER_QUEUES_MAX];

    pthread_t thread;
    pthread_mutex_t mutex; /* guards opened, which the opener waits for */
    pthread_cond_t opened_changed;
    bool opened;
    struct writer_error error; /* of opening */
    int result;                /* of the whole run */

    int wake_fd;
    struct backend_op wake_op;
    _Atomic bool asleep, stopping;
    _Atomic uint64_t stop_wait_ns;
    uint64_t seal_begun_ns; /* the writer's thread's */
};

static void on_wake(struct backend_op *op, const struct backend_completion *completion)
{
    struct writer *writer =
        (struct writer *)(void *)((char *)op - offsetof(struct writer, wake_op));
    eventfd_t count;

    if (completion->result >= 0)
        (void)eventfd_read(writer->wake_fd, &count); /* only to empty it */
    if ((completion->flags & BACKEND_MORE) != 0)
        return;
    int error = completion->result < 0
                    ? completion->result
                    : writer->core.backend->ops->watch(writer->core.backend, op, writer->wake_fd);
    if (error < 0)
        writer_fail(&writer->core, error);
}

static bool take_stop(struct writer *writer, uint64_t *deadline_ns)
{
    if (!atomic_load_explicit(&writer->stopping, memory_order_acquire))
        return false;
    uint64_t wait_ns = atomic_load_explicit(&writer->stop_wait_ns, memory_order_relaxed);
    uint64_t now_ns = clock_now(&writer->core.clock).boot_ns;
    if (*deadline_ns == 0)
        *deadline_ns = wait_ns < UINT64_MAX - now_ns ? now_ns + wait_ns : UINT64_MAX;
    return true;
}

/* The last checkpoint is waited for, but not for long: what is not under it stays provisional. */
static bool seal_is_late(struct writer *writer)
{
    uint64_t now_ns = clock_now(&writer->core.clock).boot_ns;

    if (writer->seal_begun_ns == 0)
        writer->seal_begun_ns = now_ns;
    return now_ns - writer->seal_begun_ns > SEAL_WAIT_NS_MAX;
}

/* One run: until it is stopped and all is durable, or it is stopped and cannot make it so. */
static int run(struct writer *writer)
{
    struct writer_core *core = &writer->core;
    uint64_t deadline_ns = 0;

    for (;;) {
        (void)writer_core_gather(core); /* the count matters below only */
        int failed = atomic_load_explicit(&core->counts.failed, memory_order_relaxed);
        if (take_stop(writer, &deadline_ns)) {
            if (failed != 0)
                return failed;
            if (writer_core_idle(core) && (writer_seal_settled(core) || seal_is_late(writer)))
                return 0;
            if (core->waits[JOURNAL_COMMON].on && clock_now(&core->clock).boot_ns >= deadline_ns)
                return -ENOSPC;
        }
        /* Whoever publishes after this exchange sees it and wakes us; what was published before it
           is seen by the gather that follows. That one has turns of its own, which may take a
           wake-up away from under the turn below: then nobody else writes another, and asleep is
           false. */
        atomic_exchange_explicit(&writer->asleep, true, memory_order_acq_rel);
        bool more =
            writer_core_gather(core) > 0 ||
            !atomic_load_explicit(&writer->asleep, memory_order_acquire) ||
            (deadline_ns == 0 && atomic_load_explicit(&writer->stopping, memory_order_acquire));
        writer_core_turn(core, more ? 0 : WRITER_IDLE_NS);
        atomic_store_explicit(&writer->asleep, false, memory_order_relaxed);
    }
}

static int open_in_thread(struct writer *writer)
{
    struct backend *backend = NULL;
    int error = backend_open(writer->config.io, 0, &backend);

    if (error < 0)
        return writer_error_set(&writer->error, error, "cannot open the ledger's i/o backend: %s",
                                strerrordesc_np(-error));
    backend->refused = log_refused;
    error =
        writer_core_open(&writer->core, &writer->config, backend, writer->queues, &writer->error);
    if (error == 0) {
        error = backend->ops->watch(backend, &writer->wake_op, writer->wake_fd);
        if (error < 0) {
            (void)writer_error_set(&writer->error, error, "cannot watch the ledger's eventfd: %s",
                                   strerrordesc_np(-error));
            writer_core_close(&writer->core);
        }
    }
    if (error < 0)
        (void)backend_close(writer->core.backend); /* always NULL; it may be closed already */
    return error;
}

static void *thread_main(void *context)
{
    struct writer *writer = context;
    int error = open_in_thread(writer);

    (void)pthread_mutex_lock(&writer->mutex);
    writer->opened = true;
    writer->result = error;
    (void)pthread_cond_signal(&writer->opened_changed);
    (void)pthread_mutex_unlock(&writer->mutex);
    if (error < 0)
        return NULL;
    writer->result = run(writer);
    writer_core_close(&writer->core);
    if (writer->result == 0) /* of the last snapshot, or of the backend */
        writer->result = atomic_load_explicit(&writer->core.counts.failed, memory_order_relaxed);
    (void)backend_close(writer->core.backend); /* always NULL */
    return NULL;
}

static struct writer *free_writer(struct writer *writer)
{
    for (unsigned i = 0; i < WRITER_QUEUES_MAX; i++)
        (void)queue_close(writer->queues[i]); /* always NULL */
    if (writer->wake_fd != -1)
        (void)close(writer->wake_fd); /* holds nothing */
    (void)pthread_cond_destroy(&writer->opened_changed);
    (void)pthread_mutex_destroy(&writer->mutex);
    free(writer);
    return NULL;
}

/* Starts the thread with all signals blocked: they are control's. */
static int start_thread(struct writer *writer)
{
    sigset_t all, before;

    (void)sigfillset(&all); /* cannot fail */
    int error = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (error == 0) {
        error = pthread_create(&writer->thread, NULL, thread_main, writer);
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL); /* as it was */
    }
    return -error;
}

int writer_open(const struct writer_config *config, struct writer **ret_writer,
                struct writer_error *reterr_error)
{
    struct writer *writer = calloc(1, sizeof(*writer));

    if (writer == NULL)
        return writer_error_set(reterr_error, -ENOMEM, "no memory for the ledger's writer");
    writer->config = *config;
    writer->wake_op.done = on_wake;
    (void)pthread_mutex_init(&writer->mutex, NULL);         /* cannot fail on Linux */
    (void)pthread_cond_init(&writer->opened_changed, NULL); /* likewise */
    writer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int error = writer->wake_fd == -1 ? -errno : 0;
    for (unsigned i = 0; i < config->queues && error == 0; i++)
        error = queue_open(config->queue_bytes, &writer->queues[i]);
    if (error == 0)
        error = start_thread(writer);
    if (error < 0) {
        (void)writer_error_set(reterr_error, error, "cannot start the ledger's writer: %s",
                               strerrordesc_np(-error));
        (void)free_writer(writer); /* always NULL */
        return error;
    }
    (void)pthread_mutex_lock(&writer->mutex);
    while (!writer->opened)
        (void)pthread_cond_wait(&writer->opened_changed, &writer->mutex);
    error = writer->result;
    (void)pthread_mutex_unlock(&writer->mutex);
    if (error < 0) {
        (void)pthread_join(writer->thread, NULL);
        *reterr_error = writer->error;
        (void)free_writer(writer); /* always NULL */
        return error;
    }
    *ret_writer = writer;
    return 0;
}

struct queue *writer_queue(struct writer *writer, unsigned index)
{
    assert(index < writer->config.queues);
    return writer->queues[index];
}

uint64_t writer_queue_seq(const struct writer *writer, unsigned index)
{
    assert(index < writer->config.queues);
    return atomic_load_explicit(&writer->core.lanes[index].durable_seq, memory_order_relaxed);
}

struct writer_answer writer_answer(const struct writer *writer, unsigned index, uint32_t ticket)
{
    assert(index < writer->config.queues);
    assert(ticket < WRITER_ANSWERS_MAX);
    return writer->core.lanes[index].answers[ticket];
}

void writer_wake(struct writer *writer)
{
    if (atomic_exchange_explicit(&writer->asleep, false, memory_order_acq_rel))
        (void)eventfd_write(writer->wake_fd, 1); /* when it is full it is readable already */
}

const struct watched_filter *writer_watched(const struct writer *writer)
{
    return watched_lanes_filter(writer->core.derived.watched);
}

bool writer_keep_reject(struct writer *writer, unsigned index, size_t len)
{
    const struct writer_core *core = &writer->core;

    /* The reserve is for events, not for the bytes of lines that are none. */
    if (writer_share(core, index) == JOURNAL_RESERVED &&
        atomic_load_explicit(&core->counts.wait_error, memory_order_relaxed) == -ENOSPC)
        return false;
    return deadletter_keep(&writer->core.budget, len);
}

struct writer_counts writer_counts(const struct writer *writer)
{
    const struct writer_atomics *counts = &writer->core.counts;
#define COUNT(name) .name = atomic_load_explicit(&counts->name, memory_order_relaxed)
    return (struct writer_counts){COUNT(next_seq),
                                  COUNT(durable_seq),
                                  COUNT(run),
                                  COUNT(clock_seq),
                                  COUNT(records),
                                  COUNT(batches),
                                  COUNT(feed_bytes),
                                  COUNT(rejects),
                                  COUNT(rejects_bytes),
                                  COUNT(commit_ns_max),
                                  COUNT(commit_ns_last),
                                  COUNT(turns),
                                  COUNT(duplicates),
                                  COUNT(watched),
                                  COUNT(watched_named),
                                  COUNT(watched_evicted),
                                  COUNT(watched_refused),
                                  COUNT(synced),
                                  COUNT(wait_error),
                                  COUNT(events_wait_error),
                                  COUNT(reserve_left),
                                  COUNT(failed),
                                  COUNT(signed_size),
                                  COUNT(signed_ns),
                                  COUNT(state_errors),
                                  .unsealed = (enum writer_unsealed)atomic_load_explicit(
                                      &counts->unsealed, memory_order_relaxed)};
#undef COUNT
}

int writer_close(struct writer *writer, uint64_t wait_ns_max)
{
    if (writer == NULL)
        return 0;
    atomic_store_explicit(&writer->stop_wait_ns, wait_ns_max, memory_order_relaxed);
    atomic_store_explicit(&writer->stopping, true, memory_order_release);
    writer_wake(writer);
    (void)pthread_join(writer->thread, NULL);
    int result = writer->result;
    (void)free_writer(writer); /* always NULL */
    return result;
}
