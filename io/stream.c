/* The table of peers: opening, adopting, and what the owner asks for. Delivery is in stream_pump.c.
 */
#include "io/stream.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "io/stream_internal.h"

#define NODES_FIRST   256u
#define CLOSE_WAIT_NS 100000000u
#define PEER_MEMORY_BYTES                                                                          \
    ((size_t)2 * (STREAM_CARRY_BASE_BYTES + BACKEND_SLACK_BYTES)) /* carry, chunk */
#define FILE_MEMORY_BYTES                                                                          \
    ((size_t)STREAM_SLOTS *                                                                        \
     (STREAM_FILE_CHUNK_BYTES + BACKEND_SLACK_BYTES + sizeof(struct stream_slot)))

static_assert(STREAM_PIPE_CHUNK_BYTES <= FILE_MEMORY_BYTES, "a pipe takes less than a file");

static bool limits_are_sound(const struct stream_limits *limits)
{
    return limits->peers_max > 0 && limits->peers_max <= STREAM_PEERS_MAX &&
           limits->carry_bytes_total >= STREAM_CARRY_BYTES_MIN;
}

int stream_open(struct backend *backend, const struct stream_limits *limits,
                const struct stream_handler *handler, void *context, struct stream **ret_stream)
{
    if (!limits_are_sound(limits)) {
        return -EINVAL;
    }
    size_t bytes = sizeof(struct stream) + limits->peers_max * sizeof(struct stream_peer);
    struct stream *stream = calloc(1, bytes);
    struct stream_node *nodes = calloc(NODES_FIRST, sizeof *nodes);
    if (stream == NULL || nodes == NULL) {
        free(stream);
        free(nodes);
        return -ENOMEM;
    }
    stream->backend = backend;
    stream->ops = backend->ops;
    stream->handler = *handler;
    stream->context = context;
    stream->peers_max = limits->peers_max;
    stream->carry_total = limits->carry_bytes_total - STREAM_CARRY_BYTES_MIN;
    stream->nodes = nodes;
    stream->nodes_count = NODES_FIRST;
    stream_list_init(&stream->ready);
    stream_list_init(&stream->starved);
    stream_list_init(&stream->waiting);
    stream_list_init(&stream->finishing);
    *ret_stream = stream;
    return 0;
}

size_t stream_bytes_max(const struct stream_limits *limits)
{
    /* The last term: growing a carry may hold the old and the new one for a moment. */
    return sizeof(struct stream) + STREAM_NODES_MAX * sizeof(struct stream_node) +
           limits->peers_max * (sizeof(struct stream_peer) + PEER_MEMORY_BYTES) +
           limits->carry_bytes_total + STREAM_FILES_MAX * FILE_MEMORY_BYTES +
           STREAM_CARRY_BYTES_MIN;
}

static struct stream_peer *free_peer(struct stream *stream)
{
    if (stream->peers_count == stream->peers_max) {
        return NULL;
    }
    for (unsigned i = 0; i < stream->peers_max; i++) {
        if (stream->peers[i].state == STREAM_FREE) {
            return &stream->peers[i];
        }
    }
    return NULL;
}

/* Fills a free peer and tells the owner. Reading starts after opened(), which may pause it. */
static void open_peer(struct stream *stream, struct stream_peer *peer, int fd,
                      enum stream_source source)
{
    peer->stream = stream;
    peer->id = ++stream->last_id;
    peer->fd = fd;
    peer->source = source;
    peer->state = STREAM_OPEN;
    peer->ready.peer = peer;
    peer->starved.peer = peer;
    peer->waiting.peer = peer;
    peer->finishing.peer = peer;
    frame_init(&peer->frame, STREAM_LINE_BYTES_MAX);
    stream_receive_init(peer);
    stream_send_init(peer);
    stream->peers_count++;
    stream->counts.peers_opened++;
    stream->handler.opened(stream->context, peer);
    stream_receive_update(peer);
    stream_wake(stream);
}

