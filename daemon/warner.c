/*
 * Feed in, records out. All that it knows of warnings is when to go on.
 */
#include "daemon/warner.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/emit.h"
#include "daemon/feed.h"
#include "daemon/log.h"
#include "daemon/warnings.h"

#define WARNER_THREAD "warnings" /* no watchdog waits for it: the record goes on without it */

#define RETRY_MS   20
#define WAIT_TRIES 250u /* of RETRY_MS: for its own records, at the end */

static_assert(FEED_SLACK_BYTES >= JSON_SLACK_BYTES, "the feed's lines can be parsed in place");

struct warner {
    struct warner_config config;
    pthread_t thread;
    struct feed *feed;
    struct warnings *warnings;
    struct queue *queue;
    uint64_t start_end; /* seq after the last record of before the start */
    int wake_fd;
    bool ended;
    atomic_bool quit, live;
    _Atomic uint64_t given, next_seq, bytes, refused;
    _Atomic int failed;
};

static bool is_quitting(const struct warner *warner)
{
    return atomic_load_explicit(&warner->quit, memory_order_acquire);
}

static void set(_Atomic uint64_t *count, uint64_t value)
{
    atomic_store_explicit(count, value, memory_order_relaxed);
}

/* Waits for a wake, at most so long; -1: for ever. */
static void wait_for_wake(const struct warner *warner, int wait_ms)
{
    struct pollfd readable = {.fd = warner->wake_fd, .events = POLLIN};
    uint64_t count;
    (void)poll(&readable, 1, wait_ms);                  /* EINTR leads to one more look */
    (void)!read(warner->wake_fd, &count, sizeof count); /* only to empty it */
}

static int on_due(void *context, const struct warning *warning)
{
    struct warner *warner = context;
    char body[RECORD_BODY_BYTES_MAX];
    size_t len = warning_encode(warning, body);
    while (emit_record(warner->queue, RECORD_WARNING, body, len) < 0) {
        if (is_quitting(warner))
            return -ECANCELED; /* the next start finds that it has no record */
        wait_for_wake(warner, RETRY_MS);
    }
    queue_publish(warner->queue);
    writer_wake(warner->config.writer);
    atomic_fetch_add_explicit(&warner->given, 1, memory_order_relaxed);
    return 0;
}

static int go_live(struct warner *warner)
{
    int result = warnings_live(warner->warnings);
    if (result < 0)
        return result;
    atomic_store_explicit(&warner->live, true, memory_order_release);
    return 0;
}

/* Everything that is durable now. 0 or -errno. */
static int follow(struct warner *warner)
{
    struct line_place place = {0};
    const char *line;
    size_t len;
    int more;
    while ((more = feed_next(warner->feed, &line, &len, &place.seq)) > 0) {
        bool live = atomic_load_explicit(&warner->live, memory_order_relaxed);
        if (is_quitting(warner))
            return 0; /* the next start looks at what is left */
        feed_place(warner->feed, &place.segment, &place.offset);
        place.len = (uint32_t)len;
        int result = warnings_take(warner->warnings, &place, line);
        if (result == 0 && !live && place.seq + 1 >= warner->start_end)
            result = go_live(warner);
        if (result < 0)
            return result;
        set(&warner->next_seq, place.seq + 1);
    }
    set(&warner->bytes, warnings_bytes(warner->warnings));
    set(&warner->refused, warnings_refused(warner->warnings));
    return more;
}

/* Until its own records are durable. */
static void settle(const struct warner *warner)
{
    for (unsigned i = 0; i < WAIT_TRIES; i++) {
        if (queue_durable(warner->queue) == queue_put_position(warner->queue) ||
            writer_counts(warner->config.writer).failed != 0)
            return;
        wait_for_wake(warner, RETRY_MS);
    }
}

static void *run(void *argument)
{
    struct warner *warner = argument;
    int result = follow(warner);
    while (result == 0 && !is_quitting(warner)) {
        wait_for_wake(warner, -1);
        result = follow(warner);
    }
    if (result < 0 && result != -ECANCELED) {
        atomic_store_explicit(&warner->failed, result, memory_order_relaxed);
        log_write(LOG_LEVEL_ERROR,
                  "warnings: cannot look at record %llu of %s: %s; no more warnings until noticed "
                  "is started again, going on",
                  (unsigned long long)atomic_load_explicit(&warner->next_seq, memory_order_relaxed),
                  warner->config.ledger, strerrordesc_np(-result));
    }
    settle(warner);
    return NULL;
}

int warner_open(const struct warner_config *config, struct warner **ret_warner)
{
    struct warner *warner = calloc(1, sizeof *warner);
    if (warner == NULL)
        return -ENOMEM;
    warner->config = *config;
    warner->queue = writer_queue(config->writer, config->queue_index);
    warner->start_end = writer_counts(config->writer).durable_seq + 1;
    warner->ended = true; /* not begun */
    warner->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int result = warner->wake_fd == -1 ? -errno : 0;
    if (result == 0)
        result = feed_open(config->ledger, &warner->feed);
    if (result == 0)
        result =
            warnings_open(config->ledger, config->loose_max, on_due, warner, &warner->warnings);
    if (result == 0)
        result = -pthread_create(&warner->thread, NULL, run, warner);
    if (result < 0) {
        (void)warner_close(warner); /* always NULL */
        return result;
    }
    (void)pthread_setname_np(warner->thread, WARNER_THREAD); /* for whoever looks on */
    warner->ended = false;
    *ret_warner = warner;
    return 0;
}

void warner_wake(struct warner *warner)
{
    const uint64_t one = 1;
    if (warner != NULL)
        (void)!write(warner->wake_fd, &one, sizeof one); /* full only when a wake is pending */
}

struct warner_counts warner_counts(const struct warner *warner)
{
    if (warner == NULL)
        return (struct warner_counts){0};
    return (struct warner_counts){
        .given = atomic_load_explicit(&warner->given, memory_order_relaxed),
        .next_seq = atomic_load_explicit(&warner->next_seq, memory_order_relaxed),
        .bytes = atomic_load_explicit(&warner->bytes, memory_order_relaxed),
        .refused = atomic_load_explicit(&warner->refused, memory_order_relaxed),
        .live = atomic_load_explicit(&warner->live, memory_order_acquire),
        .failed = atomic_load_explicit(&warner->failed, memory_order_relaxed),
    };
}

void warner_end(struct warner *warner)
{
    if (warner == NULL || warner->ended)
        return;
    atomic_store_explicit(&warner->quit, true, memory_order_release);
    warner_wake(warner);
    int result = pthread_join(warner->thread, NULL);
    assert(result == 0);
    (void)result;
    warner->ended = true;
}

struct warner *warner_close(struct warner *warner)
{
    if (warner == NULL)
        return NULL;
    assert(warner->ended);
    warner->warnings = warnings_close(warner->warnings);
    warner->feed = feed_close(warner->feed);
    if (warner->wake_fd != -1)
        (void)close(warner->wake_fd); /* an eventfd: nothing to lose */
    free(warner);
    return NULL;
}
