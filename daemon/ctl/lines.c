/*
 * Lines out of a descriptor: reads blocks and lets io/frame.h cut them, the code that cuts lines
 * for the daemon too. Knows no JSON.
 */
#include "daemon/ctl/lines.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include "io/frame.h"

#define BLOCK_BYTES (1u << 20)

static_assert(LINES_SLACK_BYTES <= FRAME_SLACK_BYTES, "a copied line has its slack too");

struct lines {
    struct input *input;
    bool ended;
    bool may_wait; /* LINES_WAIT was said: the next read may block */
    bool given;    /* a line is handed out, until the next call */
    uint64_t number;
    struct frame frame;
    size_t begin, end; /* of block: read, not yet cut */
    char block[BLOCK_BYTES + LINES_SLACK_BYTES];
    char carry[LINES_LINE_BYTES_MAX + FRAME_SLACK_BYTES];
};

static int give(struct lines *lines, const struct frame_line *line, struct line *ret_line)
{
    lines->given = true;
    *ret_line = (struct line){
        .at = line->bytes,
        .len = line->len,
        .number = ++lines->number,
        .offset = line->offset,
        .bytes = line->line_bytes,
    };
    return LINES_LINE;
}

/* True when a read would have to wait for a writer. */
static bool would_wait(const struct lines *lines)
{
    struct pollfd input = {.fd = input_fd(lines->input), .events = POLLIN};
    return !input_has(lines->input) && poll(&input, 1, 0) == 0;
}

/* What others have set not to wait is waited for here. */
static void wait_for_input(const struct lines *lines)
{
    struct pollfd input = {.fd = input_fd(lines->input), .events = POLLIN};
    if (!input_has(lines->input))
        (void)poll(&input, 1, -1); /* whatever it says, the read tells */
}

static int read_block(struct lines *lines)
{
    ssize_t got = input_read(lines->input, lines->block, BLOCK_BYTES);
    if (got < 0)
        return (int)got;
    lines->may_wait = false;
    lines->ended = got == 0;
    lines->begin = 0;
    lines->end = (size_t)got;
    return 0;
}

struct lines *lines_open(void)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL)
        return NULL;
    lines->input = input_open();
    if (lines->input == NULL)
        return lines_close(lines);
    lines_start(lines, -1);
    return lines;
}

void lines_start(struct lines *lines, int fd)
{
    input_start(lines->input, fd);
    lines->ended = lines->may_wait = lines->given = false;
    lines->begin = lines->end = 0;
    lines->number = 0;
    frame_init(&lines->frame, LINES_LINE_BYTES_MAX);
    frame_lend(&lines->frame, lines->carry, LINES_LINE_BYTES_MAX);
}

int lines_next(struct lines *lines, struct line *ret_line)
{
    struct frame_line line;
    if (lines->given)
        frame_drop(&lines->frame);
    lines->given = false;
    for (;;) {
        while (lines->begin < lines->end) {
            size_t taken = 0;
            const char *from = lines->block + lines->begin;
            enum frame_step step =
                frame_next(&lines->frame, from, lines->end - lines->begin, &taken, &line);
            assert(step != FRAME_CARRY); /* it has all it can need */
            lines->begin += taken;
            if (step == FRAME_LINE)
                return give(lines, &line, ret_line);
        }
        if (lines->ended && frame_finish(&lines->frame, &line) == FRAME_LINE)
            return give(lines, &line, ret_line);
        if (lines->ended)
            return LINES_END;
        if (!lines->may_wait && would_wait(lines)) {
            lines->may_wait = true;
            return LINES_WAIT;
        }
        int result = read_block(lines);
        if (result == -EAGAIN)
            wait_for_input(lines);
        else if (result < 0)
            return result;
    }
}

struct input *lines_input(struct lines *lines)
{
    return lines->input;
}

uint64_t lines_offset(const struct lines *lines)
{
    return input_offset(lines->input);
}

struct lines *lines_close(struct lines *lines)
{
    if (lines == NULL)
        return NULL;
    (void)input_close(lines->input); /* always NULL */
    free(lines);
    return NULL;
}