int stream_adopt_socket(struct stream *stream, int fd, struct stream_peer **ret_peer)
{
    struct stream_peer *peer = free_peer(stream);
    if (peer == NULL) {
        return -ENOSPC;
    }
    *ret_peer = peer;
    open_peer(stream, peer, fd, STREAM_SOURCE_SOCKET);
    return 0;
}

bool stream_takes_file(const struct stream *stream)
{
    return stream->files_count < STREAM_FILES_MAX && stream->peers_count < stream->peers_max;
}

int stream_adopt_file(struct stream *stream, int fd, struct stream_peer **ret_peer)
{
    struct stream_peer *peer = free_peer(stream);
    if (peer == NULL || !stream_takes_file(stream)) {
        return -ENOSPC;
    }
    /* What has no position says so when asked for the byte at one. */
    char byte = 0;
    ssize_t result = stream->ops->pread(stream->backend, fd, &byte, 1, 0);
    if (result < 0 && result != -ESPIPE) {
        return (int)result;
    }
    enum stream_source source = result == -ESPIPE ? STREAM_SOURCE_PIPE : STREAM_SOURCE_FILE;
    if (source == STREAM_SOURCE_FILE && stream_file_init(peer) < 0) {
        return -ENOMEM;
    }
    stream->files_count++;
    *ret_peer = peer;
    open_peer(stream, peer, fd, source);
    return 0;
}

void stream_resume(struct stream *stream)
{
    if (stream->parked) {
        stream->parked = false;
        stream_pump(stream);
    }
}

bool stream_parked(const struct stream *stream)
{
    return stream->parked;
}

void stream_pause_peer(struct stream_peer *peer)
{
    peer->paused = true;
    stream_list_remove(&peer->ready);
    stream_receive_update(peer);
}

void stream_resume_peer(struct stream_peer *peer)
{
    if (!peer->paused) {
        return;
    }
    peer->paused = false;
    if (peer != peer->stream->delivering) {
        stream_ready(peer);
    }
    stream_receive_update(peer);
    stream_wake(peer->stream);
}

void stream_stop_reading(struct stream *stream)
{
    stream->stopped = true;
    for (unsigned i = 0; i < stream->peers_max; i++) {
        if (stream->peers[i].state == STREAM_OPEN) {
            stream_receive_update(&stream->peers[i]);
        }
    }
}

bool stream_quiet(const struct stream *stream)
{
    return stream->stopped && stream->in_flight == 0 && !stream->parked &&
           stream_list_empty(&stream->ready);
}

void stream_close_peer(struct stream_peer *peer)
{
    stream_peer_end(peer, peer->eof_told ? STREAM_END_EOF : STREAM_END_CLOSED, 0);
    stream_wake(peer->stream);
}

bool stream_peer_is_socket(const struct stream_peer *peer)
{
    return peer->source == STREAM_SOURCE_SOCKET;
}

uint64_t stream_peer_id(const struct stream_peer *peer)
{
    return peer->id;
}

void *stream_peer_user(const struct stream_peer *peer)
{
    return peer->user;
}

void stream_peer_set_user(struct stream_peer *peer, void *user)
{
    peer->user = user;
}

size_t stream_peers_count(const struct stream *stream)
{
    return stream->peers_count;
}

struct stream_counts stream_counts(const struct stream *stream)
{
    return stream->counts;
}

struct stream *stream_close(struct stream *stream)
{
    if (stream == NULL) {
        return NULL;
    }
    assert(stream->depth == 0);
    assert(!stream->pumping);
    stream->stopped = true;
    for (unsigned i = 0; i < stream->peers_max; i++) {
        struct stream_peer *peer = &stream->peers[i];
        if (peer->state != STREAM_FREE) {
            stream_peer_end(peer, STREAM_END_CLOSED, 0);
            stream_send_cancel(peer);
        }
    }
    stream_finish(stream);
    while (stream->peers_count > 0) {
        if (stream->ops->turn(stream->backend, CLOSE_WAIT_NS) < 0) {
            return NULL;
        }
        stream_finish(stream);
    }
    free(stream->nodes);
    free(stream);
    return NULL;
}
