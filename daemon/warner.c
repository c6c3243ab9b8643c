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
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/emit.h"
#include "daemon/feed.h"
#include "daemon/log.h"
#include "daemon/warnings.h"

#define WARNER_THREAD "warnings" /* no watchdog waits for it: the record goes on without it */

#define RETRY_MS   20
#define WAIT_TRIES 250u /* of RETRY_MS: for its own records, at the end */

/* Between a fault and the next start: twice as long each time, unless no fault came for as long as
   FAULTLESS_NS, by the records' time. */
#define PAUSE_MS_MIN  1000u
#define PAUSE_MS_MAX  300000u
#define PAUSE_STEP_MS 100
#define FAULTLESS_NS  INT64_C(600000000000)

#define START_NICE 19 /* what there is to catch up on waits for all who record */

static_assert(FEED_SLACK_BYTES >= JSON_SLACK_BYTES, "the feed's lines can be parsed in place");

/*
 *   STARTING --all of before the start was read--> LIVE
 *      |  ^                                         |
 *      |  +--the pause is over-- PAUSING <--a fault-+
 *      +--a fault--------------->
 *
 *   STARTING -> LIVE [catch_up]: no warning is given before it.
 *   STARTING, LIVE -> PAUSING [pause_after]: all that was held is given back.
 *   PAUSING -> STARTING [begin]: its own records are durable, so that the start meets them.
 */
struct warner {
    struct warner_config config;
    pthread_t thread;
    struct feed *feed;         /* NULL while PAUSING */
    struct warnings *warnings; /* the same */
    struct queue *queue;
    uint64_t start_end;         /* seq after the last record of before the start */
    int64_t latest_ns, live_ns; /* when the last record was written that was read, and at LIVE */
    unsigned pause_ms;          /* the next one */
    int result;                 /* of catch_up */
    int wake_fd;
    bool ended;
    atomic_bool quit, live;
    _Atomic uint64_t given, next_seq, bytes, refused, evicted, faults;
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

static void show(struct warner *warner)
{
    set(&warner->bytes, warner->warnings == NULL ? 0 : warnings_bytes(warner->warnings));
    set(&warner->refused, warner->warnings == NULL ? 0 : warnings_refused(warner->warnings));
    set(&warner->evicted, warner->warnings == NULL ? 0 : warnings_evicted(warner->warnings));
}

/* Looks at the next record. 1; 0: none is durable now; or -errno. */
static int take_next(struct warner *warner)
{
    struct line_place place = {0};
    enum record_kind kind;
    const char *line;
    size_t len;
    int more = feed_next(warner->feed, &line, &len, &place.seq);
    if (more <= 0)
        return more;
    feed_place(warner->feed, &place.segment, &place.offset);
    place.len = (uint32_t)len;
    warner->latest_ns = feed_head(warner->feed, &kind)->wall_ns;
    int result = warnings_take(warner->warnings, &place, line);
    if (result < 0)
        return result;
    set(&warner->next_seq, place.seq + 1);
    return 1;
}

/* Everything that is durable now. 0 or -errno. */
static int follow(struct warner *warner)
{
    int more;
    do
        more = is_quitting(warner) ? 0 : take_next(warner); /* the next start looks at the rest */
    while (more > 0);
    show(warner);
    return more;
}

/* STARTING, in a thread of its own: a thread that made itself wait cannot go back. */
static void *catch_up(void *argument)
{
    struct warner *warner = argument;
    int more = 1;
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), START_NICE); /* refused, it costs others more */
    while (more >= 0 && !is_quitting(warner) &&
           atomic_load_explicit(&warner->next_seq, memory_order_relaxed) < warner->start_end) {
        more = take_next(warner);
        if (more == 0)
            wait_for_wake(warner, RETRY_MS);
    }
    while (more >= 0 && !is_quitting(warner)) {
        more = warnings_live(warner->warnings);
        if (more == 0)
            break;
    }
    warner->result = more < 0 ? more : 0;
    return NULL;
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

/* From PAUSING, or at first, to LIVE, unless it is to end. 0 or -errno. */
static int begin(struct warner *warner)
{
    pthread_t thread;
    while (queue_durable(warner->queue) != queue_put_position(warner->queue)) {
        if (is_quitting(warner))
            return 0;
        wait_for_wake(warner, RETRY_MS);
    }
    warner->start_end = writer_counts(warner->config.writer).durable_seq + 1;
    set(&warner->next_seq, 0);
    int result = feed_open(warner->config.ledger, &warner->feed);
    if (result == 0)
        result = warnings_open(warner->config.ledger, warner->config.bytes_max, on_due, warner,
                               &warner->warnings);
    if (result == 0)
        result = -pthread_create(&thread, NULL, catch_up, warner);
    if (result != 0)
        return result;
    (void)pthread_setname_np(thread, WARNER_THREAD); /* for whoever looks on */
    result = pthread_join(thread, NULL);
    assert(result == 0);
    show(warner);
    if (warner->result < 0 || is_quitting(warner))
        return warner->result;
    if (atomic_exchange_explicit(&warner->failed, 0, memory_order_relaxed) != 0)
        log_write(LOG_LEVEL_INFO, "warnings are given again");
    warner->live_ns = warner->latest_ns;
    atomic_store_explicit(&warner->live, true, memory_order_release);
    return 0;
}

static void give_back(struct warner *warner)
{
    warner->warnings = warnings_close(warner->warnings);
    warner->feed = feed_close(warner->feed);
    show(warner);
}

/* From STARTING or LIVE to PAUSING, and to its end. */
static void pause_after(struct warner *warner, int error)
{
    bool live = atomic_exchange_explicit(&warner->live, false, memory_order_relaxed);
    if (live && warner->latest_ns - warner->live_ns >= FAULTLESS_NS)
        warner->pause_ms = PAUSE_MS_MIN;
    atomic_store_explicit(&warner->failed, error, memory_order_relaxed);
    atomic_fetch_add_explicit(&warner->faults, 1, memory_order_relaxed);
    log_write(LOG_LEVEL_ERROR,
              "warnings: cannot look at record %llu of %s: %s; they begin anew in %u s, going on",
              (unsigned long long)atomic_load_explicit(&warner->next_seq, memory_order_relaxed),
              warner->config.ledger, strerrordesc_np(-error), warner->pause_ms / 1000);
    give_back(warner);
    /* A wake says that more is durable: only an end cuts the pause short. */
    for (unsigned waited_ms = 0; waited_ms < warner->pause_ms && !is_quitting(warner);
         waited_ms += PAUSE_STEP_MS)
        (void)poll(NULL, 0, PAUSE_STEP_MS); /* EINTR makes it shorter */
    warner->pause_ms = warner->pause_ms > PAUSE_MS_MAX / 2 ? PAUSE_MS_MAX : 2 * warner->pause_ms;
}

static void *run(void *argument)
{
    struct warner *warner = argument;
    while (!is_quitting(warner)) {
        int result = begin(warner);
        while (result == 0 && !is_quitting(warner)) {
            result = follow(warner);
            if (result == 0)
                wait_for_wake(warner, -1);
        }
        if (result < 0 && !is_quitting(warner))
            pause_after(warner, result);
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
    warner->pause_ms = PAUSE_MS_MIN;
    warner->ended = true; /* not begun */
    warner->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int result = warner->wake_fd == -1 ? -errno : 0;
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
        .evicted = atomic_load_explicit(&warner->evicted, memory_order_relaxed),
        .faults = atomic_load_explicit(&warner->faults, memory_order_relaxed),
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
