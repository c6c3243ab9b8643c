/*
 * Framing of arbitrary bytes split arbitrarily equals a naive splitter of the whole. The first
 * bytes of the input choose the line limit and the sizes of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "io/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct naive {
    const char *text;
    size_t len;
    size_t at;
    size_t line_bytes_max;
};

static void check(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* The next line must be exactly what stands in the text at naive->at. */
static void expect_line(struct naive *naive, const struct frame_line *line, bool terminated)
{
    const char *start = naive->text + naive->at;
    size_t rest = naive->len - naive->at;
    const char *newline = rest > 0 ? memchr(start, '\n', rest) : NULL;
    check((newline != NULL) == terminated);
    size_t len = terminated ? (size_t)(newline - start) : rest;
    size_t kept = len < naive->line_bytes_max ? len : naive->line_bytes_max;
    check(line->offset == naive->at);
    check(line->line_bytes == len);
    check(line->len == kept);
    check(kept == 0 || memcmp(line->bytes, start, kept) == 0);
    volatile char sum = 0;
    for (size_t i = 0; i < FRAME_SLACK_BYTES; i++) {
        sum = (char)(sum + line->bytes[line->len + i]);
    }
    naive->at += len + (terminated ? 1 : 0);
}

static void grow_carry(struct frame *frame)
{
    check(frame->carry_need > frame->carry_room);
    check(frame->carry_need <= frame->line_bytes_max);
    char *carry = realloc(frame->carry, frame->carry_need + FRAME_SLACK_BYTES);
    check(carry != NULL);
    frame_lend(frame, carry, frame->carry_need);
}

/* One piece, copied into memory of exactly its size and the slack, so that a read beyond is seen.
 */
static void feed(struct frame *frame, struct naive *naive, const char *piece, size_t len)
{
    char *input = malloc(len + FRAME_SLACK_BYTES);
    check(input != NULL);
    memcpy(input, piece, len);
    memset(input + len, 0, FRAME_SLACK_BYTES);
    for (size_t at = 0; at < len;) {
        struct frame_line line;
        size_t taken = 0;
        switch (frame_next(frame, input + at, len - at, &taken, &line)) {
        case FRAME_CARRY:
            check(taken == 0);
            grow_carry(frame);
            break;
        case FRAME_LINE:
            expect_line(naive, &line, true);
            frame_drop(frame);
            if ((line.line_bytes & 1) != 0) { /* a caller may take the carry back between lines */
                free(frame->carry);
                frame_lend(frame, NULL, 0);
            }
            break;
        case FRAME_MORE:
            check(at + taken == len);
            break;
        }
        at += taken;
    }
    free(input);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8) {
        return 0;
    }
    struct frame frame;
    frame_init(&frame, 1u + data[0] % 100u);
    struct naive naive = {
        .text = (const char *)data + 8,
        .len = size - 8,
        .line_bytes_max = 1u + data[0] % 100u,
    };
    size_t turn = 0;
    for (size_t at = 0; at < naive.len;) {
        size_t len = 1u + data[1 + turn++ % 7];
        len = len < naive.len - at ? len : naive.len - at;
        feed(&frame, &naive, naive.text + at, len);
        at += len;
    }
    struct frame_line line;
    if (frame_finish(&frame, &line) == FRAME_LINE) {
        expect_line(&naive, &line, false);
        frame_drop(&frame);
    }
    check(naive.at == naive.len);
    free(frame.carry);
    return 0;
}
