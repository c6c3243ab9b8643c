/*
 * Receiving from sockets and pipes: what is armed, when it is cancelled, and what each completion
 * means. Whatever ends without BACKEND_MORE is armed again from one place, stream_receive_update.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "io/stream_internal.h"

static struct stream_peer *peer_of(struct backend_op *op)
{
    return (struct stream_peer *)(void *)((char *)op - offsetof(struct stream_peer, receive_op));
}

bool stream_receive_wanted(const struct stream_peer *peer)
{
    return peer->state == STREAM_OPEN && !peer->paused && !peer->stream->stopped &&
           !peer->input_ended && !peer->full && !stream_link_on(&peer->waiting);
}

static void input_ended(struct stream_peer *peer, int error)
{
    peer->input_ended = true;
    peer->input_error = error;
    stream_ready(peer);
}

static void stop(struct stream_peer *peer)
{
    if (peer->in_flight == 0 || peer->cancelling) {
        return;
    }
    peer->cancelling = true;
    peer->stream->ops->cancel(peer->stream->backend, &peer->receive_op);
}

static int start_chunk(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    size_t room =
        peer->source == STREAM_SOURCE_PIPE ? STREAM_PIPE_CHUNK_BYTES : STREAM_CARRY_BASE_BYTES;
    if (peer->chunk == NULL) {
        peer->chunk = calloc(1, room + BACKEND_SLACK_BYTES);
    }
    if (peer->chunk == NULL) {
        return -ENOMEM;
    }
    return stream->ops->read(stream->backend, &peer->receive_op, peer->fd, peer->chunk, room, -1);
}

static int start_op(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    if (peer->watch_first) {
        peer->receiving = STREAM_WATCH;
        return stream->ops->watch(stream->backend, &peer->receive_op, peer->fd);
    }
    if (peer->source == STREAM_SOURCE_PIPE || peer->express) {
        peer->receiving = STREAM_CHUNK;
        return start_chunk(peer);
    }
    peer->receiving = STREAM_BUFFERS;
    peer->returns_seen = stream->returns;
    return stream->ops->recv(stream->backend, &peer->receive_op, peer->fd);
}

static void start(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    stream_list_remove(&peer->starved);
    int result = start_op(peer);
    if (result < 0) {
        input_ended(peer, result);
        return;
    }
    peer->in_flight = 1;
    stream->in_flight++;
    stream->counts.rearms += peer->armed_before ? 1 : 0;
    stream->counts.resumes += peer->stopped_before ? 1 : 0;
    peer->armed_before = true;
    peer->stopped_before = false;
}

void stream_receive_update(struct stream_peer *peer)
{
    if (peer->source == STREAM_SOURCE_FILE) {
        stream_file_update(peer);
        return;
    }
    if (!stream_receive_wanted(peer)) {
        if (peer->in_flight > 0 && !peer->cancelling && peer->state == STREAM_OPEN) {
            peer->stopped_before = true;
            peer->stream->counts.pauses++;
        }
        stop(peer);
        return;
    }
    if (peer->in_flight > 0) {
        /* The peer with the express carry reads small pieces of its own: it must go on also when
           those who wait for memory hold all provided buffers. */
        if (peer->express && peer->receiving == STREAM_BUFFERS) {
            stop(peer);
        }
        return;
    }
    if (peer->chunk_len > 0 || (stream_link_on(&peer->starved) && !peer->express)) {
        return;
    }
    start(peer);
}

static void discard_late(struct stream_peer *peer, size_t len)
{
    peer->discarded += len;
    peer->stream->counts.discarded_bytes += len;
}

static void take_buffer(struct stream_peer *peer, const struct backend_completion *completion)
{
    struct stream *stream = peer->stream;
    if (completion->result <= 0) {
        stream_buffer_return(stream, completion->buffer_id);
        return;
    }
    size_t len = (size_t)completion->result;
    stream->counts.bytes += len;
    if (peer->state != STREAM_OPEN) {
        stream_buffer_return(stream, completion->buffer_id);
        discard_late(peer, len);
        return;
    }
    assert(!peer->input_ended);
    int result = stream_input_push(peer, completion->buffer_id, len);
    if (result < 0) {
        stream_buffer_return(stream, completion->buffer_id);
        stream_peer_end(peer, STREAM_END_ERROR, result);
        return;
    }
    stream_ready(peer);
}

static void take_chunk(struct stream_peer *peer, size_t len)
{
    peer->stream->counts.bytes += len;
    if (peer->state != STREAM_OPEN) {
        discard_late(peer, len);
        return;
    }
    assert(peer->chunk_len == 0);
    peer->chunk_len = len;
    peer->received += len;
    stream_ready(peer);
}

/* No bytes came: why? */
static void take_result(struct stream_peer *peer, int result)
{
    struct stream *stream = peer->stream;
    if (peer->state != STREAM_OPEN || result == -ECANCELED || result == -EINTR) {
        return;
    }
    if (result == -EAGAIN) {
        peer->watch_first = true;
        return;
    }
    if (result != -ENOBUFS) {
        input_ended(peer, result);
        return;
    }
    /* Buffers that went back after recv was armed may be free now: then it is simply armed again,
       for nobody else may come to give one back. Otherwise it waits for one. */
    stream->counts.nobufs++;
    for (unsigned i = 0; stream_list_empty(&stream->starved) && i < stream->peers_max; i++) {
        stream_input_stash(&stream->peers[i]);
    }
    if (stream->returns == peer->returns_seen && !stream_link_on(&peer->starved)) {
        stream_list_push_tail(&stream->starved, &peer->starved);
    }
}

static void receive_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct stream_peer *peer = peer_of(op);
    struct stream *stream = peer->stream;
    stream_enter(stream);
    if ((completion->flags & BACKEND_MORE) == 0) {
        peer->in_flight--;
        peer->cancelling = false;
        stream->in_flight--;
    }
    if ((completion->flags & BACKEND_BUFFER) != 0) {
        take_buffer(peer, completion);
    }
    if (peer->receiving == STREAM_WATCH) {
        if (completion->result != -ECANCELED) {
            peer->watch_first = false;
            stop(peer);
        }
    } else if (completion->result <= 0) {
        take_result(peer, completion->result);
    } else if (peer->receiving == STREAM_CHUNK) {
        take_chunk(peer, (size_t)completion->result);
    }
    stream_receive_update(peer);
    if (!stream_list_empty(&stream->starved)) {
        stream_input_stash(peer);
    }
    stream_peer_settle(peer);
    stream_leave(stream);
}

void stream_receive_rearm(struct stream *stream)
{
    if (stream->returns == stream->returns_rearmed) {
        return;
    }
    stream->returns_rearmed = stream->returns;
    while (!stream_list_empty(&stream->starved)) {
        struct stream_peer *peer = stream->starved.next->peer;
        stream_list_remove(&peer->starved);
        stream_receive_update(peer);
    }
}

/* Watching the descriptor and cancelling that at once completes on every backend and for every kind
   of descriptor, with whatever result, and moves no byte. */
bool stream_receive_kick(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    if (peer->in_flight > 0) {
        if (peer->source != STREAM_SOURCE_FILE) {
            stop(peer);
        }
        return true;
    }
    peer->receiving = STREAM_WATCH;
    if (stream->ops->watch(stream->backend, &peer->receive_op, peer->fd) < 0) {
        return false;
    }
    peer->in_flight = 1;
    stream->in_flight++;
    stop(peer);
    return true;
}

void stream_receive_init(struct stream_peer *peer)
{
    peer->receive_op.done = receive_done;
}
