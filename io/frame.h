/*
 * Cuts a byte stream into lines at '\n': a push machine without I/O and without memory of its own.
 * Knows neither sockets nor JSON.
 *
 * The caller gives input where it lies. A line that lies in one input is handed out in place; only
 * a line that straddles inputs is copied, into carry memory that the caller lends. A line longer
 * than line_bytes_max keeps its first line_bytes_max bytes, its true length is counted, and the
 * next line starts after its newline as if nothing had happened.
 */
#ifndef IO_FRAME_H
#define IO_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_SLACK_BYTES 64u /* readable after every line that lies in the carry */

enum frame_step {
    FRAME_MORE = 0,  /* the input is used up; give the next one, or finish */
    FRAME_LINE = 1,  /* a line was handed out; frame_drop comes before the next step */
    FRAME_CARRY = 2, /* carry_need bytes of carry are needed; nothing was taken: lend, ask again */
};

struct frame_line {
    const char *bytes; /* without '\n'; in the input or in the carry */
    size_t len;
    uint64_t offset;     /* of its first byte since the first byte of the stream */
    uint64_t line_bytes; /* true length without '\n'; > len when the line was too long */
    bool copied;         /* it lies in the carry */
};

struct frame {
    size_t line_bytes_max;
    char *carry;       /* the caller's: carry_room + FRAME_SLACK_BYTES bytes; NULL when room is 0 */
    size_t carry_room; /* <= line_bytes_max is enough */
    size_t carry_len;
    size_t carry_need; /* after FRAME_CARRY: <= line_bytes_max, > carry_room */
    uint64_t line_offset;
    uint64_t line_bytes; /* of the line being gathered, or handed out */
    bool handed_out;
};

/* Starts at offset 0 without carry. line_bytes_max > 0. */
void frame_init(struct frame *frame, size_t line_bytes_max);

/* Takes up to len > 0 bytes of input. ret_taken: how many were used (0 with FRAME_CARRY); ret_line:
   written on FRAME_LINE only. A line in place is valid as long as the input is, and the bytes
   behind it are those of the input; a copied line is valid until frame_drop. */
enum frame_step frame_next(struct frame *frame, const char *bytes, size_t len, size_t *ret_taken,
                           struct frame_line *ret_line);

/* The input has ended. FRAME_LINE: the last line had no newline and is handed out; FRAME_MORE:
   there was none. */
enum frame_step frame_finish(struct frame *frame, struct frame_line *ret_line);

/* The line that was handed out is done with; the carry, if any, is empty again. */
void frame_drop(struct frame *frame);

/* Lends other carry memory of room + FRAME_SLACK_BYTES bytes, into which the caller has moved the
   carry_len bytes that are in use (realloc does). NULL and 0 only while carry_len is 0. */
void frame_lend(struct frame *frame, char *carry, size_t room);

/* Bytes of the line that is being gathered: 0 between lines. */
uint64_t frame_pending(const struct frame *frame);

#endif
