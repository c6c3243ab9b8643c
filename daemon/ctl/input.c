/*
 * From packed bytes to lines. Knows which form it is by the first bytes; each form is another
 * file's.
 *
 *   UNKNOWN -> LINES, ARRAY   [tell_form]
 */
#include "daemon/ctl/input.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/array.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/unpack.h"

#define HELD_BYTES (ARRAY_PROBE_BYTES + 65536u)

enum form { FORM_UNKNOWN = 0, FORM_LINES, FORM_ARRAY };

struct input {
    int fd;
    struct unpack *unpack;
    enum form form;
    bool ended; /* unpack's bytes have */
    struct array_probe probe;
    struct array array;
    size_t begin, end; /* of held: unpacked, not yet used */
    char held[HELD_BYTES];
};

struct input *input_open(void)
{
    struct input *input = calloc(1, sizeof *input);
    if (input == NULL)
        return NULL;
    input->unpack = unpack_open();
    if (input->unpack == NULL)
        return input_close(input);
    input_start(input, -1);
    return input;
}

void input_start(struct input *input, int fd)
{
    input->fd = fd;
    unpack_start(input->unpack, fd);
    input->form = FORM_UNKNOWN;
    input->ended = false;
    input->probe = (struct array_probe){0};
    input->array = (struct array){0};
    input->begin = input->end = 0;
}

bool input_has(const struct input *input)
{
    return input->ended || unpack_has_input(input->unpack) ||
           (input->form != FORM_UNKNOWN && input->begin < input->end);
}

int input_fd(const struct input *input)
{
    return input->fd;
}

uint64_t input_offset(const struct input *input)
{
    return unpack_offset(input->unpack);
}

/* More unpacked bytes behind those that are held. As unpack_read. */
static ssize_t fill(struct input *input)
{
    if (input->begin == input->end)
        input->begin = input->end = 0;
    assert(input->end < HELD_BYTES);
    ssize_t got = unpack_read(input->unpack, input->held + input->end, HELD_BYTES - input->end);
    if (got > 0)
        input->end += (size_t)got;
    if (got == 0)
        input->ended = true;
    return got;
}

/* As input_read, of which it is the first part: 1 when the form is known. What is damaged before
   that is told once the lines before it were handed out. */
static ssize_t tell_form(struct input *input)
{
    ssize_t got = fill(input);
    if (got < 0 && got != -EBADMSG)
        return got;
    enum array_verdict verdict =
        array_probe(&input->probe, input->held, input->end, input->ended || got < 0);
    if (verdict == ARRAY_OPEN)
        return -EAGAIN;
    input->form = verdict == ARRAY_YES ? FORM_ARRAY : FORM_LINES;
    return 1;
}

static ssize_t read_lines(struct input *input, char *into, size_t room)
{
    size_t len = input->end - input->begin;
    if (len == 0)
        return input->ended ? 0 : unpack_read(input->unpack, into, room);
    if (len > room)
        len = room;
    memcpy(into, input->held + input->begin, len);
    input->begin += len;
    return (ssize_t)len;
}

static ssize_t read_array(struct input *input, char *into, size_t room)
{
    if (input->begin == input->end && !input->ended) {
        ssize_t got = fill(input);
        if (got < 0)
            return got;
    }
    size_t len = input->end - input->begin;
    if (len == 0)
        return array_may_end(&input->array) ? 0 : -ENODATA;
    if (len > room / 2)
        len = room / 2;
    size_t written = array_lines(&input->array, input->held + input->begin, len, into);
    input->begin += len;
    return written > 0 ? (ssize_t)written : -EAGAIN;
}

ssize_t input_read(struct input *input, char *into, size_t room)
{
    assert(room >= INPUT_ROOM_MIN);
    switch (input->form) {
    case FORM_UNKNOWN: {
        ssize_t told = tell_form(input);
        return told == 1 ? -EAGAIN : told;
    }
    case FORM_LINES:
        return read_lines(input, into, room);
    case FORM_ARRAY:
        return read_array(input, into, room);
    }
    return 0; /* every form is above */
}

const char *input_error(int error)
{
    return error == -EBADMSG   ? "its packed bytes are damaged, or end in the middle"
           : error == -ENODATA ? "it ends in the middle of its JSON array"
                               : ctl_errno(error);
}

struct input *input_close(struct input *input)
{
    if (input == NULL)
        return NULL;
    (void)unpack_close(input->unpack); /* always NULL */
    free(input);
    return NULL;
}
