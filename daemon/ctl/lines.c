/*
 * Lines out of a descriptor. Knows bytes and newlines, no JSON.
 *
 * The unread bytes are buffer[begin, end). They move to the front when the room behind them is used
 * up, so that a line is always in one piece. A line that is longer than the limit keeps its first
 * LINES_LINE_BYTES_MAX bytes in place while the rest is read over it and counted.
 */
#include "daemon/ctl/lines.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK_BYTES  (1u << 20)
#define BUFFER_BYTES (LINES_LINE_BYTES_MAX + BLOCK_BYTES)

struct lines {
    int fd;
    bool ended;
    bool may_wait; /* LINES_WAIT was said: the next read may block */
    size_t begin, end;
    size_t searched; /* no newline in [begin, searched) */
    uint64_t number, offset;
    uint64_t dropped; /* bytes of the current line that were counted and not kept */
    char buffer[BUFFER_BYTES + LINES_SLACK_BYTES];
};

static int give(struct lines *lines, size_t len, size_t consumed, struct line *ret_line)
{
    *ret_line = (struct line){
        .at = lines->buffer + lines->begin,
        .len = len < LINES_LINE_BYTES_MAX ? len : LINES_LINE_BYTES_MAX,
        .number = ++lines->number,
        .offset = lines->offset,
        .bytes = len + lines->dropped,
    };
    lines->begin += consumed;
    lines->searched = lines->begin;
    lines->offset += consumed + lines->dropped;
    lines->dropped = 0;
    return LINES_LINE;
}

/* True when a read would have to wait for a writer. */
static bool would_wait(const struct lines *lines)
{
    struct pollfd input = {.fd = lines->fd, .events = POLLIN};
    return poll(&input, 1, 0) == 0;
}

static void make_room(struct lines *lines)
{
    size_t kept = lines->end - lines->begin;
    if (kept > LINES_LINE_BYTES_MAX) {
        /* Too long, and no end in sight: only the first bytes are kept. */
        lines->dropped += kept - LINES_LINE_BYTES_MAX;
        kept = LINES_LINE_BYTES_MAX;
        lines->end = lines->begin + kept;
    }
    if (lines->begin > 0 && BUFFER_BYTES - lines->end < BLOCK_BYTES) {
        memmove(lines->buffer, lines->buffer + lines->begin, kept);
        lines->begin = 0;
        lines->end = kept;
    }
    lines->searched = lines->end;
    assert(lines->end < BUFFER_BYTES);
}

static int read_block(struct lines *lines)
{
    make_room(lines);
    size_t room = BUFFER_BYTES - lines->end;
    ssize_t got = -1;
    for (;;) {
        got = read(lines->fd, lines->buffer + lines->end, room < BLOCK_BYTES ? room : BLOCK_BYTES);
        if (got != -1)
            break;
        if (errno != EINTR && errno != EAGAIN)
            return -errno;
        struct pollfd input = {.fd = lines->fd, .events = POLLIN};
        (void)poll(&input, 1, -1); /* whatever it says, the read tells */
    }
    lines->may_wait = false;
    if (got == 0)
        lines->ended = true;
    else
        lines->end += (size_t)got;
    return 0;
}

struct lines *lines_open(void)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (lines != NULL)
        lines_start(lines, -1);
    return lines;
}

void lines_start(struct lines *lines, int fd)
{
    lines->fd = fd;
    lines->ended = lines->may_wait = false;
    lines->begin = lines->end = lines->searched = 0;
    lines->number = lines->offset = lines->dropped = 0;
}

int lines_next(struct lines *lines, struct line *ret_line)
{
    for (;;) {
        const char *from = lines->buffer + lines->searched;
        const char *newline = memchr(from, '\n', lines->end - lines->searched);
        if (newline != NULL) {
            size_t len = (size_t)(newline - lines->buffer) - lines->begin;
            return give(lines, len, len + 1, ret_line);
        }
        lines->searched = lines->end;
        if (lines->ended && lines->begin == lines->end)
            return LINES_END;
        if (lines->ended)
            return give(lines, lines->end - lines->begin, lines->end - lines->begin, ret_line);
        if (!lines->may_wait && would_wait(lines)) {
            lines->may_wait = true;
            return LINES_WAIT;
        }
        int result = read_block(lines);
        if (result < 0)
            return result;
    }
}

struct lines *lines_close(struct lines *lines)
{
    free(lines);
    return NULL;
}
