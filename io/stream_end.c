/* How a peer ends: input released, ops brought home, descriptor closed, owner told, slot freed. */
#include <assert.h>

#include "io/stream_internal.h"

void stream_peer_release(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    assert(peer->state == STREAM_CLOSING);
    uint64_t delivered = peer->frame.line_offset;
    uint64_t lost = peer->received > delivered ? peer->received - delivered : 0;
    peer->discarded += lost;
    stream->counts.discarded_bytes += lost;
    peer->received = 0;
    peer->line_pending = false;
    stream_input_release(peer);
    stream_carry_release(peer);
}

/* Outside a turn an op is started only so that the end comes from a turn. */
void stream_peer_settle(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    if (peer->state != STREAM_CLOSING || peer->in_flight > 0 || peer->sending ||
        stream->delivering == peer || stream_link_on(&peer->finishing)) {
        return;
    }
    if (stream->depth == 0 && stream_receive_kick(peer)) {
        return;
    }
    stream_list_push_tail(&stream->finishing, &peer->finishing);
}

void stream_peer_end(struct stream_peer *peer, enum stream_end end, int error)
{
    struct stream *stream = peer->stream;
    if (peer->state != STREAM_OPEN) {
        return;
    }
    peer->state = STREAM_CLOSING;
    peer->end = end;
    peer->error = error;
    stream_list_remove(&peer->ready);
    stream_list_remove(&peer->starved);
    stream_list_remove(&peer->waiting);
    if (stream->delivering != peer) {
        stream_peer_release(peer);
    }
    stream_receive_update(peer);
    if (end == STREAM_END_ERROR) {
        stream_send_cancel(peer);
    }
    stream_peer_settle(peer);
}

static void finish(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    assert(peer->in_flight == 0);
    assert(!peer->sending);
    assert(peer->held == 0);
    assert(peer->frame.carry == NULL);
    stream_list_remove(&peer->finishing);
    /* close(2) has nothing to say of a descriptor that was only read and sent on. */
    (void)stream->ops->close_fd(stream->backend, peer->fd);
    peer->fd = -1;
    stream->counts.peers_ended++;
    stream->handler.ended(stream->context, peer, peer->end, peer->error, peer->discarded);
    stream->files_count -= peer->source == STREAM_SOURCE_SOCKET ? 0 : 1;
    stream->peers_count--;
    stream_chunk_free(peer);
    stream_file_free(peer);
    *peer = (struct stream_peer){.state = STREAM_FREE};
}

void stream_finish(struct stream *stream)
{
    while (!stream_list_empty(&stream->finishing)) {
        finish(stream->finishing.next->peer);
    }
}
