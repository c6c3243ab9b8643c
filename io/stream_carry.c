/*
 * Memory of lines that straddle buffers, out of one budget.
 *
 * Every peer has a base of STREAM_CARRY_BASE_BYTES for the asking, so that lines of ordinary length
 * never wait. Beyond it, memory comes from a pool. When the pool has none left, one peer at a time
 * gets the express carry, which holds the longest line; the others wait in the order of coming. The
 * express peer reads pieces no larger than the base, so that what lies behind its line always finds
 * a place, and the express carry passes on: there is no deadlock while clients send. Those that do
 * not, and keep others waiting, are ended by stream_tick.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "io/stream_internal.h"

static_assert(STREAM_CARRY_BASE_BYTES < STREAM_LINE_BYTES_MAX, "the base is no longest line");
static_assert(FRAME_SLACK_BYTES >= BACKEND_SLACK_BYTES, "carried lines have the promised slack");

#define TICK_NS (STREAM_STUCK_NS / 16) /* between two looks at all peers */

/* What a carry of this room takes from the pool. */
static size_t pool_bytes(size_t room)
{
    return room > STREAM_CARRY_BASE_BYTES ? room + FRAME_SLACK_BYTES : 0;
}

static size_t room_for(size_t need)
{
    size_t room = STREAM_CARRY_BASE_BYTES;
    while (room < need) {
        room *= 2;
    }
    return room < STREAM_LINE_BYTES_MAX ? room : STREAM_LINE_BYTES_MAX;
}

static int resize(struct stream_peer *peer, size_t room)
{
    assert(room >= STREAM_CARRY_BASE_BYTES);
    assert(room <= STREAM_LINE_BYTES_MAX);
    char *carry = realloc(peer->frame.carry, room + FRAME_SLACK_BYTES);
    if (carry == NULL) {
        return -ENOMEM;
    }
    frame_lend(&peer->frame, carry, room);
    return 0;
}

/* As stream_carry_grow, without the waiting. */
static int grant(struct stream_peer *peer, size_t need)
{
    struct stream *stream = peer->stream;
    size_t room = room_for(need);
    size_t before = pool_bytes(peer->frame.carry_room);
    size_t used = stream->carry_used - before + pool_bytes(room);
    assert(need <= STREAM_LINE_BYTES_MAX);
    assert(!peer->express);
    if (pool_bytes(room) == 0 || used <= stream->carry_total) {
        int result = resize(peer, room);
        stream->carry_used = result < 0 ? stream->carry_used : used;
        return result;
    }
    bool first = stream_link_on(&peer->waiting) || stream_list_empty(&stream->waiting);
    if (stream->express != NULL || !first) {
        return -EAGAIN;
    }
    int result = resize(peer, STREAM_LINE_BYTES_MAX);
    if (result < 0) {
        return result;
    }
    stream->express = peer;
    peer->express = true;
    stream->carry_used -= before;
    return 0;
}

int stream_carry_grow(struct stream_peer *peer, size_t need)
{
    struct stream *stream = peer->stream;
    int result = grant(peer, need);
    if (result == -EAGAIN) {
        stream_list_push_tail(&stream->waiting, &peer->waiting);
        stream->counts.carry_waits++;
    }
    if (result == 0 || result == -EAGAIN) {
        stream_receive_update(peer);
    }
    return result;
}

/* Those who can be served are, in order; a peer for which even the allocation fails keeps waiting.
 */
static void grant_waiting(struct stream *stream)
{
    struct stream_link *next = NULL;
    for (struct stream_link *link = stream->waiting.next; link != &stream->waiting; link = next) {
        next = link->next;
        struct stream_peer *peer = link->peer;
        if (grant(peer, peer->frame.carry_need) < 0) {
            continue;
        }
        stream_list_remove(&peer->waiting);
        stream_ready(peer);
        stream_receive_update(peer);
    }
}

bool stream_carry_take(struct stream *stream, size_t bytes)
{
    if (bytes > stream->carry_total - stream->carry_used) {
        return false;
    }
    stream->carry_used += bytes;
    return true;
}

void stream_carry_give(struct stream *stream, size_t bytes)
{
    assert(bytes <= stream->carry_used);
    stream->carry_used -= bytes;
    grant_waiting(stream);
}

void stream_carry_release(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    if (peer->frame.carry == NULL) {
        return;
    }
    size_t pool = peer->express ? 0 : pool_bytes(peer->frame.carry_room);
    bool freed = peer->express || pool > 0;
    free(peer->frame.carry);
    peer->frame.carry_len = 0;
    frame_lend(&peer->frame, NULL, 0);
    stream->carry_used -= pool;
    if (peer->express) {
        assert(stream->express == peer);
        stream->express = NULL;
        peer->express = false;
    }
    if (freed) {
        grant_waiting(stream);
    }
}

/* Only its client can bring it on: it holds memory that others may want, everything that came is
   used up, and it is being read. A regular file has no client. */
static bool depends_on_client(struct stream_peer *peer)
{
    const char *bytes = NULL;
    size_t len = 0;
    if (peer->state != STREAM_OPEN || peer->source == STREAM_SOURCE_FILE ||
        (!peer->express && pool_bytes(peer->frame.carry_room) == 0)) {
        return false;
    }
    return !peer->paused && !peer->line_pending && !peer->input_ended &&
           !stream_link_on(&peer->waiting) && !stream_link_on(&peer->starved) &&
           !stream_input_front(peer, &bytes, &len);
}

void stream_tick(struct stream *stream)
{
    if (stream_list_empty(&stream->waiting) || stream->stopped) {
        stream->ticked_ns = 0;
        return;
    }
    uint64_t now_ns = stream->ops->now(stream->backend).boot_ns;
    bool first = stream->ticked_ns == 0;
    if (!first && now_ns - stream->ticked_ns < TICK_NS) {
        return;
    }
    stream->ticked_ns = now_ns;
    for (unsigned i = 0; i < stream->peers_max; i++) {
        struct stream_peer *peer = &stream->peers[i];
        if (first || peer->received != peer->heard_received || !depends_on_client(peer)) {
            peer->heard_received = peer->received;
            peer->heard_ns = now_ns;
        } else if (now_ns - peer->heard_ns >= STREAM_STUCK_NS &&
                   !stream_list_empty(&stream->waiting)) {
            stream->counts.stuck++;
            stream_peer_end(peer, STREAM_END_ERROR, -ETIMEDOUT);
        }
    }
    stream_wake(stream);
}
