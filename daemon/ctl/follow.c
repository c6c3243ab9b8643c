/*
 * Following a feed. Knows its files, filters and signed sizes; knows no output.
 */
#include "daemon/ctl/follow.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/ctl/signed_size.h"
#include "daemon/ctl/when.h"
#include "daemon/feed.h"

#define SIGNED_EVERY 1024u                     /* records between two looks at the checkpoint */
#define LATE_NS      (INT64_C(5) * 1000000000) /* a record may come to the disk so late */

struct follow {
    const char *ledger;
    struct filter *filter;
    bool checkpointed;
    struct tail_stop stop;
    bool past; /* a record past the filter's end was read */
    struct feed *feed;
    struct view_reader *reader;
    struct view view;
    struct signed_size signed_size;
    uint64_t look_seq; /* from here on it is worth looking at the checkpoint again */
};

struct follow *follow_new(const char *ledger, struct filter *filter, bool checkpointed,
                          const struct tail_stop *stop)
{
    struct follow *follow = calloc(1, sizeof *follow);
    if (follow == NULL)
        return NULL;
    follow->ledger = ledger;
    follow->filter = filter;
    follow->checkpointed = checkpointed;
    follow->stop = *stop;
    follow->signed_size = signed_size_begin(ledger);
    follow->reader = view_open();
    return follow->reader == NULL ? follow_close(follow) : follow;
}

int follow_open(struct follow *follow)
{
    return feed_open(follow->ledger, &follow->feed);
}

/* The cursor's record may be one that is not signed yet: it is looked for without the bound. */
static int find_cursor(struct follow *follow, const struct follow_from *from, uint64_t *ret_from)
{
    feed_bound(follow->feed, UINT64_MAX);
    return from->has_cursor
               ? tail_seek_cursor(follow->feed, &from->cursor, from->cursor_at, ret_from)
               : 0;
}

static int bound(struct follow *follow)
{
    if (!follow->checkpointed)
        return 0;
    feed_bound(follow->feed, signed_size_look(&follow->signed_size));
    return follow->signed_size.fault != NULL ? -EKEYREJECTED : 0;
}

int follow_seek(struct follow *follow, const struct follow_from *from, struct cursor *ret_before)
{
    uint64_t first = 0, since = 0, size = UINT64_MAX;
    int result = find_cursor(follow, from, &first);
    if (result == 0)
        result = bound(follow);
    if (result == 0 && from->has_since)
        result = tail_seek_since(follow->feed, follow->ledger, from->since_ns, &since);
    first = since > first ? since : first;
    if (result == 0 && filter_asks_post_notice(follow->filter))
        result = tail_seek_notices(follow->feed, follow->filter, follow->reader, &follow->stop);
    if (result == 0 && !from->all)
        result = tail_seek_last(follow->feed, follow->filter, follow->reader, &follow->stop, first,
                                from->lines, &first);
    if (follow->checkpointed)
        size = follow->signed_size.size;
    if (result == 0 && ret_before != NULL) {
        feed_bound(follow->feed, UINT64_MAX);
        result = tail_seek_before(follow->feed, first, ret_before);
        feed_bound(follow->feed, size);
    }
    return result < 0 ? result : feed_seek(follow->feed, first);
}

static bool is_provisional(struct follow *follow, uint64_t seq)
{
    if (seq >= follow->signed_size.size && seq >= follow->look_seq) {
        (void)signed_size_look(&follow->signed_size);
        follow->look_seq = seq + SIGNED_EVERY;
    }
    return seq >= follow->signed_size.size;
}

/* All there is was given: whether a checkpoint that has grown lets more through. */
static bool more_is_signed(struct follow *follow)
{
    uint64_t size = follow->signed_size.size;
    follow->look_seq = 0;
    if (!follow->checkpointed || signed_size_look(&follow->signed_size) == size)
        return false;
    feed_bound(follow->feed, follow->signed_size.size);
    return true;
}

int follow_next(struct follow *follow, struct follow_record *ret_record)
{
    struct follow_record *record = ret_record;
    enum record_kind kind;
    int result = feed_next(follow->feed, &record->line, &record->len, &record->seq);
    while (result == 0 && more_is_signed(follow))
        result = feed_next(follow->feed, &record->line, &record->len, &record->seq);
    if (result <= 0)
        return result;
    const struct record_head *head = feed_head(follow->feed, &kind);
    follow->past = follow->past || head->wall_ns > filter_until(follow->filter);
    bool learns = filter_learns(follow->filter, kind);
    if (!learns && !filter_may_pass(follow->filter, head, kind, record->line, record->len))
        return FOLLOW_OTHER;
    if (view_parse(follow->reader, record->line, record->len, &follow->view) < 0)
        return FOLLOW_DAMAGED;
    if (learns)
        result = filter_learn(follow->filter, &follow->view);
    if (learns || !filter_passes(follow->filter, &follow->view))
        return result < 0 ? result : FOLLOW_OTHER;
    record->view = &follow->view;
    record->provisional = is_provisional(follow, record->seq);
    return FOLLOW_RECORD;
}

bool follow_is_over(const struct follow *follow)
{
    int64_t until_ns = filter_until(follow->filter);
    return follow->past || (until_ns < INT64_MAX - LATE_NS && when_now_ns() > until_ns + LATE_NS);
}

uint64_t follow_signed(const struct follow *follow, const char **ret_fault)
{
    *ret_fault = follow->signed_size.fault;
    return follow->signed_size.size;
}

void follow_damage(const struct follow *follow, uint64_t *ret_seq, uint64_t *ret_segment,
                   uint64_t *ret_offset)
{
    feed_next_place(follow->feed, ret_seq, ret_segment, ret_offset);
}

struct follow *follow_close(struct follow *follow)
{
    if (follow == NULL)
        return NULL;
    signed_size_end(&follow->signed_size);
    (void)view_close(follow->reader); /* both give NULL */
    (void)feed_close(follow->feed);
    free(follow);
    return NULL;
}
