/*
 * From packed bytes to lines. Knows which form it is by the first bytes; each form is another
 * file's.
 *
 *   UNKNOWN -> LINES, ARRAY, WARC   [tell_form]
 */
#include "daemon/ctl/input.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/ctl/array.h"
#include "daemon/ctl/capture.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/unpack.h"
#include "daemon/ctl/warc.h"

#define HELD_BYTES (ARRAY_PROBE_BYTES + 65536u)

static const char warc_magic[] = "WARC/1.", byte_order_mark[] = "\xef\xbb\xbf";

enum form { FORM_UNKNOWN = 0, FORM_LINES, FORM_ARRAY, FORM_WARC };

struct input {
    int fd;
    struct unpack *unpack;
    enum form form;
    bool ended;         /* unpack's bytes have */
    bool unmarked;      /* UNKNOWN: a byte order mark at the start was passed over */
    bool damaged;       /* UNKNOWN: members at the start were, and passed over */
    bool fresh;         /* WARC: held begins a member, and its first bytes are not all there */
    uint64_t damage_at; /* the first of them */
    struct array_probe probe;
    struct array array;
    struct warc *warc; /* this and the next are made for the first WARC */
    struct capture *capture;
    uint64_t revisits; /* WARC: records of pages that were the same as before */
    input_damage damage;
    void *context;
    const char *line; /* of a record: what was not handed out yet */
    size_t line_len;
    uint64_t origin;   /* of the first byte of held, as unpack_origin */
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
    input->ended = input->unmarked = input->damaged = input->fresh = false;
    input->probe = (struct array_probe){0};
    input->array = (struct array){0};
    input->line_len = 0;
    input->revisits = 0;
    input->begin = input->end = 0;
}

void input_on_damage(struct input *input, input_damage damage, void *context)
{
    input->damage = damage;
    input->context = context;
}

bool input_has(const struct input *input)
{
    return input->ended || input->line_len > 0 || unpack_has_input(input->unpack) ||
           (input->form != FORM_UNKNOWN && !input->fresh && input->begin < input->end);
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
    if (got > 0 && input->end == 0)
        input->origin = unpack_origin(input->unpack);
    if (got > 0)
        input->end += (size_t)got;
    if (got == 0)
        input->ended = true;
    return got;
}

/* Whether what is held begins with this. */
static bool holds(const struct input *input, const char *what)
{
    const size_t len = strlen(what);
    return input->end - input->begin >= len && memcmp(input->held + input->begin, what, len) == 0;
}

/* Whether it may yet: it is the first part of this, or nothing. */
static bool may_hold(const struct input *input, const char *what)
{
    const size_t have = input->end - input->begin;
    return have < strlen(what) && memcmp(input->held + input->begin, what, have) == 0;
}

static void take_record(struct input *input, struct warc_record *record)
{
    static const char revisit[] = "revisit";
    const struct warc_text type = record->fields[WARC_TYPE];
    if (record->damage == NULL && type.len == sizeof revisit - 1 &&
        strncasecmp(type.at, revisit, type.len) == 0)
        input->revisits++;
    input->line_len = capture_line(input->capture, record, &input->line);
    if (record->damage != NULL && input->damage != NULL)
        input->damage(input->context, record->offset, record->damage);
}

/* 1 or -ENOMEM. */
static ssize_t begin_warc(struct input *input)
{
    if (input->warc == NULL)
        input->warc = warc_open();
    if (input->capture == NULL)
        input->capture = capture_open();
    if (input->warc == NULL || input->capture == NULL)
        return -ENOMEM;
    warc_start(input->warc);
    input->form = FORM_WARC;
    if (input->damaged)
        take_record(input, &(struct warc_record){.offset = input->damage_at,
                                                 .damage = input_error(-EBADMSG)});
    return 1;
}

/* After -EBADMSG with nothing to know the form by: whether that is a WARC, of which other members
   can be read, they will tell. -EAGAIN. */
static ssize_t pass_damaged(struct input *input)
{
    if (!input->damaged)
        input->damage_at = unpack_origin(input->unpack);
    input->damaged = true;
    input->begin = input->end = 0;
    unpack_skip(input->unpack);
    return -EAGAIN;
}

/* As input_read, of which it is the first part: 1 when the form is known. What is damaged before
   that is told once the lines before it were handed out. */
