/*
 * Follows the segments of a feed by their names: the one after a finished segment is named by the
 * seq that comes next. Knows no filter and no output form.
 */
#include "daemon/feed.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/durable.h"
#include "daemon/ledger/record.h"
#include "io/segment.h"

#define FEED_BUFFER_BYTES   262144u
#define FEED_PROBE_BYTES    (2u * RECORD_LINE_BYTES_MAX) /* holds a whole line wherever it begins */
#define FEED_PATH_BYTES_MAX 4096u

static_assert(FEED_BUFFER_BYTES >= FEED_PROBE_BYTES, "a probe fits into the buffer");

struct feed {
    char *ledger;
    int folder_fd;
    int durable_fd; /* -1: the ledger has no state/durable */
    bool has_durable;
    struct position durable;

    int fd; /* of the current segment; -1: not open */
    uint64_t first;
    uint64_t offset;      /* of buffer[begin] in it */
    uint64_t line_offset; /* of the line that was given last */
    uint64_t next_seq, wanted_seq, bound;
    struct record_head head; /* of that line */
    enum record_kind kind;
    char *buffer;
    size_t begin, len;
};

static int refresh_durable(struct feed *feed)
{
    if (feed->durable_fd == -1) {
        int fd = durable_open(feed->ledger);
        if (fd == -ENOENT)
            return 0;
        if (fd < 0)
            return fd;
        feed->durable_fd = fd;
    }
    int error = durable_read(feed->durable_fd, &feed->durable);
    feed->has_durable = feed->has_durable || error == 0;
    return error == -ENODATA ? 0 : error;
}

/* Up to where a segment may be read now, and whether it is finished. */
static int segment_limit(const struct feed *feed, uint64_t *ret_limit, bool *ret_finished)
{
    struct stat stat;

    *ret_finished = feed->has_durable && feed->durable.first > feed->first;
    if (feed->durable_fd != -1 && !*ret_finished) {
        *ret_limit =
            feed->has_durable && feed->durable.first == feed->first ? feed->durable.end : 0;
        return 0;
    }
    if (fstat(feed->fd, &stat) == -1)
        return -errno;
    *ret_limit = (uint64_t)stat.st_size;
    return 0;
}

/* Makes the segment `first` the current one. 1; 0 when there is none of this name; -errno. */
static int open_segment(struct feed *feed, uint64_t first)
{
    char name[SEGMENT_NAME_BYTES];

    segment_name(first, SEGMENT_LINES, name);
    struct stat stat;
    /* A FIFO in its place is opened too, and nobody waits for its other end. */
    int fd = openat(feed->folder_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd == -1)
        return errno == ENOENT ? 0 : -errno;
    int error = fstat(fd, &stat) == -1 ? -errno : S_ISREG(stat.st_mode) ? 0 : -EBADMSG;
    if (error < 0) {
        (void)close(fd); /* only read from */
        return error;
    }
    if (feed->fd != -1)
        (void)close(feed->fd); /* only read from */
    feed->fd = fd;
    feed->first = first;
    feed->next_seq = first;
    feed->offset = 0;
    feed->begin = 0;
    feed->len = 0;
    return 1;
}

static ssize_t read_at(int fd, char *bytes, size_t len, uint64_t offset)
{
    ssize_t done;

    do {
        done = pread(fd, bytes, len, (off_t)offset);
    } while (done == -1 && errno == EINTR);
    return done == -1 ? -errno : done;
}

/* Reads more of the current segment into the buffer, or goes on to the next one. 1 when there is
   more to look at, 0 when not now, -errno. */
static int fill(struct feed *feed)
{
    uint64_t limit = 0;
    bool finished = false;
    int error = refresh_durable(feed);

    if (error == 0 && feed->fd != -1)
        error = segment_limit(feed, &limit, &finished);
    if (error < 0)
        return error;
    if (feed->fd == -1)
        return open_segment(feed, feed->next_seq);
    uint64_t have = feed->offset + feed->len;
    if (have < limit) {
        memmove(feed->buffer, feed->buffer + feed->begin, feed->len);
        feed->begin = 0;
        size_t room = FEED_BUFFER_BYTES - feed->len;
        size_t want = limit - have < room ? (size_t)(limit - have) : room;
        ssize_t done = read_at(feed->fd, feed->buffer + feed->len, want, have);
        if (done <= 0)
            return done < 0 ? (int)done : -EBADMSG;
        feed->len += (size_t)done;
        return 1;
    }
    if (feed->durable_fd != -1 && (feed->len > 0 || have > limit))
        return limit == 0 ? 0 : -EBADMSG;
    if (feed->len > 0 || feed->next_seq == feed->first || (feed->durable_fd != -1 && !finished))
        return 0;
    int opened = open_segment(feed, feed->next_seq);
    return opened == 0 && finished ? -EBADMSG : opened;
}

