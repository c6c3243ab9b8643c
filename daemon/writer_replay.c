/*
 * Replay. Knows segments and lines, and not what is derived from them.
 */
#include "daemon/writer_replay.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ADVICE "restore the file from a copy, or move the ledger aside to begin a new one"

static_assert(WRITER_WINDOW_BYTES >= 4 * RECORD_LINE_BYTES_MAX, "half a window holds two lines");

int writer_window_move(struct writer_window *window, size_t taken)
{
    memmove(window->bytes, window->bytes + taken, window->len - taken);
    window->offset += taken;
    window->len -= taken;
    ssize_t done = journal_read(window->journal, window->first, window->bytes + window->len,
                                WRITER_WINDOW_BYTES - window->len, window->offset + window->len);
    if (done == -EINTR)
        return 1;
    if (done > 0)
        window->len += (size_t)done;
    return done < 0 ? (int)done : done > 0;
}

int writer_read_at(struct journal *feed, uint64_t first, char *bytes, size_t len, uint64_t offset)
{
    size_t have = 0;

    while (have < len) {
        ssize_t done = journal_read(feed, first, bytes + have, len - have, offset + have);
        if (done == -EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? (int)done : -EBADMSG;
        have += (size_t)done;
    }
    return 0;
}

/* One replay. The lines of a segment end at `end`: what is behind it was torn. */
struct replay {
    struct writer_core *core;
    uint64_t from_seq;
    writer_visit *visit;
    void *context;
    char *bytes; /* WRITER_WINDOW_BYTES */

    uint64_t first, end; /* the segment */
    uint64_t at, seq;    /* the next line: its offset there, and whose turn it is */
    bool refused;        /* by visit: what it said has no words of ours */
};

static int damaged(const struct replay *replay, struct writer_error *reterr_error)
{
    return writer_error_set(reterr_error, -EBADMSG,
                            "feed/%020" PRIu64 ".jsonl byte %" PRIu64 ": not record %" PRIu64
                            ", which was durable: " ADVICE,
                            replay->first, replay->at, replay->seq);
}

static int unread(const struct replay *replay, int error, struct writer_error *reterr_error)
{
    return writer_error_set(reterr_error, error, "cannot read feed/%020" PRIu64 ".jsonl: %s",
                            replay->first, strerrordesc_np(-error));
}

/* Fills the buffer from an offset, as far as the lines go. The number of bytes, or -errno. */
static ssize_t fill(struct replay *replay, uint64_t offset, size_t want)
{
    want = replay->end - offset < want ? (size_t)(replay->end - offset) : want;
    int error = writer_read_at(replay->core->feed, replay->first, replay->bytes, want, offset);
    return error < 0 ? error : (ssize_t)want;
}

/* The first line that begins behind an offset: its own offset and seq. */
static int line_behind(struct replay *replay, uint64_t offset, uint64_t *ret_at, uint64_t *ret_seq)
{
    struct record_head head;
    enum record_kind kind;
    ssize_t len = fill(replay, offset, 2u * RECORD_LINE_BYTES_MAX);

    if (len < 0)
        return (int)len;
    const char *end = replay->bytes + len;
    const char *line = memchr(replay->bytes, '\n', (size_t)len);
    line = line == NULL ? end : line + 1;
    const char *line_end = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    if (line_end == NULL || record_decode_head(line, (size_t)(line_end - line), &head, &kind) < 0)
        return -EBADMSG;
    *ret_at = offset + (uint64_t)(line - replay->bytes);
    *ret_seq = head.seq;
    return 0;
}

/* Halves the segment until the record from_seq is within a window of replay->at. */
static int seek(struct replay *replay)
{
    uint64_t high = replay->end;

    while (replay->from_seq > replay->seq && high - replay->at > WRITER_WINDOW_BYTES) {
        uint64_t middle = replay->at + (high - replay->at) / 2, at = 0, seq = 0;
        int error = line_behind(replay, middle, &at, &seq);
        if (error < 0)
            return error;
        if (seq > replay->from_seq) {
            high = middle;
        } else {
            replay->at = at;
            replay->seq = seq;
        }
    }
    return 0;
}

/* Takes the whole lines at the front of bytes; how many of them in *ret_taken. */
static int take_lines(struct replay *replay, const char *bytes, size_t len, size_t *ret_taken)
{
    struct record_head head;
    enum record_kind kind;
    size_t taken = 0;
    const char *newline;

    *ret_taken = 0;
    while (taken < len && (newline = memchr(bytes + taken, '\n', len - taken)) != NULL) {
        size_t line = (size_t)(newline - (bytes + taken));
        if (record_decode_head(bytes + taken, line, &head, &kind) < 0 || head.seq != replay->seq)
            return -EBADMSG;
        if (head.seq >= replay->from_seq) {
            int result = replay->visit(replay->context, &head, kind, bytes + taken, line);
            replay->refused = result != 0;
            if (result != 0)
                return result;
        }
        replay->seq++;
        replay->at += line + 1;
        taken += line + 1;
    }
    *ret_taken = taken;
    return 0;
}

static int replay_segment(struct replay *replay)
{
    int error = seek(replay);

    if (error < 0)
        return error;
    struct writer_window window = {.journal = replay->core->feed,
                                   .first = replay->first,
                                   .offset = replay->at,
                                   .bytes = replay->bytes};
    size_t taken = 0;
    while (replay->at < replay->end) {
        int more = writer_window_move(&window, taken);
        if (more < 0)
            return more;
        uint64_t left = replay->end - window.offset;
        size_t len = window.len < left ? window.len : (size_t)left;
        error = take_lines(replay, window.bytes, len, &taken);
        if (error != 0)
            return error;
        if (taken == 0 && (more == 0 || len >= RECORD_LINE_BYTES_MAX))
            return -EBADMSG; /* no line ends where one must */
    }
    return 0;
}

static int replay_all(struct replay *replay, const struct writer_found *found,
                      struct writer_error *reterr_error)
{
    size_t count;
    const struct journal_segment *segments = journal_segments(replay->core->feed, &count);

    for (size_t i = 0; i < count; i++) {
        bool last = i + 1 == count;
        uint64_t next = last ? found->next_seq : segments[i + 1].first;
        if (next <= replay->from_seq)
            continue;
        replay->first = segments[i].first;
        replay->end = last ? found->end : segments[i].bytes;
        replay->at = 0;
        replay->seq = replay->first;
        int error = replay_segment(replay);
        if (error == 0 && replay->seq != next)
            error = -EBADMSG;
        if (replay->refused)
            return error;
        if (error == -EBADMSG)
            return damaged(replay, reterr_error);
        if (error < 0)
            return unread(replay, error, reterr_error);
    }
    return 0;
}

int writer_replay(struct writer_core *core, const struct writer_found *found, uint64_t from_seq,
                  writer_visit *visit, void *context, struct writer_error *reterr_error)
{
    struct replay replay = {.core = core,
                            .from_seq = from_seq,
                            .visit = visit,
                            .context = context,
                            .bytes = malloc(WRITER_WINDOW_BYTES)};

    if (replay.bytes == NULL)
        return writer_error_set(reterr_error, -ENOMEM, "no memory to read the ledger again");
    int error = replay_all(&replay, found, reterr_error);
    free(replay.bytes);
    return error;
}
