/*
 * The journal: batches to the current segment. Knows bytes, offsets and errors; the states stand in
 * journal_impl.h, its files are journal_files.c's.
 */
#include "io/journal.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "io/journal_impl.h"

void journal_poison(struct journal *journal, int error)
{
    assert(error < 0);
    assert(journal->state != JOURNAL_POISONED);
    journal->state = JOURNAL_POISONED;
    journal->error = error;
    if (journal->handler->failed != NULL)
        journal->handler->failed(journal->context, error);
}

static void wait_for_space(struct journal *journal)
{
    journal->state = JOURNAL_WAITING;
    journal->written = 0;
    journal->batch_waits = true;
}

static void write_on(struct journal *journal)
{
    struct backend *backend = journal->backend;

    assert(journal->written < journal->flight_len);
    journal->state = JOURNAL_WRITING;
    int error = backend->ops->write(
        backend, &journal->write_op, journal->fd, journal->flight + journal->written,
        journal->flight_len - journal->written, journal->end + journal->written);
    if (error < 0)
        journal_poison(journal, error);
}

/* Takes back what the failed batch left past the end, so that nothing of it is ever read. */
static void cut_back(struct journal *journal)
{
    struct backend *backend = journal->backend;
    int error = backend->ops->truncate(backend, journal->fd, journal->end);

    if (error < 0) {
        journal_poison(journal, error);
        return;
    }
    if (journal->reserved != JOURNAL_NO_RESERVE)
        journal->reserved = journal->end; /* the cut released it */
    wait_for_space(journal);
}

void journal_on_written(struct backend_op *op, const struct backend_completion *completion)
{
    struct journal *journal =
        (struct journal *)(void *)((char *)op - offsetof(struct journal, write_op));
    struct backend *backend = journal->backend;
    int result = completion->result;

    assert(journal->state == JOURNAL_WRITING);
    if (journal_is_full(result)) {
        cut_back(journal);
        return;
    }
    if (result == -EINTR || result == -EAGAIN) {
        write_on(journal);
        return;
    }
    if (result <= 0) {
        journal_poison(journal, result < 0 ? result : -EIO);
        return;
    }
    assert((size_t)result <= journal->flight_len - journal->written);
    journal->written += (size_t)result;
    if (journal->written < journal->flight_len) {
        write_on(journal);
        return;
    }
    journal->state = JOURNAL_SYNCING;
    int error = backend->ops->sync(backend, &journal->sync_op, journal->fd);
    if (error < 0)
        journal_poison(journal, error);
}

void journal_on_synced(struct backend_op *op, const struct backend_completion *completion)
{
    struct journal *journal =
        (struct journal *)(void *)((char *)op - offsetof(struct journal, sync_op));

    assert(journal->state == JOURNAL_SYNCING);
    if (completion->result < 0) {
        journal_poison(journal, completion->result);
        return;
    }
    journal->end += journal->flight_len;
    journal->flight_len = 0;
    journal->written = 0;
    journal->state = JOURNAL_IDLE;
    journal->batch_waits = false;
    if (journal->handler->durable != NULL)
        journal->handler->durable(journal->context, journal->first, journal->end);
}

size_t journal_room(const struct journal *journal)
{
    return JOURNAL_BATCH_BYTES_MAX - journal->gathering_len;
}

int journal_append(struct journal *journal, const void *bytes, size_t len)
{
    assert(journal->state != JOURNAL_OPENED);
    assert(len <= JOURNAL_BATCH_BYTES_MAX);

    if (journal->state == JOURNAL_POISONED)
        return -EIO;
    if (len > journal_room(journal))
        return -EAGAIN;
    memcpy(journal->gathering + journal->gathering_len, bytes, len);
    journal->gathering_len += len;
    return 0;
}

void journal_start_batch(struct journal *journal)
{
    uint64_t need = journal->end + journal->flight_len;
    int error = journal_allocate(journal, need, journal_wanted(journal));

    if (journal_is_full(error))
        wait_for_space(journal);
    else if (error < 0)
        journal_poison(journal, error);
    else
        write_on(journal);
}

void journal_form(struct journal *journal)
{
    assert(journal->state != JOURNAL_OPENED);

    if (journal->state == JOURNAL_IDLE && journal->unpointed) {
        int error = journal_point(journal);
        if (error < 0)
            journal_poison(journal, error);
    }
    if (journal->state != JOURNAL_IDLE || journal->gathering_len == 0)
        return;
    char *empty = journal->flight;
    journal->flight = journal->gathering;
    journal->flight_len = journal->gathering_len;
    journal->gathering = empty;
    journal->gathering_len = 0;
    journal->written = 0;
    journal->state = JOURNAL_FORMED;
}

bool journal_commit(struct journal *journal)
{
    journal_form(journal);
    if (journal->state == JOURNAL_FORMED)
        journal_start_batch(journal);
    return journal_busy(journal);
}

bool journal_busy(const struct journal *journal)
{
    return journal->state == JOURNAL_FORMED || journal->state == JOURNAL_WAITING ||
           journal->state == JOURNAL_WRITING || journal->state == JOURNAL_SYNCING;
}

bool journal_in_flight(const struct journal *journal)
{
    return journal->state == JOURNAL_WRITING || journal->state == JOURNAL_SYNCING;
}

size_t journal_gathered(const struct journal *journal)
{
    return journal->gathering_len;
}

uint64_t journal_first(const struct journal *journal)
{
    return journal->first;
}

uint64_t journal_end(const struct journal *journal)
{
    return journal->end;
}