int feed_next(struct feed *feed, const char **ret_line, size_t *ret_len, uint64_t *ret_seq)
{
    while (feed->next_seq < feed->bound) {
        const char *line = feed->buffer + feed->begin;
        const char *newline = memchr(line, '\n', feed->len);
        if (newline == NULL) {
            if (feed->len >= RECORD_LINE_BYTES_MAX)
                return -EBADMSG;
            int more = fill(feed);
            if (more <= 0)
                return more;
            continue;
        }
        size_t len = (size_t)(newline - line);
        if (record_decode_head(line, len, &feed->head, &feed->kind) < 0 ||
            feed->head.seq != feed->next_seq)
            return -EBADMSG;
        feed->begin += len + 1;
        feed->len -= len + 1;
        feed->line_offset = feed->offset;
        feed->offset += len + 1;
        feed->next_seq++;
        if (feed->head.seq < feed->wanted_seq)
            continue;
        *ret_line = line;
        *ret_len = len;
        *ret_seq = feed->head.seq;
        return 1;
    }
    return 0;
}

const struct record_head *feed_head(const struct feed *feed, enum record_kind *ret_kind)
{
    *ret_kind = feed->kind;
    return &feed->head;
}

void feed_bound(struct feed *feed, uint64_t seq)
{
    feed->bound = seq;
}

