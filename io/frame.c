/* The newline framing of io/frame.h; no I/O, no allocation. */
#include "io/frame.h"

#include <assert.h>
#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void hand_out(struct frame *frame, const char *bytes, size_t len, bool copied,
                     struct frame_line *ret_line)
{
    frame->handed_out = true;
    ret_line->bytes = bytes;
    ret_line->len = len;
    ret_line->offset = frame->line_offset;
    ret_line->line_bytes = frame->line_bytes;
    ret_line->copied = copied;
}

/* The bytes behind a carried line are zeroed, so that what a scanner reads past its end never
   depends on an older line. */
static void hand_out_carry(struct frame *frame, struct frame_line *ret_line)
{
    assert(frame->carry != NULL);
    memset(frame->carry + frame->carry_len, 0, FRAME_SLACK_BYTES);
    hand_out(frame, frame->carry, frame->carry_len, true, ret_line);
}

void frame_init(struct frame *frame, size_t line_bytes_max)
{
    assert(line_bytes_max > 0);
    *frame = (struct frame){.line_bytes_max = line_bytes_max};
}

enum frame_step frame_next(struct frame *frame, const char *bytes, size_t len, size_t *ret_taken,
                           struct frame_line *ret_line)
{
    assert(len > 0);
    assert(!frame->handed_out);
    const char *newline = memchr(bytes, '\n', len);
    size_t piece = newline != NULL ? (size_t)(newline - bytes) : len;
    if (newline != NULL && frame->line_bytes == 0) {
        frame->line_bytes = piece;
        hand_out(frame, bytes, smaller(piece, frame->line_bytes_max), false, ret_line);
        *ret_taken = piece + 1;
        return FRAME_LINE;
    }
    size_t keep = smaller(piece, frame->line_bytes_max - frame->carry_len);
    if (keep > frame->carry_room - frame->carry_len) {
        frame->carry_need = frame->carry_len + keep;
        *ret_taken = 0;
        return FRAME_CARRY;
    }
    if (keep > 0) {
        memcpy(frame->carry + frame->carry_len, bytes, keep);
    }
    frame->carry_len += keep;
    frame->line_bytes += piece;
    if (newline == NULL) {
        *ret_taken = len;
        return FRAME_MORE;
    }
    hand_out_carry(frame, ret_line);
    *ret_taken = piece + 1;
    return FRAME_LINE;
}

enum frame_step frame_finish(struct frame *frame, struct frame_line *ret_line)
{
    assert(!frame->handed_out);
    if (frame->line_bytes == 0) {
        return FRAME_MORE;
    }
    hand_out_carry(frame, ret_line);
    return FRAME_LINE;
}

void frame_drop(struct frame *frame)
{
    assert(frame->handed_out);
    frame->handed_out = false;
    frame->line_offset += frame->line_bytes + 1;
    frame->line_bytes = 0;
    frame->carry_len = 0;
}

void frame_lend(struct frame *frame, char *carry, size_t room)
{
    assert((carry != NULL) == (room > 0));
    assert(room >= frame->carry_len);
    frame->carry = carry;
    frame->carry_room = room;
}

uint64_t frame_pending(const struct frame *frame)
{
    return frame->handed_out ? 0 : frame->line_bytes;
}
