/*
 * A lane as its control thread sees it: start, give, stop. The turn itself is lane_thread.c.
 */
#include "daemon/lane.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "daemon/lane_thread.h"
#include "daemon/log.h"

#define MAILBOX_SLOTS     1024u
#define DESCRIPTORS_SPARE 128u /* segments, rings, listeners, lists, the operator's connections */

/* A lane's connections, as many again on their way, and files of our own: the soft limit is raised
   as far as the hard one goes, since 1,024 is what a shell gives. */
void lanes_raise_descriptors(size_t lanes)
{
    const rlim_t need = lanes * 2 * STREAM_PEERS_MAX + DESCRIPTORS_SPARE;
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur >= need)
        return;
    limit.rlim_cur = limit.rlim_max < need ? limit.rlim_max : need;
    if (setrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_cur < need)
        log_write(LOG_LEVEL_WARNING,
                  "only %llu open files are allowed, %llu may be needed (LimitNOFILE=, ulimit -n), "
                  "going on",
                  (unsigned long long)limit.rlim_cur, (unsigned long long)need);
}

static void *run(void *argument)
{
    struct lane *lane = argument;
    lane->open_error = lane_thread_open(lane);
    bool opened = lane->open_error == 0;
    (void)sem_post(&lane->ready); /* cannot overflow: posted once */
    while (opened && !atomic_load_explicit(&lane->quit, memory_order_acquire))
        lane_thread_turn(lane);
    lane_thread_close(lane);
    return NULL;
}

static int start_thread(struct lane *lane)
{
    int result = -pthread_create(&lane->thread, NULL, run, lane);
    if (result < 0)
        return result;
    while (sem_wait(&lane->ready) == -1)
        assert(errno == EINTR);
    if (lane->open_error < 0)
        (void)pthread_join(lane->thread, NULL); /* it is ending by itself */
    return lane->open_error;
}

int lane_open(const struct lane_config *config, struct lane **ret_lane)
{
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        return -ENOMEM;
    lane->config = *config;
    lane->queue = writer_queue(config->writer, config->index);
    lane->emit.queue = lane->queue;
    lane->emit.writer = config->writer;
    lane->emit.queue_index = config->index;
    lane->emit.watched = writer_watched(config->writer);
    lane->emit.keep = config->keep;
    atomic_init(&lane->ruleset_next, config->ruleset);
    atomic_init(&lane->ruleset_now, config->ruleset);
    int result = sem_init(&lane->ready, 0, 0) == -1 ? -errno : 0;
    assert(result == 0);
    result = mailbox_open(MAILBOX_SLOTS, &lane->mailbox);
    if (result == 0)
        result = start_thread(lane);
    if (result < 0) {
        lane->mailbox = mailbox_close(lane->mailbox);
        (void)sem_destroy(&lane->ready); /* nobody waits on it */
        free(lane);
        return result;
    }
    *ret_lane = lane;
    return 0;
}

int lane_give(struct lane *lane, int fd, unsigned source)
{
    if (lane_load(lane) >= lane->config.limits.peers_max)
        return -EAGAIN;
    /* Counted first: the lane may have taken and ended it before mailbox_put returns. */
    atomic_fetch_add_explicit(&lane->load, 1, memory_order_relaxed);
    int result = mailbox_put(lane->mailbox, fd, (int)source);
    if (result < 0)
        atomic_fetch_sub_explicit(&lane->load, 1, memory_order_relaxed);
    return result;
}

size_t lane_load(const struct lane *lane)
{
    return atomic_load_explicit(&lane->load, memory_order_relaxed);
}

size_t lanes_load(struct lane *const *lanes, size_t count)
{
    size_t load = 0;
    for (size_t i = 0; i < count; i++)
        load += lane_load(lanes[i]);
    return load;
}

void lane_set_ruleset(struct lane *lane, struct ruleset *ruleset)
{
    atomic_store_explicit(&lane->ruleset_next, ruleset, memory_order_release);
    mailbox_wake(lane->mailbox);
}

const struct ruleset *lane_ruleset(const struct lane *lane)
{
    return atomic_load_explicit(&lane->ruleset_now, memory_order_acquire);
}

void lane_wake(struct lane *lane)
{
    mailbox_wake(lane->mailbox);
}

void lane_stop(struct lane *lane)
{
    atomic_store_explicit(&lane->stop, true, memory_order_release);
    mailbox_wake(lane->mailbox);
}

bool lane_stopped(const struct lane *lane)
{
    return atomic_load_explicit(&lane->stopped, memory_order_acquire);
}

struct lane_counts lane_counts(const struct lane *lane)
{
    uint64_t words[LANE_COUNTS_WORDS];
    for (size_t i = 0; i < LANE_COUNTS_WORDS; i++)
        words[i] = atomic_load_explicit(&lane->published[i], memory_order_relaxed);
    struct lane_counts counts;
    static_assert(sizeof words == sizeof counts, "lane_counts is made of 64-bit words");
    memcpy(&counts, words, sizeof counts);
    return counts;
}

const char *lane_io_name(const struct lane *lane)
{
    return lane->io_name;
}

size_t lane_bytes_max(const struct lane *lane)
{
    const struct stream_limits *limits = &lane->config.limits;
    return sizeof *lane + backend_bytes(LANE_BUFFERS) + stream_bytes_max(limits) +
           JSON_PARSER_BYTES_MAX + event_intake_bytes() + lane->intake_bytes +
           limits->peers_max * (size_t)(REPLY_PENDING_BYTES + REPLY_SEND_BYTES);
}

void lane_end(struct lane *lane)
{
    if (lane->ended)
        return;
    atomic_store_explicit(&lane->quit, true, memory_order_release);
    mailbox_wake(lane->mailbox);
    (void)pthread_join(lane->thread, NULL); /* our own thread, joined once */
    lane->ended = true;
}

struct lane *lane_close(struct lane *lane)
{
    if (lane == NULL)
        return NULL;
    lane_end(lane);
    lane->mailbox = mailbox_close(lane->mailbox);
    (void)sem_destroy(&lane->ready); /* nobody waits on it */
    free(lane);
    return NULL;
}