/* The segment in which seq is, or will be: the last that begins at or before it, else the first. */
static int find_segment(const struct feed *feed, uint64_t seq, bool *ret_found, uint64_t *ret_first)
{
    int fd = openat(feed->folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd == -1 ? NULL : fdopendir(fd);
    uint64_t lowest = UINT64_MAX, best = 0, first;
    bool any = false, found = false;

    if (folder == NULL) {
        int error = -errno;
        if (fd != -1)
            (void)close(fd); /* only read from */
        return error;
    }
    /* A DIR of this call alone: readdir is safe. */
    for (struct dirent *entry;
         (entry = readdir(folder)) != NULL;) { /* NOLINT(concurrency-mt-unsafe) */
        if (!segment_parse(entry->d_name, SEGMENT_LINES, &first))
            continue;
        any = true;
        lowest = first < lowest ? first : lowest;
        if (first <= seq && (!found || first > best)) {
            best = first;
            found = true;
        }
    }
    (void)closedir(folder); /* only read from */
    *ret_found = any;
    *ret_first = found ? best : lowest;
    return 0;
}

/* The first whole line at or after `offset` in the current segment. 1 with where it begins and its
   seq, 0 when there is none before limit, -errno. Uses the buffer. */
static int probe(struct feed *feed, uint64_t offset, uint64_t limit, uint64_t *ret_at,
                 uint64_t *ret_seq)
{
    size_t want = limit - offset < FEED_PROBE_BYTES ? (size_t)(limit - offset) : FEED_PROBE_BYTES;
    ssize_t done = read_at(feed->fd, feed->buffer, want, offset);
    if (done <= 0)
        return (int)done;
    const char *end = feed->buffer + done, *line = feed->buffer;
    if (offset > 0) {
        line = memchr(line, '\n', (size_t)done);
        if (line == NULL)
            return done < (ssize_t)FEED_PROBE_BYTES ? 0 : -EBADMSG;
        line++;
    }
    const char *newline = memchr(line, '\n', (size_t)(end - line));
    struct record_head head;
    enum record_kind kind;
    if (newline == NULL)
        return 0;
    if (record_decode_head(line, (size_t)(newline - line), &head, &kind) < 0)
        return -EBADMSG;
    *ret_at = offset + (uint64_t)(line - feed->buffer);
    *ret_seq = head.seq;
    return 1;
}

/* Halves the current segment until the place of seq is near. */
static int narrow(struct feed *feed, uint64_t seq)
{
    uint64_t low = 0, low_seq = feed->first, high = 0;
    bool finished;
    int error = segment_limit(feed, &high, &finished);

    while (error == 0 && high - low > FEED_BUFFER_BYTES) {
        uint64_t middle = low + (high - low) / 2, at = 0, found = 0;
        int there = probe(feed, middle, high, &at, &found);
        error = there < 0 ? there : 0;
        if (there <= 0 || found > seq) {
            high = middle;
        } else {
            low = at;
            low_seq = found;
        }
    }
    feed->offset = low;
    feed->next_seq = low_seq;
    return error;
}

int feed_seek(struct feed *feed, uint64_t seq)
{
    bool found = false;
    uint64_t first = 0;
    int error = refresh_durable(feed);

    if (error == 0)
        error = find_segment(feed, seq, &found, &first);
    if (error < 0)
        return error;
    feed->wanted_seq = seq;
    if (!found)
        return 0;
    int opened = open_segment(feed, first);
    if (opened <= 0)
        return opened;
    return narrow(feed, seq);
}

int feed_find_end(struct feed *feed, uint64_t *ret_end)
{
    const char *line;
    size_t len;
    uint64_t seq;
    int more, error = refresh_durable(feed);

    if (error == 0 && feed->durable_fd == -1) {
        /* Without a durable end the last whole line is the end: walk from the last segment on. */
        error = feed_seek(feed, UINT64_MAX - 1);
        feed->wanted_seq = 0;
        while (error == 0 && (more = feed_next(feed, &line, &len, &seq)) != 0)
            error = more < 0 ? more : 0;
    }
    if (error < 0)
        return error;
    uint64_t end = feed->durable_fd == -1 ? feed->next_seq : feed_end(feed);
    *ret_end = end < feed->bound ? end : feed->bound;
    return 0;
}

int feed_seek_last(struct feed *feed, uint64_t count)
{
    uint64_t end = 0;
    int error = feed_find_end(feed, &end);

    return error < 0 ? error : feed_seek(feed, end > count ? end - count : 0);
}

void feed_place(const struct feed *feed, uint64_t *ret_segment, uint64_t *ret_offset)
{
    *ret_segment = feed->first;
    *ret_offset = feed->line_offset;
}

void feed_next_place(const struct feed *feed, uint64_t *ret_seq, uint64_t *ret_segment,
                     uint64_t *ret_offset)
{
    *ret_seq = feed->next_seq;
    *ret_segment = feed->first;
    *ret_offset = feed->offset;
}

uint64_t feed_end(const struct feed *feed)
{
    return feed->has_durable ? feed->durable.seq + 1 : 0;
}

int feed_open(const char *ledger, struct feed **ret_feed)
{
    char path[FEED_PATH_BYTES_MAX];
    int len = snprintf(path, sizeof(path), "%s/feed", ledger);

    if (len < 0 || (size_t)len >= sizeof(path))
        return -ENAMETOOLONG;
    struct feed *feed = calloc(1, sizeof(*feed));
    if (feed == NULL)
        return -ENOMEM;
    feed->fd = -1;
    feed->durable_fd = -1;
    feed->bound = UINT64_MAX;
    feed->ledger = strdup(ledger);
    feed->buffer = malloc(FEED_BUFFER_BYTES + FEED_SLACK_BYTES);
    feed->folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int error = feed->folder_fd == -1 ? -errno : 0;
    if (feed->ledger == NULL || feed->buffer == NULL)
        error = -ENOMEM;
    if (error == 0)
        error = feed_seek(feed, 0);
    if (error < 0) {
        (void)feed_close(feed); /* always NULL */
        return error;
    }
    *ret_feed = feed;
    return 0;
}

struct feed *feed_close(struct feed *feed)
{
    if (feed == NULL)
        return NULL;
    if (feed->fd != -1)
        (void)close(feed->fd); /* only read from */
    if (feed->folder_fd != -1)
        (void)close(feed->folder_fd); /* only read from */
    if (feed->durable_fd != -1)
        (void)close(feed->durable_fd); /* only read from */
    free(feed->buffer);
    free(feed->ledger);
    free(feed);
    return NULL;
}
