/*
 * Finding the first record. Moves the feed about: what comes next is to be sought anew.
 */
#include "daemon/ctl/tail_seek.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "daemon/ctl/folder.h"
#include "io/segment.h"

#define WINDOW_GROWTH 16u
#define STOP_EVERY    1024u /* records between two looks at whether to stop */
#define SET_BACK_NS   (INT64_C(3600) * 1000000000) /* how far back a clock may have been set */

int tail_seek_cursor(struct feed *feed, const struct cursor *cursor, bool at, uint64_t *ret_from)
{
    const char *line = NULL;
    size_t len = 0;
    uint64_t seq = 0;
    if (cursor->begin) {
        *ret_from = 0;
        return 0;
    }
    int result = feed_seek(feed, cursor->seq);
    if (result == 0)
        result = feed_next(feed, &line, &len, &seq);
    if (result < 0)
        return result;
    /* A record that was taken away with its segment cannot be compared, but the next one follows.
     */
    if (result == 1 && seq == cursor->seq + 1 && !at) {
        *ret_from = seq;
        return 0;
    }
    if (result == 0 || seq != cursor->seq)
        return -ENODATA;
    if (!cursor_is_at(cursor, seq, line, len))
        return -ESTALE;
    *ret_from = at ? seq : seq + 1;
    return 0;
}

int tail_seek_before(struct feed *feed, uint64_t from, struct cursor *ret_cursor)
{
    const char *line = NULL;
    size_t len = 0;
    uint64_t seq = 0;
    struct cursor cursor = {.begin = from == 0};
    int result = 0;
    if (from > 0) {
        cursor.seq = from - 1;
        result = feed_seek(feed, cursor.seq);
        if (result == 0)
            result = feed_next(feed, &line, &len, &seq);
        if (result == 1 && seq == cursor.seq)
            cursor = cursor_of(seq, line, len);
    }
    if (result < 0)
        return result;
    *ret_cursor = cursor;
    return 0;
}

/* The time of the first record of a segment. 1; 0: none is durable in it; -errno. */
static int first_time(struct feed *feed, uint64_t first, int64_t *ret_wall_ns)
{
    const char *line = NULL;
    size_t len = 0;
    uint64_t seq = 0;
    enum record_kind kind;
    int result = feed_seek(feed, first);
    if (result == 0)
        result = feed_next(feed, &line, &len, &seq);
    if (result == 1)
        *ret_wall_ns = feed_head(feed, &kind)->wall_ns;
    return result;
}

int tail_seek_since(struct feed *feed, const char *ledger, int64_t since_ns, uint64_t *ret_from)
{
    uint64_t *firsts = NULL;
    size_t count = 0;
    int folder_fd = open(ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd == -1)
        return -errno;
    int result = folder_segments(folder_fd, "feed", SEGMENT_LINES, &firsts, &count);
    (void)close(folder_fd); /* only read from */
    *ret_from = 0;
    while (result >= 0 && count > 0) {
        int64_t wall_ns = 0;
        *ret_from = firsts[--count];
        result = first_time(feed, *ret_from, &wall_ns);
        /* Those who ask for all of time have no hour before it. */
        if (result == 1 && since_ns > INT64_MIN + SET_BACK_NS && wall_ns < since_ns - SET_BACK_NS)
            break;
    }
    free(firsts);
    return result < 0 ? result : 0;
}

/* Whether to stop, asked after each record but rarely looked at. 0 or -ECANCELED. */
static int stopped(struct tail_stop *stop, uint64_t seq)
{
    return seq % STOP_EVERY == STOP_EVERY - 1 && poll(stop->fds, stop->count, 0) > 0 ? -ECANCELED
                                                                                     : 0;
}

struct last {
    uint64_t *seqs; /* a ring of those that pass */
    uint64_t lines, passed;
    struct tail_stop *stop;
};

/* One look at the records from `from` on: how many pass, and the seqs of the last of them. */
static int look(struct feed *feed, struct filter *filter, struct view_reader *reader, uint64_t from,
                struct last *last)
{
    uint64_t seq = 0;
    const char *line = NULL;
    size_t len = 0;
    int result = feed_seek(feed, from);
    last->passed = 0;
    while (result == 0 && (result = feed_next(feed, &line, &len, &seq)) == 1) {
        struct view view;
        enum record_kind kind;
        const struct record_head *head = feed_head(feed, &kind);
        if (filter_may_pass(filter, head, kind, line, len) &&
            view_parse(reader, line, len, &view) == 0 && filter_passes(filter, &view))
            last->seqs[last->passed++ % last->lines] = seq;
        result = stopped(last->stop, seq);
    }
    return result;
}

int tail_seek_last(struct feed *feed, struct filter *filter, struct view_reader *reader,
                   struct tail_stop *stop, uint64_t from, uint64_t lines, uint64_t *ret_first)
{
    struct last last = {.lines = lines, .stop = stop};
    uint64_t end = 0, window = lines, begin = from;
    int result = feed_find_end(feed, &end);
    if (result < 0)
        return result;
    *ret_first = end - from > lines && end > from ? end - lines : from;
    if (!filter_asks(filter) || lines == 0 || end <= from)
        return 0;
    last.seqs = calloc(lines, sizeof last.seqs[0]);
    if (last.seqs == NULL)
        return -ENOMEM;
    do {
        window *= WINDOW_GROWTH; /* goes back in growing steps until enough records pass */
        begin = end - from > window ? end - window : from;
        result = look(feed, filter, reader, begin, &last);
    } while (result == 0 && last.passed < lines && begin > from);
    *ret_first = last.passed >= lines ? last.seqs[last.passed % lines]
                 : last.passed > 0    ? last.seqs[0]
                                      : end;
    free(last.seqs);
    return result;
}

int tail_seek_notices(struct feed *feed, struct filter *filter, struct view_reader *reader,
                      struct tail_stop *stop)
{
    uint64_t seq = 0;
    const char *line = NULL;
    size_t len = 0;
    int result = feed_seek(feed, 0);
    while (result == 0 && (result = feed_next(feed, &line, &len, &seq)) == 1) {
        struct view view;
        enum record_kind kind;
        (void)feed_head(feed, &kind);
        result = filter_learns(filter, kind) && view_parse(reader, line, len, &view) == 0
                     ? filter_learn(filter, &view)
                     : 0;
        if (result == 0)
            result = stopped(stop, seq);
    }
    return result;
}
