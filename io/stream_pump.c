/* Delivery of lines: cuts the queued input, hands lines to the handler, parks, and goes round. */
#include <assert.h>
#include <errno.h>

#include "io/stream_internal.h"

static bool has_work(struct stream_peer *peer)
{
    const char *bytes = NULL;
    size_t len = 0;
    if (peer->state != STREAM_OPEN || peer->paused || stream_link_on(&peer->waiting)) {
        return false;
    }
    return peer->line_pending || stream_input_front(peer, &bytes, &len) ||
           (peer->input_ended && !peer->eof_told);
}

void stream_ready(struct stream_peer *peer)
{
    if (!stream_link_on(&peer->ready) && has_work(peer)) {
        stream_list_push_tail(&peer->stream->ready, &peer->ready);
    }
}

static int call_handler(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    const struct frame_line *line = &peer->line;
    bool cut = line->line_bytes > line->len;
    struct stream_frame frame = {
        .bytes = line->bytes,
        .len = line->len,
        .kind = cut                       ? STREAM_LINE_TOO_LONG
                : peer->line_unterminated ? STREAM_LINE_UNTERMINATED
                                          : STREAM_LINE_WHOLE,
        .offset = line->offset,
        .line_bytes = line->line_bytes,
    };
    assert(stream->delivering == NULL);
    stream->delivering = peer;
    int result = stream->handler.line(stream->context, peer, &frame);
    stream->delivering = NULL;
    if (result == 0) {
        stream->counts.lines++;
        stream->counts.copied_lines += line->copied ? 1 : 0;
        stream->counts.too_long += cut ? 1 : 0;
    }
    return result;
}

/* Hands out the pending line. true: the peer may go on at once. */
static bool deliver(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    int result = call_handler(peer);
    if (result == -EAGAIN) {
        stream->parked = true;
        stream->counts.parks++;
        if (peer->state == STREAM_OPEN && !peer->paused) {
            stream_list_push_head(&stream->ready, &peer->ready);
        }
    } else if (result == 0) {
        peer->line_pending = false;
        frame_drop(&peer->frame);
        stream_carry_release(peer);
    } else {
        stream_peer_end(peer, STREAM_END_ERROR, result);
    }
    if (peer->state != STREAM_OPEN) {
        stream_peer_release(peer);
        stream_peer_settle(peer);
    }
    if (peer->paused && !stream_list_empty(&stream->starved)) {
        stream_input_stash(peer);
    }
    return result == 0 && peer->state == STREAM_OPEN && !peer->paused;
}

/* Everything that was received is used up and no more will come. */
static void input_is_over(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    bool whole = peer->source != STREAM_SOURCE_SOCKET && peer->input_error == 0;
    if (whole && frame_finish(&peer->frame, &peer->line) == FRAME_LINE) {
        peer->line_pending = true;
        peer->line_unterminated = true;
        if (!deliver(peer)) {
            return;
        }
    }
    if (peer->input_error != 0) {
        stream_peer_end(peer, STREAM_END_ERROR, peer->input_error);
        return;
    }
    peer->eof_told = true;
    bool kept = peer->source == STREAM_SOURCE_SOCKET && stream->handler.eof != NULL &&
                stream->handler.eof(stream->context, peer);
    if (!kept) {
        stream_peer_end(peer, STREAM_END_EOF, 0);
    }
}

/* Cuts and delivers the first input. true: it is used up. */
static bool use_input(struct stream_peer *peer, const char *bytes, size_t len)
{
    while (peer->at < len) {
        size_t taken = 0;
        int result = 0;
        switch (frame_next(&peer->frame, bytes + peer->at, len - peer->at, &taken, &peer->line)) {
        case FRAME_CARRY:
            result = stream_carry_grow(peer, peer->frame.carry_need);
            break;
        case FRAME_LINE:
            peer->at += taken;
            peer->line_pending = true;
            if (!deliver(peer)) {
                return false;
            }
            break;
        case FRAME_MORE:
            peer->at += taken;
            break;
        }
        if (result == -EAGAIN) {
            return false;
        }
        if (result < 0) {
            stream_peer_end(peer, STREAM_END_ERROR, result);
            return false;
        }
    }
    return true;
}

/* One input of one peer, so that a peer with much to say does not keep the others waiting. */
static void step(struct stream_peer *peer)
{
    const char *bytes = NULL;
    size_t len = 0;
    if (peer->line_pending && !deliver(peer)) {
        return;
    }
    if (!stream_input_front(peer, &bytes, &len)) {
        if (peer->input_ended) {
            input_is_over(peer);
        }
        return;
    }
    if (!use_input(peer, bytes, len)) {
        return;
    }
    stream_input_drop(peer);
    stream_ready(peer);
    stream_receive_update(peer);
}

void stream_pump(struct stream *stream)
{
    if (stream->pumping) {
        return;
    }
    stream->pumping = true;
    while (!stream->parked && !stream_list_empty(&stream->ready)) {
        struct stream_peer *peer = stream->ready.next->peer;
        stream_list_remove(&peer->ready);
        step(peer);
    }
    stream->pumping = false;
    stream_receive_rearm(stream);
}

void stream_wake(struct stream *stream)
{
    if (stream->depth > 0 || stream->pumping) {
        return;
    }
    stream_receive_rearm(stream);
    if (!stream->parked && !stream_list_empty(&stream->ready)) {
        /* Should even this not start, the next done() of anybody does. */
        (void)stream_receive_kick(stream->ready.next->peer);
    }
}

void stream_enter(struct stream *stream)
{
    stream->depth++;
}

void stream_leave(struct stream *stream)
{
    assert(stream->depth > 0);
    if (stream->depth == 1) {
        /* Who is told of an end may resume others. */
        do {
            stream_pump(stream);
            stream_finish(stream);
        } while (!stream->parked && !stream_list_empty(&stream->ready));
    }
    stream->depth--;
}
