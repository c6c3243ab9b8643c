/*
 * Reading regular files: several reads in flight at explicit offsets, handed on in the order of the
 * file. A file is read to where its end was first seen.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "io/stream_internal.h"

static struct stream_slot *slot_of(struct backend_op *op)
{
    return (struct stream_slot *)(void *)((char *)op - offsetof(struct stream_slot, op));
}

static void slot_ended(struct stream_slot *slot, int error)
{
    slot->done = true;
    slot->end = true;
    slot->error = error;
    slot->peer->slots_end = true;
}

/* Reads what the slot still lacks: a short read is no end, only a read of 0 bytes is. */
static void slot_read(struct stream_slot *slot)
{
    struct stream_peer *peer = slot->peer;
    struct stream *stream = peer->stream;
    int result =
        stream->ops->read(stream->backend, &slot->op, peer->fd, slot->bytes + slot->len,
                          STREAM_FILE_CHUNK_BYTES - slot->len, (int64_t)(slot->offset + slot->len));
    if (result < 0) {
        slot_ended(slot, result);
        return;
    }
    slot->in_flight = true;
    peer->in_flight++;
    stream->in_flight++;
}

/* The end of the file or an error reaches the peer when nothing stands before it. */
static void expose(struct stream_peer *peer)
{
    const struct stream_slot *front = &peer->slots[peer->slot_front];
    if (front->done && front->end && front->len == 0 && !peer->input_ended) {
        peer->input_ended = true;
        peer->input_error = front->error;
    }
    stream_ready(peer);
}

static void slot_done(struct backend_op *op, const struct backend_completion *completion)
{
    struct stream_slot *slot = slot_of(op);
    struct stream_peer *peer = slot->peer;
    struct stream *stream = peer->stream;
    stream_enter(stream);
    slot->in_flight = false;
    peer->in_flight--;
    stream->in_flight--;
    int result = completion->result;
    if (peer->state == STREAM_OPEN) {
        if (result > 0) {
            slot->len += (size_t)result;
            stream->counts.bytes += (size_t)result;
        }
        slot->done = slot->len == STREAM_FILE_CHUNK_BYTES;
        if (result == 0 || (result < 0 && result != -EINTR)) {
            slot_ended(slot, result);
        } else if (!slot->done) {
            slot_read(slot);
        }
        expose(peer);
        stream_file_update(peer);
    }
    stream_peer_settle(peer);
    stream_leave(stream);
}

int stream_file_init(struct stream_peer *peer)
{
    size_t bytes = STREAM_FILE_CHUNK_BYTES + BACKEND_SLACK_BYTES;
    peer->slots = calloc(STREAM_SLOTS, sizeof *peer->slots);
    if (peer->slots == NULL) {
        return -ENOMEM;
    }
    for (size_t i = 0; i < STREAM_SLOTS; i++) {
        struct stream_slot *slot = &peer->slots[i];
        slot->op.done = slot_done;
        slot->peer = peer;
        slot->bytes = calloc(1, bytes);
        if (slot->bytes == NULL) {
            stream_file_free(peer);
            return -ENOMEM;
        }
    }
    return 0;
}

static void cancel_all(struct stream_peer *peer)
{
    if (peer->cancelling) {
        return;
    }
    peer->cancelling = true;
    for (size_t i = 0; i < STREAM_SLOTS; i++) {
        if (peer->slots[i].in_flight) {
            peer->stream->ops->cancel(peer->stream->backend, &peer->slots[i].op);
        }
    }
}

void stream_file_update(struct stream_peer *peer)
{
    if (peer->state == STREAM_CLOSING) {
        cancel_all(peer);
        return;
    }
    while (stream_receive_wanted(peer) && !peer->slots_end) {
        struct stream_slot *slot = &peer->slots[peer->slot_next];
        if (slot->in_flight || slot->done) {
            return;
        }
        slot->len = 0;
        slot->counted = false;
        slot->offset = peer->next_offset;
        peer->next_offset += STREAM_FILE_CHUNK_BYTES;
        peer->slot_next = (peer->slot_next + 1) % STREAM_SLOTS;
        slot_read(slot);
        expose(peer);
    }
}

bool stream_file_front(struct stream_peer *peer, const char **ret_bytes, size_t *ret_len)
{
    struct stream_slot *front = &peer->slots[peer->slot_front];
    if (!front->done || front->len == 0 || peer->input_ended) {
        return false;
    }
    if (!front->counted) {
        front->counted = true;
        peer->received += front->len;
    }
    *ret_bytes = front->bytes;
    *ret_len = front->len;
    return true;
}

void stream_file_drop(struct stream_peer *peer)
{
    struct stream_slot *front = &peer->slots[peer->slot_front];
    assert(front->done);
    front->len = 0;
    if (!front->end) {
        front->done = false;
        peer->slot_front = (peer->slot_front + 1) % STREAM_SLOTS;
    }
    expose(peer);
}

void stream_file_free(struct stream_peer *peer)
{
    for (size_t i = 0; peer->slots != NULL && i < STREAM_SLOTS; i++) {
        free(peer->slots[i].bytes);
    }
    free(peer->slots);
    peer->slots = NULL;
}
