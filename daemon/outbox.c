/*
 * When queries for time-stamps are written. Knows no record: that a checkpoint is urgent, the
 * writer says.
 */
#include "daemon/outbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/anchor_query.h"
#include "daemon/ledger/checkpoint.h"
#include "daemon/log.h"

/* The newest checkpoint. */
struct newest {
    uint64_t size;
    bool urgent; /* or one before it was, and no query has covered that yet */
    size_t len;
    char bytes[CHECKPOINT_BYTES_MAX];
};

struct outbox {
    const char *ledger;
    uint64_t interval_ns;
    pthread_mutex_t mutex; /* guards newest; held for a copy only */
    struct newest newest;
    /* The stepping thread's. */
    struct newest taken;
    struct outbox_state state;
    uint64_t failed_size; /* of the latest attempt that failed */
    bool tried;
    uint64_t tried_ns;
};

int outbox_open(const char *ledger, uint64_t interval_ns, struct outbox **ret_outbox)
{
    struct outbox *outbox = calloc(1, sizeof(*outbox));

    if (outbox == NULL)
        return -ENOMEM;
    outbox->ledger = ledger;
    outbox->interval_ns = interval_ns;
    (void)pthread_mutex_init(&outbox->mutex, NULL); /* cannot fail on Linux */
    *ret_outbox = outbox;
    return 0;
}

void outbox_put(struct outbox *outbox, const struct writer_checkpoint *checkpoint)
{
    assert(checkpoint->len <= CHECKPOINT_BYTES_MAX);
    if (outbox->interval_ns == 0)
        return;
    (void)pthread_mutex_lock(&outbox->mutex); /* cannot fail: an ordinary mutex of ours */
    outbox->newest.size = checkpoint->size;
    outbox->newest.urgent = outbox->newest.urgent || checkpoint->urgent;
    outbox->newest.len = checkpoint->len;
    memcpy(outbox->newest.bytes, checkpoint->bytes, checkpoint->len);
    (void)pthread_mutex_unlock(&outbox->mutex); /* likewise */
}

static bool is_due(const struct outbox *outbox, const struct newest *newest, uint64_t now_ns)
{
    if (newest->size <= outbox->state.size || newest->size == outbox->failed_size)
        return false; /* nothing new */
    if (!outbox->tried)
        return true;
    if (newest->urgent || outbox->state.error < 0)
        return now_ns - outbox->tried_ns >= OUTBOX_GAP_NS;
    return now_ns - outbox->state.asked_ns >= outbox->interval_ns;
}

/* Copies the newest checkpoint if a query for it is due. */
static bool take(struct outbox *outbox, uint64_t now_ns)
{
    (void)pthread_mutex_lock(&outbox->mutex); /* as in outbox_put */
    bool due = is_due(outbox, &outbox->newest, now_ns);
    if (due) {
        outbox->taken.size = outbox->newest.size;
        outbox->taken.urgent = outbox->newest.urgent;
        outbox->taken.len = outbox->newest.len;
        memcpy(outbox->taken.bytes, outbox->newest.bytes, outbox->newest.len);
        outbox->newest.urgent = false;
    }
    (void)pthread_mutex_unlock(&outbox->mutex);
    return due;
}

/* It is not covered yet, and neither is what made it urgent. */
static void give_back(struct outbox *outbox)
{
    (void)pthread_mutex_lock(&outbox->mutex); /* as in outbox_put */
    outbox->newest.urgent = outbox->newest.urgent || outbox->taken.urgent;
    (void)pthread_mutex_unlock(&outbox->mutex);
}

/* As anchor_query_write. */
static int write_query(const struct outbox *outbox, struct backend *backend)
{
    const struct newest *taken = &outbox->taken;
    int fd = backend->ops->open(backend, AT_FDCWD, outbox->ledger, O_RDONLY | O_DIRECTORY, 0);

    if (fd < 0)
        return fd;
    int result = anchor_query_write(backend, fd, taken->size, taken->bytes, taken->len);
    (void)backend->ops->close_fd(backend, fd); /* a folder */
    return result;
}

static void failed(struct outbox *outbox, int error)
{
    if (outbox->state.error == 0)
        log_write(LOG_LEVEL_WARNING,
                  "cannot write a time-stamp query to %s/" ANCHOR_QUERY_DIR
                  ": %s, trying again with the next checkpoint, going on",
                  outbox->ledger, strerrordesc_np(-error));
    outbox->state.error = error;
    outbox->failed_size = outbox->taken.size;
    give_back(outbox);
}

void outbox_step(struct outbox *outbox, struct backend *backend, uint64_t now_ns)
{
    if (outbox->interval_ns == 0 || !take(outbox, now_ns))
        return;
    int result = write_query(outbox, backend);
    if (result == -EWOULDBLOCK) {
        give_back(outbox); /* noticectl writes just now; the next step sees what */
        return;
    }
    outbox->tried = true;
    outbox->tried_ns = now_ns;
    if (result < 0) {
        failed(outbox, result);
        return;
    }
    if (outbox->state.error < 0)
        log_write(LOG_LEVEL_INFO, "time-stamp queries are written to %s/" ANCHOR_QUERY_DIR " again",
                  outbox->ledger);
    outbox->state =
        (struct outbox_state){.size = outbox->taken.size, .asked_ns = now_ns, .error = 0};
}

struct outbox_state outbox_state(const struct outbox *outbox)
{
    return outbox->state;
}

struct outbox *outbox_close(struct outbox *outbox)
{
    if (outbox != NULL)
        (void)pthread_mutex_destroy(&outbox->mutex); /* nobody holds it */
    free(outbox);
    return NULL;
}