static ssize_t tell_form(struct input *input)
{
    ssize_t got = fill(input);
    if (got < 0 && got != -EBADMSG)
        return got;
    if (!input->unmarked && holds(input, byte_order_mark)) {
        input->begin += strlen(byte_order_mark);
        input->unmarked = true;
    }
    bool open =
        may_hold(input, warc_magic) || (!input->unmarked && may_hold(input, byte_order_mark));
    bool wrong = holds(input, warc_magic) && unpack_is_broken(input->unpack);
    if ((open && got == -EBADMSG) || wrong)
        return pass_damaged(input);
    if (open && !input->ended)
        return -EAGAIN;
    if (holds(input, warc_magic))
        return begin_warc(input);
    if (input->damaged)
        return -EBADMSG;
    enum array_verdict verdict = array_probe(&input->probe, input->held + input->begin,
                                             input->end - input->begin, input->ended || got < 0);
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

/* Records out of the bytes that are held. */
static void take_held(struct input *input)
{
    while (input->begin < input->end && input->line_len == 0) {
        struct warc_record record;
        size_t taken = 0;
        bool packed = unpack_is_packed(input->unpack);
        if (warc_next(input->warc, input->held + input->begin, input->end - input->begin,
                      packed ? input->origin : input->origin + input->begin, packed, &taken,
                      &record))
            take_record(input, &record);
        input->begin += taken;
    }
}

/* The member whose bytes come next is damaged. */
static void pass_member(struct input *input)
{
    struct warc_record record;
    const char *damage = input_error(-EBADMSG);
    if (!warc_cut(input->warc, damage, &record))
        record = (struct warc_record){.offset = unpack_origin(input->unpack), .damage = damage};
    input->begin = input->end = 0;
    unpack_skip(input->unpack);
    take_record(input, &record);
}

/* More bytes of a WARC. Where each record is a member of its own, a new one ends the last, whatever
   its length said; and one that is damaged is passed over. 0, -EAGAIN or another error. */
static ssize_t fill_warc(struct input *input)
{
    struct warc_record record;
    uint64_t origin = input->origin;
    ssize_t got = fill(input);
    if (got > 0 && unpack_is_broken(input->unpack))
        got = -EBADMSG; /* a record whose bytes may be wrong is none */
    input->fresh =
        input->fresh || (got > 0 && unpack_is_packed(input->unpack) && input->origin != origin);
    if (input->fresh && may_hold(input, warc_magic) && (got > 0 || got == -EAGAIN))
        return -EAGAIN;
    const char *why = NULL;
    if (got == 0)
        why = "the file ends in the middle of it";
    else if (input->fresh && holds(input, warc_magic))
        why = "it is shorter than its Content-Length says";
    input->fresh = false;
    if (got == -EBADMSG) {
        pass_member(input);
        return 0;
    }
    if (got == 0)
        take_held(input);
    if (why != NULL && input->line_len == 0 && warc_cut(input->warc, why, &record))
        take_record(input, &record);
    return got < 0 ? got : 0;
}

static ssize_t read_warc(struct input *input, char *into, size_t room)
{
    if (input->line_len == 0 && !input->fresh)
        take_held(input);
    if (input->line_len == 0) {
        ssize_t result = input->ended ? 0 : fill_warc(input);
        if (result < 0 || (input->ended && input->line_len == 0))
            return result;
    }
    if (input->line_len == 0)
        return -EAGAIN;
    size_t len = input->line_len < room ? input->line_len : room;
    memcpy(into, input->line, len);
    input->line += len;
    input->line_len -= len;
    return (ssize_t)len;
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
    case FORM_WARC:
        return read_warc(input, into, room);
    }
    return 0; /* every form is above */
}

bool input_note(const struct input *input, bool mapped, char ret_text[INPUT_NOTE_BYTES])
{
    char revisits[128] = "";
    if (input->revisits > 0)
        (void)snprintf(
            revisits, sizeof revisits,
            "; %llu revisit record%s (a page that was the same as an earlier one) gave no "
            "line",
            (unsigned long long)input->revisits, input->revisits == 1 ? "" : "s");
    int len = snprintf(ret_text, INPUT_NOTE_BYTES, "%s%s%s",
                       input->form == FORM_WARC && !mapped
                           ? "; it is a WARC: --map warc makes listings of its pages"
                           : "",
                       revisits,
                       unpack_is_padded(input->unpack)
                           ? "; zero bytes behind a gzip member were passed over"
                           : "");
    assert(len >= 0 && len < (int)INPUT_NOTE_BYTES);
    if (len > 0)
        memmove(ret_text, ret_text + 2, (size_t)len - 1); /* the first separates nothing */
    return len > 0;
}

const char *input_error(int error)
{
    return error == -EBADMSG   ? "its packed bytes are damaged, or end in the middle"
           : error == -ENODATA ? "it ends in the middle of its JSON"
                               : ctl_errno(error);
}

struct input *input_close(struct input *input)
{
    if (input == NULL)
        return NULL;
    (void)unpack_close(input->unpack); /* all three give NULL */
    (void)warc_close(input->warc);
    (void)capture_close(input->capture);
    free(input);
    return NULL;
}
