/* Sending to a socket: one send at a time, short sends continued. */
#include <assert.h>
#include <errno.h>

#include "io/stream_internal.h"

static struct stream_peer *peer_of(struct backend_op *op)
{
    return (struct stream_peer *)(void *)((char *)op - offsetof(struct stream_peer, send_op));
}

static int start(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    int result = stream->ops->send(stream->backend, &peer->send_op, peer->fd, peer->send_bytes,
                                   peer->send_len);
    peer->sending = result >= 0;
    return result < 0 ? result : 0;
}

static void send_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct stream_peer *peer = peer_of(op);
    struct stream *stream = peer->stream;
    stream_enter(stream);
    peer->sending = false;
    int result = completion->result;
    if (result == 0) {
        result = -EIO; /* nothing sent and no reason given: not to be repeated for ever */
    }
    if (result > 0) {
        assert((size_t)result <= peer->send_len);
        peer->send_bytes += result;
        peer->send_len -= (size_t)result;
    }
    if ((result > 0 || result == -EINTR) && peer->send_len > 0 && !peer->send_abort) {
        result = start(peer);
    } else if (result > 0 && peer->send_len == 0) {
        stream->handler.sent(stream->context, peer);
    }
    if (result < 0) {
        stream_peer_end(peer, STREAM_END_ERROR, result);
    }
    stream_peer_settle(peer);
    stream_leave(stream);
}

void stream_send_init(struct stream_peer *peer)
{
    peer->send_op.done = send_done;
}

void stream_send_cancel(struct stream_peer *peer)
{
    if (peer->sending && !peer->send_abort) {
        peer->send_abort = true;
        peer->stream->ops->cancel(peer->stream->backend, &peer->send_op);
    }
}

int stream_send(struct stream_peer *peer, const void *bytes, size_t len)
{
    assert(len > 0);
    if (peer->source != STREAM_SOURCE_SOCKET || peer->state != STREAM_OPEN) {
        return -EPIPE;
    }
    if (peer->sending) {
        return -EBUSY;
    }
    peer->send_bytes = bytes;
    peer->send_len = len;
    return start(peer);
}

bool stream_sending(const struct stream_peer *peer)
{
    return peer->sending;
}
