/*
 * The space of a journal: what is allocated behind its end, which share may take it, and who waits
 * for it. The states stand in journal_impl.h.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "io/journal.h"
#include "io/journal_impl.h"

#define ALLOCATE_TRIES 8u         /* when signals interrupt it */
#define STEP_BYTES     (1u << 20) /* on a disk that has not all that is wanted */

bool journal_is_full(int error)
{
    return error == -ENOSPC || error == -EDQUOT;
}

static int allocate(struct journal *journal, uint64_t to)
{
    struct backend *backend = journal->backend;
    uint64_t from = journal->reserved;
    int error = -EINTR;

    assert(from >= journal->end);
    for (unsigned i = 0; i < ALLOCATE_TRIES && error == -EINTR; i++)
        error = backend->ops->allocate(backend, journal->fd, from, to - from);
    if (error == 0)
        journal->reserved = to;
    return error;
}

/* On a nearly full disk: as much as there is, and for the last bytes no more than is needed. */
static int allocate_steps(struct journal *journal, uint64_t need, uint64_t want)
{
    int error = 0;

    while (error == 0 && journal->reserved + STEP_BYTES < want)
        error = allocate(journal, journal->reserved + STEP_BYTES);
    if ((error == 0 || journal_is_full(error)) && journal->reserved < need)
        error = allocate(journal, need);
    return journal_is_full(error) && journal->reserved >= need ? 0 : error;
}

int journal_allocate(struct journal *journal, uint64_t need, uint64_t want)
{
    assert(need <= want);
    if (want <= journal->reserved)
        return 0;
    int error = allocate(journal, want);
    if (journal_is_full(error))
        error = allocate_steps(journal, need, want);
    if (error == -EOPNOTSUPP || error == -ENOSYS) {
        journal->reserved = JOURNAL_NO_RESERVE;
        return 0;
    }
    return error;
}

/* Behind what is in flight and gathered already. */
static uint64_t needed(const struct journal *journal, size_t len, enum journal_share share)
{
    uint64_t kept = share == JOURNAL_COMMON ? journal->reserve_bytes : 0;

    return journal->end + journal->flight_len + journal->gathering_len + len + kept;
}

uint64_t journal_wanted(const struct journal *journal)
{
    uint64_t soon = needed(journal, JOURNAL_BATCH_BYTES_MAX, JOURNAL_COMMON);
    bool enough = soon <= journal->reserved || journal->asked[JOURNAL_COMMON] > 0;

    return enough ? journal->end + journal->flight_len : soon + JOURNAL_AHEAD_BYTES;
}

/* 1: there is space; 0: there is none; or it is poisoned, -errno. */
static int find_space(struct journal *journal, size_t len, enum journal_share share)
{
    uint64_t need = needed(journal, len, share);

    if (need <= journal->reserved)
        return 1;
    uint64_t want = needed(journal, len, JOURNAL_COMMON) + JOURNAL_AHEAD_BYTES;
    int error = journal_allocate(journal, need, want);
    if (error < 0 && !journal_is_full(error)) {
        journal_poison(journal, error);
        return error;
    }
    return error == 0;
}

/* Whether the bytes may be gathered at this share's cost. While a batch is in flight nothing is
   allocated: its end comes first. */
static bool take_space(struct journal *journal, size_t len, enum journal_share share, size_t ask)
{
    int found = needed(journal, len, share) <= journal->reserved;

    if (found == 0 && journal->state == JOURNAL_IDLE && journal->asked[share] == 0) {
        found = find_space(journal, len, share);
        if (found == 0)
            journal->asked[share] = ask;
    }
    return found > 0;
}

bool journal_has_space(struct journal *journal, size_t len, enum journal_share share)
{
    assert(journal->state != JOURNAL_OPENED);
    assert(len <= JOURNAL_BATCH_BYTES_MAX);
    if (journal->state == JOURNAL_POISONED)
        return false;
    /* What may take the reserve does so only for want of other space, and then the common share
       waits, until there is space for a while. */
    if (journal->asked[JOURNAL_COMMON] == 0 &&
        take_space(journal, len, JOURNAL_COMMON, JOURNAL_BATCH_BYTES_MAX))
        return true;
    return share == JOURNAL_RESERVED && journal->state != JOURNAL_POISONED &&
           take_space(journal, len, JOURNAL_RESERVED, len);
}

uint64_t journal_reserve_left(const struct journal *journal)
{
    uint64_t taken = journal->end + journal->flight_len + journal->gathering_len;
    uint64_t left = journal->reserved > taken ? journal->reserved - taken : 0;

    if (journal->reserved == JOURNAL_NO_RESERVE)
        return 0;
    return left < journal->reserve_bytes ? left : journal->reserve_bytes;
}

bool journal_waiting(const struct journal *journal, enum journal_share share)
{
    return journal->batch_waits || journal->asked[share] > 0;
}

void journal_retry(struct journal *journal)
{
    if (journal->state == JOURNAL_WAITING) {
        journal_start_batch(journal);
        return;
    }
    for (unsigned share = 0; share < JOURNAL_SHARES && journal->state == JOURNAL_IDLE; share++) {
        size_t asked = journal->asked[share];
        if (asked == 0 || find_space(journal, asked, (enum journal_share)share) != 1)
            continue;
        journal->asked[share] = 0;
        if (share == JOURNAL_COMMON)
            journal->asked[JOURNAL_RESERVED] = 0; /* the reserve is whole */
    }
}
