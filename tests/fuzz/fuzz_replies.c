/*
 * Any bytes from a daemon, split anywhere, give the same answers as in one piece, and never more
 * than there are lines. The first byte of the input chooses the size of the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/ctl/replies.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ANSWERS_MAX 256u

struct answers {
    struct reply_line lines[ANSWERS_MAX];
    size_t count;
    int end; /* the last result of replies_next */
};

static void take(struct replies *replies, struct answers *answers)
{
    struct reply_line line;
    while ((answers->end = replies_next(replies, &line)) == 1) {
        if (line.kind != REPLY_UNKNOWN && line.kind != REPLY_ACK && line.kind != REPLY_NACK)
            abort();
        if (answers->count < ANSWERS_MAX)
            answers->lines[answers->count] = line;
        answers->count++;
    }
}

static void feed(const char *bytes, size_t len, size_t piece, struct answers *answers)
{
    struct replies *replies = replies_open();
    while (replies != NULL && len > 0 && answers->end >= 0) {
        size_t room = 0;
        char *at = replies_room(replies, &room);
        if (room == 0)
            abort();
        size_t some = len < piece ? len : piece;
        some = some < room ? some : room;
        memcpy(at, bytes, some);
        replies_filled(replies, some);
        bytes += some;
        len -= some;
        take(replies, answers);
    }
    (void)replies_close(replies);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct answers whole, pieces;
    if (size < 2 || size > REPLIES_BUFFER_BYTES)
        return 0;
    const char *bytes = (const char *)data + 1;
    memset(&whole, 0, sizeof whole);
    memset(&pieces, 0, sizeof pieces);
    feed(bytes, size - 1, SIZE_MAX, &whole);
    feed(bytes, size - 1, (size_t)data[0] + 1, &pieces);
    if (whole.count != pieces.count || whole.end != pieces.end)
        abort();
    size_t kept = whole.count < ANSWERS_MAX ? whole.count : ANSWERS_MAX;
    for (size_t i = 0; i < kept; i++) {
        const struct reply_line *a = &whole.lines[i], *b = &pieces.lines[i];
        if (a->kind != b->kind || a->line != b->line || strcmp(a->err, b->err) != 0)
            abort();
    }
    return 0;
}
