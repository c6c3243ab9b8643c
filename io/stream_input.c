/* The queue of a peer's received bytes: provided buffers and the chunk, in the order of the stream.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/stream_internal.h"

void stream_list_init(struct stream_link *head)
{
    head->prev = head;
    head->next = head;
}

bool stream_list_empty(const struct stream_link *head)
{
    return head->next == head;
}

static void insert(struct stream_link *prev, struct stream_link *next, struct stream_link *link)
{
    assert(link->prev == NULL);
    link->prev = prev;
    link->next = next;
    prev->next = link;
    next->prev = link;
}

void stream_list_push_tail(struct stream_link *head, struct stream_link *link)
{
    insert(head->prev, head, link);
}

void stream_list_push_head(struct stream_link *head, struct stream_link *link)
{
    insert(head, head->next, link);
}

void stream_list_remove(struct stream_link *link)
{
    if (link->prev == NULL) {
        return;
    }
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = NULL;
    link->next = NULL;
}

bool stream_link_on(const struct stream_link *link)
{
    return link->prev != NULL;
}

void stream_buffer_return(struct stream *stream, unsigned buffer_id)
{
    stream->ops->buffer_return(stream->backend, buffer_id);
    stream->returns++;
}

/* The table of nodes grows to the number of buffers that the backend has, which only it knows. */
static int reserve_node(struct stream *stream, unsigned buffer_id)
{
    assert(buffer_id < STREAM_NODES_MAX);
    uint32_t count = stream->nodes_count;
    if (buffer_id < count) {
        return 0;
    }
    while (count <= buffer_id) {
        count *= 2;
    }
    struct stream_node *nodes = realloc(stream->nodes, count * sizeof *nodes);
    if (nodes == NULL) {
        return -ENOMEM;
    }
    stream->nodes = nodes;
    stream->nodes_count = count;
    return 0;
}

int stream_input_push(struct stream_peer *peer, unsigned buffer_id, size_t len)
{
    struct stream *stream = peer->stream;
    assert(len > 0);
    assert(len <= BACKEND_BUFFER_BYTES);
    if (reserve_node(stream, buffer_id) < 0) {
        return -ENOMEM;
    }
    stream->nodes[buffer_id] = (struct stream_node){.next = STREAM_NO_NODE, .len = (uint32_t)len};
    if (peer->held == 0) {
        peer->node_first = buffer_id;
    } else {
        stream->nodes[peer->node_last].next = buffer_id;
    }
    peer->node_last = buffer_id;
    peer->held++;
    peer->received += len;
    if (peer->held >= STREAM_HELD_BUFFERS_MAX) {
        peer->full = true;
    }
    return 0;
}

bool stream_input_front(struct stream_peer *peer, const char **ret_bytes, size_t *ret_len)
{
    struct stream *stream = peer->stream;
    if (peer->source == STREAM_SOURCE_FILE) {
        return stream_file_front(peer, ret_bytes, ret_len);
    }
    if (peer->held > 0) {
        *ret_bytes = stream->ops->buffer(stream->backend, peer->node_first);
        *ret_len = stream->nodes[peer->node_first].len;
        return true;
    }
    if (peer->chunk_len > 0) {
        *ret_bytes = peer->chunk;
        *ret_len = peer->chunk_len;
        return true;
    }
    return false;
}

static void drop_node(struct stream_peer *peer)
{
    uint32_t first = peer->node_first;
    peer->node_first = peer->stream->nodes[first].next;
    peer->held--;
    assert((peer->node_first == STREAM_NO_NODE) == (peer->held == 0));
    stream_buffer_return(peer->stream, first);
    if (peer->held <= STREAM_HELD_BUFFERS_MAX / 2) {
        peer->full = false;
    }
}

void stream_chunk_free(struct stream_peer *peer)
{
    free(peer->chunk);
    peer->chunk = NULL;
    peer->chunk_len = 0;
    if (peer->chunk_pooled > 0) {
        stream_carry_give(peer->stream, peer->chunk_pooled);
        peer->chunk_pooled = 0;
    }
}

/* A socket has a chunk only while it holds the express carry or was stashed; a pipe keeps its own.
 */
static void drop_chunk(struct stream_peer *peer)
{
    assert(peer->in_flight == 0 || peer->receiving == STREAM_WATCH);
    peer->chunk_len = 0;
    if (peer->source == STREAM_SOURCE_SOCKET) {
        stream_chunk_free(peer);
    }
}

/* Copies what is left of the queued buffers to `to`, and gives them back. */
static void move_nodes(struct stream_peer *peer, char *to)
{
    while (peer->held > 0) {
        const char *bytes = NULL;
        size_t len = 0;
        bool there = stream_input_front(peer, &bytes, &len);
        assert(there);
        memcpy(to, bytes + peer->at, len - peer->at);
        to += len - peer->at;
        peer->at = 0;
        drop_node(peer);
    }
    memset(to, 0, BACKEND_SLACK_BYTES);
}

void stream_input_stash(struct stream_peer *peer)
{
    struct stream *stream = peer->stream;
    if (peer->state != STREAM_OPEN || !peer->paused || peer->held == 0 || peer->in_flight > 0 ||
        peer->chunk_len > 0 || peer->line_pending || stream->delivering == peer) {
        return;
    }
    size_t len = 0;
    uint32_t node = peer->node_first;
    for (unsigned i = 0; i < peer->held; i++) {
        len += stream->nodes[node].len;
        node = stream->nodes[node].next;
    }
    len -= peer->at;
    size_t bytes = len + BACKEND_SLACK_BYTES;
    if (!stream_carry_take(stream, bytes)) {
        return;
    }
    char *chunk = malloc(bytes);
    if (chunk == NULL) {
        stream_carry_give(stream, bytes);
        return;
    }
    move_nodes(peer, chunk);
    stream_chunk_free(peer);
    peer->chunk = chunk;
    peer->chunk_len = len;
    peer->chunk_pooled = bytes;
}

void stream_input_drop(struct stream_peer *peer)
{
    peer->at = 0;
    if (peer->source == STREAM_SOURCE_FILE) {
        stream_file_drop(peer);
    } else if (peer->held > 0) {
        drop_node(peer);
    } else {
        drop_chunk(peer);
    }
}

void stream_input_release(struct stream_peer *peer)
{
    while (peer->held > 0) {
        drop_node(peer);
    }
    peer->chunk_len = 0;
    peer->at = 0;
}
